"""Works that stand twice: found by DOI, or by title, year and first author."""

import pytest

from canbao.evidence.literature.duplicates import Duplicate, duplicates
from canbao.evidence.literature.works import Work


def work(key: str, title: str = "", year: str = "2020", author: str = "Li", doi: str = "") -> Work:
    return Work(key, (author,), year, title or key, "", None, (), doi)


@pytest.mark.parametrize(
    "other",
    [
        work("b", "Riders & their   insurance."),
        work("b", "RIDERS AND THEIR INSURANCE".replace("AND", "")),
        work("b", "Riders—their Insurance", author="LI"),
        work("b", "Ｒiders their insurance", author="Lí"),
    ],
)
def test_the_same_title_however_it_is_written(other: Work) -> None:
    assert duplicates([work("a", "Riders: their insurance"), other]) == (Duplicate("a", "b", "title"),)


@pytest.mark.parametrize(
    "other",
    [
        work("b", "Riders: their insurance", year="2021"),
        work("b", "Riders: their insurance", author="Wang"),
        work("b", "Riders: their insurances"),
    ],
)
def test_what_is_not_the_same(other: Work) -> None:
    assert duplicates([work("a", "Riders: their insurance"), other]) == ()


def test_a_doi_is_enough() -> None:
    assert duplicates([work("a", doi="10.1/x"), work("b", doi="10.1/x")]) == (Duplicate("a", "b", "doi"),)
    assert duplicates([work("a"), work("b")]) == ()


def test_chinese_titles() -> None:
    assert duplicates([work("a", "《灵活就业》研究", author="张三"), work("b", "灵活就业研究", author="张三")])


def test_three_of_one() -> None:
    found = duplicates([work("a", "X"), work("b", "x"), work("c", "x.")])
    assert [(one.first, one.second) for one in found] == [("a", "b"), ("a", "c")]
