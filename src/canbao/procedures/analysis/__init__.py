"""What an event log tells: where cases wait and why, who drops out, what is done twice, and whom it hits."""

from canbao.procedures.analysis.burden import BurdenPrices, burden, burden_prices, burden_summary
from canbao.procedures.analysis.calendars import CalendarRule
from canbao.procedures.analysis.causes import BatchRule, causes, efficiency, waiting_causes
from canbao.procedures.analysis.comparison import Comparison, compare
from canbao.procedures.analysis.delay import bottlenecks
from canbao.procedures.analysis.directly_follows import DirectlyFollows, directly_follows, edges, ends, starts
from canbao.procedures.analysis.drop_out import Endings, incidence, last_steps, outcomes, step_hazards, still_open
from canbao.procedures.analysis.durations import Summary, case_durations, summary
from canbao.procedures.analysis.groups import GroupDifferences, group_differences
from canbao.procedures.analysis.handovers import case_handovers, handovers
from canbao.procedures.analysis.instances import completed, instances, records_service
from canbao.procedures.analysis.rework import case_rework, loops, rework
from canbao.procedures.analysis.survival import cumulative_incidence, kaplan_meier, log_rank, median_days
from canbao.procedures.analysis.variants import case_variants, variants
from canbao.procedures.analysis.waiting import case_times, waiting, waiting_times

__all__ = [
    "BatchRule",
    "BurdenPrices",
    "CalendarRule",
    "Comparison",
    "DirectlyFollows",
    "Endings",
    "GroupDifferences",
    "Summary",
    "bottlenecks",
    "burden",
    "burden_prices",
    "burden_summary",
    "case_durations",
    "case_handovers",
    "case_rework",
    "case_times",
    "case_variants",
    "causes",
    "compare",
    "completed",
    "cumulative_incidence",
    "directly_follows",
    "edges",
    "efficiency",
    "ends",
    "group_differences",
    "handovers",
    "incidence",
    "instances",
    "kaplan_meier",
    "last_steps",
    "log_rank",
    "loops",
    "median_days",
    "outcomes",
    "records_service",
    "rework",
    "starts",
    "step_hazards",
    "still_open",
    "summary",
    "variants",
    "waiting",
    "waiting_causes",
    "waiting_times",
]
