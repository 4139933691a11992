"""What a reform's file sets holds as it says, and what cannot be is refused."""

from pathlib import Path

import numpy as np
import pytest

from canbao.errors import InputError
from canbao.reforms import BASELINE, INDICATORS, find_reform
from canbao.reforms.simulation import Scenario, with_assumption

from .sample import SAMPLE, YEAR, change, read, simulator, study, written

RULES = '''from canbao.engine import rule


@rule(unit="CNY/year")
def employer_pays(works: bool) -> float:
    """One yuan."""
    return 1.0
'''
GROWING = "benefit_reference_wage"


def figures(scenario: Scenario, name: str, first: int = 2027, last: int = 2060) -> np.ndarray:
    return scenario.parameters[name].yearly[1, first - 1951 : last - 1951]


@pytest.mark.parametrize(("name", "value"), [("base_floor", 1000), ("pension_bookkeeping_rate", 0.05)])
def test_a_figure_that_lasts_a_year_is_said_again_every_year(tmp_path: Path, name: str, value: float) -> None:
    made = Scenario(read(tmp_path, f"parameters: {{{name}: {{2027-01: {value}}}}}"))
    assert (figures(made, name) == value).all()


def test_no_share_is_nothing(tmp_path: Path) -> None:
    made = Scenario(read(tmp_path, "parameters: {base_floor: {2027-01: {share: 0, of: contribution_reference_wage}}}"))
    assert (figures(made, "base_floor") == 0).all()


def test_another_growth_carries_wages_on_otherwise(tmp_path: Path) -> None:
    before = figures(Scenario(BASELINE), GROWING, 2060, 2061)
    for other in (
        with_assumption(Scenario(BASELINE), "wage_growth_shift", 0.01),
        Scenario(read(tmp_path, "parameters: {wage_growth: {2027-01: 0.10}}")),
        Scenario(read(tmp_path, "responses: {wage_growth_shift: 0.01}")),
    ):
        assert (figures(other, GROWING, 2060, 2061) > 1.2 * before).all()
    lower = Scenario(read(tmp_path, "responses: {wage_growth_shift: -0.01}"))
    assert (figures(lower, GROWING, 2060, 2061) < before).all()


def test_opening_the_registration_test_alone_lets_some_in(tmp_path: Path) -> None:
    made = simulator()
    opened = read(tmp_path, "parameters: {flexible_hukou_open: {2022-01: 1}}")
    assert change(made.compare(opened, levels=("central",)), INDICATORS[0], 2023) > 0


def test_two_files_of_one_name_are_two_reforms(tmp_path: Path) -> None:
    made = study().simulator(())
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    matched = made.outcome(read(tmp_path / "a", "parameters: {match_share: {2027-01: 0.9}}", "mine"))
    empty = made.outcome(read(tmp_path / "b", "", "mine"))
    assert matched.total("state_pays")[-1] > empty.total("state_pays")[-1]
    assert empty.total("state_pays")[-1] == made.outcome(BASELINE).total("state_pays")[-1]


def test_schemes_and_none_add_up_to_those_of_working_age() -> None:
    outcome = simulator().outcome(BASELINE)
    parts = ("in_scheme_by_employer", "in_scheme_alone", "in_scheme_by_levy", "in_residents_scheme", "in_no_scheme")
    np.testing.assert_allclose(sum(outcome.total(name) for name in parts), outcome.total("working_age"))


@pytest.mark.parametrize(
    "body",
    [
        "parameters: {flexible_pension_rate: {2027-01: .nan}}",
        "parameters: {flexible_pension_rate: {2027-01: .inf}}",
        "parameters: {flexible_pension_rate: {2027-01: -0.2}}",
        "parameters: {flexible_pension_rate: {2027-01: 1.0e+300}}",
        "parameters: {base_floor: {2027-01: {share: .nan, of: contribution_reference_wage}}}",
        "parameters: {base_floor: {2027-01: {share: -1, of: contribution_reference_wage}}}",
        "parameters: {base_floor: {2027-01: {share: 0.4, of: annuity_months}}}",
        "parameters: {base_floor: {2027-01: {value: 1000, share: 0.4}}}",
        "parameters: {minimum_contribution_months_by_year: {2027-01: {2029: 120}}}",
        "parameters: {minimum_contribution_months_by_year: {2027-01: {2029: .nan}}}",
        "parameters: {minimum_contribution_months_by_year: {2027-01: {99999999: 120}}}",
        "parameters: {yearly_departure: {2027-01: {0: 0.1}}}",
        "parameters: {care_credit: {2027-01: 2}}",
        "parameters: {old_age_men: {2027-01: 200}}",
    ],
)
def test_impossible_figures_and_tables_with_holes_are_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(InputError):
        read(tmp_path, body)


def test_no_reform_may_be_called_baseline(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="baseline"):
        read(tmp_path, "parameters: {match_share: {2027-01: 0.9}}", "baseline")


def test_a_path_that_does_not_exist_is_no_shipped_reform() -> None:
    with pytest.raises(InputError):
        find_reform("/nowhere/matching.yaml", SAMPLE, YEAR)


def test_a_file_of_rules_cannot_end_the_programme(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("raise SystemExit(3)", encoding="utf-8")
    with pytest.raises(InputError):
        read(tmp_path, "rules: [rules.py]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study's folder of reforms with a file of rules in it."""
    made = tmp_path / "study" / "reforms"
    made.mkdir(parents=True)
    (made / "one.py").write_text(RULES, encoding="utf-8")
    (made / "two.py").write_text(RULES.replace("1.0", "2.0"), encoding="utf-8")
    return made


def test_a_reform_s_own_rule_holds_before_an_included_one(folder: Path) -> None:
    written(folder, "rules: [one.py]", "first")
    written(folder, "includes: [first]\nrules: [two.py]", "second")
    found = find_reform("second", folder.parent, YEAR)
    assert [one.function(True) for one in found.rules] == [2.0]


@pytest.mark.parametrize("body", ["rules: [one.py]", "responses: {price_response: 2}"])
def test_two_included_reforms_that_set_the_same_clash(folder: Path, body: str) -> None:
    for name in ("first", "second"):
        written(folder, body, name)
    written(folder, "includes: [first, second]", "both")
    with pytest.raises(InputError, match="Two reforms set"):
        find_reform("both", folder.parent, YEAR)


def test_a_reform_begins_in_the_first_month_that_it_sets(tmp_path: Path) -> None:
    body = "parameters: {base_floor: {'2028': {share: 0.5, of: contribution_reference_wage}}, match_share: {2027-07: 0.3}}"
    assert read(tmp_path, body).begins == "2027-07" and read(tmp_path, body, "again").starts == 2027
    assert read(tmp_path, "parameters: {match_share: {'2028': 0.3}}", "year").begins == "2028-01"
