"""The command line: what it prints, and that no fault of the user ends in a traceback or leaves something half-written."""

import contextlib
import csv
import errno
import gc
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from canbao.cli import run
from canbao.cli.terminal import hear_interruptions, progress_line
from canbao.languages import Words

ESTIMATE = "of,category,n,estimate,se,low,high,df,cv,deff,flag".split(",")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def resave(folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """The survey with something changed in it."""
    path = folder / "data" / "survey.dta"
    frame, meta = pyreadstat.read_dta(str(path), output_format="polars")
    pyreadstat.write_dta(change(frame), str(path), variable_value_labels=meta.variable_value_labels)


# --- estimates ------------------------------------------------------------------------------------------------------------


def test_estimates_as_csv(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["estimate", str(broken), "--of", "pension_scheme", "--by", "sex,migrant", "--among", "platform_worker=yes"]
    assert run([*arguments, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == ["sex", "migrant", *ESTIMATE]
    assert len(rows) == 2 * 2 * 5
    assert {row["of"] for row in rows} == {"pension_scheme"}
    assert {row["flag"] for row in rows} <= {"", "unreliable", "suppressed"}


def test_estimates_as_json_are_the_same(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["estimate", str(broken), "--of", "hours_week", "--by", "sex", "--format"]
    assert run([*arguments, "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run([*arguments, "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [float(row["estimate"]) for row in rows] == [row["estimate"] for row in listed]
    assert list(listed[0]) == ["sex", *ESTIMATE]


def test_small_cells_are_hidden_with_others(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["estimate", str(broken), "--of", "pension_scheme", "--by", "platform_type,education", "--format", "json"]
    assert run(arguments) == 0
    rows = json.loads(capsys.readouterr().out)
    hidden = [row for row in rows if row["flag"] == "suppressed"]
    assert hidden
    assert all(row["estimate"] is None and row["n"] is None and row["se"] is None for row in hidden)
    assert all(row["n"] >= 30 for row in rows if row["flag"] != "suppressed")


# --- faults ---------------------------------------------------------------------------------------------------------------


def no_survey(folder: Path) -> None:
    (folder / "data" / "survey.dta").unlink()


def empty_survey(folder: Path) -> None:
    resave(folder, lambda frame: frame.head(0))


def not_stata(folder: Path) -> None:
    (folder / "data" / "survey.dta").write_text("no such thing")


def wrong_encoding(folder: Path) -> None:
    (folder / "data" / "survey.csv").write_bytes("性别,权重\n男,1\n女,2\n".encode("gb18030"))
    edit(folder / "study.yaml", "data/survey.dta", "data/survey.csv\n  encoding: shift_jis")


def unknown_variable(folder: Path) -> None:
    edit(folder / "codebook.yaml", "{from: b7}", "{from: b77}")


def unknown_column(folder: Path) -> None:
    edit(folder / "codebook.yaml", "hours_week:", "hour_week:")


def unlabelled_value(folder: Path) -> None:
    resave(folder, lambda frame: frame.with_columns(a1=pl.when(pl.int_range(pl.len()) == 3).then(3).otherwise("a1")))


def negative_weights(folder: Path) -> None:
    resave(folder, lambda frame: frame.with_columns(quanshu=-pl.col("quanshu")))


def zero_weights(folder: Path) -> None:
    resave(folder, lambda frame: frame.with_columns(quanshu=0.0 * pl.col("quanshu")))


def one_site_in_a_province(folder: Path) -> None:
    resave(folder, lambda frame: frame.filter((pl.col("ceng") != "11") | (pl.col("chouyangdian") == "11-01")))


def duplicate_ids(folder: Path) -> None:
    resave(
        folder,
        lambda frame: frame.with_columns(
            wjbh=pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("00100001")).otherwise("wjbh")
        ),
    )


def yaml_typo(folder: Path) -> None:
    edit(folder / "study.yaml", "  kind: probability", "   kind: probability\n  weights: weight")


def unknown_key(folder: Path) -> None:
    edit(folder / "study.yaml", "synthetic: true", "synthetik: true")


def twice_the_same_key(folder: Path) -> None:
    edit(folder / "study.yaml", "synthetic: true", "synthetic: true\nsynthetic: false")


def unknown_focus_group(folder: Path) -> None:
    edit(folder / "study.yaml", "[platform_worker, sex, migrant]", "[platform_worker, sexe, migrant]")


def impossible_margin(folder: Path) -> None:
    edit(folder / "study.yaml", "{male: 0.73, female: 0.27}", "{male: 0.73, woman: 0.27}")


def unknown_figure(folder: Path) -> None:
    edit(folder / "text" / "en" / "pensions.md", "coverage.pension.employee |", "coverage.pensions.employee |")


def unknown_slot(folder: Path) -> None:
    (folder / "text" / "en" / "pension.md").write_text("Words that belong nowhere.")


def broken_bibliography(folder: Path) -> None:
    (folder / "evidence" / "literature.bib").write_text("@article{x, title = {no end")


def correction_of_something_else(folder: Path) -> None:
    (folder / "cleaning.csv").write_text("row,column,from,to,why,by\n1,a1,99,1,typing error,me\n", encoding="utf-8")


def a_table_that_cannot_be(folder: Path) -> None:
    edit(folder / "study.yaml", "by: [platform_type]", "by: [income_month]")


def an_empty_codebook(folder: Path) -> None:
    (folder / "codebook.yaml").write_text("")


def an_unknown_domain(folder: Path) -> None:
    edit(folder / "study.yaml", "focus_groups:", "among: {sex: women}\nfocus_groups:")


def a_domain_without_anybody(folder: Path) -> None:
    edit(folder / "study.yaml", "focus_groups:", "among: {platform_type: other}\nfocus_groups:")


def born_in_the_future(folder: Path) -> None:
    resave(
        folder,
        lambda frame: frame.with_columns(a2_nian=pl.when(pl.int_range(pl.len()) == 7).then(2093).otherwise("a2_nian")),
    )


def an_unknown_language(folder: Path) -> None:
    edit(folder / "study.yaml", "focus_groups:", "languages: [en, fr]\nfocus_groups:")


def groups_recruited_apart(folder: Path) -> None:
    edit(folder / "study.yaml", "  rake:", "  recruited_apart: hukou\n  rake:")


def a_rare_character(folder: Path) -> None:
    edit(folder / "study.yaml", "参保项目组", "参保项目组𮯠")


def a_yaml_tag(folder: Path) -> None:
    edit(folder / "study.yaml", "synthetic: true", "synthetic: true\nseed: !!python/name:os.system 3")


def a_yaml_tag_in_the_codebook(folder: Path) -> None:
    edit(folder / "codebook.yaml", "{from: b7}", "!mine {from: b7}")


def dated_before_files_can_be(folder: Path) -> None:
    edit(folder / "study.yaml", "date: 2026-11-16", "date: 1979-12-15")


def dated_after_files_can_be(folder: Path) -> None:
    edit(folder / "study.yaml", "date: 2026-11-16", "date: 2199-12-15")


def a_seed_below_zero(folder: Path) -> None:
    edit(folder / "study.yaml", "synthetic: true", "synthetic: true\nseed: -1")


def shares_that_make_no_whole(folder: Path) -> None:
    edit(folder / "study.yaml", "{male: 0.73, female: 0.27}", "{male: 0.5, female: 0.7}")


def an_extra_column_that_clashes(folder: Path) -> None:
    edit(folder / "codebook.yaml", "extra:", "extra:\n  estimate: {type: number, label: {en: a, zh: 甲}, from: b7} #")


def corrections_that_contradict(folder: Path) -> None:
    lines = ("row,column,from,to,why,by", "1,a1,1,2,typing error,me", "1,a1,1,,refused,me")
    (folder / "cleaning.csv").write_text("\n".join(lines), encoding="utf-8")


def foreword(folder: Path, content: str) -> None:
    (folder / "text" / "en" / "foreword.md").write_text(content, encoding="utf-8")


def an_unknown_work(folder: Path) -> None:
    foreword(folder, "Words.\n\nMore words [@giles2014].")


def a_work_without_bibliography(folder: Path) -> None:
    shutil.rmtree(folder / "evidence")
    for path in folder.glob("text/*/*.md"):
        path.unlink()
    foreword(folder, "Words [@giles2013].")


def a_citation_that_is_none(folder: Path) -> None:
    foreword(folder, "Words [see @giles2013].")


def words_for_a_bibliography(folder: Path) -> None:
    (folder / "evidence" / "more.bib").write_text("% works\nGiles 2013, Zhou 2020", encoding="utf-8")


def a_figure_without_end(folder: Path) -> None:
    foreword(folder, "Words of {n} and {n, sex=female\nworkers.")


def an_interval_of_a_count(folder: Path) -> None:
    foreword(folder, "Words of {n | interval} workers.")


def a_figure_of_nobody(folder: Path) -> None:
    foreword(folder, "Words of {n, sex=female, sex=male} workers.")


def a_comment_without_end(folder: Path) -> None:
    foreword(folder, "Words.\n<!-- not yet\n")


def text_in_another_encoding(folder: Path) -> None:
    (folder / "text" / "zh" / "foreword.md").write_bytes("前言".encode("gb18030"))


def no_table_of_figures(folder: Path) -> None:
    (folder / "text" / "figures.csv").write_bytes(b"\0\1\2")


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (no_survey, r"study\.yaml:\d+.*survey\.dta"),
    (empty_survey, "survey.dta"),
    (not_stata, "survey.dta"),
    (wrong_encoding, "survey.csv"),
    (unknown_variable, r"codebook\.yaml:\d+:\d+.*b77.*b7"),
    (unknown_column, r"codebook\.yaml:\d+:\d+.*hour_week.*hours_week"),
    (unlabelled_value, r"sex|a1"),
    (negative_weights, "negative"),
    (zero_weights, "zero"),
    (one_site_in_a_province, r"study\.yaml:\d+.*one sampling unit.*11"),
    (duplicate_ids, "00100001"),
    (yaml_typo, r"study\.yaml:\d+"),
    (unknown_key, r"study\.yaml:\d+.*synthetik.*synthetic"),
    (twice_the_same_key, r"study\.yaml:\d+.*synthetic"),
    (unknown_focus_group, r"study\.yaml:\d+.*sexe.*sex"),
    (impossible_margin, r"study\.yaml:\d+.*woman"),
    (unknown_figure, r"pensions\.md:\d+:\d+.*pensions.*pension"),
    (unknown_slot, r"pension\.md.*pension"),
    (broken_bibliography, r"literature\.bib"),
    (correction_of_something_else, r"cleaning\.csv"),
    (a_table_that_cannot_be, r"income_month"),
    (an_empty_codebook, r"codebook\.yaml"),
    (an_unknown_domain, r"study\.yaml:\d+.*women.*female"),
    (a_domain_without_anybody, r"study\.yaml:\d+.*Nobody"),
    (born_in_the_future, r"survey\.dta, row 8.*age"),
    (an_unknown_language, r"study\.yaml:\d+.*languages.*fr"),
    (a_yaml_tag, r"study\.yaml:\d+:\d+.*!!python/name"),
    (a_yaml_tag_in_the_codebook, r"codebook\.yaml:\d+:\d+.*!mine"),
    (dated_before_files_can_be, r"study\.yaml:\d+.*1979.*1980"),
    (dated_after_files_can_be, r"study\.yaml:\d+.*2199.*2107"),
    (a_seed_below_zero, r"study\.yaml:\d+.*seed.*0"),
    (shares_that_make_no_whole, r"study\.yaml:\d+.*sex.*1\.2"),
    (an_extra_column_that_clashes, r"codebook\.yaml:\d+.*estimate"),
    (corrections_that_contradict, r"cleaning\.csv:3.*line 2"),
    (an_unknown_work, r"foreword\.md:3:12.*giles2014.*giles2013"),
    (a_work_without_bibliography, r"foreword\.md:1.*giles2013.*evidence"),
    (a_citation_that_is_none, r"foreword\.md:1.*see @giles2013"),
    (words_for_a_bibliography, r"more\.bib:2.*no works"),
    (a_figure_without_end, r"foreword\.md:1:18"),
    (an_interval_of_a_count, r"foreword\.md:1:10.*interval"),
    (a_figure_of_nobody, r"foreword\.md:1:10.*sex"),
    (a_comment_without_end, r"foreword\.md:2.*-->"),
    (text_in_another_encoding, r"zh/foreword\.md.*UTF-8"),
    (no_table_of_figures, r"figures\.csv.*canbao confirm"),
    (groups_recruited_apart, r"study\.yaml:\d+.*recruited apart.*rake"),
]


@pytest.mark.parametrize(("break_it", "message"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS])
@pytest.mark.parametrize("command", ["check", "assess"])
def test_faults_of_the_user(
    broken: Path, capsys: pytest.CaptureFixture[str], break_it: Callable[[Path], None], message: str, command: str
) -> None:
    break_it(broken)
    before = sorted(path.relative_to(broken) for path in broken.rglob("*"))
    assert run([command, str(broken)]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert pl.Series([said]).str.contains(f"(?s){message}").all(), said
    assert sorted(path.relative_to(broken) for path in broken.rglob("*")) == before, "nothing half-written stays"


def test_faults_are_said_in_chinese(
    broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANBAO_LANGUAGE", "zh")
    unknown_variable(broken)
    assert run(["check", str(broken)]) == 2
    assert "错误" in capsys.readouterr().err


def test_several_faults_at_once(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown_variable(broken)
    broken_bibliography(broken)
    assert run(["check", str(broken)]) == 2
    said = capsys.readouterr().err
    assert "b77" in said and "literature.bib" in said


def test_a_character_that_no_font_has(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_rare_character(broken)
    assert run(["assess", str(broken), "--language", "zh", "--format", "html"]) == 2
    assert "U+2EBE0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--of", "pension_schem"], "pension_scheme"),
        (["--of", "pension_scheme", "--by", "sexe"], "sex"),
        (["--of", "pension_scheme", "--by", "income_month"], "income_month"),
        (["--of", "pension_scheme", "--among", "sex"], "column=category"),
        (["--of", "pension_scheme", "--among", "sex=women"], "female"),
        (["--of", "pension_scheme", "--among", "sex=female", "--among", "sex=male"], "sex=one|other"),
        (["--of", "person_id"], "person_id"),
        (["--of", "retirement_month"], "retirement_month"),
        (["--of", "pension_scheme", "--among", "platform_type=other"], "other"),
    ],
)
def test_questions_that_cannot_be_answered(
    broken: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(["estimate", str(broken), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_no_study_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assess", str(tmp_path)]) == 2
    assert "canbao new" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sample", "--seed", "-1", "--out", "s.dta"], "seed"),
        (["sample-size", "--share", "0.3", "--margin", "0.02", "--population", "inf"], "--population"),
        (["sample-size", "--share", "0.3", "--margin", "0.02", "--deff", "nan"], "--deff"),
        (["sample-size", "--share", "0.3", "--margin", "1e-200"], "wider margin"),
        (["sample-size", "--share", "0.3", "--margin", "1e-100"], "wider margin"),
        (["sample", "--out", "folder.dta"], "folder.dta: This is a folder"),
        (["questionnaire", "--out", "folder.xlsx"], "folder.xlsx: This is a folder"),
        (["questionnaire", "--out", "file/q.xlsx"], "file: A file stands"),
        (["new", "file/study"], "file: A file stands"),
        (["new", "x" * 250], "too long"),
    ],
)
def test_wrong_arguments(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    for suffix in ("dta", "xlsx"):
        (tmp_path / f"folder.{suffix}").mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert run(arguments) == 2
    assert message in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_report_does_not_replace_what_is_no_report(broken: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    build = broken / "build"
    if kind == "file":
        build.write_text("mine")
    else:
        (broken / "mine").mkdir()
        build.symlink_to("mine")
    assert run(["assess", str(broken)]) == 2
    assert "build" in capsys.readouterr().err
    assert build.is_symlink() if kind == "link" else build.read_text() == "mine"


def test_a_quiet_check_says_nothing(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(broken), "-q"]) == 0
    said = capsys.readouterr()
    assert said.out + said.err == ""


def test_texts_that_nobody_reads_are_pointed_out(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("text/fr/foreword.md", "text/foreword.md", "text/en/foreword.txt", "text/en/more/pensions.md")
    for name in names:
        (broken / name).parent.mkdir(exist_ok=True)
        (broken / name).write_text("Mots.")
    (broken / "text" / "en" / "._foreword.md").write_bytes(b"\xff\xfe")
    assert run(["check", str(broken)]) == 0
    said = capsys.readouterr().out
    assert [name for name in names if str(broken / name) not in said] == []
    assert "._foreword.md" not in said and "pensions.md" in said


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "ascii"])
def test_a_terminal_that_lacks_characters(broken: Path, encoding: str) -> None:
    edit(broken / "codebook.yaml", "  injury_cover: {", "  # injury_cover: {")
    (broken / "evidence" / "recommendations.yaml").unlink()  # they rest on figures that are now missing
    for text in broken.glob("text/*/conclusions.md"):
        text.unlink()  # likewise
    command = [sys.executable, "-m", "canbao", "check", str(broken)]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "CANBAO_LANGUAGE": "en"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"  ? " in done.stdout or encoding == "gbk"


def test_figures_saved_by_excel_on_chinese_windows(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["confirm", str(broken)]) == 0
    path = broken / "text" / "figures.csv"
    text = path.read_text(encoding="utf-8").replace("26.3%", "二成六", 1)
    path.write_bytes(text.encode("gb18030"))
    assert run(["assess", str(broken), "--language", "en", "--format", "html", "-q"]) == 0
    assert "was 二成六" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_disk_that_is_full_for_other_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """xlsxwriter and ReadStat have errors of their own for a disk that refuses."""
    from canbao import outputs

    usual = outputs.tempfile.mkstemp

    def full(suffix: str = "", prefix: str = "", **where: Path) -> tuple[int, str]:
        if suffix != ".xlsx":
            return usual(suffix, prefix, **where)
        path = where["dir"] / f"{prefix}abcdefgh{suffix}"
        path.symlink_to("/dev/full")
        return os.open(path, os.O_WRONLY), str(path)

    def write_nothing(*_arguments: object, **_more: object) -> None:
        raise pyreadstat.ReadstatError("Unable to write data")

    monkeypatch.setattr(outputs.tempfile, "mkstemp", full)
    monkeypatch.setattr(pyreadstat, "write_dta", write_nothing)
    monkeypatch.setattr("sys.unraisablehook", lambda _late: None)
    for command, name in (("questionnaire", "q.xlsx"), ("sample", "s.dta")):
        assert run([command, "--out", str(tmp_path / name)]) == 2
        assert f"{name}: The disk is full" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    gc.collect()  # archives left open complain while nobody listens


def test_a_new_study_is_not_made_over_an_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path / "我的研究")]) == 0
    assert run(["new", str(tmp_path / "我的研究")]) == 2
    assert (tmp_path / "我的研究" / "study.yaml").is_file()
    capsys.readouterr()


def test_a_new_study_runs_on_a_survey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `new` makes is right but for the data that it waits for."""
    folder = tmp_path / "new"
    assert run(["new", str(folder)]) == 0
    edit(folder / "study.yaml", "data/survey.dta", "data/答卷.csv")
    rows = [f"{number},{1 + number % 2}" for number in range(80)]
    (folder / "data" / "答卷.csv").write_text("\n".join(["nr,q1", *rows]), encoding="utf-8")
    assert run(["check", str(folder)]) == 0, capsys.readouterr().err
    assert run(["assess", str(folder), "--format", "html", "-q"]) == 0, capsys.readouterr().err
    # What the template says to its authors is not for their readers.
    assert "Write here" not in (folder / "build" / "report.en.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("refusal", "message"), [(errno.EROFS, "read-only"), (errno.EACCES, "not"), (errno.ENOSPC, "full")]
)
def test_a_disk_that_refuses(
    broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, refusal: int, message: str
) -> None:
    """As the superuser, who may write anywhere, meets no refusal of a real disk, the call for a scratch folder refuses."""

    def refuse(*_arguments: object, **_more: object) -> None:
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr("canbao.outputs.tempfile.mkdtemp", refuse)
    assert run(["assess", str(broken)]) == 2
    assert message in capsys.readouterr().err


def test_a_full_disk(broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from canbao import study

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(study, "write", full)
    before = sorted(broken.rglob("*"))
    assert run(["assess", str(broken)]) == 2
    assert "full" in capsys.readouterr().err
    assert sorted(broken.rglob("*")) == before


def test_an_interruption_that_a_library_swallows_is_heard_at_the_next_step() -> None:
    usual = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        hear_interruptions()
        with progress_line(quiet=True) as progress:
            progress(Words.same("before"))
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                progress(Words.same("after"))
        hear_interruptions()
        with progress_line(quiet=True) as progress:
            progress(Words.same("another command"))
    finally:
        signal.signal(signal.SIGINT, usual)


@pytest.mark.parametrize("moment", [1.5, 4.0, 7.0])
def test_an_interruption_leaves_the_last_report(broken: Path, moment: float) -> None:
    build = broken / "build"
    build.mkdir()
    (build / "report.en.html").write_text("the last report")
    command = [sys.executable, "-m", "canbao", "assess", str(broken)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    # An interruption that meets a clean-up of Python itself is said by Python, too.
    assert "Traceback" not in said.partition("Exception ignored in")[0]
    assert [path.name for path in broken.iterdir() if path.name.startswith(".")] == []
    assert (build / "report.en.html").read_text() == "the last report"


def test_figures_that_changed_are_pointed_out(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["confirm", str(broken)]) == 0
    edit(broken / "text" / "figures.csv", "26.3%", "25.0%")
    texts = {path: path.read_bytes() for path in (broken / "text").rglob("*.md")}
    assert run(["assess", str(broken), "--language", "en", "--format", "html"]) == 0
    said = capsys.readouterr()
    assert "was 25.0%" in said.err and "26.3%" in said.err
    assert "was 25.0% when last confirmed" in (broken / "build" / "report.en.html").read_text(encoding="utf-8")
    assert texts == {path: path.read_bytes() for path in (broken / "text").rglob("*.md")}


@pytest.mark.parametrize(
    "command", ["new", "check", "estimate", "assess", "confirm", "questionnaire", "sample-size", "sample"]
)
def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, "--help"]) == 0
    assert f"canbao {command}" in capsys.readouterr().out
