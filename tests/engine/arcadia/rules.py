"""Arcadia, a made-up country of ten rules that tests the engine apart from any real law."""

from canbao.engine import Category, Draw, Month, PlaceYears, Table, round_half_up, rule


class Sex(Category):
    MALE = 0
    FEMALE = 1


SHIELD = 0.5


@rule(unit="month")
def retirement_month(birth_month: Month, retirement_age: float) -> Month:
    """The month in which a shepherd reaches the retirement age."""
    return birth_month + int(retirement_age * 12)


@rule(unit="coins/year", during="working")
def wage(year: int, birth_month: Month, starting_wage: float, ill: bool) -> float:
    """Wages grow with age; an ill year brings half."""
    age = year - birth_month // 12
    if age < 20:
        return 0.0
    full = starting_wage * (1 + 0.01 * (age - 20))
    return full * SHIELD if ill else full


@rule(unit="yes/no")
def ill(illness_draw: Draw, illness_risk: float) -> bool:
    """Luck."""
    return illness_draw < illness_risk


@rule(unit="coins/year")
def base(wage: float, floor: float, ceiling: float) -> float:
    """The wage within the limits of the valley; no wage, no base."""
    if wage <= 0:
        return 0.0
    return min(max(wage, floor), ceiling)


@rule(unit="coins/year")
def contribution(base: float, contribution_rate: float) -> float:
    """What is paid in."""
    return base * contribution_rate


@rule(of="contribution", unit="coins/year", provinces=["hills"])
def contribution_in_the_hills(base: float, contribution_rate: float) -> float:
    """The hills round to whole coins."""
    return round_half_up(base * contribution_rate, 0)


@rule(unit="coins")
def balance(balance_last_year: float, contribution: float, interest: float) -> float:
    """The account, with interest on what was there."""
    return balance_last_year * (1 + interest) + contribution


@rule(unit="years")
def years_paid(years_paid_last_year: int, contribution: float) -> int:
    """Years in which something was paid."""
    return years_paid_last_year + (1 if contribution > 0 else 0)


@rule(unit="share")
def index_sum(index_sum_last_year: float, base: float, place: int, year: int, floor: PlaceYears) -> float:
    """Bases in multiples of the valley's floor of the year before."""
    return index_sum_last_year + base / floor[place, year - 1]


@rule(unit="coins/month", at="retirement")
def pension(balance: float, years_paid: int, sex: Sex, annuity: Table, retirement_age: float, floor: float) -> float:
    """The account spread over the months of the table, plus a hundredth of the floor a year."""
    months = annuity[int(retirement_age)] + (12 if sex == Sex.FEMALE else 0)
    return round_half_up(balance / months, 2) + floor / 12 * years_paid * 0.01


@rule(of="pension_paid", unit="coins/year", during="retired")
def pension_paid(pension: float) -> float:
    """Twelve months of pension in every year of retirement."""
    return pension * 12
