"""From what a file holds to a log in order: what cannot be placed is left out and counted, what is odd is reported."""

from __future__ import annotations

import datetime
from dataclasses import replace

import polars as pl

from canbao.procedures.event_log import EventLog, Finding
from canbao.procedures.reading.names import NAMES, plain
from canbao.procedures.reading.raw import EXAMPLES, RawLog, found, refuse
from canbao.procedures.reading.times import impossible

EARLIEST = datetime.datetime(1949, 10, 1, tzinfo=datetime.UTC)
"""No office of the People's Republic recorded anything before it was founded."""


def put_in_order(raw: RawLog, name: str, zone: str) -> EventLog:
    """A log of what was read.

    Raises:
        InputError: nothing is left, or there are far too many activities.
    """
    findings = list(raw.findings)
    events = _complete(raw, findings)
    cases = None if raw.cases is None else _cases(raw.cases, events, findings)
    events = _without_blank_columns(events, findings)
    cases = None if cases is None else _without_blank_columns(cases, findings)
    if "lifecycle" in events.columns:
        written = events["lifecycle"].cast(pl.String)
        events = events.with_columns(written.str.to_lowercase())
        findings += found("lifecycle_case", int((written != events["lifecycle"]).sum()))
        names = events["lifecycle"].unique().drop_nulls().sort()
        events = events.with_columns(pl.col("lifecycle").cast(pl.Enum(names)))
    log = EventLog.of(name, events, cases=cases, time_zone=zone, synthetic=raw.synthetic, objects=raw.objects)
    findings += look_over(log)
    return replace(log, findings=tuple(findings))


def future_times(log: EventLog, now: datetime.datetime) -> list[Finding]:
    """Events later than now; apart from the others, since it changes by the day."""
    late = log.events.filter(pl.col("time") > now + datetime.timedelta(days=1))
    return found("future_times", late.height, _ids(log, late["case"]))


def _complete(raw: RawLog, findings: list[Finding]) -> pl.DataFrame:
    """The events that have a case, an activity and a time."""
    events = raw.events.with_row_index("position")
    if events.is_empty():
        raise refuse("no_events", raw.path, "no_events_remedy")
    beyond = impossible(events["time"])
    if beyond.any():
        raise refuse("impossible_time", raw.path, "unreadable_time_remedy", count=int(beyond.sum()))
    lacking = {column: events[column].is_null() for column in ("case_id", "activity", "time")}
    for column, missing in lacking.items():
        findings += found(f"without_{column}", int(missing.sum()), events["case_id"].filter(missing).head(200))
    whole = ~(lacking["case_id"] | lacking["activity"] | lacking["time"])
    if not whole.any():
        column = max(lacking, key=lambda one: int(lacking[one].sum()))
        raise refuse(f"all_without_{column}", raw.path, "no_events_remedy")
    return events if whole.all() else events.filter(whole)


def _cases(cases: pl.DataFrame, events: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    """The cases that have events, each once, in the order in which they appear."""
    once = cases.unique("case_id", keep="first", maintain_order=True)
    if once.height < cases.height:
        twice = cases["case_id"].filter(cases["case_id"].is_duplicated()).unique(maintain_order=True)
        findings += found("repeated_cases", len(twice), twice.head(EXAMPLES))
    used = once["case_id"].is_in(events["case_id"].unique().implode())
    if not used.all():
        findings += found("empty_cases", int((~used).sum()), once["case_id"].filter(~used).head(EXAMPLES))
        once = once.filter(used)
    return once


def _without_blank_columns(table: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    blank = [column.name for column in table if column.null_count() == table.height]
    findings += found("blank_columns", len(blank), blank)
    return table.drop(blank)


def look_over(log: EventLog) -> list[Finding]:
    """What is odd about a log in order: times, ties, duplicates, completions before starts."""
    return [*_order(log), *_duplicates(log), *_before_start(log), *_gaps(log), *_far_times(log), *_whole_days(log)]


def _ids(log: EventLog, cases: pl.Series) -> list[str]:
    some = cases.unique(maintain_order=True).head(EXAMPLES)
    return [str(one) for one in log.cases["case_id"].gather(some).to_list()]


def _order(log: EventLog) -> list[Finding]:
    """Ties, whose order is the file's; and events that stand in the file after later ones of their case."""
    events = log.events.select("case", "time", "position")
    same_case = pl.col("case") == pl.col("case").shift(1)
    ties = events.filter(same_case & (pl.col("time") == pl.col("time").shift(1)))["case"]
    backwards = events.filter(same_case & (pl.col("position") < pl.col("position").shift(1)))["case"]
    return [
        *found("ties", len(ties), _ids(log, ties)),
        *found("out_of_order", len(backwards), _ids(log, backwards)),
    ]


def _duplicates(log: EventLog) -> list[Finding]:
    """Events that are the same as another in everything. Ties, which stand together, are the only candidates."""
    tie = (pl.col("case") == pl.col("case").shift(1)) & (pl.col("time") == pl.col("time").shift(1))
    tied = log.events.select(tie.fill_null(False).alias("tie")).select(pl.col("tie") | pl.col("tie").shift(-1)).to_series()
    # An event's own number tells copies apart, and yet they are copies.
    candidates = log.events.filter(tied).drop("position", "event_id", strict=False)
    copies = candidates.filter(~pl.struct(candidates.columns).is_first_distinct())
    return found("duplicates", copies.height, _ids(log, copies["case"]))


def _before_start(log: EventLog) -> list[Finding]:
    """Events before the day on which their case is said to have begun."""
    known = {plain(name) for name in NAMES["case_start"]}
    dated = [name for name, kind in log.cases.schema.items() if plain(name) in known and isinstance(kind, pl.Datetime)]
    if not dated:
        return []
    began = log.cases.select(pl.col(dated[0]).alias("began")).with_row_index("case")
    early = log.events.select("case", "time").join(began, on="case").filter(pl.col("time") < pl.col("began"))["case"]
    return found("before_start", len(early), _ids(log, early))


def _gaps(log: EventLog) -> list[Finding]:
    """Completions before the start that belongs to them, the first start to the first completion and so on."""
    if "lifecycle" not in log.events.columns:
        return []
    step = pl.col("lifecycle").cast(pl.String)
    keys = ["case", "activity"]
    events = log.events.select(*keys, "time", step.alias("step")).filter(pl.col("step").is_in(["start", "complete"]))
    if events["step"].n_unique() < 2:
        return []
    numbered = events.with_columns(pl.int_range(pl.len()).over([*keys, "step"]).alias("number"))
    starts = numbered.filter(pl.col("step") == "start").select(*keys, "number", pl.col("time").alias("started"))
    ends = numbered.filter(pl.col("step") == "complete")
    backwards = ends.join(starts, on=[*keys, "number"]).filter(pl.col("time") < pl.col("started"))["case"].sort()
    return found("negative_gaps", len(backwards), _ids(log, backwards))


def _far_times(log: EventLog) -> list[Finding]:
    early = log.events.filter(pl.col("time") < EARLIEST)["case"]
    return found("far_times", len(early), _ids(log, early))


def _whole_days(log: EventLog) -> list[Finding]:
    """Times that are days, all of them: their order within a day is the file's."""

    def are_days(times: pl.Series) -> bool:
        return bool((times.dt.convert_time_zone(log.time_zone).dt.time() == datetime.time(0)).all())

    # As a rule the first few tell that they are not.
    whole = are_days(log.events["time"].head(1000)) and are_days(log.events["time"])
    return found("whole_days", log.events.height) if whole else []
