"""Editions of a small study: numbered alike in every format and language, the same bytes again, final with its annexes."""

import datetime
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from canbao.chapters.document import Authored, Document, Paragraph, Section, Table
from canbao.chapters.review import literal
from canbao.errors import InputError
from canbao.evidence.review.anchors import number_of
from canbao.evidence.review.comments import ReviewLog, decided, made_comment, merged, read_log, write_comments
from canbao.evidence.review.snapshot import Snapshot, read_snapshot
from canbao.languages import LANGUAGES, Words
from canbao.report.edition import edition_of, plain
from canbao.report.editions import with_annexes
from canbao.report.log_files import write_log
from canbao.report.numbering import fragments, numbered_paragraphs, printed_for_numbering
from canbao.study import Study

from ..conftest import small_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_study(tmp_path_factory.mktemp("editions") / "small")


@pytest.fixture(scope="module")
def taken(folder: Path) -> Path:
    return Study(folder).take_edition("draft", ("docx", "html"))


@pytest.fixture(scope="module")
def snapshot(taken: Path) -> Snapshot:
    return read_snapshot(taken)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def bookmarks(path: Path) -> Iterator[str]:
    for mark in docx.Document(str(path)).element.body.iter(qn("w:bookmarkStart")):
        if number := number_of(mark.get(qn("w:name"))):
            yield number


def test_every_paragraph_has_its_number_in_word_and_on_the_page(taken: Path, snapshot: Snapshot) -> None:
    numbers = [one.number for one in snapshot.paragraphs]
    assert len(set(numbers)) == len(numbers) > 100
    for language in LANGUAGES:
        assert list(bookmarks(taken / f"report.{language}.docx")) == numbers
        page = (taken / f"report.{language}.html").read_text(encoding="utf-8")
        assert re.findall(r'id="p-([^"]+)"', page) == [one for one in numbers if "-" in one]
        shown = json.loads((taken / f"fragments.{language}.json").read_text(encoding="utf-8"))
        assert set(shown) == set(numbers)
    assert docx.Document(str(taken / "report.en.docx")).core_properties.category == "draft-1"


def test_it_says_that_it_is_a_draft(taken: Path) -> None:
    assert "Draft 1, for comments" in (taken / "report.en.html").read_text(encoding="utf-8")
    assert "征求意见稿（第1稿）" in (taken / "report.zh.html").read_text(encoding="utf-8")


def test_tables_figures_and_both_languages_are_in_the_snapshot(snapshot: Snapshot) -> None:
    kinds = {one.kind for one in snapshot.paragraphs}
    assert {"heading", "text", "item", "notice", "headlines", "table", "figure"} <= kinds
    conclusion = next(one for one in snapshot.paragraphs if one.words.en == "Riders need cover.")
    assert conclusion.words.zh == "骑手需要保障。" and conclusion.chapter == "conclusions"
    table = next(one for one in snapshot.paragraphs if one.kind == "table" and one.key == "profile")
    assert "\t" in table.words.en and table.words.zh != table.words.en


def test_the_same_study_gives_the_same_edition_byte_for_byte(folder: Path, taken: Path) -> None:
    before = digests(taken)
    again = Study(folder).take_edition("draft", ("docx", "html"))
    assert again == taken and digests(again) == before


def test_a_report_without_comments_has_no_numbers(folder: Path) -> None:
    document = Study(folder).document().document
    assert all(item.marks == () for item in edition_of(document, "en").items)


DAY = datetime.date(2026, 6, 30)


def authored(en: str, zh: str, *blocks: Paragraph) -> Document:
    section = Section("conclusions", Words("Conclusions", "结论"), (Authored({"en": en, "zh": zh}), *blocks))
    title = Words.same("x")
    return Document("report", title, title, (), DAY, (section,), {})


def test_languages_that_do_not_run_parallel_agree_on_what_follows() -> None:
    last = Paragraph(Words("The last one.", "最后一段。"))
    document = authored("One.\n\n## Below\n\n- a\n- b", "一。\n\n二。\n\n三。\n\n四。", last)
    printed = printed_for_numbering(document)
    found = {one.number: one.words for one in numbered_paragraphs(printed)}
    assert found["1.0-5"] == Words("The last one.", "最后一段。")
    assert found["1.0-4"] == Words("", "四。") and found["1.0-3"] == Words("b", "三。")
    assert list(found) == ["1", "1.0-1", "1.0-2", "1.0-3", "1.0-4", "1.0-5"]
    assert set(fragments(printed["en"])) == set(found) - {"1.0-4"}


def commented(snapshot: Snapshot, *more: tuple[str, str]) -> ReviewLog:
    told = (("15.0-1", "Say *which* <b>riders</b> [@key]."), ("", "Well done"), *more)
    number = {one.words.en: one.number for one in snapshot.paragraphs}["Riders need cover."]
    comments = [
        made_comment(snapshot, number if at else "", "Li", "Union", "2026-07-01", "technical", text) for at, text in told
    ]
    return merged(ReviewLog({snapshot.edition: snapshot}), comments)


def test_a_final_report_is_refused_until_all_is_decided_and_then_carries_its_annexes(
    folder: Path, taken: Path, snapshot: Snapshot, tmp_path: Path
) -> None:
    review = tmp_path / "review"
    (review / "editions").mkdir(parents=True)
    (review / "editions" / taken.name).symlink_to(taken)
    study = Study(folder, review)
    log = commented(snapshot)
    write_comments(review, log)
    with pytest.raises(InputError) as refused:
        study.take_edition("final", ("html",))
    assert len(refused.value.faults) == 2 and not list((review / "editions").glob("final-*"))
    for one in log.comments:
        log = decided(log, one.id, decision="accepted", response="Done & said.", responsible="Wang", decided="2026-07-09")
    write_comments(review, log)
    text = folder / "text" / "en" / "conclusions.md"
    before = text.read_text(encoding="utf-8")
    text.write_text(before.replace("Riders need", "Food riders need").replace("- Second point\n", ""), encoding="utf-8")
    try:
        final = Study(folder, review).take_edition("final", ("html", "docx"))
    finally:
        text.write_text(before, encoding="utf-8")
    assert final.name == "final-1" and not list(final.glob("comments.*"))
    for language, said in (("en", "Comments and what was decided"), ("zh", "意见处理情况一览表")):
        page = (final / f"report.{language}.html").read_text(encoding="utf-8")
        assert said in page
        assert "Say *which* &lt;b&gt;riders&lt;/b&gt; [@key]." in page
        assert "for comments" not in page and "征求意见稿（第1稿），" not in page
    page = (final / "report.en.html").read_text(encoding="utf-8")
    assert "Food riders need cover." in page and "15.0-1, changed" in page.replace("&#39;", "'")
    words = {one.key: one.words for one in read_snapshot(final).paragraphs if one.kind == "table"}
    assert "removed\t15.0-4\t–\tSecond point" in words["changes"].en
    assert "修改\t15.0-1\t15.0-1\t（中文未变）" in words["changes"].zh
    assert words["comments"].en.count("accepted") == 2 and "(Wang 2026-07-09)" in words["comments"].en
    # Nothing of the study itself was touched.
    assert not (folder / "review" / "comments.csv").exists()


@pytest.mark.parametrize("form", ["csv", "xlsx", "docx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_log_is_written_in_every_format(snapshot: Snapshot, tmp_path: Path, form: str, language: str) -> None:
    log = commented(snapshot, ("15.0-1", "=1+1"))
    path, again = tmp_path / f"log.{form}", tmp_path / f"again.{form}"
    for one in (path, again):
        write_log(log, one, language, snapshot.date, snapshot.title)  # type: ignore[arg-type]
    assert path.read_bytes() == again.read_bytes()
    with pytest.raises(InputError, match="not as"):
        write_log(log, tmp_path / "log.pdf", "en", snapshot.date, snapshot.title)
    if form == "docx":
        cells = [cell.text for cell in docx.Document(str(path)).tables[0]._cells]
        assert "=1+1" in cells and "Say *which* <b>riders</b> [@key]." in cells
    if form == "xlsx":
        import zipfile

        with zipfile.ZipFile(path) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_ten_thousand_comments_are_printed(folder: Path, snapshot: Snapshot) -> None:
    number = next(one.number for one in snapshot.paragraphs if one.words.en == "Riders need cover.")
    comments = [made_comment(snapshot, number, "Li", "", "", "general", f"Comment {at}") for at in range(10_000)]
    log = merged(
        ReviewLog({snapshot.edition: snapshot}), [replace(one, decision="noted", response="Seen.") for one in comments]
    )
    document = with_annexes(Study(folder).document().document, log)
    table = next(block for block in document.chapters[-1].walk() if isinstance(block, Table))
    assert len(table.rows) == 10_000


def test_others_words_are_printed_as_they_stand() -> None:
    evil = "*a* **b** `c` [d](https://e) [@f, p. 3] <b>&amp; {n} ![i](j) \\ _k_ # l ~m~ |n|"
    document = authored("x", "x", Paragraph(Words.same(literal(evil))))
    assert plain(edition_of(document, "en").items[-1].spans) == evil  # type: ignore[union-attr]


def test_a_log_of_nothing_is_empty(small: Path) -> None:
    assert read_log(small / "review") == ReviewLog({})
    with pytest.raises(InputError, match="No draft"):
        Study(small).take_edition("final")
