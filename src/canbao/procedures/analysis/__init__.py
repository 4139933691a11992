"""What an event log tells: where cases wait and why, who drops out, what is done twice, and whom it hits."""

from canbao.procedures.analysis.causes import BatchRule, causes, efficiency, waiting_causes
from canbao.procedures.analysis.calendars import CalendarRule
from canbao.procedures.analysis.directly_follows import DirectlyFollows, directly_follows, edges, ends, starts
from canbao.procedures.analysis.durations import Summary, case_durations, summary
from canbao.procedures.analysis.instances import completed, instances, records_service
from canbao.procedures.analysis.variants import case_variants, variants
from canbao.procedures.analysis.waiting import case_times, waiting, waiting_times

__all__ = [
    "BatchRule",
    "CalendarRule",
    "DirectlyFollows",
    "Summary",
    "case_durations",
    "case_times",
    "case_variants",
    "causes",
    "completed",
    "directly_follows",
    "edges",
    "efficiency",
    "ends",
    "instances",
    "records_service",
    "starts",
    "summary",
    "variants",
    "waiting",
    "waiting_causes",
    "waiting_times",
]
