"""Arrangements as files: what was published stands in them, what cannot be is refused with line and remedy."""

from pathlib import Path

import numpy as np
import pytest

from canbao.careers import carried_parameters
from canbao.errors import InputError
from canbao.injury import available, find_arrangement
from canbao.injury.arrangement import ArrangementFile, shipped
from canbao.injury.from_law import GRADES, FromLaw, entries, figure
from canbao.law import places
from canbao.located_yaml import YamlFile

EVERY = sorted(shipped())


def by_grade(name: str, item: str) -> dict[int, float]:
    """What it says itself by grade, and what the law says where it names the law's table."""
    made: dict[int, float] = {}
    for one in find_arrangement(name).benefits:
        if one.of == item and isinstance(one.by_grade, FromLaw):
            grades = np.array(one.grades or [*GRADES])
            values = entries(one.by_grade, np.zeros(len(grades), dtype=int), 2025, grades)
            made |= dict(zip(grades.tolist(), values.tolist(), strict=True))
        elif one.of == item:
            made |= one.by_grade or {}
    return made


def prices(name: str) -> dict[str, float]:
    """A price an order by kind of work, as the law has it whenever the injury is."""
    (price,) = find_arrangement(name).price
    assert price.table is not None
    table = {group: entries(price.table, np.zeros(1, dtype=int), 2035, np.array([at])) for group, at in price.rows.items()}
    return {group: float(value[0]) for group, value in table.items()}


def benefit(name: str, item: str) -> object:
    return next(one for one in find_arrangement(name).benefits if one.of == item)


# --- what was published ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_every_arrangement_can_be_read_and_says_where_it_is_from(name: str) -> None:
    found = find_arrangement(name)
    assert found.title.en and found.title.zh
    assert found.sources or not found.active or name == "none"


def test_order_prices_are_the_published_ones() -> None:
    """Chongqing's bureau on the national base amounts of 2025: rides 0.01, delivery 0.07, freight 0.18."""
    (price,) = find_arrangement("pilot-2025").price
    assert (price.unit, price.payer) == ("CNY/order", "platform")
    assert prices("pilot-2025") == {"food_delivery": 0.07, "ride_hailing": 0.01, "freight": 0.18}


def test_order_prices_of_the_first_phase() -> None:
    assert prices("pilot-2022") == {"food_delivery": 0.06, "ride_hailing": 0.04, "freight": 0.20}
    assert find_arrangement("pilot-2022").confidence == "memory"
    assert find_arrangement("pilot-2022").benefits == find_arrangement("pilot-2025").benefits


def test_allowances_by_grade_are_the_law_s() -> None:
    shares = {1: 0.90, 2: 0.85, 3: 0.80, 4: 0.75, 5: 0.70, 6: 0.60}
    assert by_grade("wii", "disability_pension") == shares
    fund, employer = (one for one in find_arrangement("wii").benefits if one.of == "disability_pension")
    assert (fund.grades, fund.payer, employer.grades, employer.payer) == ((1, 2, 3, 4), "fund", (5, 6), "employer")


def test_rates_of_work_injury_insurance_are_those_of_the_risk_classes() -> None:
    (price,) = find_arrangement("wii").price
    assert price.by_risk_class["food_delivery"] == 2 and price.by_risk_class["ride_hailing"] == 5
    rates = carried_parameters()["injury_rate"].tables[0]
    assert [rates[one] for one in (2, 5, 6)] == [0.004, 0.011, 0.013]


def test_market_premiums_and_sums_insured() -> None:
    rider, liability = find_arrangement("rider-policy"), find_arrangement("employer-liability")
    assert (rider.price[0].amount, rider.price[0].unit, rider.price[0].payer) == (3, "CNY/day", "worker")
    assert (benefit("rider-policy", "death_lump").times, benefit("rider-policy", "treatment").most) == (600_000, 50_000)
    assert by_grade("rider-policy", "disability_lump") == {grade: 60_000 * (11 - grade) for grade in range(1, 11)}
    assert (liability.price[0].amount, liability.price[0].unit) == (1060, "CNY/year")
    treatment = benefit("employer-liability", "treatment")
    assert (treatment.share, treatment.deductible, treatment.most) == (0.8, 100, 30_000)


def test_local_schemes() -> None:
    (price,) = find_arrangement("wujiang-2018").price
    assert (price.amount, price.unit, price.payer) == (180, "CNY/year", "worker")
    sums = {1: 210_000, 2: 190_000, 3: 170_000, 4: 150_000, 5: 90_000, 6: 30_000}
    assert by_grade("wujiang-2018", "disability_lump") == sums
    worker, state = find_arrangement("ningbo-2021").price
    assert (worker.amount, state.amount, state.payer) == (0.3, 0.3, "state")


@pytest.mark.parametrize("name", ["nantong-2015", "weifang-2009", "taicang-2014", "group-accident"])
def test_what_was_not_found_is_switched_off(name: str) -> None:
    assert not find_arrangement(name).active


ABROAD = [name for name in EVERY if find_arrangement(name).kind == "foreign"]


@pytest.mark.parametrize("name", ABROAD)
def test_a_foreign_design_says_what_of_it_was_not_found(name: str) -> None:
    """One with a price and a benefit is put to the workers; whatever is unknown is named."""
    design = find_arrangement(name)
    known = (
        bool(design.price) and all(one.is_known for one in design.price) and any(one.is_known for one in design.benefits)
    )
    assert known or not design.active
    whole = known and all(one.is_known for one in design.benefits) and design.yuan_for_one == 1
    assert whole or (design.lacks is not None and design.lacks.en and design.lacks.zh)


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("malaysia-2020", {"worker": 0.0125}),
        ("malaysia-2026", {"worker": 0.0125}),
        ("indonesia-bpu", {"worker": 0.01}),
        ("indonesia-2026", {"worker": 0.005}),
        # 1.8 % and 0.06 % for the way to work, half each.
        ("korea-2023", {"platform": 0.0093, "worker": 0.0093}),
        ("spain-2026", {"worker": 0.013}),
        ("chile-2022", {"worker": 0.0093}),
    ],
)
def test_foreign_rates_are_those_that_were_found(name: str, prices: dict[str, float]) -> None:
    assert {one.payer: one.amount for one in find_arrangement(name).price} == prices


def test_singapore_s_limits_are_in_its_dollars() -> None:
    design = find_arrangement("singapore-2025")
    limits = {one.of: (one.least, one.most) for one in design.benefits}
    assert limits["disability_lump"] == (116_000, 346_000) and limits["death_lump"] == (91_000, 269_000)
    assert limits["treatment"] == (None, 53_000) and np.isnan(design.yuan_for_one) and not design.active


def test_a_figure_of_the_law_is_that_of_the_place_and_month() -> None:
    """Anhui's flat price whoever is hurt; the grades' months before and since 2011; Hainan's own rates since 2023."""
    nation, hainan = np.array([0, places().numbers["46"]])[:, None]
    (price,) = find_arrangement("single-branch").price
    assert figure(price.amount, hainan, 2031) == [45]
    months = FromLaw(law="injury_lump_sum_months")
    assert [entries(months, nation, year, np.array([10]))[0] for year in (2010, 2011)] == [6, 7]
    assert entries(FromLaw(law="injury_lump_sum_months", as_of="2009-06"), nation, 2025, np.array([10])) == [6]
    rates = FromLaw(law="injury_rate")
    assert [entries(rates, place, 2024, np.array([5]))[0] for place in (nation, hainan)] == [0.011, 0.008]
    assert np.isnan(figure(FromLaw(law="injury_death_multiple"), nation, 2010)), "unknown before 2011"
    assert np.isnan(entries(rates, nation, 2024, np.array([9]))), "there is no ninth class"


LAWS_FIGURES = ("wii", "wii-for-all", "single-branch", "pilot-2022", "pilot-2025")


@pytest.mark.parametrize("name", LAWS_FIGURES)
def test_arrangements_of_the_law_type_none_of_its_figures(name: str) -> None:
    file = YamlFile(shipped()[name]).validate(ArrangementFile)
    for one in file.benefits or ():
        typed = [one.most_months, one.each_dependant or None, one.times if one.base != "own_wage" else None]
        assert not one.by_grade or isinstance(one.by_grade, FromLaw), one.of
        assert all(value is None or value == 1 or isinstance(value, FromLaw) for value in typed), one.of
    for price in file.price or ():
        assert not price.by_group and (price.amount is None or isinstance(price.amount, FromLaw))


def test_payers_change_and_items_are_left_out() -> None:
    whole, other = find_arrangement("wii"), find_arrangement("wii-for-all")
    kept = [one for one in whole.benefits if one.of != "leaving"]
    assert [one.of for one in kept] == [one.of for one in other.benefits]
    changed = {one.of for one, before in zip(other.benefits, kept, strict=True) if one.payer != before.payer}
    assert changed == {"off_work", "disability_pension"} and other.price[0].payer == "platform"


def test_days_until_paid_are_the_sum_of_the_steps() -> None:
    assert find_arrangement("wii").days_until_paid == 30 + 15 + 60 + 60
    assert find_arrangement("wujiang-2018").days_until_paid is None


# --- a study's own --------------------------------------------------------------------------------------------------------

GOOD = """
title: {en: Mine, zh: 我的}
kind: public
covers: {circumstances: [on_order]}
benefits:
  - {of: treatment, payer: fund}
price:
  - {unit: CNY/year, amount: 100, payer: platform}
"""


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / "arrangements" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_study_changes_what_it_names_and_takes_the_rest(tmp_path: Path) -> None:
    written(
        tmp_path,
        "title: {en: Mine, zh: 我的}\nkind: public\nextends: pilot-2025\n"
        "covers: {groups: [food_delivery, courier], relations: [civil], circumstances: [on_order, between_orders]}\n"
        "price:\n  - {unit: CNY/order, payer: platform, by_group: {food_delivery: 0.1, courier: 0.05}}\n",
    )
    found, base = find_arrangement("mine", tmp_path), find_arrangement("pilot-2025")
    assert found.benefits == base.benefits and found.steps == base.steps
    assert found.covers.groups == ["food_delivery", "courier"] and found.price[0].by_group["courier"] == 0.05
    assert "mine" in available(tmp_path) and "mine" not in available(None)


def test_a_study_s_own_may_bear_the_name_of_the_one_that_it_changes(tmp_path: Path) -> None:
    written(tmp_path, "title: {en: Ours, zh: 我们的}\nkind: public\nextends: pilot-2025\nprice: []\n", "pilot-2025")
    found = find_arrangement("pilot-2025", tmp_path)
    assert found.title.en == "Ours" and found.price == () and found.benefits


def test_bands_of_grades(tmp_path: Path) -> None:
    lump = "  - {of: disability_lump, base: CNY, by_grade: {1-4: 100, 5-10: 10}, payer: fund}\n"
    written(tmp_path, GOOD.replace("price:", lump + "price:"))
    assert find_arrangement("mine", tmp_path).benefits[1].by_grade == {
        **dict.fromkeys(range(1, 5), 100),
        **dict.fromkeys(range(5, 11), 10),
    }


def funeral(times: str) -> str:
    return GOOD.replace("price:", f"  - {{of: funeral, base: average_wage, {times}, payer: fund}}\nprice:")


WRONG = {
    "a missing payer": (GOOD.replace("{of: treatment, payer: fund}", "{of: treatment}"), "payer", 6),
    "a payer that is none": (GOOD.replace("payer: fund", "payer: nobody"), "payer", 6),
    "a price without unit": (GOOD.replace("unit: CNY/year, ", ""), "unit", 8),
    "a unit that is none": (GOOD.replace("CNY/year", "CNY/week"), "CNY/week", 8),
    "a price without amount": (GOOD.replace("amount: 100, ", ""), "amount", 8),
    "a risk class that is none": (GOOD.replace("amount: 100", "by_risk_class: {courier: 9}"), "8", 8),
    "a grade of 11": (
        GOOD.replace("price:", "  - {of: disability_lump, base: CNY, by_grade: {11: 1}, payer: fund}\nprice:"),
        "grades go from 1",
        7,
    ),
    "overlapping bands": (
        GOOD.replace("price:", "  - {of: disability_lump, base: CNY, by_grade: {1-4: 1, 4-6: 2}, payer: fund}\nprice:"),
        "grade 4 stands in two bands",
        7,
    ),
    "a circumstance that is none": (GOOD.replace("on_order", "on_ordr"), "on_order", 4),
    "a kind of work that is none": (GOOD.replace("{circumstances", "{groups: [riders], circumstances"), "riders", 4),
    "nobody who is covered": (GOOD.replace("covers: {circumstances: [on_order]}\n", ""), "covers", 1),
    "a lump sum without a sum": (
        GOOD.replace("price:", "  - {of: death_lump, base: CNY, payer: fund}\nprice:"),
        "death_lump",
        7,
    ),
    "a parameter that is none": (funeral("times: {law: injury_funeral_month}"), "injury_funeral_months", 7),
    "a table for a single figure": (funeral("times: {law: injury_lump_sum_months}"), "does not fit", 7),
    "a single figure for a table": (
        GOOD.replace("price:", "  - {of: nursing, by_grade: {law: injury_funeral_months}, payer: fund}\nprice:"),
        "does not fit",
        7,
    ),
    "a place that is none": (funeral('times: {law: injury_funeral_months, place: "99"}'), "99", 7),
    "a month that is none": (funeral("times: {law: injury_funeral_months, as_of: 2025-13}"), "as_of", 7),
    "a month before all law": (funeral("times: {law: injury_funeral_months, as_of: 1900-01}"), "1900", 7),
    "neither a figure nor the law's": (funeral("times: {lw: injury_funeral_months}"), "law", 7),
    "a rule that is none": (funeral("rule: injury_leaving_medical_subsidi"), "injury_leaving_medical_subsidy", 7),
    "a rule of another kind": (funeral("rule: injury_contribution_rate"), "CNY", 7),
    "a rule that needs what no case has": (funeral("rule: late_payment_charge"), "arrears", 7),
    "a price of the law that is none": (
        GOOD.replace("amount: 100", "amount: {law: single_branch_prise}"),
        "single_branch_price",
        8,
    ),
    "a sector that is none": (
        GOOD.replace("amount: 100", "by_order_sector: {courier: food_delivry}"),
        "food_delivery",
        8,
    ),
    "a price that nobody found": (GOOD.replace("amount: 100", "amount: null"), "active: false", 8),
    "no benefit of which one knows how much": (
        GOOD.replace("{of: treatment,", "{of: treatment, share: null,"),
        "active: false",
        5,
    ),
    "dollars beside yuan": (GOOD + "currency: SGD\n", "yuan_for_one", 9),
    "yuan among dollars": (
        GOOD.replace("price:", "  - {of: funeral, base: currency, times: 1, payer: fund}\nprice:"),
        "CNY",
        7,
    ),
    "payers of nothing": (GOOD + "payers: {employer: platform}\n", "payers", 9),
    "ages the wrong way round": (GOOD.replace("{circumstances", "{ages: [60, 16], circumstances"), "youngest", 4),
    "an unknown key": (GOOD + "colour: blue\n", "colour", 9),
    "a share above one": (GOOD.replace("{of: treatment,", "{of: treatment, share: 1.5,"), "1", 6),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, wrong: str) -> None:
    text, expected, line = WRONG[wrong]
    written(tmp_path, text)
    with pytest.raises(InputError) as error:
        find_arrangement("mine", tmp_path)
    for language in ("en", "zh"):
        said = error.value.text(language)
        assert "mine.yaml" in said and (language == "zh" or expected in said), said
    assert any(fault.place.line is not None and abs(fault.place.line - line) <= 1 for fault in error.value.faults)


def test_an_arrangement_that_extends_itself_is_refused(tmp_path: Path) -> None:
    head = "title: {en: X, zh: 某}\nkind: public\nextends: "
    written(tmp_path, head + "b\n", "a")
    written(tmp_path, head + "a\n", "b")
    with pytest.raises(InputError, match="extends itself"):
        find_arrangement("a", tmp_path)
    written(tmp_path, head + "own\n", "own")
    with pytest.raises(InputError, match="own"):
        find_arrangement("own", tmp_path)


def test_tables_of_outcomes_add_up() -> None:
    known = carried_parameters()
    for name in ("outcome_share", "circumstance_share"):
        assert np.nansum(known[name].tables[0]) == pytest.approx(1, abs=1e-9), name
