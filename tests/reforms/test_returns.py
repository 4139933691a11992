"""What comes back of what is paid, what is owed, and who lacks which months: closed forms, identities, and directions."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.languages import Words
from canbao.reforms import (
    BASELINE,
    PAYERS,
    TOO_LATE,
    cost_rate,
    fund_balance,
    implicit_debt,
    income_rate,
    internal_rate,
    missing_months,
    returns,
    room,
    support,
)
from canbao.reforms.fund import to_the_end, wage_index
from canbao.reforms.reform import Reform, Setting
from canbao.reforms.returns import LOWEST
from canbao.reforms.simulation import CAUSES

from .sample import compared, read, shipped, simulator

SURVEY = simulator().survey
UNITS = simulator().grouping.units


def flows(*yearly: float, units: int = UNITS) -> np.ndarray:
    """The same in every sampling unit."""
    return np.repeat(np.array(yearly)[:, None] / units, units, axis=1)


# --- the internal rate ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yearly", "rate"),
    [((-100.0, 110.0), 0.10), ((-100.0, 0.0, 121.0), 0.10), ((-100.0, 90.0), -0.10), ((-50.0, -50.0, 50.0, 50.0), 0.0)],
)
def test_the_rate_of_a_loan_by_hand(yearly: tuple[float, ...], rate: float) -> None:
    found = internal_rate(flows(*yearly), SURVEY)
    assert found.value == pytest.approx(rate, abs=1e-10)
    assert found.low == pytest.approx(rate, abs=1e-9) and found.high == pytest.approx(rate, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(rate=st.floats(-0.15, 0.6), paid=st.integers(1, 40), drawn=st.integers(1, 30))
def test_an_annuity_bought_at_a_rate_has_that_rate(rate: float, paid: int, drawn: int) -> None:
    bought = sum((1 + rate) ** (paid - year) for year in range(paid))
    pension = bought / sum((1 + rate) ** -year for year in range(drawn))
    found = internal_rate(flows(*[-1.0] * paid, *[pension] * drawn), SURVEY)
    assert found.value == pytest.approx(rate, abs=1e-8)


@pytest.mark.parametrize("yearly", [(-1.0, -1.0), (1.0, 1.0), (0.0, 0.0), (-1000.0, 1.0)])
def test_where_nothing_comes_back_there_is_no_rate(yearly: tuple[float, ...]) -> None:
    assert np.isnan(internal_rate(flows(*yearly), SURVEY).value)
    assert yearly != (-1000.0, 1.0) or LOWEST > 1 / 1000 - 1


def test_the_interval_rests_on_what_each_sampling_unit_moves() -> None:
    """The influence of a unit is the derivative of the rate by its weight."""
    net = returns(simulator())._flows("employees", PAYERS, None)
    whole, step = internal_rate(net, SURVEY), 1e-6
    moved = np.zeros(net.shape[1])
    for unit in range(net.shape[1]):
        heavier = net.copy()
        heavier[:, unit] *= 1 + step
        moved[unit] = (internal_rate(heavier, SURVEY).value - whole.value) / step
    by_hand = SURVEY.limits(whole.value, moved)
    assert 0.001 < whole.high - whole.low < 0.02
    assert (by_hand.low, by_hand.high) == pytest.approx((whole.low, whole.high), rel=1e-4)


def test_own_payments_return_more_than_everybody_s() -> None:
    found = returns(simulator())
    for pension in ("employees", "residents"):
        own, every = found.rate(pension, ("worker_pays",)), found.rate(pension)
        assert own.low > every.high and every.low <= every.value <= every.high


def test_groups_of_the_returns_add_up_to_everybody() -> None:
    found, groups = returns(simulator()), simulator().groups
    parts = [found._flows("employees", PAYERS, [number]) for number in range(groups.count)]
    np.testing.assert_allclose(sum(parts), found._flows("employees", PAYERS, None), rtol=1e-12)
    by_answer = [found.rate("employees", PAYERS, groups.members("platform_worker", one)).value for one in ("yes", "no")]
    assert min(by_answer) <= found.rate("employees").value <= max(by_answer)


# --- the fund -------------------------------------------------------------------------------------------------------------


def test_rates_of_income_and_cost_make_the_balance() -> None:
    outcome = compared("matching").baseline
    income = outcome.total("income_year")
    balance = (income_rate(outcome) - cost_rate(outcome)) * income
    nominal = outcome.total("into_employees_scheme") - outcome.total("employees_pension_year")
    np.testing.assert_allclose(balance, nominal, atol=1e-6 * income.max())
    assert (np.sign(fund_balance(outcome)) == np.sign(nominal)).all()


def test_contributors_for_each_pensioner_fall_as_the_young_grow_old() -> None:
    found = support(compared("matching").baseline)
    assert np.isnan(found[0]) and found[-1] < found[-20] < found[-30]
    members = sum(compared("matching").baseline.total(name) for name in ("in_scheme_by_employer", "in_scheme_alone"))
    pensioners = compared("matching").baseline.total("employees_pensioner")
    assert found[-1] == pytest.approx(members[-1] / pensioners[-1])


def test_what_is_earned_so_far_depends_on_no_reform() -> None:
    laws = (BASELINE, shipped("shorter_minimum"), shipped("matching"))
    found = implicit_debt(simulator(), laws)
    assert len({one.earned for one in found}) == 1 and found[0].earned > 0
    # Fewer years suffice: more pensions for the same payments.
    assert found[1].today > found[0].today and found[1].together > found[0].together


def test_debts_are_the_sum_of_flows_in_wages_of_the_first_year() -> None:
    outcome = to_the_end(simulator(), simulator().respondents)
    owed = (outcome.total("employees_pension_year") - outcome.total("into_employees_scheme")) / wage_index(outcome)
    found = implicit_debt(simulator())[0]
    assert found.today == pytest.approx(owed.sum() / simulator().respondents.weight.sum())
    assert outcome.total("working_age")[0] > 0 == outcome.total("working_age")[-1] == outcome.total("pensioner")[-1]


def test_a_scheme_that_pays_nothing_owes_nothing(tmp_path: Path) -> None:
    table = ", ".join(f"{year}: 1200" for year in range(2029, 2040))
    never = read(tmp_path, f"parameters: {{minimum_contribution_months_by_year: {{2022-01: {{{table}}}}}}}")
    found = implicit_debt(simulator(), (never,))[0]
    assert found.today < 0 and found.together < 0


# --- missing months -------------------------------------------------------------------------------------------------------


def test_causes_add_up_to_what_is_missing() -> None:
    found = simulator().outcome(BASELINE)
    missing, parts = missing_months(found, len(simulator().respondents))
    told = ~np.isnan(missing)
    np.testing.assert_allclose(sum(parts.values())[told], missing[told], atol=1e-9)
    assert set(parts) == {*CAUSES, TOO_LATE} and all((one[told] >= 0).all() for one in parts.values())
    values = {name: one[: len(missing)] for name, one in found.values.items()}
    assert ((missing == 0) == (values["reaches_minimum"] == 1))[told].all()
    assert (told == (values["lives_to_retirement"] == 1)).all() and not told.all()


OPENED = Reform("opened", Words.same("Opened"), None, {"flexible_hukou_open": {"2022-01": Setting(value=1.0)}}, (), {})
"""The law as it stands opens everywhere in 2025; this is earlier."""


def test_a_cause_shrinks_when_a_reform_takes_it_away() -> None:
    def part(name: str, cause: str) -> float:
        outcome = simulator().outcome({"baseline": BASELINE, "opened": OPENED}.get(name) or shipped(name))
        missing, parts = missing_months(outcome, len(simulator().respondents))
        return float(np.nansum(parts[cause]) / np.isfinite(missing).sum())

    # Before the reform begins the law still keeps some out.
    assert 0 < part("opened", "months_kept_out") < part("baseline", "months_kept_out") / 4
    assert part("shorter_minimum", "months_by_choice") < part("baseline", "months_by_choice")
    assert part("default_in", "months_by_choice") < part("baseline", "months_by_choice")


def test_what_could_not_be_made_up_lies_before_the_survey() -> None:
    found = simulator().outcome(BASELINE)
    values = dict(found.values)
    lived = values["lives_to_retirement"] == 1
    values["missing_contribution_months"] = np.where(lived, 240, values["missing_contribution_months"])
    for name in CAUSES:
        values[name] = np.where(lived, 10, values[name])
    missing, parts = missing_months(dataclasses.replace(found, values=values), len(simulator().respondents))
    told = ~np.isnan(missing)
    assert (parts[TOO_LATE][told] == 190).all() and all((parts[name][told] == 10).all() for name in CAUSES)


# --- room -----------------------------------------------------------------------------------------------------------------


def test_a_run_too_large_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    information = tmp_path / "meminfo"
    information.write_text("MemTotal: 99 kB\nMemAvailable:    1000000 kB\n", encoding="ascii")
    none = tmp_path / "none"
    monkeypatch.setattr(room, "MEMORY_FILES", (information, none, none))
    room.check_room(1_000_000, 16, 1000, 0)
    with pytest.raises(InputError) as error:
        room.check_room(2_000_000, 32, 1000, 0)
    assert "1,024 MB can be had" in error.value.text("en") and "fewer workers" in error.value.text("en")
    with pytest.raises(InputError, match="CANBAO_CACHE"):
        room.check_room(1, 1, 1, 10**17)


def test_a_container_s_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("meminfo", "max", "current")]
    for path, text in zip(paths, ("MemAvailable: 9000000 kB\n", "500\n", "200\n"), strict=True):
        path.write_text(text, encoding="ascii")
    monkeypatch.setattr(room, "MEMORY_FILES", tuple(paths))
    assert room.available_memory() == 300
    paths[1].write_text("max\n", encoding="ascii")
    assert room.available_memory() == 9_000_000 * 1024
    monkeypatch.setattr(room, "MEMORY_FILES", (tmp_path / "none",) * 3)
    assert room.available_memory() is None
