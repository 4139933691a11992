"""The engine on Arcadia: known answers by hand, both ways to run, what is handed over and what is refused."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.engine import Kind, Model, Parameters, Request, Totals, month, rule, rules_in
from canbao.engine.columns import Grouping
from canbao.engine.draws import purpose_number, uniform
from canbao.engine.parameters import AVERAGED
from canbao.errors import InputError

from .arcadia import COLUMNS, LIFE, PLACES, arcadia, rules, shepherds

MODEL = arcadia()
ONE = {
    "place": np.array([0]),
    "birth_month": np.array([month(1940)]),
    "retirement_age": np.array([55.0]),
    "starting_wage": np.array([100.0]),
    "sex": np.array([0]),
    "ill": np.array([0]),
}
"""Born in 1940, so 55 in January 1995; never ill."""


def test_a_career_by_hand() -> None:
    """From 1990 to 1995 the wage is 150, 151, … 155 coins, the floor 100, the rate a tenth, interest two per cent."""
    balance, years = 0.0, 0
    for year in range(1990, 1996):
        wage = 100 * (1 + 0.01 * (year - 1940 - 20))
        balance = balance * 1.02 + wage * 0.1
        years += 1
    pension = round(balance / 180, 2) + 100 / 12 * years * 0.01
    for on in ("threads", "python"):
        result = MODEL.run(ONE, ["pension", "years_paid"], years=(1990, 2000), panel=["balance", "pension_paid"], on=on)
        assert result["pension"][0] == pytest.approx(pension, abs=1e-12)
        assert result["years_paid"][0] == 6
        assert result.panel["balance"][0, 5] == pytest.approx(balance, abs=1e-9)
        assert result.panel["pension_paid"][0].tolist() == pytest.approx([0] * 6 + [12 * pension] * 5, abs=1e-9)


def test_both_ways_agree_to_the_bit_on_random_shepherds() -> None:
    columns = shepherds(500)
    want = ["pension", "balance", "years_paid", "index_sum"]
    compiled, plain = (
        MODEL.run(columns, want, years=(1990, 2030), cautions=True, seed=7, on=on) for on in ("threads", "python")
    )
    for name in want:
        assert np.array_equal(compiled[name], plain[name], equal_nan=True), name
    assert set(compiled.cautions) == set(plain.cautions) == {"ceiling", "floor", "contribution_rate"}


def test_totals_are_the_panel_added_up() -> None:
    columns = shepherds(300)
    group = columns["place"]
    result = MODEL.run(columns, years=(1990, 2020), panel=["contribution"], totals=Totals(["contribution"], group))
    for place in range(4):
        expected = result.panel["contribution"][group == place].sum(axis=0)
        assert np.allclose(result.totals["contribution"][:, place], expected)


def test_weighted_totals_count_each_worker_as_often_as_she_weighs() -> None:
    columns = shepherds(300)
    group, weight = columns["place"], np.random.default_rng(2).uniform(0, 5000, 300)
    totals = Totals(["contribution", "years_paid"], group, weight)
    compiled, plain = (
        MODEL.run(columns, years=(1990, 2020), panel=totals.of, totals=totals, on=on) for on in ("threads", "python")
    )
    for name in totals.of:
        assert np.array_equal(compiled.totals[name], plain.totals[name])
        expected = [(compiled.panel[name] * weight[:, None])[group == place].sum(axis=0) for place in range(4)]
        assert np.allclose(compiled.totals[name].T, expected)
    named = Totals(totals.of, "place", "weight")
    by_name = MODEL.run({**columns, "weight": weight}, years=(1990, 2020), totals=named)
    assert np.array_equal(by_name.totals["contribution"], compiled.totals["contribution"])
    alone = MODEL.run(columns, years=(1990, 2020), totals=Totals(totals.of, group))
    ones = MODEL.run(columns, years=(1990, 2020), totals=Totals(totals.of, group, np.ones(300)))
    assert np.array_equal(alone.totals["contribution"], ones.totals["contribution"])


def test_a_total_that_rests_on_the_unknown_is_unknown(tmp_path: object) -> None:
    source = (
        '@rule(unit="years")\ndef flock(place: int) -> int:\n    """Nobody counted in the hills."""\n'
        "    return UNKNOWN if place == 1 else 3\n"
    )
    model = model_of(source, tmp_path)
    for on in ("threads", "python"):
        totals = Totals(["flock"], np.array([0, 0, 1]))
        result = model.run({"place": np.array([0, 2, 1])}, years=(1990, 1991), totals=totals, on=on)
        assert np.array_equal(result.totals["flock"], [[6, np.nan]] * 2, equal_nan=True)


def test_totals_do_not_depend_on_threads_or_on_who_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = shepherds(200_000)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    alone = MODEL.run(columns, years=(1990, 2000), totals=Totals(["contribution"])).totals["contribution"]
    monkeypatch.setenv("NUMBA_NUM_THREADS", "3")
    together = MODEL.run(columns, years=(1990, 2000), totals=Totals(["contribution"])).totals["contribution"]
    assert np.array_equal(alone, together)


def test_a_supplied_column_replaces_its_rule() -> None:
    result = MODEL.run(
        {**ONE, "balance": np.array([1800.0]), "years_paid": np.array([0]), "year": np.array([1995])}, ["pension"]
    )
    assert result["pension"][0] == 10.0


def test_a_start_can_be_given_for_what_is_carried_on() -> None:
    columns = {**ONE, "balance_last_year": np.array([1000.0]), "wage": np.array([0.0])}
    result = MODEL.run(columns, ["balance"], years=(1990, 1991))
    assert result["balance"][0] == pytest.approx(1000 * 1.02**2)


def test_a_provincial_variant_holds_in_all_that_lies_within() -> None:
    wage = {"wage": np.full(4, 123.4), "place": np.arange(4), "year": np.full(4, 1999)}
    paid = MODEL.run(wage, ["contribution"])["contribution"]
    at = {name: paid[number] for name, number in PLACES.numbers.items()}
    assert (at["hills"], at["hills/town"]) == (12.0, 12.0)
    assert at["plains"] == at["all"] == pytest.approx(12.34)


def test_a_yearly_figure_is_weighted_by_months_and_says_so() -> None:
    """The rate rises in May 2005: four months of twelve at the old one."""
    columns = {"wage": np.full(2, 100.0), "place": np.zeros(2), "year": np.array([2005, 2006])}
    limits = {"floor": np.zeros(2), "ceiling": np.full(2, 1e6)}
    result = MODEL.run({**columns, **limits}, ["contribution"], cautions=True)
    assert result["contribution"] == pytest.approx([100 * (4 * 0.1 + 8 * 0.16) / 12, 16.0])
    assert (result.cautions["contribution_rate"] & AVERAGED).tolist() == [AVERAGED, 0]


def test_a_figure_is_not_known_before_its_first_month_and_not_borrowed_where_null_stands(tmp_path: Path) -> None:
    path = tmp_path / "parameters.yaml"
    text = "levy:\n  label: {en: Levy, zh: 税}\n  unit: coins/year\n  confidence: official\n  values:\n"
    path.write_text(text + "    2000-01: 7\n    hills: {2000-01: null, 2001-01: 9}\n", encoding="utf-8")
    levy = Parameters.read([path], PLACES)["levy"]
    assert levy.varies_in_time
    places = [PLACES.numbers[name] for name in ("plains", "hills", "hills/town")]
    figures = levy.monthly[places][:, [levy.column(month(year)) for year in (1999, 2000, 2001)]]
    assert np.array_equal(figures, [[np.nan, 7, 7], [np.nan, np.nan, 9], [np.nan, np.nan, 9]], equal_nan=True)


def test_a_month_takes_that_month_s_figure() -> None:
    columns = {"wage": np.full(2, 100.0), "month": np.array([month(2005, 4), month(2005, 5)])}
    limits = {"floor": np.zeros(2), "ceiling": np.full(2, 1e6)}
    assert MODEL.run({**columns, **limits}, ["contribution"])["contribution"] == pytest.approx([10.0, 16.0])


def test_outside_a_table_the_result_is_unknown() -> None:
    columns = {**ONE, "retirement_age": np.array([56.0]), "balance": np.array([100.0]), "years_paid": np.array([3])}
    for on in ("threads", "python"):
        assert np.isnan(MODEL.run(columns, ["pension"], on=on)["pension"][0])


def test_an_event_of_which_nothing_dated_is_asked(tmp_path: object) -> None:
    source = (
        '@rule(unit="coins", at="retirement")\ndef farewell(starting_wage: float) -> float:\n    """A gift."""\n'
        "    return starting_wage / 2\n"
    )
    model = model_of(source, tmp_path)
    columns = {"starting_wage": np.array([10.0]), "retirement_month": np.array([month(1995)])}
    for on in ("threads", "python"):
        assert model.run(columns, ["farewell"], years=(1990, 2000), on=on)["farewell"][0] == 5.0
        assert np.isnan(model.run(columns, ["farewell"], years=(1996, 2000), on=on)["farewell"][0])


def test_luck_belongs_to_the_worker_and_not_to_the_run() -> None:
    columns = shepherds(1000)
    numbered = {**columns, "worker_id": np.arange(1000)}
    everyone = MODEL.run(numbered, ["balance"], years=(1990, 2000), seed=3)["balance"]
    some = {name: column[500:] for name, column in numbered.items()}
    assert np.array_equal(MODEL.run(some, ["balance"], years=(1990, 2000), seed=3)["balance"], everyone[500:])
    assert not np.array_equal(MODEL.run(numbered, ["balance"], years=(1990, 2000), seed=4)["balance"], everyone)


def test_draws_are_uniform_and_alike_in_both_ways() -> None:
    number = purpose_number("illness_draw")
    drawn = np.array([uniform(1, worker, year, number) for worker in range(2000) for year in range(5)])
    assert drawn.min() >= 0 and drawn.max() < 1
    counts = np.histogram(drawn, 20, (0, 1))[0]
    assert ((counts - 500) ** 2 / 500).sum() < 43.8  # chi-squared, 19 degrees of freedom, one in a thousand
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.05
    columns = {"illness_risk": np.array([0.3, 0.3]), "year": np.array([1990, 1991]), "worker_id": np.array([5, 6])}
    ill = MODEL.run(columns, ["ill"], seed=1)["ill"]
    assert ill.tolist() == [int(uniform(1, 5, 1990, number) < 0.3), int(uniform(1, 6, 1991, number) < 0.3)]


def test_a_reform_of_figures_uses_the_same_kernel() -> None:
    from canbao.engine import ValueEntry

    changed = MODEL.parameters.with_values({"contribution_rate": {"all": {"1995-01": ValueEntry(value=0.2)}}})
    reform = MODEL.with_parameters(changed)
    names = [["balance"], list(shepherds(1)), True]
    before, after = (one.kernel_source(names[0], names[1], years=names[2]) for one in (MODEL, reform))
    assert before.digest == after.digest
    columns = {**ONE, "wage": np.array([110.0]), "year": np.array([1996])}
    assert reform.run(columns, ["contribution"])["contribution"][0] == pytest.approx(22.0)
    assert MODEL.run(columns, ["contribution"])["contribution"][0] == pytest.approx(11.0)


def test_a_reform_of_rules_replaces_them() -> None:
    @rule(unit="coins/year")
    def contribution(base: float) -> float:
        """A flat head tax."""
        return 1.0 if base > 0 else 0.0

    reform = MODEL.with_rules([contribution.rule])
    assert (
        reform.run({**ONE, "wage": np.array([110.0]), "year": np.array([1996])}, ["contribution"])["contribution"][0] == 1.0
    )


def test_a_ready_kernel_goes_to_machines_that_do_not_have_the_rules() -> None:
    request = Request(values=("pension", "balance"))
    kernel = MODEL.ready_kernel(request, list(shepherds(1)), years=(1990, 2000), seed=3)
    sent = pickle.dumps(kernel)
    assert b"arcadia" not in sent
    values = pickle.loads(sent).run(shepherds(50), 50, Grouping()).values
    here = MODEL.run(shepherds(50), request.values, years=(1990, 2000), seed=3)
    assert np.array_equal(values["balance"], here["balance"])


def test_the_kernel_s_file_can_be_read() -> None:
    text = MODEL.kernel_source(["pension"], list(shepherds(1)), years=True).text
    assert "The account spread over the months of the table" in text
    assert "for year in range(first_year, year_at_retirement + 1):" in text
    compile(text, "kernel", "exec")
    beside = MODEL.kernel_source(["pension", "retirement_month"], list(shepherds(1)), years=True).text
    assert "for year in range(first_year, min(last_year, year_at_retirement) + 1):" in beside


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    birth=st.integers(1935 * 12, 1975 * 12),
    age=st.sampled_from([50.0, 55.0, 60.0, 61.0]),
    wage=st.floats(0, 2000),
    sex=st.integers(0, 1),
    place=st.integers(0, 3),
)
def test_explaining_gives_what_the_kernel_gives(birth: int, age: float, wage: float, sex: int, place: int) -> None:
    row = {"birth_month": birth, "retirement_age": age, "starting_wage": wage, "sex": sex, "place": place}
    worker, steps = MODEL.explain(row, ["pension"], years=(1988, 2012))
    kernel = MODEL.run({name: np.array([value]) for name, value in row.items()}, ["pension"], years=(1988, 2012))
    assert np.array_equal([worker.wanted("pension")], kernel["pension"], equal_nan=True)
    assert steps


# --- what is refused ----------------------------------------------------------------------------------------------------


def refused(columns: dict[str, object], want: list[str], **options: object) -> str:
    with pytest.raises(InputError) as error:
        MODEL.run({name: np.asarray(value) for name, value in columns.items()}, want, **options)
    return error.value.text("en")


def test_bad_columns_are_refused_with_row_and_remedy() -> None:
    assert "retirement_age" in refused({"birth_month": [1], "year": [1990]}, ["retirement_month"])
    good = {"place": [0, 0], "birth_month": [month(1950)] * 2, "retirement_age": [55.0, 55.0]}
    assert "row 2, retirement_age" in refused({**good, "retirement_age": [55.0, np.nan]}, ["retirement_month"])
    assert "row 1, birth_month" in refused({**good, "birth_month": [99, month(1950)]}, ["retirement_month"])
    assert "1 values for 2 workers" in refused({**good, "retirement_age": [55.0]}, ["retirement_month"])
    assert "row 2, place" in refused({**good, "place": [0, 9]}, ["retirement_month"])
    assert "row 2, place" in refused(dict(shepherds(2), place=[0, 9]), ["pension"], years=(1990, 2000))
    assert "row 1, place" in refused(dict(shepherds(2), place=[np.nan, 0]), ["pension"], years=(1990, 2000))
    assert "Did you mean pension" in refused(good, ["pensoin"])
    assert "run through years" in refused({**good, "year": [1990, 1990], "starting_wage": [1.0, 1.0]}, ["balance"])


@pytest.mark.parametrize("on", ["threads", "python"])
def test_totals_by_impossible_groups_or_weights_are_refused(on: str) -> None:
    """Compiled code would write outside of its arrays."""
    said = []
    for totals in (
        Totals(["contribution"], np.array([0, -1, 2]), np.array([1.0, np.nan, 2.0])),
        Totals(["contribution"], np.array([0, 1]), np.array([1.0, 2.0])),
    ):
        with pytest.raises(InputError) as error:
            MODEL.run(shepherds(3), years=(1990, 1995), totals=totals, on=on)
        said.append(error.value.text("en"))
    assert "row 2, group" in said[0] and "row 2, weight" in said[0]
    assert "2 values for 3 workers" in said[1]
    with pytest.raises(InputError, match="Give a column region"):
        MODEL.run(shepherds(3), years=(1990, 1995), totals=Totals(["contribution"], "region"), on=on)


def model_of(source: str, tmp_path: object, columns: dict[str, Kind] | None = None) -> Model:
    import importlib.util

    path = tmp_path / "reform.py"  # type: ignore[operator]
    path.write_text("from canbao.engine import *\n" + source, encoding="utf-8")
    specification = importlib.util.spec_from_file_location("reform", path)
    module = importlib.util.module_from_spec(specification)  # type: ignore[arg-type]
    specification.loader.exec_module(module)  # type: ignore[union-attr]
    own = list(rules_in(module))
    return Model([*rules_in(rules), *own], MODEL.parameters, PLACES, LIFE, {**COLUMNS, **(columns or {})})


def fault_of(source: str, tmp_path: object) -> str:
    with pytest.raises(InputError) as error:
        model_of(source, tmp_path)
    return error.value.text("en")


def test_rules_outside_the_project_work_the_same_way(tmp_path: object) -> None:
    source = '@rule(unit="coins")\ndef gift(wage: float) -> float:\n    """A gift."""\n    return wage / 2\n'
    model = model_of(source, tmp_path)
    assert model.run({"wage": np.array([10.0]), "year": np.array([1990])}, ["gift"])["gift"][0] == 5.0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("    both = [wage, wage]\n    return wage\n", "lists"),
        ("    while wage > 1:\n        wage = wage / 2\n    return wage\n", "never end"),
        ("    return round(wage, 2)\n", "round_half_up"),
        ("    return float('1')\n", "text"),
        ("    if wage > 1:\n        return wage\n", "returns nothing"),
        ("    import math\n    return wage\n", "import"),
        ("    try:\n        return wage\n    except ValueError:\n        return wage\n", "try"),
        ("    return max(*[wage])\n", "starred"),
        ("    return print(wage)\n", "print"),
        ("    return wage.real\n", "wage.real"),
        ("    return unknown_thing * wage\n", "unknown_thing"),
        ("    for one in (1, 2):\n        wage = wage + one\n    return wage\n", "range"),
        ("    return wage[0]\n", "tables"),
    ],
)
def test_what_is_not_scalar_code_is_refused_with_line_and_reason(tmp_path: object, body: str, reason: str) -> None:
    said = fault_of(f'@rule(unit="coins")\ndef gift(wage: float) -> float:\n    """A gift."""\n{body}', tmp_path)
    assert "reform.py:" in said and "gift" in said and reason in said, said


def test_faults_of_rules_are_told_all_at_once(tmp_path: object) -> None:
    source = '''
@rule(unit="coins")
def one(wgae: float) -> float:
    """A misspelt name."""
    return wgae


@rule(unit="coins")
def two(pension: float) -> float:
    """A yearly rule that needs what is known at retirement."""
    return pension


@rule(unit="coins")
def three(four: float) -> float:
    """Part of a circle."""
    return four


@rule(unit="coins")
def four(three: float) -> float:
    """Part of a circle."""
    return three


@rule(of="contribution", unit="coins", provinces=["hills"])
def other(base: float) -> float:
    """Overlaps with the one that stands there."""
    return base


@rule(of="contribution", unit="coins", provinces=["hils"])
def misplaced(base: float) -> float:
    """No such place."""
    return base


@rule(unit="coins", until="2000-01")
def five(wage: float) -> float:
    """Early."""
    return wage


@rule(of="five", unit="coins", since="2001-01")
def five_later(wage: float) -> float:
    """A year later."""
    return wage
'''
    said = fault_of(source, tmp_path)
    for part in (
        "Did you mean wage",
        'at="retirement"',
        "three → four → three",
        "hold at the same time",
        "Did you mean hills",
        "without law",
    ):
        assert part in said, (part, said)


def test_a_rule_without_kinds_is_refused(tmp_path: object) -> None:
    said = fault_of('@rule(unit="coins")\ndef gift(wage: str) -> float:\n    """A gift."""\n    return 1.0\n', tmp_path)
    assert "wage" in said and "Annotate" in said
