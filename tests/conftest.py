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
    """A copy of the sample study, to break something in it; without reforms and what-ifs, whose simulation takes time."""
    folder = tmp_path / "study"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("build"))
    settings = folder / "study.yaml"
    text, cut = re.subn(r"(?m)^reforms:.*\n(?:  - .*\n)+", "", settings.read_text(encoding="utf-8"))
    text, tried = re.subn(r"(?m)^    changes: .*\n", "", text)
    assert (cut, tried) == (1, 1)
    settings.write_text(text, encoding="utf-8")
    without_simulated_figures(folder)
    return folder


SIMULATED = re.compile(r"\{table\.(?:options|option_payers),[^}]*\}")


def without_simulated_figures(folder: Path) -> None:
    """Take out of a study's text what it cites from simulations, which cannot be cited where none is run."""
    for path in (folder / "text").glob("*/*.md"):
        path.write_text(SIMULATED.sub("–", path.read_text(encoding="utf-8")), encoding="utf-8")


SMALL = """title: {en: Small study, zh: 小型研究}
date: 2026-06-30
law_date: 2026-01-01
fieldwork: 2025-10
synthetic: true
data: {survey: data/survey.csv}
design: {kind: convenience}
focus_groups: [sex]
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A study of five columns, whose report is drawn up in a second."""
    return small_study(tmp_path / "small")


def small_study(folder: Path) -> Path:
    """Write it into a folder."""
    schemes = ("employee", "resident", "none")
    rows = [
        f"{at},{'female' if at % 3 else 'male'},{20 + at % 40},{schemes[at % 3]},{3000 + 10 * at}" for at in range(1, 201)
    ]
    names = ("person_id", "sex", "age", "pension_scheme", "income_month")
    columns = [f"  {name}: {{from: {name}}}" for name in names if name not in ("sex", "pension_scheme")]
    columns += ["  sex: {from: sex, values: {female: female, male: male}}"]
    columns += ["  pension_scheme: {from: pension_scheme, values: {employee: employee, resident: resident, none: none}}"]
    files = {
        "study.yaml": SMALL,
        "codebook.yaml": "\n".join(["columns:", *columns, ""]),
        "data/survey.csv": "\n".join([",".join(names), *rows, ""]),
        "text/en/conclusions.md": "Riders need cover.\n\nThe floor is too high.\n\n- First point\n- Second point\n",
        "text/zh/conclusions.md": "骑手需要保障。\n\n缴费下限过高。\n\n- 第一点\n- 第二点\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder
