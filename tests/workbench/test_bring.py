"""From a file to the report in the browser, and what is refused on the way."""

import io
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from canbao.workbench.bring.brought import Brought
from canbao.workbench.project.place import data_folder

CSV = "person_id,sex,age,scheme,income_month\n" + "".join(
    f"{at},{'female' if at % 3 else 'male'},{20 + at % 40},{1 + at % 3},{3000 + 10 * at}\n" for at in range(1, 201)
)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    shutil.rmtree(data_folder() / "brought", ignore_errors=True)


def upload(browser: Any, content: bytes = CSV.encode(), name: str = "survey.csv", **more: str) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return browser.post("/en/bring/", {"survey": file, "title": "A survey", "fieldwork": "2025-10", **more})


def token_of(response: Any) -> str:
    return re.fullmatch(r"/en/bring/([0-9a-f]{32})/", response.url)[1]  # type: ignore[index]


def test_a_survey_becomes_a_study_and_a_report(browser: Any) -> None:
    token = token_of(upload(browser))
    page = browser.get(f"/en/bring/{token}/").content.decode()
    assert re.search(r'name="column:sex"[^>]*value="sex"', page)
    mapped = {f"column:{one}": one for one in ("person_id", "sex", "age", "income_month")} | {
        "column:scheme": "pension_scheme"
    }
    assert browser.post(f"/en/bring/{token}/", mapped).url.endswith("/values/")
    page = browser.get(f"/en/bring/{token}/values/").content.decode()
    assert re.search(r'name="value:sex:female".*?value="female" selected', page, re.S)
    meanings = {"value:sex:female": "female", "value:sex:male": "male"}
    meanings |= {"value:scheme:1": "employee", "value:scheme:2": "resident", "value:scheme:3": "none"}
    assert browser.post(f"/en/bring/{token}/values/", meanings).url.endswith("/design/")
    design = {"kind": "convenience", "focus": ["sex"], "law_date": "2025-12-01"}
    assert browser.post(f"/en/bring/{token}/design/", design).url.endswith("/result/")
    assert "The files are in order" in browser.get(f"/en/bring/{token}/result/").content.decode()
    browser.post(f"/en/bring/{token}/assess/")
    for _ in range(300):
        if "The report is ready" in (page := browser.get(f"/en/bring/{token}/result/").content.decode()):
            break
        assert "ended with faults" not in page
        time.sleep(1)
    report = b"".join(browser.get(f"/en/bring/{token}/report.zh.html").streaming_content)
    assert "职工养老保险".encode() in report
    browser.post(f"/en/bring/{token}/delete/")
    assert browser.get(f"/en/bring/{token}/").status_code == 404
    assert not (data_folder() / "brought" / token).exists()


def test_numbers_may_be_in_units_of_their_own(browser: Any) -> None:
    rows = "".join(f"{at},{20 + at},{1200 * at},{at}\n" for at in range(1, 40))
    token = token_of(upload(browser, f"person_id,age,income_month,willing_share\n{rows}".encode()))
    columns = ("person_id", "age", "income_month", "willing_share")
    browser.post(f"/en/bring/{token}/", {f"column:{one}": one for one in columns})
    page = browser.get(f"/en/bring/{token}/values/").content.decode()
    # A share of 37 can only be one in percent; money is left to the person.
    assert re.search(r'name="unit:willing_share">.*?<option value="percent" selected>per cent', page, re.S)
    assert re.search(r'name="unit:income_month"><option value="CNY/month" selected>', page)
    said = {"unit:income_month": "CNY/year", "unit:willing_share": "percent"}
    browser.post(f"/en/bring/{token}/values/", said)
    assert browser.post(f"/en/bring/{token}/design/", {"kind": "convenience"}).url.endswith("/result/")
    assert "The files are in order" in browser.get(f"/en/bring/{token}/result/").content.decode()
    table = Brought(token).write().table.frame
    assert table["income_month"].to_list()[:2] == [100.0, 200.0]
    assert table["willing_share"].to_list()[:2] == [0.01, 0.02]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "survey.csv", "data/survey.csv: This file holds no respondents"),
        (b"MZ\x00", "survey.exe", "cannot be read"),
        (b"not stata", "survey.dta", "damaged"),
        (b"PK\x03\x04", "survey.xlsx", "damaged"),
        (b"a,a\n1,2\n", "survey.csv", "twice"),
    ],
)
def test_files_that_cannot_be_read_stay_nowhere(browser: Any, content: bytes, name: str, said: str) -> None:
    response = upload(browser, content, name)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert str(data_folder()) not in response.content.decode()
    assert not list((data_folder() / "brought").glob("*"))


@pytest.mark.parametrize("token", ["0" * 32, "../../etc", "x" * 32, "0" * 31])
def test_an_address_that_nobody_gave_leads_nowhere(browser: Any, token: str) -> None:
    assert browser.get(f"/en/bring/{token}/").status_code == 404


def test_one_column_for_two_variables_is_refused(browser: Any) -> None:
    token = token_of(upload(browser))
    response = browser.post(f"/en/bring/{token}/", {"column:sex": "sex", "column:scheme": "sex"})
    assert response.status_code == 422
    assert "sex, scheme" in response.content.decode()


def test_names_from_a_file_are_only_text(browser: Any) -> None:
    token = token_of(upload(browser, b'"<script>alert(1)</script>",sex\n1,male\n2,female\n'))
    page = browser.get(f"/en/bring/{token}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_paths_in_a_files_name_go_nowhere(browser: Any) -> None:
    token = token_of(upload(browser, name="../../../evil.csv"))
    assert [path.name for path in (data_folder() / "brought" / token / "data").iterdir()] == ["survey.csv"]
