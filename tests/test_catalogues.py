"""Every sentence that a user can see exists in both languages and takes the same figures in both."""

import string
from importlib import resources
from pathlib import Path

import pytest
import yaml

PACKAGE = Path(str(resources.files("canbao")))
NOT_CATALOGUES = {"vocabulary.yaml", "sample.yaml", "sample_file.yaml", "published.yaml"}
CATALOGUES = sorted(
    path for path in PACKAGE.rglob("*.yaml") if path.name not in NOT_CATALOGUES and "new_study" not in path.parts
)


def figures(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", CATALOGUES, ids=[str(path.relative_to(PACKAGE)) for path in CATALOGUES])
def test_both_languages_say_the_same(path: Path) -> None:
    for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert set(entry) == {"en", "zh"}, key
        assert entry["en"].strip() and entry["zh"].strip(), key
        missing = figures(entry["en"]) ^ figures(entry["zh"])
        assert not missing, f"{key}: {missing}"


@pytest.mark.parametrize("path", CATALOGUES, ids=[str(path.relative_to(PACKAGE)) for path in CATALOGUES])
def test_chinese_is_chinese(path: Path) -> None:
    """A sentence of several English words has Chinese characters in its translation."""
    for key, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        if len(entry["en"].split()) > 3:
            assert any("\u4e00" <= character <= "\u9fff" for character in entry["zh"]), key
