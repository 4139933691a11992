"""Given cases, benefit by benefit: published sums, and what cannot be."""

from pathlib import Path

import polars as pl
import pytest

from canbao.cli import run
from canbao.errors import InputError
from canbao.injury import find_arrangement
from canbao.injury.calculation import benefits_of


def amounts(name: str, **given: object) -> dict[str, float]:
    columns = {"own_wage": 6000, "local_average_wage": 8000, **given}
    frame = pl.DataFrame({key: [value] for key, value in columns.items()})
    found = benefits_of(frame, [find_arrangement(name)])
    return {f"{row['benefit']} {row['payer']}": row["amount"] for row in found.iter_rows(named=True)}


PUBLISHED = {
    2013: 491_300, 2014: 539_100, 2018: 727_920, 2019: 785_020, 2022: 948_240, 2023: 985_660, 2024: 1_036_420,
    2025: 1_083_760, 2026: 1_130_040,
}  # fmt: skip


@pytest.mark.parametrize("year", PUBLISHED)
@pytest.mark.parametrize("name", ["wii-for-all", "pilot-2025", "single-branch"])
def test_death_benefits_of_every_year_are_the_published_ones(name: str, year: int) -> None:
    assert amounts(name, dies="yes", year=year)["death_lump fund"] == PUBLISHED[year]


@pytest.mark.parametrize(("grade", "months"), [*enumerate([27, 25, 23, 21, 18, 16, 13, 11, 9, 7], start=1)])
def test_lump_sums_are_the_law_s_months(grade: int, months: int) -> None:
    assert amounts("wii", relation="labour", disability_grade=grade)["disability_lump fund"] == months * 6000
    assert amounts("pilot-2025", disability_grade=grade)["disability_lump fund"] == months * 4800


def test_every_benefit_of_work_injury_insurance() -> None:
    grave = amounts("wii", relation="labour", disability_grade=1, days_off_work=73, treatment_cost=50_000)
    assert grave == {
        "treatment fund": 50_000, "off_work employer": 14_400, "disability_lump fund": 162_000,
        "disability_pension fund": 5400, "nursing fund": 4000,
    }  # fmt: skip
    death = amounts("wii", relation="labour", dies="yes", surviving_spouse="yes", other_dependants=3)
    assert death["survivors fund"] == 6000, "spouse and children together never more than the wage"


# What provinces pay on leaving, by grades 7 to 10: months of the local average wage (8,000), in Guangdong of one's own
# (6,000), in Jiangsu fixed sums; None where it was not found.
LEAVING = {
    "33": ([80_000, 56_000, 32_000, 16_000], [80_000, 56_000, 32_000, 16_000]),
    "Guangdong": ([36_000, 24_000, 12_000, 6_000], [150_000, 90_000, 48_000, 24_000]),
    "320000": ([120_000, 80_000, 50_000, 30_000], [45_000, 35_000, 25_000, 15_000]),
    "重庆": ([64_000, 48_000, 32_000, 16_000], [120_000, 96_000, 72_000, 48_000]),
    "37": ([104_000, 80_000, 56_000, 32_000], [160_000, 128_000, 96_000, 64_000]),
    "11": ([96_000, 72_000, 48_000, 24_000], [96_000, 72_000, 48_000, 24_000]),
    "42": ([None] * 4, [None] * 4),
    "61": ([None] * 4, [None] * 4),
    "": ([None] * 4, [None] * 4),
}


@pytest.mark.parametrize("province", LEAVING)
def test_lump_sums_on_leaving_are_the_province_s(province: str) -> None:
    for at, grade in enumerate(range(7, 11)):
        found = amounts("wii", relation="labour", disability_grade=grade, province=province)
        fund, employer = LEAVING[province]
        assert (found["leaving fund"], found["leaving employer"]) == (fund[at], employer[at])
    assert "leaving fund" not in amounts("wii", relation="labour", disability_grade=6, province=province)


def test_near_retirement_the_employer_pays_less_on_leaving() -> None:
    """Zhejiang cuts a fifth for each year inside the last five; the fund's part stays."""
    found = amounts("wii", relation="labour", disability_grade=7, province="33", age=58)
    assert found["leaving fund"] == 80_000
    assert found["leaving employer"] == pytest.approx(80_000 * (1 - 0.2 * 3))


def test_cases_of_several_years_keep_their_order() -> None:
    given = {"case": ["b", "a"], "own_wage": [1.0] * 2, "local_average_wage": [1.0] * 2, "dies": ["yes"] * 2}
    frame = pl.DataFrame({**given, "year": [2025, 2013]})
    found = benefits_of(frame, [find_arrangement("wii-for-all")])
    assert found["case"].unique(maintain_order=True).to_list() == ["b", "a"]
    assert found.filter(pl.col("benefit") == "death_lump")["amount"].to_list() == [1_083_760, 491_300]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("own_wage,local_average_wage,disability_grade\n6000,8000,11\n", "row 1, disability_grade"),
        ("own_wage,local_average_wage\nmuch,8000\n", "row 1, own_wage"),
        ("own_wage\n6000\n", "local_average_wage"),
        ("own_wge,local_average_wage\n6000,8000\n", "own_wage"),
        ("own_wage,local_average_wage,dies\n6000,8000,perhaps\n", "row 1, dies"),
        ("own_wage,local_average_wage,work\n6000,8000,rider\n", "row 1, work"),
        ("own_wage,local_average_wage,year\n6000,8000,1999\n", "row 1, year"),
        ("own_wage,local_average_wage,province\n6000,8000,Atlantis\n", "row 1, province"),
    ],
)
def test_cases_that_cannot_be_are_refused_with_row_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(text, encoding="utf-8")
    assert run(["calculate", str(path), "--arrangements", "wii"]) == 2
    assert expected in capsys.readouterr().err


def test_a_table_of_benefits_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("own_wage,local_average_wage,disability_grade\n6000,8000,10\n", encoding="utf-8")
    assert run(["calculate", str(path), "--arrangements", "pilot-2025,rider-policy", "--format", "csv"]) == 0
    said = capsys.readouterr().out
    assert "pilot-2025" in said and "33600" in said and "60000" in said


def test_an_arrangement_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="pilot-2025"):
        find_arrangement("pilot-2052")
