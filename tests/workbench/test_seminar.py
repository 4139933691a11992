"""The seminar: one vote each, moderation by role and with reasons, receipts, and nothing that ties a vote to a person."""

import asyncio
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEMINAR = """
title: {en: Pensions for riders, zh: 骑手养老保险研讨会}
rooms:
  - {en: Opening, zh: 开幕}
polls:
  - text: {en: "Which first?", zh: 优先选择哪项改革？}
    choices:
      - {en: Platforms pay, zh: 平台按单缴费, reform: order_levy}
      - {en: The state matches, zh: 政府补贴, reform: matching}
"""
PAYLOADS = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    "=cmd|'/c calc'!A1",
    '"><img src=x onerror=alert(1)>',
    "'; drop table x; --",
]


@pytest.fixture(autouse=True)
def fresh() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def event(tmp_path: Path) -> Iterator[Any]:
    from canbao.workbench.seminar.models import Change, Deed, Event
    from canbao.workbench.seminar.plan import open_seminar

    path = tmp_path / "seminar.yaml"
    path.write_text(SEMINAR, encoding="utf-8")
    yield open_seminar(path, tmp_path)
    for kept in (Deed, Change, Event):
        kept.objects.all().delete()


@pytest.fixture
def guest(event: Any) -> Any:
    return joined(event)


def joined(event: Any, ticket: str = "") -> Any:
    from django.test import Client

    client = Client(headers={"host": "localhost"}, REMOTE_ADDR="10.0.0.1")
    client.post(f"/en/seminar/{event.code}/join/", {"ticket": ticket})
    return client


def staff(event: Any, role: str) -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    from canbao.workbench.seminar.models import Staff

    user, _ = User.objects.get_or_create(username=f"{role}_of_{event.code}")
    Staff.objects.update_or_create(event=event, user=user, defaults={"role": role})
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def asked(event: Any, guest: Any, text: str = "When will the floor fall?") -> Any:
    from canbao.workbench.seminar.models import Question

    response = guest.post(f"/en/seminar/{event.code}/ask/", {"text": text})
    return Question.objects.get(receipt=response.url.partition("receipt=")[2])


def live(event: Any, guest: Any, text: str = "When will the floor fall?") -> Any:
    question = asked(event, guest, text)
    act(event, staff(event, "moderator"), question, "approve")
    question.refresh_from_db()
    return question


def act(event: Any, client: Any, question: Any, act: str, **more: str) -> Any:
    return client.post(f"/en/seminar/{event.code}/moderate/{question.public_id}/", {"act": act, **more})


def vote(event: Any, client: Any, question: Any, **more: str) -> int:
    return int(client.post(f"/en/seminar/{event.code}/vote/{question.public_id}/", more).status_code)


# --- asking and moderating --------------------------------------------------------------------------------------------


def test_a_question_waits_is_let_through_and_is_answered(event: Any, guest: Any, browser: Any) -> None:
    question = asked(event, guest)
    page = f"/en/seminar/{event.code}/"
    assert question.text not in browser.get(page).content.decode()
    moderator = staff(event, "moderator")
    act(event, moderator, question, "approve")
    assert question.text in browser.get(page).content.decode()
    act(event, moderator, question, "call")
    assert question.text in browser.get(f"{page}screen/").content.decode()
    act(event, staff(event, "answerer"), question, "answer", answer="In 2027.")
    assert "In 2027." in browser.get(page).content.decode()
    receipt = browser.get("/en/seminar/receipt/", {"receipt": question.receipt}).content.decode()
    assert "answered" in receipt
    assert "In 2027." in receipt


def test_what_is_not_let_through_is_counted_with_its_reason(event: Any, guest: Any, browser: Any) -> None:
    question = asked(event, guest)
    moderator = staff(event, "moderator")
    assert act(event, moderator, question, "reject").status_code == 422
    act(event, moderator, question, "reject", reason="off_topic", note="See the agenda.")
    page = browser.get(f"/en/seminar/{event.code}/").content.decode()
    assert question.text not in page
    assert "Not let through: 1 (off topic)" in page
    receipt = browser.post("/zh/seminar/receipt/", {"receipt": question.receipt}).content.decode()
    assert "与议题无关" in receipt
    assert "See the agenda." in receipt


def test_merged_questions_have_each_persons_vote_once(event: Any) -> None:
    one, other, both = joined(event), joined(event), joined(event)
    first, second = live(event, one, "What of the floor?"), live(event, other, "What about the floor?")
    assert [vote(event, both, first), vote(event, both, second), vote(event, one, second)] == [302, 302, 302]
    act(event, staff(event, "moderator"), second, "merge", into=first.receipt)
    first.refresh_from_db()
    # `both` once, and the asker of the other; the asker of the first does not count for her own.
    assert first.votes == first.voters.count() == 2


@pytest.mark.parametrize("role", ["chair", "moderator", "answerer", "rapporteur", "observer"])
def test_every_role_has_its_own_acts_and_no_other(event: Any, role: str) -> None:
    from canbao.workbench.seminar.states import LEADS_TO, MAY, Act, Role

    client = staff(event, role)
    for one, (sources, _) in LEADS_TO.items():
        question = live(event, joined(event), f"Is {one} allowed?")
        question.state = sorted(sources)[0]
        question.save()
        target = live(event, joined(event), "What is the target?")
        status = act(event, client, question, one, reason="other", into=target.receipt, answer="Yes.").status_code
        assert status == (302 if one in MAY[Role(role)] else 404), (role, one)
    record = client.get(f"/en/seminar/{event.code}/record.json").status_code
    assert record == (200 if Act.EXPORT in MAY[Role(role)] else 404)


def test_strangers_and_staff_of_another_event_find_nothing(event: Any, guest: Any, tmp_path: Path) -> None:
    from canbao.workbench.seminar.plan import open_seminar

    question = asked(event, guest)
    path = tmp_path / "other.yaml"
    path.write_text(SEMINAR, encoding="utf-8")
    stranger = staff(open_seminar(path, tmp_path), "chair")
    assert act(event, stranger, question, "approve").status_code == 404
    assert stranger.get(f"/en/seminar/{event.code}/moderate/").status_code == 404
    assert act(event, guest, question, "approve").status_code == 404
    assert "/staff/sign-in/" in guest.get(f"/en/seminar/{event.code}/moderate/").url


# --- voting -----------------------------------------------------------------------------------------------------------


def test_one_voter_has_one_vote_however_fast(event: Any, guest: Any) -> None:
    from django.db import connections

    question = live(event, guest)

    def once(_: int) -> int:
        try:
            return vote(event, guest, question)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(once, range(20)))
    assert found == [302] + [409] * 19
    question.refresh_from_db()
    assert question.votes == question.voters.count() == 1


def test_a_vote_can_be_taken_back(event: Any, guest: Any) -> None:
    question = live(event, guest)
    assert vote(event, guest, question) == 302
    assert vote(event, guest, question, withdraw="1") == 302
    assert vote(event, guest, question, withdraw="1") == 409
    question.refresh_from_db()
    assert question.votes == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
def test_the_count_is_the_rows_whatever_people_do(event: Any, steps: list[tuple[int, bool]]) -> None:
    from canbao.workbench.seminar.deeds import vote as cast_vote
    from canbao.workbench.seminar.deeds import withdraw
    from canbao.workbench.seminar.models import Question

    question = Question.objects.create(event=event, author="x", text="Does it count?", language="en", state="live")
    wanted: set[int] = set()
    for who, takes_back in steps:
        done = withdraw(question, f"voter {who}") if takes_back else cast_vote(question, f"voter {who}")
        assert done == ((who in wanted) if takes_back else (who not in wanted))
        wanted = wanted - {who} if takes_back else wanted | {who}
    question.refresh_from_db()
    assert question.votes == question.voters.count() == len(wanted)


def test_who_has_not_joined_cannot_vote(event: Any, guest: Any, browser: Any) -> None:
    assert vote(event, browser, live(event, guest)) == 422


def test_with_tickets_only_a_printed_one_counts(event: Any) -> None:
    from canbao.workbench.seminar.voters import tickets_for

    question = live(event, joined(event))
    event.tickets_only = True
    event.save()
    ticket = tickets_for(event.code, 1)[0]
    assert vote(event, joined(event, "invented"), question) == 422
    assert vote(event, joined(event, ticket), question) == 302
    assert vote(event, joined(event, ticket), question) == 409  # the same ticket in another browser


def test_polls_take_one_ballot_and_show_results_when_the_chair_says_so(event: Any, guest: Any) -> None:
    poll = event.polls.get()
    first, second = poll.choices.all()
    address = f"/en/seminar/{event.code}/poll/{first.pk}/"
    assert guest.post(address).status_code == 404
    chair = staff(event, "chair")
    chair.post(f"/en/seminar/{event.code}/moderate/poll/{poll.public_id}/", {"open": "on"})
    assert guest.post(address).status_code == 302
    assert guest.post(f"/en/seminar/{event.code}/poll/{second.pk}/").status_code == 409
    assert "100.0" not in guest.get(f"/en/seminar/{event.code}/").content.decode()
    chair.post(f"/en/seminar/{event.code}/moderate/poll/{poll.public_id}/", {"open": "on", "results": "on"})
    assert "100.0" in guest.get(f"/en/seminar/{event.code}/").content.decode()


# --- safety -----------------------------------------------------------------------------------------------------------


def test_nothing_ties_a_vote_to_a_ticket_once_the_event_is_closed(event: Any, guest: Any) -> None:
    question = live(event, guest)
    vote(event, guest, question)
    staff(event, "chair").post(f"/en/seminar/{event.code}/close/")
    event.refresh_from_db()
    assert event.secret is None
    assert not event.tickets.exists()
    assert vote(event, guest, question) == 422
    columns = {field.name for field in type(question.voters.get())._meta.get_fields()}
    assert columns == {"id", "question", "voter"}


@pytest.mark.parametrize("text", PAYLOADS)
def test_what_people_write_is_text_everywhere(event: Any, guest: Any, text: str) -> None:
    question = live(event, guest, f"{text} really?")
    chair = staff(event, "chair")
    for page in ("", "screen/", "moderate/"):
        content = chair.get(f"/en/seminar/{event.code}/{page}").content.decode()
        assert text not in content or "<" not in text
        assert "49 really" not in content
    question.text = text
    question.save()
    assert re.search(rb"(?m)(^|,)\"?[=+@-]cmd", chair.get(f"/en/seminar/{event.code}/record.csv").content) is None
    workbook = chair.get(f"/en/seminar/{event.code}/record.xlsx").content
    import polars as pl

    assert pl.read_excel(io.BytesIO(workbook))["text"].to_list()[-1] == text


def test_too_many_questions_have_to_wait(event: Any, guest: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    statuses = [
        guest.post(f"/en/seminar/{event.code}/ask/", {"text": f"Question number {at}?"}).status_code for at in range(7)
    ]
    assert statuses[:4] == [302] * 4
    assert 429 in statuses


def test_ids_cannot_be_counted_through(event: Any, guest: Any) -> None:
    question = live(event, guest)
    for name in (str(question.pk), "0" * 32, "11111111-1111-1111-1111-111111111111"):
        assert guest.post(f"/en/seminar/{event.code}/vote/{name}/").status_code == 404
    assert guest.get(f"/en/seminar/{event.code[:-1]}x/").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("title: {en: A}", "zh"),
        (SEMINAR.replace("order_levy", "order_lévy"), "order_levy"),
        (SEMINAR.replace("polls:", "pols:"), "polls"),
        ("title: [", ""),
        (SEMINAR.replace("      - {en: The state matches, zh: 政府补贴, reform: matching}\n", ""), "choices"),
    ],
)
def test_files_at_fault_make_no_event(tmp_path: Path, content: str, said: str) -> None:
    from canbao.errors import InputError
    from canbao.workbench.seminar.models import Event
    from canbao.workbench.seminar.plan import open_seminar

    before = Event.objects.count()
    path = tmp_path / "seminar.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        open_seminar(path, tmp_path)
    assert said in str(raised.value)
    assert "seminar.yaml" in str(raised.value)
    assert Event.objects.count() == before


# --- telling of changes -----------------------------------------------------------------------------------------------


def test_listeners_are_told_that_something_changed_and_nothing_else(event: Any, guest: Any) -> None:
    from asgiref.sync import sync_to_async
    from django.db import connections

    from canbao.workbench.project.asgi import Listeners, application
    from canbao.workbench.seminar.deeds import vote as cast_vote

    question = live(event, guest)

    async def listened(path: str, until: str) -> str:
        heard: list[str] = []
        hung_up = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await hung_up.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            heard.append(message.get("body", b"").decode() or str(message.get("status", "")))
            if until in heard[-1]:
                hung_up.set()

        scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"origin", b"http://localhost:8000")]}
        await asyncio.wait_for(application(scope, receive, send), 20)
        return "".join(heard)

    async def run() -> tuple[str, str]:
        from canbao.workbench.project import asgi

        asgi.listeners = Listeners()
        hearing = asyncio.create_task(listened(f"/events/{event.public_id}", "votes"))
        await asyncio.sleep(1)
        await sync_to_async(cast_vote)(question, "somebody")
        heard = await hearing
        nothing = await listened("/events/11111111-1111-1111-1111-111111111111", "404")
        assert asgi.listeners.count == 0
        for task in asgi.listeners.tasks:
            task.cancel()
        await sync_to_async(connections.close_all)()
        return heard, nothing

    heard, nothing = asyncio.run(run())
    assert heard.startswith("200retry: ")
    assert re.search(rf'event: votes\nid: \d+\ndata: {{"{question.public_id.hex[:12]}":1}}\n\n$', heard)
    assert question.text not in heard
    assert "404" in nothing


def test_pages_hear_of_changes_from_the_server_that_they_came_from(event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import Client

    monkeypatch.setenv("CANBAO_EVENTS_PORT", "8001")
    page = Client(headers={"host": "127.0.0.1:8000"}).get(f"/en/seminar/{event.code}/").content.decode()
    assert f'data-events="http://127.0.0.1:8001/events/{event.public_id}"' in page


def test_a_server_for_a_whole_room_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from canbao.errors import InputError
    from canbao.workbench.serve import _name_hosts

    monkeypatch.delenv("CANBAO_HOSTS", raising=False)
    with pytest.raises(InputError, match="CANBAO_HOSTS"):
        _name_hosts("0.0.0.0")
    monkeypatch.setenv("CANBAO_HOSTS", "192.168.1.20")
    _name_hosts("0.0.0.0")
