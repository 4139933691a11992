"""A statement of a platform's, employer's or worker's month as a letter: what is due, of which lines, by which figures."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl

from canbao.chapters.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Letter,
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
from canbao.law.explanation import label_of, unit_words

say = Catalogue("canbao.chapters", "statement")

FEN_IN_YUAN = 100
AMOUNTS = ("income_fen", "base_fen", "platform_fen", "worker_fen")

MOST_ROWS = 400
"""A worker's month has fewer lines; of more, the rest is in the tables beside the statement."""


def statement_document(statement: Statement, version: str) -> Document:
    """The statement as a letter of the administration.

    Args:
        statement: what is told.
        version: of the program.
    """
    chapters = (
        Section("due", say("due"), tuple(_due(statement)), numbered=False),
        Section("lines", say("lines"), tuple(_lines(statement)), numbered=False),
        Section("figures", say("figures"), (_figures(statement),), numbered=False),
        Section("runs", say("runs"), (Paragraph(say("runs_text")), _runs(statement)), numbered=False),
        Section("objections", say("objections"), (Bullets(tuple(_objections(statement))),), numbered=False),
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
        letter=_letter(statement),
    )


def _letter(statement: Statement) -> Letter:
    ours = statement.administration
    contact = say("contact", contact=ours.contact) if ours is not None and ours.contact else None
    name = say("worker_number", number=statement.name) if statement.of == "worker" else Words.same(statement.name)
    facts = (
        (say("to"), name),
        (say("number"), Words.same(statement.number)),
        (say("month"), _month(statement.month)),
        *([(say("day"), Words.day(statement.day))] if statement.assessed_on else []),
    )
    sender = ours.name if ours is not None else say("administration")
    return Letter(sender, contact, facts, dated=statement.assessed_on is not None)


def _due(statement: Statement) -> Sequence[Block]:
    sums = _to_pay(statement)
    pays = {payer: int(sums[f"{payer}_to_pay"].sum()) for payer in ("own", "kept_back", "direct")}
    amounts = {payer: _yuan(fen) for payer, fen in pays.items()}
    month, total = _month(statement.month), _yuan(pays["own"] + pays["kept_back"])
    if statement.of == "worker":
        opening = say("opening_worker", month=month, **amounts)
    else:
        opening = say(f"opening_{statement.of}", name=statement.name, month=month, total=total)
    parts = [opening]
    if statement.of != "worker" and pays["kept_back"]:
        parts.append(say("of_it", **amounts))
    if statement.elsewhere:
        parts.append(say("elsewhere", workers=Number(statement.elsewhere)))
    return [Paragraph(joined(parts, en=" ", zh="")), _due_table(statement, sums)]


def _to_pay(statement: Statement) -> pl.DataFrame:
    """By scheme: what is due, by who has to pay it; `due_on`, by when the last of it."""
    kept_back = {run.scheme: run.facts["collected_from"] == "platform" for run in statement.runs}
    due_on = {run.scheme: run.facts["due_on"] for run in statement.runs}
    is_kept_back = pl.col("scheme").replace_strict(kept_back, return_dtype=pl.Boolean)
    of_worker = pl.col("worker_fen")
    return statement.by_scheme.with_columns(
        pl.col("platform_fen").alias("own_to_pay"),
        pl.when(is_kept_back).then(of_worker).otherwise(0).alias("kept_back_to_pay"),
        pl.when(is_kept_back).then(0).otherwise(of_worker).alias("direct_to_pay"),
        pl.col("scheme").replace_strict(due_on, return_dtype=pl.String).alias("due_on"),
    )


def _due_table(statement: Statement, sums: pl.DataFrame) -> Table:
    is_worker = statement.of == "worker"
    payers = [payer for payer in ("own", "kept_back", "direct") if (sums[f"{payer}_to_pay"] != 0).any()]
    if not is_worker:
        # Where there is one payer, what is to be paid says it all.
        payers = [*(payers if len(payers) > 1 else []), "all"]
    sums = sums.with_columns((pl.col("own_to_pay") + pl.col("kept_back_to_pay")).alias("all_to_pay"))
    adjusted = (sums["adjusted_fen"] != 0).any()
    columns = [
        Column("scheme", say("scheme"), align="left"),
        *([] if is_worker else [Column("workers", say("workers"))]),
        Column("orders", say("orders")),
        *(Column(f"{payer}_to_pay", say(f"{payer}_{statement.of}")) for payer in payers),
        *([Column("adjusted", say("adjusted"))] if adjusted else []),
        Column("due_on", say("due_on"), align="left"),
        *([] if is_worker else [Column("reference", say("reference"), align="left")]),
    ]
    rows = []
    for one in sums.iter_rows(named=True):
        cells = [
            Cell(statement.titles[one["scheme"]]),
            *([] if is_worker else [Cell(Number(one["workers"]))]),
            Cell(Number(one["orders"])),
            *(Cell(_yuan(one[f"{payer}_to_pay"])) for payer in payers),
            *([Cell(_yuan(one["adjusted_fen"]))] if adjusted else []),
            Cell(Words.same(one["due_on"])),
            *([] if is_worker else [Cell(Words.same(statement.reference(one["scheme"])))]),
        ]
        rows.append(Row(tuple(cells)))
    totals = {name: _yuan(int(sums[name].sum())) for name in (f"{payer}_to_pay" for payer in payers)}
    totals |= {"adjusted": _yuan(int(sums["adjusted_fen"].sum()))}
    first: dict[str, Number | Words] = {"scheme": say("total"), **totals}
    rows.append(Row(tuple(Cell(first.get(column.key, Words.same(""))) for column in columns), "total"))
    notes = (say("due_note"),) if adjusted else ()
    return Table("due", say("due_table"), tuple(columns), tuple(rows), notes)


def _objections(statement: Statement) -> Sequence[Words]:
    contact = statement.administration.contact if statement.administration is not None else ""
    told = [say(f"wrong_{statement.of}"), say("later"), say("reconsideration")]
    return [*told, say("ask", contact=contact)] if contact else told


def _lines(statement: Statement) -> Sequence[Block]:
    """Each line of a worker; of platforms and employers, their lines added up. A column that says nothing is left out."""
    each = statement.of == "worker"
    key = ["scheme", "kind", *(["platform_key"] if statement.by_platform else []), "relation", "place", "service"]
    measures = ["orders", "income_fen", "base_fen", "platform_fen", "worker_fen"]
    counted = pl.col("worker_key").n_unique().alias("workers")
    added = statement.lines.group_by(key).agg(counted, pl.col(measures).sum()).sort(key, nulls_last=False)
    shown = statement.lines if each else added
    says_kind = set(shown["kind"]) != {"assessed"}
    says_relation = shown["relation"].n_unique() > 1
    amounts = [name for name in AMOUNTS if name == "income_fen" or (shown[name] != 0).any()]
    columns = [
        *([Column("platform_name", say("platform_name"), align="left")] if statement.by_platform else []),
        *([Column("kind", say("kind"), align="left")] if says_kind else []),
        *([Column("relation", say("relation"), align="left")] if says_relation else []),
        Column("place", say("place"), align="left"),
        Column("service", say("service"), align="left"),
        *([] if each else [Column("workers", say("workers"))]),
        Column("orders", say("orders")),
        *(Column(name.removesuffix("_fen"), _amount_label(statement, name)) for name in amounts),
    ]
    rows: list[Row] = []
    scheme = None
    for one in shown.head(MOST_ROWS).iter_rows(named=True):
        if one["scheme"] != scheme:
            scheme = one["scheme"]
            rows.append(_heading(statement.titles[scheme]))
        cells = [
            *([Cell(Words.same(statement.platforms[one["platform_key"]]))] if statement.by_platform else []),
            *([Cell(say(f"kind_{one['kind']}"))] if says_kind else []),
            *([Cell(say(f"relation_{one['relation']}"))] if says_relation else []),
            Cell(lawbook.place_label(one["place"]) if one["place"] else None),
            Cell(say(f"service_{one['service']}") if one["service"] else say("all_services")),
            *([] if each else [Cell(Number(one["workers"]))]),
            Cell(Number(one["orders"])),
            *(Cell(_yuan(one[name])) for name in amounts),
        ]
        rows.append(Row(tuple(cells)))
    notes = (say("lines_note"), say("records_note")) if each else (say("lines_note"),)
    blocks: list[Block] = [Table("lines", say("lines_table"), tuple(columns), tuple(rows), notes)]
    if shown.height > MOST_ROWS:
        blocks.insert(0, Notice(say("cut", shown=Number(MOST_ROWS), all=Number(shown.height))))
    return blocks


def _amount_label(statement: Statement, name: str) -> Words:
    if statement.of == "employer" and name == "platform_fen":
        return say("own_employer")
    return say(name.removesuffix("_fen"))


def _heading(title: Words) -> Row:
    return Row((Cell(title),), "heading")


def _figures(statement: Statement) -> Table:
    columns = (
        Column("figure", say("figure"), align="left"),
        Column("service", say("service"), align="left"),
        Column("place", say("place"), align="left"),
        Column("value", say("value")),
        Column("unit", say("unit"), align="left"),
        Column("since", say("since"), align="left"),
        Column("basis", say("basis"), align="left"),
        Column("confidence", say("confidence"), align="left"),
    )
    # What is the same in several places is said once.
    key = [name for name in statement.figures.columns if name != "place"]
    once = statement.figures.group_by(key, maintain_order=True).agg("place").sort("scheme", maintain_order=True)
    rows: list[Row] = []
    scheme = None
    for one in once.iter_rows(named=True):
        if one["scheme"] != scheme:
            scheme = one["scheme"]
            rows.append(_heading(statement.titles[scheme]))
        sure = "filled" if one["filled"] else "low" if one["confidence"] in LOW_CONFIDENCE else "published"
        cells = (
            Cell(say(f"role_{one['role']}")),
            Cell(say(f"service_{one['service']}") if one["service"] else None),
            Cell(joined([lawbook.place_label(place) for place in one["place"]])),
            Cell(Number(one["value"], "plain")),
            Cell(unit_words(one["unit"])),
            Cell(Words.same(one["since"]) if one["since"] else None),
            Cell(cited(one["basis"] or one["source"])),
            Cell(say(f"confidence_{sure}")),
        )
        rows.append(Row(cells))
    return Table("figures", say("figures_table"), columns, tuple(rows), (say("figures_note"),))


def _runs(statement: Statement) -> Table:
    columns = (
        Column("scheme", say("scheme"), align="left"),
        Column("rule", say("rule"), align="left"),
        Column("run", say("run")),
        Column("kind", say("kind"), align="left"),
        Column("due_on", say("due_on"), align="left"),
    )
    rows = [
        Row(
            (
                Cell(statement.titles[run.scheme]),
                Cell(_rule(run.facts["rule"])),
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


def _month(month: str) -> Words:
    first = datetime.date(int(month[:4]), int(month[5:]), 1)
    return Words(f"{first:%B} {first.year}", f"{first.year}年{first.month}月")


def _yuan(fen: int | None) -> Number:
    return Number(None if fen is None else fen / FEN_IN_YUAN, "decimal2")
