"""What protects against injury at work: public, market and local arrangements as data, all priced by the same code."""

from canbao.injury.arrangement import Arrangement, available, find_arrangement, item_words
from canbao.injury.cases import Cases, draw_cases
from canbao.injury.comparison import PAYERS, Protection, compare, efficient, protection_frame, together, without_relation
from canbao.injury.exposure import EXPOSURES, Exposure, exposed_by

__all__ = [
    "EXPOSURES",
    "PAYERS",
    "Arrangement",
    "Cases",
    "Exposure",
    "Protection",
    "available",
    "compare",
    "draw_cases",
    "efficient",
    "exposed_by",
    "find_arrangement",
    "item_words",
    "protection_frame",
    "together",
    "without_relation",
]
