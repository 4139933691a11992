"""One procedure's log from the command line to its report."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from canbao.cli import run

LIMITS = """\
calendar: weekdays
endings: {completed: [paid], refused: [refused], abandoned: [gave up]}
clocks:
  decision:
    label: {en: Decision, zh: 作出决定}
    starts: applied
    stops: [decided, refused]
    length: 5
    unit: working_days
"""


def office_log(folder: Path) -> Path:
    """Ninety cases: every third is refused, every tenth given up, late by turns; two channels, one of them small."""
    lines = ["case_id,activity,time,channel"]
    for case in range(90):
        channel = "post" if case < 20 else "app"
        lines.append(f"c{case},applied,2024-03-04T09:00:00+08:00,{channel}")
        if case % 10 == 9:
            lines.append(f"c{case},gave up,2024-03-06T09:00:00+08:00,{channel}")
            continue
        day = 8 if case % 2 else 14
        what = "refused" if case % 3 == 0 else "decided"
        lines.append(f"c{case},{what},2024-03-{day:02}T09:00:00+08:00,{channel}")
        if what == "decided":
            lines.append(f"c{case},paid,2024-03-20T09:00:00+08:00,{channel}")
    (folder / "office.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    return folder / "office.csv"


def made(folder: Path, *more: str) -> Path:
    log = office_log(folder)
    out = folder / "made"
    code = run(["bottlenecks", str(log), "--limits", str(folder / "limits.yaml"), "--out", str(out), *more])
    assert code == 0
    return out


def test_the_summary_says_what_was_counted_by_hand(tmp_path: Path) -> None:
    found = json.loads((made(tmp_path) / "summary.json").read_text(encoding="utf-8"))
    assert {key: found[key] for key in ("cases", "activities", "variants")} == {"cases": 90, "activities": 5, "variants": 3}
    # 9 give up, 27 of the others are refused, and 54 are paid.
    assert found["events"] == 2 * 36 + 3 * 54
    assert found["median_days"] == 16
    clock = found["clocks"]["decision"]
    # Five working days from Monday the 4th end on the 11th. Of the odd cases 36 are decided on the 8th and 9 withdrawn
    # before; the even ones are decided on the 14th.
    assert (clock["in_time"], clock["late"]) == (36 + 9, 45)
    assert clock["median_late"] == 3


def test_the_report_stands_in_both_languages_with_its_tables(tmp_path: Path) -> None:
    out = made(tmp_path, "--by", "channel")
    names = {path.name for path in out.iterdir()}
    assert {"summary.json", "tables", "figures"} < names
    assert len({"report.html", "report.en.html", "report.zh.html"} & names) == 2
    groups = pl.read_parquet(out / "tables" / "procedure_clocks_channel.parquet")
    # Twenty cases by post are too few, and app would give them away.
    assert groups["runs"].to_list() == [None, None]
    edges = pl.read_parquet(out / "tables" / "log_edges.parquet")
    assert dict(edges.select("activity", "count").group_by("activity").sum().iter_rows()) == {"applied": 90, "decided": 54}


def test_the_same_log_gives_the_same_bytes(tmp_path: Path) -> None:
    first = {path.relative_to(tmp_path): path.read_bytes() for path in sorted(made(tmp_path).rglob("*")) if path.is_file()}
    again = {path.relative_to(tmp_path): path.read_bytes() for path in sorted(made(tmp_path).rglob("*")) if path.is_file()}
    assert first == again


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv"], "missing.csv"),
        (["office.csv", "--by", "district"], "district"),
        (["office.csv", "--calendar", "cnn"], "cnn"),
        (["office.csv", "--columns", "case_id"], "case_id"),
        (["office.csv", "--time-zone", "Mars/Olympus"], "Mars/Olympus"),
        (["office.csv", "--limits", "none.yaml"], "none.yaml"),
    ],
)
def test_faults_of_the_user_are_one_clear_message(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office_log(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["bottlenecks", *arguments, "--out", "made"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "made").exists()
