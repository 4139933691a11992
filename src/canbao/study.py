"""A study folder, and everything that can be done with it in order: check, estimate, assess."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import metadata
from pathlib import Path

import polars as pl
import pypandoc
from threadpoolctl import threadpool_limits

from canbao.careers.extraction import shipped_bibliography
from canbao.chapters import key_findings
from canbao.chapters.authored import StatedFigure, Weaver, confirmed_csv, read_confirmed, read_texts, unread_files
from canbao.chapters.document import Document, KeyFigure, Notice, Section
from canbao.chapters.estimates import CellRegister, Estimator
from canbao.chapters.findings import Findings
from canbao.chapters.outline import Draft, draw_up
from canbao.chapters.tabulations import tabulated
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.evidence import Literature, read_literature
from canbao.evidence.collected import Evidence, evidence_files, read_evidence
from canbao.evidence.countries import Card, read_cards
from canbao.evidence.literature.screening import open_duplicates
from canbao.evidence.literature.works import place_of
from canbao.evidence.review.comments import ReviewLog, read_log
from canbao.evidence.review.snapshot import EditionKind
from canbao.evidence.review.translation import Pair, pairs, read_glossary, read_verdicts
from canbao.evidence.self_assessment import Answer, read_answers
from canbao.evidence.seminar import SeminarRecord, read_seminar
from canbao.injury import Exposure, draw_cases, exposed_by, protection_frame, together, without_relation
from canbao.injury import available as available_arrangements
from canbao.languages import Catalogue, Language, Number, Words
from canbao.outputs import refuse_occupied, whole_file, whole_folder
from canbao.procedures.procedure import Procedure, open_procedure
from canbao.procedures.simulation import Changes, WhatIf, read_changes, whatif
from canbao.reforms import LAST_YEAR, Reform, Simulator, Where, assumed, available, find_reform
from canbao.reforms.reform import assumption_names
from canbao.reforms.simulation import Progress
from canbao.reforms.simulator import unheard
from canbao.report import FORMATS, Format, write
from canbao.settings import SettingsFile, Tabulation
from canbao.survey import Design
from canbao.survey.imputation import impute
from canbao.workers import WorkerTable, read_worker_table
from canbao.workers.derived import with_derived

REPLICATIONS = 10
"""Of a what-if in a report: intervals are narrow enough to tell days from hours, and a report is not held up."""

INJURY_YEAR = 2025
"""Of the order-based protection as it stands."""

say = Catalogue("canbao", "study")

READ_BY_PATTERN = (
    "evidence/*.bib",
    "evidence/*.ris",
    "evidence/countries/*.yaml",
    "evidence/self-assessment.yaml",
    "review/seminar.json",
)
"""Files of a study that are read wherever there are any."""

PROGRAMS = ("canbao", "polars", "numpy", "scipy", "vl-convert-python", "typst", "xlsxwriter", "python-pptx")
"""Those whose versions may change what a report looks like."""


@dataclass(frozen=True)
class Assessment:
    """What an assessment made.

    Args:
        folder: where the report lies.
        document: the report.
        changed: figures in the authors' text that changed since they were confirmed.
    """

    folder: Path
    document: Document
    changed: tuple[StatedFigure, ...]


@dataclass(frozen=True)
class Simulation:
    """What a simulation found.

    Args:
        reforms: that were compared.
        frame: one row a reform, indicator and year: baseline, reform, difference, its 95 % interval, and the least and most
            over low, central and high responses.
        notes: what the reader has to know.
        notice: that the data are synthetic, where they are.
    """

    reforms: tuple[Reform, ...]
    frame: pl.DataFrame
    notes: tuple[Words, ...]
    notice: Words | None


class Study:
    """A study folder.

    Args:
        folder: with study.yaml, data and, where there are any, codebook.yaml, cleaning.csv, text and evidence.
        review: where editions and comments lie; in the study's own folder if None.
        texts: where the authors' text lies; likewise.

    Raises:
        InputError: there is no study.yaml, or it says what cannot be.
    """

    def __init__(self, folder: Path | str, review: Path | None = None, texts: Path | None = None) -> None:
        self.folder = Path(folder)
        self.review = review or self.folder / "review"
        self.texts = texts or self.folder / "text"
        path = self.folder / "study.yaml"
        if not path.is_file():
            raise InputError(Fault(say("no_study"), Place(path), say("make_study")))
        self._file = SettingsFile(path)
        self.settings = self._file.settings
        self._known_tried: Mapping[str, tuple[WhatIf, ...]] | None = None

    # --- what it holds ------------------------------------------------------------------------------------------------

    @property
    def build(self) -> Path:
        """Where everything that is made goes."""
        return self.folder / "build"

    @cached_property
    def table(self) -> WorkerTable:
        """The worker table.

        Raises:
            InputError: faults in the survey file, the codebook or the corrections.
        """
        data = self.settings.data
        survey = self.folder / data.survey
        if not survey.is_file():
            raise InputError(Fault(say("no_survey", file=data.survey), self._file.place("data", "survey")))
        codebook = self.folder / "codebook.yaml"
        table = read_worker_table(
            survey,
            codebook=codebook if codebook.is_file() else None,
            cleaning=self.folder / "cleaning.csv",
            encoding=data.encoding,
            fieldwork=self.settings.fieldwork,
            law_date=self.settings.law_date,
        )
        self._file.check_columns({column.name: list(column.categories) for column in table.columns})
        return table

    @cached_property
    def designs(self) -> tuple[Design, ...]:
        """The worker table under the study's design; one a completed table where answers are imputed."""
        return tuple(self._design(frame) for frame in self._frames())

    @property
    def unread_texts(self) -> list[Path]:
        """Files in text/ that no report reads."""
        return unread_files(self.texts)

    @cached_property
    def literature(self) -> Literature:
        """The works in evidence/."""
        folder = self.folder / "evidence"
        files = [path for kind in ("*.bib", "*.ris") for path in sorted(folder.glob(kind))]
        # What the assumptions of the simulation rest on is cited where there is a simulation.
        return read_literature(files, [shipped_bibliography()] if self.settings.reforms else [])

    @cached_property
    def evidence(self) -> Evidence:
        """What stands in evidence/ beside the bibliographies.

        Raises:
            InputError: faults in any of its files.
        """
        works = {work.key for work in self.literature.works}
        evidence = read_evidence(self.folder / "evidence", works, assumption_names, self.settings.languages)
        evidence.register.check_reforms(available(self.folder), available_arrangements(None))
        return evidence

    @property
    def duplicates(self) -> list[tuple[Place, Place]]:
        """Where works stand that seem to be one, of which screening has taken out neither."""
        files = self.literature.files
        found = open_duplicates(self.literature.works, self.evidence.screening)
        return [(place_of(one.first, files[one.first]), place_of(one.second, files[one.second])) for one in found]

    def _frames(self) -> list[pl.DataFrame]:
        imputation, frame = self.settings.imputation, self.table.frame
        if imputation is None:
            return [frame]
        asked = [self.table.whom(name) for name in imputation.columns]
        filled = impute(frame, imputation.columns, imputation.classes, imputation.copies, self.settings.seed, asked)
        # What follows from the answers follows anew from the filled ones.
        derived = [column.name for column in self.table.columns if column.derived and column.name not in imputation.columns]
        given = set(self.table.given)
        again = [name for name in derived if name not in given]
        return [with_derived(one.drop(again), self.table.vocabulary, self.settings.fieldwork) for one in filled]

    def _design(self, frame: pl.DataFrame) -> Design:
        declared = self.settings.design
        self._refuse_unknown_mix()
        try:
            design = Design(
                frame,
                weight=declared.weight,
                stratum=declared.stratum,
                cluster=declared.cluster,
                population=declared.population,
                kind=declared.kind,
                lonely=declared.lonely,
            )
            if declared.rake:
                design = design.rake(declared.rake)
        except InputError as error:
            place = self._file.place("design", "rake") if declared.rake else self._file.place("design")
            raise InputError([Fault(one.what, place, one.remedy) for one in error.faults]) from None
        if not self.settings.among:
            return design
        domain = [
            pl.col(name).cast(pl.String).is_in([wanted] if isinstance(wanted, str) else wanted)
            for name, wanted in self.settings.among.items()
        ]
        part = design.domain(pl.all_horizontal(domain))
        if not part.inside.any():
            raise InputError(Fault(say("nobody_among"), self._file.place("among")))
        return part

    def _refuse_unknown_mix(self) -> None:
        """Groups that were recruited apart make up a whole only in a mix that somebody states."""
        declared = self.settings.design
        apart = declared.recruited_apart
        if apart is None or apart in declared.rake:
            return
        one_group = self.settings.among.get(apart)
        if not isinstance(one_group, str):
            place = self._file.place("design", "recruited_apart")
            raise InputError(Fault(say("unknown_mix", column=apart), place, say("state_mix", column=apart)))

    # --- what can be done with it -------------------------------------------------------------------------------------

    def check(self) -> tuple[Words, ...]:
        """Read every file of the study and raise all faults that are found.

        Returns:
            what the data cannot answer, part by part of the report.

        Raises:
            InputError: any fault, before any work.
        """
        faults: list[Fault] = []
        for read in (
            lambda: self.designs,
            lambda: self.literature,
            lambda: self.evidence,
            lambda: self.reforms,
            lambda: self.procedures,
            lambda: self.changes,
            lambda: self.countries,
            lambda: self.answers,
            lambda: self.seminar,
            lambda: read_texts(self.texts),
        ):
            try:
                read()
            except InputError as error:
                faults += error.faults
        # The bibliography is read for the rest of the evidence, too.
        raise_all(list(dict.fromkeys(faults)))
        draft = self._draft(Estimator(self.designs, self.table.vocabulary), unheard, simulated=False)
        return tuple(block.text for block in draft.document.walk() if isinstance(block, Notice) and block.kind == "missing")

    def estimate(
        self, of: str, by: Sequence[str] = (), among: Mapping[str, str | Sequence[str]] | None = None
    ) -> pl.DataFrame:
        """Shares of a column's categories, or the mean of a number, fit to be published.

        Args:
            of: a column of the worker table.
            by: columns with categories, crossed.
            among: the domain: for each column the category, or categories, that count.

        Returns:
            one row a domain and category: the `by` columns, of, category, n, estimate, se, low, high, df, cv, deff,
            flag (suppressed, unreliable or blank).

        Raises:
            InputError: faults in the study, or columns and categories that it does not have.
        """
        register = CellRegister()
        estimator = Estimator(self.designs, self.table.vocabulary, register)
        estimator.of(of, by, among)
        register.close()
        frame = estimator.of(of, by, among).frame()
        if frame.is_empty():
            domain = ", ".join(
                f"{name}={'|'.join([one] if isinstance(one, str) else one)}" for name, one in (among or {}).items()
            )
            raise InputError(Fault(say("empty_domain", domain=domain or of)))
        return frame

    def tabulate(
        self, of: str, by: Sequence[str] = (), among: Mapping[str, str | list[str]] | None = None
    ) -> tuple[Section, pl.DataFrame]:
        """A column by groups, as the report's chapters would show it; arguments and faults as for `estimate`.

        Returns:
            a section with a table, and a chart where one says more; and the same estimates as a frame.
        """
        frame = self.estimate(of, by, among)
        register = CellRegister()
        estimator = Estimator(self.designs, self.table.vocabulary, register)
        asked = Tabulation(of=of, by=list(by), among=dict(among or {}))
        tabulated(self._findings(estimator), asked)
        register.close()
        return tabulated(self._findings(estimator), asked), frame

    def document(self, progress: Progress = unheard) -> Draft:
        """The report, free of any format.

        It is drawn up twice: first to learn which cells it shows, then with those hidden that must be.
        """
        register = CellRegister()
        estimator = Estimator(self.designs, self.table.vocabulary, register)
        self._draft(estimator, progress)
        progress(say("suppressing"))
        register.close()
        return self._draft(estimator, unheard)

    def headlines(self) -> tuple[KeyFigure, ...]:
        """The survey's headline numbers, as the report's key findings have them."""
        register = CellRegister()
        estimator = Estimator(self.designs, self.table.vocabulary, register)
        key_findings.headlines(self._findings(estimator))
        register.close()
        return key_findings.headlines(self._findings(estimator))

    def assess(
        self,
        languages: Sequence[Language] | None = None,
        formats: Sequence[Format] = FORMATS,
        progress: Progress = unheard,
    ) -> Assessment:
        """Write the report into build/, whole or not at all.

        Args:
            languages: those of study.yaml if None.
            formats: of the report.
            progress: told of each step before it is taken.

        Raises:
            InputError: faults in the study, or a place that cannot be written to.
        """
        refuse_occupied(self.build)
        progress(say("reading"))
        draft = self.document(progress)
        with whole_folder(self.build) as scratch:
            write(draft.document, scratch, languages or self.settings.languages, formats, progress)
            self._write_manifest(scratch)
        changed = tuple(one for one in draft.figures if one.changed)
        return Assessment(self.build, draft.document, changed)

    def review_log(self) -> ReviewLog:
        """The editions that were taken, and the comments on them.

        Raises:
            InputError: faults in either.
        """
        return read_log(self.review, self.folder / "review")

    def translation(self) -> tuple[Pair, ...]:
        """Every paragraph of the authors' text, how far it is translated, and which terms of the glossary it lacks.

        Raises:
            InputError: faults in the texts, review/translation.csv or review/glossary.yaml.
        """
        texts: dict[str, dict[Language, str]] = {}
        for one in read_texts(self.texts):
            texts.setdefault(one.slot, {})[one.language] = one.content
        return pairs(texts, read_verdicts(self.review), read_glossary(self.review))

    def take_edition(self, kind: EditionKind, formats: Sequence[Format] = FORMATS, progress: Progress = unheard) -> Path:
        """Keep the report as it is now, its paragraphs numbered, in the review folder.

        Args:
            kind: `interim` or `draft` for comments; `final` once every comment has a decision with a reason.
            formats: of the report.
            progress: told of each step before it is taken.

        Returns:
            the edition's folder.

        Raises:
            InputError: faults in the study; for a final report, each comment that lacks a decision or a reason.
        """
        # What prints is loaded only where it prints.
        from canbao.report.editions import write_edition

        log = self.review_log()
        if kind == "final":
            log.refuse_undecided()
        progress(say("reading"))
        document = self.document(progress).document
        return write_edition(
            document, kind, self.review, log, self.settings.languages, formats, self._write_manifest, progress
        )

    def simulate(
        self,
        reforms: Sequence[str],
        against: str = "baseline",
        years: Sequence[int] = (2030, 2045, 2060, 2075),
        *,
        by: str | None = None,
        workers: int | None = None,
        on: Where = "threads",
        progress: Progress = unheard,
        assuming: Mapping[str, str] | None = None,
    ) -> Simulation:
        """What reforms would change in the life courses of the study's workers.

        Args:
            reforms: by name, or by the path of a file.
            against: what they are compared with.
            years: of the results.
            by: a column by whose categories they are shown.
            workers: how many are simulated; the respondents themselves if None.
            on: which machine runs them.
            progress: told of each step.
            assuming: assumptions by name at `low`, `high` or a figure, in both laws; at their central values if None.

        Raises:
            InputError: faults in the study, a reform or an assumption, or years and columns that it does not have.
        """
        simulator = self.simulator((by,) if by else (), workers, on, progress)
        if assuming:
            simulator = simulator.assuming(assumed(assuming))
        read, basis = self._compared(simulator, reforms, against, years)
        groups = None
        if by is not None:
            groups = {one: simulator.groups.members(by, one) for one in self.table.vocabulary[by].categories}
        compared = ((one.name, simulator.compare(one, basis).frame(years, groups)) for one in read)
        frames = [frame.select(pl.lit(name).alias("reform"), pl.all()) for name, frame in compared]
        if by is not None:
            few = pl.col("group").is_in(list(simulator.hidden(by)))
            frames = [frame.with_columns(pl.when(~few).then(pl.col(pl.Float64))) for frame in frames]
        notes = (say("left_out", times=Number(simulator.respondents.left_out)), *simulator.respondents.assumed)
        notice = say("synthetic") if self.settings.synthetic else None
        return Simulation(tuple(read), pl.concat(frames), notes, notice)

    def sensitivity(
        self,
        reforms: Sequence[str],
        against: str = "baseline",
        years: Sequence[int] = (2045,),
        *,
        workers: int | None = None,
        on: Where = "threads",
        progress: Progress = unheard,
    ) -> pl.DataFrame:
        """Which assumption matters most for what each reform adds to the employees' scheme; arguments as for `simulate`.

        Returns:
            one row a reform, year and assumption, the one that moves the result most first.
        """
        simulator = self.simulator((), workers, on, progress)
        read, basis = self._compared(simulator, reforms, against, years)
        frames = [
            simulator.sensitivity(one, year, basis).select(
                pl.lit(one.name).alias("reform"), pl.lit(year).alias("year"), pl.all()
            )
            for one in read
            for year in years
        ]
        return pl.concat(frames)

    def injury(
        self,
        compared: Sequence[str] = (),
        year: int = INJURY_YEAR,
        *,
        everybody: bool = False,
        by: str | None = None,
        workers: int = 300_000,
        exposure: Exposure = "hours",
        progress: Progress = unheard,
    ) -> pl.DataFrame:
        """What arrangements against injury at work cover, at whose cost, and how fast.

        Args:
            compared: arrangements by name, those that are in force together joined by `+`; all that are active if empty.
            year: of the injuries.
            everybody: all workers, not only platform workers without a labour relation.
            by: a column by whose categories the results are shown.
            workers: how many are drawn.
            exposure: what exposes to injury: `hours` of work, or orders at a low, central or high rate.
            progress: told of each step.

        Raises:
            InputError: there is no such arrangement or column, its file is at fault, or the year cannot be had.
        """
        simulator = self.simulator((by,) if by else (), progress=progress)
        if not simulator.base_year <= year <= LAST_YEAR:
            span = say("bad_years", first=str(simulator.base_year), last=str(LAST_YEAR))
            raise InputError(Fault(span, Place(field=str(year))))
        wanted = together(compared, self.folder)
        drawn = exposed_by(exposure, draw_cases(simulator, year, workers))
        return protection_frame(wanted, drawn if everybody else without_relation(drawn), simulator, by)

    def _compared(
        self, simulator: Simulator, reforms: Sequence[str], against: str, years: Sequence[int]
    ) -> tuple[list[Reform], Reform]:
        """The reforms and what they are compared with, once it is clear that the years can be had."""
        beyond = [year for year in years if not simulator.base_year <= year <= LAST_YEAR]
        if beyond or not years:
            span = say("bad_years", first=str(simulator.base_year), last=str(LAST_YEAR))
            raise InputError(Fault(span, Place(field=", ".join(map(str, beyond)))))
        read = [find_reform(name, self.folder, simulator.base_year) for name in reforms]
        return read, find_reform(against, self.folder, simulator.base_year)

    def simulator(
        self, by: Sequence[str] = (), workers: int | None = None, on: Where = "threads", progress: Progress = unheard
    ) -> Simulator:
        """The study's workers, ready to be run under any reform; arguments as for `simulate`."""
        known = self.table.vocabulary
        groups = {column.name: column for column in self.table.columns if column.is_categorical}
        raise_all([Fault(say("no_column", name=one), remedy=did_you_mean(one, groups)) for one in by if one not in groups])
        month = self.settings.fieldwork.year * 12 + self.settings.fieldwork.month - 1
        return Simulator(self.designs[0], known, month, self.settings.seed, tuple(by), workers, progress, on)

    def confirm(self) -> int:
        """Write text/figures.csv: every figure in the authors' text is confirmed as it is now.

        Returns:
            how many figures.
        """
        figures = self.document().figures
        with whole_file(self.texts / "figures.csv") as scratch:
            scratch.write_text(confirmed_csv(figures), encoding="utf-8")
        return len(figures)

    @cached_property
    def reforms(self) -> tuple[Reform, ...]:
        """The reforms that study.yaml names.

        Raises:
            InputError: there is none of a name, or its file is at fault.
        """
        found, faults = [], []
        for at, name in enumerate(self.settings.reforms):
            try:
                found.append(find_reform(name, self.folder, self.settings.fieldwork.year))
            except InputError as error:
                faults += [
                    Fault(one.what, one.place if one.place.file else self._file.place("reforms", at), one.remedy)
                    for one in error.faults
                ]
        raise_all(faults)
        return tuple(found)

    @cached_property
    def procedures(self) -> tuple[Procedure, ...]:
        """The offices' logs that study.yaml names, with the limits that hold for them.

        Raises:
            InputError: a log or its limits are at fault.
        """
        found, faults = [], []
        for key, entry in self.settings.procedures.items():
            try:
                found.append(
                    open_procedure(
                        self.folder / entry.log,
                        self.folder / entry.limits if entry.limits else None,
                        entry.by,
                        columns=entry.columns,
                        time_zone=entry.time_zone,
                        title=entry.title.words,
                        key=f"procedure_{key}",
                    )
                )
            except InputError as error:
                place = self._file.place("procedures", key)
                faults += [one if one.place.file else replace(one, place=place) for one in error.faults]
        raise_all(faults)
        return tuple(found)

    @cached_property
    def countries(self) -> tuple[Card, ...]:
        """The cards of other countries' designs, the study's own in evidence/countries/ among them.

        Raises:
            InputError: a card is at fault.
        """
        return read_cards(self.folder)

    @cached_property
    def answers(self) -> Mapping[str, Answer]:
        """What the study's people answered to the self-assessment, in evidence/self-assessment.yaml.

        Raises:
            InputError: the file is at fault.
        """
        return read_answers(self.folder)

    @cached_property
    def seminar(self) -> SeminarRecord | None:
        """The record of the study's seminar, in review/seminar.json.

        Raises:
            InputError: the file is at fault, or speaks of recommendations that the study does not have.
        """
        return read_seminar(self.folder, [one.number for one in self.evidence.register.entries])

    @cached_property
    def changes(self) -> Mapping[str, tuple[Changes, ...]]:
        """The changes to procedures that study.yaml asks to be tried, by procedure.

        Raises:
            InputError: a file of changes is missing or at fault.
        """
        wanted = self.settings.procedures.items()
        return {key: tuple(read_changes(self.folder / name) for name in entry.changes) for key, entry in wanted}

    # --- how it is done -----------------------------------------------------------------------------------------------

    @cached_property
    def _simulator(self) -> Simulator:
        """The workers of the report's simulations, in its focus groups."""
        named = {column.name for column in self.table.columns if column.is_categorical}
        return self.simulator([name for name in self.settings.focus_groups if name in named])

    def _draft(self, estimator: Estimator, progress: Progress, *, simulated: bool = True) -> Draft:
        compared = bool(self.reforms) and simulated
        findings = replace(
            self._findings(estimator),
            literature=self.literature,
            inputs=self.inputs,
            versions=self.versions,
            simulator=self._simulator if compared else None,
            reforms=self.reforms if compared else (),
            procedures=self.procedures,
            tried=self._tried(progress) if simulated else {},
            evidence=self.evidence,
            countries=self.countries,
            answers=self.answers,
            seminar=self.seminar,
        )
        texts = read_texts(self.texts)
        confirmed = read_confirmed(self.texts / "figures.csv")
        weaver = Weaver(texts, estimator, confirmed, self.literature.citations)
        # Matrix products shared out among threads differ in their last digits with the number of cores.
        with threadpool_limits(limits=1, user_api="blas"):
            return draw_up(findings, weaver, [text.slot for text in texts], progress)

    def _findings(self, estimator: Estimator) -> Findings:
        """The survey alone."""
        return Findings(self.settings, self.table, estimator)

    def _tried(self, progress: Progress) -> Mapping[str, tuple[WhatIf, ...]]:
        """What the changes would bring to the procedures as their logs have them; found out once."""
        if self._known_tried is None:
            found: dict[str, tuple[WhatIf, ...]] = {}
            for procedure, (key, changes) in zip(self.procedures, self.changes.items(), strict=True):
                by, seed = self.settings.procedures[key].by, self.settings.seed
                if changes:
                    progress(say("trying_changes", procedure=procedure.title))
                found[procedure.key] = tuple(
                    whatif(procedure.log, one, replications=REPLICATIONS, limits=procedure.limits, by=by, seed=seed)
                    for one in changes
                )
            self._known_tried = found
        return self._known_tried

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Every file that goes in, with the SHA-256 of its content."""
        return {self._name(path): _digest(path) for path in self._input_files()}

    def _name(self, path: Path) -> str:
        """A file as the study calls it, wherever its authors' text lies."""
        if path.is_relative_to(self.texts):
            return f"text/{path.relative_to(self.texts).as_posix()}"
        return path.relative_to(self.folder).as_posix()

    def _input_files(self) -> Iterator[Path]:
        single = ("study.yaml", "codebook.yaml", "cleaning.csv", self.settings.data.survey)
        yield from (self.folder / name for name in single if (self.folder / name).is_file())
        for entry in self.settings.procedures.values():
            yield from (self.folder / name for name in (entry.log, entry.limits, *entry.changes) if name)
        for pattern in READ_BY_PATTERN:
            yield from sorted(self.folder.glob(pattern))
        for pattern in ("*/*.md", "figures.csv"):
            yield from sorted(self.texts.glob(pattern))
        yield from evidence_files(self.folder / "evidence")

    @cached_property
    def versions(self) -> dict[str, str]:
        """The programs that make the report."""
        named = {name: metadata.version(name) for name in PROGRAMS}
        return {"Python": platform.python_version(), **named, "pandoc": str(pypandoc.get_pandoc_version())}

    def _write_manifest(self, folder: Path) -> None:
        outputs = sorted(path for path in folder.rglob("*") if path.is_file())
        manifest = {
            "study": self.settings.title.en,
            "date": self.settings.date.isoformat(),
            "synthetic": self.settings.synthetic,
            "seed": self.settings.seed,
            "inputs": self.inputs,
            "versions": self.versions,
            "outputs": {path.relative_to(folder).as_posix(): _digest(path) for path in outputs},
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        (folder / "manifest.json").write_text(text, encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
