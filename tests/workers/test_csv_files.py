"""CSV files as other programs save them."""

from pathlib import Path

import pytest

from canbao.chapters.estimates import Estimate
from canbao.workers.source import read_source
from canbao.workers.table import RESERVED
from canbao.workers.vocabulary import vocabulary


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_line_ends_and_encodings(tmp_path: Path, end: str, encoding: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(end.join(["性别,工时", "男,40", '"女,士",50', ""]).encode(encoding))
    assert read_source(path).frame.rows() == [("男", "40"), ("女,士", "50")]


def test_names_that_tables_of_estimates_need() -> None:
    assert {*Estimate.__dataclass_fields__, "of", "category"} <= RESERVED
    assert not RESERVED & set(vocabulary())
