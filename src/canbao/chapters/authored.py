"""What the authors write: Markdown files woven around the generated parts, with figures filled from the estimates.

A file `text/en/pensions.md` opens the chapter `pensions`, `pensions.end.md` closes it, `pensions.continuity.md` and
`pensions.continuity.end.md` do the same for one of its sections. A figure is a placeholder:

    {coverage.pension.employee | percent}                     a share
    {coverage.pension.none, sex=female, migrant=yes | percent} the same in a domain
    {share.contract.labour | interval}                        its interval
    {mean.hours_week | decimal}  {median.income_month}  {n}   means, medians, respondents

What a figure was when its author last confirmed the sentence stands in text/figures.csv; figures that have changed since
are pointed out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from canbao.chapters.document import Authored, Section
from canbao.chapters.estimates import SMALLEST_BASE, Estimate, Estimator
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import LANGUAGES, Catalogue, Form, Language, Number

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
FORMS = (*get_args(Form), "interval")
PLACEHOLDER = re.compile(r"(?<!\\)\{([^{}\n]+)\}")
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
    """The authors' files under a study's text folder.

    Raises:
        InputError: a file that is not UTF-8.
    """
    texts, faults = [], []
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*.md")):
            try:
                content = path.read_text(encoding="utf-8-sig")
            except UnicodeDecodeError:
                faults.append(Fault(say("not_utf8"), Place(path)))
                continue
            texts.append(TextFile(path, language, path.stem, content))
    raise_all(faults)
    return texts


def read_confirmed(path: Path) -> dict[tuple[str, str], str]:
    """What text/figures.csv holds: for file and placeholder the value that was confirmed."""
    if not path.exists():
        return {}
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise InputError(Fault(say("not_figures", columns=",".join(COLUMNS)), Place(path, line=1)))
    return {(row["file"], row["figure"]): row["value"] for row in rows}


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
    """

    def __init__(self, texts: Sequence[TextFile], estimator: Estimator, confirmed: Mapping[tuple[str, str], str]) -> None:
        self._texts = texts
        self._estimator = estimator
        self._confirmed = confirmed
        self.figures: list[StatedFigure] = []

    def weave(self, chapters: Sequence[Section]) -> list[Section]:
        """The chapters with the authors' text around the generated parts.

        Raises:
            InputError: a file that belongs nowhere, or a figure that cannot be worked out.
        """
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
        faults: list[Fault] = []

        def fill(found: re.Match[str]) -> str:
            try:
                return self._figure(text, found.group(1).strip())
            except InputError as error:
                line = text.content.count("\n", 0, found.start()) + 1
                column = found.start() - text.content.rfind("\n", 0, found.start())
                faults.extend(replace(one, place=Place(text.path, line, column)) for one in error.faults)
                return ""

        content = PLACEHOLDER.sub(fill, text.content)
        raise_all(faults)
        return content

    def _figure(self, text: TextFile, placeholder: str) -> str:
        value = _printed(self._estimator, placeholder, text.language)
        file = f"{text.language}/{text.path.name}"
        figure = StatedFigure(file, placeholder, value, self._confirmed.get((file, placeholder)))
        self.figures.append(figure)
        if figure.changed:
            return value + say("changed", before=figure.confirmed or "")[text.language]
        return value


def _slots(section: Section, above: str = "") -> Iterator[str]:
    """The names that files about a chapter and its sections may have."""
    name = f"{above}{section.key}"
    yield from (name, f"{name}.end")
    for part in section.sections:
        yield from _slots(part, f"{name}.")


def _printed(estimator: Estimator, placeholder: str, language: Language) -> str:
    query, _, form = (part.strip() for part in placeholder.partition("|"))
    path, *conditions = (part.strip() for part in query.split(","))
    estimate, usual = _answer(estimator, path, _domain(conditions))
    chosen = form or usual
    if chosen not in FORMS:
        raise InputError(Fault(say("no_form", form=chosen), remedy=did_you_mean(chosen, FORMS)))
    if estimate.flag == "suppressed":
        return say("hidden")[language]
    if chosen == "interval":
        limits = (Number(estimate.low, usual), Number(estimate.high, usual))  # type: ignore[arg-type]
        return say("interval", low=limits[0], high=limits[1])[language]
    return Number(estimate.estimate, chosen).text(language)  # type: ignore[arg-type]


def _domain(conditions: Sequence[str]) -> dict[str, str]:
    faults = [Fault(say("no_condition", text=one)) for one in conditions if one.count("=") != 1]
    raise_all(faults)
    return {name.strip(): value.strip() for name, value in (one.split("=") for one in conditions)}


def _answer(estimator: Estimator, path: str, domain: Mapping[str, str]) -> tuple[Estimate, str]:
    """The estimate that a path names, and the form in which it is usually printed."""
    measure, _, rest = path.partition(".")
    if measure not in MEASURES:
        raise InputError(Fault(say("no_measure", name=measure), remedy=did_you_mean(measure, MEASURES)))
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
