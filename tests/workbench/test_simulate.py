"""The levers make the reform that its file would, and the answer is that of the simulator."""

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

    asked = "levy_per_order=0.2&base_floor=0.4&open_to_all=1&minimum_months=120"
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
