"""Scenarios: the same luck for all, every shipped reform moves what it should, blocks and caches change no digit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canbao.reforms import BASELINE, INDICATORS, available, find_reform, simulation
from canbao.reforms.population import People
from canbao.reforms.simulation import AT_RETIREMENT, COUNTED, Outcome, Scenario, run_scenario, with_assumption

from .sample import SAMPLE, YEAR, change, compared, read, shipped, simulator, totals

COVERED, RESIDENTS, NOBODY, MINIMUM, TO_WAGE, BELOW, BURDEN, WORKER, EMPLOYER, PLATFORM, STATE = INDICATORS


def run(reform: Any, on: Any = None, **options: Any) -> Outcome:
    made = simulator()
    return run_scenario(Scenario(reform), on or made.people, made.grouping, **{"seed": made.seed, **options})


def same(one: Outcome, other: Outcome) -> None:
    for name in COUNTED:
        np.testing.assert_array_equal(one.totals[name], other.totals[name], name)


# --- nothing changes nothing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "",
        "parameters: {match_share: {2027-01: 0}}",
        "parameters: {flexible_month_credit: {2021-01: 1}, flexible_months_share: {2030-06: 0.8}}",
        "responses: {price_response: 4}",
    ],
)
def test_a_reform_that_changes_nothing_changes_no_digit(tmp_path: Path, body: str) -> None:
    same(run(read(tmp_path, body)), compared("matching").baseline)


def test_nothing_changes_before_a_reform_begins() -> None:
    for name in ("matching", "middle_tier", "order_levy", "rate_cut", "default_in", "care_credit"):
        before, after = compared(name).baseline, compared(name).central
        begins = shipped(name).starts
        assert begins == 2027
        for count in COUNTED:
            np.testing.assert_array_equal(
                before.totals[count][: begins - YEAR], after.totals[count][: begins - YEAR], f"{name} {count}"
            )
        assert any((before.totals[count] != after.totals[count]).any() for count in COUNTED), name


def test_another_seed_is_other_luck() -> None:
    other = run(BASELINE, seed=99)
    assert (other.total("income_year") != compared("matching").baseline.total("income_year"))[1:].all()


def test_common_luck_makes_differences_sharp() -> None:
    """Over seeds, the difference of two scenarios varies far less than either of them does."""
    before, after = [], []
    for seed in range(8):
        for reform, found in ((BASELINE, before), (shipped("matching"), after)):
            outcome = run(reform, seed=seed)
            covered = sum(outcome.total(name) for name in COVERED.above) / outcome.total("working_age")
            found.append(covered[2045 - YEAR])
    apart = np.subtract(after, before)
    assert apart.mean() > 0
    assert apart.var() < 0.2 * min(np.var(before), np.var(after))


# --- the reforms that come with the programme ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(available(Path("nowhere"))))
def test_every_shipped_reform_can_be_read_and_does_something(name: str) -> None:
    reform = find_reform(name, SAMPLE, YEAR)
    assert reform.title["en"] and reform.title["zh"] and reform.file is not None
    assert reform.file.summary is not None and reform.file.needs is not None and reform.file.option
    before, after = compared(name).baseline, compared(name).central
    assert any((before.totals[count] != after.totals[count]).any() for count in COUNTED)
    assert all(np.isfinite(after.totals[count]).all() for count in COUNTED)


def test_a_match_costs_the_state_and_raises_coverage() -> None:
    one = compared("matching")
    assert change(one, COVERED) > 0.005 and change(one, STATE) > 100
    assert change(one, NOBODY) < 0 and change(one, RESIDENTS) < 0
    before, after = totals(one, "employer_pays")
    np.testing.assert_array_equal(before, after)


def test_a_levy_on_orders_is_paid_by_platforms_alone() -> None:
    one = compared("order_levy")
    before, after = totals(one, "platform_pays")
    assert (before == 0).all() and (after[2027 - YEAR :] > 0).all()
    for payer in ("worker_pays", "employer_pays", "state_pays"):
        np.testing.assert_array_equal(*totals(one, payer), err_msg=payer)
    assert (totals(one, "in_scheme_by_levy")[1][2027 - YEAR :] > 0).all()
    groups = simulator().groups
    others = groups.members("platform_worker", "no")
    assert change(one, COVERED, 2027) > 0.02 > change(one, COVERED, 2027, others)


def test_fewer_years_needed_let_more_reach_them_and_more_years_fewer() -> None:
    assert change(compared("shorter_minimum"), MINIMUM) > 0.05
    assert change(compared("longer_minimum"), MINIMUM, 2035) < -0.005
    for name in ("shorter_minimum", "longer_minimum"):
        assert change(compared(name), COVERED) == 0 == change(compared(name), WORKER)


def test_notional_accounts_leave_coverage_and_contributions_as_they_are() -> None:
    one = compared("notional_accounts")
    for count in ("in_scheme_by_employer", "in_scheme_alone", "in_residents_scheme", "worker_pays", "employer_pays"):
        np.testing.assert_array_equal(*totals(one, count), err_msg=count)
    assert change(one, MINIMUM) == 0 and change(one, TO_WAGE, 2060) != 0


def test_a_lower_price_lets_more_join() -> None:
    for name in ("lower_floor", "middle_tier", "default_in", "income_base"):
        assert change(compared(name), COVERED) > 0, name
    assert change(compared("lower_floor"), BURDEN) < 0
    assert change(compared("middle_tier"), MINIMUM) < 0  # a month counts half
    assert change(compared("default_in"), WORKER) > 0


def test_employers_pay_less_at_a_lower_rate_and_enrol_more() -> None:
    one = compared("rate_cut")
    assert change(one, EMPLOYER) < 0 < change(one, COVERED)
    before, after = totals(one, "in_scheme_by_employer")
    assert (after[2027 - YEAR :] >= before[2027 - YEAR :]).all() and after[-1] > before[-1]


def test_credit_for_care_is_paid_by_the_state_for_women() -> None:
    one = compared("care_credit")
    assert change(one, STATE) > 0 and change(one, COVERED) == 0 and change(one, WORKER) == 0
    assert change(one, TO_WAGE, 2075) > 0


def test_parts_of_months_and_one_account_change_what_counts() -> None:
    assert change(compared("fractional_months"), WORKER) < 0 and change(compared("fractional_months"), MINIMUM) < 0
    assert change(compared("portable"), WORKER) > 0 and change(compared("portable"), TO_WAGE) > 0
    assert change(compared("fractional_months"), COVERED) > 0 and change(compared("portable"), COVERED) == 0


def test_information_reaches_the_unaware() -> None:
    assert change(compared("information"), COVERED) > 0


def test_what_the_law_has_opened_already_opens_nothing_more(tmp_path: Path) -> None:
    opened = read(tmp_path, "parameters: {flexible_hukou_open: {2027-01: 1}}")
    assert change(simulator().compare(opened, BASELINE, ("central",)), COVERED) == 0


def test_a_match_for_low_earners_costs_less_and_brings_fewer() -> None:
    low, all_of_them = compared("matching_low"), compared("matching")
    assert 0 < change(low, COVERED) < change(all_of_them, COVERED)
    assert 0 < change(low, STATE) < change(all_of_them, STATE)


def test_a_package_does_what_its_parts_do() -> None:
    package = compared("package")
    assert change(package, COVERED) > change(compared("matching"), COVERED)
    assert change(package, STATE) > change(compared("care_credit"), STATE)
    assert set(shipped("package").settings) == {
        name for part in ("information", "matching", "portable", "care_credit") for name in shipped(part).settings
    }


# --- responses and backcasts --------------------------------------------------------------------------------------------


def test_a_stronger_response_makes_more_of_it() -> None:
    made, reform = simulator(), shipped("matching")
    whole = made.compare(reform)
    low, high = whole.span(COVERED, 2045)
    assert low < change(whole, COVERED) < high
    found = {
        level: change(
            type(whole)({"central": whole.baselines[level]}, {"central": whole.levels[level]}, made.survey), COVERED
        )
        for level in ("low", "central", "high")
    }
    assert 0 < found["low"] < found["central"] < found["high"]


def test_an_assumption_can_be_set_for_one_scenario() -> None:
    scenario = with_assumption(Scenario(BASELINE), "price_response", 9.0)
    assert scenario.parameters["price_response"].yearly[0, 70] == 9.0
    assert Scenario(BASELINE).parameters["price_response"].yearly[0, 70] == 4.0


def alone(outcome: Outcome, year: int, group: Any = None) -> float:
    picked = slice(None) if group is None else list(group)
    cells = (outcome.totals[name][year - YEAR][:, picked].sum() for name in ("in_scheme_alone", "working_age"))
    return next(cells) / next(cells)


def test_a_dearer_scheme_loses_members(tmp_path: Path) -> None:
    dearer = run(read(tmp_path, "parameters: {flexible_pension_rate: {2022-01: 0.24}}"))
    before = compared("matching").baseline
    assert alone(dearer, 2023) < alone(before, 2023)
    # Nobody joins because it costs more.
    assert (dearer.totals["in_scheme_alone"] <= before.totals["in_scheme_alone"]).all()


def test_half_of_the_price_brings_a_few_points_of_platform_workers(tmp_path: Path) -> None:
    """After the platforms' half-subsidy of 2025 not markedly more had joined."""
    halved = run(read(tmp_path, "parameters: {platform_pays_share: {2022-01: 0.5}}"))
    before = compared("matching").baseline
    groups = simulator().groups
    platform, others = (groups.members("platform_worker", answer) for answer in ("yes", "no"))
    gained = alone(halved, 2022, platform) - alone(before, 2022, platform)
    assert 0.003 < gained < 0.06
    assert abs(alone(halved, 2022, others) - alone(before, 2022, others)) < gained / 4
    assert halved.total("platform_pays")[1] > 0 == before.total("platform_pays")[1]


def test_information_moves_only_those_who_did_not_know(tmp_path: Path) -> None:
    made = simulator()
    told = Scenario(read(tmp_path, "parameters: {information_campaign: {2022-01: 1}}")).model
    plain = Scenario(BASELINE).model
    columns = made.respondents.columns
    some = {name: column[:400] for name, column in columns.items()}
    probable = [
        model.run(some, panel=["flexible_probability"], years=(YEAR, YEAR + 1), on="python").panel["flexible_probability"]
        for model in (plain, told)
    ]
    gained = probable[1] - probable[0]
    unaware = some["aware"] == 0
    assert unaware.any() and (gained[:, 0] == 0).all()
    could = probable[0][:, 1] > 0
    assert (gained[unaware & could, 1] > 0).all() and (gained[~unaware | ~could, 1] == 0).all()


# --- blocks and what is kept --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3000, 4100])
def test_blocks_of_any_size_add_up_to_the_same(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Sums of the same numbers in another order: they may differ in the last digits."""
    monkeypatch.setattr(simulation, "BLOCK", size)
    assert len(simulator().people) > size
    parts = run(BASELINE)
    whole = compared("matching").baseline
    for name in COUNTED:
        np.testing.assert_allclose(parts.totals[name], whole.totals[name], rtol=1e-12, atol=1e-6, err_msg=name)


class Kept:
    """How often a block was calculated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.times = 0
        self.folder = folder / "simulations"
        calculate = simulation._Run._made

        def counted(made: Any, population: Any) -> Any:
            self.times += 1
            return calculate(made, population)

        monkeypatch.setattr(simulation._Run, "_made", counted)
        monkeypatch.setattr(simulation, "CACHED_FROM", 1)
        monkeypatch.setattr(simulation, "cache_folder", lambda: folder)
        monkeypatch.setattr(simulation, "BLOCK", 3000)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.npz"))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kept:
    return Kept(monkeypatch, tmp_path)


def test_what_was_run_once_is_read_back_the_same(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = -(-len(simulator().people) // 3000)
    first = run(BASELINE)
    assert kept.times == len(kept.files) == blocks
    # Nobody has to be made whose results are there.
    monkeypatch.setattr(People, "block", None)
    second = run(BASELINE)
    assert kept.times == blocks
    same(first, second)


def test_an_interrupted_run_goes_on(kept: Kept) -> None:
    first = run(BASELINE)
    kept.files[1].unlink()
    times = kept.times
    same(first, run(BASELINE))
    assert kept.times == times + 1
    assert not [path for path in kept.folder.iterdir() if path.suffix != ".npz"]


def test_what_is_kept_is_known_by_all_that_it_depends_on(kept: Kept, tmp_path: Path) -> None:
    run(BASELINE)
    files = len(kept.files)
    people, grouping = simulator().people, simulator().grouping
    heavier = replace(people.respondents, weight=people.respondents.weight * 2)
    others = replace(grouping, group=grouping.group[::-1])
    table = f"{{{', '.join(f'{year}: 1' for year in range(2029, 2040))}}}"
    for number, other in enumerate(
        (
            lambda: run(BASELINE, seed=2),
            lambda: run(shipped("matching")),
            lambda: run(read(tmp_path, f"parameters: {{minimum_contribution_months_by_year: {{2050-01: {table}}}}}")),
            lambda: run(BASELINE, replace(people, respondents=heavier)),
            lambda: run_scenario(Scenario(BASELINE), people, others, seed=simulator().seed),
        ),
        2,
    ):
        other()
        assert len(kept.files) == files * number


def test_progress_is_told_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "BLOCK", 3000)
    heard: list[str] = []
    run(BASELINE, progress=lambda words: heard.append(words["en"]))
    assert heard[0] == f"The law as it stands: part 1 of {len(heard)}"


# --- what is kept of every worker ---------------------------------------------------------------------------------------


def test_results_at_retirement_are_one_a_worker() -> None:
    found = run(BASELINE, keep_values=True)
    same(found, compared("matching").baseline)
    assert set(found.values) == set(AT_RETIREMENT)
    people = simulator().people.block(range(len(simulator().people)))
    assert all(len(values) == len(people) for values in found.values.values())
    # Those of today's workers retire within the projection, unless they die before.
    today = ~people.entrant & (found.values["lives_to_retirement"] == 1)
    for name in AT_RETIREMENT:
        assert np.isfinite(found.values[name][today]).all(), name
    assert set(np.unique(found.values["reaches_minimum"][today])) == {0, 1}
    assert (found.values["pension_to_wage"][today] >= 0).all()


def test_the_values_of_kept_blocks_are_read_back(kept: Kept) -> None:
    first = run(BASELINE, keep_values=True)
    second = run(BASELINE, keep_values=True)
    for name in AT_RETIREMENT:
        np.testing.assert_array_equal(first.values[name], second.values[name])
    assert kept.times == len(kept.files)
