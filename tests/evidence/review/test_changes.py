"""What has changed between two editions, and where a paragraph is now."""

import dataclasses
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.evidence.review.anchors import bookmark, number_of
from canbao.evidence.review.changes import compare
from canbao.evidence.review.snapshot import edition_order, next_edition, read_snapshot, written
from canbao.languages import Words

from .draft import PARAGRAPHS, snapshot_with


def test_a_comment_finds_its_paragraph_after_renumbering() -> None:
    before = snapshot_with()
    after = snapshot_with(
        [
            *PARAGRAPHS[:3],
            ("1.0-1", "text", "pensions", "", Words("A paragraph that is new here.", "此段为新增。")),
            ("1.0-2", *PARAGRAPHS[3][1:]),
            PARAGRAPHS[4],
            (
                "1.1-1",
                "text",
                "pensions",
                "",
                Words("Coverage of riders is 27.1% in the survey year.", "调查年度骑手参保率为27.1%。"),
            ),
            ("1.1-2", "table", "pensions", "coverage", Words("Coverage\na\tb\n1\t9\n3\t4", "参保率\na\tb\n1\t9\n3\t4")),
        ],
        "draft-2",
    )
    found = compare(before, after)
    assert [found.whereabouts(one)[0] for one in ("A.0-1", "1.0-1", "1.1-1", "1.1-2")] == [
        "same",
        "moved",
        "changed",
        "changed",
    ]
    assert found.whereabouts("1.0-1")[1].number == "1.0-2"  # type: ignore[union-attr]
    told = [(one.kind, one.before and one.before.number, one.after and one.after.number) for one in found.changes]
    assert told == [("added", None, "1.0-1"), ("changed", "1.1-1", "1.1-1"), ("changed", "1.1-2", "1.1-2")]
    back = compare(after, before)
    assert back.whereabouts("1.0-1") == ("gone", None)
    assert [one.kind for one in back.changes] == ["removed", "changed", "changed"]


def test_what_is_changed_in_one_language_is_changed() -> None:
    other = [*PARAGRAPHS[:3], ("1.0-1", "text", "pensions", "", Words("Riders rarely join the scheme.", "骑手参保较少。"))]
    assert compare(snapshot_with(), snapshot_with(other)).whereabouts("1.0-1")[0] == "changed"


def test_a_paragraph_that_a_chapter_says_twice_is_told_apart() -> None:
    twice = [("1.0-1", "text", "a", "", Words("Same", "同")), ("1.0-2", "text", "a", "", Words("Same", "同"))]
    first, second = snapshot_with(twice).paragraphs
    assert first.identity != second.identity
    in_other_chapter = snapshot_with([("2.0-1", "text", "b", "", Words("Same", "同"))]).paragraphs[0]
    assert in_other_chapter.identity != first.identity


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_every_paragraph_is_accounted_for_once(seed: int) -> None:
    chance = random.Random(seed)
    words = ["riders", "pension", "floor", "base", "city", "platform", "order", "injury"]

    def text() -> Words:
        said = " ".join(chance.choices(words, k=6))
        return Words(said, said)

    then = [(f"1.0-{at}", "text", chance.choice("ab"), "", text()) for at in range(12)]
    kept = [one for one in then if chance.random() < 0.7] + [("", "text", "a", "", text()) for _ in range(3)]
    chance.shuffle(kept)
    now = [(f"1.0-{at}", *one[1:]) for at, one in enumerate(kept)]
    found = compare(snapshot_with(then), snapshot_with(now))
    assert len(set(found.pairs.values())) == len(found.pairs)
    befores = [one.before.number for one in found.changes if one.before]
    afters = [one.after.number for one in found.changes if one.after]
    same = [one for one in found.pairs if found.whereabouts(one)[0] in ("same", "moved")]
    assert sorted(befores + same) == sorted(one[0] for one in then)
    assert len(set(afters)) == len(afters) and len(afters) + len(same) == len(now)


def test_a_bookmark_tells_its_number_again() -> None:
    for number in ("5", "5.2", "5.2-3", "A.0-12", "AB.1-1", "5.2.1-3", "1.A-2"):
        assert number_of(bookmark(number)) == number
        assert len(bookmark(number)) <= 40
    assert number_of("_Toc123") is None and number_of("canbao_x; drop") is None


def test_an_edition_is_named_once_for_what_it_says(tmp_path) -> None:  # type: ignore[no-untyped-def]
    draft = snapshot_with()
    assert next_edition({}, "draft", draft.paragraphs) == "draft-1"
    assert next_edition({"draft-1": draft}, "draft", draft.paragraphs) == "draft-1"
    assert next_edition({"draft-1": draft}, "draft", draft.paragraphs[:2]) == "draft-2"
    assert next_edition({"draft-1": draft}, "interim", draft.paragraphs) == "interim-1"
    assert sorted(("draft-10", "final-1", "draft-9", "interim-1"), key=edition_order) == [
        "interim-1",
        "draft-9",
        "draft-10",
        "final-1",
    ]
    folder = tmp_path / "draft-1"
    folder.mkdir()
    (folder / "paragraphs.json").write_text(written(draft), encoding="utf-8")
    assert dataclasses.asdict(read_snapshot(folder)) == dataclasses.asdict(draft)
