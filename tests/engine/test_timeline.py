"""Years of a life: from joining to death, in phases that never overlap, each with only what it needs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from canbao.engine import Kind, Model, Timeline, rules_in
from canbao.engine.model import Totals
from canbao.errors import InputError

SOURCE = '''from canbao.engine import Draw, LifeDraw, Month, rule


@rule(unit="month")
def death(birth: Month, death_draw: LifeDraw) -> Month:
    """Somewhen."""
    return birth + int(death_draw * 1200)


@rule(unit="coins", during="working")
def wage(luck_draw: Draw, year: int) -> float:
    """Luck."""
    return luck_draw + year


@rule(unit="coins", during="working")
def saved(wage: float) -> float:
    """A tenth."""
    return wage / 10


@rule(unit="coins")
def purse(purse_last_year: float, saved: float) -> float:
    """All that was saved; spent when work is over."""
    return purse_last_year * 0.9 + saved


@rule(unit="years", during="working")
def hats(hats_last_year: int) -> int:
    """A new one every year, asked about by nobody else."""
    return hats_last_year + 1


@rule(unit="coins", at="retirement")
def gift(purse: float, wage: float) -> float:
    """From what there is and the last wage."""
    return purse + wage


@rule(unit="coins", during="retired")
def pension(gift: float, pension_last_year: float) -> float:
    """Grows."""
    return gift + pension_last_year * 0.5


@rule(unit="persons", during="retired")
def old() -> bool:
    """Is retired."""
    return True


@rule(of="phase", unit="number", during="working")
def working_phase() -> int:
    """The first."""
    return 1


@rule(of="phase", unit="number", during="retired")
def retired_phase() -> int:
    """The second."""
    return 2
'''
EVENTS = {"joining": "joining", "retirement": "retirement", "death": "death"}
PHASES = {"working": "retirement", "retired": "death", "dead": None}
BOUNDED = Timeline(EVENTS, PHASES, opens="joining", closes="death")
UNBOUNDED = Timeline(EVENTS, PHASES)
COLUMNS = {name: Kind("month") for name in ("birth", "joining", "retirement")}
YEARS = (2000, 2060)
PANEL = ("wage", "saved", "purse", "hats", "pension", "old", "phase")


def model_of(timeline: Timeline, folder: Path, source: str = SOURCE) -> Model:
    path = folder / "rules_of_years.py"
    path.write_text(source, encoding="utf-8")
    specification = importlib.util.spec_from_file_location("rules_of_years", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return Model(rules_in(module), timeline=timeline, columns=COLUMNS)


def people(number: int, seed: int) -> dict[str, Any]:
    luck = np.random.default_rng(seed)
    birth = luck.integers(1900, 2040, number) * 12
    return {
        "birth": birth,
        "joining": birth + luck.integers(0, 60, number) * 12,
        "retirement": birth + luck.integers(20 * 12, 90 * 12, number),
        "worker_id": np.arange(number),
    }


@pytest.mark.parametrize("timeline", [BOUNDED, UNBOUNDED], ids=["bounded", "unbounded"])
def test_both_ways_agree_in_every_phase(tmp_path: Path, timeline: Timeline) -> None:
    model = model_of(timeline, tmp_path)
    columns = people(300, seed=1)
    totals = Totals(PANEL, columns["birth"] % 7)
    asked = {"years": YEARS, "panel": PANEL, "totals": totals, "seed": 4}
    compiled = model.run(columns, ("gift", "death", "purse"), **asked)
    plain = model.run(columns, ("gift", "death", "purse"), on="python", **asked)
    for name in ("gift", "death", "purse"):
        np.testing.assert_array_equal(compiled[name], plain[name], name)
    for name in PANEL:
        np.testing.assert_array_equal(compiled.panel[name], plain.panel[name], name)
        np.testing.assert_allclose(compiled.totals[name], plain.totals[name], rtol=1e-12)
    assert np.isfinite(compiled["gift"]).any() and np.isnan(compiled["gift"]).any()


def test_phases_never_overlap_and_only_lived_years_count(tmp_path: Path) -> None:
    model = model_of(BOUNDED, tmp_path)
    columns = people(300, seed=2)
    result = model.run(columns, ("death",), years=YEARS, panel=("phase",), totals=Totals(("phase", "old")), seed=4)
    years = np.arange(YEARS[0], YEARS[1] + 1)[None, :]
    joining, retirement, death = (
        column[:, None] // 12 for column in (columns["joining"], columns["retirement"], result["death"])
    )
    lived = (years >= joining) & (years <= death)
    expected = np.where(lived, np.where(years <= retirement, 1, 2), np.iinfo(np.int32).min)
    np.testing.assert_array_equal(result.panel["phase"], expected)
    np.testing.assert_array_equal(result.totals["phase"][:, 0], np.where(lived, expected, 0).sum(axis=0))
    np.testing.assert_array_equal(result.totals["old"][:, 0], (expected == 2).sum(axis=0))
    assert (retirement > death).any() and (joining > death).any(), "some die at work, some before they join"


def test_a_phase_computes_only_what_it_or_a_later_one_needs(tmp_path: Path) -> None:
    model = model_of(BOUNDED, tmp_path)
    text = model.kernel_source(["pension", "saved"], list(COLUMNS), years=True).text
    kernel = text[text.index("def run(") :]
    working, retired = kernel.split("for year in range(begin")[1:]
    assert "wage_rule(" in working and "purse_rule(" in working and "pension_rule(" not in working
    assert "pension_rule(" in retired and "wage_rule(" not in retired and "purse_rule(" not in retired
    assert "uniform(" not in retired and "hats" not in kernel


def test_bounds_of_a_life_must_be_known_beforehand(tmp_path: Path) -> None:
    source = SOURCE.replace("def death(birth: Month, death_draw: LifeDraw)", "def death(birth: Month, death_draw: Draw)")
    model = model_of(BOUNDED, tmp_path, source)
    with pytest.raises(InputError) as error:
        model.run(people(3, seed=1), ("pension",), years=YEARS)
    assert "death" in error.value.text("en") and "before the years are gone through" in error.value.text("en")
