"""The commands from draft to final report, as somebody types them."""

import csv
import io
import json
import shutil
from pathlib import Path

import docx
import pytest

from canbao.cli import run


def test_from_draft_to_final_report(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "finalise", str(small)]) == 2
    assert "No draft has been taken" in capsys.readouterr().err
    assert run(["review", "take", str(small), "--as", "draft", "--format", "docx"]) == 0
    draft = small / "review" / "editions" / "draft-1"
    assert "report.en.docx" in capsys.readouterr().out and (draft / "comments.zh.xlsx").is_file()

    reply = tmp_path / "reply.docx"
    shutil.copy(draft / "report.en.docx", reply)
    document = docx.Document(str(reply))
    line = next(one for one in document.paragraphs if "Riders need cover" in one.text)
    document.add_comment(runs=line.runs[-1:], author="人社部", text="technical: Which riders?")
    document.save(str(reply))
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"no docx")
    assert run(["review", "collect", str(small), str(reply), str(broken)]) == 1
    said = capsys.readouterr()
    assert "1 new comments" in said.out and "broken.docx: The file is damaged" in said.err
    assert run(["review", "collect", str(small), str(reply)]) == 0
    assert "0 new comments; 1 were known already" in capsys.readouterr().out

    assert run(["review", "status", str(small)]) == 1
    assert "1 of 1 comments lack a decision" in capsys.readouterr().err
    assert run(["review", "status", str(small), "--format", "json"]) == 1
    open_now = json.loads(capsys.readouterr().out)
    assert [(one["paragraph"], one["commenter"], one["comment"]) for one in open_now] == [
        ("15.0-1", "人社部", "Which riders?")
    ]
    assert run(["review", "finalise", str(small)]) == 1
    assert "(人社部) has no decision" in capsys.readouterr().err
    assert not (small / "review" / "editions" / "final-1").exists()

    name = open_now[0]["id"]
    decision = ["review", "decide", str(small), name, "--decision", "accepted", "--response", "Food riders.", "--by", "Li"]
    assert run([*decision, "--on", "2026-07-01", "--changed-text", "15.0-1"]) == 0
    assert "0 are open" in capsys.readouterr().out
    text = small / "text" / "en" / "conclusions.md"
    text.write_text(text.read_text(encoding="utf-8").replace("Riders", "Food riders"), encoding="utf-8")
    assert run(["review", "status", str(small)]) == 0
    assert run(["review", "finalise", str(small), "--format", "html", "--quiet"]) == 0
    page = (small / "review" / "editions" / "final-1" / "report.en.html").read_text(encoding="utf-8")
    assert "Which riders?" in page and "Food riders." in page
    capsys.readouterr()
    assert run(["review", "changes", str(small), "draft-1", "final-1", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {
        "change": "changed",
        "was": "15.0-1",
        "is": "15.0-1",
        "before": "Riders need cover.",
        "after": "Food riders need cover.",
    } in rows
    assert run(["review", "export", str(small), str(tmp_path / "log.docx"), "--language", "zh"]) == 0
    assert "采纳" in "".join(cell.text for cell in docx.Document(str(tmp_path / "log.docx")).tables[0]._cells)


def test_faults_of_a_log_are_named_with_their_line(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "review").mkdir()
    (small / "review" / "comments.csv").write_text("id,comment\n", encoding="utf-8")
    for command in (["status"], ["finalise"], ["take", "--as", "interim"]):
        assert run(["review", command[0], str(small), *command[1:]]) == 2
        assert "comments.csv:1: The first line must be" in capsys.readouterr().err


def test_unknown_editions_and_comments_are_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "changes", str(small), "draft-1", "draft-2"]) == 2
    assert "There is no edition “draft-1”" in capsys.readouterr().err
    assert run(["review", "decide", str(small), "cnobody", "--decision", "noted", "--response", "x"]) == 2
    assert "no comment cnobody" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["take", "collect", "status", "decide", "changes", "finalise", "export", "staff"])
def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run(["review", command, "--help"]) == 0
    assert f"canbao review {command}" in capsys.readouterr().out


def test_translations_are_signed_off_and_go_stale(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "review").mkdir()
    (small / "review" / "glossary.yaml").write_text("terms:\n  - {en: rider, zh: 外卖骑手}\n", encoding="utf-8")
    assert run(["review", "translation", str(small), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["paragraph"], one["state"], one["terms"]) for one in told] == [
        ("conclusions#1", "unchecked", "rider"),
        ("conclusions#2", "unchecked", ""),
        ("conclusions#3", "unchecked", ""),
    ]
    assert run(["review", "sign", str(small), "conclusions", "--by", "Li", "--on", "2026-07-01"]) == 0
    assert "0 paragraphs are not signed off" in capsys.readouterr().out
    assert run(["review", "translation", str(small)]) == 0
    text = small / "text" / "zh" / "conclusions.md"
    text.write_text(text.read_text(encoding="utf-8").replace("过高", "偏高"), encoding="utf-8")
    assert run(["review", "translation", str(small), "--format", "csv"]) == 1
    assert "conclusions#2,stale_en,Li,2026-07-01" in capsys.readouterr().out
