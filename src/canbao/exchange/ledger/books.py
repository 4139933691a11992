"""The ledger: a folder of runs. What a run has written is never changed; later runs add to it.

    ledger/<scheme>/<month>/<number>/run.json       what was assessed, from what, with which totals
                                     figures.parquet  every figure of the law that its lines rest on
                                     lines/*.parquet  the lines
                                     accounts/*.parquet  which firms engage workers of lines, as far as that is news

A run appears whole or not at all. Its files are known by their digests, so that a change from outside is found.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from canbao.errors import Fault, InputError, Place, raise_all
from canbao.exchange.ledger.accounts import EMPLOYED, ENGAGED
from canbao.exchange.ledger.due import COLUMNS
from canbao.languages import Catalogue
from canbao.outputs import clear_disk_faults, scratch_folder

say = Catalogue("canbao.exchange.ledger", "words")

RunKind = Literal["provisional", "assessed", "adjustment"]

LINE_SCHEMA = {
    "worker_key": pl.Int64,
    "platform_key": pl.Int32,
    "relation": pl.Int8,
    "place": pl.Int16,
    "service": pl.Int8,
    **dict.fromkeys(COLUMNS[5:], pl.Int64),
}


@dataclass(frozen=True)
class Run:
    """One assessment of a month under a scheme.

    Args:
        scheme: its name.
        month: as `2026-03`.
        number: from 1.
        kind: the first assessment, a provisional one before it, or what changed since.
        folder: where it lies.
        facts: run.json.
    """

    scheme: str
    month: str
    number: int
    kind: RunKind
    folder: Path
    facts: dict[str, Any]

    @property
    def lines(self) -> tuple[Path, ...]:
        """The files of its lines."""
        return tuple(sorted((self.folder / "lines").glob("*.parquet")))

    @property
    def accounts(self) -> tuple[Path, ...]:
        """The files that say which firm engages a worker of its lines or of those before."""
        return tuple(sorted((self.folder / "accounts").glob("*.parquet")))

    @property
    def figures(self) -> pl.DataFrame:
        """Every figure that its lines rest on."""
        return pl.read_parquet(self.folder / "figures.parquet")

    def scan(self) -> pl.LazyFrame:
        """Its lines."""
        files = self.lines
        return pl.scan_parquet(list(files)) if files else pl.DataFrame(schema=LINE_SCHEMA).lazy()


class Ledger:
    """All runs in a folder.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def runs(self, scheme: str | None = None, month: str | None = None) -> list[Run]:
        """The runs of a scheme and month, or of all, in their order."""
        pattern = f"{scheme or '*'}/{month or '*'}/*/run.json"
        return [_run(path.parent) for path in sorted(self.folder.glob(pattern))]

    def scan(self, scheme: str | None = None, month: str | None = None) -> pl.LazyFrame:
        """The lines of runs with `scheme`, `month`, `run` and `kind` before them."""
        marked = [
            run.scan().select(
                pl.lit(run.scheme).alias("scheme"),
                pl.lit(run.month).alias("month"),
                pl.lit(run.number, pl.Int32).alias("run"),
                pl.lit(run.kind).alias("kind"),
                *COLUMNS,
            )
            for run in self.runs(scheme, month)
        ]
        leading = {"scheme": pl.String, "month": pl.String, "run": pl.Int32, "kind": pl.String}
        return pl.concat(marked) if marked else pl.DataFrame(schema={**leading, **LINE_SCHEMA}).lazy()

    def scan_accounts(self, scheme: str | None = None, month: str | None = None) -> pl.LazyFrame:
        """The same with the `employer_code` in whose account a line is; null where it is in the platform's.

        What was found out last holds for all lines of the month: a firm that was corrected moves them to the right account.
        """
        said = [
            pl.scan_parquet(list(run.accounts)).select(
                pl.lit(run.scheme).alias("scheme"), pl.lit(run.month).alias("month"), *EMPLOYED, "run"
            )
            for run in self.runs(scheme, month)
            if run.accounts
        ]
        lines = self.scan(scheme, month)
        if not said:
            return lines.with_columns(pl.lit(None, pl.String).alias("employer_code"))
        key = ["scheme", "month", *ENGAGED]
        latest = pl.concat(said).group_by(key).agg(pl.col("employer_code").sort_by("run").last())
        return lines.join(latest, on=key, how="left")

    def add(
        self,
        scheme: str,
        month: str,
        kind: RunKind,
        parts: Sequence[Path],
        figures: pl.DataFrame,
        facts: dict[str, Any],
    ) -> Run:
        """Put a run's lines into the ledger.

        Args:
            scheme: its name.
            month: as `2026-03`.
            kind: of run.
            parts: folders of Parquet files, `lines` and `accounts`, which are moved.
            figures: that the lines rest on.
            facts: what else run.json says.

        Raises:
            InputError: somebody else assessed the same month at the same time, or the disk refuses.
        """
        number = len(self.runs(scheme, month)) + 1
        target = self.folder / scheme / month / f"{number:04}"
        with clear_disk_faults(target), scratch_folder(target) as scratch:
            for part in parts:
                shutil.move(part, scratch / part.name)
            figures.write_parquet(scratch / "figures.parquet", compression="zstd")
            digests = {str(path.relative_to(scratch)): _digest(path) for path in sorted(scratch.rglob("*.parquet"))}
            written = {"scheme": scheme, "month": month, "number": number, "kind": kind, **facts, "sha256": digests}
            text = json.dumps(written, ensure_ascii=False, indent=2) + "\n"
            (scratch / "run.json").write_text(text, encoding="utf-8")
            scratch.chmod(0o755)
            try:
                # A folder that is not empty is never replaced.
                scratch.rename(target)
            except OSError as error:
                if target.exists():
                    raise InputError(Fault(say("somebody_else"), Place(target))) from error
                raise
        return _run(target)

    def verify(self) -> list[Run]:
        """All runs, if every file is what it was when it was written.

        Raises:
            InputError: files that were changed, taken away or put in.
        """
        faults = []
        runs = self.runs()
        for run in runs:
            have = {str(path.relative_to(run.folder)): path for path in sorted(run.folder.rglob("*.parquet"))}
            for name in sorted({*have, *run.facts["sha256"]}):
                if name not in have or run.facts["sha256"].get(name) != _digest(have[name]):
                    faults.append(Fault(say("changed"), Place(run.folder / name)))
        raise_all(faults)
        return runs

    def months(self, schemes: Sequence[str] | None = None) -> list[str]:
        """The months for which there are runs."""
        return sorted({run.month for run in self.runs() if schemes is None or run.scheme in schemes})


def _run(folder: Path) -> Run:
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Run(facts["scheme"], facts["month"], facts["number"], facts["kind"], folder, facts)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
