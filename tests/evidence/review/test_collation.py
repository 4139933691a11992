"""Comments from files: the same log for any order, and no file that breaks another."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.evidence.review.collation import collate
from canbao.evidence.review.comments import ReviewLog, comments_csv, merged, read_log, write_comments
from canbao.evidence.review.packed import MOST_MEMBERS
from canbao.evidence.review.snapshot import FOLDER, Snapshot, written
from canbao.evidence.review.word import split_comment

FORMULA = "=cmd|'/c calc'!A1"


def log_of(snapshot: Snapshot, *files: Path, **options: str) -> tuple[ReviewLog, list[str]]:
    editions = {snapshot.edition: snapshot}
    found = collate(files, editions, **options)  # type: ignore[arg-type]
    return merged(ReviewLog(editions), found.comments), [fault.text("en") for fault in found.faults]


def test_word_comments_know_their_paragraph(snapshot: Snapshot, word: Callable[..., Path]) -> None:
    told = [
        ("1.1-1", "人社部 王", "technical: Say which riders.\nProposed change: Food riders: 26.3%."),
        ("1.1", "Union", "编辑性：标题过长"),
        ("", "Union", "A good report"),
    ]
    for bookmarks in (True, False):
        log, faults = log_of(snapshot, word("reply.docx", told, bookmarks=bookmarks))
        assert not faults
        whole, *rest = log.comments
        assert (whole.paragraph, whole.identity, whole.type, whole.quote) == ("", "", "general", "Report")
        if bookmarks:
            # The printed number tells of paragraphs only: a heading's is not told from the text before it.
            assert (rest[0].paragraph, rest[0].type, rest[0].comment) == ("1.1", "editorial", "标题过长")
        one = rest[-1]
        assert (one.paragraph, one.identity) == ("1.1-1", snapshot.by_number["1.1-1"].identity)
        assert (one.type, one.comment, one.proposed_change) == ("technical", "Say which riders.", "Food riders: 26.3%.")
        assert one.commenter == "人社部 王"


def test_a_comment_that_begins_between_two_paragraphs_is_on_the_second(
    snapshot: Snapshot, word: Callable[..., Path]
) -> None:
    path = word("reply.docx", [("1.0-1", "Union", "Too short")])
    document = docx.Document(str(path))
    begin = next(document.element.body.iter(qn("w:commentRangeStart")))
    line = begin.getparent()
    line.addprevious(begin)
    document.save(str(path))
    log, _ = log_of(snapshot, path)
    assert [one.paragraph for one in log.comments] == ["1.0-1"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_filled_in_template_is_read_again(snapshot: Snapshot, template: Callable[..., Path], language: str) -> None:
    kind = {"en": "editorial", "zh": "文字性"}[language]
    rows = [
        ("1.0-1", kind, "措辞不当 <b>", "骑手较少参保。"),
        ("", "", "On all of it", ""),
        ("1.1-2", "technical", "", "2"),
    ]
    path = template("a.xlsx", rows, language, commenter="Li", body="Ministry", date="2026-07-01")
    log, faults = log_of(snapshot, path)
    assert not faults
    whole, first, last = log.comments
    assert (first.paragraph, first.type, first.comment, first.proposed_change) == (
        "1.0-1",
        "editorial",
        "措辞不当 <b>",
        "骑手较少参保。",
    )
    assert {(one.commenter, one.body, one.date) for one in log.comments} == {("Li", "Ministry", "2026-07-01")}
    assert (whole.type, last.comment, last.proposed_change) == ("general", "", "2")


def test_formulas_count_as_what_they_show_and_stay_text(
    snapshot: Snapshot, template: Callable[..., Path], tmp_path: Path
) -> None:
    path = template("a.xlsx", [("1.0-1", "general", FORMULA, "")], formula=FORMULA)
    assert log_of(snapshot, path)[0].comments[0].comment == "shown"
    path = template("b.xlsx", [("1.0-1", "general", FORMULA, "'=1+1")])
    log, _ = log_of(snapshot, path)
    assert (log.comments[0].comment, log.comments[0].proposed_change) == (FORMULA, "'=1+1")
    kept = comments_csv(log.comments)
    assert f",'{FORMULA}," in kept and ",''=1+1," in kept
    folder = tmp_path / "review" / FOLDER / "draft-1"
    folder.mkdir(parents=True)
    (folder / "paragraphs.json").write_text(written(snapshot), encoding="utf-8")
    write_comments(tmp_path / "review", log)
    assert read_log(tmp_path / "review").comments == log.comments


def bomb(path: Path, *, members: int = 1, size: int = 400 * 2**20) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(members):
            with archive.open(f"word/{at}.xml", "w", force_zip64=True) as stream:
                for _ in range(size // 2**20):
                    stream.write(bytes(2**20))


def lying_bomb(path: Path) -> None:
    """An archive that states ten bytes for a member of forty megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(40 * 2**20))
    raw, size = packed.getvalue(), (40 * 2**20).to_bytes(4, "little")
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, (10).to_bytes(4, "little")))


HOSTILE: dict[str, Callable[[Path], object]] = {
    "empty.docx": lambda path: path.write_bytes(b""),
    "text.docx": lambda path: path.write_bytes(b"no archive"),
    "cut.docx": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(200)),
    "bomb.docx": bomb,
    "bomb.xlsx": bomb,
    "many.xlsx": lambda path: bomb(path, members=MOST_MEMBERS + 1, size=0),
    "lying.docx": lying_bomb,
    "other.docx": lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "b"),
    "other.xlsx": lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "b"),
    "picture.png": lambda path: path.write_bytes(b"\x89PNG"),
    "absent.docx": lambda path: path.exists(),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_file_is_named_and_stops_nobody(
    snapshot: Snapshot, word: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    good = word("good.docx", [("1.0-1", "Union", "Too short")])
    HOSTILE[name](tmp_path / name)
    log, faults = log_of(snapshot, tmp_path / name, good)
    assert [one.comment for one in log.comments] == ["Too short"]
    assert len(faults) == 1 and faults[0].startswith(f"{name}: ") and str(tmp_path) not in faults[0]
    assert ("would unpack to more than any report holds" in faults[0]) == (name in ("bomb.docx", "bomb.xlsx", "many.xlsx"))


def test_entities_of_a_word_file_are_not_expanded(snapshot: Snapshot, word: Callable[..., Path], tmp_path: Path) -> None:
    source, evil = word("good.docx", [("1.0-1", "Union", "Too short")]), tmp_path / "evil.docx"
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(evil, "w") as new:
        for member in old.infolist():
            text = old.read(member)
            if member.filename == "word/comments.xml":
                head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
                text = text.replace(b"?>", b"?>" + head, 1).replace(b"Too short", b"Too &e; short")
            new.writestr(member, text)
    log, _ = log_of(snapshot, evil)
    assert "SECRET" not in comments_csv(log.comments)


def test_a_comment_on_a_paragraph_that_does_not_exist_is_refused_with_its_row(
    snapshot: Snapshot, template: Callable[..., Path]
) -> None:
    path = template("a.xlsx", [("9.9-9", "general", "Where?", ""), ("1.0-1", "rude", "x", ""), ("1.0-1", "", "Here", "")])
    log, faults = log_of(snapshot, path)
    assert [one.comment for one in log.comments] == ["Here"]
    assert "a.xlsx, row 9: There is no paragraph 9.9-9 in draft-1" in faults[0]
    assert "row 10: “rude” is no type" in faults[1]


def test_a_workbook_that_is_no_template_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "mine.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string(0, 0, "Paragraph")
    assert "is not the template" in log_of(snapshot, path)[1][0]


def test_a_file_of_an_unknown_edition_asks_which(snapshot: Snapshot, word: Callable[..., Path]) -> None:
    other = word("a.docx", [("1.0-1", "Union", "Too short")], edition="draft-7")
    editions = {"draft-1": snapshot, "draft-2": snapshot}
    assert "does not say on which edition" in collate([other], editions).faults[0].text("en")
    assert collate([other], editions, edition="draft-2").comments[0].edition == "draft-1"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31))
def test_comments_in_any_order_of_files_give_the_same_log(
    snapshot: Snapshot, word: Callable[..., Path], template: Callable[..., Path], seed: int
) -> None:
    chance = random.Random(seed)
    numbers = [one.number for one in snapshot.paragraphs]
    bodies = ["Ministry", "工会", "Platform", "Academy"]
    files = [
        word(
            f"{at}.docx",
            [(chance.choice(numbers), chance.choice(bodies), f"Comment {chance.randrange(4)}") for _ in range(3)],
        )
        for at in range(2)
    ] + [template("t.xlsx", [(chance.choice(numbers), "general", f"Comment {chance.randrange(4)}", "")], body="工会")]
    texts = set()
    for _ in range(3):
        chance.shuffle(files)
        once, _ = log_of(snapshot, *files)
        twice = once
        for one in files:
            twice = merged(twice, collate([one], once.editions).comments)
        bit_by_bit = ReviewLog(once.editions)
        for one in files:
            bit_by_bit = merged(bit_by_bit, collate([one], once.editions).comments)
        texts |= {comments_csv(once.comments), comments_csv(twice.comments)}
        # Which of two files brought the same comment is the one thing that the order of commands may decide.
        assert [one.id for one in bit_by_bit.comments] == [one.id for one in once.comments]
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("Just words", ("general", "Just words", "")),
        ("Technical: x", ("technical", "x", "")),
        ("[editorial]: a\nProposed: b", ("editorial", "a", "b")),
        ("技术：数据有误。\n建议修改为：26.4%", ("technical", "数据有误。", "26.4%")),
        ("Generally: fine", ("general", "Generally: fine", "")),
    ],
)
def test_a_word_comment_says_its_type_and_change(text: str, split: tuple[str, str, str]) -> None:
    assert split_comment(text) == split


def test_tracked_changes_come_in_as_proposals(snapshot: Snapshot, word: Callable[..., Path], tmp_path: Path) -> None:
    source, changed = word("draft.docx", []), tmp_path / "changed.docx"
    by = 'w:id="1" w:author="工会" w:date="2026-07-03T10:00:00Z"'
    old = "<w:t>Riders rarely join the scheme.</w:t></w:r>"
    new = (
        f'<w:t xml:space="preserve">Riders </w:t></w:r><w:del {by}><w:r><w:delText>rarely</w:delText></w:r></w:del>'
        f"<w:ins {by}><w:r><w:t>seldom</w:t></w:r></w:ins><w:r>"
        '<w:t xml:space="preserve"> join the scheme.</w:t></w:r></w:p>'
        f"<w:p><w:ins {by}><w:r><w:t>A new sentence.</w:t></w:r></w:ins>"
    )
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(changed, "w") as after:
        for member in before.infolist():
            text = before.read(member).decode("utf-8") if member.filename == "word/document.xml" else before.read(member)
            if isinstance(text, str):
                assert text.count(old) == 1
                text = text.replace(old, new)
            after.writestr(member, text)
    log, faults = log_of(snapshot, changed)
    assert not faults
    told = {(one.paragraph, one.commenter, one.date, one.quote, one.proposed_change, one.type) for one in log.comments}
    assert told == {
        ("1.0-1", "工会", "2026-07-03", "Riders rarely join the scheme.", "Riders seldom join the scheme.", "editorial"),
        ("1.0-1", "工会", "2026-07-03", "", "A new sentence.", "editorial"),
    }
