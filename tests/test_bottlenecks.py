"""One procedure's log from the command line to its report."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from canbao.cli import run
from canbao.procedures.analysis import burden_prices

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


# --- before and after -------------------------------------------------------------------------------------------------


LIMITS_OF_BOTH = """\
calendar: weekdays
endings: {completed: [paid]}
clocks:
  decision:
    label: {en: Decision, zh: 作出决定}
    starts: applied
    stops: paid
    length: 8
    unit: working_days
  stamp:
    label: {en: Stamp, zh: 盖章}
    starts: applied
    stops: stamped
    length: 1
    unit: working_days
"""
"""Nobody stamps after the reform."""


def two_logs(folder: Path) -> tuple[Path, Path]:
    """Forty cases of which half take 10 days and half 20, and fifty that take 5 and 10, without the stamp."""
    for year, days, steps in (
        (2023, (10, 20), ("applied", "stamped", "paid")),
        (2024, (5, 10), ("applied", "checked", "paid")),
    ):
        lines = ["case_id,activity,time"]
        for case in range(40 if year == 2023 else 50):
            for step, day in zip(steps, (1, 3, 1 + days[case % 2]), strict=True):
                lines.append(f"c{case},{step},{year}-03-{day:02}T09:00:00+08:00")
        (folder / f"{year}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "limits.yaml").write_text(LIMITS_OF_BOTH, encoding="utf-8")
    return folder / "2023.csv", folder / "2024.csv"


def compared(folder: Path, *more: str) -> Path:
    before, after = two_logs(folder)
    out = folder / "compared"
    limits = str(folder / "limits.yaml")
    assert run(["bottlenecks", "compare", str(before), str(after), "--limits", limits, "--out", str(out), *more]) == 0
    return out


def test_before_and_after_as_counted_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads((compared(tmp_path) / "summary.json").read_text(encoding="utf-8"))
    assert (found["before"]["cases"], found["after"]["cases"]) == (40, 50)
    median = found["figures"]["median_days"]
    assert (median["before"], median["after"], median["difference"]) == (15, 7.5, -7.5)
    assert median["low"] <= -7.5 <= median["high"]
    # Eight working days from Wednesday 1 March 2023 end on the 13th, so ten days are in time and twenty are not; from
    # Friday 1 March 2024 they end on the 13th, so five and ten are.
    assert set(found["limits"]) == {"decision"}
    late = found["limits"]["decision"]
    assert (late["share_before"], late["share_after"], late["share_difference"]) == (0.5, 0.0, -0.5)
    assert late["share_low"] < -0.5 < late["share_high"] < 0
    printed = capsys.readouterr().out
    assert "−7.5" in printed and "−50.0" in printed


def test_what_came_and_went_stands_in_the_tables_of_both_languages(tmp_path: Path) -> None:
    out = compared(tmp_path)
    names = {path.name for path in out.iterdir()}
    assert len({"report.html", "report.en.html", "report.zh.html"} & names) == 2
    changes = pl.read_parquet(out / "tables" / "log_changes.parquet")
    assert changes.filter(kind="activity").select("activity", "status").rows() == [
        ("checked", "appeared"),
        ("stamped", "vanished"),
    ]
    pages = [(out / name).read_text(encoding="utf-8") for name in names if name.endswith(".html")]
    assert all("stamped" in page and "checked" in page for page in pages)


def test_a_log_with_itself_differs_in_nothing(tmp_path: Path) -> None:
    before, _ = two_logs(tmp_path)
    out = tmp_path / "same"
    assert run(["bottlenecks", "compare", str(before), str(before), "--out", str(out)]) == 0
    found = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert {row["difference"] for row in found["figures"].values()} == {0}
    edges = pl.read_parquet(out / "tables" / "comparison_ways.parquet")
    assert edges["days_difference"].to_list() == [0, 0]
    assert (out / "figures" / "comparison_ways.en.svg").is_file()


def test_a_log_that_is_called_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office_log(tmp_path).rename(tmp_path / "compare")
    monkeypatch.chdir(tmp_path)
    assert run(["bottlenecks", "./compare"]) == 0
    assert run(["bottlenecks", "compare"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2023.csv"], "LOG_B"),
        (["2023.csv", "none.csv"], "none.csv"),
        (["2023.csv", "2024.csv", "--calendar", "cnn"], "cnn"),
        (["2023.csv", "2024.csv", "--columns", "case_id"], "case_id"),
        (["2023.csv", "2024.csv", "--by", "office"], "--by"),
        (["2023.csv", "2024.csv", "2023.csv"], "2023.csv"),
    ],
)
def test_faults_in_a_comparison_are_one_clear_message(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    two_logs(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["bottlenecks", "compare", *arguments, "--out", "made"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "made").exists()


# --- groups and burden ------------------------------------------------------------------------------------------------


def burdened_log(folder: Path) -> Path:
    """Forty cases by app that take 4 to 6 days and ask for two documents, forty at the counter with 9 to 11 and three."""
    lines = ["case_id,activity,time,channel,documents,minutes"]
    for case in range(80):
        channel, days, documents = ("app", 4, 2) if case < 40 else ("counter", 9, 3)
        lines.append(f"c{case},applied,2024-03-04T09:00:00+08:00,{channel},{documents},30")
        lines.append(f"c{case},paid,2024-03-{4 + days + case % 3:02}T09:00:00+08:00,{channel},,30")
    (folder / "burdened.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "burdened.csv"


def test_groups_are_compared_and_burden_is_priced(tmp_path: Path) -> None:
    out = tmp_path / "made"
    assert run(["bottlenecks", str(burdened_log(tmp_path)), "--by", "channel", "--out", str(out)]) == 0
    groups = pl.read_parquet(out / "tables" / "procedure_groups.parquet")
    assert groups["cases"].drop_nulls().to_list() == [40, 40]
    assert groups["median_days"].drop_nulls().to_list() == [5, 10]
    tests = pl.read_parquet(out / "tables" / "procedure_tests.parquet")
    assert tests.height == 1
    burden = pl.read_parquet(out / "tables" / "procedure_burden.parquet")
    prices = burden_prices()
    # At the counter a case comes on two days; everybody spends an hour.
    visits, documents = [0] * 40 + [2] * 40, [2] * 40 + [3] * 40
    cost = (
        sum(visits) * prices.visit_fare.value + sum(documents) * prices.document_cost.value + 80 * prices.hourly_wage.value
    )
    assert sorted(burden["total"]) == pytest.approx(sorted([sum(visits), sum(documents), 80 * 60, cost]))
    by_channel = pl.read_parquet(out / "tables" / "procedure_burden_channel.parquet")
    assert by_channel["documents"].to_list() == [2, 3]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert prices.hourly_wage.source.en in page or prices.hourly_wage.source.zh in page


def test_a_column_of_another_meaning_is_no_burden_and_no_fault(tmp_path: Path) -> None:
    log = burdened_log(tmp_path)
    log.write_text(log.read_text(encoding="utf-8").replace(",2,30", ",copies,30"), encoding="utf-8")
    assert run(["bottlenecks", str(log), "--out", str(tmp_path / "made")]) == 0
    assert not (tmp_path / "made" / "tables" / "procedure_burden.parquet").exists()
