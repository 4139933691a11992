"""What other countries do: a card a country and branch, who is in it, and what its rules would mean for other workers."""

from canbao.evidence.countries.card import (
    ACCESSES,
    BRANCHES,
    OUR_COUNTRY,
    PAYERS,
    STATUSES,
    Access,
    Branch,
    Card,
    Charge,
    Status,
    country_name,
    read_card,
    read_cards,
)
from canbao.evidence.countries.contributions import Wage, contributions, status_of

__all__ = [
    "ACCESSES",
    "BRANCHES",
    "OUR_COUNTRY",
    "PAYERS",
    "STATUSES",
    "Access",
    "Branch",
    "Card",
    "Charge",
    "Status",
    "Wage",
    "contributions",
    "country_name",
    "read_card",
    "read_cards",
    "status_of",
]
