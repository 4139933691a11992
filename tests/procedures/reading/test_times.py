"""Times in the forms that offices write."""

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures.reading.times import check_zone, read_times

EIGHT_FIVE = datetime.datetime(2024, 1, 2, 0, 5, tzinfo=datetime.UTC)


def one(text: str | None, zone: str = "Asia/Shanghai", beside: str | None = None) -> datetime.datetime | None:
    return read_times(pl.Series([text, beside], dtype=pl.String), zone).times[0]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02T08:05:00+08:00",
        "2024-01-02T00:05:00Z",
        "2024-01-02T00:05:00.000Z",
        "2024-01-02 00:05:00 UTC",
        "2024-01-01T19:05:00.000000000-05:00",
        "2024-01-02T08:05:00+0800",
        "2024-01-02T05:35:00+05:30",
        "2024-01-02T08:05:00",
        "2024-01-02 08:05:00.000",
        "2024-01-02 08:05",
        "2024/1/2 8:05",
        "2024/01/02 08:05:00",
        "2024.1.2 8:05:00",
        "2024年1月2日 8:05",
        "2024年1月2日8时5分",
        "2024年01月02日08时05分00秒",
        "20240102080500",
        "202401020805",
        " 2024-01-02 08:05:00 ",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    assert one(text) == EIGHT_FIVE


@pytest.mark.parametrize("text", ["2024-01-02", "2024/1/2", "20240102", "2024年1月2日"])
def test_days(text: str) -> None:
    assert one(text) == datetime.datetime(2024, 1, 1, 16, tzinfo=datetime.UTC)


def test_day_or_month_first_where_the_column_shows_it() -> None:
    assert one("02/01/2024 08:05", beside="13/01/2024") == EIGHT_FIVE
    assert one("01/02/2024 08:05", beside="01/13/2024") == EIGHT_FIVE
    assert one("02.01.2024 08:05", beside="02.01.2024") == EIGHT_FIVE
    assert one("01/02/2024 08:05") is None


@pytest.mark.parametrize("text", ["2024-02-30", "2024-01-01 25:00", "soon", "45292.33", "2024", "2024-1", "1/2/24", "８点"])
def test_what_is_no_time(text: str) -> None:
    read = read_times(pl.Series([text]), "Asia/Shanghai")
    assert read.times[0] is None and read.unreadable[0]


@pytest.mark.parametrize("text", [None, "", "  ", "NULL", "NaN", "N/A", "-", "无"])
def test_blanks(text: str | None) -> None:
    read = read_times(pl.Series([text], dtype=pl.String), "Asia/Shanghai")
    assert read.times[0] is None and not read.unreadable[0]


def test_skipped_and_doubled_hours() -> None:
    """Berlin skips two o'clock on 31 March 2024 and has it twice on 27 October."""
    read = read_times(pl.Series(["2024-03-31T02:30:00", "2024-10-27T02:30:00"]), "Europe/Berlin")
    assert read.times.to_list() == [
        datetime.datetime(2024, 3, 31, 1, 30, tzinfo=datetime.UTC),
        datetime.datetime(2024, 10, 27, 0, 30, tzinfo=datetime.UTC),
    ]
    assert read.moved.to_list() == [True, False]
    assert read.without_zone.to_list() == [True, True]


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),
            st.integers(-14 * 60, 14 * 60),
            st.booleans(),
        ),
        min_size=1,
    )
)
def test_as_python_reads_iso(moments: list[tuple[datetime.datetime, int, bool]]) -> None:
    """Zoned and not, all in one column."""
    written = [
        moment.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)) if zoned else None)
        for moment, minutes, zoned in moments
    ]
    read = read_times(pl.Series([one.isoformat() for one in written]), "UTC")
    expected = [one if one.tzinfo else one.replace(tzinfo=datetime.UTC) for one in written]
    assert read.times.to_list() == expected
    assert read.without_zone.to_list() == [one.tzinfo is None for one in written]


def test_zones() -> None:
    assert check_zone("UTC") == "UTC"
    with pytest.raises(InputError, match="Asia/Shanghai"):
        check_zone("Asia/Shanghi")
    with pytest.raises(InputError, match="Name one like"):
        check_zone("../../etc/passwd")
