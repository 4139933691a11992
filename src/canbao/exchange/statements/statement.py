"""A statement: the lines of a platform, an employer or a worker for a month, with every figure that they rest on."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from canbao.errors import Fault, InputError, Place, did_you_mean
from canbao.exchange.ledger import Inputs, Ledger, Run
from canbao.exchange.ledger.due import MEASURES
from canbao.exchange.ledger.inputs import Administration
from canbao.exchange.ledger.scheme import RELATIONS, SERVICES
from canbao.languages import Catalogue, Words
from canbao.law import lawbook

say = Catalogue("canbao.exchange.statements", "words")

Of = Literal["platform", "employer", "worker"]

MOST_NAMED = 5
"""Employers that are named where a platform has no account of its own."""


@dataclass(frozen=True)
class Statement:
    """What somebody is told about a month.

    Args:
        of: whose it is.
        key: the platform's or worker's number, or the employer's credit code.
        name: as it is called.
        month: as `2026-03`.
        lines: `scheme`, `run`, `kind`, `worker_key`, `platform_key`, and in words `relation`, `place`, `service`; what
            is counted and owed; between which records it comes from.
        figures: the figures behind them, by `scheme`; see `figures.LOOKED_UP`.
        runs: that the lines belong to.
        platforms: what the platforms are called.
        administration: whose statement it is.
        elsewhere: workers of a platform who are in the accounts of their employers.
        synthetic: the data are made up.
    """

    of: Of
    key: int | str
    name: str
    month: str
    lines: pl.DataFrame
    figures: pl.DataFrame
    runs: tuple[Run, ...]
    platforms: Mapping[int, str]
    administration: Administration | None = None
    elsewhere: int = 0
    synthetic: bool = False

    @property
    def titles(self) -> Mapping[str, Words]:
        """What the schemes are called."""
        return {run.scheme: Words(run.facts["title"]["en"], run.facts["title"]["zh"]) for run in self.runs}

    @property
    def number(self) -> str:
        """What the statement is called in letters; the last part counts assessments, so that a later one has another."""
        return f"{self.month}-{self.key}-{len(self.runs)}"

    @property
    def assessed_on(self) -> datetime.date | None:
        """The day of the last assessment, where runs say it."""
        days = [run.facts["assessed_on"] for run in self.runs if run.facts["assessed_on"]]
        return datetime.date.fromisoformat(max(days)) if days else None

    @property
    def day(self) -> datetime.date:
        """By which its files are dated: the last assessment, or the month's last day."""
        first = datetime.date(int(self.month[:4]), int(self.month[5:7]), 1)
        last = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
        return self.assessed_on or last

    @property
    def by_platform(self) -> bool:
        """Whether lines of several platforms are told apart."""
        return self.of != "platform"

    @property
    def by_scheme(self) -> pl.DataFrame:
        """What is due by scheme: sums over all runs, and `adjusted_fen`, what of it was found later."""
        later = (pl.col("platform_fen") + pl.col("worker_fen")).filter(pl.col("kind") == "adjustment").sum()
        by_scheme = self.lines.group_by("scheme").agg(
            pl.col("worker_key").n_unique().alias("workers"), pl.col(MEASURES).sum(), later.alias("adjusted_fen")
        )
        return by_scheme.sort("scheme")

    def reference(self, scheme: str) -> str:
        """What a payment for a scheme names."""
        return reference_of(self.month, self.key, scheme)

    def as_json(self) -> dict[str, Any]:
        """The statement for machines: amounts in fen, terms as in the tables."""
        return {
            "statement_of": self.of,
            "number": self.number,
            "key": self.key,
            "name": self.name,
            "month": self.month,
            "synthetic": self.synthetic,
            **({"workers_in_employers_accounts": self.elsewhere} if self.of == "platform" else {}),
            "due": [
                {
                    **row,
                    "title": {"en": self.titles[row["scheme"]].en, "zh": self.titles[row["scheme"]].zh},
                    **({"reference": self.reference(row["scheme"])} if self.of != "worker" else {}),
                }
                for row in self.by_scheme.to_dicts()
            ],
            "runs": [
                {
                    name: run.facts.get(name)
                    for name in ("scheme", "number", "kind", "rule", "reform", "due_on", "assessed_on")
                }
                for run in self.runs
            ],
            "figures": self.figures.to_dicts(),
            **({"lines": self.lines.to_dicts()} if self.of == "worker" else {}),
        }


def reference_of(month: str, account: int | str, scheme: str) -> str:
    """What a payment names: `2026-03/7/injury_orders`, `2026-03/91420100MA4K000010/income_base`."""
    return f"{month}/{account}/{scheme}"


def platform_statement(ledger: Ledger, inputs: Inputs, platform: str, month: str, *, synthetic: bool = False) -> Statement:
    """What a platform is told; workers whom a station or an outsourcing firm engages are in that firm's statement.

    Contributions that workers pay directly are not in it.

    Args:
        ledger: with the month's lines.
        inputs: by which platforms are known.
        platform: its number, code or name.
        month: as `2026-03`.
        synthetic: the data are made up.

    Raises:
        InputError: no such platform, or it has no lines in the month.
    """
    key = platform_key(inputs, platform)
    lines = _collected(ledger, month).filter(pl.col("platform_key") == key).collect()
    own, others = lines.filter(pl.col("employer_code").is_null()), lines.filter(pl.col("employer_code").is_not_null())
    if own.is_empty() and not others.is_empty():
        raise InputError(
            Fault(say("all_with_employers", name=inputs.name_of(key), month=month), remedy=_employers_of(others))
        )
    elsewhere = others["worker_key"].n_unique()
    return _statement("platform", key, inputs.name_of(key), own, ledger, inputs, month, elsewhere, synthetic=synthetic)


def employer_statement(ledger: Ledger, inputs: Inputs, employer: str, month: str, *, synthetic: bool = False) -> Statement:
    """What a delivery station or an outsourcing firm is told of the workers whom it engages for platforms.

    Args:
        ledger: with the month's lines.
        inputs: by which platforms are known.
        employer: its credit code.
        month: as `2026-03`.
        synthetic: the data are made up.

    Raises:
        InputError: it has no lines in the month.
    """
    lines = _collected(ledger, month).filter(pl.col("employer_code").is_not_null())
    own = lines.filter(pl.col("employer_code") == employer).collect()
    if own.is_empty():
        known = lines.select("employer_code").unique().collect()["employer_code"].to_list()
        what = say("no_lines_employer", name=employer, month=month)
        raise InputError(Fault(what, Place(), did_you_mean(employer, known)))
    return _statement("employer", employer, employer, own, ledger, inputs, month, synthetic=synthetic)


def worker_statement(ledger: Ledger, inputs: Inputs, worker: int, month: str, *, synthetic: bool = False) -> Statement:
    """What a worker is told.

    Args:
        ledger: with the month's lines.
        inputs: by which platforms are known.
        worker: the worker's number.
        month: as `2026-03`.
        synthetic: the data are made up.

    Raises:
        InputError: the worker has no lines in the month.
    """
    own = ledger.scan_accounts(month=month).filter(pl.col("worker_key") == worker).collect()
    return _statement("worker", worker, str(worker), own, ledger, inputs, month, synthetic=synthetic)


def platform_key(inputs: Inputs, text: str) -> int:
    """The number of the platform that a user names by its number, code or name.

    Raises:
        InputError: there is none, or several.
    """
    rows = inputs.platforms.select("platform_key", "code", "name").unique().rows()
    found = {key for key, *texts in rows if text == str(key) or text in texts}
    if not found and text.lstrip("-").isdigit():
        return int(text)
    if len(found) == 1:
        return int(found.pop())
    if found:
        raise InputError(Fault(say("several_platforms", name=text, keys=", ".join(str(one) for one in sorted(found)))))
    known = [str(one) for row in rows for one in row if one is not None]
    raise InputError(Fault(say("no_platform", name=text), Place(), did_you_mean(text, known)))


def _collected(ledger: Ledger, month: str) -> pl.LazyFrame:
    """Lines of what platforms and employers pay. What workers pay directly is no business of theirs."""
    schemes = {run.scheme for run in ledger.runs(month=month) if run.facts["collected_from"] == "platform"}
    return ledger.scan_accounts(month=month).filter(pl.col("scheme").is_in(sorted(schemes)))


def _employers_of(lines: pl.DataFrame) -> Words:
    codes = lines["employer_code"].unique().sort().to_list()
    return say("state_employers", codes=", ".join(codes[:MOST_NAMED]))


def _statement(
    of: Of,
    key: int | str,
    name: str,
    own: pl.DataFrame,
    ledger: Ledger,
    inputs: Inputs,
    month: str,
    elsewhere: int = 0,
    *,
    synthetic: bool,
) -> Statement:
    if own.is_empty():
        raise InputError(Fault(say(f"no_lines_{of}", name=name, month=month)))
    lines = in_words(own).sort("scheme", "worker_key", "platform_key", "relation", "place", "service", "run")
    used = {(scheme, run) for scheme, run in lines.select("scheme", "run").unique().rows()}
    behind = tuple(run for run in ledger.runs(month=month) if (run.scheme, run.number) in used)
    platforms = {one: inputs.name_of(one) for one in lines["platform_key"].unique().sort().to_list()}
    classes = inputs.classes_in(month).filter(pl.col("platform_key").is_in(list(platforms)))["rate_class"].to_list()
    figures = _figures(behind, lines).filter(pl.col("rate_class").is_null() | pl.col("rate_class").is_in(classes))
    return Statement(
        of, key, name, month, lines, figures, behind, platforms, inputs.administration, elsewhere, synthetic=synthetic
    )


def in_words(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines whose relation, place and service are words; no service where all count together."""
    places = dict(enumerate(lawbook.places().names))
    return lines.with_columns(
        pl.col("relation").replace_strict(dict(enumerate(RELATIONS)), return_dtype=pl.String),
        pl.col("place").replace_strict(places, return_dtype=pl.String, default=None),
        pl.col("service").replace_strict(dict(enumerate(SERVICES)), return_dtype=pl.String, default=None),
    )


def _figures(runs: tuple[Run, ...], lines: pl.DataFrame) -> pl.DataFrame:
    """The figures of the places and services that occur."""
    marked = [run.figures.select(pl.lit(run.scheme).alias("scheme"), pl.all()) for run in runs]
    together = pl.concat(marked).unique(maintain_order=True)
    return together.join(
        lines.select("scheme", "place").unique(), on=["scheme", "place"], how="semi", maintain_order="left"
    ).filter(pl.col("service").is_null() | pl.col("service").is_in(lines["service"].drop_nulls().unique().to_list()))
