"""YAML files: their faults in people's words, one for each place."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from canbao.errors import InputError
from canbao.located_yaml import Bilingual, Entry, read


class Thing(Entry):
    name: str = ""
    size: Annotated[int, Field(ge=0)] = 0
    parts: str | list[str] | None = None
    shares: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    several: Annotated[list[str], Field(min_length=1)] = Field(default_factory=lambda: ["a"])
    label: Bilingual | None = None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("parts: 3", "1:1: “3” will not do for parts: a text is needed; put it in quotes; or a list is needed, as [a, b]."),
        ("parts: [a, 3]", "1:12: “3” will not do for parts: a text is needed; put it in quotes."),
        ("parts: {a: 1}", '1:1: “{"a": 1}” will not do for parts:'),
        ("shares: {1: 0.5}", "1:10: “1” cannot stand before a colon here: a text is needed; put it in quotes."),
        ("shares: {a: 0}", "1:10: “0” will not do for a: it must be more than 0."),
        ("size: -1", "1:1: “-1” will not do for size: it must be 0 or more."),
        ("size: 1.5", "1:1: “1.5” will not do for size: a whole number is needed."),
        ("several: []", "1:1: “[]” will not do for several: it needs 1 or more entries."),
        ("label: true", "1:1: “true” will not do for label: lines of the form “key: value” are needed."),
        ("label: {en: a}", "1:1: The key zh is missing."),
        ("size: !foo 3", "1:7: The mark !foo has no meaning here."),
        ("size: !!int three", "1:7: The mark !!int has no meaning here."),
        ("!foo size: 3", "1:1: The mark !foo has no meaning here."),
        ("size: !!python/object/apply:os.system [ls]", "1:7: The mark !!python/object/apply:os.system has no meaning"),
        ("? [a, b]\n: 3", "1:3: This is not valid YAML"),
        ("size: &here [*here]", "thing.yaml"),
        ("size: " + "9" * 5000, "thing.yaml"),
    ],
)
def test_faults_in_the_words_of_people(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "thing.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read(path, Thing)
    assert len(raised.value.faults) == 1
    assert message in raised.value.text("en")


def test_plain_tags_may_stand(tmp_path: Path) -> None:
    path = tmp_path / "thing.yaml"
    path.write_text("name: !!str 3\nsize: !!int 3\nparts: !!seq [a]", encoding="utf-8")
    assert read(path, Thing) == Thing(name="3", size=3, parts=["a"])
