"""The evidence folder as a whole, mangled."""

import random
import shutil
from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.evidence.collected import evidence_files, read_evidence
from canbao.evidence.literature.screening import Screening

SAMPLE = Path(__file__).parents[2] / "studies" / "sample" / "evidence"


def works() -> list[str]:
    lines = (SAMPLE / "screening.csv").read_text(encoding="utf-8").splitlines()[1:]
    return sorted({line.partition(",")[0] for line in lines})


def test_the_sample_is_whole() -> None:
    evidence = read_evidence(SAMPLE, works(), lambda: ["price_response"])
    assert evidence.screening.done and len(evidence.register.entries) == 10 and len(evidence.field.talks) == 4
    assert len(evidence_files(SAMPLE)) == 10


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    evidence = read_evidence(tmp_path / "evidence")
    assert not evidence.register.entries and not evidence.field.talks
    assert evidence.screening == Screening(labels=evidence.screening.labels)


@pytest.mark.parametrize("seed", range(4))
def test_mangled_files_are_faults_not_crashes(tmp_path: Path, seed: int) -> None:
    """Bytes taken out, doubled or changed anywhere."""
    folder = tmp_path / "evidence"
    shutil.copytree(SAMPLE, folder)
    hand = random.Random(seed)
    faulty = 0
    for _ in range(25):
        path = hand.choice(evidence_files(folder))
        content = path.read_bytes()
        place, length = hand.randrange(len(content)), hand.randint(1, 12)
        piece = hand.choice([b"", content[place : place + length] * 2, bytes(hand.randrange(256) for _ in range(3))])
        path.write_bytes(content[:place] + piece + content[place + length :])
        try:
            read_evidence(folder, works(), lambda: ["price_response"])
        except InputError as error:
            faulty += 1
            assert all(fault.place.file is not None for fault in error.faults)
        path.write_bytes(content)
    assert faulty > 3
