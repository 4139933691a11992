"""Files that others send: .docx and .xlsx are zip archives, and an archive of a few kilobytes can hold gigabytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from canbao.errors import Fault, InputError, Place
from canbao.evidence.review.snapshot import say

LARGEST_FILE = 50 * 2**20
LARGEST_CONTENT = 300 * 2**20
MOST_MEMBERS = 5000
PIECE = 2**20


def refuse_bomb(path: Path) -> None:
    """Check that an archive can be opened without harm.

    Raises:
        InputError: it is no archive, is damaged, or holds more than any report does.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(Fault(say("file_too_large", most=str(LARGEST_FILE // 2**20)), Place(path)))
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > LARGEST_CONTENT:
                raise InputError(Fault(say("bomb"), Place(path)))
            # Sizes can be stated wrongly; what is unpacked beyond them fails its checksum.
            for member in members:
                with archive.open(member) as stream:
                    while stream.read(PIECE):
                        pass
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        EOFError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        if isinstance(error, OSError) and not path.is_file():
            raise InputError(Fault(say("no_file"), Place(path))) from None
        raise InputError(Fault(say("damaged"), Place(path), say("save_again"))) from None
    except Exception as error:
        # zlib and lzma have faults of their own.
        if isinstance(error, InputError):
            raise
        raise InputError(Fault(say("damaged"), Place(path), say("save_again"))) from None
