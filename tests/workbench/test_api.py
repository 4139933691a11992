"""The interface for programmes: every operation as its description says, and the numbers those of the pages."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from canbao.study import Study


@pytest.fixture(autouse=True)
def fresh() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def guest(event: Any) -> Iterator[Any]:
    """A programme with a ticket."""
    from django.test import Client

    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    ticket = client.post(f"/api/1/seminars/{event.code}/tickets").json()["ticket"]
    yield Client(headers={"host": "localhost", "Ticket": ticket}, enforce_csrf_checks=True)


def post(client: Any, path: str, body: Any = None, **more: Any) -> Any:
    return client.post(f"/api/1/{path}", json.dumps(body or {}), content_type="application/json", **more)


def live(event: Any, text: str = "When will the floor fall?") -> Any:
    from canbao.workbench.seminar.models import Question

    return Question.objects.create(event=event, author="x", text=text, language="en", state="live")


# --- the study --------------------------------------------------------------------------------------------------------


def test_estimates_are_those_of_the_study(browser: Any, sample: Study) -> None:
    asked = {"of": "injury_cover", "by": "sex", "among": "migrant:yes"}
    answer = browser.get("/api/1/indicators", asked).json()
    frame = sample.estimate("injury_cover", ["sex"], {"migrant": "yes"})
    got = pl.DataFrame([{**row["groups"], **{name: row[name] for name in ("category", "n", "estimate", "low", "high")}}
                        for row in answer["rows"]])  # fmt: skip
    assert got.rows() == frame.select(got.columns).rows()
    assert answer["basis"]["law"] == sample.settings.law_date.isoformat()
    assert answer["basis"]["synthetic"] is True
    assert len(answer["basis"]["data"]) == 12


def test_small_cells_do_not_leave(browser: Any) -> None:
    rows = browser.get("/api/1/indicators?of=pension_scheme&by=province&by=platform_type").json()["rows"]
    hidden = [row for row in rows if row["flag"] == "suppressed"]
    assert hidden
    assert all(row["n"] is None and row["estimate"] is None and row["low"] is None for row in hidden)
    assert all(row["n"] >= 30 for row in rows if row["n"] is not None)


def test_the_study_lists_what_can_be_asked_and_no_respondent(browser: Any, sample: Study) -> None:
    answer = browser.get("/api/1/study").json()
    names = {one["name"] for one in answer["columns"]}
    assert "pension_scheme" in names
    assert not names & {"person_id", sample.settings.design.weight}
    scheme = next(one for one in answer["columns"] if one["name"] == "pension_scheme")
    assert scheme["categories"]["flexible"]["zh"]


def test_a_simulation_is_that_of_the_page(browser: Any) -> None:
    answer = browser.get("/api/1/simulation?levy_per_order=0.2").json()
    row = next(one for one in answer["rows"] if (one["indicator"], one["year"]) == ("employees_scheme", 2045))
    page = browser.get("/en/simulate/?levy_per_order=0.2&year=2045").content.decode()
    assert f"{row['difference'] * 100:+.1f} points" in page
    assert f"{row['baseline']:.1%}" in page
    assert row["least"] <= row["difference"] <= row["most"]
    assert browser.get("/api/1/simulation").json()["rows"] == []


def test_reforms_and_levers_are_listed_with_their_limits(browser: Any) -> None:
    answer = browser.get("/api/1/reforms").json()
    assert {"order_levy", "matching"} <= {one["name"] for one in answer["reforms"]}
    assert all(one["title"]["en"] and one["title"]["zh"] for one in answer["reforms"])
    levy = next(one for one in answer["levers"] if one["name"] == "levy_per_order")
    assert browser.get(f"/api/1/simulation?levy_per_order={levy['high'] + 1}").status_code == 422


def test_the_calculator_says_what_the_law_says_and_stores_nothing(browser: Any) -> None:
    from django.contrib.sessions.models import Session

    before = Session.objects.count()
    response = post(browser, "calculator", {"province": "42", "orders_month": 900, "elsewhere": "31"})
    answer = response.json()
    premium = next(one for one in answer["costs"] if one["name"] == "order_premium_month")
    assert premium["value"] == pytest.approx(63.0)  # 900 orders at 0.07
    assert {one["branch"]: one["access"] for one in answer["access"]}["order_protection"] == "must"
    assert [one["name"] for one in answer["elsewhere"]] == [one["name"] for one in [*answer["costs"], *answer["gives"]]]
    assert answer["stopped"] == answer["earlier"] == []
    asked = post(browser, "calculator", {"stops": "yes", "years_paid": 20}).json()
    assert [one["name"] for one in asked["stopped"]] == [one["name"] for one in asked["gives"]]
    assert asked["stopped"] != asked["gives"]
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies
    assert Session.objects.count() == before


# --- a seminar --------------------------------------------------------------------------------------------------------


def test_a_programme_asks_and_learns_what_became_of_it(event: Any, guest: Any) -> None:
    from canbao.workbench.seminar.models import Question

    asked = {"text": "When will the floor fall?", "language": "en", "name": "Li"}
    answer = post(guest, f"seminars/{event.code}/questions", asked).json()
    assert answer["state"] == "pending"
    assert guest.get(f"/api/1/seminars/{event.code}/questions").json() == []
    fate = post(guest, "receipts", {"receipt": answer["receipt"]}).json()
    assert (fate["text"], fate["name"], fate["state"]) == (asked["text"], "Li", "pending")
    assert not {"author", "voter", "id"} & set(fate)
    assert post(guest, "receipts/deletion", {"receipt": answer["receipt"]}).json() == {"done": True}
    kept = Question.objects.get(receipt=answer["receipt"])
    assert (kept.text, kept.name, kept.author) == ("", "", "")


def test_votes_count_once_and_can_be_taken_back_on_page_and_interface_alike(event: Any, guest: Any) -> None:
    question = live(event)
    path = f"/api/1/seminars/{event.code}/questions/{question.public_id}/vote"
    assert guest.put(path).json() == {"votes": 1}
    assert guest.put(path).status_code == 409
    assert guest.get(f"/api/1/seminars/{event.code}/questions").json()[0]["voted"] is True
    from django.test import Client

    from canbao.workbench.seminar.voters import cookie_name

    page = Client(headers={"host": "localhost"})
    page.cookies[cookie_name(event)] = guest.defaults["HTTP_TICKET"]
    assert page.post(f"/en/seminar/{event.code}/vote/{question.public_id}/").status_code == 409  # the same person
    assert guest.delete(path).json() == {"votes": 0}
    assert guest.delete(path).status_code == 409


def test_polls_show_results_only_where_they_are_public(event: Any, guest: Any) -> None:
    poll = event.polls.get()
    first, second = poll.choices.all()
    path = f"/api/1/seminars/{event.code}"
    assert guest.put(f"{path}/choices/{first.pk}/ballot").status_code == 404
    assert guest.get(f"{path}/polls").json() == []
    poll.is_open = True
    poll.save()
    assert guest.put(f"{path}/choices/{first.pk}/ballot").json() == {"done": True}
    assert guest.put(f"{path}/choices/{second.pk}/ballot").status_code == 409
    choices = guest.get(f"{path}/polls").json()[0]["choices"]
    assert [(one["ballots"], one["mine"]) for one in choices] == [(None, True), (None, False)]
    poll.shows_results = True
    poll.save()
    assert [one["ballots"] for one in guest.get(f"{path}/polls").json()[0]["choices"]] == [1, 0]


def test_with_tickets_only_a_printed_one_counts(event: Any) -> None:
    from django.test import Client

    from canbao.workbench.seminar.voters import tickets_for

    event.tickets_only = True
    event.save()
    path = f"/api/1/seminars/{event.code}/questions/{live(event).public_id}/vote"
    tickets = ("x", tickets_for(event.code, 1)[0])
    invented, printed = (Client(headers={"host": "localhost", "Ticket": one}) for one in tickets)
    assert invented.put(path).status_code == 422
    assert post(invented, f"seminars/{event.code}/tickets").status_code == 422
    assert printed.put(path).status_code == 200


def test_a_cookie_alone_needs_the_token_of_a_page(event: Any) -> None:
    from django.test import Client

    question = live(event)
    path = f"/api/1/seminars/{event.code}/questions/{question.public_id}/vote"
    browser = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    page = browser.get(f"/en/seminar/{event.code}/")
    token = page.cookies["csrftoken"].value
    browser.post(f"/en/seminar/{event.code}/join/", {"csrfmiddlewaretoken": token})
    assert browser.put(path).status_code == 403
    assert browser.put(path, headers={"X-CSRFToken": token}).json() == {"votes": 1}


# --- faults -----------------------------------------------------------------------------------------------------------


def test_faults_speak_the_language_of_the_request(browser: Any) -> None:
    for path, status in (
        ("indicators?of=nothing", 422),
        ("indicators?by=a&by=b&by=c", 422),
        ("simulation?levy_per_order=x", 422),
        ("nothing", 404),
        ("seminars/nocode22", 404),
    ):
        english = browser.get(f"/api/1/{path}")
        chinese = browser.get(f"/api/1/{path}", headers={"Accept-Language": "zh-CN"})
        asked = browser.get(f"/api/1/{path}{'&' if '?' in path else '?'}language=zh")
        assert english.status_code == chinese.status_code == status
        assert english.json()["faults"] != chinese.json()["faults"] == asked.json()["faults"]
        assert (english.headers["Content-Language"], chinese.headers["Content-Language"]) == ("en", "zh-Hans")


def test_what_cannot_be_read_is_refused(browser: Any, guest: Any, event: Any) -> None:
    path = f"/api/1/seminars/{event.code}/questions"
    assert browser.post("/api/1/calculator", "{", content_type="application/json").status_code == 400
    assert browser.post("/api/1/calculator", b"\xff", content_type="application/json").status_code == 400
    for body in ("[1]", "1", '"x"', '{"secret": 1}', '{"province": "99"}', '{"orders_month": "many"}'):
        assert browser.post("/api/1/calculator", body, content_type="application/json").status_code == 422
    assert guest.post(path, json.dumps({"text": "x" * 9000}), content_type="application/json").status_code == 413
    assert post(guest, f"seminars/{event.code}/questions", {"text": "x"}).status_code == 422


def test_haste_is_answered_with_when_to_come_back(event: Any, guest: Any) -> None:
    statuses = [post(guest, f"seminars/{event.code}/questions", {"text": f"Question {at}?"}) for at in range(5)]
    assert [one.status_code for one in statuses] == [200] * 4 + [429]
    assert statuses[-1].headers["Retry-After"] == "60"
    assert statuses[-1].json()["faults"]


def test_the_page_shows_every_operation_in_both_languages(browser: Any) -> None:
    paths = browser.get("/api/1/openapi.json").json()["paths"]
    for language in ("en", "zh"):
        page = browser.get(f"/{language}/interface/").content.decode()
        assert all(path in page for path in paths)
        assert "cdn" not in page.lower()
    for operations in paths.values():
        for one in operations.values():
            assert one["summary"]


# --- the whole description ---------------------------------------------------------------------------------------------


def test_every_operation_keeps_its_description_whatever_comes(event: Any) -> None:
    """Schemathesis makes requests of the description and against it: no answer of 500, and all as described."""
    import schemathesis
    from django.core.cache import cache
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    from canbao.workbench.project.wsgi import application
    from canbao.workbench.seminar.voters import admitted

    schema = schemathesis.openapi.from_wsgi("/api/1/openapi.json", application)
    question, choice = live(event), event.polls.get().choices.first()
    ticket, tried = admitted(event, None), 0
    for found in schema.get_all_operations():
        operation = found.ok()

        # A simulation takes a second or more.
        most = 2 if "simulation" in operation.path else 10

        @settings(max_examples=most, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            nonlocal tried
            cache.clear()
            tried += 1
            for name, known in (("code", event.code), ("question", str(question.public_id)), ("choice", choice.pk)):
                if name in case.path_parameters and tried % 2:
                    case.path_parameters[name] = known
            # What is of the right shape may still be a column that this study lacks.
            case.call_and_validate(
                headers={"Ticket": ticket} if tried % 3 else {}, excluded_checks=[positive_data_acceptance]
            )

        holds()
    assert tried > 100
