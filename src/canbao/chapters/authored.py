"""What the authors write: Markdown files woven around the generated parts, with figures filled from the estimates.

A file `text/en/pensions.md` opens the chapter `pensions`, `pensions.end.md` closes it, `pensions.continuity.md` and
`pensions.continuity.end.md` do the same for one of its sections. A figure is a placeholder:

    {coverage.pension.employee | percent}                     a share
    {coverage.pension.none, sex=female, migrant=yes | percent} the same in a domain
    {share.contract.labour | interval}                        its interval
    {mean.hours_week | decimal}  {median.income_month}  {n}   means, medians, respondents
    {table.options, row=matching, column=no_scheme}           a cell of one of the report's tables

A work of the literature is cited as [@key]. What stands between <!-- and --> is a comment and not printed.

What a figure was when its author last confirmed the sentence stands in text/figures.csv; figures that have changed since
are pointed out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args

from canbao.chapters.document import Authored, Interval, Section
from canbao.chapters.estimates import Estimate, Estimator
from canbao.chapters.reported import Reported
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence import brackets
from canbao.languages import LANGUAGES, UNKNOWN, Catalogue, Form, Language, Number
from canbao.located_yaml import read_text
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.workers.source import decoded

say = Catalogue("canbao.chapters", "authored")

COVERAGE = {
    "pension": "pension_scheme",
    "medical": "medical_scheme",
    "injury": "injury_cover",
    "unemployment": "unemployment_cover",
    "maternity": "maternity_cover",
    "housing": "housing_fund",
}
MEASURES = ("coverage", "share", "mean", "median", "n")
CELL = "table"
FORMS = (*get_args(Form), "interval")
COUNT_FORMS = ("count", "plain")
"""Of the respondents, who are counted, not estimated."""

PLACEHOLDER = re.compile(r"(?<!\\)\{([^{}\n]+)\}")
UNCLOSED = re.compile(r"(?<!\\)\{(?![^{}\n]+\})")
COMMENT = re.compile(r"<!--.*?(?:-->|(?P<open>\Z))", re.DOTALL)
CONFIRMED = "figures.csv"
COLUMNS = ("file", "figure", "value")


@dataclass(frozen=True, slots=True)
class TextFile:
    """One file of the authors' text.

    Args:
        path: as the study names it: `text/en/pensions.md`.
        language: of the text.
        slot: `pensions`, `pensions.end`, `pensions.continuity` …
        content: CommonMark with placeholders.
    """

    path: Path
    language: Language
    slot: str
    content: str

    def place(self, start: int) -> Place:
        """Where in the file the character at `start` stands."""
        return Place(self.path, self.content.count("\n", 0, start) + 1, start - self.content.rfind("\n", 0, start))


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure in the authors' text, as it is now and as its author last confirmed it."""

    file: str
    placeholder: str
    value: str
    confirmed: str | None

    @property
    def changed(self) -> bool:
        """Whether the sentence around it must be read again."""
        return self.confirmed is not None and self.confirmed != self.value


def read_texts(folder: Path) -> list[TextFile]:
    """The authors' files under a study's text folder; those that hold nothing but comments are left out.

    Raises:
        InputError: a file that cannot be read or is not UTF-8, or a comment without an end.
    """
    texts: list[TextFile] = []
    faults: list[Fault] = []
    for path in _text_paths(folder):
        try:
            content = _without_comments(path, read_text(path))
        except InputError as error:
            faults += error.faults
            continue
        if content.strip():
            texts.append(TextFile(path, LANGUAGES[LANGUAGES.index(path.parent.name)], path.stem, content))
    raise_all(faults)
    return texts


def unread_files(folder: Path) -> list[Path]:
    """What lies under a study's text folder and is not read: in another place, or of another kind."""
    read = {*_text_paths(folder), folder / CONFIRMED}
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path not in read and not any(part.startswith(".") for part in path.parts[-3:])]


def read_confirmed(path: Path) -> dict[tuple[str, str], str]:
    """What text/figures.csv holds: for file and placeholder the value that was confirmed.

    Raises:
        InputError: it is not as `confirmed_csv` writes it.
    """
    if not path.exists():
        return {}
    try:
        rows = csv.DictReader(io.StringIO(decoded(path)))
        if tuple(rows.fieldnames or ()) == COLUMNS:
            return {(row["file"], row["figure"]): row["value"] for row in rows}
    except (InputError, csv.Error):
        pass  # what is not text is no such file either
    raise InputError(Fault(say("not_figures", columns=",".join(COLUMNS)), Place(path, line=1)))


def confirmed_csv(figures: Iterable[StatedFigure]) -> str:
    """The content of text/figures.csv that confirms every figure as it is now."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted({(one.file, one.placeholder, one.value) for one in figures}))
    return out.getvalue()


class Weaver:
    """Weaves the authors' text into chapters.

    Args:
        texts: the files.
        estimator: fills the figures.
        confirmed: what the authors last confirmed.
        works: the keys of the literature, which may be cited.
    """

    def __init__(
        self,
        texts: Sequence[TextFile],
        estimator: Estimator,
        confirmed: Mapping[tuple[str, str], str],
        works: Collection[str] = (),
    ) -> None:
        self._texts = texts
        self._works = works
        self._estimator = estimator
        self._confirmed = confirmed
        self._reported = NOTHING_REPORTED
        self.figures: list[StatedFigure] = []

    def weave(self, chapters: Sequence[Section], reported: Reported | None = None) -> list[Section]:
        """The chapters with the authors' text around the generated parts.

        Args:
            chapters: of the report.
            reported: its tables, whose cells the text may cite.

        Raises:
            InputError: a file that belongs nowhere, or a figure that cannot be worked out.
        """
        self._reported = reported or NOTHING_REPORTED
        slots = {slot for chapter in chapters for slot in _slots(chapter)}
        unknown = [text for text in self._texts if text.slot not in slots]
        raise_all([Fault(say("no_slot", name=one.slot), Place(one.path), did_you_mean(one.slot, slots)) for one in unknown])
        filled: dict[str, dict[Language, str]] = {}
        faults: list[Fault] = []
        for text in self._texts:
            try:
                filled.setdefault(text.slot, {})[text.language] = self._filled(text)
            except InputError as error:
                faults += error.faults
        raise_all(faults)
        return [self._woven(chapter, chapter.key, filled) for chapter in chapters]

    def filled_text(self, text: TextFile) -> str:
        """One text with its figures filled in.

        Raises:
            InputError: figures that cannot be worked out, and works that the literature does not have, with their lines.
        """
        return self._filled(text)

    def _woven(self, section: Section, slot: str, filled: Mapping[str, Mapping[Language, str]]) -> Section:
        opening = [Authored(filled[slot])] if slot in filled else []
        closing = [Authored(filled[f"{slot}.end"])] if f"{slot}.end" in filled else []
        parts = tuple(self._woven(part, f"{slot}.{part.key}", filled) for part in section.sections)
        if not parts:
            return replace(section, blocks=(*opening, *section.blocks, *closing))
        if closing:
            last = parts[-1]
            parts = (*parts[:-1], replace(last, blocks=(*last.blocks, *closing)))
        return replace(section, blocks=(*opening, *section.blocks), sections=parts)

    def _filled(self, text: TextFile) -> str:
        faults = [Fault(say("unclosed"), text.place(found.start())) for found in UNCLOSED.finditer(text.content)]
        faults += self._citation_faults(text)

        def fill(found: re.Match[str]) -> str:
            try:
                return self._figure(text, found.group(1).strip())
            except InputError as error:
                faults.extend(replace(one, place=text.place(found.start())) for one in error.faults)
                return ""

        content = PLACEHOLDER.sub(fill, text.content)
        raise_all(sorted(faults, key=lambda one: (one.place.line or 0, one.place.column or 0)))
        return content

    def _citation_faults(self, text: TextFile) -> Iterator[Fault]:
        for bracket in brackets(text.content):
            place = text.place(bracket.start)
            if not bracket.citations:
                yield Fault(say("no_citation", text=bracket.text), place)
            for one in bracket.citations:
                if one.key not in self._works:
                    remedy = did_you_mean(one.key, self._works) or say("add_work")
                    yield Fault(say("no_work", key=one.key), place, remedy)

    def _figure(self, text: TextFile, placeholder: str) -> str:
        value = _printed(self._estimator, placeholder, text.language, self._reported)
        file = f"{text.language}/{text.path.name}"
        figure = StatedFigure(file, placeholder, value, self._confirmed.get((file, placeholder)))
        self.figures.append(figure)
        if figure.changed:
            return value + say("changed", before=figure.confirmed or "")[text.language]
        return value


NOTHING_REPORTED = Reported({}, complete=False)
"""Where a text is looked at before its report: what its figures from tables will be is not known yet."""


def filled(
    text: str,
    estimator: Estimator,
    language: Language,
    works: Collection[str] = (),
    reported: Reported = NOTHING_REPORTED,
) -> str:
    """A text of a YAML file with its figures filled in.

    Raises:
        InputError: a figure that cannot be worked out, or a work that the literature does not have.
    """
    faults = [Fault(say("unclosed")) for _ in UNCLOSED.finditer(text)]
    for bracket in brackets(text):
        if not bracket.citations:
            faults.append(Fault(say("no_citation", text=bracket.text)))
        for one in bracket.citations:
            if one.key not in works:
                faults.append(Fault(say("no_work", key=one.key), remedy=did_you_mean(one.key, works) or say("add_work")))

    def fill(found: re.Match[str]) -> str:
        try:
            return _printed(estimator, found.group(1).strip(), language, reported)
        except InputError as error:
            faults.extend(error.faults)
            return ""

    content = PLACEHOLDER.sub(fill, text)
    raise_all(faults)
    return content


def _text_paths(folder: Path) -> list[Path]:
    found = (path for language in LANGUAGES for path in sorted((folder / language).glob("*.md")))
    return [path for path in found if not path.name.startswith(".")]


def _without_comments(path: Path, content: str) -> str:
    """The text without its comments; all else stays in its line."""
    faults = [
        Fault(say("open_comment"), Place(path, content.count("\n", 0, found.start()) + 1))
        for found in COMMENT.finditer(content)
        if found["open"] is not None
    ]
    raise_all(faults)
    return COMMENT.sub(lambda found: "\n" * found[0].count("\n"), content)


def _slots(section: Section, above: str = "") -> Iterator[str]:
    """The names that files about a chapter and its sections may have."""
    name = f"{above}{section.key}"
    yield from (name, f"{name}.end")
    for part in section.sections:
        yield from _slots(part, f"{name}.")


def _printed(estimator: Estimator, placeholder: str, language: Language, reported: Reported) -> str:
    query, _, form = (part.strip() for part in placeholder.partition("|"))
    path, *conditions = (part.strip() for part in query.split(","))
    if path.partition(".")[0] == CELL:
        return _printed_cell(reported, path.partition(".")[2], _domain(conditions), form, language)
    estimate, usual = _answer(estimator, path, _domain(conditions))
    chosen = form or usual
    forms = COUNT_FORMS if path == "n" else FORMS
    if chosen not in forms:
        raise InputError(Fault(say("no_form", form=chosen), remedy=did_you_mean(chosen, forms)))
    if estimate.flag == "suppressed":
        return say("hidden")[language]
    if chosen == "interval":
        limits = (Number(estimate.low, usual), Number(estimate.high, usual))  # type: ignore[arg-type]
        return say("interval", low=limits[0], high=limits[1])[language]
    return Number(estimate.estimate, chosen).text(language)  # type: ignore[arg-type]


def _printed_cell(reported: Reported, key: str, place: Mapping[str, str], form: str, language: Language) -> str:
    """What stands in a cell of a table, in the cell's own form where the text asks for no other."""
    if set(place) != {"row", "column"}:
        raise InputError(Fault(say("no_place", key=key)))
    if form and form not in FORMS:
        raise InputError(Fault(say("no_form", form=form), remedy=did_you_mean(form, FORMS)))
    cell = reported.cell(key, place["row"], place["column"])
    if cell is None:
        return UNKNOWN
    if cell.flag == "suppressed":
        return say("hidden")[language]
    content = cell.interval if form == "interval" else cell.content
    if isinstance(content, Interval):
        limits = (Number(content.low, content.form), Number(content.high, content.form))
        return say("interval", low=limits[0], high=limits[1])[language]
    if isinstance(content, Number):
        return Number(content.value, cast(Form, form or content.form)).text(language)
    raise InputError(Fault(say("no_figure", key=key, row=place["row"], column=place["column"])))


def _domain(conditions: Sequence[str]) -> dict[str, str]:
    faults = [Fault(say("no_condition", text=one)) for one in conditions if one.count("=") != 1]
    raise_all(faults)
    domain: dict[str, str] = {}
    for name, value in ((part.strip() for part in one.split("=")) for one in conditions):
        if domain.setdefault(name, value) != value:
            faults.append(Fault(say("condition_twice", name=name)))
    raise_all(faults)
    return domain


def _answer(estimator: Estimator, path: str, domain: Mapping[str, str]) -> tuple[Estimate, str]:
    """The estimate that a path names, and the form in which it is usually printed."""
    measure, _, rest = path.partition(".")
    if measure not in MEASURES:
        raise InputError(Fault(say("no_measure", name=measure), remedy=did_you_mean(measure, (*MEASURES, CELL))))
    if measure == "n":
        base = estimator.base(domain)
        hidden = 0 < base < SMALLEST_BASE
        return (Estimate(flag="suppressed") if hidden else Estimate(estimate=float(base))), "count"
    if measure in ("mean", "median"):
        column = estimator.column(rest)
        asked = estimator.of(rest, among=domain) if measure == "mean" else estimator.median(rest, among=domain)
        return asked.at(measure), column.form
    name, _, category = rest.rpartition(".")
    if measure == "coverage":
        if name not in COVERAGE and rest in COVERAGE:
            name, category = rest, "yes"
        if name not in COVERAGE:
            raise InputError(Fault(say("no_branch", name=name or rest), remedy=did_you_mean(name or rest, COVERAGE)))
        name = COVERAGE[name]
    shares = estimator.of(name, among=domain)
    known = estimator.categories(name)
    if category not in known:
        raise InputError(Fault(say("no_category", column=name, category=category), remedy=did_you_mean(category, known)))
    return shares.at(category), "percent"
