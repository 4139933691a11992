"""The seminar on PostgreSQL: what holds with SQLite holds there, and a server that is killed loses no acknowledged vote.

The tests start a server of their own in a folder of their own, as a user who is not root, since PostgreSQL refuses root.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.workbench.project.place import database

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "studies" / "sample"
VOTERS = 800
BEFORE_KILL = 200

VOTE_PATH = "vote or rows_whatever or commit or transaction or polls or taken_back or listeners"
"""Tests of the seminar that go to the database in ways of their own."""


class Cluster:
    """A PostgreSQL server that nobody but this test knows, reached by a socket in its folder."""

    def __init__(self, binaries: Path, folder: Path, user: str | None) -> None:
        self.binaries, self.folder, self.user = binaries, folder, user
        self.server: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"postgresql://canbao@/postgres?host={self.folder}"

    def make(self) -> None:
        options = ["--auth=trust", "--username=canbao", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._begin("initdb", "-D", str(self.folder / "data"), *options).wait(timeout=60)

    def start(self) -> None:
        # Killed, not without power: what it gave to the system is there, whether or not it is on the disk yet.
        options = ["-k", str(self.folder), "-h", "", "-c", "fsync=off"]
        self.server = self._begin("postgres", "-D", str(self.folder / "data"), *options)
        until = time.monotonic() + 60
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.folder)]
        while subprocess.run(ready, check=False).returncode:
            assert self.server.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """All its processes at once."""
        if self.server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()

    def ask(self, words: str) -> str:
        psql = [str(self.binaries / "psql"), "-h", str(self.folder), "-U", "canbao", "-d", "postgres", "-Atc", words]
        return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip()

    def _begin(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(self.binaries / name), *arguments], user=self.user, extra_groups=None if self.user is None else [],
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip


def binaries() -> Path | None:
    """Where Debian keeps those of the newest PostgreSQL; elsewhere they are on the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1:] or [Path(one) for one in [shutil.which("initdb")] if one]
    return found[0].parent if found else None


def somebody() -> str | None:
    """Who is to run the server: whoever runs the tests, or somebody with fewer rights if that is root."""
    if os.geteuid():
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def absent(what: str) -> None:
    if os.environ.get("CANBAO_POSTGRES") == "required":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Where a machine has no PostgreSQL these tests are skipped, unless it is one that must run them."""
    found = binaries()
    if found is None:
        absent("no PostgreSQL on this machine. On Debian: apt-get install postgresql")
    assert found is not None
    if importlib.util.find_spec("psycopg") is None:
        absent("no driver for PostgreSQL. Install it: pip install 'canbao[postgres]'")
    # Folders of pytest are closed to other users; and a socket's path may not be long.
    folder = Path(tempfile.mkdtemp(prefix="canbao-pg-", dir="/tmp"))
    if (user := somebody()) is not None:
        shutil.chown(folder, user)
    one = Cluster(found, folder, user)
    try:
        one.make()
        one.start()
        yield one
    finally:
        one.kill()
        shutil.rmtree(folder, ignore_errors=True)


def environment(cluster: Cluster, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CANBAO_", "DJANGO_", "PYTEST_"))}
    cache = {name: os.environ[name] for name in ("CANBAO_CACHE",) if name in os.environ}
    return {**kept, **cache, "DATABASE_URL": cluster.address, **more}


def test_the_seminar_votes_as_with_sqlite(cluster: Cluster) -> None:
    """Its own tests, once more: one vote a ticket however fast, merged votes once, nobody told of what is not committed."""
    tests = [str(HERE / "test_seminar.py"), "-k", VOTE_PATH, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests], env=environment(cluster), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(done.stdout.rpartition(" passed")[0].split()[-1]) >= 12
    # It was there that they voted.
    assert int(cluster.ask("SELECT last_value FROM seminar_vote_id_seq")) > 0


def test_a_database_killed_in_a_storm_keeps_what_was_acknowledged(cluster: Cluster, tmp_path: Path) -> None:
    """All vote for one question; the server is killed and started anew; in the end each vote stands once and is counted."""
    command = [sys.executable, str(HERE / "voting.py"), str(SAMPLE), str(tmp_path), str(VOTERS)]
    with subprocess.Popen(command, env=environment(cluster), stdout=subprocess.PIPE, text=True) as voting:
        assert voting.stdout is not None and voting.stdout.readline() == "ready\n"
        acknowledged = [voting.stdout.readline().split() for _ in range(BEFORE_KILL)]
        cluster.kill()
        cluster.start()
        held = set(cluster.ask("SELECT voter FROM seminar_vote").splitlines())
        assert {f"voter {one}" for one, _ in acknowledged} <= held
        acknowledged += [line.split() for line in voting.stdout]
        assert voting.wait(timeout=60) == 0
    assert sorted(int(one) for one, _ in acknowledged) == list(range(VOTERS))
    counted = cluster.ask("SELECT count(*), count(DISTINCT voter), max(q.votes) FROM seminar_vote v, seminar_question q "
                          "WHERE v.question_id = q.id AND voter LIKE 'voter %'")  # fmt: skip
    assert counted == f"{VOTERS}|{VOTERS}|{VOTERS}"
    # Some were committed although nobody heard of it; those votes were not new the second time, and count once.
    assert sum(new == "False" for _, new in acknowledged) <= 2 * 16


def test_a_server_that_does_not_answer_is_said_in_words(tmp_path: Path) -> None:
    address = "postgresql://canbao:secret@127.0.0.1:1/canbao"
    own = {**os.environ, "DATABASE_URL": address, "CANBAO_LANGUAGE": "en"}
    command = [sys.executable, "-m", "canbao", "serve", str(SAMPLE), "--data", str(tmp_path)]
    found = subprocess.run(command, env=own, capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stdout) == (2, "")
    told = " ".join(found.stderr.split())
    assert told.startswith("Error: The database canbao at 127.0.0.1 cannot be used. Its driver says: ")
    assert told.endswith("Without DATABASE_URL the workbench keeps its data in SQLite.")
    assert "Traceback" not in told and "secret" not in told


def test_without_its_driver_postgresql_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from canbao.workbench.serve import _refuse_missing_driver

    monkeypatch.setenv("DATABASE_URL", "postgresql://canbao@host/canbao")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"pip install 'canbao\[postgres\]'"):
        _refuse_missing_driver()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://canbao@host/", "names no database"),
        ("postgresql://canbao:p@ss:w@rd:x/canbao", "cannot be read"),
        ("mysql://canbao@host/canbao", "names mysql"),
        ("nonsense", "names ?"),
    ],
)
def test_an_address_that_names_no_database_is_refused(monkeypatch: pytest.MonkeyPatch, address: str, said: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(InputError) as found:
        database()
    assert f"DATABASE_URL {said}" in str(found.value)


def test_an_address_may_hold_special_characters_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgres://li%40x:p%3Aw%2F@db.example:6543/na%20me?sslmode=require&host=%2Frun%2FPG"
    )
    found = database()
    named = {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert named == {"NAME": "na me", "USER": "li@x", "PASSWORD": "p:w/", "HOST": "db.example", "PORT": "6543"}
    assert isinstance(options := found["OPTIONS"], dict)
    assert (options["sslmode"], options["host"]) == ("require", "/run/PG")
