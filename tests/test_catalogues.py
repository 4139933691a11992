"""Every sentence that a user can see exists in both languages and takes the same figures in both."""

import re
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
    "method_sources.yaml",
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
    "sources.yaml",
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


SAID_TO_AUTHORS = {"authored.yaml"}
"""Catalogues of what is wrong with a study: nothing of it stands in a report."""

FAULTS = {("reported.yaml", "which_tables")}
REPORTED = [path for path in CATALOGUES if path.parent.name == "chapters" and path.name not in SAID_TO_AUTHORS]

SOFTWARE = re.compile(
    r"\.ya?ml|canbao [a-z]|`|\bcodebooks?\b|\bvocabulary\b|\bfolders?\b|\blimits file\b|\bthe programme\b"
    r"|\b[a-z]+/[a-z_]+\b(?<!yes/no)"
    r"|文件夹|词汇表|词表|编码表|时限文件|本程序|参数文件"
)
UNOFFICIAL = re.compile(r"凭记忆|卡片|插队|几何|与零|优先于数据|\bnobody found\b|\bfrom memory\b|\bcannot be told from\b")


@named(REPORTED)
def test_reports_speak_of_their_subject_and_not_of_the_software(path: Path) -> None:
    for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        if (path.name, key) not in FAULTS:
            assert not SOFTWARE.search(entry["en"] + entry["zh"]), (key, entry)


@named(REPORTED)
def test_reports_are_written_as_officials_write(path: Path) -> None:
    for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert not UNOFFICIAL.search(entry["en"] + entry["zh"]), (key, entry)


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
