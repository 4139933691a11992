"""`make bench`: run every benchmark and print it side by side with its peers."""

from __future__ import annotations

import platform
import sys

from benchmarks import survey_means


def main() -> int:
    print(f"Python {platform.python_version()}, {platform.machine()}, {_processors()}")
    return 0 if survey_means.run() else 1


def _processors() -> str:
    import os

    return f"{os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main())
