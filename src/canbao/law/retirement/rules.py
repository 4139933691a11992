"""When one retires: the ages before the rise, the gradual rise from 2025, the earlier and later option."""

from __future__ import annotations

from canbao.engine import UNKNOWN, Month, rule
from canbao.law.categories import Sex, WorkerClass

WOMEN_55, WOMEN_50 = 55, 50
RISE_BEGINS = 2025 * 12


@rule(unit="age", basis="npcsc_2024_retirement:1")
def old_retirement_age(
    sex: Sex,
    worker_class: WorkerClass,
    old_age_men: float,
    old_age_women_cadre: float,
    old_age_women_worker: float,
    old_age_women_flexible: float,
) -> float:
    """The statutory age as it was before the rise."""
    if sex == Sex.MALE:
        return old_age_men
    if worker_class == WorkerClass.CADRE:
        return old_age_women_cadre
    if worker_class == WorkerClass.WORKER:
        return old_age_women_worker
    return old_age_women_flexible


def delay(months_after_first: int, step: float, most: float) -> int:
    """One month for each step of birth months begun, the first cohort included, up to the greatest delay."""
    if months_after_first < 0:
        return 0
    return min(int(most), months_after_first // int(step) + 1)


@rule(unit="months", basis="npcsc_2024_retirement:1")
def retirement_delay_months(
    birth_month: Month,
    old_retirement_age: float,
    sex: Sex,
    rise_first_birth_men: float,
    rise_first_birth_women_55: float,
    rise_first_birth_women_50: float,
    rise_step: float,
    rise_step_women_50: float,
    rise_most: float,
    rise_most_women_50: float,
) -> int:
    """By how many months the rise delays retirement, from the month of birth."""
    if sex == Sex.MALE:
        return delay(birth_month - int(rise_first_birth_men) * 12, rise_step, rise_most)
    if old_retirement_age == WOMEN_55:
        return delay(birth_month - int(rise_first_birth_women_55) * 12, rise_step, rise_most)
    if old_retirement_age == WOMEN_50:
        return delay(birth_month - int(rise_first_birth_women_50) * 12, rise_step_women_50, rise_most_women_50)
    # How the rise touches other old ages, such as 45 in Tibet, was not found; before 2025 there was none.
    return 0 if birth_month + int(old_retirement_age) * 12 < RISE_BEGINS else UNKNOWN


@rule(unit="months", basis="npcsc_2024_retirement:1")
def statutory_retirement_age_months(old_retirement_age: float, retirement_delay_months: int) -> int:
    """The statutory age in months."""
    return int(old_retirement_age) * 12 + retirement_delay_months


@rule(unit="month", basis="npcsc_2024_retirement:1")
def statutory_retirement_month(birth_month: Month, statutory_retirement_age_months: int) -> Month:
    """The month in which the statutory age is reached."""
    return birth_month + statutory_retirement_age_months


@rule(unit="months", basis="npcsc_2024_retirement:3")
def retirement_age_months(statutory_retirement_age_months: int) -> int:
    """The age at retirement: the statutory one, unless month or age of retirement are known."""
    return statutory_retirement_age_months


@rule(of="retirement_age_months", unit="months", given=["retirement_month", "birth_month"])
def retirement_age_months_from_dates(retirement_month: Month, birth_month: Month) -> int:
    """The age at retirement, from the months of birth and retirement."""
    return retirement_month - birth_month


@rule(unit="month", basis="npcsc_2024_retirement:3")
def retirement_month(birth_month: Month, retirement_age_months: int) -> Month:
    """The month of retirement."""
    return birth_month + retirement_age_months


@rule(unit="month", basis="npcsc_2024_retirement:3; flexible_retirement_measures")
def earliest_retirement_month(
    birth_month: Month, statutory_retirement_month: Month, old_retirement_age: float, flexible_retirement_months: float
) -> Month:
    """Up to three years before the statutory age, never before the old one; the minimum years must have been paid."""
    old = birth_month + int(old_retirement_age) * 12
    return max(old, statutory_retirement_month - int(flexible_retirement_months))


@rule(unit="month", basis="npcsc_2024_retirement:3; flexible_retirement_measures")
def latest_retirement_month(
    statutory_retirement_month: Month, worker_class: WorkerClass, flexible_retirement_months: float
) -> Month:
    """From 2025 up to three years after the statutory age, by agreement with an employer; not open to those without one."""
    if worker_class == WorkerClass.FLEXIBLE or statutory_retirement_month < RISE_BEGINS:
        return statutory_retirement_month
    return statutory_retirement_month + int(flexible_retirement_months)
