"""Working days: against the notices, against NumPy, and a calendar of one's own."""

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.procedures.clocks import chinese_calendar, find_calendar, weekdays
from canbao.procedures.clocks.calendar import day_number

CHINA = chinese_calendar()
FIRST, LAST = datetime.date(2004, 1, 1), datetime.date(2026, 12, 31)
DAYS = st.dates(FIRST, LAST)


def numbers(*days: datetime.date) -> np.ndarray:
    return np.array([day_number(day) for day in days])


# --- what the notices say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "rest", "work"),
    [
        # 国办发明电〔2005〕35号, for 2006
        (2006, ["2006-01-02", "2006-01-03", "2006-02-03", "2006-05-05", "2006-10-06"], ["2005-12-31", "2006-01-28"]),
        # 国办发明电〔2006〕49号, for 2007
        (2007, ["2007-01-02", "2007-01-03", "2007-02-23", "2007-05-07", "2007-10-05"], ["2006-12-30", "2006-12-31"]),
        (2014, ["2014-01-31", "2014-02-06", "2014-04-07"], ["2014-01-26", "2014-02-08", "2014-05-04", "2014-10-11"]),
        (2026, ["2026-01-02", "2026-02-23", "2026-06-19"], ["2026-01-04", "2026-02-14", "2026-02-28", "2026-10-10"]),
    ],
)
def test_days_of_the_yearly_notices(year: int, rest: list[str], work: list[str]) -> None:
    assert not any(CHINA.is_working(datetime.date.fromisoformat(day)) for day in rest), year
    assert all(CHINA.is_working(datetime.date.fromisoformat(day)) for day in work), year


def test_the_spring_festival_of_2020_was_lengthened() -> None:
    assert not CHINA.is_working(datetime.date(2020, 1, 31))
    assert not CHINA.is_working(datetime.date(2020, 2, 1))
    assert CHINA.is_working(datetime.date(2020, 2, 3))


@pytest.mark.parametrize(("year", "days"), [(2019, 250), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248)])
def test_working_days_of_a_year(year: int, days: int) -> None:
    """As calendars of those years print them."""
    before, last = numbers(datetime.date(year - 1, 12, 31), datetime.date(year, 12, 31))
    assert CHINA.count(np.array([before]), np.array([last]), "working_days")[0] == days


# --- NumPy ----------------------------------------------------------------------------------------------------------------

HOLIDAYS = np.array([day for day, is_working in CHINA.differs if not is_working], dtype="datetime64[D]")
WORKED = np.array([day for day, is_working in CHINA.differs if is_working and day.weekday() >= 5], dtype="datetime64[D]")


@given(DAYS, DAYS)
def test_counts_agree_with_numpy_and_the_weekends_worked(start: datetime.date, stop: datetime.date) -> None:
    first, last = sorted((start, stop))
    ours = CHINA.count(numbers(first), numbers(last), "working_days")[0]
    one = np.timedelta64(1, "D")
    theirs = np.busday_count(np.datetime64(first) + one, np.datetime64(last) + one, holidays=HOLIDAYS)
    assert ours == theirs + np.count_nonzero(
        (WORKED - np.datetime64(first) > 0 * one) & (WORKED - np.datetime64(last) <= 0 * one)
    )
    assert CHINA.count(numbers(last), numbers(first), "working_days")[0] == -ours


@given(DAYS, st.integers(0, 200))
def test_the_last_day_is_a_working_day_and_the_count_gives_the_length(start: datetime.date, length: int) -> None:
    (last,) = CHINA.add(numbers(start), np.array([length]), "working_days")
    assert CHINA.count(numbers(start), np.array([last]), "working_days")[0] == length
    if length:
        assert CHINA.count(np.array([last - 1]), np.array([last]), "working_days")[0] == 1
    else:
        assert last == day_number(start)


@given(DAYS, st.integers(0, 200))
def test_weekdays_agree_with_numpy(start: datetime.date, length: int) -> None:
    (last,) = weekdays().add(numbers(start), np.array([length]), "working_days")
    theirs = np.busday_offset(np.datetime64(start), length, roll="preceding") if length else np.datetime64(start)
    assert np.datetime64(int(last), "D") == theirs


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-03-15", 12, "2024-03-15"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2024-05-01", 0, "2024-05-01"),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: str, months: int, last: str) -> None:
    made = CHINA.add(numbers(datetime.date.fromisoformat(start)), np.array([months]), "months")
    assert made[0] == day_number(datetime.date.fromisoformat(last))


def test_years_that_are_not_known_are_said() -> None:
    start = numbers(datetime.date(2026, 12, 1), datetime.date(2026, 12, 31), datetime.date(2003, 12, 31))
    stop = numbers(datetime.date(2026, 12, 31), datetime.date(2027, 1, 1), datetime.date(2004, 1, 2))
    assert CHINA.knows(start, stop).tolist() == [True, False, False]
    assert weekdays().knows(start, stop).all()


# --- a calendar of one's own ----------------------------------------------------------------------------------------------


def test_a_calendar_of_one_s_own_adds_a_year(tmp_path: Path) -> None:
    (tmp_path / "next.yaml").write_text(
        "extends: cn\nholidays: [2027-01-01, 2027-02-05..2027-02-11]\nworkdays: [2027-02-13]\n", encoding="utf-8"
    )
    own = find_calendar("next.yaml", tmp_path)
    assert not own.is_working(datetime.date(2027, 2, 8))
    assert own.is_working(datetime.date(2027, 2, 13))
    assert own.is_working(datetime.date(2024, 2, 18))
    assert own.knows(numbers(datetime.date(2026, 1, 1)), numbers(datetime.date(2027, 12, 31)))[0]
    assert not own.knows(numbers(datetime.date(2027, 1, 1)), numbers(datetime.date(2028, 1, 1)))[0]


def test_every_day_counts_in_the_calendar_of_days() -> None:
    every = find_calendar("calendar_days", Path())
    assert every.count(numbers(FIRST), numbers(LAST), "working_days")[0] == (LAST - FIRST).days


def test_faults_of_a_calendar_come_together_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "years: [1200]\nholidays:\n  - 2027-02-30\n  - 2027-05-05..2027-05-01\n  - 2027-10-01\nworkdays:\n  - 2027-10-01\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as raised:
        find_calendar("own.yaml", tmp_path)
    assert sorted(fault.place.line for fault in raised.value.faults) == [1, 3, 4, 7]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "neither days nor years"),
        ("holidays: [yesterday]\n", "neither a day nor a span"),
        ("holidays: [2000-01-01..2020-01-01]\n", "neither a day nor a span"),
        ("holiday: [2027-01-01]\n", "Did you mean holidays"),
        ("extends: us\nyears: [2027]\n", "extends cannot be"),
        ("workdays: 2027-01-01\n", "a list is needed"),
    ],
)
def test_what_is_no_calendar(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "own.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        find_calendar("own.yaml", tmp_path)


@pytest.mark.parametrize("name", ["China", "week_days", ""])
def test_a_calendar_that_nobody_knows(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no calendar"):
        find_calendar(name, tmp_path)
