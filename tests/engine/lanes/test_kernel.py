"""Kernels of lanes give what the rules say: every turn of a rule, all lives at once and one by one, on every processor."""

import importlib.util
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.engine import Kind, Model, Parameters, Places, Timeline, Totals, rules_in
from canbao.engine import model as model_module
from canbao.engine.lanes.vectors import LANES

from . import odd

HERE = Path(__file__).parent
YEARS = (1989, 1996)
PLACES = Places({"hills": "all", "plains": "all", "hills/town": "hills", "sea": "all"})
LIFE = Timeline(
    {"arrival": "arrival_month", "feast": "feast_month", "farewell": "farewell_month"},
    {"before": "feast", "after": None},
    opens="arrival",
    closes="farewell",
)
COLUMNS = {
    "number": Kind("int"),
    "amount": Kind("float"),
    "start": Kind("float"),
    "flag": Kind("bool"),
    "arrival_month": Kind("month"),
    "feast_month": Kind("month"),
    "farewell_month": Kind("month"),
}
AT_FEAST = ("feast_price", "feast_faded")
NAMES = sorted({one.name for one in rules_in(odd)} - {*AT_FEAST})


@cache
def odd_model() -> Model:
    return Model(rules_in(odd), Parameters.read([HERE / "odd.yaml"], PLACES), PLACES, LIFE, COLUMNS)


def folk(size: int, seed: int = 1) -> dict[str, np.ndarray]:
    luck = np.random.default_rng(seed)
    arrival = luck.integers(1987 * 12, 1997 * 12, size)
    feast = arrival + luck.integers(-30, 60, size)
    return {
        "place": luck.integers(0, 5, size),
        "number": luck.integers(-12, 13, size),
        "amount": np.round(luck.normal(0, 20, size), 2) * luck.choice([1, 1, 1, 0], size),
        "start": luck.choice([0.0, 0.25, 0.5, 1.0, 3.5], size),
        "flag": luck.integers(0, 2, size),
        "arrival_month": arrival,
        "feast_month": feast,
        "farewell_month": arrival + luck.integers(-12, 100, size),
    }


def lives(columns: dict[str, Any], on: str, names: list[str] | None = None, model: Model | None = None) -> dict[str, Any]:
    """What every worker has in every year: with a group each, totals are that."""
    size = len(columns["place"])
    model, totals = model or odd_model(), Totals(names or NAMES, np.arange(size))
    result = model.run(columns, AT_FEAST, years=YEARS, totals=totals, seed=3, on=on)
    return {**result.totals, **result.values}


def agree(found: dict[str, Any], expected: dict[str, Any], tolerance: float = 1e-13) -> None:
    assert found.keys() == expected.keys()
    for name, one in expected.items():
        np.testing.assert_allclose(found[name], one, rtol=tolerance, atol=1e-12, err_msg=name)


def test_it_is_kernels_of_lanes_that_are_tested() -> None:
    text = odd_model().kernel_source(NAMES, [*COLUMNS, "place"], years=True).text
    assert "lanes" not in text
    model = odd_model()
    plan = model.plan([*NAMES, *AT_FEAST], [*COLUMNS, "place"], years=True)
    request = model_module.requested(AT_FEAST, (), Totals(NAMES))
    text = model._source(plan, request).text
    assert "for worker in range(begin, end, lanes.LANES):" in text
    # One rule has a loop in a loop.
    assert "loop_in_a_loop_of_one" in text and "found_in_a_loop_of_one" not in text


@pytest.mark.parametrize("size", [1, LANES - 1, LANES, LANES + 1, 500])
def test_every_turn_of_a_rule_gives_what_python_gives(size: int) -> None:
    columns = folk(size, seed=size)
    agree(lives(columns, "threads"), lives(columns, "python"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.integers(-40, 40),
            st.floats(-1e6, 1e6, allow_nan=False),
            st.sampled_from([0.0, 1e-9, 0.3, 1.0, 40.0]),
            st.booleans(),
            st.integers(1985 * 12, 2000 * 12),
            st.integers(1985 * 12, 2000 * 12),
            st.integers(1985 * 12, 2000 * 12),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_so_it_does_for_whatever_workers_there_are(rows: list[tuple[Any, ...]]) -> None:
    names = ("place", "number", "amount", "start", "flag", "arrival_month", "feast_month", "farewell_month")
    columns = {name: np.array([row[at] for row in rows]) for at, name in enumerate(names)}
    agree(lives(columns, "threads"), lives(columns, "python"), tolerance=1e-12)


def test_neighbours_do_not_matter() -> None:
    """Each alone has what she has among others, to the last digit."""
    columns = {**folk(100), "worker_id": np.arange(100)}
    together = lives(columns, "threads")
    for one in range(0, 100, 7):
        alone = lives({name: column[one : one + 1] for name, column in columns.items()}, "threads")
        for name, found in alone.items():
            np.testing.assert_array_equal(found[..., 0], together[name][..., one], err_msg=name)


def test_totals_by_groups_are_the_sums_of_their_workers() -> None:
    columns, luck = folk(5000), np.random.default_rng(5)
    weight = luck.uniform(0, 9, 5000)
    each = lives(columns, "python", ["rounds", "usual", "lucky"])
    for group in (np.sort(luck.integers(0, 40, 5000)), luck.integers(0, 3, 5000), np.zeros(5000, dtype=np.int64)):
        totals = Totals(["rounds", "usual", "lucky"], group, weight)
        found = odd_model().run(columns, years=YEARS, totals=totals, seed=3).totals
        for name in totals.of:
            expected = np.stack([(each[name] * weight)[:, group == one].sum(axis=1) for one in range(group.max() + 1)])
            np.testing.assert_allclose(found[name].T, expected, rtol=1e-12, atol=1e-9, err_msg=name)


def test_nobody_and_nothing() -> None:
    columns = {name: column[:0] for name, column in folk(1).items()}
    found = odd_model().run(columns, years=YEARS, totals=Totals(["rounds"]))
    assert found.totals["rounds"].shape == (8, 1) and not found.totals["rounds"].any()
    late = folk(20) | {"arrival_month": np.full(20, 1998 * 12), "farewell_month": np.full(20, 1999 * 12)}
    assert not lives(late, "threads")["rounds"].any()


NAMESAKES = """
until begin end worker group weight seed lanes nan sums gathered since here now places entry uniform figure one
""".split()


def test_a_law_may_call_things_as_the_kernel_does(tmp_path: Path) -> None:
    """Nobody who writes rules knows what a kernel calls its own."""
    text = ["from canbao.engine import rule, Draw", "from math import floor, log"]
    text += ["@rule(unit='x')", "def block(block_last_year: float, begin_draw: Draw) -> float:"]
    text += ['    """Looks back."""', "    return block_last_year + (1.0 if begin_draw < 0.5 else 2.0)"]
    for name in NAMESAKES:
        text += [f"@rule(unit='x')\ndef {name}(block: float, group_{name}: float) -> float:", '    """Something."""']
        text += [f"    {name} = floor(block) + group_{name}", f"    return {name} + log(abs({name}) + 1)"]
        text += [f"@rule(unit='x')\ndef after_{name}({name}: float, block: float) -> float:", '    """Rests on it."""']
        text += [f"    return {name} * 2 if {name} > 3 else block"]
    path = tmp_path / "namesakes.py"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    specification = importlib.util.spec_from_file_location("namesakes", path)
    assert specification is not None and specification.loader is not None
    module = sys.modules["namesakes"] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    columns = {f"group_{name}": Kind("float") for name in NAMESAKES}
    model = Model(rules_in(module), Parameters({}), PLACES, Timeline(), columns)
    given = {name: np.linspace(-4, 9, 40) * at for at, name in enumerate(columns)} | {"place": np.zeros(40, dtype=np.int64)}
    names = ["block", *NAMESAKES, *(f"after_{name}" for name in NAMESAKES)]
    totals = Totals(names, np.arange(40), np.ones(40))
    for panel in ((), ("block",)):
        compiled, plain = (model.run(given, panel=panel, years=YEARS, totals=totals, on=on) for on in ("threads", "python"))
        agree({**compiled.totals}, {**plain.totals})


OTHER = """
import sys, numpy as np
from tests.engine.lanes.test_kernel import folk, lives
np.savez(sys.argv[1], **lives(folk(300), "threads"))
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="has older ones that it can be taken for")
def test_other_processors_give_the_same_digits(tmp_path: Path) -> None:
    """Those without the newest vectors, and without multiplying and adding at once."""
    here = lives(folk(300), "threads")
    for name in ("haswell", "x86-64"):
        environment = {**os.environ, "NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": "", "CANBAO_CACHE": str(tmp_path / name)}
        root = HERE.parents[2]
        subprocess.run(
            [sys.executable, "-c", OTHER, tmp_path / f"{name}.npz"], check=True, cwd=root, env=environment, timeout=300
        )
        there = np.load(tmp_path / f"{name}.npz")
        for each, found in here.items():
            np.testing.assert_array_equal(there[each], found, err_msg=f"{name} {each}")
