"""A statement of a platform's or worker's month as a document: what is due, from which lines, by which figures."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Cell,
    Column,
    Document,
    KeyFigure,
    KeyFigures,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
)
from canbao.engine.parameters import LOW_CONFIDENCE, citations
from canbao.exchange.ledger.scheme import documents
from canbao.exchange.statements import Statement
from canbao.languages import LANGUAGES, Catalogue, Number, Words, joined
from canbao.law import lawbook
from canbao.law.explanation import label_of

say = Catalogue("canbao.chapters", "statement")

FEN_IN_YUAN = 100
AMOUNTS = ("income_fen", "base_fen", "platform_fen", "worker_fen")

MOST_ROWS = 400
"""A worker's month has fewer lines; of more, the rest is in the tables beside the statement."""


def statement_document(statement: Statement, version: str) -> Document:
    """The statement, dated by the month's last day.

    Args:
        statement: what is told.
        version: of the program.
    """
    chapters = (
        Section("due", say("due"), tuple(_due(statement)), numbered=False),
        Section("lines", say("lines"), tuple(_lines(statement))),
        Section("figures", say("figures"), (_figures(statement),)),
        Section("runs", say("runs"), (Paragraph(say("runs_text")), _runs(statement))),
    )
    return Document(
        key="statement",
        title=say(f"title_{statement.of}"),
        subtitle=say("subtitle", name=statement.name, month=_month(statement.month)),
        authors=(),
        date=statement.day,
        chapters=chapters,
        references=dict.fromkeys(LANGUAGES, ()),
        notice=say("synthetic") if statement.synthetic else None,
        made_with=say("made_with", version=version),
    )


def _due(statement: Statement) -> Sequence[Block]:
    by_scheme = statement.by_scheme
    of_platform, of_workers = (sum(by_scheme[f"{payer}_fen"].to_list()) for payer in ("platform", "worker"))
    figures = [
        KeyFigure(_yuan(of_platform), say("platform_due")),
        KeyFigure(_yuan(of_workers), say("worker_due")),
        KeyFigure(Number(max(by_scheme["orders"].to_list(), default=0)), say("orders_counted")),
    ]
    if statement.of == "platform":
        figures.append(KeyFigure(Number(statement.lines["worker_key"].n_unique()), say("workers_counted")))
    columns = [
        Column("scheme", say("scheme"), align="left"),
        *([Column("workers", say("workers"))] if statement.of == "platform" else []),
        Column("orders", say("orders")),
        *(Column(name.removesuffix("_fen"), say(name.removesuffix("_fen"))) for name in AMOUNTS),
        Column("adjusted", say("adjusted")),
        *([Column("reference", say("reference"), align="left")] if statement.of == "platform" else []),
    ]
    rows = []
    for one in by_scheme.iter_rows(named=True):
        cells = [
            Cell(statement.titles[one["scheme"]]),
            *([Cell(Number(one["workers"]))] if statement.of == "platform" else []),
            Cell(Number(one["orders"])),
            *(Cell(_yuan(one[name])) for name in AMOUNTS),
            Cell(_yuan(one["adjusted_fen"])),
            *([Cell(Words.same(statement.reference(one["scheme"])))] if statement.of == "platform" else []),
        ]
        rows.append(Row(tuple(cells)))
    table = Table("due", say("due_table"), tuple(columns), tuple(rows), (say("due_note"),))
    return [KeyFigures(tuple(figures)), table]


def _lines(statement: Statement) -> Sequence[Block]:
    """Each line of a worker; of a platform, its lines added up."""
    key = ["scheme", "kind", "relation", "place", "service"]
    measures = ["orders", "income_fen", "base_fen", "platform_fen", "worker_fen"]
    lines = statement.lines
    if statement.of == "platform":
        counted = pl.col("worker_key").n_unique().alias("workers")
        shown = lines.group_by(key).agg(counted, pl.col(measures).sum()).sort(key, nulls_last=False)
    else:
        shown = lines
    columns = [
        Column("scheme", say("scheme"), align="left"),
        Column("kind", say("kind"), align="left"),
        *([Column("platform_name", say("platform_name"), align="left")] if statement.of == "worker" else []),
        Column("relation", say("relation"), align="left"),
        Column("place", say("place"), align="left"),
        Column("service", say("service"), align="left"),
        *([Column("workers", say("workers"))] if statement.of == "platform" else []),
        Column("orders", say("orders")),
        *(Column(name.removesuffix("_fen"), say(name.removesuffix("_fen"))) for name in AMOUNTS),
        *([Column("records", say("records"), align="left")] if statement.of == "worker" else []),
    ]
    rows = []
    for one in shown.head(MOST_ROWS).iter_rows(named=True):
        cells = [
            Cell(statement.titles[one["scheme"]]),
            Cell(say(f"kind_{one['kind']}")),
            *([Cell(Words.same(statement.platforms[one["platform_key"]]))] if statement.of == "worker" else []),
            Cell(say(f"relation_{one['relation']}")),
            Cell(lawbook.place_label(one["place"]) if one["place"] else None),
            Cell(say(f"service_{one['service']}") if one["service"] else say("all_services")),
            *([Cell(Number(one["workers"]))] if statement.of == "platform" else []),
            Cell(Number(one["orders"])),
            *(Cell(_yuan(one[name])) for name in AMOUNTS),
            *([Cell(_records(one["first_record"], one["last_record"]))] if statement.of == "worker" else []),
        ]
        rows.append(Row(tuple(cells)))
    blocks: list[Block] = [Table("lines", say("lines_table"), tuple(columns), tuple(rows), (say("lines_note"),))]
    if shown.height > MOST_ROWS:
        blocks.insert(0, Notice(say("cut", shown=Number(MOST_ROWS), all=Number(shown.height))))
    return blocks


def _figures(statement: Statement) -> Table:
    columns = (
        Column("scheme", say("scheme"), align="left"),
        Column("rule", say("rule"), align="left"),
        Column("place", say("place"), align="left"),
        Column("service", say("service"), align="left"),
        Column("figure", say("figure"), align="left"),
        Column("value", say("value")),
        Column("unit", say("unit"), align="left"),
        Column("since", say("since"), align="left"),
        Column("basis", say("basis"), align="left"),
        Column("confidence", say("confidence"), align="left"),
    )
    rules = {run.scheme: run.facts["rule"] for run in statement.runs}
    rows = []
    for one in statement.figures.iter_rows(named=True):
        sure = "filled" if one["filled"] else "low" if one["confidence"] in LOW_CONFIDENCE else "published"
        cells = (
            Cell(statement.titles[one["scheme"]]),
            Cell(_rule(rules[one["scheme"]])),
            Cell(lawbook.place_label(one["place"])),
            Cell(say(f"service_{one['service']}") if one["service"] else None),
            Cell(say(f"role_{one['role']}")),
            Cell(Number(one["value"], "plain")),
            Cell(Words.same(one["unit"])),
            Cell(Words.same(one["since"]) if one["since"] else None),
            Cell(cited(one["basis"] or one["source"])),
            Cell(say(f"confidence_{sure}")),
        )
        rows.append(Row(cells))
    return Table("figures", say("figures_table"), columns, tuple(rows), (say("figures_note"),))


def _runs(statement: Statement) -> Table:
    columns = (
        Column("scheme", say("scheme"), align="left"),
        Column("run", say("run")),
        Column("kind", say("kind"), align="left"),
        Column("due_on", say("due_on"), align="left"),
    )
    rows = [
        Row(
            (
                Cell(statement.titles[run.scheme]),
                Cell(Number(run.number)),
                Cell(say(f"kind_{run.kind}")),
                Cell(Words.same(run.facts["due_on"])),
            )
        )
        for run in statement.runs
    ]
    return Table("runs", say("runs_table"), columns, tuple(rows))


def cited(basis: str | None) -> Words | None:
    """Documents with their articles, as people cite them; also those that only schemes cite."""
    known = documents()
    parts = []
    for name, article in citations(basis):
        if name in known:
            title = known[name].title.words
            parts.append(
                Words(f"{title.en}, art. {article}", f"《{title.zh}》第{article}条")
                if article.isdigit()
                else Words(title.en, f"《{title.zh}》")
            )
    return joined(parts, en="; ", zh="；") if parts else None


def _rule(name: str) -> Words:
    known = name in lawbook.labels()
    return label_of(name) if known else Words.same(name)


def _records(first: int | None, last: int | None) -> Words | None:
    return None if first is None else Words.same(f"{first}–{last}" if first != last else str(first))


def _month(month: str) -> Words:
    return Words(month, f"{month[:4]}年{int(month[5:])}月")


def _yuan(fen: int | None) -> Number:
    return Number(None if fen is None else fen / FEN_IN_YUAN, "decimal2")
