"""Files of other forms: those of the tax authority, by the maps that come with the program."""

from pathlib import Path

import pytest

from canbao.errors import InputError
from canbao.exchange.messages.conversion import read_message
from canbao.exchange.messages.description import description
from canbao.exchange.messages.maps import find_map, shipped_maps
from canbao.exchange.messages.message import validate

from ..letters import header, number, pseudonym


@pytest.mark.parametrize("name", shipped_maps())
def test_a_map_gives_what_its_kind_needs(name: str) -> None:
    found = find_map(name)
    needed = {one for one, column in description().columns(found.kind).items() if column.needed == "unless_deleted"}
    assert needed <= set(found.columns) | {"employer_code"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_withholding_in_yuan_becomes_earnings_in_fen(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "扣缴.csv"
    rows = [
        f"{at},{pseudonym(at)},2026-07,{pay},{tax},31" for at, (pay, tax) in enumerate([("6250.50", "0"), ("1,000", "1.2")])
    ]
    rows[1] = rows[1].replace("1,000", '"1,000"')
    path.write_bytes("\n".join(["序号,劳动者代码,税款所属期,本期收入,应补退税额,订单数", *rows]).encode(encoding))
    fields = {name: text for name, text in header().as_texts().items() if name not in ("kind", "schema_version")}
    status, about, records = read_message(path, input_map=find_map("tax_withholding"), fields=fields)
    assert status.result == "accepted" and about is not None and about.kind == "earnings"
    assert records.select("record_id", "gross_fen", "net_fen", "tax_withheld_fen", "orders").rows() == [
        ("0-2026-07", 625_050, 625_050, 0, 31),
        ("1-2026-07", 100_000, 100_000, 120, 31),
    ]


def test_an_amount_that_is_none_is_a_fault_and_no_zero(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"序号,劳动者代码,税款所属期,本期收入,应补退税额,订单数\n1,{pseudonym(1)},2026-07,1.005,0,3\n", encoding="utf-8"
    )
    fields = {name: text for name, text in header().as_texts().items() if name not in ("kind", "schema_version")}
    status = validate(path, input_map=find_map("tax_withholding"), fields=fields)
    assert {one.column for one in status.findings if one.code == "60013"} == {"gross_fen", "net_fen"}


def test_identities_with_the_forms_words(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    columns = "序号,信息状态,劳动者代码,证件类型,证件号码,姓名,登记日期,从业状态,用工形式,行政区划代码"
    row = f"1,新增,{pseudonym(1)},居民身份证,{number(1)},张三,2026-07-02,正常,平台直接,420106"
    path.write_text(f"{columns}\n{row}\n", encoding="utf-8")
    fields = {name: text for name, text in header().as_texts().items() if name not in ("kind", "schema_version")}
    status, _, records = read_message(path, input_map=find_map("tax_identity"), fields=fields)
    assert status.result == "accepted"
    assert records.select("identity_type", "status", "relation").rows() == [("resident", "active", "own")]


def test_a_map_of_ones_own_with_a_wrong_column_says_where(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "label: {en: a, zh: 甲}\nabout: {en: b, zh: 乙}\nkind: orders\ncolumns:\n  pay_fenn: {column: [x]}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"mine\.yaml:5:3.*pay_fen\b"):
        find_map(str(path))
