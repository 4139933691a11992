"""Assesses a brought study in a process of its own: `python -m canbao.workbench.bring.assessing FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from canbao.study import Study
from canbao.workbench.background import told, write_state


def main(folder: Path) -> None:
    """Assess, telling each step."""
    with told(folder, {f"{folder}/": ""}):
        Study(folder).assess(progress=lambda step: write_state(folder, "working", step))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
