"""Every sentence that a user can see exists in both languages and takes the same figures in both."""

import string
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
import yaml

PACKAGE = Path(str(resources.files("canbao")))
FILES = sorted(path for path in PACKAGE.rglob("*.yaml") if "new_study" not in path.parts)
DATA = {
    "vocabulary.yaml",
    "sample.yaml",
    "sample_file.yaml",
    "published.yaml",
    "columns.yaml",
    "documents.yaml",
    "places.yaml",
    "follows.yaml",
    "enterprises.yaml",
    "start.yaml",
    "answer_errors.yaml",
    "assumptions.yaml",
    "activities.yaml",
    "attributes.yaml",
    "burden.yaml",
    "levers.yaml",
    "results.yaml",
    "indicators.yaml",
    "crosswalk.yaml",
    "benchmarks.yaml",
    "province_tiles.yaml",
    "criteria.yaml",
    "codes.yaml",
    "purposes.yaml",
    "records.yaml",
    "structure.yaml",
}
OF_A_SCHEME = {"parameters.yaml", "labels.yaml", "cases.yaml"}
FOLDERS_OF_DATA = {"options", "arrangements", "statutory", "models", "cards", "input_maps", "schemes"}
CATALOGUES = [path for path in FILES if path.name not in DATA | OF_A_SCHEME and path.parent.name not in FOLDERS_OF_DATA]


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(path.relative_to(PACKAGE)) for path in paths])


def figures(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def bilingual(content: object, place: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every entry that has a text in some language, wherever it stands."""
    if isinstance(content, dict):
        if {"en", "zh"} & set(content):
            yield place, content
        for key, inner in content.items():
            yield from bilingual(inner, f"{place}/{key}")
    elif isinstance(content, list):
        for at, inner in enumerate(content):
            yield from bilingual(inner, f"{place}/{at}")


@named(CATALOGUES)
def test_catalogues_hold_sentences_and_nothing_else(path: Path) -> None:
    for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert set(entry) == {"en", "zh"}, key


@named(FILES)
def test_both_languages_say_the_same(path: Path) -> None:
    for key, entry in bilingual(yaml.safe_load(path.read_text(encoding="utf-8"))):
        assert {"en", "zh"} <= set(entry), key
        assert entry["en"].strip() and entry["zh"].strip(), key
        if path in CATALOGUES:
            assert not figures(entry["en"]) ^ figures(entry["zh"]), key


@named(FILES)
def test_chinese_is_chinese(path: Path) -> None:
    """A sentence of several English words has Chinese characters in its translation."""
    for key, entry in bilingual(yaml.safe_load(path.read_text(encoding="utf-8"))):
        if len(entry["en"].split()) > 3:
            assert any("\u4e00" <= character <= "\u9fff" for character in entry["zh"]), key
