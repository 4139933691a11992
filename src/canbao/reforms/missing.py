"""Who never reaches the years that the employees' pension takes, and why: the missing months by their causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from canbao.engine import UNKNOWN
from canbao.reforms.simulation import CAUSES, Outcome

Array = np.ndarray[Any, np.dtype[np.float64]]

TOO_LATE = "too_late"
"""Months that could not have been made up: those of years before the survey."""


def missing_months(outcome: Outcome, respondents: int) -> tuple[Array, Mapping[str, Array]]:
    """How many months each respondent will miss at retirement, and of which cause.

    Months that did not count are more than those that are missing. Each cause has its part of what is missing in proportion
    to its months; what is missing beyond all of them lies before the survey. So the parts add up.

    Args:
        outcome: of a run of the respondents, whose values were kept.
        respondents: how many there are; they come first.

    Returns:
        the missing months of each respondent, NaN for those who die before retirement and nothing for those who reach the
        years; and the part of each cause.
    """
    values = {name: column[:respondents] for name, column in outcome.values.items()}
    told = (values["lives_to_retirement"] == 1) & (values["missing_contribution_months"] != UNKNOWN)
    missing = np.where(told, values["missing_contribution_months"], np.nan)
    months = {name: np.where(told, values[name], np.nan) for name in CAUSES}
    lost = np.sum([*months.values()], axis=0)
    made_up = np.minimum(missing, lost)
    share = np.divide(made_up, lost, out=np.zeros_like(lost), where=lost > 0)
    return missing, {**{name: one * share for name, one in months.items()}, TOO_LATE: missing - made_up}
