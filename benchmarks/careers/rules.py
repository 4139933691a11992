"""The benchmark's law as Canbao's rules."""

from __future__ import annotations

from canbao.engine import Table, rule


@rule(unit="yes/no")
def works(year: int, entry_year: int) -> bool:
    """From the year of entry on."""
    return year >= entry_year


@rule(unit="CNY/year")
def wage(
    works: bool, average_wage: float, relative_wage: float, seniority_slope: float, year: int, entry_year: int
) -> float:
    """A multiple of the province's average wage that rises with seniority."""
    if not works:
        return 0.0
    return average_wage * relative_wage * (1 + seniority_slope * (year - entry_year))


@rule(unit="CNY/year")
def base(works: bool, wage: float, floor: float, ceiling: float) -> float:
    """The wage between floor and ceiling."""
    if not works:
        return 0.0
    return min(max(wage, floor), ceiling)


@rule(unit="CNY/year")
def contribution(base: float, contribution_rate: float) -> float:
    """What goes into the account."""
    return base * contribution_rate


@rule(unit="CNY")
def balance(balance_last_year: float, interest: float, contribution: float) -> float:
    """The account with its interest."""
    return balance_last_year * (1 + interest) + contribution


@rule(unit="years")
def years_paid(years_paid_last_year: int, works: bool) -> int:
    """Years of contributions."""
    return years_paid_last_year + (1 if works else 0)


@rule(unit="years")
def index_sum(index_sum_last_year: float, works: bool, base: float, average_wage: float) -> float:
    """The bases as multiples of the average wage, added up."""
    if not works:
        return index_sum_last_year
    return index_sum_last_year + base / average_wage


@rule(unit="CNY/month", at="retirement")
def pension(
    reference_wage: float, index_sum: float, years_paid: int, balance: float, retirement_age: int, divisor: Table
) -> float:
    """Half flat, half by own wages, one per cent a year, and the account over the table's months."""
    flat_and_own = (reference_wage + reference_wage * index_sum / years_paid) / 2
    return flat_and_own * years_paid * 0.01 + balance / divisor[retirement_age]
