"""Statutory time limits as data, and whether cases kept to them."""

from canbao.procedures.clocks.breaches import breaches
from canbao.procedures.clocks.calendar import Calendar, chinese_calendar, find_calendar, weekdays
from canbao.procedures.clocks.clock import Clock, activity_label, documents, label_of, procedures, shipped, vocabulary
from canbao.procedures.clocks.evaluation import applicability, evaluate
from canbao.procedures.clocks.limits import Limits, limits_for

__all__ = [
    "Calendar",
    "Clock",
    "Limits",
    "activity_label",
    "applicability",
    "breaches",
    "chinese_calendar",
    "documents",
    "evaluate",
    "find_calendar",
    "label_of",
    "limits_for",
    "procedures",
    "shipped",
    "vocabulary",
    "weekdays",
]
