"""Canbao (参保): assess and extend the social security coverage of workers in non-standard employment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from canbao.study import Study

__version__ = "0.1.0"
__all__ = ["Study", "__version__"]


def __getattr__(name: str) -> Any:
    """`from canbao import Study`, without loading everything for those who want one room only."""
    if name == "Study":
        from canbao.study import Study

        return Study
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
