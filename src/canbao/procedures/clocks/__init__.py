"""Statutory time limits as data, and whether cases kept to them."""

from canbao.procedures.clocks.calendar import Calendar, chinese_calendar, find_calendar, weekdays
from canbao.procedures.clocks.clock import Clock, documents, procedures, shipped, vocabulary
from canbao.procedures.clocks.evaluation import applicability, evaluate

__all__ = [
    "Calendar",
    "Clock",
    "applicability",
    "chinese_calendar",
    "documents",
    "evaluate",
    "find_calendar",
    "procedures",
    "shipped",
    "vocabulary",
    "weekdays",
]
