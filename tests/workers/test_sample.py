"""The synthetic survey: its margins hold, its dependence has the published signs, and its file is what it says."""

from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from canbao.cli.preparing import STATA_DAY
from canbao.errors import InputError
from canbao.workers.sample import SEED, make_sample, sample_parameters
from canbao.workers.sample_file import questionnaire

STUDY = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    return make_sample()


def share(frame: pl.DataFrame, holds: pl.Expr) -> float:
    return float(frame.select((holds * pl.col("weight")).sum() / pl.col("weight").sum()).item())


def test_size_and_platform_share_are_exact(sample: pl.DataFrame) -> None:
    assert sample.height == 3145
    assert (sample["platform_worker"] == "yes").sum() == 2202  # 70 %, rounded half up


MARGINS = {
    "pension_employer": (pl.col("pension_scheme_first") == "employee", None),
    "pension_none": (pl.col("pension_scheme") == "none", None),
    "pension_flexible": (pl.col("pension_scheme_first") == "flexible", None),
    "medical_employer_platform": (pl.col("medical_scheme") == "employee", "yes"),
    "medical_resident_platform": (pl.col("medical_scheme") == "resident", "yes"),
    "medical_employer_other": (pl.col("medical_scheme") == "employee", "no"),
    "injury_employer": (pl.col("injury_cover") == "employer", None),
    "injury_pilot": (pl.col("injury_cover") == "pilot", None),
    "unemployment": (pl.col("unemployment_cover") == "yes", None),
    "contract_platform": (pl.col("contract") == "labour", "yes"),
    "contract_other": (pl.col("contract") == "labour", "no"),
    "hukou_agricultural": (pl.col("hukou") == "agricultural", None),
    "aware": (pl.col("aware") == "yes", None),
    "willing_nothing": (pl.col("willing_percent") == 0, None),
}


@pytest.mark.parametrize("name", MARGINS)
def test_margins_hold(sample: pl.DataFrame, name: str) -> None:
    holds, platform = MARGINS[name]
    group = sample if platform is None else sample.filter(pl.col("platform_worker") == platform)
    assert share(group, holds) == pytest.approx(sample_parameters().margins[name].value, abs=0.012)


EMPLOYER = pl.col("pension_scheme_first") == "employee"
LOCAL, ELSEWHERE = (pl.col("hukou_locality") == place for place in ("local", "other_province"))
DIRECTIONS = {
    "a contract opens the employer's door": (EMPLOYER, pl.col("contract") == "labour", pl.col("contract") == "none", 0.30),
    "urban registration": (EMPLOYER, pl.col("hukou") == "non_agricultural", pl.col("hukou") == "agricultural", 0.05),
    "education": (EMPLOYER, pl.col("education") == "degree", pl.col("education") == "primary", 0.10),
    "local registration for joining alone": (
        pl.col("pension_scheme_first") == "flexible", LOCAL, ELSEWHERE, 0.02,
    ),
    "the young stay out of medical insurance": (
        pl.col("medical_scheme") == "none", pl.col("birth_year") > 1996, pl.col("birth_year") < 1975, 0.10,
    ),
    "migrants from other provinces too": (
        pl.col("medical_scheme") == "none", ELSEWHERE, LOCAL, 0.04,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRECTIONS)
def test_dependence_has_the_published_directions(sample: pl.DataFrame, name: str) -> None:
    outcome, more, less, least = DIRECTIONS[name]
    assert share(sample.filter(more), outcome) - share(sample.filter(less), outcome) > least


def test_nobody_lacks_the_local_registration_that_they_have(sample: pl.DataFrame) -> None:
    asked_of = pl.any_horizontal("reason_hukou", "refused_hukou", "refused_residence_permit")
    assert sample.filter(asked_of)["hukou_locality"].unique().sort().to_list() == ["other_province", "same_province"]


def test_the_file_in_the_tree_is_made_from_the_seed(sample: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "survey.dta"
    questionnaire(sample).write_stata(path, STATA_DAY)
    assert path.read_bytes() == (STUDY / "data" / "survey.dta").read_bytes()


def test_another_seed_gives_other_workers() -> None:
    assert not make_sample(SEED + 1, 600).equals(make_sample(SEED + 2, 600))


def test_the_file_has_chinese_labels_and_missing_codes(tmp_path: Path) -> None:
    path = tmp_path / "调查.dta"
    questionnaire(make_sample(3, 500)).write_stata(path, STATA_DAY)
    frame, meta = pyreadstat.read_dta(str(path), output_format="polars")
    assert "合成数据" in meta.file_label
    assert meta.column_names_to_labels["a1"] == "性别"
    assert meta.variable_value_labels["a1"] == {1: "男", 2: "女"}
    assert {-8, -9} & set(frame["b9"].drop_nulls().to_list())


def test_margins_move_within_their_ranges_only() -> None:
    moved = sample_parameters().with_margins({"medical_resident_platform": 0.85})
    sample = make_sample(1, 1500, moved).filter(pl.col("platform_worker") == "yes")
    assert share(sample, pl.col("medical_scheme") == "resident") == pytest.approx(0.85, abs=0.02)
    with pytest.raises(InputError, match=r"0\.25 and 0\.29"):
        sample_parameters().with_margins({"pension_employer": 0.5})
    with pytest.raises(InputError, match="pension_employer"):
        sample_parameters().with_margins({"pension_employr": 0.27})


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(InputError, match="192"):
        make_sample(1, 100)


def test_every_margin_names_its_source() -> None:
    for name, margin in sample_parameters().margins.items():
        assert margin.source, name
        assert margin.range[0] <= margin.value <= margin.range[1], name
        assert margin.confidence != "D" or margin.scenario, f"{name}: an assumption must be a scenario"
