"""Identity numbers and credit codes. Every number that may have been assigned passes; python-stdnum 2.2 is the oracle for
check characters (`reference.json` was made by it), though not for regions: it demands that a county existed in the year of
birth, which refuses real numbers."""

import datetime
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.exchange.identity.numbers import (
    credit_code_is_valid,
    is_resident_number,
    is_valid_credit_code,
    number_faults,
    resident_number,
)

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
DAY = datetime.date(2026, 7, 1)
OLD_REGIONS = ["440305", "310115", "350582", "310230", "442000", "469002", "659001", "511122", "420102", "110103", "429004"]


def codes(number: str, kind: str = "resident") -> list[str]:
    frame = pl.DataFrame({"number": [number], "kind": [kind]})
    faults = number_faults(pl.col("kind"), pl.col("number"), pl.lit(DAY))
    found = frame.select(mask.fill_null(False).alias(code) for code, mask in faults.items())
    return [code for code in found.columns if found[code][0]]


def test_the_standards_own_number_is_valid() -> None:
    assert codes("11010519491231002X") == []


def test_every_number_with_the_right_check_character_is_valid_and_no_other() -> None:
    for number in REFERENCE["ric"]:
        assert codes(number) == [], number
        others = [one for one in "0123456789X" if one != number[17]]
        assert all(codes(number[:17] + one) == ["61002"] for one in others)


@pytest.mark.parametrize("region", OLD_REGIONS)
@pytest.mark.parametrize("born", ["19500101", "19601231", "19800229"])
def test_counties_founded_after_a_birth_or_abolished_are_no_reason_to_refuse(region: str, born: str) -> None:
    assert codes(resident_number(f"{region}{born}001")) == []


def test_an_unknown_province_is_only_told() -> None:
    assert codes(resident_number("10010119800101001")) == ["61005"]


@pytest.mark.parametrize(
    ("number", "kind", "found"),
    [
        (resident_number("11010520990101001"), "resident", ["61003"]),
        (resident_number("11010519800230001"), "resident", ["61003"]),
        (resident_number("11010518991231001"), "resident", ["61003"]),
        (resident_number("11010519800101000"), "resident", ["61001"]),
        (resident_number("11010520150101001"), "resident", ["61004"]),
        ("110105491231002", "resident", ["61001"]),
        ("110105 19491231002X", "resident", ["61001"]),
        ("１１０１０５１９４９１２３１００２Ｘ", "resident", ["61001"]),
        (resident_number("81000019900101001"), "hmt_permit", []),
        (resident_number("82000019900101001"), "hmt_permit", []),
        (resident_number("83000019900101001"), "hmt_permit", []),
        (resident_number("84000019900101001"), "hmt_permit", ["61001"]),
        (resident_number("91115619900101001"), "foreign_permanent", []),
        ("USA110080040610", "foreign_permanent", []),
        (resident_number("91115619900101001"), "resident", ["61001"]),
        ("E12345678", "other", []),
    ],
)
def test_forms_and_dates(number: str, kind: str, found: list[str]) -> None:
    assert codes(number, kind) == found


@given(st.text(max_size=24))
def test_no_text_is_too_strange(text: str) -> None:
    assert codes(text.upper()) or len(text) == 18


def test_credit_codes_agree_with_stdnum() -> None:
    for name, valid in (("uscc_good", True), ("uscc_bad", False)):
        frame = pl.DataFrame({"code": REFERENCE[name]})
        assert set(frame.select(credit_code_is_valid(pl.col("code"))).to_series()) == {valid}


@pytest.mark.parametrize(
    "code", ["91110108551385082q", "91110108551385082I", "91110108551385082", "", "911101085513850820Q"]
)
def test_credit_codes_of_another_form(code: str) -> None:
    assert not is_valid_credit_code(code)


def test_a_number_is_told_among_other_texts() -> None:
    frame = pl.DataFrame({"text": ["11010519491231002x", "110105194912310029", "o-1", None]})
    assert frame.select(is_resident_number(pl.col("text"))).to_series().fill_null(False).to_list() == [
        True,
        False,
        False,
        False,
    ]
