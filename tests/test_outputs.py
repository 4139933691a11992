"""Outputs appear whole or not at all; what killed processes left is cleared away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.outputs import whole_file, whole_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from canbao.outputs import whole_file, whole_folder
target = Path(sys.argv[1])
with (whole_folder if target.suffix == "" else whole_file)(target) as scratch:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_while_making(target: Path) -> Path:
    before = set(target.parent.iterdir())
    subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    (left,) = set(target.parent.iterdir()) - before
    return left


def make(folder: Path) -> None:
    with whole_folder(folder) as scratch:
        (scratch / "report").write_text("new")


@pytest.mark.skipif(sys.platform == "win32", reason="there, nobody can ask whether a process is running")
def test_what_killed_processes_left_is_cleared_away(tmp_path: Path) -> None:
    stale = [killed_while_making(tmp_path / name) for name in ("build", "q.xlsx", "other")]
    ours = tmp_path / stale[0].name.replace(stale[0].name.split("-")[2], str(os.getpid()))
    strangers = [tmp_path / ".build-mine", tmp_path / ".build-00000000-99999999-abcdefgh", ours]
    for folder in strangers:
        folder.mkdir()
    make(tmp_path / "build")
    with whole_file(tmp_path / "q.xlsx") as scratch:
        scratch.write_text("new")
    kept = {tmp_path / "build", tmp_path / "q.xlsx", stale[2], *strangers}
    assert set(tmp_path.iterdir()) == kept


@pytest.mark.skipif(sys.platform == "win32", reason="there, nobody can ask whether a process is running")
def test_a_report_that_was_moved_away_comes_back(tmp_path: Path) -> None:
    """Killed between moving the old report away and the new one in."""
    old = killed_while_making(tmp_path / "build")
    head, _, tail = old.name.rpartition("-")
    old.rename(tmp_path / f"{head}-old-{tail}")
    (tmp_path / f"{head}-old-{tail}" / "build").mkdir()
    (tmp_path / f"{head}-old-{tail}" / "build" / "report").write_text("old")
    with pytest.raises(InputError), whole_folder(tmp_path / "build"):
        raise InputError(())
    assert (tmp_path / "build" / "report").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["build"]
