"""The study that a request is about, opened once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from canbao.study import Study
from canbao.workbench.project.place import study_folder


def current_study() -> Study:
    """The study that the workbench was started with."""
    return opened(study_folder())


@lru_cache(maxsize=8)
def opened(folder: Path) -> Study:
    """A study, its files read once."""
    return Study(folder)
