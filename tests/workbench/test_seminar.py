"""The seminar: one vote each, moderation by role and with reasons, receipts, and nothing that ties a vote to a person."""

import asyncio
import io
import re
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEMINAR = """
title: {en: Pensions for riders, zh: 骑手养老保险研讨会}
date: 2026-12-03
place: {en: Beijing, zh: 北京}
rooms:
  - {en: Opening, zh: 开幕}
agenda:
  - title: {en: What was found, zh: 调查发现}
    begins: "09:00"
    ends: "09:40"
    room: 开幕
    speakers: [{en: Li Hua, zh: 李华}]
  - {begins: "09:40", title: {en: What to do, zh: 政策建议}, topic: {en: Pensions, zh: 养老}}
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
def plan() -> str:
    return SEMINAR


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


def test_made_up_tickets_count_for_nothing(event: Any, guest: Any) -> None:
    from django.test import Client

    question = live(event, guest)
    forger = Client(headers={"host": "localhost"})
    forger.cookies[f"ticket-{event.public_id.hex[:12]}"] = "made-up.0123456789abcdef0123456789abcdef"
    assert vote(event, forger, question) == 422
    assert forger.post(f"/en/seminar/{event.code}/join/").status_code == 302
    assert vote(event, forger, question) == 302


def test_a_flood_is_stopped_while_the_others_of_the_same_address_go_on(event: Any, guest: Any) -> None:
    question = live(event, guest)
    statuses = [vote(event, guest, question, withdraw="1") for _ in range(125)]
    assert statuses == [409] * 120 + [429] * 5
    assert vote(event, joined(event), question) == 302


def test_one_address_may_hold_two_thousand_phones() -> None:
    from canbao.workbench.pages.limits import BY_ADDRESS, WITHOUT_TICKET, exceeds

    for at in range(2000):
        assert not exceeds("join:10.0.0.9", WITHOUT_TICKET)
        assert not exceeds(f"vote:phone-{at}", 120)
    # Each of two thousand phones is still counted: none of them is forgotten.
    assert exceeds("vote:phone-0", 1)
    assert BY_ADDRESS >= 200 * 60 + 2000


def test_deeds_share_a_commit_and_fail_alone(event: Any) -> None:
    from django.db import connections

    from canbao.errors import InputError
    from canbao.workbench.seminar.deeds import ask

    def once(at: int) -> str:
        try:
            return ask(event, f"voter {at}", "What of the floor?" if at % 3 else "?", "en").receipt
        except InputError:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(once, range(36)))
    assert [bool(one) for one in receipts] == [bool(at % 3) for at in range(36)]
    assert set(event.questions.values_list("receipt", flat=True)) == {one for one in receipts if one}


def test_nobody_is_told_of_what_was_not_committed(event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError, connections

    from canbao.workbench.seminar import commits
    from canbao.workbench.seminar.deeds import ask

    def torn(_jobs: Any) -> Any:
        raise OperationalError("disk I/O error")

    def once(at: int) -> str:
        try:
            ask(event, f"voter {at}", "What of the floor?", "en")
        except OperationalError as error:
            return str(error)
        finally:
            connections.close_all()
        return ""

    with monkeypatch.context() as patched, ThreadPoolExecutor(4) as pool:
        patched.setattr(commits, "_outcome", torn)
        assert list(pool.map(once, range(8))) == ["disk I/O error"] * 8
    assert not event.questions.exists()
    assert once(9) == ""


def test_a_deed_that_ends_the_transaction_lets_nobody_be_told(event: Any) -> None:
    """As where the disk is full, or the server of the database goes away: what came before it in the group is gone, too."""
    from concurrent.futures import Future

    from django.db import DatabaseError, connection, transaction

    from canbao.workbench.seminar import commits
    from canbao.workbench.seminar.models import Room

    def good() -> None:
        with transaction.atomic():
            Room.objects.create(event=event, title_en="Gone", title_zh="无")

    def bad() -> None:
        with transaction.atomic():
            connection.cursor().execute("ROLLBACK")
            raise DatabaseError("disk is full")

    jobs: list[tuple[Any, Future[None]]] = [(work, Future()) for work in (good, bad)]
    commits._waiting.extend(jobs)
    commits._commit_all()
    assert [str(done.exception()) for _, done in jobs] == ["disk is full"] * 2
    assert not event.rooms.filter(title_en="Gone").exists()


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
    other = event.code[:-1] + ("y" if event.code.endswith("x") else "x")
    assert guest.get(f"/en/seminar/{other}/").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("title: {en: A}", "zh"),
        (SEMINAR.replace("order_levy", "order_lévy"), "order_levy"),
        (SEMINAR.replace("polls:", "pols:"), "polls"),
        (SEMINAR.replace("room: 开幕", "room: Openning"), "Opening"),
        (SEMINAR.replace('ends: "09:40"', 'ends: "08:40"'), "before it begins"),
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


# --- what guests may change -------------------------------------------------------------------------------------------


def test_a_question_can_be_worded_anew_or_taken_back_until_it_is_read(event: Any, guest: Any, browser: Any) -> None:
    first, second = asked(event, guest), asked(event, guest, "Is this one read already?")
    change = "/en/seminar/receipt/change/"
    assert "still change it" in browser.get("/en/seminar/receipt/", {"receipt": first.receipt}).content.decode()
    browser.post(change, {"receipt": first.receipt, "text": "When will the floor fall, and how far?"})
    first.refresh_from_db()
    assert first.text == "When will the floor fall, and how far?"
    browser.post(change, {"receipt": first.receipt, "take_back": "1"})
    first.refresh_from_db()
    assert (first.state, first.text) == ("withdrawn", "")
    act(event, staff(event, "moderator"), second, "approve")
    assert browser.post(change, {"receipt": second.receipt, "take_back": "1"}).status_code == 422
    assert browser.post(change, {"receipt": "nothing"}).status_code == 422


def test_names_stand_on_the_list_only_by_their_own_will(event: Any, guest: Any, browser: Any) -> None:
    sign = f"/en/seminar/{event.code}/sign/"
    assert browser.post(sign, {"name": "Stranger"}).status_code == 422
    assert guest.post(sign, {"name": " "}).status_code == 422
    signed = guest.post(sign, {"name": "王芳", "body": "Institute"})
    receipt = signed.url.partition("receipt=")[2]
    fields = {field.name for field in type(event.participants.get())._meta.get_fields()}
    assert fields == {"id", "event", "receipt", "name", "body", "signed"}
    browser.post("/zh/seminar/receipt/change/", {"receipt": receipt})
    assert not event.participants.exists()


def test_phones_are_counted_once_a_ticket(event: Any) -> None:
    from canbao.workbench.seminar.voters import tickets_for

    ticket = tickets_for(event.code, 1)[0]
    for shown in ("", "", ticket, ticket):
        joined(event, shown)
    event.refresh_from_db()
    assert event.phones == 3


# --- the order of a page ----------------------------------------------------------------------------------------------


def test_the_list_that_phones_fetch_is_the_same_for_all_and_fresh(event: Any, guest: Any, browser: Any) -> None:
    question = live(event, guest)
    vote(event, guest, question)
    address = f"/en/seminar/{event.code}/list/"
    assert guest.get(address).content == browser.get(address).content
    assert b"csrf" not in guest.get(address).content
    assert b'aria-pressed="true"' in guest.get(f"/en/seminar/{event.code}/").content
    other = live(event, guest, "Is the list made anew?")
    time.sleep(1)
    assert other.text in guest.get(address).content.decode()
    assert browser.get("/en/seminar/nothing/list/").status_code == 404


def test_questions_stand_by_votes_or_by_time(event: Any, guest: Any) -> None:
    first, second = live(event, guest, "The first of them?"), live(event, guest, "The second of them?")
    vote(event, joined(event), first)

    def first_comes_first(sort: str) -> bool:
        page = guest.get(f"/en/seminar/{event.code}/", {"sort": sort}).content.decode()
        return bool(page.index(first.text) < page.index(second.text))

    assert first_comes_first("votes")
    assert not first_comes_first("newest")


def test_the_chair_says_where_the_agenda_stands(event: Any, browser: Any) -> None:
    page, here = f"/zh/seminar/{event.code}/", 'aria-current="true"><span class="time">09:00–09:40'
    before = browser.get(page).content.decode()
    assert "09:00–09:40" in before and "李华" in before and here not in before
    item = event.agenda.get(title_en="What was found")
    steer = f"/en/seminar/{event.code}/moderate/steer/"
    assert staff(event, "moderator").post(steer, {"item": item.pk}).status_code == 404
    assert staff(event, "chair").post(steer, {"item": item.pk}).status_code == 302
    assert here in browser.get(page).content.decode()
    assert "正在进行" in browser.get(f"{page}screen/").content.decode()


def test_a_room_has_a_screen_of_its_own(event: Any, guest: Any, browser: Any) -> None:
    question = live(event, guest)
    page = f"/en/seminar/{event.code}/screen/"
    assert question.text in browser.get(page).content.decode()
    assert question.text not in browser.get(page, {"room": event.rooms.get().pk}).content.decode()


# --- the record -------------------------------------------------------------------------------------------------------


def minutes(event: Any, client: Any, **more: str) -> Any:
    given = {"text": "The levy should come first.", "language": "en", "speaker": "Li Hua", **more}
    return client.post(f"/en/seminar/{event.code}/minutes/", given)


def test_remarks_have_numbers_that_last_and_name_what_they_are_about(event: Any) -> None:
    rapporteur = staff(event, "rapporteur")
    item = event.agenda.first()
    assert minutes(event, rapporteur, item=str(item.pk), paragraphs="5.2-3, 6-1", recommendations="R1").status_code == 302
    minutes(event, rapporteur, text="费率应当降低。", language="zh", other="Rates should fall.")
    rapporteur.post(f"/en/seminar/{event.code}/minutes/1/strike/")
    minutes(event, rapporteur, kind="minute", text="To be looked into.")
    assert list(event.remarks.values_list("number", "struck")) == [(1, True), (2, False), (3, False)]
    minutes(event, rapporteur, remark="2", text="费率应当逐步降低。", language="zh")
    assert event.remarks.get(number=2).text == "费率应当逐步降低。"
    page = rapporteur.get(f"/zh/seminar/{event.code}/minutes/").content.decode()
    assert 'lang="zh-Hans">费率应当逐步降低。' in page
    assert "5.2-3" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": " "}, "write what was said"),
        ({"paragraphs": "five"}, "five is no number"),
        ({"recommendations": "R99"}, "no recommendation R99"),
    ],
)
def test_remarks_at_fault_are_refused_in_words(event: Any, more: dict[str, str], said: str) -> None:
    response = minutes(event, staff(event, "rapporteur"), **more)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not event.remarks.exists()


def test_the_newest_count_of_each_room_is_told(event: Any) -> None:
    from canbao.workbench.seminar.proceedings import record_of

    rapporteur, room = staff(event, "rapporteur"), event.rooms.get()
    address = f"/en/seminar/{event.code}/minutes/heads/"
    for people in ("120", "140"):
        rapporteur.post(address, {"room": room.pk, "people": people})
    assert rapporteur.post(address, {"people": "many"}).status_code == 422
    assert [(one.people, one.room) for one in record_of(event).attendance.headcounts] == [(140, 1)]


def test_translations_stand_beside_what_was_written_with_their_language(event: Any, guest: Any, browser: Any) -> None:
    question = live(event, guest)
    words = f"/en/seminar/{event.code}/moderate/{question.public_id}/words/"
    staff(event, "moderator").post(words, {"other": "下限何时降低？", "label": "floor"})
    act(event, staff(event, "answerer"), question, "answer", answer="In 2027.")
    staff(event, "rapporteur").post(words, {"other": "下限何时降低？", "answer_other": "2027年。"})
    page = browser.get(f"/en/seminar/{event.code}/").content.decode()
    assert '<p lang="en">When will the floor fall?</p>' in page
    assert 'lang="zh-Hans">下限何时降低？</p>' in page
    assert 'lang="zh-Hans">2027年。</p>' in page
    assert "floor</span>" in page


RECORD_KEEPERS = {
    "minute": {"chair", "rapporteur"},
    "steer": {"chair"},
    "publish": {"chair"},
    "label": {"chair", "moderator"},
    "translate": {"chair", "moderator", "rapporteur"},
}


@pytest.mark.parametrize("role", ["chair", "moderator", "answerer", "rapporteur", "observer"])
def test_what_keeps_the_record_is_done_by_its_roles_and_noted(event: Any, guest: Any, role: str) -> None:
    from canbao.workbench.seminar.models import Deed

    question, client = live(event, guest), staff(event, role)
    at = f"/en/seminar/{event.code}"
    words = f"{at}/moderate/{question.public_id}/words/"
    deeds = {
        "minute": lambda: minutes(event, client),
        "steer": lambda: client.post(f"{at}/moderate/steer/", {"item": ""}),
        "publish": lambda: client.post(f"{at}/publish/"),
        "label": lambda: client.post(words, {"label": "x"}),
        "translate": lambda: client.post(words, {"other": "何时？"}),
    }
    for name, done in deeds.items():
        status = done().status_code
        # A seminar that is still open cannot be published, not even by whom it belongs to.
        allowed = 422 if name == "publish" else 302
        assert status == (allowed if role in RECORD_KEEPERS[name] else 404), (role, name)
        assert Deed.objects.filter(event=event, act=name).exists() == (status == 302)
    for page in ("proceedings/", "proceedings/seminar.json"):
        assert client.get(f"{at}/{page}").status_code == (200 if role in {"chair", "moderator", "rapporteur"} else 404)


def test_answers_after_the_end_are_published_together(event: Any, guest: Any, browser: Any) -> None:
    reached, not_reached = live(event, guest), live(event, guest, "And what of the rest?")
    answerer, chair = staff(event, "answerer"), staff(event, "chair")
    act(event, answerer, reached, "answer", answer="In 2027.")
    chair.post(f"/en/seminar/{event.code}/close/")
    act(event, answerer, not_reached, "answer", answer="It follows in 2028.")
    page, receipt = f"/en/seminar/{event.code}/", {"receipt": not_reached.receipt}
    before = browser.get(page).content.decode() + browser.get("/en/seminar/receipt/", receipt).content.decode()
    assert "In 2027." in before
    assert "2028" not in before
    assert browser.get(f"{page}proceedings/").status_code == 404
    chair.post(f"/en/seminar/{event.code}/publish/")
    after = browser.get(page).content.decode() + browser.get("/en/seminar/receipt/", receipt).content.decode()
    assert after.count("It follows in 2028.") == 2
    assert "in writing after the event" in browser.get(f"{page}proceedings/").content.decode()


def whole_event(event: Any, guest: Any) -> Any:
    """Something of everything; the chair."""
    question = live(event, guest, "=1+1 *what* of [@nobody2020] `it`?")
    vote(event, guest, question)
    act(event, staff(event, "answerer"), question, "answer", answer="It is **two**.")
    act(event, staff(event, "moderator"), asked(event, guest, "An insult, is it not?"), "reject", reason="insulting")
    minutes(event, staff(event, "rapporteur"), recommendations="R1", item=str(event.agenda.first().pk))
    chair = staff(event, "chair")
    poll = event.polls.get()
    chair.post(f"/en/seminar/{event.code}/moderate/poll/{poll.public_id}/", {"open": "on"})
    guest.post(f"/en/seminar/{event.code}/poll/{poll.choices.first().pk}/")
    event.refresh_from_db()
    return chair


def test_the_record_is_read_back_and_ties_nothing_to_a_voter(event: Any, guest: Any, tmp_path: Path) -> None:
    from canbao.evidence.seminar import FILE, read_seminar
    from canbao.workbench.seminar.models import Question, Vote
    from canbao.workbench.seminar.proceedings import record_of

    chair = whole_event(event, guest)
    content = chair.get(f"/en/seminar/{event.code}/proceedings/seminar.json").content.decode()
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    record = read_seminar(tmp_path, ["R1"])
    assert record == record_of(event)
    assert record is not None and record.rejected == {"insulting": 1}
    assert record.questions[0].votes == 1
    secret = [*Vote.objects.values_list("voter", flat=True)]
    for receipt, author, public in Question.objects.values_list("receipt", "author", "public_id"):
        secret += [receipt, author, str(public)]
    assert not [one for one in secret if one in content]
    assert "An insult" not in content


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_proceedings_and_the_draft_for_the_press_are_printed(event: Any, guest: Any, form: str) -> None:
    chair = whole_event(event, guest)

    def words(part: str, language: str) -> str:
        content = chair.get(f"/{language}/seminar/{event.code}/proceedings/{part}.{form}").content
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            texts = [file.read(name).decode() for name in file.namelist() if name.endswith(".xml")]
        return re.sub(r"<[^>]+>", "", "".join(texts))

    proceedings = words("proceedings", "zh")
    assert "=1+1 *what* of [@nobody2020] `it`?" in proceedings
    assert "It is **two**." in proceedings
    if form == "docx":
        assert "会议纪要" in proceedings
        assert "评估报告" not in proceedings
        assert "not for publication" in words("press", "en")
    assert chair.get(f"/en/seminar/{event.code}/proceedings/press.exe").status_code == 404


def test_the_draft_for_the_press_says_what_most_chose(event: Any, guest: Any) -> None:
    from canbao.chapters.document import Bullets, Paragraph
    from canbao.workbench.seminar.proceedings import press_release

    whole_event(event, guest)
    document = press_release(event)
    said = [block.text.en for block in document.walk() if isinstance(block, Paragraph)]
    said += [one.en for block in document.walk() if isinstance(block, Bullets) for one in block.items]
    text = " ".join(said)
    assert "3 December 2026 at Beijing; 1 phones took part" in text
    assert "Which first? Most chose: Platforms pay (100.0% of 1 ballots)" in text
    assert document.notice is not None
    assert "Draft" in document.notice.en and "草稿" in document.notice.zh
