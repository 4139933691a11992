"""Figures in the authors' text: filled from the estimates, in the form that is asked for."""

from pathlib import Path

import pytest

from canbao.chapters.authored import TextFile, Weaver
from canbao.chapters.document import Authored, Section
from canbao.chapters.estimates import Estimator
from canbao.errors import InputError
from canbao.languages import Words
from canbao.study import Study

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    study = Study(SAMPLE)
    return Estimator(study.designs, study.table.vocabulary)


def woven(estimator: Estimator, content: str, confirmed: dict[tuple[str, str], str] | None = None) -> str:
    text = TextFile(Path("text/en/pensions.md"), "en", "pensions", content)
    chapters = Weaver([text], estimator, confirmed or {}).weave([Section("pensions", Words.same("Pensions"))])
    block = chapters[0].blocks[0]
    assert isinstance(block, Authored)
    return block.markdown["en"]


def test_shares_means_medians_and_bases(estimator: Estimator) -> None:
    share = estimator.of("pension_scheme").at("none")
    assert woven(estimator, "{coverage.pension.none | percent}") == share.number("percent").text("en")
    assert woven(estimator, "{share.pension_scheme.none | decimal3}") == f"{share.estimate:.3f}"
    assert woven(estimator, "{mean.hours_week}") == f"{estimator.of('hours_week').at('mean').estimate:.1f}"
    assert woven(estimator, "{n} of {n, sex=female}") == "3,145 of 819"
    assert woven(estimator, "{coverage.unemployment}").endswith("%")


def test_domains_and_intervals(estimator: Estimator) -> None:
    women = estimator.of("pension_scheme", among={"sex": "female", "migrant": "yes"}).at("none")
    assert woven(estimator, "{coverage.pension.none, sex=female, migrant=yes}") == women.number("percent").text("en")
    assert " to " in woven(estimator, "{coverage.pension.none | interval}")


def test_braces_can_be_written(estimator: Estimator) -> None:
    assert woven(estimator, r"a \{set} of {n}") == r"a \{set} of 3,145"


def test_a_figure_that_moved_is_marked(estimator: Estimator) -> None:
    key = ("en/pensions.md", "n")
    assert woven(estimator, "{n}", {key: "3,145"}) == "3,145"
    assert "3,000" in woven(estimator, "{n}", {key: "3,000"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("one\ntwo {coverage.pension.nobody}", r"pensions\.md:2:5: .*nobody"),
        ("{covrage.pension.none}", "coverage"),
        ("{coverage.pensoin.none}", "pension"),
        ("{mean.hours}", "hours"),
        ("{n, sex}", "column=category"),
        ("{n | percentage}", "percent"),
        ("{coverage.pension.none, sex=woman}", "woman"),
    ],
)
def test_figures_that_cannot_be(estimator: Estimator, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        woven(estimator, content)
