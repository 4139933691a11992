"""What arrangements do for workers: cases by hand, what must add up, and directions that cannot be otherwise."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canbao import Study
from canbao.careers.categories import Circumstance, Outcome, RiskGroup
from canbao.errors import InputError
from canbao.injury import (
    EXPOSURES,
    Cases,
    Protection,
    compare,
    draw_cases,
    efficient,
    exposed_by,
    find_arrangement,
    together,
    without_relation,
)
from canbao.injury.assumptions import assumptions
from canbao.injury.benefits import joined, paid, price_of
from canbao.injury.comparison import WAYS_THROUGH
from canbao.injury.household import SHOWN, income_left
from canbao.law import places
from canbao.law.categories import Relation

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"
YEAR = 2025


@cache
def everybody() -> Cases:
    return draw_cases(Study(SAMPLE).simulator(), YEAR, 60_000)


@cache
def platform_workers() -> Cases:
    return without_relation(everybody())


def protection(*names: str) -> Protection:
    return compare([find_arrangement(name) for name in names], platform_workers())


def one(**changed: Any) -> Cases:
    """A rider of thirty with 6,000 yuan a month, where 8,000 are usual, with a spouse and a child."""
    about: dict[str, Any] = {
        "weight": 1.0, "injury_weight": 1.0, "respondent": 0, "group": int(RiskGroup.FOOD_DELIVERY),
        "relation": int(Relation.CIVIL), "age": 30, "income": 6000.0, "orders": 10_000.0, "risk": 0.1,
        "outcome": int(Outcome.TREATED), "circumstance": int(Circumstance.ON_ORDER), "days_off": 0.0, "treatment": 0.0,
        "place": places().numbers["33"],
        "average_wage": 8000.0, "minimum_wage": 2000.0, "earning_capacity_lost": 0.0, "spouse": True, "dependants": 1.0,
        "chance": 0.5,
    }  # fmt: skip
    columns = {name: np.array([value]) for name, value in {**about, **changed}.items()}
    return Cases(**columns, national_income=54_188.0, own_consumption=0.3, year=YEAR)


def pays(name: str, item: str, **changed: Any) -> float:
    return sum(float(amount[0]) for benefit, amount in paid(find_arrangement(name), one(**changed)) if benefit.of == item)


# --- by hand --------------------------------------------------------------------------------------------------------------

LABOUR: dict[str, Any] = {"relation": int(Relation.LABOUR)}


@pytest.mark.parametrize(
    ("name", "item", "changed", "expected"),
    [
        # Grade 10: seven months of a wage within limits (6,000 lies above 60 % of 8,000).
        ("wii", "disability_lump", {**LABOUR, "outcome": int(Outcome.GRADE_10)}, 7 * 6000),
        ("wii", "disability_lump", {**LABOUR, "outcome": int(Outcome.GRADE_1), "income": 3000.0}, 27 * 4800),
        ("wii", "disability_pension", {**LABOUR, "outcome": int(Outcome.GRADE_4)}, 0.75 * 6000 * 12 * 30),
        ("wii", "disability_pension", {**LABOUR, "outcome": int(Outcome.GRADE_7)}, 0),
        ("wii", "nursing", {**LABOUR, "outcome": int(Outcome.GRADE_1)}, 0.5 * 8000 * 12 * 48),
        ("wii", "death_lump", {**LABOUR, "outcome": int(Outcome.DEATH)}, 20 * 54_188),
        ("wii", "funeral", {**LABOUR, "outcome": int(Outcome.DEATH)}, 6 * 8000),
        ("wii", "survivors", {**LABOUR, "outcome": int(Outcome.DEATH)}, 6000 * 12 * (0.4 * 30 + 0.3 * 9)),
        ("wii", "off_work", {**LABOUR, "days_off": 365.0}, 12 * 6000),
        ("wii", "disability_lump", {"outcome": int(Outcome.GRADE_10)}, 0),
        # Order-based protection: a fixed base, and the minimum wage while off work.
        ("pilot-2025", "disability_lump", {"outcome": int(Outcome.GRADE_10)}, 7 * 0.6 * 8000),
        ("pilot-2025", "off_work", {"days_off": 73.0}, 2000 * 12 / 5),
        ("pilot-2025", "treatment", {"treatment": 12_345.0}, 12_345),
        ("pilot-2025", "treatment", {"treatment": 12_345.0, "circumstance": int(Circumstance.COMMUTING)}, 0),
        ("pilot-2025", "treatment", {"treatment": 12_345.0, "group": int(RiskGroup.COURIER)}, 0),
        # The rider's policy: a tenth of the sum for grade 10, treatment up to 50,000, between orders too.
        ("rider-policy", "disability_lump", {"outcome": int(Outcome.GRADE_10)}, 60_000),
        ("rider-policy", "treatment", {"treatment": 80_000.0, "circumstance": int(Circumstance.BETWEEN_ORDERS)}, 50_000),
        ("rider-policy", "death_lump", {"outcome": int(Outcome.DEATH), "age": 66}, 0),
        ("employer-liability", "treatment", {"treatment": 1100.0, "relation": int(Relation.INCOMPLETE)}, 800),
        ("employer-liability", "treatment", {"treatment": 1e6, "relation": int(Relation.INCOMPLETE)}, 30_000),
        ("wujiang-2018", "disability_lump", {"outcome": int(Outcome.GRADE_5)}, 90_000),
        ("wujiang-2018", "disability_lump", {"outcome": int(Outcome.GRADE_7)}, 0),
        ("none", "treatment", {"treatment": 1000.0}, 0),
        # Zhejiang on leaving, grade 8: seven months of the average wage from the fund and as much from the employer.
        ("wii", "leaving", {**LABOUR, "outcome": int(Outcome.GRADE_8)}, 2 * 7 * 8000),
        ("wii", "leaving", {**LABOUR, "outcome": int(Outcome.GRADE_6)}, 0),
        # Malaysia: 80 % of pay; 90 % of what is lost. Indonesia: a year in full, then half; 56 months for all that is lost.
        ("malaysia-2020", "off_work", {"days_off": 73.0}, 0.8 * 6000 * 12 / 5),
        (
            "malaysia-2020",
            "disability_pension",
            {"outcome": int(Outcome.GRADE_5), "earning_capacity_lost": 0.5},
            0.45 * 2.16e6,
        ),
        ("indonesia-bpu", "off_work", {"days_off": 547.5}, 6000 * (12 + 3)),
        ("indonesia-bpu", "disability_lump", {"outcome": int(Outcome.GRADE_1), "earning_capacity_lost": 1.0}, 56 * 6000),
        ("indonesia-bpu", "death_lump", {"outcome": int(Outcome.DEATH)}, 48 * 6000),
        ("korea-2023", "off_work", {"days_off": 73.0}, 0.7 * 6000 * 12 / 5),
    ],
)
def test_benefits_by_hand(name: str, item: str, changed: dict[str, Any], expected: float) -> None:
    assert pays(name, item, **changed) == pytest.approx(expected)


def test_an_allowance_is_topped_up_to_the_minimum_wage() -> None:
    low = {**LABOUR, "outcome": int(Outcome.GRADE_4), "income": 1000.0, "average_wage": 2000.0, "minimum_wage": 2000.0}
    assert pays("wii", "disability_pension", **low) == pytest.approx(2000 * 12 * 30)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("pilot-2025", 0.07 * 10_000), ("rider-policy", 3 * 330), ("single-branch", 45 * 12), ("wii-for-all", 0.004 * 72_000)],
)
def test_prices_by_hand(name: str, expected: float) -> None:
    (price,) = find_arrangement(name).price
    assert price_of(price, one())[0] == pytest.approx(expected)


def test_what_was_not_found_counts_as_nothing_and_is_named() -> None:
    design = find_arrangement("korea-2023")
    graded = compare([design], one(outcome=int(Outcome.GRADE_5), treatment=100.0, earning_capacity_lost=0.5))
    assert graded.not_found == ("disability_pension",) and graded.benefits["fund"] == pytest.approx(100)
    dead = compare([design], one(outcome=int(Outcome.DEATH), earning_capacity_lost=1.0))
    assert dead.not_found == ("survivors",) and dead.benefits["fund"] == 0
    assert compare([design], one(treatment=100.0)).not_found == (), "nothing unknown is asked for"
    assert 0 < income_left([design], one(outcome=int(Outcome.GRADE_5), earning_capacity_lost=0.5), 10)[0] < 1
    elsewhere = one(**LABOUR, outcome=int(Outcome.GRADE_8), place=places().numbers["61"])
    assert compare([find_arrangement("wii")], elsewhere).not_found == ("leaving",)


def test_sums_in_other_money_are_worth_yuan(tmp_path: Path) -> None:
    text = """
title: {en: Mine, zh: 我的}
kind: foreign
currency: SGD
yuan_for_one: 5
covers: {circumstances: [on_order]}
benefits:
  - {of: treatment, most: 100, payer: insurer}
  - {of: death_lump, base: currency, times: 10, least: 50, payer: insurer}
  - {of: disability_lump, base: own_wage, times: 12, most: 90, payer: insurer}
price:
  - {unit: CNY/year, amount: 1, payer: platform}
"""
    (tmp_path / "arrangements").mkdir()
    (tmp_path / "arrangements" / "mine.yaml").write_text(text, encoding="utf-8")
    mine = find_arrangement("mine", tmp_path)

    def sums(**changed: Any) -> list[float]:
        return [float(amount[0]) for _, amount in paid(mine, one(**changed))]

    assert sums(treatment=1e6, outcome=int(Outcome.DEATH)) == [500, 250, 0]
    assert sums(outcome=int(Outcome.GRADE_5)) == [0, 0, 450]


def test_losses_by_hand() -> None:
    hurt = one(outcome=int(Outcome.GRADE_5), days_off=365.0 / 12, treatment=10_000.0, earning_capacity_lost=0.5)
    assert {name: float(value[0]) for name, value in hurt.losses.items()} == pytest.approx(
        {"treatment": 10_000, "off_work": 6000, "earnings": 6000 * 12 * 30 * 0.5, "nursing": 0}
    )
    dead = one(outcome=int(Outcome.DEATH), earning_capacity_lost=1.0)
    assert dead.losses["earnings"][0] == pytest.approx(6000 * 12 * 30 * 0.7)


def test_the_market_pays_what_the_public_floor_leaves_of_treatment() -> None:
    hurt = one(treatment=80_000.0)
    floor, top = find_arrangement("pilot-2025"), find_arrangement("rider-policy")
    both = compare([floor, top], hurt)
    assert both.benefits["fund"] == pytest.approx(80_000) and both.benefits["insurer"] == 0
    other = compare([top, floor], hurt)
    assert other.benefits["insurer"] == pytest.approx(50_000) and other.benefits["fund"] == pytest.approx(30_000)


# --- what must add up -----------------------------------------------------------------------------------------------------

EVERY = (
    "none",
    "rider-policy",
    "employer-liability",
    "wujiang-2018",
    "ningbo-2021",
    "pilot-2022",
    "pilot-2025",
    "single-branch",
    "wii",
    "wii-for-all",
)


@pytest.mark.parametrize("name", [*EVERY, "pilot-2025+rider-policy"])
def test_what_is_covered_and_what_falls_through_make_all_losses(name: str) -> None:
    found = protection(*name.split("+"))
    assert set(found.through) == set(WAYS_THROUGH)
    assert found.loss_covered + sum(found.through.values()) == pytest.approx(1)
    assert sum(found.of_loss.values()) == pytest.approx(found.loss_covered)
    for share in (
        found.covered,
        found.covered_time,
        found.loss_covered,
        found.catastrophe_covered,
        *found.through.values(),
    ):
        assert -1e-12 <= share <= 1 + 1e-12
    assert found.covered_time <= found.covered + 1e-12
    assert min(*found.price.values(), *found.benefits.values()) >= 0


def test_nothing_covers_nothing_and_all_comes_at_a_price() -> None:
    nothing = protection("none")
    assert nothing.loss_covered == nothing.covered == sum(nothing.price.values()) == 0
    assert nothing.through["not_for_them"] == 1 and nothing.loss > 0


def test_more_protection_covers_more() -> None:
    alone, topped = protection("pilot-2025"), protection("pilot-2025", "rider-policy")
    assert topped.loss_covered > alone.loss_covered and sum(topped.price.values()) > sum(alone.price.values())
    assert protection("wii").covered == 0, "the law's own insurance is not for those without a labour relation"
    assert protection("wii-for-all").loss_covered > protection("single-branch").loss_covered > alone.loss_covered


def test_a_covered_rider_pays_three_yuan_on_each_of_330_days_however_many_others_are_not_covered() -> None:
    found = protection("rider-policy")
    assert found.price_a_member == pytest.approx(3 * 330)
    assert sum(found.price.values()) == pytest.approx(990 * found.covered) and found.covered < 0.5
    assert np.isnan(protection("none").price_a_member), "nobody is covered"


def test_arrangements_from_doubtful_sources_are_not_firm() -> None:
    assert not find_arrangement("ningbo-2021").is_firm and not find_arrangement("pilot-2022").is_firm
    assert find_arrangement("pilot-wider").is_firm, "a design that is assumed is not one that was badly found"
    remark = find_arrangement("wujiang-2018").remark
    assert remark is not None and "120" in remark.en


def test_who_does_not_join_is_not_covered() -> None:
    full = find_arrangement("rider-policy")
    half = replace(full, covers=full.covers.model_copy(update={"uptake": 0.5}))
    cases = platform_workers()
    found, whole = compare([half], cases), compare([full], cases)
    assert found.covered == pytest.approx(whole.covered / 2, rel=0.03)
    assert found.through["not_joined"] > 0 == whole.through["not_joined"]
    assert found.benefit_ratio == pytest.approx(whole.benefit_ratio, rel=0.15)


def test_the_frontier_has_those_that_no_other_beats() -> None:
    found = [protection(*name.split("+")) for name in (*EVERY, "pilot-2025+rider-policy")]
    marks = dict(zip((one.name for one in found), efficient(found), strict=True))
    assert marks["none"] and marks["single-branch"] and marks["wii-for-all"]
    assert not marks["employer-liability"] and not marks["rider-policy"], "the Ningbo policy covers more for less"
    best = sorted((sum(one.price.values()), one.loss_covered) for one in found if marks[one.name])
    covered = [share for _, share in best]
    assert covered == sorted(covered)


# --- injuries that are drawn ----------------------------------------------------------------------------------------------


def test_drawn_injuries_stand_for_as_many_as_happen() -> None:
    cases = everybody()
    happening = float((cases.risk * cases.weight).sum())
    drawn = float(cases.injury_weight[cases.injured].sum())
    assert drawn == pytest.approx(happening, rel=0.03)
    assert cases.dies.sum() > 500, "deaths are drawn oftener than they happen"


def test_outcomes_stand_for_their_shares() -> None:
    cases = everybody()
    total = cases.injury_weight[cases.injured].sum()
    for outcome, share in (
        (Outcome.TREATED, 0.74),
        (Outcome.HOSPITAL, 0.18),
        (Outcome.GRADE_10, 0.042),
        (Outcome.DEATH, 0.002),
    ):
        found = cases.injury_weight[cases.outcome == outcome].sum() / total
        assert found == pytest.approx(share, rel=0.1), outcome


def test_riders_are_hurt_more_often_than_streamers_and_longer_hours_hurt() -> None:
    cases = everybody()

    def rate(group: RiskGroup) -> float:
        inside = cases.group == group
        return float(np.average(cases.risk[inside], weights=cases.weight[inside]))

    assert rate(RiskGroup.FOOD_DELIVERY) > rate(RiskGroup.RIDE_HAILING) > rate(RiskGroup.STREAMING) > 0


def test_the_same_seed_draws_the_same_injuries() -> None:
    again = draw_cases(Study(SAMPLE).simulator(), YEAR, 60_000)
    np.testing.assert_array_equal(again.outcome, everybody().outcome)
    np.testing.assert_array_equal(again.treatment, everybody().treatment)


# --- what exposes to injury -----------------------------------------------------------------------------------------------


def test_injuries_a_million_orders_follow_from_what_was_published() -> None:
    """Hainan's spending an order over the nation's spending a case; Hefei's riders over 20 to 45 orders on 330 days."""
    assumed, day = assumptions().injuries_a_million_orders, assumptions().days_a_year.value
    assert assumed.low == pytest.approx(24.3148e6 / 1.04e9 / (490e6 / 32_000) * 1e6, abs=0.05)
    assert assumed.value == pytest.approx(42 / 463 / ((20 + 45) / 2 * day) * 1e6, abs=0.05)
    assert assumed.high == pytest.approx(42 / 463 / (20 * day) * 1e6, abs=0.05)


def test_orders_expose_by_hand() -> None:
    """8.5 injuries a million deliveries, a seventh of that for rides; who makes no orders stays with hours."""
    rider, driver = one(), one(group=int(RiskGroup.RIDE_HAILING))
    assert exposed_by("orders", rider).risk[0] == pytest.approx(0.085)
    assert exposed_by("orders", driver).risk[0] == pytest.approx(0.085 / 7)
    assert exposed_by("orders", rider).injury_weight[0] == pytest.approx(0.85)
    for changed in ({"orders": 0.0}, {"group": int(RiskGroup.COURIER)}, {"risk": 0.0, "orders": 0.0}):
        same = exposed_by("orders_high", one(**changed))
        assert (same.risk[0], same.injury_weight[0]) == (one(**changed).risk[0], 1.0)


def test_injuries_by_orders_stand_for_as_many_as_happen() -> None:
    cases = platform_workers()
    insured = cases.some(np.flatnonzero(joined(find_arrangement("pilot-2025"), cases)))
    spent = []
    for exposure in EXPOSURES:
        made = exposed_by(exposure, insured)
        happening = float((made.risk * made.weight).sum())
        assert float(made.injury_weight[made.injured].sum()) == pytest.approx(happening, rel=0.06)
        spent.append(compare([find_arrangement("pilot-2025")], made).spent_an_order)
    hours, low, central, high = spent
    assert exposed_by("hours", insured) is insured and low < central < high and low < hours
    assert low == pytest.approx(assumptions().published_spending_an_order.value, rel=0.5)


# --- households -----------------------------------------------------------------------------------------------------------


def test_a_household_s_ten_years_by_hand() -> None:
    graded = one(outcome=int(Outcome.GRADE_10), treatment=9000.0, days_off=73.0, earning_capacity_lost=0.05)
    before = 6000 * 120
    lost = 0.05 * before + 0.95 * 6000 * 12 / 5
    assert income_left([find_arrangement("none")], graded, 10)[0] == pytest.approx((before - lost - 9000) / before)
    lump, fee = 7 * 4800, 2000 * 12 / 5
    with_pilot = income_left([find_arrangement("pilot-2025")], graded, 10)[0]
    assert with_pilot == pytest.approx((before - lost + lump + fee) / before)
    assert len(SHOWN) == 4


# --- a study --------------------------------------------------------------------------------------------------------------


def test_a_study_s_table_has_a_row_for_each_and_hides_the_few() -> None:
    names = ["pilot-2025", "wii-for-all", "rider-policy+pilot-2025"]
    frame = Study(SAMPLE).injury(names, by="platform_type", workers=20_000)
    assert frame["arrangement"].unique(maintain_order=True).to_list() == names
    pilot = frame.filter(frame["arrangement"] == "pilot-2025")
    riders = pilot.filter(pilot["group"] == "food_delivery").row(0, named=True)
    assert riders["covered"] == 1 and riders["price_platform"] > 0 == riders["price_worker"]
    streamers = pilot.filter(pilot["group"] == "streaming").row(0, named=True)
    assert streamers["covered"] == 0


@pytest.mark.parametrize(
    ("names", "year", "expected"),
    [(["pilot-2026"], 2025, "pilot-2025"), (["group-accident"], 2025, "switched off"), (["wii"], 2019, "2021")],
)
def test_what_cannot_be_compared_is_refused(names: list[str], year: int, expected: str) -> None:
    with pytest.raises(InputError) as error:
        Study(SAMPLE).injury(names, year)
    assert expected in error.value.text("en")


def test_without_names_all_that_are_active_are_compared() -> None:
    found = [each[0].name for each in together((), SAMPLE)]
    assert "pilot-2025" in found and "group-accident" not in found and len(found) == len(set(found))
