"""The authors' text on the server: files that were written here lie over those of the study, which are only read."""

from __future__ import annotations

import datetime
import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib.auth.models import User

from canbao.chapters.authored import Weaver, read_texts
from canbao.chapters.estimates import Estimator
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence.review.translation import (
    FILE,
    Pair,
    Said,
    Verdict,
    pairs,
    read_glossary,
    read_verdicts,
    signed,
    write_verdicts,
)
from canbao.languages import LANGUAGES, Catalogue, Language
from canbao.outputs import whole_file
from canbao.workbench.drafts.models import Deed
from canbao.workbench.drafts.states import Act
from canbao.workbench.pages.study import current_study
from canbao.workbench.project.place import data_folder, study_folder

say = Catalogue("canbao.workbench.drafts", "words")

SLOT = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+){0,4}")
LONGEST = 200_000
"""Characters of a text."""

AUTHORED_ONLY = ("foreword", "conclusions")


def server_review() -> Path:
    """The server's own review folder."""
    return data_folder() / "drafts" / "review"


def study_review() -> Path:
    """The study's, which is only read."""
    return study_folder() / "review"


def own_texts() -> Path:
    """The files that were written here."""
    return data_folder() / "drafts" / "text"


def gather_texts(target: Path) -> Path:
    """Put all files as they are now into a folder: the study's, with those over them that were written here."""
    for source in (study_folder() / "text", own_texts()):
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
    return target


def content(slot: str) -> dict[Language, str]:
    """A text in both languages, as it is now."""
    return {language: _read(language, slot) for language in LANGUAGES}


def slots() -> list[str]:
    """All texts that there are in some language."""
    found = (path.stem for folder in (study_folder() / "text", own_texts()) for path in folder.glob("*/*.md"))
    return sorted(set(found))


def digest(text: str) -> str:
    """By which a page knows whether somebody has written meanwhile."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def known_slots(keys: list[str]) -> list[str]:
    """Where a text may stand.

    Args:
        keys: of the headings of the last edition.
    """
    named = dict.fromkeys([*AUTHORED_ONLY, *(key.replace("-", ".") for key in keys if key)])
    return [name for one in named for name in (one, f"{one}.end")]


def write(slot: str, said: Mapping[Language, str], seen: Mapping[Language, str], user: User, known: list[str]) -> None:
    """Write a text in both languages.

    Args:
        slot: where it stands.
        said: the text, blank where there is none.
        seen: the digests of what the writer saw.
        user: who writes.
        known: where a text may stand; not checked where nothing is known.

    Raises:
        InputError: there is no such place, somebody has written meanwhile, or figures and citations are at fault.
    """
    faults: list[Fault] = []
    if not SLOT.fullmatch(slot) or (known and slot not in known and slot not in slots()):
        raise InputError(Fault(say("no_slot", name=slot), remedy=did_you_mean(slot, known)))
    before = content(slot)
    texts = {language: said[language].replace("\r\n", "\n") for language in LANGUAGES}
    for language in LANGUAGES:
        if len(texts[language]) > LONGEST:
            faults.append(Fault(say("text_too_long", most=str(LONGEST))))
        if seen[language] != digest(before[language]):
            faults.append(Fault(say("written_meanwhile", language=say(f"language_{language}"))))
    raise_all(faults)
    changed = [language for language in LANGUAGES if texts[language] != before[language]]
    _refuse_bad_figures(slot, {language: texts[language] for language in changed})
    for language in changed:
        with whole_file(own_texts() / language / f"{slot}.md") as scratch:
            scratch.write_text(texts[language], encoding="utf-8", newline="")
    if changed:
        Deed.objects.create(user=user, act=Act.WRITE, detail=f"{slot} {' '.join(changed)}"[:300])


def translation() -> tuple[Pair, ...]:
    """How far the texts are translated."""
    texts: dict[str, dict[Language, str]] = {}
    with TemporaryDirectory() as name:
        for one in read_texts(gather_texts(Path(name))):
            texts.setdefault(one.slot, {})[one.language] = one.content
    return pairs(texts, _verdicts(), read_glossary(study_review()))


def sign(names: list[str], status: Said, user: User) -> None:
    """Say how far the translation of some paragraphs is.

    Raises:
        InputError: there is no such paragraph, or one language is missing.
    """
    verdicts = signed(translation(), _verdicts(), names, status, user.get_username(), datetime.date.today())
    write_verdicts(server_review(), verdicts)
    Deed.objects.create(user=user, act=Act.SIGN, detail=f"{status} {' '.join(names)}"[:300])


def _verdicts() -> tuple[Verdict, ...]:
    own = server_review()
    return read_verdicts(own if (own / FILE).is_file() else study_review())


def _read(language: Language, slot: str) -> str:
    for folder in (own_texts(), study_folder() / "text"):
        path = folder / language / f"{slot}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8-sig")
    return ""


def _refuse_bad_figures(slot: str, texts: Mapping[Language, str]) -> None:
    """Check what the report would not print, while the writer is still there."""
    study = current_study()
    weaver = Weaver([], Estimator(study.designs, study.table.vocabulary), {}, study.literature.citations)
    faults: list[Fault] = []
    with TemporaryDirectory() as name:
        for language, text in texts.items():
            (Path(name) / language).mkdir()
            (Path(name) / language / f"{slot}.md").write_text(text, encoding="utf-8", newline="")
        try:
            read = read_texts(Path(name))
        except InputError as error:
            raise InputError([replace(one, place=_named(one.place)) for one in error.faults]) from None
        for one in read:
            try:
                weaver.filled_text(replace(one, path=Path("text") / one.language / one.path.name))
            except InputError as error:
                faults += error.faults
    raise_all(faults)


def _named(place: Place) -> Place:
    """A file of the text as the study calls it."""
    parts = Path(place.file or "").parts[-2:]
    return replace(place, file=Path("text", *parts))
