"""Why somebody has too few years at retirement: each month of working age that did not count, by its cause."""

from __future__ import annotations

from canbao.careers.categories import Activity, Cause, Scheme
from canbao.engine import rule
from canbao.law.categories import Relation


@rule(unit="months", during="working")
def uncounted_months(open_months: int, paid_months: int) -> int:
    """Months of the year that do not count in the employees' scheme."""
    return open_months - paid_months


@rule(unit="category", during="working")
def cause_of_uncounted_months(
    scheme: Scheme, works: bool, relation: Relation, activity: Activity, may_join_alone: bool
) -> Cause:
    """Why they do not: a member who pauses, nobody's employee without work, an employer, the law, or one's own choice."""
    if scheme == Scheme.EMPLOYEE or scheme == Scheme.FLEXIBLE:
        return Cause.PAUSED
    if not works:
        return Cause.NOT_WORKING
    if relation == Relation.LABOUR or activity == Activity.EMPLOYEE:
        return Cause.EMPLOYER
    return Cause.CHOICE if may_join_alone else Cause.KEPT_OUT


@rule(unit="months")
def months_not_working(months_not_working_last_year: int, uncounted_months: int, cause_of_uncounted_months: Cause) -> int:
    """Months since the start without work."""
    return months_not_working_last_year + (uncounted_months if cause_of_uncounted_months == Cause.NOT_WORKING else 0)


@rule(unit="months")
def months_lost_by_employer(
    months_lost_by_employer_last_year: int, uncounted_months: int, cause_of_uncounted_months: Cause
) -> int:
    """Months since the start in which an employer did not enrol whom it must."""
    return months_lost_by_employer_last_year + (uncounted_months if cause_of_uncounted_months == Cause.EMPLOYER else 0)


@rule(unit="months")
def months_kept_out(months_kept_out_last_year: int, uncounted_months: int, cause_of_uncounted_months: Cause) -> int:
    """Months since the start in which the law let nobody join alone."""
    return months_kept_out_last_year + (uncounted_months if cause_of_uncounted_months == Cause.KEPT_OUT else 0)


@rule(unit="months")
def months_by_choice(months_by_choice_last_year: int, uncounted_months: int, cause_of_uncounted_months: Cause) -> int:
    """Months since the start in which one could have joined alone and did not."""
    return months_by_choice_last_year + (uncounted_months if cause_of_uncounted_months == Cause.CHOICE else 0)


@rule(unit="months")
def months_paused(months_paused_last_year: int, uncounted_months: int, cause_of_uncounted_months: Cause) -> int:
    """Months since the start in which a member did not pay."""
    return months_paused_last_year + (uncounted_months if cause_of_uncounted_months == Cause.PAUSED else 0)
