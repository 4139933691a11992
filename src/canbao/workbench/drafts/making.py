"""Takes an edition in a process of its own: `python -m canbao.workbench.drafts.making WORK STUDY REVIEW TEXTS KIND`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from canbao.study import Study
from canbao.workbench.background import told, write_state


def main(folder: Path, review: Path, texts: Path, kind: Any, work: Path) -> None:
    """Take it, telling each step; the study's folder is only read."""
    with told(work, {f"{folder}/": "", f"{review}/": "", f"{texts}/": "text/"}):
        Study(folder, review, texts).take_edition(kind, progress=lambda step: write_state(work, "working", step))


if __name__ == "__main__":
    progress, study, reviewed, written, wanted = sys.argv[1:6]
    main(Path(study), Path(reviewed), Path(written), wanted, Path(progress))
