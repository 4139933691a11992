"""The calculator says what `canbao calculate` says, and keeps nothing."""

from typing import Any

import pytest

from canbao.careers import law_with_older_figures
from canbao.law import calculate

ASKED = {
    "province": "42", "birth_month": "1990-01", "sex": "male", "hukou_locality": "other_province", "relation": "incomplete",
    "sector": "instant_delivery", "orders_month": "900", "own_wage": "6000", "years_paid": "0", "elsewhere": "31",
    "stops": "", "earlier": "",
}  # fmt: skip


def test_a_riders_premium_and_access(browser: Any) -> None:
    page = browser.post("/en/calculate/", ASKED).content.decode()
    assert "63.00 yuan a month" in page  # 900 orders at 0.07
    assert "because: takes platform orders" in page
    assert "Shanghai" in page


def test_the_pension_is_the_laws(browser: Any) -> None:
    from canbao.workbench.calculate.worker import case_of

    case = case_of(ASKED, ["pension"])
    pension = calculate(case, "pension")["pension"].item()
    assert f"{pension:,.2f} yuan a month" in browser.post("/en/calculate/", ASKED).content.decode()


def test_every_number_opens_into_its_steps(browser: Any) -> None:
    page = browser.post("/zh/calculate/steps/here/order_premium_month/", ASKED).content.decode()
    assert "0.07" in page
    assert "人社部发〔2025〕24号" in page


def test_nothing_is_stored(browser: Any) -> None:
    from django.db import connection

    def sessions() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from django_session")
            return int(cursor.fetchone()[0])

    before = sessions()
    response = browser.post("/en/calculate/", ASKED)
    assert "sessionid" not in response.cookies
    assert "no-store" in response.headers["Cache-Control"]
    assert sessions() == before


def test_what_cannot_be_is_refused_in_words(browser: Any) -> None:
    for name, value in (("province", "99"), ("birth_month", "1990-13"), ("birth_month", "1850-01"), ("own_wage", "-5"),
                        ("own_wage", "1e5"), ("orders_month", "９００"), ("sex", "<b>")):  # fmt: skip
        response = browser.post("/en/calculate/", {**ASKED, name: value})
        assert response.status_code == 422, (name, value)
        assert "Please" in response.content.decode()


def gives(variant: str, **more: str) -> dict[str, Any]:
    from canbao.workbench.calculate.worker import GIVES, answered, results

    return {one.name: one.value for one in results(answered({**ASKED, **more}), GIVES, variant)}  # type: ignore[arg-type]


def test_who_stops_paying_keeps_the_years_paid_so_far(browser: Any) -> None:
    from canbao.workbench.calculate.worker import answered, case_of

    asked = {**ASKED, "years_paid": "20", "stops": "yes"}
    paid_on, stopped = gives("here", **asked), gives("stopped", **asked)
    assert stopped["contribution_years"] == 20
    assert paid_on["contribution_years"] > 40
    assert 0 < stopped["pension"] < paid_on["pension"]
    # The same by hand: half the wage of the place and half the own one for each year, and the account over the months.
    shown = ["benefit_reference_wage", "contribution_index", "account_balance", "account_divisor", "pension"]
    case = case_of(answered(asked), ["pension"], "stopped")
    law = calculate(case, shown, law=law_with_older_figures()).row(0, named=True)
    basic = law["benefit_reference_wage"] * (1 + law["contribution_index"]) / 2 * 20 * 0.01
    assert law["pension"] == pytest.approx(basic + law["account_balance"] / law["account_divisor"], abs=0.02)
    page = browser.post("/en/calculate/", asked).content.decode()
    assert f"{stopped['pension']:,.2f} yuan a month" in page
    steps = browser.post("/en/calculate/steps/stopped/contribution_years/", asked).content.decode()
    assert "If you stop paying now" in steps
    assert "= 20" in steps


def test_older_careers_rest_on_figures_carried_back_and_say_so(browser: Any) -> None:
    asked = {**ASKED, "years_paid": "12", "elsewhere": ""}
    page = browser.post("/en/calculate/", asked).content.decode()
    assert "carried back by the growth of wages" in page
    assert "carried back by the growth of wages" not in browser.post("/en/calculate/", ASKED).content.decode()
    # Where every figure is published, the two laws agree.
    known = {"province": "42", "month": "2024-06", "own_wage": 6000.0}
    import polars as pl

    frame, want = pl.DataFrame([known]), ["flexible_contribution_month"]
    assert calculate(frame, want, law=law_with_older_figures()).equals(calculate(frame, want))


def test_too_few_years_are_told(browser: Any) -> None:
    asked = {**ASKED, "years_paid": "5", "stops": "yes"}
    assert gives("stopped", **asked)["missing_contribution_months"] == 240 - 60
    page = browser.post("/en/calculate/", asked).content.decode()
    assert "180 months of contributions are missing at retirement" in page
    assert "goes on paying" in page


def test_an_earlier_retirement_is_the_laws(browser: Any) -> None:
    asked = {**ASKED, "birth_month": "1970-01", "years_paid": "18", "earlier": "36"}
    usual, early = gives("here", **asked), gives("earlier", **asked)
    # Born in January 1970: delayed by 16 months; not before 60.
    assert (usual["retirement_month"], early["retirement_month"]) == ("2031-05", "2030-01")
    assert gives("earlier", **{**asked, "earlier": "12"})["retirement_month"] == "2030-05"
    assert early["pension"] < usual["pension"]
    page = browser.post("/en/calculate/", asked).content.decode()
    assert "2030-01" in page
    short = {**asked, "years_paid": "3"}
    assert "this way is not open" in browser.post("/en/calculate/", short).content.decode()


def test_a_way_that_was_not_asked_for_has_no_steps(browser: Any) -> None:
    assert browser.post("/en/calculate/steps/stopped/pension/", ASKED).status_code == 404
    assert browser.post("/en/calculate/steps/secret/pension/", ASKED).status_code == 404
