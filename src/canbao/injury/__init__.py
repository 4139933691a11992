"""What protects against injury at work: public, market and local arrangements as data, all priced by the same code."""

from canbao.injury.arrangement import Arrangement, available, find_arrangement
from canbao.injury.cases import Cases, draw_cases
from canbao.injury.comparison import PAYERS, Protection, compare, efficient, protection_frame, together, without_relation

__all__ = [
    "PAYERS",
    "Arrangement",
    "Cases",
    "Protection",
    "available",
    "compare",
    "draw_cases",
    "efficient",
    "find_arrangement",
    "protection_frame",
    "together",
    "without_relation",
]
