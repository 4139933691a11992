"""Explore answers with the same estimates as the report, and protects the same cells."""

import html
import io
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from canbao.study import Study

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(SAMPLE)


def test_the_page_shows_the_estimate_of_the_command_line(browser: Any, study: Study) -> None:
    frame = study.estimate("pension_scheme")
    share = frame.filter(pl.col("category") == "employee")["estimate"].item()
    page = browser.get("/en/explore/", {"of": "pension_scheme"}).content.decode()
    assert f"{share:.1%}" in page
    assert "canbao estimate sample --of pension_scheme" in page


def test_a_download_is_the_estimate_unrounded(browser: Any, study: Study) -> None:
    question = {"of": "injury_cover", "by": ["sex"], "among": ["migrant:yes"]}
    frame = study.estimate("injury_cover", ["sex"], {"migrant": "yes"})
    for form, read in (("csv", pl.read_csv), ("json", pl.read_json)):
        content = browser.get(f"/en/explore/estimates.{form}", question).content
        got = read(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")))
        assert got["estimate"].to_list() == pytest.approx(frame["estimate"].to_list(), abs=1e-12)


def test_small_cells_stay_hidden(browser: Any) -> None:
    content = browser.get(
        "/en/explore/estimates.csv", {"of": "pension_scheme", "by": ["province", "platform_type"]}
    ).content
    got = pl.read_csv(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), null_values=[""])
    hidden = got.filter(pl.col("flag") == "suppressed")
    assert hidden.height > 0
    assert hidden["estimate"].null_count() == hidden.height
    assert got.filter(pl.col("n") < 30).is_empty()


@pytest.mark.parametrize(
    "question",
    [
        {"of": "nothing"},
        {"of": "pension_scheme", "by": ["income_month"]},
        {"of": "pension_scheme", "among": ["sex:other"]},
        {"of": "<script>alert(1)</script>"},
        {"of": "person_id"},
    ],
)
def test_a_question_that_cannot_be_answered_says_why(browser: Any, question: dict[str, Any]) -> None:
    response = browser.get("/en/explore/", question)
    assert response.status_code == 422
    assert "<script>alert" not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_part_of_the_page_is_enough_for_htmx(browser: Any) -> None:
    part = browser.get("/en/explore/", {"of": "sex"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Men" in part


def test_a_link_carries_data_and_law_and_says_when_they_changed(browser: Any) -> None:
    page = browser.get("/en/explore/", {"of": "sex"}).content.decode()
    link = re.search(r'href="(/en/explore/[^"]*data=([0-9a-f]{12})&amp;law=2021-06-30&amp;version=[^"]*)"', page)
    assert link
    again = html.unescape(link[1])
    assert "made under other data" not in browser.get(again).content.decode()
    assert "made under other data" in browser.get(again.replace(link[2], "0" * 12)).content.decode()


def test_the_definition_names_its_source(browser: Any) -> None:
    page = browser.get("/en/explore/", {"of": "pension_scheme"}).content.decode()
    assert "Source: Social security for workers in non-standard employment, fieldwork of 2021-06" in page
