"""The log as a file: kept byte for byte, refused row by row, and decided on."""

import contextlib
import dataclasses
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.evidence.review.comments import (
    HEADER,
    Comment,
    ReviewLog,
    clean,
    comments_csv,
    decided,
    made_comment,
    merged,
    read_log,
    write_comments,
)
from canbao.evidence.review.snapshot import FOLDER, Snapshot, read_editions, written

from .draft import snapshot_with


@pytest.fixture
def review(tmp_path: Path, snapshot: Snapshot) -> Path:
    folder = tmp_path / "review" / FOLDER / snapshot.edition
    folder.mkdir(parents=True)
    (folder / "paragraphs.json").write_text(written(snapshot), encoding="utf-8")
    return tmp_path / "review"


def said(snapshot: Snapshot, comment: str = "Too short", paragraph: str = "1.0-1", **more: str) -> Comment:
    made = made_comment(snapshot, paragraph, "Li", "Union", "2026-07-01", "general", comment)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def kept(review: Path, *comments: Comment) -> Path:
    return write_comments(review, ReviewLog(read_editions(review), comments))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from("\n=+-@'\","), max_size=30)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=5))
def test_what_was_written_is_read_again(texts: list[tuple[str, str, str]]) -> None:
    snapshot = snapshot_with()
    comments = []
    for comment, proposed, response in texts:
        with contextlib.suppress(InputError):
            one = made_comment(snapshot, "1.0-1", "Li", "", "", "general", comment, proposed)
            comments.append(dataclasses.replace(one, decision="noted", response=clean(response)))
    with tempfile.TemporaryDirectory() as name:
        review = Path(name)
        folder = review / FOLDER / snapshot.edition
        folder.mkdir(parents=True)
        (folder / "paragraphs.json").write_text(written(snapshot), encoding="utf-8")
        log = merged(ReviewLog(read_editions(review)), comments)
        write_comments(review, log)
        assert read_log(review) == log


def test_rows_in_any_order_are_written_back_the_same(review: Path, snapshot: Snapshot) -> None:
    comments = [said(snapshot, str(at), ("1.1-1", "", "A.0-1")[at % 3]) for at in range(9)]
    kept(review, *comments)
    first = read_log(review)
    kept(review, *reversed(comments))
    assert comments_csv(read_log(review).comments) == comments_csv(first.comments)
    assert [one.paragraph for one in first.comments] == [""] * 3 + ["A.0-1"] * 3 + ["1.1-1"] * 3


def test_a_section_number_that_a_spreadsheet_spoilt_is_mended_by_the_identity(review: Path, snapshot: Snapshot) -> None:
    path = kept(review, said(snapshot, paragraph="1.1"))
    text = path.read_text(encoding="utf-8-sig")
    path.write_bytes(text.replace(",1.1,", ",1.10000,").replace("2026-07-01", "2026/7/1").encode("gb18030"))
    one = read_log(review).comments[0]
    assert (one.paragraph, one.date) == ("1.1", "2026-07-01")


BAD_ROWS: dict[str, tuple[dict[str, str], str]] = {
    "edition": ({"edition": "draft-9", "identity": ""}, "There is no edition “draft-9”"),
    "paragraph": ({"paragraph": "7.1-1", "identity": ""}, "There is no paragraph 7.1-1 in draft-1"),
    "identity": ({"identity": "p000000000000"}, "no paragraph with the identity p000000000000"),
    "type": ({"type": "rude"}, "“rude” is no type of comment. Write one of: editorial, technical, general"),
    "decision": ({"decision": "maybe"}, "“maybe” is no decision"),
    "date": ({"date": "2026-02-30"}, "“2026-02-30” is no day"),
    "decided": ({"decided": "soon"}, "“soon” is no day"),
    "accepts": ({"accepts": "perhaps"}, "“perhaps” does not say"),
    "words": ({"comment": ""}, "The comment says nothing"),
    "id": ({"id": "1 2"}, "“1 2” cannot be an id"),
    "long": ({"response": "x" * 20_001}, "longer than 20000"),
    "duplicate": (
        {"decision": "duplicate", "duplicate_of": "cnothing"},
        "“cnothing” is not a comment that this can be a duplicate of",
    ),
    "no duplicate": ({"decision": "noted", "duplicate_of": "cnothing"}, "Only a duplicate names another"),
}


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_bad_rows_are_refused_with_file_and_line(review: Path, snapshot: Snapshot, bad: str) -> None:
    change, told = BAD_ROWS[bad]
    kept(review, said(snapshot, "A first\nof two lines"), dataclasses.replace(said(snapshot, "Another"), **change))  # type: ignore[arg-type]
    with pytest.raises(InputError) as refused:
        read_log(review)
    assert told in refused.value.text("en")
    assert re.search(r"comments\.csv:[24]: ", refused.value.text("en"))
    assert any("\u4e00" <= one <= "\u9fff" for one in refused.value.text("zh"))


def test_two_comments_with_one_id_name_both_lines(review: Path, snapshot: Snapshot) -> None:
    kept(review, said(snapshot, "a"), said(snapshot, "b", id=said(snapshot, "a").id))
    with pytest.raises(InputError, match=r"comments\.csv:3: The id c\w+ stands in line 2, too"):
        read_log(review)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00\x00", b'"open'])
def test_what_is_no_log_is_refused(review: Path, content: bytes) -> None:
    (review / "comments.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"comments\.csv"):
        read_log(review)


def test_a_row_of_another_width_is_refused(review: Path) -> None:
    (review / "comments.csv").write_text(",".join(HEADER) + "\nc1,draft-1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"comments\.csv:2: The row has 2 cells"):
        read_log(review)


def test_an_edition_that_was_damaged_is_named(review: Path) -> None:
    (review / FOLDER / "draft-1" / "paragraphs.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"paragraphs\.json"):
        read_log(review)


def test_the_same_comment_read_again_keeps_its_decision(snapshot: Snapshot) -> None:
    log = merged(ReviewLog({"draft-1": snapshot}), [said(snapshot)])
    log = decided(log, log.comments[0].id, decision="accepted", response="Right.", decided="2026-07-02")
    again = merged(log, [said(snapshot)])
    assert again == log and not again.undecided


def test_a_decision_needs_words_that_are_known(snapshot: Snapshot) -> None:
    log = merged(ReviewLog({"draft-1": snapshot}), [said(snapshot, "a"), said(snapshot, "b")])
    first, other = (one.id for one in log.comments)
    for bad in ({"decision": "perhaps"}, {"decided": "soon"}, {"decision": "duplicate", "duplicate_of": first}):
        with pytest.raises(InputError):
            decided(log, first, **bad)
    with pytest.raises(InputError, match="no comment"):
        decided(log, "cnobody", decision="noted")
    log = decided(log, first, decision="duplicate", duplicate_of=other, response="See there.")
    with pytest.raises(InputError, match="duplicates of"):
        decided(log, other, decision="duplicate", response="x")
    assert decided(log, first, decision="noted").comments[0].duplicate_of == ""


def test_a_final_report_needs_a_decision_with_a_reason_on_every_comment(snapshot: Snapshot) -> None:
    with pytest.raises(InputError, match="No draft"):
        ReviewLog({}).refuse_undecided()
    log = merged(ReviewLog({"draft-1": snapshot}), [said(snapshot, "a"), said(snapshot, "b")])
    log = decided(log, log.comments[0].id, decision="accepted")
    with pytest.raises(InputError) as refused:
        log.refuse_undecided()
    assert len(refused.value.faults) == 2
    assert "a decision without a reason" in refused.value.text("en") and "has no decision" in refused.value.text("en")
    for one in log.comments:
        log = decided(log, one.id, decision="noted", response="Thanks.")
    log.refuse_undecided()


def test_ten_thousand_comments(review: Path, snapshot: Snapshot) -> None:
    comments = [said(snapshot, f"Comment {at} 意见", ("1.0-1", "1.1-1", "")[at % 3]) for at in range(10_000)]
    kept(review, *comments)
    log = read_log(review)
    assert len(log.comments) == 10_000 and len({one.id for one in log.comments}) == 10_000


def test_characters_that_no_file_may_hold_are_left_out(snapshot: Snapshot) -> None:
    one = said(snapshot, "a\x00b\x0bc\r\nd\ud800\ufffee\u0301")
    assert one.comment == "abc\ndé"
