"""What stands at the addresses that cards and benchmarks name, so that a report can cite the institution and the work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import RootModel

from canbao.languages import Words
from canbao.located_yaml import Bilingual, read


@cache
def _titles() -> Mapping[str, Bilingual]:
    path = resources.files("canbao.evidence.countries").joinpath("sources.yaml")
    return read(Path(str(path)), RootModel[dict[str, Bilingual]]).root


def is_address(source: str) -> bool:
    """Whether a source is a place on the web."""
    return source.startswith(("http://", "https://"))


def source_title(source: str) -> Words:
    """The institution and work at an address; its host where nobody has named them; anything else as it is written."""
    if not is_address(source):
        return Words.same(source)
    known = _titles().get(source)
    return known.words if known is not None else Words.same(source.split("/")[2].removeprefix("www."))
