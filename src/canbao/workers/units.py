"""Units of time and money in which surveys ask, turned into those of the worker table."""

from __future__ import annotations

from collections.abc import Mapping

from canbao.languages import Catalogue, Words

say = Catalogue("canbao.workers", "units")

_DAYS: Mapping[str, float] = {"day": 1, "week": 7, "month": 365 / 12, "quarter": 365 / 4, "year": 365}
_HOURS: Mapping[str, float] = {"minutes": 1 / 60, "hours": 1}
_MONTHS: Mapping[str, float] = {"months": 1, "years": 12}
_SHARES: Mapping[str, float] = {"percent": 0.01, "permille": 0.001, "share": 1, "ratio": 1}
_SCALES = (_HOURS, _MONTHS, _SHARES)


def conversion(given: str, wanted: str) -> float | None:
    """The factor that turns a unit into another; None where there is none.

    Args:
        given: `CNY/year`, `minutes/day`, `percent`, `years` …
        wanted: the unit of the worker table.
    """
    amount, _, period = given.partition("/")
    wanted_amount, _, wanted_period = wanted.partition("/")
    by_amount = _amount(amount.strip(), wanted_amount.strip())
    by_period = _period(period.strip(), wanted_period.strip())
    return None if by_amount is None or by_period is None else by_amount * by_period


def units_for(wanted: str) -> tuple[str, ...]:
    """The units that can be turned into another: itself first, then those that surveys ask in.

    Args:
        wanted: the unit of the worker table.
    """
    amount, slash, period = wanted.partition("/")
    amounts = next((tuple(scale) for scale in _SCALES if amount in scale), (amount,))
    periods = tuple(_DAYS) if period in _DAYS else (period,)
    # Nobody counts days by the day; units that are equal differ in nothing but their names.
    units = [f"{one}{slash}{each}" for one in amounts for each in periods if one != f"{each}s"]
    return (wanted, *(unit for unit in units if conversion(unit, wanted) != 1.0))


def unit_label(unit: str) -> Words:
    """A unit that surveys ask in, in words."""
    amount, _, period = unit.partition("/")
    return say(f"per_{period}", amount=say(amount)) if period else say(amount)


def _amount(given: str, wanted: str) -> float | None:
    if given == wanted:
        return 1.0
    return next((scale[given] / scale[wanted] for scale in _SCALES if given in scale and wanted in scale), None)


def _period(given: str, wanted: str) -> float | None:
    if given == wanted:
        return 1.0
    if given not in _DAYS or wanted not in _DAYS:
        return None
    if (given, wanted) == ("year", "month"):
        return 1 / 12
    return _DAYS[wanted] / _DAYS[given]
