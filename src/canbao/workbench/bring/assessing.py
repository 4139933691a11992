"""Assesses a brought study in a process of its own: `python -m canbao.workbench.bring.assessing FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from canbao.errors import InputError
from canbao.languages import LANGUAGES, Words
from canbao.study import Study
from canbao.workbench.bring.state import write_state


def main(folder: Path) -> None:
    """Assess, telling each step."""
    try:
        Study(folder).assess(progress=lambda step: write_state(folder, "working", step))
    except InputError as error:
        # Files are named as they lie in the study.
        said = (error.text(language).replace(f"{folder}/", "") for language in LANGUAGES)
        write_state(folder, "failed", Words(*said))
    except BaseException:
        write_state(folder, "failed")
        raise
    else:
        write_state(folder, "done")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
