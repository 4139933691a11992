"""The assumptions of life courses name the results of studies on which they rest."""

from pathlib import Path

import pytest

from canbao.careers import life_parameters
from canbao.careers.extraction import shipped_bibliography, shipped_rows
from canbao.engine import Parameters
from canbao.errors import InputError
from canbao.evidence import read_literature
from canbao.evidence.literature.extraction import Extraction
from canbao.law import lawbook


def test_every_row_has_its_work_and_its_words() -> None:
    works = {work.key for work in read_literature([shipped_bibliography()]).works}
    known = Extraction()
    for name, row in shipped_rows().items():
        assert row.work in works, name
        assert name.rpartition("-")[0] == row.work
        assert known.outcome(row.outcome).zh
        assert row.determinant is None or known.determinant(row.determinant).zh


def test_no_row_is_idle_and_no_work_either() -> None:
    linked = {row for one in life_parameters().values() for row in one.entry.evidence}
    assert linked == set(shipped_rows())
    assert {work.key for work in read_literature([shipped_bibliography()]).works} == {
        one.work for one in shipped_rows().values()
    }


def test_responses_that_somebody_measured_name_a_study() -> None:
    for name in ("price_response", "information_response", "default_response", "injury_incidence", "leaves_after_birth"):
        assert life_parameters()[name].entry.evidence, name
    assert not life_parameters()["duty_response"].entry.evidence


def test_evidence_that_nobody_extracted(tmp_path: Path) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text(
        "response:\n  label: {en: R, zh: 反应}\n  unit: share\n  confidence: assumption\n"
        "  evidence: [cribb2016-1, crib2016-1]\n  values: {1951-01: 0.5}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"parameters\.yaml:5:27: .*crib2016-1.*Did you mean cribb2016-1"):
        Parameters.read([path], lawbook.places(), {}, shipped_rows())
    assert Parameters.read([path], lawbook.places())["response"].entry.evidence == ["cribb2016-1", "crib2016-1"]
