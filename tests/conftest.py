"""What many tests need: the sample study, and a study to break."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "studies" / "sample"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages in English, whatever the machine speaks."""
    monkeypatch.setenv("CANBAO_LANGUAGE", "en")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the sample study, to break something in it."""
    folder = tmp_path / "study"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("build"))
    return folder
