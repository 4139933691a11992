"""The calculator says what `canbao calculate` says, and keeps nothing."""

from typing import Any

from canbao.law import calculate

ASKED = {
    "province": "42", "birth_month": "1990-01", "sex": "male", "hukou_locality": "other_province", "relation": "incomplete",
    "sector": "instant_delivery", "orders_month": "900", "own_wage": "6000", "years_paid": "0", "elsewhere": "31",
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
    page = browser.post("/zh/calculate/steps/order_premium_month/", ASKED).content.decode()
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
