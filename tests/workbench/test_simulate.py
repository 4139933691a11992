"""The levers make the reform that its file would, and the answer is that of the simulator."""

import datetime
import io
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from canbao.reforms import BASELINE
from canbao.reforms.reform import read_reform
from canbao.study import Study

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


def test_the_law_as_it_stands_moves_nothing(browser: Any) -> None:
    page = browser.get("/en/simulate/").content.decode()
    assert "All levers stand where the law has them" in page


def test_a_levers_reform_is_that_of_its_file(browser: Any, tmp_path: Path) -> None:
    from canbao.workbench.simulate.levers import positions

    asked = "levy_per_order=0.2&base_floor=0.4&information=1&minimum_months=120"
    path = tmp_path / "reform.yaml"
    path.write_bytes(browser.get(f"/en/simulate/reform.yaml?{asked}").content)
    assert read_reform(path, SAMPLE, 2021).settings == positions(QueryDict(asked)).reform().settings


def test_the_answer_is_the_simulators(browser: Any) -> None:
    from canbao.workbench.simulate.levers import positions

    asked = "levy_per_order=0.2"
    simulator = Study(SAMPLE).simulator(("platform_worker", "sex", "migrant"))
    frame = simulator.compare(positions(QueryDict(asked)).reform(), BASELINE).frame([2045])
    row = frame.row(0, named=True)
    assert row["indicator"] == "employees_scheme"
    page = browser.get(f"/en/simulate/?{asked}&year=2045").content.decode()
    assert f"{row['difference'] * 100:+.1f} points" in page
    assert f"{row['baseline']:.1%}" in page


@pytest.mark.parametrize(
    "asked", ["levy_per_order=9", "levy_per_order=nan", "levy_per_order=x", "levy_per_order=-1", "other=1", "year=1066"]
)
def test_positions_beyond_the_limits_are_not_taken(browser: Any, asked: str) -> None:
    page = browser.get(f"/en/simulate/?{asked}")
    assert page.status_code == 200
    assert "All levers stand where the law has them" in page.content.decode()


def test_levers_stand_where_the_law_has_them() -> None:
    from canbao.careers import carried_parameters
    from canbao.engine.parameters import FIRST_YEAR
    from canbao.workbench.simulate.levers import STARTS, levers

    carried, year = carried_parameters(), int(STARTS[:4]) - FIRST_YEAR

    def figure(name: str, place: str = "42") -> float:
        parameter = carried[name]
        return float(parameter.yearly[parameter.places.numbers[place], year])

    assert levers()["employer_rate"].stands == figure("employer_pension_rate")
    assert levers()["levy_per_order"].stands == figure("levy_per_order") == 0
    assert levers()["match_share"].stands == figure("match_share") == 0
    dated = next(iter(carried["minimum_contribution_months_by_year"].entry.values.values()))
    assert levers()["minimum_months"].stands == max((next(iter(dated.values())).table or {}).values())
    assert levers()["base_floor"].stands == pytest.approx(
        figure("base_floor") / figure("contribution_reference_wage"), abs=0.02
    )


# --- assumptions, injury protection, the report's own tables --------------------------------------------------------------

LEVY = "levy_per_order=0.2"


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(SAMPLE)


def test_assumptions_hold_in_both_laws(browser: Any, study: Study) -> None:
    from canbao.reforms import assumed
    from canbao.workbench.simulate.levers import positions

    asked = "match_share=0.5&price_response=high&flexible_months_share=low"
    ends = {"price_response": "high", "flexible_months_share": "low"}
    simulator = study.simulator(("platform_worker", "sex", "migrant")).assuming(assumed(ends))
    reform = positions(QueryDict(asked)).reform()
    row = simulator.compare(reform, BASELINE).frame([2045]).row(0, named=True)
    central = (
        study.simulator(("platform_worker", "sex", "migrant")).compare(reform, BASELINE).frame([2045]).row(0, named=True)
    )
    assert row["baseline"] != central["baseline"]
    assert row["difference"] > central["difference"] + 0.005
    page = browser.get(f"/en/simulate/?{asked}&year=2045").content.decode()
    assert f"{row['difference'] * 100:+.1f} points" in page
    assert "--assume price_response=high --assume flexible_months_share=low" in page


def test_the_command_line_assumes_the_same(study: Study, browser: Any, tmp_path: Path) -> None:
    asked = "match_share=0.5&price_response=high"
    path = tmp_path / "reform.yaml"
    path.write_bytes(browser.get(f"/en/simulate/reform.yaml?{asked}").content)
    made = study.simulate([str(path)], years=[2045], assuming={"price_response": "high"}).frame.row(0, named=True)
    page = browser.get(f"/en/simulate/?{asked}&year=2045").content.decode()
    assert f"{made['difference'] * 100:+.1f} points" in page


@pytest.mark.parametrize("wrong", ["price_response=most", "price_response=1e9", "nothing=low"])
def test_assumptions_beyond_their_span_are_refused(wrong: str) -> None:
    from canbao.errors import InputError
    from canbao.reforms import assumed

    name, _, level = wrong.partition("=")
    with pytest.raises(InputError):
        assumed({name: level})


def test_winners_fund_and_platforms_are_the_reports(browser: Any, study: Study) -> None:
    from canbao.chapters.options import fund_by_year, platforms, winners
    from canbao.workbench.pages.page import printed
    from canbao.workbench.simulate.levers import positions
    from canbao.workbench.simulate.simulators import findings_of

    simulator = study.simulator(("platform_worker", "sex", "migrant"))
    findings = findings_of(study, simulator, [positions(QueryDict(LEVY)).reform()])
    page = browser.get(f"/zh/simulate/?{LEVY}&year=2060").content.decode()
    for blocks in (winners(findings), fund_by_year(findings), platforms(findings, 2060)):
        table = str(printed([blocks[-1]], "zh"))
        cells = [part.split("</table>")[0] for part in table.split("<tbody>")[1:]]
        assert cells
        assert all(part in page for part in cells)


def test_the_fund_is_drawn_as_what_an_option_changes(study: Study) -> None:
    from canbao.chapters.document import Curves, Figure
    from canbao.chapters.options import fund_by_year
    from canbao.reforms import BASELINE, fund_balance
    from canbao.workbench.simulate.levers import positions
    from canbao.workbench.simulate.simulators import findings_of

    simulator = study.simulator(("platform_worker", "sex", "migrant"))
    reform = positions(QueryDict(LEVY)).reform()
    figure = next(one for one in fund_by_year(findings_of(study, simulator, [reform])) if isinstance(one, Figure))
    law, changed = simulator.outcome(BASELINE), simulator.outcome(reform)
    expected = fund_balance(changed) / changed.total("working_age") - fund_balance(law) / law.total("working_age")
    assert isinstance(figure.chart, Curves) and len(figure.chart.values) == 1
    drawn = [point.value for point in figure.chart.values[0]]
    assert drawn == pytest.approx(list(expected)) and max(map(abs, drawn)) > 1


def test_injury_protection_is_priced_by_the_reports_code(browser: Any, study: Study) -> None:
    from canbao.chapters.protection import cases_of
    from canbao.injury import compare, find_arrangement
    from canbao.workbench.simulate.simulators import findings_of

    cases = cases_of(findings_of(study, study.simulator(("platform_worker", "sex", "migrant")), []))
    before, after = (compare([find_arrangement(name)], cases) for name in ("pilot-2025", "single-branch"))
    page = browser.get("/en/simulate/?injury=single-branch").content.decode()
    assert f"covers {(after.loss_covered - before.loss_covered) * 100:+.1f} points of the losses more" in page
    assert "canbao injury sample --compare pilot-2025,single-branch" in page


def test_while_a_lever_moves_what_is_seen_first_comes_first(browser: Any) -> None:
    part = browser.get(f"/en/simulate/?{LEVY}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Coverage in 2045, step by step" in part
    assert "Winners and losers</h3>" not in part
    assert 'id="told" role="status"' in part
    more = browser.get(f"/en/simulate/?{LEVY}&part=more", headers={"HX-Request": "true"}).content.decode()
    assert "Winners and losers</h3>" in more


# --- saved scenarios ------------------------------------------------------------------------------------------------------


@pytest.fixture
def clean() -> Iterator[None]:
    yield
    from canbao.workbench.simulate.models import Scenario

    Scenario.objects.all().delete()


def saved(browser: Any, title: str = "Twenty cents", **levers: str) -> str:
    response = browser.post("/en/simulate/save/", {"title": title, **(levers or {"levy_per_order": "0.2"})})
    return re.fullmatch(r"/en/simulate/saved/([0-9a-f]{32})/", response.url)[1]  # type: ignore[index]


@pytest.mark.usefixtures("clean")
def test_a_saved_scenario_comes_back_under_its_address_only(browser: Any) -> None:
    from canbao.workbench.simulate.models import Scenario

    token = saved(browser, "<b>Twenty</b> cents", levy_per_order="0.2", price_response="low", year="2060")
    page = browser.get(f"/zh/simulate/saved/{token}/").content.decode()
    assert "&lt;b&gt;Twenty&lt;/b&gt; cents" in page
    assert "2060年的变化" in page
    assert f"/zh/simulate/saved/{token}/" in page
    kept = Scenario.objects.get()
    assert {field.name for field in kept._meta.fields} == {
        *("token", "title", "question", "data", "law", "version", "saved", "opened")
    }
    assert kept.law == Study(SAMPLE).settings.law_date
    for other in ("0" * 32, token.upper(), token[:-1], "../secret"):
        assert browser.get(f"/en/simulate/saved/{other}/").status_code == 404


@pytest.mark.usefixtures("clean")
def test_a_scenario_that_nobody_opens_is_deleted_in_time(browser: Any) -> None:
    from canbao.workbench.simulate.models import Scenario
    from canbao.workbench.simulate.scenarios import expire

    opened, forgotten = saved(browser, "Opened"), saved(browser, "Forgotten")
    today = datetime.date.today()
    for days_ago, left in ((30, {opened, forgotten}), (31, {opened})):
        Scenario.objects.update(
            saved=today - datetime.timedelta(days=365), opened=today - datetime.timedelta(days=days_ago)
        )
        assert (
            "deleted when nobody has opened it for 180 days"
            in browser.get(f"/en/simulate/saved/{opened}/").content.decode()
        )
        expire(30)
        assert set(Scenario.objects.values_list("token", flat=True)) == left


@pytest.mark.usefixtures("clean")
def test_what_was_saved_under_other_data_says_so(browser: Any) -> None:
    from canbao.workbench.simulate.models import Scenario

    token = saved(browser)
    assert "made under other data" not in browser.get(f"/en/simulate/saved/{token}/").content.decode()
    Scenario.objects.update(data="0" * 12)
    assert "made under other data" in browser.get(f"/en/simulate/saved/{token}/").content.decode()


@pytest.mark.usefixtures("clean")
def test_nothing_and_namelessness_are_not_saved(browser: Any) -> None:
    for posted in ({"title": "Law"}, {"title": " ", "levy_per_order": "0.2"}, {"levy_per_order": "0.2"}):
        assert browser.post("/en/simulate/save/", posted).status_code == 422


@pytest.mark.usefixtures("clean")
def test_a_saved_file_is_a_reform_of_its_title(browser: Any, tmp_path: Path) -> None:
    from canbao.workbench.simulate.levers import positions

    token = saved(browser, "Twenty: cents #1")
    path = tmp_path / "reform.yaml"
    path.write_bytes(browser.get(f"/en/simulate/saved/{token}/reform.yaml").content)
    read = read_reform(path, SAMPLE, 2021)
    assert read.title.zh == "Twenty: cents #1"
    assert read.settings == positions(QueryDict(LEVY)).reform().settings


@pytest.mark.usefixtures("clean")
def test_scenarios_stand_side_by_side_with_reforms(browser: Any, study: Study) -> None:
    from canbao.reforms import find_reform

    token = saved(browser)
    page = browser.get(f"/en/simulate/compare/?with={token}&with=matching&year=2060").content.decode()
    simulator = study.simulator(("platform_worker", "sex", "migrant"))
    row = simulator.compare(find_reform("matching", SAMPLE, 2021)).frame([2060]).row(0, named=True)
    assert f">{row['difference'] * 100:.1f}" in page
    assert "Twenty cents" in page
    assert "The state pays a third" in page
    made = browser.post("/en/simulate/save/", {"title": "Third", "base_floor": "0.4", "with": [token, "matching"]})
    assert re.fullmatch(rf"/en/simulate/compare/\?with={token}&with=matching&with=[0-9a-f]{{32}}", made.url)


@pytest.mark.parametrize("names", ["nothing", "../../../etc/passwd", "0" * 32, "reforms/x.yaml", "<script>"])
def test_what_nobody_saved_is_not_compared(browser: Any, names: str) -> None:
    response = browser.get("/en/simulate/compare/", {"with": names})
    assert response.status_code == 422
    assert "<script>" not in response.content.decode().split("</head>")[1]


def test_five_are_too_many(browser: Any) -> None:
    five = ["matching", "order_levy", "default_in", "lower_floor", "care_credit"]
    assert browser.get("/en/simulate/compare/", {"with": five}).status_code == 422


@pytest.mark.usefixtures("clean")
def test_a_scenario_goes_into_a_brought_studys_report(browser: Any, monkeypatch: Any) -> None:
    from canbao.workbench.bring.brought import Brought

    begun: list[Brought] = []
    monkeypatch.setattr(Brought, "start", lambda self: begun.append(self))
    file = io.BytesIO((SAMPLE / "data" / "survey.dta").read_bytes())
    file.name = "survey.dta"
    upload = browser.post("/en/bring/", {"survey": file, "title": "A survey", "fieldwork": "2025-10"})
    brought = Brought(upload.url.split("/")[-2])
    brought.note({"columns": {"sex": "sex"}, "values": {}})
    token = saved(browser)
    try:
        address = f"http://localhost/en/bring/{brought.token}/result/"
        response = browser.post(f"/en/simulate/saved/{token}/report/", {"study": address})
        assert response.url == f"/en/bring/{brought.token}/result/"
        made = Study(brought.folder)
        assert [one.name for one in made.reforms] == [f"scenario_{token[:8]}"]
        assert len(begun) == 1
        other = saved(browser, "Another", base_floor="0.4")
        assert browser.post(f"/en/bring/{brought.token}/reform/", {"scenario": f"x/{other}/"}).status_code == 302
        assert len(Study(brought.folder).reforms) == 2
        for wrong in ("", "0" * 32):
            assert browser.post(f"/en/simulate/saved/{token}/report/", {"study": wrong}).status_code == 422
            assert browser.post(f"/en/bring/{brought.token}/reform/", {"scenario": wrong}).status_code == 422
    finally:
        brought.delete()


# --- many workers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: Any) -> Iterator[None]:
    from canbao.workbench.background import at_work
    from canbao.workbench.project.place import data_folder
    from canbao.workbench.simulate import many

    monkeypatch.setattr(many, "SIZES", (3000,))
    yield
    for one in at_work:
        one.wait(60)
    shutil.rmtree(data_folder() / "runs", ignore_errors=True)


@pytest.mark.usefixtures("few")
def test_a_run_of_drawn_workers_is_kept_by_what_it_rests_on(browser: Any, study: Study) -> None:
    from canbao.workbench.simulate.levers import positions

    response = browser.post("/en/simulate/run/", {"levy_per_order": "0.2", "workers": "3000"})
    address = response.url.split("?")[0]
    other = browser.post("/en/simulate/run/", {"levy_per_order": "0.4", "workers": "3000"})
    assert other.status_code == 422
    assert "Another run is at work" in other.content.decode()
    for _ in range(240):
        page = browser.get(address).content.decode()
        if "Working" not in page:
            break
        time.sleep(1)
    assert browser.post("/en/simulate/run/", {"levy_per_order": "0.2", "workers": "3000"}).url.split("?")[0] == address
    simulator = study.simulator(("platform_worker", "sex", "migrant"), 3000)
    row = simulator.compare(positions(QueryDict(LEVY)).reform()).frame([2045]).row(0, named=True)
    assert f"{row['difference'] * 100:+.1f} points" in page
    assert "What supports the employees" in page
    assert "2060年的变化" in browser.get(address.replace("/en/", "/zh/") + "?year=2060").content.decode()


@pytest.mark.usefixtures("few")
def test_a_run_can_be_cancelled(browser: Any) -> None:
    address = browser.post("/en/simulate/run/", {"levy_per_order": "0.6", "workers": "3000"}).url.split("?")[0]
    assert browser.post(f"{address}cancel/").url == address
    for _ in range(120):
        page = browser.get(address).content.decode()
        if "Working" not in page:
            break
        time.sleep(1)
    assert "It was cancelled" in page
    assert "Begin anew" in page


def test_a_run_that_nobody_began_is_not_found(browser: Any) -> None:
    for key in ("0" * 32, "x", "../brought"):
        assert browser.get(f"/en/simulate/run/{key}/").status_code == 404
    assert browser.post("/en/simulate/run/", {"workers": "100000"}).status_code == 422
