"""The names under which columns are known."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from pydantic import RootModel

from canbao.located_yaml import read

NAMES: dict[str, list[str]] = read(
    Path(str(resources.files("canbao.procedures.reading") / "columns.yaml")), RootModel[dict[str, list[str]]]
).root
"""For each role the names that a column may bear, the likeliest first."""


def plain(name: str) -> str:
    """A name without what exports vary: case, blanks, hyphens and underscores."""
    return re.sub(r"[\s_\-]+", "", name).casefold()
