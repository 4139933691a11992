"""Long abuse: `make stress`. What may stand here is random; a short form of it runs with every test."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from canbao.cli import run


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


@pytest.mark.parametrize(("seed", "times"), [(9, 12), *long_abuse(times=250)])
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
