"""`make bench`: run every benchmark and print it side by side with its peers."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import careers, event_logs, exchange, lives, survey_means


def main() -> int:
    print(f"Python {platform.python_version()}, {platform.machine()}, {_processors()}")
    reached = [benchmark.run() for benchmark in (survey_means, event_logs, careers, lives, exchange)]
    return 0 if all(reached) else 1


def _processors() -> str:
    return f"{os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main())
