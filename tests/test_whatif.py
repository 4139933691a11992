"""What a change would bring, from the command line to its report."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from canbao.chapters.whatif import whatif_document
from canbao.cli import run
from canbao.procedures import open_log
from canbao.procedures.simulation import whatif
from canbao.whatif import summary_of

MODEL = """\
title: {en: Small office, zh: 小机构}
procedure: individual_registration
calendar: weekdays
opens: 2024-01-01
parameters:
  answer: {label: {en: Days to answer, zh: 补正天数}, value: 4, unit: days, source: Some office, confidence: reported}
arrivals:
  counter: {per_day: 12, days: working_days, set: {channel: counter}}
  app: {per_day: 6, set: {channel: app}}
staff:
  clerks: {label: {en: Clerks, zh: 经办人员}, number: NUMBER, hours: {working_days: "09:00-12:00 13:00-17:00"}}
begins_with: application_received
steps:
  application_received: {documents: 3, next: {supplements_requested: 0.3, registered: rest}}
  supplements_requested: {next: {withdrawn: 0.2, supplements_received: rest}}
  supplements_received: {service: {gamma: {mean: answer, cv: 1}, unit: days}, next: registered}
  registered: {staff: clerks, service: {gamma: {mean: 30, cv: 0.5}, unit: minutes}}
  withdrawn: {service: {constant: 9, unit: days}}
"""
CHANGES = """\
title: {en: Shared data, zh: 数据共享}
changes:
  - add_staff: {staff: clerks, more: 1}
  - share_data: {steps: [supplements_received]}
"""
FEW = ("--replications", "3", "--days", "60", "--warm-up", "10")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model and changes, in which commands run."""
    (tmp_path / "model.yaml").write_text(MODEL.replace("NUMBER", "2"), encoding="utf-8")
    (tmp_path / "full.yaml").write_text(MODEL.replace("NUMBER", "1"), encoding="utf-8")
    (tmp_path / "changes.yaml").write_text(CHANGES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_figures_are_printed_before_and_after(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whatif", "model.yaml", "--change", "changes.yaml", "--by", "channel", *FEW]) == 0
    told = capsys.readouterr().out
    assert "Simulated by a model" in told
    assert "Clerks: 1 more" in told
    for words in (
        "Days, mean",
        "Given up",
        "Hours of staff a case",
        "Registration of an individual",
        "Counter",
        "Mobile app",
    ):
        assert words in told
    assert {path.name for path in office.iterdir()} == {"model.yaml", "full.yaml", "changes.yaml"}


def test_the_report_stands_in_both_languages_with_its_tables_and_is_the_same_each_time(office: Path) -> None:
    arguments = ["whatif", "model.yaml", "--change", "changes.yaml", "--by", "channel", "--out", "made", *FEW]
    assert run(arguments) == 0
    out = office / "made"
    first = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    names = {path.name for path in out.iterdir()}
    assert {"summary.json", "tables", "figures", "report.html", "report.zh.html"} <= names
    found = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert found["changes"][0] == "Clerks: 1 more" and found["synthetic"] and found["log"] is None
    whole = {(row["figure"], row["by"], row["group"]): row for row in found["figures"]}
    assert whole["mean_days", "", ""]["difference"] < 0
    table = pl.read_parquet(out / "tables" / "whatif_all.parquet")
    assert table.height == len(found["figures"])
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "Some office" in html and "press or secondary source" in html
    chinese = (out / "report.zh.html").read_text(encoding="utf-8")
    assert "经办人员：增加1人" in chinese and "数据共享" in chinese
    # And the same command gives the same bytes.
    assert run(arguments) == 0
    assert first == {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_a_log_is_estimated_and_validated(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sample-log", "model.yaml", "--out", "log.xes.gz", "--cases", "800"]) == 0
    changes = "changes:\n  - auto_decide: {step: registered, share: 0.5, when: {channel: app}}\n"
    (office / "auto.yaml").write_text(changes, encoding="utf-8")
    assert run(["whatif", "log.xes.gz", "--change", "auto.yaml", *FEW]) == 0
    assert "Synthetic data" in capsys.readouterr().out
    result = whatif(open_log(office / "log.xes.gz"), office / "auto.yaml", replications=2, days=60, warm_up=10)
    found = summary_of(result)
    assert found["validation"]["distance_share"] < 0.3
    assert found["log"] == "log.xes.gz"
    tables = {table.key: table for table in whatif_document(result, "0").tables()}
    assert len(tables["whatif_ways"].rows) > 3
    assert {"whatif_figures", "whatif_staff", "whatif_validation"} <= set(tables)


def test_staff_that_cannot_keep_up_ends_with_code_one(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "none.yaml").write_text("changes: []\n", encoding="utf-8")
    assert run(["whatif", "full.yaml", "--change", "none.yaml", *FEW]) == 1
    told = capsys.readouterr().out
    assert "As it is, Clerks cannot keep up" in told and "After the change, Clerks cannot keep up" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv", "--change", "changes.yaml"], "missing.csv"),
        (["missing.yaml", "--change", "changes.yaml"], "missing.yaml"),
        (["model.yaml", "--change", "chances.yaml"], "changes.yaml"),
        (["model.yaml", "--change", "changes.yaml", "--by", "sex"], "sex"),
        (["model.yaml", "--change", "changes.yaml", "--replications", "0"], "replications"),
        (["model.yaml", "--change", "changes.yaml", "--limits", "none.yaml"], "none.yaml"),
        (["model.yaml", "--change", "changes.yaml", "--calendar", "moon"], "--calendar"),
        (["pension_transfer", "--change", "changes.yaml"], "changes.yaml:3"),
        (["changes.yaml", "--change", "changes.yaml"], "changes.yaml:2"),
    ],
)
def test_faults_of_the_user_are_one_clear_message(
    arguments: list[str], said: str, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["whatif", *FEW, "--out", "made", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (office / "made").exists()


def test_an_interruption_leaves_nothing_behind(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("canbao.whatif.whatif_document", interrupted)
    assert run(["whatif", "model.yaml", "--change", "changes.yaml", "--out", "made", *FEW]) == 130
    assert not (office / "made").exists()
