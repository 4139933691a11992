"""A log as XES (IEEE 1849-2016)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.outputs import whole_file
from canbao.procedures.event_log import EventLog
from canbao.procedures.reading.xes import EVENT_KEYS, RESERVED_IN_CASES, SYNTHETIC_KEY, ZONE_KEY
from canbao.procedures.value_texts import as_texts, kind_of
from canbao.procedures.writing.values import escaped, refuse_forbidden, say

CASES_AT_ONCE = 20_000

KEY_OF = {column: key for key, column in EVENT_KEYS.items()}

_EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Lifecycle", "lifecycle"), ("Organizational", "org"))


def write_xes(log: EventLog, path: str | Path) -> None:
    """Write a log as XES; packed where the name ends in .gz.

    Traces stand in the order of the cases, events within them in the order of the file that the log came from. Times are in
    UTC; what is unknown is left out. The same log gives the same bytes.

    Args:
        log: the log.
        path: the file, .xes or .xes.gz.

    Raises:
        InputError: the file cannot be written there, its name says another format, or a text holds a control character.
    """
    path = Path(path)
    if not path.name.lower().endswith((".xes", ".xes.gz")):
        raise InputError(Fault(say("no_xes_name"), Place(path), say("no_xes_name_remedy")))
    with whole_file(path) as scratch, scratch.open("wb") as file:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                _write(log, packed, path)
        else:
            _write(log, file, path)


def _write(log: EventLog, file: IO[bytes] | gzip.GzipFile, path: Path) -> None:
    file.write(_head(log, path).encode("utf-8"))
    for block in _traces(log, path):
        file.write(block.encode("utf-8"))
    file.write(b"</log>\n")


def _head(log: EventLog, path: Path) -> str:
    about = pl.Series("name", [log.name, log.time_zone])
    refuse_forbidden(about, path, "name")
    name, zone = escaped(about).to_list()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">',
        *(
            f'<extension name="{extension}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>'
            for extension, prefix in _EXTENSIONS
        ),
        '<classifier name="Activity" keys="concept:name"/>',
        f'<string key="concept:name" value="{name}"/>',
        f'<string key="{ZONE_KEY}" value="{zone}"/>',
        f'<boolean key="{SYNTHETIC_KEY}" value="{str(log.synthetic).lower()}"/>',
    ]
    return "\n".join(lines) + "\n"


def _traces(log: EventLog, path: Path) -> Iterator[str]:
    """The traces, some at a time, so that the whole text is never in memory."""
    attributes = [column for column in log.events.columns if column not in ("case", "position")]
    for start in range(0, log.cases.height, CASES_AT_ONCE):
        cases = log.cases.slice(start, CASES_AT_ONCE)
        among = pl.col("case").is_between(start, start + cases.height - 1)
        events = log.events.filter(among).sort("case", "position")
        heads = _elements([cases["case_id"].alias("concept:name"), *_renamed(cases)], log.time_zone, path)
        bodies = _elements(
            [events[name].alias(KEY_OF.get(name, _event_key(name))) for name in attributes], log.time_zone, path
        )
        joined = (
            pl.DataFrame(
                {"case": events["case"], "text": pl.select("<event>\n" + pl.lit(bodies) + "</event>\n").to_series()}
            )
            .group_by("case", maintain_order=True)
            .agg(pl.col("text").str.join(""))
        )
        table = pl.DataFrame({"head": heads}).with_row_index("case", offset=start).join(joined, on="case", how="left")
        traces = table.sort("case").select(
            pl.concat_str(pl.lit("<trace>\n"), "head", pl.col("text").fill_null(""), pl.lit("</trace>\n"))
        )
        yield "".join(traces.to_series().to_list())


def _event_key(column: str) -> str:
    """A key by which no reader takes the column for one that the standard names."""
    return f"event:{column}" if column in EVENT_KEYS else column


def _renamed(cases: pl.DataFrame) -> list[pl.Series]:
    named = [column for column in cases.columns if column != "case_id"]
    return [cases[name].alias(f"case:{name}" if name in RESERVED_IN_CASES | {"concept:name"} else name) for name in named]


def _elements(columns: list[pl.Series], zone: str, path: Path) -> pl.Series:
    """For each row its attributes, an element a line."""
    lines = []
    for column in columns:
        key = pl.Series([column.name])
        refuse_forbidden(key, path, "columns")
        texts = as_texts(column, zone)
        kind = kind_of(column)
        if kind == "string":
            refuse_forbidden(texts, path, column.name)
            texts = escaped(texts)
        start = f'<{kind} key="{escaped(key)[0]}" value="'
        lines.append(pl.concat_str(pl.lit(start), pl.lit(texts), pl.lit('"/>\n')).fill_null(""))
    return pl.select(pl.concat_str(lines)).to_series()
