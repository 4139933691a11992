"""Bibliographies in, works and citations out, in each language's own style."""

from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.evidence import read_literature

BIB = """
@article{li2020, author = {Li, Ming and Wang, Fang},
  title = {Riders and their insurance}, journal = {Labour}, year = {2020},
  keywords = {platform},
  annotation = {Few are insured. || 参保者少。}}
@book{zhang2019, author = {张三}, title = {社会保险研究}, publisher = {人民出版社}, year = {2019}}
"""
RIS = "TY  - JOUR\nAU  - Smith, Ann\nTI  - Gig work\nJO  - Work\nPY  - 2021\nID  - smith\nER  - \n"


def test_works_citations_and_entries(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "b.ris").write_text(RIS, encoding="utf-8")
    literature = read_literature([tmp_path / "a.bib", tmp_path / "b.ris"])
    assert [work.year for work in literature.works] == ["2019", "2020", "2021"]
    assert "2020" in literature.citations["li2020"].en
    assert literature.citations["li2020"].en != literature.citations["li2020"].zh
    assert literature.works[1].finding is not None and literature.works[1].finding.zh == "参保者少。"
    assert {key for key, _ in literature.entries["zh"]} == {"li2020", "zhang2019", literature.works[2].key}


def test_a_key_that_is_used_twice(tmp_path: Path) -> None:
    for name in ("a.bib", "b.bib"):
        (tmp_path / name).write_text(BIB, encoding="utf-8")
    with pytest.raises(InputError, match="li2020"):
        read_literature([tmp_path / "a.bib", tmp_path / "b.bib"])


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.enw").write_text("x")
    with pytest.raises(InputError, match="enw"):
        read_literature([tmp_path / "a.enw"])


def test_no_literature_is_no_fault() -> None:
    assert read_literature([]).works == ()
