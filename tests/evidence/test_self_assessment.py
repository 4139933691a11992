"""The self-assessment: every question can be asked, figures are judged by their lines, people's answers come first."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.evidence.self_assessment import SurveyMeasure, areas, judged, read_answers
from canbao.workers import vocabulary

CRITERIA = {one.key: one for area in areas().values() for one in area.criteria}


def test_there_are_six_areas_and_each_has_questions() -> None:
    assert list(areas()) == [f"A.{number}" for number in range(1, 7)]
    assert all(area.criteria for area in areas().values())
    for area, found in areas().items():
        assert [one.key for one in found.criteria] == [f"{area}.{at}" for at in range(1, len(found.criteria) + 1)]


@pytest.mark.parametrize("key", CRITERIA)
def test_every_figure_that_is_asked_for_exists(key: str) -> None:
    measure = CRITERIA[key].survey
    if measure is None:
        return
    column = vocabulary()[measure.of]
    assert (measure.category is None) == (measure.at_least is not None or measure.statistic == "median")
    if measure.category is not None:
        assert measure.category in column.categories
    for name, wanted in measure.among.items():
        assert set([wanted] if isinstance(wanted, str) else wanted) <= set(vocabulary()[name].categories)


@pytest.mark.parametrize("key", CRITERIA)
def test_lines_stand_in_the_right_order(key: str) -> None:
    for measure in (CRITERIA[key].survey, CRITERIA[key].log):
        if measure is not None:
            better = measure.good >= measure.fair if measure.better == "higher" else measure.good <= measure.fair
            assert better


def test_figures_are_judged_by_their_lines() -> None:
    more = SurveyMeasure(of="aware", category="yes", good=0.75, fair=0.5)
    assert [judged(more, value) for value in (0.8, 0.75, 0.6, 0.5, 0.49)] == ["met", "met", "partly", "partly", "not_met"]
    fewer = SurveyMeasure(of="visits", at_least=2, better="lower", good=0.1, fair=0.4)
    assert [judged(fewer, value) for value in (0.0, 0.1, 0.3, 0.4, 0.5)] == ["met", "met", "partly", "partly", "not_met"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_is_better_is_never_judged_worse(one: float, other: float) -> None:
    order = ["not_met", "partly", "met"]
    more = SurveyMeasure(of="aware", category="yes", good=0.75, fair=0.5)
    low, high = sorted((one, other))
    assert order.index(judged(more, low)) <= order.index(judged(more, high))


def answers(folder: Path, text: str) -> Path:
    (folder / "evidence").mkdir()
    (folder / "evidence" / "self-assessment.yaml").write_text(text, encoding="utf-8")
    return folder


def test_people_s_answers(tmp_path: Path) -> None:
    folder = answers(
        tmp_path, "answers:\n  A.2.2: {verdict: partly, why: {en: Quarterly, zh: 按季}, by: Bureau, on: 2026-05}\n"
    )
    assert read_answers(folder)["A.2.2"].verdict == "partly"
    assert read_answers(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("answers:\n  A.2.9: {verdict: met}\n", "no question A.2.9"),
        ("answers:\n  A.2.2: {verdict: perhaps}\n", "perhaps"),
        ("answers:\n  A.2.2: {why: good}\n", "why"),
        ("answer:\n  A.2.2: {verdict: met}\n", "Did you mean answers"),
        ("answers: [A.2.2]\n", "answers"),
    ],
)
def test_answers_that_cannot_be(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_answers(answers(tmp_path, text))
    assert said in str(caught.value)
    assert "self-assessment.yaml:" in str(caught.value)


def test_a_new_study_has_a_file_to_fill_in() -> None:
    from importlib import resources

    assert read_answers(Path(str(resources.files("canbao").joinpath("new_study")))) == {}
