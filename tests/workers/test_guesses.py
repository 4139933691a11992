"""What a variable may be is guessed from names and labels in both languages, and never twice."""

from pathlib import Path

import polars as pl

from canbao.workers.guesses import guesses
from canbao.workers.source import Source
from canbao.workers.vocabulary import vocabulary


def test_guesses_read_labels_in_both_languages(tmp_path: Path) -> None:
    frame = pl.DataFrame({"q1": [1.0, 2.0], "q2": [1.0, 2.0], "v7": [3.0, 4.0], "zzz": ["a", "b"]})
    source = Source(tmp_path / "s.dta", frame, {"q1": "性别", "q2": "Pension insurance"}, {"q1": {"1": "男", "2": "女"}})
    found = {one.variable: one for one in guesses(source, vocabulary())}
    assert found["q1"].column == "sex"
    assert found["q1"].values == {"1": "male", "2": "female"}
    assert found["q2"].column == "pension_scheme"
    assert found["zzz"].column is None


def test_a_column_is_guessed_once_and_by_its_name_first(tmp_path: Path) -> None:
    frame = pl.DataFrame({"Sex_": [1.0], "gender": [1.0], "sex": [1.0]})
    source = Source(tmp_path / "s.sav", frame, {"gender": "Sex", "Sex_": "Sex"})
    found = [one for one in guesses(source, vocabulary()) if one.column == "sex"]
    assert len(found) == 1
    assert found[0].variable in ("sex", "Sex_")
