"""What contributions are computed from: tables of the store, as Parquet files.

Times are Beijing's, without a zone. A row is what holds now: of a record and its corrections the last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import Catalogue, Words

say = Catalogue("canbao.exchange.ledger", "words")

ORDERS: Mapping[str, str] = {
    "record_key": "int64",
    "worker_key": "int64",
    "platform_key": "int32",
    "service": "string",
    "region": "string",
    "completed_at": "timestamp",
    "status": "string",
    "pay_fen": "int64",
    "vehicle": "string",
    "relation": "string",
}
"""The columns of orders that are read, as the store has them."""

EARNINGS: Mapping[str, str] = {
    "record_key": "int64",
    "worker_key": "int64",
    "platform_key": "int32",
    "month": "string",
    "gross_fen": "int64",
    "net_fen": "int64",
}

WORKERS: Mapping[str, str] = {
    "worker_key": "int64",
    "platform_key": "int32",
    "registered_on": "date",
    "status": "string",
    "relation": "string",
    "employer_code": "string",
    "region": "string",
}

REGISTER: Mapping[str, str] = {
    "worker_key": "int64",
    "pension": "string",
    "medical": "string",
    "province": "string",
    "interrupted_since": "string",
}

RATES: Mapping[str, str] = {"worker_key": "int64", "rate_millionths": "int64"}

TABLES: Mapping[str, Mapping[str, str]] = {
    "orders": ORDERS,
    "earnings": EARNINGS,
    "workers": WORKERS,
    "register": REGISTER,
    "rates": RATES,
}
"""The columns of every table, and their kinds."""

PLATFORM_COLUMNS = ("platform_key", "code", "name", "rate_class", "since")


ADMINISTRATION = "administration.json"


@dataclass(frozen=True)
class Administration:
    """Who assesses.

    Args:
        name: as it is called.
        code: its credit code.
        contact: whom people can ask; empty where nobody is named.
    """

    name: Words
    code: str
    contact: str = ""

    @classmethod
    def read(cls, path: Path) -> Administration:
        """What the store has written beside the tables.

        Raises:
            InputError: it is no such file.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(Words(content["name"]["en"], content["name"]["zh"]), content["code"], content["contact"])
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(Fault(say("no_administration"), Place(path))) from None

    def write(self, path: Path) -> None:
        """Write it so that it can be read again."""
        content = {"name": {"en": self.name.en, "zh": self.name.zh}, "code": self.code, "contact": self.contact}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Inputs:
    """The files of each table, and the platforms.

    Args:
        files: Parquet files by table; a table without files is empty.
        platforms: `platform_key`, `code`, `name`, and the rate class that it has `since` a month; several rows where the
            class has changed.
        administration: who assesses, where that is known.
    """

    files: Mapping[str, tuple[Path, ...]]
    platforms: pl.DataFrame = field(default_factory=lambda: _no_platforms())
    administration: Administration | None = None

    @classmethod
    def of_folder(cls, folder: Path) -> Inputs:
        """The tables in a folder: `orders.parquet` or files in `orders/`, and so on; `platforms.csv`, who assesses.

        Raises:
            InputError: there is neither orders nor earnings nor workers, or a file lacks a column.
        """
        files: dict[str, tuple[Path, ...]] = {}
        for table in TABLES:
            single = folder / f"{table}.parquet"
            found = [single] if single.is_file() else sorted((folder / table).rglob("*.parquet"))
            if found:
                files[table] = tuple(found)
        if not {"orders", "earnings", "workers"} & set(files):
            raise_all([Fault(say("no_tables"), Place(folder))])
        listed = folder / "platforms.csv"
        platforms = read_platforms(listed) if listed.is_file() else _no_platforms()
        told = folder / ADMINISTRATION
        return cls(files, platforms, Administration.read(told) if told.is_file() else None).checked()

    def checked(self) -> Inputs:
        """Itself, if every file has the columns that are read.

        Raises:
            InputError: what each file lacks.
        """
        faults = []
        for table, files in self.files.items():
            for path in files:
                try:
                    have = pl.read_parquet_schema(path)
                except (pl.exceptions.PolarsError, OSError):
                    faults.append(Fault(say("not_parquet"), Place(path)))
                    continue
                missing = [name for name in TABLES[table] if name not in have]
                if missing:
                    faults.append(Fault(say("no_columns", names=", ".join(missing), table=table), Place(path)))
        raise_all(faults)
        return self

    def has(self, table: str) -> bool:
        """Whether a table has files."""
        return bool(self.files.get(table))

    def has_column(self, table: str, column: str) -> bool:
        """Whether all files of a table have a column."""
        return self.has(table) and all(column in pl.read_parquet_schema(path) for path in self.files[table])

    def classes_in(self, month: str) -> pl.DataFrame:
        """The rate class of each platform in a month: `platform_key`, `rate_class`."""
        dated = self.platforms.filter(pl.col("since").fill_null("") <= month).sort(
            "platform_key", "since", nulls_last=False
        )
        latest = dated.group_by("platform_key", maintain_order=True).last()
        return latest.select(pl.col("platform_key").cast(pl.Int32), pl.col("rate_class").fill_null(""))

    def code_of(self, platform: int) -> str:
        """A platform's code; its number where none is known."""
        return self._texts("code").get(platform, str(platform))

    def name_of(self, platform: int) -> str:
        """A platform's name; its code where none is known."""
        return self._texts("name").get(platform) or self.code_of(platform)

    def key_of(self, code: str) -> int | None:
        """The number of the platform of that code."""
        return {text: key for key, text in self._texts("code").items()}.get(code)

    def _texts(self, column: str) -> dict[int, str]:
        rows: Sequence[tuple[int, str | None]] = self.platforms.select("platform_key", column).rows()
        return {key: text for key, text in rows if text is not None}


def read_platforms(path: Path) -> pl.DataFrame:
    """platforms.csv: `platform_key,code,name,rate_class,since`.

    Raises:
        InputError: columns are missing, or a key is no number.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame()
    missing = [name for name in PLATFORM_COLUMNS[:2] if name not in frame.columns]
    if missing:
        raise_all([Fault(say("no_columns", names=", ".join(missing), table="platforms"), Place(path))])
    keys = frame["platform_key"].cast(pl.Int32, strict=False)
    raise_all([Fault(say("no_number"), Place(path, row=row + 1)) for row in keys.is_null().arg_true()])
    optional = [pl.lit(None, pl.String).alias(name) for name in PLATFORM_COLUMNS[2:] if name not in frame.columns]
    return frame.with_columns(keys, *optional).select(PLATFORM_COLUMNS)


def _no_platforms() -> pl.DataFrame:
    kinds = {"platform_key": pl.Int32()}
    return pl.DataFrame(schema={name: kinds.get(name, pl.String()) for name in PLATFORM_COLUMNS})
