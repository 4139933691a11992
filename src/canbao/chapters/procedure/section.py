"""What the log of one procedure tells: its way, its bottlenecks, its time limits, who drops out, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from canbao.chapters.document import (
    Block,
    Document,
    KeyFigure,
    KeyFigures,
    Section,
)
from canbao.chapters.findings import paragraph
from canbao.chapters.procedure.burden import burden_of
from canbao.chapters.procedure.groups import groups_of
from canbao.chapters.procedure.limits import limits_of
from canbao.chapters.procedure.losses import losses_of
from canbao.chapters.procedure.repeats import repeats_of
from canbao.chapters.procedure.waiting import delays_of, waits_of
from canbao.chapters.procedure.way import quality_of, variants_of, way_of
from canbao.chapters.procedure.words import days_of, say
from canbao.languages import LANGUAGES, Number, Words
from canbao.procedures.procedure import Procedure

IN_A_STUDY = ("map", "delays", "waits", "clocks", "losses")
"""What a study's report shows of each procedure; `canbao bottlenecks` shows all."""


def procedure_section(procedure: Procedure, wanted: Collection[str] | None = None) -> Section:
    """The procedure as a section of the report, or as a report of its own.

    Args:
        procedure: the log.
        wanted: the parts shown; all if None.
    """
    parts: Mapping[str, Callable[[Procedure], Sequence[Block]]] = {
        "map": way_of,
        "delays": delays_of,
        "waits": waits_of,
        "clocks": limits_of,
        "losses": losses_of,
        "groups": groups_of,
        "burden": burden_of,
        "repeats": repeats_of,
        "variants": variants_of,
        "quality": quality_of,
    }
    sections = []
    for key, write in parts.items():
        blocks = tuple(write(procedure)) if wanted is None or key in wanted else ()
        if blocks:
            sections.append(Section(f"{procedure.key}_{key}", say(key), blocks))
    return Section(procedure.key, procedure.title, tuple(_headline(procedure)), tuple(sections))


def _headline(procedure: Procedure) -> Sequence[Block]:
    found = procedure.summary
    log = procedure.log
    figures = (
        KeyFigure(Number(found.cases), say("cases")),
        KeyFigure(days_of(found.median_days), say("median_days")),
        KeyFigure(days_of(found.p90_days), say("p90_days")),
    )
    span = (Words.day(moment.astimezone(log.zone).date()) for moment in (log.opened, log.closed))
    lead = say(
        "lead", first=next(span), last=next(span), events=Number(found.events), activities=Number(found.activities),
        variants=Number(found.variants), mean=Number(found.mean_days, "decimal"),
    )  # fmt: skip
    return [KeyFigures(figures, procedure.title), paragraph(lead)]


def procedure_document(procedure: Procedure, version: str) -> Document:
    """The procedure as a report of its own, dated by the log's last day.

    Args:
        procedure: the log.
        version: of the program.
    """
    section = procedure_section(procedure)
    log = procedure.log
    name = procedure.limits.calendar.name
    calendar = say(f"calendar_{name}") if f"calendar_{name}" in say else Words.same(name)
    told = say("method_text", calendar=calendar, zone=log.time_zone)
    method = Section("method", say("method"), (paragraph(told),))
    chapters = (
        Section("overview", say("overview"), section.blocks, numbered=False),
        *(Section(part.key, part.title, part.blocks, part.sections) for part in section.sections),
        method,
    )
    return Document(
        key="report",
        title=say("document_title"),
        subtitle=procedure.title,
        authors=(),
        date=log.closed.astimezone(log.zone).date(),
        chapters=chapters,
        references=dict.fromkeys(LANGUAGES, ()),
        notice=say("synthetic") if log.synthetic else None,
        made_with=say("made_with", version=version),
    )
