"""International comparison: who is in elsewhere, what others' rules would mean here, who collects, what would close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from canbao.careers import carried_parameters
from canbao.chapters.confidence import confidence_words
from canbao.chapters.document import (
    Bars,
    Block,
    Cell,
    Column,
    Figure,
    Matrix,
    Row,
    Section,
    StackedBars,
    Table,
)
from canbao.chapters.estimates import Estimate, Estimator
from canbao.chapters.findings import Findings, bullets, interval_note, paragraph
from canbao.chapters.protection import cases_of
from canbao.chapters.simulated import needed_columns
from canbao.engine.parameters import FIRST_YEAR
from canbao.evidence.countries import (
    ACCESSES,
    OUR_COUNTRY,
    STATUSES,
    Card,
    Charge,
    Status,
    Wage,
    contributions,
    country_name,
    status_of,
)
from canbao.evidence.countries.benchmarks import IndicatorEntry, benchmarks
from canbao.evidence.countries.card import Amount, Base, Branch, Confidence, Wages
from canbao.evidence.countries.sources import is_address, source_title
from canbao.injury import compare, find_arrangement
from canbao.languages import LOCALES, UNKNOWN, Catalogue, Number, Words, joined
from canbao.law import model, places
from canbao.workers import vocabulary

say = Catalogue("canbao.chapters", "countries")

OF_INSURANCE: tuple[Branch, ...] = ("pensions", "injury")
OUTCOMES = ("must", "may", "may_not", "unknown")
NEEDED = ("income_month", "platform_worker", "province")
"""Without these, others' rules cannot be tried on the study's workers."""

ASKED = ("income_month", "platform_worker", "province", "relation", "work_status", "platform_type", "age", "pension_scheme")
RULES = "rules_of_countries"
"""The column that holds what others' rules mean for each worker."""

_TRIED: WeakKeyDictionary[Estimator, Estimator] = WeakKeyDictionary()

SAME = 5e-4
"""Shares that are printed alike."""

TRIED_ON: tuple[Status, ...] = ("platform_workers", "self_employed")


def chapter(findings: Findings) -> Section | None:
    """Access by country, rates and bases, trial on the study's workers, injury, administration, gaps, indicators."""
    if not findings.countries:
        return None
    parts: dict[str, Callable[[Findings], Sequence[Block]]] = {
        "access": _access,
        "pensions": _pensions,
        "trial": _trial,
        "injury": _injury,
        "administration": _administration,
        "closing": _closing,
        "indicators": _indicators,
        "sources": _sources_of_cards,
    }
    written = {key: tuple(write(findings)) for key, write in parts.items()}
    sections = tuple(Section(f"countries_{key}", say(f"title_{key}"), blocks) for key, blocks in written.items() if blocks)
    return Section("countries", say("title"), (paragraph(say("lead")),), sections)


def _of(findings: Findings, branch: Branch) -> list[Card]:
    return [one for one in findings.countries if one.branch == branch]


# --- who is in ------------------------------------------------------------------------------------------------------------


def _access(findings: Findings) -> Sequence[Block]:
    """Countries by branch and status, as a matrix of words."""
    cards = {(one.country, one.branch): one for one in findings.countries if one.branch in OF_INSURANCE}
    countries = sorted({country for country, _ in cards}, key=lambda one: (one != OUR_COUNTRY, country_name(one).en))
    fields = [(branch, status) for branch in OF_INSURANCE for status in STATUSES]
    found = []
    for country in countries:
        known = [cards.get((country, branch)) for branch, _ in fields]
        words = [one.access(status) if one else None for one, (_, status) in zip(known, fields, strict=True)]
        found.append(tuple(None if word is None else ACCESSES.index(word) for word in words))
    chart = Matrix(
        tuple(country_name(one) for one in countries),
        tuple(say(status) for _, status in fields),
        tuple(say(f"branch_{branch}") for branch, _ in fields),
        tuple(say(f"access_{one}") for one in ACCESSES),
        tuple(found),
    )
    sentence = say("access_sentence", **_counts(findings))
    described = dict.fromkeys(one.country for one in findings.countries)
    elsewhere = [country_name(one) for one in described if one not in countries]
    notes = [say("access_note"), *([say("access_elsewhere", countries=joined(elsewhere))] if elsewhere else [])]
    figure = Figure(
        "country_access",
        say("access_figure"),
        chart,
        sentence,
        tuple(notes),
        say("cards"),
        sentence,
        (say("access_where"),),
    )
    return [paragraph(say("access_lead")), *bullets(sentence), figure]


def _counts(findings: Findings) -> dict[str, Number]:
    """In how many of the countries looked at platform workers are in by duty."""
    counts: dict[str, Number] = {}
    for branch in OF_INSURANCE:
        others = [one.access("platform_workers") for one in _of(findings, branch) if one.country != OUR_COUNTRY]
        counts[branch] = Number(sum(one == "mandatory" for one in others))
        counts[f"all_{branch}"] = Number(sum(one is not None for one in others))
    return counts


# --- rates and bases ------------------------------------------------------------------------------------------------------


def _pensions(findings: Findings) -> Sequence[Block]:
    return _designs(findings, "pensions", [])


def _designs(findings: Findings, branch: Branch, after: Sequence[tuple[Column, Callable[[Card], Cell]]]) -> list[Block]:
    """A branch country by country: who pays what on which base, for platform workers, else for the self-employed."""
    rows = []
    for card in _of(findings, branch):
        status = _shown(card)
        charges = card.charges(status)
        base = next((one.base for one in charges if one.base is not None), None)
        cells = (
            Cell(card.name),
            Cell(_scheme(card)),
            Cell(_access_word(card, status)),
            *(Cell(_rate(card, [one for one in charges if one.payer == payer])) for payer in ("worker", "hirer")),
            Cell(_base(card, base)),
            *(write(card) for _, write in after),
            Cell(_confidence(card, status)),
        )
        rows.append(Row(cells))
    texts = ("country", "scheme", "access", "worker", "hirer", "base")
    columns = [Column(name, say(f"column_{name}"), align="left") for name in texts]
    columns += [column for column, _ in after]
    columns.append(Column("confidence", say("column_confidence"), align="left"))
    notes = [say("designs_note"), *([say("loss_note")] if after else []), *_card_notes(findings, branch)]
    title = say(f"{branch}_table")
    table = Table(f"countries_{branch}", title, tuple(columns), tuple(rows), tuple(notes), say("cards_source"))
    return [paragraph(say(f"{branch}_lead")), table]


def _shown(card: Card) -> Status:
    """Platform workers, unless only the self-employed are known to pay."""
    own, other = card.charges("platform_workers"), card.charges("self_employed")
    known = any(one.known_in(card.file.year) for one in own)
    return "platform_workers" if known or not other or card.access("platform_workers") is not None else "self_employed"


def _scheme(card: Card) -> Words:
    return say("scheme_and_year", scheme=card.file.scheme.words, year=str(card.file.year))


def _access_word(card: Card, status: Status) -> Words | None:
    """The rule, and for whom it holds where the card says so."""
    cover = (card.file.covers or {}).get(status)
    if cover is None or cover.access is None:
        return None
    word = say(f"access_{cover.access}")
    if status != "platform_workers":
        word = say("access_of", status=say(status), access=word)
    return word if cover.who is None else say("access_and_whom", access=word, whom=cover.who.words)


def _rate(card: Card, charges: Sequence[Charge]) -> Words | None:
    """A payer's rates and amounts; nothing where there are none, `not found` where the card says that one is due."""
    parts = []
    for one in charges:
        rate = one.rate_in(card.file.year)
        if one.amount is not None:
            parts.append(say("by_month", amount=_money(card, one.amount)))
        elif rate is None:
            parts.append(one.says.words if one.says is not None else say("not_found"))
        elif isinstance(one.rate, dict) and max(one.rate) > card.file.year:
            last = max(one.rate)
            parts.append(say("rate_rising", rate=_exact(rate), last=_exact(one.rate[last]), year=str(last)))
        else:
            parts.append(_exact(rate))
        if one.rate_of_kinds and one.amount is None:
            kinds = [say("rate_of_kind", kind=_kind(kind), rate=_exact(other)) for kind, other in one.rate_of_kinds.items()]
            parts[-1] = joined([parts[-1], *kinds], en="; ", zh="；")
    return joined(parts, en=" + ", zh="＋") if parts else None


def _exact(rate: float) -> Words:
    """A rate with all its digits: 1.25 % is not 1.2 %."""
    return say("rate", value=Number(round(rate * 100, 4), "plain"))


def _kind(name: str) -> Words:
    return vocabulary()["platform_type"].categories[name]


def _base(card: Card, base: Base | None) -> Words | None:
    """On what is charged, and between which limits as far as they were found."""
    if base is None:
        return None
    parts = [say(f"base_{base.of}")]
    for key, limit in (("floor", base.floor), ("ceiling", base.ceiling)):
        if limit is not None and not isinstance(limit, str):
            parts.append(say(f"base_{key}", amount=_money(card, limit)))
    if base.tiers:
        parts.append(say("base_tiers", low=_money(card, base.tiers[0]), high=_money(card, base.tiers[-1])))
    if base.bands:
        parts.append(say("base_bands", low=_money(card, base.bands[0][1]), high=_money(card, base.bands[-1][1])))
    return joined(parts, en="; ", zh="；")


def _money(card: Card, amount: Amount) -> Words:
    """An amount of a card, by the month."""
    if isinstance(amount, Wages):
        key = "average_wages" if amount.average_wages is not None else "minimum_wages"
        times = amount.average_wages if amount.average_wages is not None else amount.minimum_wages
        return say(key, times=_exact(times or 0.0))
    code = card.file.currency or ""
    return say("money", amount=Number(amount), currency=Words(code, LOCALES["zh"].currencies.get(code, code)))


def _confidence(card: Card, status: Status) -> Words:
    """The weakest of what is shown."""
    cover = (card.file.covers or {}).get(status)
    words = {card.file.confidence, *(one.confidence for one in card.charges(status))}
    words |= {cover.confidence} if cover is not None else set()
    order: tuple[Confidence, ...] = ("memory", "assumption", "reported", "official")
    return confidence_words(next(one for one in order if one in words))


def _card_notes(findings: Findings, branch: Branch) -> list[Words]:
    return [
        say("card_note", country=card.name, note=_sentence(card))
        for card in _of(findings, branch)
        if card.file.note is not None or card.file.also_covers is not None
    ]


def _sentence(card: Card) -> Words:
    file = card.file
    also = [say("also_covers", what=file.also_covers.words)] if file.also_covers is not None else []
    return joined([*also, *([file.note.words] if file.note is not None else [])], en=" ", zh="")


# --- others' rules on these workers ---------------------------------------------------------------------------------------


def _wage(frame: pl.DataFrame, year: int) -> Wage:
    """Wages of each worker's province."""
    law = model().parameters["contribution_reference_wage"].yearly
    numbers = places().numbers
    by_place = {name: float(law[number, year - FIRST_YEAR]) for name, number in numbers.items()}
    average = np.array([by_place.get(one or "", np.nan) for one in frame["province"].cast(pl.String).to_list()])
    return Wage(average, _minimum_share(year) * average)


def _minimum_share(year: int) -> float:
    """The minimum wage as a part of the average one."""
    return float(carried_parameters()["minimum_to_average_wage"].yearly[0, year - FIRST_YEAR])


def _measures(found: pl.DataFrame, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """What one card's rules mean for each worker, in numbers whose means are shown."""
    access, income = found["access"], frame["income_month"].cast(pl.Float64)
    paying = found["total"].is_not_null() & access.is_in(["must", "may"]) & found["status"].is_in(list(TRIED_ON))
    made = {one: (access == one).cast(pl.Float64) for one in OUTCOMES}
    for payer in ("worker", "hirer"):
        made[f"{payer}_month"] = _where(paying, found[payer])
        made[f"{payer}_share"] = _where(paying & (income > 0), found[payer] / income)
    if "pension_scheme" in frame.columns:
        # Of those without a pension today, who would have to be in.
        made["gains"] = _where(frame["pension_scheme"].cast(pl.String) == "none", made["must"])
    return made


def _where(members: pl.Series, values: pl.Series) -> pl.Series:
    """The values of members; blank for all others."""
    return pl.select(pl.when(members).then(values)).to_series().fill_nan(None)


def _tried(findings: Findings) -> Estimator:
    """The study's estimator with all cards' rules tried on its workers, worked out once for each of its tables."""
    asked = findings.estimator
    if asked not in _TRIED:
        cards = [one for one in _of(findings, "pensions") if _carried_over(one)]
        designs = [design.with_column(RULES, pl.lit(_all_rules(findings, design.frame, cards))) for design in asked.designs]
        _TRIED[asked] = Estimator(designs, asked.vocabulary, asked.register)
    return _TRIED[asked]


def _all_rules(findings: Findings, frame: pl.DataFrame, cards: Sequence[Card]) -> pl.Series:
    """One field a card and measure."""
    table = frame.select(name for name in ASKED if name in frame.columns)
    table = table.with_columns(pl.Series("status", status_of(table), dtype=pl.String))
    wage = _wage(table, findings.settings.law_date.year)
    fields = []
    for card in cards:
        made = _measures(contributions(card, table, wage), table)
        fields += [one.alias(f"{card.country}_{name}") for name, one in made.items()]
    return pl.DataFrame(fields).to_struct(RULES)


def _estimate(findings: Findings, card: Card, name: str) -> Estimate:
    column = "pension_scheme" if findings.has("pension_scheme") else "platform_worker"
    field = f"{card.country}_{name}"
    return _tried(findings).mean_of(column, field, pl.col(RULES).struct.field(field))


def _carried_over(card: Card) -> bool:
    """Whether its amounts can be had here: by its average wage, or because the law states them in wages."""
    return card.file.currency is None or card.file.average_wage is not None or card.file.minimum_wage is not None


def _runnable(findings: Findings, branch: Branch) -> list[Card]:
    """The cards of which more is known than that employees are in."""
    return [one for one in _of(findings, branch) if _carried_over(one) and any(one.runs(status) for status in TRIED_ON)]


def _trial(findings: Findings) -> Sequence[Block]:
    """What others' pension rules would mean for the study's workers."""
    if not findings.has(*NEEDED):
        return []
    rows, shares, labels = [], [], []
    for card in _runnable(findings, "pensions"):
        access = [_estimate(findings, card, one) for one in OUTCOMES]
        paid = [_estimate(findings, card, f"{one}_share") for one in ("worker", "hirer")]
        month = [_estimate(findings, card, f"{one}_month") for one in ("worker", "hirer")]
        rows.append(
            Row(
                (
                    Cell(say("rules_of", country=_named(card), year=str(card.file.year))),
                    *(_share_cell(one) for one in access),
                    paid[0].base,
                    *(one.cell("percent") for one in paid),
                    *(one.cell("count") for one in month),
                )
            )
        )
        labels.append(_named(card))
        shares.append(tuple(one.point for one in access))
    if not rows:
        return []
    columns = (
        Column("country", say("column_rules"), align="left"),
        *(Column(one, say(f"outcome_{one}"), say("group_access")) for one in OUTCOMES),
        Column("n", say("column_n"), say("group_pay")),
        Column("worker_share", say("pays_worker"), say("group_pay")),
        Column("hirer_share", say("pays_hirer"), say("group_pay")),
        Column("worker_month", say("pays_worker"), say("group_month")),
        Column("hirer_month", say("pays_hirer"), say("group_month")),
    )
    crosswalk = say("crosswalk_note", minimum=_exact(_minimum_share(findings.settings.law_date.year)))
    notes = (say("trial_note"), crosswalk, interval_note(findings))
    chart = StackedBars(tuple(labels), tuple(say(f"outcome_{one}") for one in OUTCOMES), tuple(shares))
    alt = say("trial_alt")
    return [
        paragraph(say("trial_lead", law=Words.day(findings.settings.law_date))),
        *bullets(_today(findings)),
        Figure("countries_trial", say("trial_figure"), chart, alt, (), findings.source),
        Table("countries_trial", say("trial_table"), columns, tuple(rows), notes, findings.source),
    ]


def _today(findings: Findings) -> Words | None:
    """What these workers have today, to be compared with."""
    if not findings.has("pension_scheme"):
        return None
    shares = findings.estimator.of("pension_scheme")
    return say(
        "today",
        employer=shares.at("employee").number("percent"),
        own=shares.at("flexible").number("percent"),
        none=shares.at("none").number("percent"),
    )


# --- injury ---------------------------------------------------------------------------------------------------------------


def _injury(findings: Findings) -> Sequence[Block]:
    """Who pays for injury cover elsewhere, and how much of the losses here such cover would bear."""
    after: list[tuple[Column, Callable[[Card], Cell]]] = []
    if _has_cases(findings):
        after = [(Column("loss_covered", say("column_loss")), partial(_loss_covered, findings))]
    blocks = _designs(findings, "injury", after)
    paying = [card for card in _of(findings, "injury") if card.country != OUR_COUNTRY]
    counts = {payer: sum(any(one.payer == payer for one in card.charges(_shown(card))) for card in paying)
              for payer in ("worker", "hirer")}  # fmt: skip
    sentence = say("injury_sentence", hirer=Number(counts["hirer"]), worker=Number(counts["worker"]))
    return [blocks[0], *bullets(sentence), *blocks[1:]]


def _has_cases(findings: Findings) -> bool:
    """Whether injuries can be drawn for the study's platform workers."""
    drawn = findings.simulator is not None and findings.has("platform_type", *needed_columns(findings))
    return drawn and len(cases_of(findings)) > 0


def _loss_covered(findings: Findings, card: Card) -> Cell:
    """The share of expected losses of platform workers without a labour relation that the card's arrangement would pay."""
    if card.file.arrangement is None:
        return Cell()
    arrangement = find_arrangement(card.file.arrangement)
    return (
        Cell(Number(compare([arrangement], cases_of(findings)).loss_covered, "percent")) if arrangement.active else Cell()
    )


# --- administration -------------------------------------------------------------------------------------------------------


def _administration(findings: Findings) -> Sequence[Block]:
    """Who withholds, how often, on what; and what each teaches."""
    rows, lessons = [], []
    for card in _of(findings, "administration"):
        collection = card.file.collection
        if collection is None:
            continue
        texts = (collection.by, collection.every, collection.base, collection.several_platforms)
        cells = (Cell(one.words) if one is not None else Cell() for one in texts)
        rows.append(Row((Cell(card.name), Cell(say(f"pattern_{collection.pattern}")), *cells)))
        if collection.lesson is not None and card.country != OUR_COUNTRY:
            lessons.append(say("lesson", country=card.name, lesson=collection.lesson.words))
    if not rows:
        return []
    names = ("country", "pattern", "by", "every", "charged", "several")
    columns = tuple(Column(name, say(f"column_{name}"), align="left") for name in names)
    table = Table("countries_administration", say("administration_table"), columns, tuple(rows), (), say("cards_source"))
    return [paragraph(say("administration_lead")), *bullets(*lessons), table]


# --- closing gaps ---------------------------------------------------------------------------------------------------------


def _closing(findings: Findings) -> Sequence[Block]:
    """Of the workers without a pension today, how many each country's rules would bring in by duty."""
    if not findings.has(*NEEDED, "pension_scheme"):
        return []
    found = [
        (_estimate(findings, card, "gains"), card)
        for card in _of(findings, "pensions")
        if _tells(card) and _carried_over(card)
    ]
    ranked = sorted((one for one in found if one[0].known), key=lambda one: -(one[0].estimate or 0.0))
    if len(ranked) < 2:
        return []
    most = ranked[0][0].estimate or 0.0
    first = [_named(card) for one, card in ranked if (one.estimate or 0.0) > most - SAME]
    own = next((one for one, card in ranked if card.country == OUR_COUNTRY), Estimate())
    sentence = say(
        "closing_sentence",
        countries=joined(first),
        most=ranked[0][0].number("percent"),
        own=own.number("percent"),
    )
    chart = Bars(tuple(_named(card) for _, card in ranked), tuple(one.point for one, _ in ranked), say("closing_axis"))
    notes = (say("closing_note"), *_other_countries(findings, [card for _, card in ranked]))
    figure = Figure("countries_closing", say("closing_figure"), chart, sentence, notes, findings.source)
    return [paragraph(say("closing_lead")), *bullets(sentence), figure]


def _other_countries(findings: Findings, shown: Sequence[Card]) -> Iterator[Words]:
    """Why this figure and the trial do not show the same countries."""
    tried = _runnable(findings, "pensions")
    without_rates = [card.name for card in shown if card not in tried]
    in_part = [card.name for card in tried if card not in shown]
    if without_rates:
        yield say("closing_without_rates", countries=joined(without_rates), table=say("trial_table"))
    if in_part:
        yield say("closing_in_part", countries=joined(in_part), table=say("trial_table"))


def _named(card: Card) -> Words:
    """A country, marked where nothing of its rule for platform workers was checked against a source."""
    cover = (card.file.covers or {}).get("platform_workers")
    known = (cover.confidence if cover is not None else None) or card.file.confidence
    return say("unverified", country=card.name) if known == "memory" else card.name


def _share_cell(estimate: Estimate) -> Cell:
    """A share; without an interval where a rule takes in all or none, which no sample makes uncertain."""
    cell = estimate.cell("percent")
    return replace(cell, interval=None) if estimate.estimate in (0.0, 1.0) else cell


def _tells(card: Card) -> bool:
    """Whether the rule for platform workers is known, and so is what follows for the others."""
    return card.access("platform_workers") in ("mandatory", "voluntary", "none")


# --- standards ------------------------------------------------------------------------------------------------------------


def _indicators(findings: Findings) -> Sequence[Block]:
    """Indicators of the ILO and the EU: the study's own beside published ones."""
    rows = []
    for one in benchmarks():
        if not findings.has(one.ours.of, *one.ours.among):
            continue
        own = _own(findings, one)
        rows.append(
            Row(
                (
                    Cell(Words.same(one.id)),
                    Cell(one.label.words),
                    own.base,
                    own.cell("percent"),
                    *(
                        Cell() if value is None else Cell(Number(value.value, "percent"))
                        for value in (one.china, one.world)
                    ),
                    Cell(_sources(one)),
                )
            )
        )
    if not rows:
        return []
    columns = (
        Column("id", say("column_id"), align="left"),
        Column("indicator", say("column_indicator"), align="left"),
        Column("n", say("column_n")),
        Column("ours", say("column_ours")),
        Column("china", say("column_china")),
        Column("world", say("column_world")),
        Column("sources", say("column_sources"), align="left"),
    )
    differing = [say("differs", id=one.id, how=one.differs.words) for one in benchmarks() if one.differs is not None]
    notes = (say("indicators_note"), *differing, say("not_asked"), interval_note(findings))
    table = Table("international_indicators", say("indicators_table"), columns, tuple(rows), notes, findings.source)
    return [paragraph(say("indicators_lead")), table]


def _sources_of_cards(findings: Findings) -> Sequence[Block]:
    """Where each card was found, and by which wage its amounts are carried over."""
    rows = []
    for card in findings.countries:
        listed = [_link(one) for one in card.file.sources]
        cells = (
            Cell(say("card", country=card.name, branch=say(f"branch_{card.branch}"))),
            Cell(confidence_words(card.file.confidence)),
            Cell(joined(listed, en="; ", zh="；")) if listed else Cell(),
            Cell(_wage_words(card)),
        )
        rows.append(Row(cells))
    names = ("card", "confidence", "sources_of_card", "wage")
    columns = tuple(Column(name, say(f"column_{name}"), align="left") for name in names)
    return [Table("countries_sources", say("sources_table"), columns, tuple(rows), (say("wage_note"),))]


def _wage_words(card: Card) -> Words | None:
    """The wage by which a card's amounts are carried over, and what kind of wage it is."""
    wage = card.file.average_wage
    if wage is None:
        return None
    shown = say("wage", wage=_money(card, wage.value), year=str(wage.year), source=_link(wage.source))
    return shown if wage.note is None else joined([shown, wage.note.words], en="; ", zh="；")


def _own(findings: Findings, entry: IndicatorEntry) -> Estimate:
    wanted = [entry.ours.category] if isinstance(entry.ours.category, str) else entry.ours.category
    known = findings.estimator.categories(entry.ours.of)
    return findings.estimator.share_in(entry.ours.of, [one for one in wanted if one in known], entry.ours.among)


def _sources(entry: IndicatorEntry) -> Words:
    found = list(dict.fromkeys(_link(one.source) for one in (entry.china, entry.world) if one is not None))
    return joined(found, en="; ", zh="；") if found else Words.same(UNKNOWN)


def _link(source: str) -> Words:
    """The institution and work at an address, linked; anything else as it is."""
    title = source_title(source)
    return Words(f"[{title.en}]({source})", f"[{title.zh}]({source})") if is_address(source) else title
