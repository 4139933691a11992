"""Whether there is memory and disk for a run, asked before it begins."""

from __future__ import annotations

import shutil
from pathlib import Path

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue, Number
from canbao.outputs import cache_folder

say = Catalogue("canbao.reforms", "words")

A_WORKER = 640
"""Bytes that a worker of a block takes: columns, as they are made and as the kernel takes them (benchmarks/README.md)."""

MEMORY_FILES = (Path("/proc/meminfo"), Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current"))
MEGABYTE = 1_000_000


def check_room(block: int, engine_blocks: int, cells: int, kept: int) -> None:
    """Refuse a run for which there is too little memory or disk.

    Args:
        block: the workers that are in memory at once.
        engine_blocks: parts of them that are added up apart.
        cells: of the totals of one part: years, sampling units, groups and counts.
        kept: bytes of results that are kept on disk.

    Raises:
        InputError: there is too little of one of them, with what to do.
    """
    # Totals stand twice: as they are added up, and by count.
    needed = block * A_WORKER + engine_blocks * cells * 8 * 2
    there = available_memory()
    if there is not None and needed > there:
        raise InputError(Fault(say("too_little_memory", **_sizes(needed, there)), remedy=say("fewer_at_once")))
    folder = cache_folder()
    free = shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists())).free
    if kept > free:
        what = say("too_little_disk", folder=str(folder), **_sizes(kept, free))
        raise InputError(Fault(what, remedy=say("free_the_disk")))


def available_memory() -> int | None:
    """Bytes of memory that can be had; None where the system does not say."""
    information, limit, used = MEMORY_FILES
    found = []
    if information.is_file():
        lines = dict(line.split(":", 1) for line in information.read_text(encoding="ascii").splitlines() if ":" in line)
        if "MemAvailable" in lines:
            found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    if limit.is_file() and used.is_file() and (most := limit.read_text(encoding="ascii").strip()).isdigit():
        found.append(int(most) - int(used.read_text(encoding="ascii")))
    return max(0, min(found)) if found else None


def _sizes(needed: int, there: int) -> dict[str, Number]:
    return {"needed": Number(needed / MEGABYTE), "there": Number(there / MEGABYTE)}
