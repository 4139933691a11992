"""Opening whatever a path names, and keeping what was read."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from canbao.errors import InputError
from canbao.procedures import EventLog, open_log
from canbao.procedures.reading import kept, opening

Put = Callable[[str, str | bytes], Path]

CSV = "case,activity,time\n1,A,2024-01-01 08:00:00\n1,B,2024-01-02 08:00:00\n"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/dev/zero", "neither a file nor a folder"),
        ("missing/log.xes", "no such file"),
        ("lgo.csv", "Did you mean log.csv?"),
        ("log.csv/inside", "no such file"),
        (".", "holds no saved log"),
    ],
)
def test_what_is_no_log(put: Put, path: str, said: str) -> None:
    folder = put("log.csv", CSV).parent
    with pytest.raises(InputError) as raised:
        open_log(folder / path)
    assert len(raised.value.faults) == 1
    assert said in str(raised.value)


def test_the_zone_is_told_or_shanghai(put: Put) -> None:
    path = put("log.csv", CSV)
    assert open_log(path).opened.hour == 0
    assert open_log(path).time_zone == "Asia/Shanghai"
    assert open_log(path, time_zone="Europe/Berlin").opened.hour == 7
    assert open_log(path, time_zone="Europe/Berlin").time_zone == "Europe/Berlin"
    with pytest.raises(InputError, match="no time zone"):
        open_log(path, time_zone="Peking")


def test_columns_are_for_tables(put: Put) -> None:
    with pytest.raises(InputError, match="no table"):
        open_log(put("log.xes", "<log/>"), columns={"case_id": "x"})


def test_a_log_is_read_once(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_log(put("log.csv", CSV))
    monkeypatch.setattr(opening, "_read", None)
    again = open_log(put("other name.csv", CSV))
    assert again.events.equals(first.events) and again.cases.equals(first.cases)
    assert again.findings == first.findings != ()
    assert again.name == "other name.csv"
    for change in ({"time_zone": "UTC"}, {"columns": {"activity": "case", "case_id": "activity"}}):
        with pytest.raises(TypeError):
            open_log(put("log.csv", CSV), **change)
    with pytest.raises(TypeError):
        open_log(put("log.csv", CSV + "2,A,2024-01-01\n"))


def test_a_damaged_copy_is_read_anew(put: Put, own_cache: Path) -> None:
    path = put("log.csv", CSV)
    first = open_log(path)
    (folder,) = (own_cache / "logs").iterdir()
    for name, content in (("events.parquet", b"PAR1"), ("log.json", b"{"), ("log.json", b"[]")):
        (folder / name).write_bytes(content)
        assert open_log(path).events.equals(first.events)
    pl.DataFrame({"case_id": [1]}).write_parquet(folder / "cases.parquet")
    assert open_log(path).cases.equals(first.cases)


def test_what_cannot_be_kept_is_read_all_the_same(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("log.csv", CSV)
    monkeypatch.setenv("CANBAO_CACHE", str(path))
    assert open_log(path).events.height == 2


def test_those_not_opened_longest_make_room(put: Put, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = put("first.csv", CSV)
    open_log(first)
    size = sum(file.stat().st_size for file in next((own_cache / "logs").iterdir()).iterdir())
    monkeypatch.setattr(kept, "KEPT_AT_MOST", int(size * 2.5))
    for number in range(3):
        open_log(put(f"{number}.csv", CSV.replace("A", f"A{number}")))
        open_log(first)
    assert len(list((own_cache / "logs").iterdir())) == 2
    monkeypatch.setattr(opening, "_read", None)
    open_log(first)


def test_only_their_owner_sees_kept_logs(put: Put, own_cache: Path) -> None:
    open_log(put("log.csv", CSV))
    assert (own_cache / "logs").stat().st_mode & 0o077 == 0


def test_a_saved_folder(put: Put, tmp_path: Path) -> None:
    log = open_log(put("log.csv", CSV))
    log.save(tmp_path / "saved")
    again = open_log(tmp_path / "saved")
    assert again.events.equals(log.events) and again.cases.equals(log.cases)


@pytest.mark.parametrize("harm", ["events.parquet", "cases.parquet", "log.json", "order", "case", "zone", "type", "list"])
def test_a_folder_that_was_harmed(put: Put, tmp_path: Path, harm: str) -> None:
    log = open_log(put("log.csv", CSV))
    folder = tmp_path / "saved"
    log.save(folder)
    about = json.loads((folder / "log.json").read_text())
    match harm:
        case "order":
            log.events.reverse().write_parquet(folder / "events.parquet")
        case "case":
            log.events.with_columns(pl.lit(7, pl.UInt32).alias("case")).write_parquet(folder / "events.parquet")
        case "type":
            log.events.with_columns(pl.lit("A").alias("activity")).write_parquet(folder / "events.parquet")
        case "zone":
            (folder / "log.json").write_text(json.dumps(about | {"time_zone": "../x"}))
        case "list":
            (folder / "log.json").write_text("[]")
        case _:
            (folder / harm).write_bytes(b"")
    with pytest.raises(InputError, match="saved log is damaged"):
        open_log(folder)


def test_every_finding_has_its_sentence() -> None:
    """Those that readers name, found in their source."""
    import re

    from canbao.procedures.event_log import say

    sources = [file.read_text(encoding="utf-8") for file in Path(opening.__file__).parent.glob("*.py")]
    kinds = {kind for source in sources for kind in re.findall(r'found\(\s*"(\w+)"', source)}
    assert len(kinds) > 20
    assert {f"finding_{kind}" for kind in kinds} <= set(say.entries)
    assert {f"finding_without_{column}" for column in ("case_id", "activity", "time")} <= set(say.entries)


def test_a_log_in_order_is_sound(put: Put) -> None:
    log = open_log(put("log.csv", CSV))
    assert isinstance(log, EventLog) and log.is_sound()
