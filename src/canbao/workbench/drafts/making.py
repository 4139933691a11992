"""Takes an edition in a process of its own: `python -m canbao.workbench.drafts.making WORK STUDY REVIEW TEXTS KIND`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from canbao.errors import InputError
from canbao.languages import LANGUAGES, Words
from canbao.study import Study
from canbao.workbench.bring.state import write_state


def main(folder: Path, review: Path, texts: Path, kind: Any, work: Path) -> None:
    """Take it, telling each step; the study's folder is only read."""
    try:
        Study(folder, review, texts).take_edition(kind, progress=lambda step: write_state(work, "working", step))
    except InputError as error:
        # Files are named as they lie in the study.
        said = (
            error.text(language).replace(f"{folder}/", "").replace(f"{review}/", "").replace(f"{texts}/", "text/")
            for language in LANGUAGES
        )
        write_state(work, "failed", Words(*said))
    except BaseException:
        write_state(work, "failed")
        raise
    else:
        write_state(work, "done")


if __name__ == "__main__":
    told, study, reviewed, written, wanted = sys.argv[1:6]
    main(Path(study), Path(reviewed), Path(written), wanted, Path(told))
