"""An administrative event log: what happened to which case, when, and by whom.

Two tables. `events` has a row an event, sorted by case, then time, then order in the file:

    case      UInt32        row of the case in `cases`
    activity  Enum          what happened
    time      Datetime(UTC) when
    position  UInt32        order in the file
    lifecycle Enum, may be absent: start, complete, … (XES lifecycle:transition)
    resource, office, channel, documents, minutes, fee and others: where the file has them

`cases` has a row a case: `case_id` and the attributes of the case.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue, Number, Words
from canbao.outputs import whole_folder
from canbao.procedures.ordering import case_numbers, cases_of, in_order

say = Catalogue("canbao.procedures", "words")

EVENT_COLUMNS = ("case", "activity", "time", "position")
"""What every event has."""

ACTIVITIES_AT_MOST = 20_000
"""With more of them the column is an identifier or free text, not an activity."""

PACKED: Literal["lz4"] = "lz4"
"""How saved tables are packed: a fifth larger than by zstd, and written in a third of the time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the log that a reader should know; reported, never repaired.

    Args:
        kind: its key in the catalogue, `finding_<kind>`.
        count: how many events or cases show it.
        examples: up to five cases that do.
    """

    kind: str
    count: int
    examples: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """The finding as a sentence."""
        return say(f"finding_{self.kind}", count=Number(self.count), examples=", ".join(self.examples) or "–")


@dataclass(frozen=True, slots=True)
class ObjectTables:
    """What an object-centric log (OCEL 2.0) knows beside the cases.

    Args:
        events: `event_id`, `activity`, `time` and attributes, a row an event, before they were laid along cases.
        objects: `object_id`, `object_type` and attributes' first values.
        relations: `event_id`, `object_id`, `qualifier`.
        object_relations: `object_id`, `related_id`, `qualifier`.
        changes: `object_id`, `attribute`, `time`, `value`.
    """

    events: pl.DataFrame
    objects: pl.DataFrame
    relations: pl.DataFrame
    object_relations: pl.DataFrame
    changes: pl.DataFrame

    TABLES = ("events", "objects", "relations", "object_relations", "changes")


@dataclass(frozen=True, slots=True)
class EventLog:
    """A log, its cases in one table and its events in another.

    Args:
        name: what to call it, as a rule its file's name.
        events: see the module; sorted by case, time and position.
        cases: a row a case, in the order in which cases first appear in the file.
        time_zone: the zone in whose days time limits are counted.
        synthetic: whether it was made rather than recorded.
        findings: what is odd about it.
        objects: the object-centric tables that it was laid out from, where it was.
    """

    name: str
    events: pl.DataFrame
    cases: pl.DataFrame
    time_zone: str = "Asia/Shanghai"
    synthetic: bool = False
    findings: tuple[Finding, ...] = ()
    objects: ObjectTables | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        name: str,
        events: pl.DataFrame,
        *,
        cases: pl.DataFrame | None = None,
        time_zone: str = "Asia/Shanghai",
        synthetic: bool = False,
        findings: Sequence[Finding] = (),
        objects: ObjectTables | None = None,
    ) -> EventLog:
        """Put a log in order.

        Args:
            name: what to call it.
            events: `case_id`, `activity`, `time` and further columns, a row an event in the file's order. `time` is aware
                of its zone; a `position` is added where there is none.
            cases: `case_id` and attributes of cases; made from the events where it is not given.
            time_zone: the zone in whose days time limits are counted.
            synthetic: whether it was made rather than recorded.
            findings: what reading found.
            objects: object-centric tables behind it.

        Raises:
            InputError: there are no events, or far too many activities.
        """
        if events.is_empty():
            raise InputError(Fault(say("no_events"), Place(name), say("no_events_remedy")))
        if cases is None:
            identifiers, case = cases_of(events["case_id"])
            cases = identifiers.to_frame()
        else:
            case = case_numbers(events["case_id"], cases["case_id"])
        if "position" not in events.columns:
            events = events.with_row_index("position")
        activities = events["activity"].cast(pl.String).unique().sort()
        if len(activities) > ACTIVITIES_AT_MOST:
            fault = say("too_many_activities", count=len(activities), most=ACTIVITIES_AT_MOST)
            raise InputError(Fault(fault, Place(name), say("too_many_activities_remedy")))
        numbered = events.drop("case_id").with_columns(
            case.alias("case"),
            pl.col("activity").cast(pl.String).cast(pl.Enum(activities)),
            pl.col("time").dt.convert_time_zone("UTC").dt.cast_time_unit("us"),
        )
        ordered = in_order(numbered.drop_nulls("case"))
        others = [column for column in ordered.columns if column not in EVENT_COLUMNS]
        return cls(name, ordered.select(*EVENT_COLUMNS, *others), cases, time_zone, synthetic, tuple(findings), objects)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in whose days time limits are counted."""
        return ZoneInfo(self.time_zone)

    @property
    def activities(self) -> list[str]:
        """The activities' names, in the order of their codes."""
        kind = self.events.schema["activity"]
        assert isinstance(kind, pl.Enum)
        return kind.categories.to_list()

    @property
    def opened(self) -> datetime.datetime:
        """The first moment of the log."""
        first = self.events["time"].min()
        assert isinstance(first, datetime.datetime)
        return first

    @property
    def closed(self) -> datetime.datetime:
        """The last moment of the log, at which what is still open was last looked at."""
        last = self.events["time"].max()
        assert isinstance(last, datetime.datetime)
        return last

    def is_sound(self) -> bool:
        """Whether the tables are as described above; for a folder that somebody else may have written."""
        kinds = {"case": pl.UInt32, "activity": pl.Enum, "time": pl.Datetime("us", "UTC"), "position": pl.UInt32}
        schema = self.events.schema
        if any(column not in schema or schema[column] != kind for column, kind in kinds.items()):
            return False
        if self.events.is_empty() or self.cases.schema.get("case_id") != pl.String:
            return False
        needed = self.events.select(*EVENT_COLUMNS)
        last = needed["case"].max()
        if sum(needed.null_count().row(0)) or not isinstance(last, int) or last >= self.cases.height:
            return False
        self.zone  # noqa: B018  raises where there is no such zone
        order = needed.select("case", "time", "position")
        return self.cases["case_id"].is_unique().all() and order.equals(order.sort("case", "time", "position"))

    def case_column(self, column: str) -> pl.Series:
        """A grouping, a value a case: an attribute of cases, else that of the case's first event which has one.

        Raises:
            InputError: the log has no such column.
        """
        if column in self.cases.columns:
            return self.cases[column]
        if column not in self.events.columns:
            known = {*self.cases.columns, *self.events.columns} - {"case", "position", "case_id"}
            names = ", ".join(sorted(known))
            raise InputError(Fault(say("no_such_column", column=column), Place(self.name), say("columns_are", names=names)))
        first = self.events.group_by("case", maintain_order=True).agg(pl.col(column).drop_nulls().first())
        numbered = self.cases.with_row_index("case")
        return numbered.select("case").join(first, on="case", how="left", maintain_order="left")[column]

    def only(self, kept: pl.Series) -> EventLog:
        """The log of some of its cases.

        Args:
            kept: a Boolean a case.
        """
        cases = self.cases.with_row_index("case").filter(kept)
        renumbered = cases.select("case").with_row_index("new_case")
        events = (
            self.events.join(renumbered, on="case", how="inner")
            .with_columns(pl.col("new_case").alias("case"))
            .drop("new_case")
            .sort("case", "time", "position")
        )
        return replace(self, events=events, cases=cases.drop("case"))

    def save(self, folder: Path) -> None:
        """Write the log's tables as Parquet files into a folder, whole or not at all."""
        with whole_folder(folder) as made:
            self.events.write_parquet(made / "events.parquet", compression=PACKED)
            self.cases.write_parquet(made / "cases.parquet", compression=PACKED)
            if self.objects is not None:
                for table in ObjectTables.TABLES:
                    getattr(self.objects, table).write_parquet(made / f"object_{table}.parquet", compression=PACKED)
            about = {
                "name": self.name,
                "time_zone": self.time_zone,
                "synthetic": self.synthetic,
                "findings": [[one.kind, one.count, list(one.examples)] for one in self.findings],
            }
            (made / "log.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> EventLog:
        """Open a log that was saved."""
        about = json.loads((folder / "log.json").read_text(encoding="utf-8"))
        objects = None
        if (folder / "object_objects.parquet").exists():
            tables = {table: pl.read_parquet(folder / f"object_{table}.parquet") for table in ObjectTables.TABLES}
            objects = ObjectTables(**tables)
        return cls(
            about["name"],
            pl.read_parquet(folder / "events.parquet"),
            pl.read_parquet(folder / "cases.parquet"),
            about["time_zone"],
            about["synthetic"],
            tuple(Finding(kind, count, tuple(examples)) for kind, count, examples in about["findings"]),
            objects,
        )
