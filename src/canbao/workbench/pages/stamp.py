"""Which data and which law an answer rests on, as short marks that every shared link carries."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from urllib.parse import urlencode

from django.http import QueryDict

from canbao.workbench.pages.study import opened
from canbao.workbench.project.place import study_folder

SHOWN = 12
"""So many digits of the data's hash tell two versions of a study apart."""


def stamp() -> dict[str, str]:
    """The marks of the study that is shown: its data, the date of its law, and the programme whose rules are run."""
    return {
        "data": data_hash(study_folder())[:SHOWN],
        "law": opened(study_folder()).settings.law_date.isoformat(),
        "version": metadata.version("canbao"),
    }


def stamped(query: str) -> str:
    """A question with the marks behind it."""
    return "&".join(filter(None, [query, urlencode(stamp())]))


def outdated(asked: QueryDict) -> bool:
    """Whether a link was made when data, law or programme were others."""
    return any(asked.get(name, now) != now for name, now in stamp().items())


@cache
def data_hash(folder: Path) -> str:
    """The SHA-256 of what the survey's figures rest on: the study's settings, data, codebook and corrections."""
    names = ("study.yaml", opened(folder).settings.data.survey, "codebook.yaml", "cleaning.csv")
    digest = hashlib.sha256()
    for path in (folder / name for name in names if (folder / name).is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
