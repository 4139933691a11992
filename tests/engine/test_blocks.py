"""Workers from Parquet in blocks: the same bits as all at once, memory that does not grow, faults of the whole file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from canbao.engine import Totals, run_blocks
from canbao.engine.source import BLOCK
from canbao.errors import InputError

from .arcadia import arcadia, shepherds

MODEL = arcadia()
YEARS = (1990, 2010)
TOTALS = Totals(["contribution", "balance"], "place", "weight")


def flock(number: int, path: Path) -> dict[str, np.ndarray]:
    columns = {**shepherds(number), "weight": np.random.default_rng(3).uniform(0, 4000, number)}
    pl.DataFrame(columns).write_parquet(path, row_group_size=50_000)
    return columns


def test_blocks_give_the_same_bits_as_all_at_once(tmp_path: Path) -> None:
    """Ten blocks and a bit; NumPy would add up ten single sums in another order than one after the other."""
    columns = flock(10 * BLOCK + 17, tmp_path / "flock.parquet")
    want, panel = ["pension", "years_paid"], ["balance"]
    one_group = Totals(["contribution"])
    whole = MODEL.run(columns, want, years=YEARS, panel=panel, totals=TOTALS, seed=5)
    alone = MODEL.run(columns, years=(1990, 1990), totals=one_group, seed=5)
    for at_once in (1, 3, 100):
        to = tmp_path / f"results{at_once}"
        asked = {"years": YEARS, "panel": panel, "totals": TOTALS, "seed": 5, "at_once": at_once}
        totals = run_blocks(MODEL, tmp_path / "flock.parquet", want, to=to, keep=["place"], **asked)
        for name in TOTALS.of:
            assert np.array_equal(totals[name], whole.totals[name])
        found = run_blocks(MODEL, tmp_path / "flock.parquet", years=(1990, 1990), totals=one_group, seed=5, at_once=at_once)
        assert np.array_equal(found["contribution"], alone.totals["contribution"])
        results = pl.read_parquet(to)
        assert results.columns == ["place", *want, *panel]
        assert np.array_equal(results["place"].to_numpy(), columns["place"])
        assert np.array_equal(results["pension"].fill_null(np.nan).to_numpy(), whole["pension"], equal_nan=True)
        assert np.array_equal(results["years_paid"].to_numpy(), whole["years_paid"])
        assert np.array_equal(np.stack(results["balance"].to_numpy()), whole.panel["balance"])


def test_what_is_wrong_is_told_of_the_whole_file_and_nothing_is_left_behind(tmp_path: Path) -> None:
    columns = flock(3 * BLOCK, tmp_path / "flock.parquet")
    columns["retirement_age"][[BLOCK + 2, 2 * BLOCK]] = np.nan
    columns["sex"][2 * BLOCK + 1] = 7
    columns["weight"][5] = np.inf
    pl.DataFrame(columns).fill_nan(None).write_parquet(tmp_path / "flock.parquet")
    with pytest.raises(InputError) as error:
        run_blocks(
            MODEL, tmp_path / "flock.parquet", ["pension"], years=YEARS, totals=TOTALS, to=tmp_path / "out", at_once=1
        )
    said = error.value.text("en")
    assert f"flock.parquet, row {BLOCK + 3}, retirement_age" in said and "(2 rows)" in said
    assert f"row {2 * BLOCK + 2}, sex" in said and "row 6, weight" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flock.parquet"]


def test_files_and_columns_that_are_missing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "flock.parquet"
    (tmp_path / "notes.txt").write_text("no parquet", encoding="utf-8")
    for what in ("nothing.parquet", "notes.txt"):
        with pytest.raises(InputError, match="Name a Parquet file"):
            run_blocks(MODEL, tmp_path / what, totals=TOTALS, years=YEARS)
    columns = flock(10, path)
    for totals, said in (
        (Totals(["contribution"], "region"), "Give a column region"),
        (Totals(["contribution"], columns["place"]), "name the columns"),
    ):
        with pytest.raises(InputError, match=said):
            run_blocks(MODEL, path, totals=totals, years=YEARS)
    with pytest.raises(InputError, match="Name a folder"):
        run_blocks(MODEL, path, ["pension"], years=YEARS)


def test_nobody_gives_empty_results(tmp_path: Path) -> None:
    flock(0, tmp_path / "flock.parquet")
    totals = run_blocks(MODEL, tmp_path / "flock.parquet", ["pension"], years=YEARS, totals=TOTALS, to=tmp_path / "out")
    assert totals["balance"].shape == (21, 1) and not totals["balance"].any()
    assert pl.read_parquet(tmp_path / "out").columns == ["pension"]


MEASURED = """
import resource, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from arcadia import arcadia

from canbao.engine import Totals, run_blocks

totals = Totals(["contribution"], "place", "weight")
run_blocks(arcadia(), Path(sys.argv[2]), ["pension"], years=(1990, 1999), totals=totals, to=Path(sys.argv[3]), at_once=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured in Unix's way")
def test_memory_does_not_grow_with_the_number_of_workers(tmp_path: Path) -> None:
    peaks = []
    for number in (4 * BLOCK, 40 * BLOCK):
        flock(number, tmp_path / "flock.parquet")
        command = [sys.executable, "-c", MEASURED, str(Path(__file__).parent), str(tmp_path / "flock.parquet")]
        done = subprocess.run([*command, str(tmp_path / "out")], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) * (1 if sys.platform == "darwin" else 1024))
    # The columns of the other 2.4 million workers alone would take 110 megabytes.
    assert peaks[1] - peaks[0] < 60e6
