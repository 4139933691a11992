import pytest

from canbao.errors import InputError
from canbao.survey.sample_size import interviews_needed, sample_sizes


@pytest.mark.parametrize(
    ("share", "margin", "expected"),
    [(0.5, 0.05, 385), (0.5, 0.03, 1068), (0.5, 0.02, 2401), (0.3, 0.02, 2017)],  # textbook values (Cochran 1977)
)
def test_textbook_sizes(share: float, margin: float, expected: int) -> None:
    assert interviews_needed(share, margin) == (expected, expected)


def test_design_effect_response_and_population() -> None:
    assert interviews_needed(0.3, 0.02, deff=1.5) == (3026, 3026)
    assert interviews_needed(0.5, 0.05, response=0.5) == (385, 770)
    assert interviews_needed(0.5, 0.05, population=1000)[0] == 278


def test_groups_are_crossed_and_summed() -> None:
    table = sample_sizes({"sex": ["male", "female"], "migrant": ["yes", "no"]}, 0.3, 0.02, 1.5)
    assert table.rows()[0] == ("all", "all", 12104, 12104)
    assert table.height == 5
    assert set(table["interviews"][1:]) == {3026}


@pytest.mark.parametrize(
    "bad", [{"share": 0.0}, {"share": 1.2}, {"margin": 0.0}, {"deff": -1.0}, {"level": 1.0}, {"response": 0.0}]
)
def test_impossible_values(bad: dict[str, float]) -> None:
    with pytest.raises(InputError):
        interviews_needed(**({"share": 0.3, "margin": 0.02} | bad))
