"""One procedure in two logs, before and after a reform: what differs, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from canbao.languages import Words
from canbao.procedures.analysis import Comparison, Endings, compare
from canbao.procedures.analysis.drop_out import WAYS
from canbao.procedures.analysis.intervals import Estimate, difference
from canbao.procedures.clocks import breaches
from canbao.procedures.procedure import Procedure, held_to
from canbao.procedures.reading import open_log

LIMITS = {
    "clock": pl.String(),
    **{f"runs_{side}": pl.Int64() for side in ("before", "after")},
    **{name: pl.Float64() for name in ("share_before", "share_after", "share_difference", "share_low", "share_high")},
}


@dataclass(frozen=True)
class BeforeAndAfter:
    """Two logs of one procedure under the same limits.

    Args:
        before: the one.
        after: the other.
    """

    before: Procedure
    after: Procedure

    @property
    def sides(self) -> tuple[Procedure, Procedure]:
        """Both, in order."""
        return self.before, self.after

    @cached_property
    def found(self) -> Comparison:
        """What differs in times, ways and endings; of logs that record starts and completions, the completions."""
        return compare(self.before.steps, self.after.steps, endings=self._endings())

    def _endings(self) -> Endings | None:
        """Those that one of the logs has; None where there are none, so that nobody knows how cases end."""
        named = [one.endings.within(one.steps) for one in self.sides]
        completed, refused, abandoned = (
            tuple(dict.fromkeys(name for one in named for name in getattr(one, way))) for way in WAYS
        )
        return Endings(completed, refused, abandoned) if completed or refused or abandoned else None

    @cached_property
    def limits(self) -> pl.DataFrame:
        """How often time limits were broken that run in both logs.

        Returns:
            `clock`; `runs_before`, `runs_after`; `share_before`, `share_after`, late of those that can be judged, with
            `share_difference`, `share_low` and `share_high`; null where fewer than 30 cases tell of it.
        """
        first, second = (
            {row["clock"]: row for row in breaches(one.runs, one.log).iter_rows(named=True)} for one in self.sides
        )
        rows = []
        for clock, before in first.items():
            if clock in second:
                after = second[clock]
                shares = [Estimate(row["share_late"], row["share_low"], row["share_high"]) for row in (before, after)]
                rows.append((clock, before["runs"], after["runs"], shares[0].value, shares[1].value, *difference(*shares)))
        return pl.DataFrame(rows, schema=LIMITS, orient="row")


def open_before_and_after(
    before: Path,
    after: Path,
    limits: Path | None = None,
    *,
    calendar: str | None = None,
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    case_object: str | None = None,
) -> BeforeAndAfter:
    """Two logs, read in the same way and held to the same limits; see `open_procedure`.

    Args:
        before: the one, in any format that `open_log` reads.
        after: the other.
        limits: a limits.yaml; it may name activities that only one of the logs has.
        calendar: which days are working days, in place of what the limits say.
        columns: as for `open_log`.
        time_zone: as for `open_log`.
        case_object: as for `open_log`.

    Raises:
        InputError: a log, the limits or a column is at fault.
    """
    logs = [open_log(path, columns=columns, time_zone=time_zone, case_object=case_object) for path in (before, after)]
    sides = [
        Procedure(key, Words.same(log.name), log, held_to(log, limits, calendar, logs))
        for key, log in zip(("before", "after"), logs, strict=True)
    ]
    return BeforeAndAfter(*sides)
