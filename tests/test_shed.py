"""A real survey, end to end, where its file is present: the Federal Reserve's SHED of 2013 (public domain)."""

import os
import shutil
from pathlib import Path

import pytest

from canbao.study import Study

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "docs" / "howto" / "shed-2013"
PLACES = (
    os.environ.get("CANBAO_SHED", ""),
    ROOT.parent / "shared" / "data" / "shed_2013.csv",
    RECIPE / "data" / "shed_2013.csv",
)
DATA = next((Path(place) for place in PLACES if place and Path(place).is_file()), None)

pytestmark = pytest.mark.skipif(DATA is None, reason="shed_2013.csv is not here; see docs/howto/bring-your-own-survey.md")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("shed")
    for path in RECIPE.glob("*.yaml"):
        shutil.copy(path, folder)
    (folder / "data").mkdir()
    assert DATA is not None
    shutil.copy(DATA, folder / "data")
    return Study(folder)


def test_weighted_shares_by_hand(study: Study) -> None:
    """Against the shares worked out from the raw file, without our own estimators."""
    import polars as pl

    raw = pl.read_csv(study.folder / "data" / "shed_2013.csv", infer_schema_length=None)
    working = raw.filter(pl.col("D2") == 1, pl.col("D3") == 1, pl.col("E4_a").is_in([0, 1]))
    expected = working.select((pl.col("E4_a") * pl.col("weight")).sum() / pl.col("weight").sum()).item()
    shares = study.estimate("employer_health", ["job"], {"working": "yes"})
    ours = shares.filter(pl.col("job") == "full_time", pl.col("category") == "yes")["estimate"].item()
    assert ours == pytest.approx(expected, rel=1e-9)


def test_the_whole_report(study: Study) -> None:
    made = study.assess(["en"], ["html"])
    page = (made.folder / "report.en.html").read_text(encoding="utf-8")
    assert "Workplace pension" in page
    assert "Not possible with these data" in page
    assert "Synthetic" not in page


def test_full_timers_are_better_covered(study: Study) -> None:
    design = study.designs[0]
    gaps = design.difference("employer_health", "job", reference="full_time", category="yes")
    assert (gaps["high"] < 0).all()
