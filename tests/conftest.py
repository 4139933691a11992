"""What many tests need: the sample study, and a study to break."""

import re
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
    """A copy of the sample study, to break something in it; without the reforms, whose simulation takes time."""
    folder = tmp_path / "study"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("build"))
    settings = folder / "study.yaml"
    text, cut = re.subn(r"(?m)^reforms:.*\n(?:  - .*\n)+", "", settings.read_text(encoding="utf-8"))
    assert cut == 1
    settings.write_text(text, encoding="utf-8")
    return folder
