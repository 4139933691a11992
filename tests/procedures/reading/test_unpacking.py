"""Packed files: gzip and zip are opened, bombs and broken ones refused."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.procedures import open_log
from canbao.procedures.reading import unpacking

Put = Callable[[str, str | bytes], Path]

CSV = b"case,activity,time\n" + b"".join(b"c%d,A,2024-01-01 08:%02d:00+08:00\n" % (i, i % 60) for i in range(200))


def gzipped(content: bytes) -> bytes:
    """The same bytes at every hour, so that tests run side by side bear the same names."""
    return gzip.compress(content, mtime=0)


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        gzipped(CSV),
        zipped(**{"a/log.csv": CSV, "__MACOSX/log.csv": b"", "readme.pdf": b"%PDF"}),
        zipped(**{"log.csv.gz": gzipped(CSV)}),
        gzipped(CSV[:500]) + gzipped(CSV[500:]),
    ],
)
def test_packed_logs(put: Put, content: bytes) -> None:
    """Whatever the name says."""
    assert open_log(put("log.dat", content)).events.height == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (gzipped(b""), "empty"),
        (gzipped(CSV)[:-20], "breaks off"),
        (gzipped(CSV) + b"more", "damaged"),
        (gzipped(CSV)[:40] + bytes(100), "damaged"),
        (gzipped(gzipped(CSV)), "no event log"),
        (b"PK\x03\x04 and nothing", "damaged"),
        (zipped(), "holds no log"),
        (zipped(**{"readme.md": b"hello"}), "readme.md"),
        (zipped(**{"a.csv": CSV, "b.csv": CSV}), "several logs: a.csv, b.csv"),
        (zipped(**{"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}), "Excel"),
        (bytes(range(256)) * 100, "no event log"),
    ],
)
def test_broken_ones_are_refused(put: Put, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        open_log(put("log.xes.gz", content))
    assert len(raised.value.faults) == 1


@pytest.mark.parametrize("pack", [gzipped, lambda content: zipped(**{"log.xes": content})])
def test_a_small_file_does_not_swell(put: Put, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "SWELLING_ALLOWED", 2**20)
    with pytest.raises(InputError, match="grows beyond"):
        open_log(put("log.xes.gz", pack(b"<log>" + b" " * 20_000_000 + b"</log>")))


def test_a_locked_archive(put: Put) -> None:
    content = bytearray(zipped(**{"log.csv": CSV}))
    content[6] |= 1  # the flag in the file's own head and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="password"):
        open_log(put("log.zip", bytes(content)))


def test_an_archive_whose_offsets_lie_before_its_start(put: Put) -> None:
    packed = bytearray(zipped(**{"log.csv": CSV}))
    # The last record says at which byte the directory begins, and so how much stands before the archive.
    at = len(packed) - 22 + 16
    packed[at : at + 4] = (int.from_bytes(packed[at : at + 4], "little") + 5000).to_bytes(4, "little")
    with pytest.raises(InputError, match="damaged"):
        open_log(put("log.zip", bytes(packed)))
