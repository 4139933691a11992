"""Arrangements as files: what was published stands in them, what cannot be is refused with line and remedy."""

from pathlib import Path

import numpy as np
import pytest

from canbao.careers import carried_parameters
from canbao.errors import InputError
from canbao.injury import available, find_arrangement
from canbao.injury.arrangement import shipped

EVERY = sorted(shipped())


def by_grade(name: str, item: str) -> dict[int, float]:
    found = [one for one in find_arrangement(name).benefits if one.of == item]
    return {grade: times for one in found for grade, times in one.by_grade.items()}


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
    assert price.by_group == {"food_delivery": 0.07, "ride_hailing": 0.01, "freight": 0.18}
    law = carried_parameters()["order_price"]
    table = law.tables[law.table_rows[0, (2025 - 1951) * 12 + 11]]
    assert [table[at] for at in (0, 1, 3)] == [0.01, 0.07, 0.18]


def test_order_prices_of_the_first_phase() -> None:
    (price,) = find_arrangement("pilot-2022").price
    assert price.by_group == {"food_delivery": 0.06, "ride_hailing": 0.04, "freight": 0.20}
    assert find_arrangement("pilot-2022").confidence == "memory"
    assert find_arrangement("pilot-2022").benefits == find_arrangement("pilot-2025").benefits


def test_allowances_by_grade_are_the_law_s() -> None:
    shares = {1: 0.90, 2: 0.85, 3: 0.80, 4: 0.75, 5: 0.70, 6: 0.60}
    assert by_grade("wii", "disability_pension") == shares
    law = carried_parameters()["injury_allowance_share"].tables[0]
    assert all(law[grade] == share for grade, share in shares.items())
    assert by_grade("wii", "nursing") == {1: 0.50, 2: 0.40, 3: 0.30}


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


def with_funeral(parameter: str) -> str:
    return GOOD.replace("price:", f"  - {{of: funeral, base: average_wage, parameter: {parameter}, payer: fund}}\nprice:")


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
    "a parameter that is none": (
        GOOD.replace(
            "price:", "  - {of: funeral, base: average_wage, parameter: injury_funeral_month, payer: fund}\nprice:"
        ),
        "injury_funeral_months",
        7,
    ),
    "a table for a single figure": (
        GOOD.replace(
            "price:", "  - {of: funeral, base: average_wage, parameter: injury_lump_sum_months, payer: fund}\nprice:"
        ),
        "does not fit",
        7,
    ),
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
