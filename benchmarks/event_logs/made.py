"""The synthetic logs: ten million events as unsorted Parquet, and an XES file of 200 MB."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt
import polars as pl

STEPS = ("applied", "accepted", "asked for papers", "papers received", "reviewed", "decided", "informed", "paid")
"""An ordinary procedure; papers may be asked for several times, and some applications are withdrawn on the way."""

MEAN_HOURS = np.array([0.0, 20.0, 30.0, 90.0, 60.0, 40.0, 8.0, 120.0])
"""Until a step, from the one before it."""

BEGINNING = 1_609_459_200
"""Midnight of 1 January 2021 in Greenwich, in seconds."""

Integers = npt.NDArray[np.int64]


def events(count: int, seed: int = 20261127) -> pl.DataFrame:
    """Exactly `count` events in no order at all: `case_id`, `activity`, `time` (whole seconds, none twice in a case).

    Args:
        count: of events; the last case is cut off where they run out.
        seed: of the random numbers.
    """
    random = np.random.default_rng(seed)
    ways = _ways()
    cases = count // 6 + 10
    way = random.choice(len(ways), cases, p=[share for _, share in ways])
    lengths = np.array([len(steps) for steps, _ in ways])[way]
    cases = int(np.searchsorted(np.cumsum(lengths), count)) + 1
    way, lengths = way[:cases], lengths[:cases]
    case = np.repeat(np.arange(cases), lengths)[:count]
    step = np.concatenate([steps for steps, _ in ways])
    first_of_way = np.cumsum([0, *(len(steps) for steps, _ in ways)])[:-1]
    first = np.cumsum(lengths) - lengths
    number = np.arange(count) - first[case]
    activity = step[first_of_way[way][case] + number]
    waits = 1 + (random.exponential(MEAN_HOURS[activity]) * 3600).astype(np.int64)
    waits[first] = random.integers(0, 3 * 365 * 86_400, cases)
    passed = np.cumsum(waits)
    time = BEGINNING + passed - (passed - waits)[first][case]
    mixed = random.permutation(count)
    return pl.DataFrame(
        {
            "case_id": pl.select(pl.format("C{}", pl.lit(pl.Series(10_000_000 + case[mixed])))).to_series(),
            "activity": pl.Series(STEPS).gather(activity[mixed]),
            "time": pl.Series(time[mixed] * 1_000_000).cast(pl.Datetime("us", "UTC")),
        }
    )


def _ways() -> list[tuple[Integers, float]]:
    """Forty-two sequences of steps with the share of cases that go so."""
    found = []
    for rounds in range(6):
        before = [0, 1, *[2, 3] * rounds]
        for end in range(7):
            whole = [*before, 4, 5, 6, 7]
            steps = whole if end == 0 else [*before, 4, 5, *[4, 5] * end, 6, 7][: len(whole) + 2 * end - end % 2]
            found.append((np.array(steps), 0.5**rounds * 0.4**end))
    total = sum(weight for _, weight in found)
    return [(steps, weight / total) for steps, weight in found]


def write_xes(path: Path, count: int) -> None:
    """Write a log with three attributes beside name and time, a case after the other."""
    table = events(count).with_row_index("row").sort("case_id", "time")
    names = [quoteattr(step) for step in STEPS]
    code = table["activity"].cast(pl.Enum(STEPS)).to_physical().to_list()
    time = table["time"].dt.strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_list()
    case = table["case_id"].to_list()
    row = table["row"].to_list()
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n')
        last = ""
        for at, name in enumerate(case):
            if name != last:
                file.write(f'{"</trace>" if last else ""}\n<trace>\n<string key="concept:name" value="{name}"/>\n')
                last = name
            file.write(
                f'<event>\n<string key="concept:name" value={names[code[at]]}/>\n'
                f'<string key="org:resource" value="clerk {row[at] % 400}"/>\n'
                '<string key="lifecycle:transition" value="complete"/>\n'
                f'<float key="amount" value="{row[at] / 100}"/>\n'
                f'<int key="documents" value="{row[at] % 7}"/>\n'
                f'<date key="time:timestamp" value="{time[at]}"/>\n</event>\n'
            )
        file.write("</trace>\n</log>\n")
