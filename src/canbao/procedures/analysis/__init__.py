"""What an event log tells: where cases wait and why, who drops out, what is done twice, and whom it hits."""

from canbao.procedures.analysis.directly_follows import DirectlyFollows, directly_follows, edges, ends, starts
from canbao.procedures.analysis.durations import Summary, case_durations, summary
from canbao.procedures.analysis.variants import case_variants, variants

__all__ = [
    "DirectlyFollows",
    "Summary",
    "case_durations",
    "case_variants",
    "directly_follows",
    "edges",
    "ends",
    "starts",
    "summary",
    "variants",
]
