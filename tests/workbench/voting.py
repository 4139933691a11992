"""A room that votes at a workbench whose database may be killed: run by `test_postgres.py`, in a process of its own.

    python tests/workbench/voting.py STUDY FOLDER VOTERS

prints `ready`, then a line for each vote as soon as it is acknowledged: the voter, and whether it was new.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

THREADS = 16
SEMINAR = "title: {en: Pensions for riders, zh: 骑手养老保险研讨会}\n"


def main(study: Path, folder: Path, voters: int) -> None:
    """Everybody votes for the same question until she has an answer."""
    from canbao.workbench.serve import prepare

    prepare(study, folder)
    from django.db import DatabaseError, close_old_connections, connections

    from canbao.workbench.seminar.deeds import vote
    from canbao.workbench.seminar.models import Question
    from canbao.workbench.seminar.plan import open_seminar

    plan = folder / "seminar.yaml"
    plan.write_text(SEMINAR, encoding="utf-8")
    event = open_seminar(plan, study)
    question = Question.objects.create(event=event, author="nobody", text="Which first?", language="en", state="live")

    def one(voter: int) -> None:
        while True:
            close_old_connections()  # as at the beginning of every request
            try:
                new = vote(question, f"voter {voter}")
            except DatabaseError:
                time.sleep(0.2)
            else:
                # In one write, so that lines of threads stay whole.
                sys.stdout.write(f"{voter} {new}\n")
                sys.stdout.flush()
                return

    print("ready", flush=True)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(voters)))
        list(pool.map(lambda _: connections.close_all(), range(THREADS)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
