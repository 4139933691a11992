"""Long abuse: `make stress`. What may stand here is random; a short form of it runs with every test."""

import datetime
import gzip
import hashlib
import io
import itertools
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import polars as pl
import pytest
from _pytest.mark import ParameterSet

from canbao.cli import run
from canbao.procedures import EventLog
from canbao.procedures.writing import write_ocel, write_xes


def fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def long_abuse(times: int) -> list[ParameterSet]:
    """The same test from two other seeds, so that two cores share it."""
    return [pytest.param(seed, times, marks=pytest.mark.stress) for seed in (101, 102)]


@pytest.mark.parametrize(("seed", "times"), [(4, 2), *long_abuse(times=30)])
def test_killed_at_any_moment_the_last_report_stays_whole(broken: Path, seed: int, times: int) -> None:
    assert run(["assess", str(broken), "-q", "--language", "en", "--format", "html"]) == 0
    whole = fingerprint(broken / "build")
    moments = random.Random(seed)
    command = [sys.executable, "-m", "canbao", "assess", "-q", str(broken), "--language", "en", "--format", "html"]
    for _ in range(times):
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.3, 9.0))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert (broken / "build").is_dir()
        assert fingerprint(broken / "build") == whole


@pytest.mark.parametrize(("seed", "times"), [(9, 6), *long_abuse(times=250)])
def test_mangled_files_are_faults_not_crashes(
    broken: Path, capsys: pytest.CaptureFixture[str], seed: int, times: int
) -> None:
    """Bytes taken out, doubled or changed anywhere in the YAML, CSV, BibTeX and Markdown of a study."""
    (broken / "cleaning.csv").write_text("row,column,from,to,why,by\n", encoding="utf-8")
    names = (
        "study.yaml",
        "codebook.yaml",
        "cleaning.csv",
        "evidence/literature.bib",
        "evidence/screening.csv",
        "evidence/recommendations.yaml",
        "evidence/field/r01.md",
        "text/en/pensions.md",
        "text/zh/pensions.md",
    )
    hand = random.Random(seed)
    for _ in range(times):
        path = broken / hand.choice(names)
        content = path.read_bytes()
        place, length = hand.randrange(len(content)), hand.randint(1, 12)
        piece = hand.choice([b"", content[place : place + length] * 2, bytes(hand.randrange(256) for _ in range(3))])
        path.write_bytes(content[:place] + piece + content[place + length :])
        assert run(["check", str(broken), "-q"]) in (0, 2)
        path.write_bytes(content)
    assert "Traceback" not in capsys.readouterr().err


# --- event logs -------------------------------------------------------------------------------------------------------

POISON = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\n", b'"', b"'", b"<", b">", b"&#0;", b"]]>", b"<!--", b"{", b"]", b",", b"\\",
    b"\\ud800", b"NaN", b"-1", b"1e400", b"9" * 40,
    b"0000-00-00T00:00:00", b"9999-12-31T23:59:59.999999+14:00", b"-9999-01-01", b"null",
    b"2024-02-30", b"event", b"A" * 5000, "\u529e\u4ef6".encode("gb18030"), b"event_map_type", b"PRAGMA",
)  # fmt: skip
"""What readers stumble over."""

SOURCES = ("log.xes", "log.xes.gz", "log.json", "log.xml", "log.sqlite", "log.csv", "log.parquet", "log.csv.gz", "log.zip")


def office(folder: Path) -> dict[str, bytes]:
    """A small log in every form that is read."""
    start = datetime.datetime(2024, 1, 1, 9, tzinfo=datetime.UTC)
    rows = [
        (
            f"c{case}",
            step,
            start + datetime.timedelta(days=case + 2 * at),
            f"clerk {case % 3}",
            at,
            "app" if case % 2 else None,
        )
        for case in range(6)
        for at, step in enumerate(("applied", "checked", "paid"))
    ]
    columns = ["case_id", "activity", "time", "resource", "documents", "channel"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    log = EventLog.of("office", table)
    write_xes(log, folder / "log.xes")
    for name in ("log.json", "log.xml", "log.sqlite"):
        write_ocel(log, folder / name)
    table.write_csv(folder / "log.csv")
    table.write_parquet(folder / "log.parquet")
    for name in ("log.xes", "log.csv"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes(), mtime=0))
    with zipfile.ZipFile(folder / "log.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "log.csv", "log.csv")
    return {name: (folder / name).read_bytes() for name in SOURCES}


def mangled(content: bytes, hand: random.Random) -> bytes:
    """A file with bytes taken out, doubled, changed, put elsewhere, or cut off."""
    for _ in range(hand.choice((1, 1, 1, 2, 4))):
        place, length = hand.randrange(len(content) or 1), hand.choice((1, 2, 4, 8, 40, 400))
        piece, rest = content[place : place + length], content[place + length :]
        match hand.randrange(6):
            case 0:
                content = content[:place] + rest
            case 1:
                content = content[:place] + piece * hand.randint(2, 5) + rest
            case 2:
                content = content[:place] + bytes(byte ^ 1 << hand.randrange(8) for byte in piece) + rest
            case 3:
                content = content[:place] + hand.choice(POISON) + rest
            case 4:
                content = content[:place] + hand.choice(POISON) + piece + rest
            case _:
                content = content[:place] if hand.random() < 0.3 else rest + piece + content[:place]
    return content


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail where something hangs."""

    def hung(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def packed_anew(name: str, content: bytes, hand: random.Random) -> bytes:
    """Of what is packed, as often what is in it is mangled as the packing itself."""
    if hand.random() < 0.5:
        if name.endswith(".gz"):
            return gzip.compress(mangled(gzip.decompress(content), hand), mtime=0)
        if name.endswith(".zip"):
            made = io.BytesIO()
            with zipfile.ZipFile(made, "w") as archive:
                archive.writestr("log.csv", mangled(zipfile.ZipFile(io.BytesIO(content)).read("log.csv"), hand))
            return made.getvalue()
    return mangled(content, hand)


@pytest.mark.parametrize(("seed", "times"), [(5, 90), *long_abuse(times=4000)])
def test_mangled_logs_are_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], seed: int, times: int
) -> None:
    """Whatever happens to a log of any form, the command counts what is left or says what is wrong."""
    monkeypatch.setenv("CANBAO_CACHE", str(tmp_path / "cache"))
    contents = office(tmp_path)
    hand = random.Random(seed)
    for turn in range(times):
        name = SOURCES[turn % len(SOURCES)]
        path = tmp_path / name
        path.write_bytes(packed_anew(name, contents[name], hand))
        with within(60):
            code = run(["bottlenecks", "-q", str(path)])
        told = capfd.readouterr().err
        assert code in (0, 2), (name, turn)
        assert "Traceback" not in told and "panicked" not in told, (name, turn)
        assert (code == 2) == bool(told.strip()), (name, turn, told)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">{entities}]>
<log><trace><event><string key="concept:name" value="&z;"/></event></trace></log>
"""


def laughing() -> bytes:
    names = "abcdefghijklmnopqrstuvwxyz"
    entities = "".join(f'<!ENTITY {two} "{f"&{one};" * 10}">' for one, two in itertools.pairwise(names))
    return BOMB.format(entities=entities).encode()


def many_activities() -> bytes:
    lines = (f"c{at // 10},step {at},2024-01-01T00:00:{at % 60:02}Z" for at in range(1_000_000))
    return ("case_id,activity,time\n" + "\n".join(lines)).encode()


def a_swelling_gzip() -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(b"case_id,activity,time\n")
        for _ in range(300):
            file.write(b" " * 2**20)
    return packed.getvalue()


def cut_off() -> bytes:
    return gzip.compress(b"case_id,activity,time\n" + b"c1,a,2024-01-01T00:00:00Z\n" * 1000, mtime=0)[:-40]


def one_endless_row() -> bytes:
    return b"case_id,activity,time\n" + b"x" * (20 * 2**20)


def deeply_nested() -> bytes:
    return b'{"eventTypes":' + b"[" * 200_000


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "entities that swell": ("bomb.xes", laughing),
    "a million activities": ("many.csv", many_activities),
    "a gzip that swells": ("swelling.csv.gz", a_swelling_gzip),
    "a gzip that breaks off": ("cut.csv.gz", cut_off),
    "a row without an end": ("endless.csv", one_endless_row),
    "brackets in brackets": ("nested.json", deeply_nested),
}

MEASURED = """
import resource, sys
from canbao.cli import run
code = run(["bottlenecks", "-q", sys.argv[1]])
status = open("/proc/self/status").read().splitlines()
print("peak", next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024)
sys.exit(code)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_logs_are_refused_in_bounded_time_and_memory(tmp_path: Path, name: str) -> None:
    file, made = HOSTILE[name]
    (tmp_path / file).write_bytes(made())
    surroundings = {**os.environ, "CANBAO_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", MEASURED, str(tmp_path / file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=surroundings)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and file in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    # A million short rows are 30 MB; the programme itself takes 150.
    assert int(done.stdout.split()[-1]) < 900
