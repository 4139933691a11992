"""Extracted results: rows that contradict themselves, and what works say together."""

from pathlib import Path

import pytest

from canbao.careers.extraction import ExtractedRow
from canbao.errors import InputError
from canbao.evidence.literature.extraction import Extraction, read_study_extraction, synthesis


def extraction(folder: Path, text: str) -> Extraction:
    (folder / "extraction.yaml").write_text(text, encoding="utf-8")
    return read_study_extraction(folder, ["li2020"], lambda: ["price_response"])


ROW = "rows:\n  li2020-1:\n    work: li2020\n    outcome: pension\n    seen: whole\n"


def test_what_is_left_out_stays_blank(tmp_path: Path) -> None:
    row = extraction(tmp_path, ROW).rows["li2020-1"]
    assert row.effect is None and row.n is None and row.year is None and row.sign is None


def test_a_row_that_bears_on_an_assumption(tmp_path: Path) -> None:
    found = extraction(tmp_path, ROW + "    assumptions: [price_response]\n    year: 2015\n")
    assert found.bearing_on("price_response") == ["li2020-1"] and found.bearing_on("other") == []
    assert found.rows["li2020-1"].year == "2015"


def test_no_file_no_rows(tmp_path: Path) -> None:
    assert read_study_extraction(tmp_path, [], list).rows == {}


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("    effect: 0.1\n", r":6:5: .*no unit"),
        ("    effect: .nan\n    unit: points\n", ":6:5: "),
        ("    effect: 0.1\n    unit: points\n    interval: [0.2, 0.3]\n", ":8:5: .*does not hold"),
        ("    effect: 0.1\n    unit: points\n    interval: [0.2, 0.0]\n", ":8:5: .*does not hold"),
        ("    sign: positive\n", ":6:5: .*no determinant"),
        ("    determinant: price\n    effect: 0.1\n    unit: points\n    sign: negative\n", ":9:5: .*contradict"),
        ("    determinant: price\n    effect: 0.8\n    unit: odds_ratio\n    sign: positive\n", ":9:5: .*contradict"),
        ("    n: 0\n", ":6:5: "),
        ("    determinant: prize\n", ":6:5: .*Did you mean price"),
        ("    assumptions: [price_respons]\n", ":6:19: .*Did you mean price_response"),
        ("    unit: furlongs\n", ":6:5: .*furlongs"),
        ("    effct: 1\n", ":6:5: .*effect"),
    ],
)
def test_rows_that_cannot_be(tmp_path: Path, added: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"extraction\.yaml{message}"):
        extraction(tmp_path, ROW + added)


def test_a_work_that_the_bibliography_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"extraction\.yaml:3:5: .*li2021.*Did you mean li2020"):
        extraction(tmp_path, ROW.replace("work: li2020", "work: li2021"))


def test_an_id_of_the_programme(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cribb2016-1"):
        extraction(tmp_path, ROW.replace("li2020-1", "cribb2016-1"))


def row(work: str, sign: str | None = None, effect: float | None = None, **more: object) -> ExtractedRow:
    unit = "points" if effect is not None else None
    given = {"outcome": "pension", "determinant": "price", "seen": "whole", "unit": unit, **more}
    return ExtractedRow.model_validate({"work": work, "sign": sign, "effect": effect, **given})


def test_works_are_counted_once_and_effects_each() -> None:
    (found,) = synthesis(
        [
            row("a", "negative", -0.2),
            row("a", "negative", -0.4),
            row("b", "negative", -0.1),
            row("c", "positive", 0.3),
            row("c", "negative", -0.1),
            row("d", "none"),
            row("e"),
        ]
    )
    assert found.works == 5
    assert found.signs == {"negative": 2, "mixed": 1, "none": 1}
    assert found.ranges == {"points": (5, -0.4, 0.3)}


def test_units_are_not_mixed_and_levels_are_left_out() -> None:
    rows = [row("a", "positive", 0.2), row("b", "positive", 1.2, unit="odds_ratio"), row("c", None, 0.5, determinant=None)]
    (found,) = synthesis(rows)
    assert found.works == 2 and found.ranges == {"points": (1, 0.2, 0.2), "odds_ratio": (1, 1.2, 1.2)}


def test_the_most_studied_stands_first() -> None:
    found = synthesis([row("a", determinant="income"), row("a"), row("b"), row("a", outcome="medical")])
    assert [(one.determinant, one.outcome) for one in found] == [
        ("price", "pension"),
        ("income", "pension"),
        ("price", "medical"),
    ]
