"""Life courses: both ways to run agree, luck is one's own, and what can never be never is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.careers import Activity, Scheme
from canbao.careers.categories import Circumstance, Outcome
from canbao.careers.lifebook import documents, labels, parts, rules
from canbao.careers.payments.rules import open_months, paid_months, payable_months
from canbao.careers.projection import projected
from canbao.careers.work.rules import earnings_by_age, next_activity, normal_like
from canbao.engine import NATION, UNKNOWN, ValueEntry
from canbao.engine.parameters import citations
from canbao.law import lawbook
from canbao.law.categories import HukouLocality, Sex

from .lives import (
    AT_RETIREMENT,
    BESIDE,
    CAUSES,
    COUNTED,
    DATES,
    FIRST,
    LAST,
    added_up,
    everybody,
    everybody_reformed,
    is_blank,
    run,
    some,
    switched_on,
    without_blanks,
    workers,
)

YEARS = np.arange(FIRST, LAST + 1)
BOTH = pytest.mark.parametrize("made", [everybody, everybody_reformed], ids=["law", "every switch on"])


# --- the rules themselves -----------------------------------------------------------------------------------------------


def test_every_rule_is_called_something_and_says_so_in_chinese() -> None:
    own = [one for one in rules() if one.function.__module__.startswith("canbao.careers.")]
    assert len(own) > 50
    called = {**lawbook.labels(), **labels()}
    for one in own:
        assert called[one.name].label is not None, one.name
        assert labels()[one.function.__name__].says, one.function.__name__
        assert one.description.endswith("."), one.function.__name__
    assert set(labels()) - {one.function.__name__ for one in own} == set()
    assert parts() == ["enrolment", "injuries", "payments", "projection", "shortfall", "survival", "work"]


def test_every_rule_cites_documents_that_are_known() -> None:
    for one in rules():
        assert {name for name, _ in citations(one.basis)} <= set(documents()), one.function.__name__


# --- both ways to run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reformed", [False, True], ids=["law", "every switch on"])
def test_compiled_and_plain_life_courses_are_equal_to_the_bit(reformed: bool) -> None:
    columns, compiled = everybody_reformed() if reformed else everybody()
    rows = np.arange(0, 800, 40)
    plain = run(some(columns, rows), on="python", parameters=switched_on() if reformed else None)
    for name in (*AT_RETIREMENT, *DATES):
        np.testing.assert_array_equal(compiled[name][rows], plain[name], name)
    for name in (*COUNTED, *BESIDE):
        np.testing.assert_array_equal(compiled.panel[name][rows], plain.panel[name], name)


@BOTH
def test_what_is_added_up_in_lanes_is_what_each_has(made: Any) -> None:
    """With a group for each worker sums are single values; logarithms may differ by a last digit, decisions may not."""
    columns, result = made()
    parameters = switched_on() if made is everybody_reformed else None
    lanes = added_up(columns, np.arange(800), parameters)
    _, without = without_blanks((columns, result))
    for name in (*AT_RETIREMENT, *DATES):
        np.testing.assert_allclose(lanes[name], result[name], rtol=1e-9, err_msg=name)
    for name in (*COUNTED, *BESIDE):
        np.testing.assert_allclose(lanes.totals[name].T, without.panel[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_the_random_workers_reach_every_corner() -> None:
    """What the tests below say of nobody would hold of anything."""
    for columns, result in (everybody(), everybody_reformed()):
        panel = without_blanks((columns, result))[1].panel
        assert set(np.unique(panel["scheme"])) == {int(one) for one in Scheme}
        assert set(np.unique(panel["activity"])) == {int(one) for one in Activity}
        assert (panel["pensioner_below_line"] > 0).any() and (panel["employees_pension_year"] > 0).any()
        assert {0, 1, UNKNOWN} == set(np.unique(result["reaches_minimum"]))
        assert {0, 1} == set(np.unique(result["lives_to_retirement"]))
    panel = everybody_reformed()[1].panel
    for name in ("levy_months", "platform_pays", "care_years_left"):
        assert (panel[name] > 0).any(), name


# --- luck ---------------------------------------------------------------------------------------------------------------


def test_luck_depends_on_nobody_else() -> None:
    columns, together = everybody()
    shuffled = np.random.default_rng(1).permutation(800)[:300]
    apart = run(some(columns, shuffled))
    for name in (*AT_RETIREMENT, *DATES):
        np.testing.assert_array_equal(together[name][shuffled], apart[name], name)
    for name in (*COUNTED, *BESIDE):
        np.testing.assert_array_equal(together.panel[name][shuffled], apart.panel[name], name)


def test_another_seed_is_another_life() -> None:
    columns, one = everybody()
    other = run(some(columns, np.arange(200)), seed=8)
    assert (one["death_month"][:200] != other["death_month"]).mean() > 0.9
    assert (one.panel["activity"][:200] != other.panel["activity"]).any(axis=1).mean() > 0.7


def test_yearly_luck_is_drawn_every_year_and_passes() -> None:
    columns, result = everybody()
    shock, works_on = result.panel["passing_shock"], YEARS[None, :] <= result["retirement_month"][:, None] // 12
    after = lived(columns, result) & works_on & (YEARS[None, :] > columns["start_year"][:, None])
    assert (shock[lived(columns, result) & ~after] == 0).all()
    inside = shock[after]
    assert len(np.unique(inside)) == inside.size
    pairs = after[:, :-1] & after[:, 1:]
    assert abs(np.corrcoef(shock[:, :-1][pairs], shock[:, 1:][pairs])[0, 1]) < 0.02
    assert inside.std() == pytest.approx(0.25, rel=0.02) and abs(inside.mean()) < 0.005
    late = pairs & (YEARS[None, 1:] > columns["start_year"][:, None] + 15)
    lasting, following = (result.panel["lasting_shock"][:, part][late] for part in (slice(0, -1), slice(1, None)))
    assert np.corrcoef(lasting, following)[0, 1] == pytest.approx(0.9, abs=0.03)
    assert lasting.std() == pytest.approx(0.13 / (1 - 0.9**2) ** 0.5, rel=0.08)


def test_leaving_is_as_frequent_as_it_is_probable() -> None:
    """Who leaves may come back to the same; who did something else has left."""
    columns, result = everybody()
    activity, probable = result.panel["activity"], result.panel["leaving_probability"]
    free = (result.panel["care_years_left"] == 0) & (YEARS[None, :] > columns["start_year"][:, None])
    young = YEARS[None, :] - columns["birth_month"][:, None] // 12 < 60
    before = np.roll(activity, 1, axis=1)
    # Of platform workers who leave, a fifth take up platform work again, less those who go back to the countryside.
    asked = free & young & (before == Activity.PLATFORM)
    moved = (activity != before)[asked].mean() / probable[asked].mean()
    assert 0.78 < moved < 0.88


# --- what can never be --------------------------------------------------------------------------------------------------


def lived(columns: dict[str, Any], result: Any) -> Any:
    """The years of each life, from joining the study to death."""
    start, death = columns["start_year"][:, None], result["death_month"][:, None] // 12
    return (YEARS[None, :] >= start) & (YEARS[None, :] <= death)


@BOTH
def test_nothing_is_known_of_years_that_are_not_lived(made: Any) -> None:
    columns, result = made()
    inside = lived(columns, result)
    assert (~inside[:, 0]).any() and (~inside[:, -1]).any()
    for name in (*COUNTED, *BESIDE):
        np.testing.assert_array_equal(is_blank(result.panel[name]), ~inside, name)
    assert (result["death_month"] >= columns["start_year"] * 12).all()


@BOTH
def test_one_is_of_working_age_or_a_pensioner(made: Any) -> None:
    columns, result = made()
    inside = lived(columns, result)
    both = result.panel["working_age"] + result.panel["pensioner"]
    assert (both[inside] == 1).all()


@BOTH
def test_who_dies_before_retirement_has_nothing_at_it(made: Any) -> None:
    _, result = made()
    early = result["death_month"] // 12 < result["retirement_month"] // 12
    assert early.any() and not early.all()
    for name in ("old_age_pension", "replacement_rate", "pension_to_wage"):
        assert np.isnan(result[name][early]).all() and not np.isnan(result[name][~early]).any(), name
    assert (result["reaches_minimum"][early] == UNKNOWN).all()


@BOTH
def test_months_are_months_and_end_with_retirement(made: Any) -> None:
    _, result = without_blanks(made())
    paid, retirement = result.panel["paid_months"], result["retirement_month"][:, None]
    flexible = result.panel["scheme"] == Scheme.FLEXIBLE
    assert paid.min() == 0 and paid.max() == 12
    left = np.clip(retirement - YEARS[None, :] * 12, 0, 12)
    employee = result.panel["scheme"] == Scheme.EMPLOYEE
    stays = result.panel["moves"] == 0
    assert (paid[~flexible] <= left[~flexible]).all() and (paid[employee & stays] == left[employee & stays]).all()
    assert (paid[employee & ~stays] == np.maximum(0, left - 3)[employee & ~stays]).all() and (employee & ~stays).any()
    assert (result.panel["worker_pays"][(paid == 0) & (result.panel["scheme"] >= Scheme.FLEXIBLE)] == 0).all()


@BOTH
def test_nobody_is_in_the_employees_scheme_after_retirement_age(made: Any) -> None:
    _, result = without_blanks(made())
    after = YEARS[None, :] > result["retirement_month"][:, None] // 12
    assert (result.panel["scheme"][after] < Scheme.FLEXIBLE).all()
    past_claiming = YEARS[None, :] >= result["resident_pension_month"][:, None] // 12
    assert (result.panel["scheme"][after & past_claiming] == Scheme.NONE).all()


@BOTH
def test_of_working_age_one_is_in_one_scheme_or_in_none(made: Any) -> None:
    _, result = without_blanks(made())
    panel = result.panel
    names = ("in_scheme_by_employer", "in_scheme_alone", "in_scheme_by_levy", "in_residents_scheme", "in_no_scheme")
    assert (sum(panel[name] for name in names)[panel["working_age"] == 1] == 1).all()


@BOTH
def test_money_is_never_negative_and_adds_up(made: Any) -> None:
    _, result = without_blanks(made())
    panel = result.panel
    for name in COUNTED:
        assert (panel[name] >= 0).all(), name
    for name in AT_RETIREMENT:
        assert name == "lifetime_balance" or (result[name][~is_blank(result[name])] >= 0).all(), name
    paid = panel["worker_pays"] + panel["employer_pays"] + panel["platform_pays"] + panel["state_pays"]
    into = panel["into_employees_scheme"]
    assert (into <= paid).all()
    # What somebody in the residents' scheme pays there is no money of the employees' one, levied or not.
    members = panel["in_scheme_by_employer"] + panel["in_scheme_alone"] == 1
    np.testing.assert_array_equal(into[members], paid[members])


@BOTH
def test_pensions_are_drawn_from_one_scheme_after_retirement(made: Any) -> None:
    _, result = without_blanks(made())
    panel = result.panel
    before = YEARS[None, :] <= result["retirement_month"][:, None] // 12
    assert (panel["pension_year"][before] == 0).all()
    assert not ((panel["employees_pension_year"] > 0) & (panel["residents_pension_year"] > 0)).any()
    employees = (panel["employees_pension_year"] > 0).any(axis=1)
    assert (result["reaches_minimum"][employees] == 1).all()
    assert (panel["new_pensioner"].sum(axis=1) <= 1).all()


@BOTH
def test_only_migrants_from_another_province_move_on(made: Any) -> None:
    columns, result = without_blanks(made())
    moves = result.panel["moves"] == 1
    far = columns["hukou_locality_at_start"] == HukouLocality.OTHER_PROVINCE
    at_risk = (result.panel["hukou_locality"] == HukouLocality.OTHER_PROVINCE) & (result.panel["works"] == 1)
    at_risk &= YEARS[None, :] > columns["start_year"][:, None]
    assert not moves[~far].any() and not moves[~at_risk].any()
    assert moves[at_risk].mean() == pytest.approx(0.05, abs=0.006)
    back = (result.panel["activity"] == Activity.COUNTRYSIDE) & (result.panel["working_age"] == 1)
    back &= (columns["activity_at_start"] != Activity.COUNTRYSIDE)[:, None]
    assert (result.panel["hukou_locality"][back] == HukouLocality.LOCAL).all() and back[far].any()


@BOTH
def test_every_month_that_does_not_count_has_one_cause(made: Any) -> None:
    _, result = without_blanks(made())
    lost = np.cumsum(result.panel["uncounted_months"], axis=1)
    summed = sum(result.panel[name] for name in CAUSES)
    np.testing.assert_array_equal(summed[result.panel["working_age"] == 1], lost[result.panel["working_age"] == 1])
    assert all((result.panel[name] > 0).any() for name in CAUSES)


@BOTH
def test_only_those_who_work_are_hurt_and_as_often_as_it_is_probable(made: Any) -> None:
    _, result = without_blanks(made())
    panel = result.panel
    hurt = panel["injury_outcome"] > Outcome.NONE
    assert hurt.any() and (panel["works"][hurt] == 1).all()
    assert panel["injury_risk"].max() <= 1 and hurt.sum() == pytest.approx(panel["injury_risk"].sum(), rel=0.1)
    assert (panel["injury_days_off"][~hurt] == 0).all() and (panel["injury_treatment_cost"][hurt] > 0).all()
    assert set(np.unique(panel["injury_circumstance"])) == {int(one) for one in Circumstance}
    treated = panel["injury_outcome"] == Outcome.TREATED
    assert treated.sum() / hurt.sum() == pytest.approx(0.74, abs=0.06)
    assert panel["injury_days_off"][treated].mean() == pytest.approx(6, rel=0.1)
    assert panel["injury_treatment_cost"][treated].mean() == pytest.approx(900, rel=0.2)


@BOTH
def test_probabilities_are_probabilities(made: Any) -> None:
    _, result = without_blanks(made())
    for name in ("flexible_probability", "flexible_burden"):
        assert (result.panel[name] >= 0).all() and (result.panel[name] <= 1).all(), name


@BOTH
def test_only_women_have_children_and_only_then_stay_at_home(made: Any) -> None:
    columns, result = without_blanks(made())
    born, care = result.panel["children_born"], result.panel["care_years_left"]
    men = columns["sex"] == Sex.MALE
    assert (born[men] == 0).all() and (care[men] == 0).all()
    pairs = lived(columns, result)[:, :-1] & lived(columns, result)[:, 1:]
    assert (np.diff(born, axis=1)[pairs] >= 0).all() and set(np.unique(care)) == {0, 1, 2, 3}
    home = (care > 0) & (YEARS[None, :] > columns["start_year"][:, None])
    assert (result.panel["activity"][home] == Activity.NOT_WORKING).all() and (result.panel["works"][home] == 0).all()


def test_children_a_woman_are_as_many_as_projected() -> None:
    columns = workers(3000, seed=21)
    start = np.full(3000, FIRST)
    women = np.full(3000, int(Sex.FEMALE))
    columns |= {"start_year": start, "birth_month": (start - 16) * 12, "sex": women, "worker_id": np.arange(3000)}
    children = run(columns, parameters=None).panel["children_born"].max(axis=1)
    # Births by age add up to 1.0 in 2023 and to 1.2 in 2050.
    assert 1.0 < children.mean() < 1.25
    assert set(np.unique(children)) >= {0, 1, 2, 3}


# --- single rules -------------------------------------------------------------------------------------------------------

MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(
    year=st.integers(2020, 2080),
    scheme=st.sampled_from([Scheme.NONE, Scheme.RESIDENT, Scheme.EMPLOYEE]),
    retirement=st.integers(2010 * 12, 2090 * 12),
    share=st.floats(0, 1),
    fractional=st.sampled_from([0.0, 1.0]),
    income=st.floats(0, 1e6),
    care=st.integers(0, 3),
    credit=st.sampled_from([0.0, 1.0]),
    each=st.floats(0.01, 1),
    levy=st.integers(0, 12),
    moves=st.booleans(),
    lost=st.floats(0, 12),
)
def test_paid_months_lie_between_none_and_what_the_year_has_left(
    year: int, scheme: Scheme, retirement: int, share: float, fractional: float, income: float, care: int, credit: float,
    each: float, levy: int, moves: bool, lost: float,
) -> None:  # fmt: skip
    left = open_months(year, retirement)
    payable = payable_months(left, moves, lost)
    months = paid_months(scheme, left, payable, share, fractional, income, 4000.0, care, credit, each, levy)
    assert left == min(12, max(0, retirement - year * 12))
    assert payable == (max(0, left - int(lost)) if moves else left)
    assert 0 <= months <= left and isinstance(months, int)
    if care > 0 and credit == 1:
        assert months == left
    elif scheme == Scheme.EMPLOYEE:
        assert months == payable
    elif levy <= left:
        assert months == levy


@MANY
@given(came_from=st.sampled_from(list(Activity)), where=st.floats(0, 1, exclude_max=True), back=st.floats(0, 1))
def test_who_leaves_arrives_somewhere(came_from: Activity, where: float, back: float) -> None:
    parameters = lawbook_of_activities()
    reached = next_activity(came_from, where, back, *parameters)
    assert reached in list(Activity)
    assert (reached == Activity.COUNTRYSIDE) == (where < back)


def lawbook_of_activities() -> list[Any]:
    from canbao.careers import carried_parameters

    figures = carried_parameters()
    return [figures[name].tables[0] for name in ("to_employee", "to_platform", "to_non_standard")]


def test_shares_of_destinations_leave_something_for_not_working() -> None:
    assert (sum(table[:5] for table in lawbook_of_activities()) <= 1).all()


@MANY
@given(uniform=st.floats(0, 1))
def test_a_draw_is_finite_and_odd_about_a_half(uniform: float) -> None:
    assert abs(normal_like(uniform)) < 12
    assert normal_like(uniform) == pytest.approx(-normal_like(1 - uniform), abs=1e-6)


def test_draws_have_mean_nothing_and_variance_one() -> None:
    grid = (np.arange(200_000) + 0.5) / 200_000
    drawn = np.array([normal_like(one) for one in grid])
    assert drawn.mean() == pytest.approx(0, abs=1e-9) and drawn.std() == pytest.approx(1, abs=1e-3)


def test_earnings_are_highest_at_the_peak() -> None:
    by_age = [earnings_by_age(age, 36.0, 0.0007) for age in range(16, 70)]
    assert max(by_age) == by_age[36 - 16] == 1 and min(by_age) >= 0.4
    assert by_age[50 - 16] == pytest.approx(1 - 0.0007 * 14**2)


# --- figures carried on -------------------------------------------------------------------------------------------------


def test_figures_go_on_with_wages_and_stay_as_published_before() -> None:
    from canbao.careers import carried_parameters, life_parameters

    published, carried = life_parameters(), carried_parameters()
    wage = carried["contribution_reference_wage"].yearly
    known = published["contribution_reference_wage"].yearly
    told = ~np.isnan(known) & (np.arange(known.shape[1]) < 2025 - 1951)[None, :]
    fair = wage[told] / known[told]
    assert np.median(fair) == 1 and np.mean(fair == 1) > 0.9
    hubei = carried["contribution_reference_wage"].places.numbers["42"]
    growth = wage[hubei, 1:] / wage[hubei, :-1] - 1
    np.testing.assert_allclose(growth[2060 - 1952 : 2140 - 1952], 0.0325)
    floor = carried["base_floor"].yearly[hubei]
    assert floor[2050 - 1951] == pytest.approx(0.6 * wage[hubei, 2050 - 1951])


def test_another_growth_of_wages_carries_everything_with_it() -> None:
    from canbao.careers import life_parameters

    shift = {"wage_growth_shift": {NATION: {"1951-01": ValueEntry.model_validate({"value": 0.01})}}}
    before, after = projected(life_parameters()), projected(life_parameters().with_values(shift))
    hubei = before["benefit_reference_wage"].places.numbers["42"]
    for name, part in (("benefit_reference_wage", 1.0), ("old_age_line", 0.5)):
        one, other = before[name].yearly[hubei], after[name].yearly[hubei]
        np.testing.assert_array_equal(one[: 2026 - 1951], other[: 2026 - 1951])
        grown = (other[2060 - 1951] / one[2060 - 1951]) / (other[2059 - 1951] / one[2059 - 1951]) - 1
        assert grown == pytest.approx(0.01 * part, rel=0.05)
    rate = "pension_bookkeeping_rate"
    assert after[rate].yearly[hubei, 2060 - 1951] - before[rate].yearly[hubei, 2060 - 1951] == pytest.approx(0.005)
