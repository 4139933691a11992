"""What a seminar must withstand: forged forms, hostile texts, guessing, floods, wrong roles; and what it forgets.

One vote each however fast, and that nothing ties a vote to a ticket, stand in test_seminar; accounts in test_staff.
"""

import asyncio
import datetime
import io
import json
import re
import runpy
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from docx import Document

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)//",
    "</textarea><script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    "=cmd|'/c calc'!A1",
    "+1+cmd",
    "@SUM(1+1)",
    "\u202egnp.exe",
    "'; drop table seminar_question; --",
    "<a href='//evil.example'>here</a>",
]


@pytest.fixture(autouse=True)
def fresh() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def guest(event: Any) -> Any:
    return joined(event)


def client(**more: Any) -> Any:
    from django.test import Client

    return Client(headers={"host": "localhost"}, **more)


def joined(event: Any) -> Any:
    browser = client()
    browser.post(f"/en/seminar/{event.code}/join/")
    return browser


def ticket(event: Any) -> str:
    from canbao.workbench.seminar.voters import admitted

    return str(admitted(event, None))


def staff(event: Any, role: str) -> Any:
    from django.contrib.auth.models import User

    from canbao.workbench.seminar.models import Staff

    user, _ = User.objects.get_or_create(username=f"{role}_{event.code}")
    Staff.objects.update_or_create(event=event, user=user, defaults={"role": role})
    browser = client()
    browser.force_login(user)
    return browser


def question_of(event: Any, text: str = "When will the floor fall?", **more: Any) -> Any:
    from canbao.workbench.seminar.models import Question

    given = {"author": "x", "language": "en", "state": "live"}
    return Question.objects.create(event=event, text=text, **{**given, **more})


def bare(response: Any) -> tuple[int, str]:
    """An answer without what is drawn anew each time, or repeats the address that was asked."""
    text = re.sub(r'name="csrfmiddlewaretoken"[^>]*>|nonce="[^"]*"', "", response.content.decode())
    return response.status_code, re.sub(r'class="tongue" href="[^"]*"', "", text)


# --- forged forms -----------------------------------------------------------------------------------------------------


def test_no_form_is_taken_without_the_token_of_its_page(event: Any) -> None:
    from canbao.workbench.seminar.models import Question

    question, poll = question_of(event), event.polls.get()
    strict = client(enforce_csrf_checks=True)
    seminar = f"/zh/seminar/{event.code}"
    acts = ("join", "ask", f"vote/{question.public_id}", "poll/1", "close", f"moderate/{question.public_id}")
    others = ("", "receipt/", "receipt/file/", "receipt/delete/", f"{event.code}/moderate/poll/{poll.public_id}/")
    staffs = ("sign-in", "sign-out", "password", "second-factor")
    paths = [f"{seminar}/{one}/" for one in acts] + [f"/zh/seminar/{one}" for one in others]
    for path in [*paths, *(f"/zh/staff/{one}/" for one in staffs), "/zh/calculate/", "/zh/bring/"]:
        response = strict.post(path, {"text": "Forged question?", "receipt": question.receipt})
        assert response.status_code == 403, path
        assert "表单已失效" in response.content.decode()
    assert Question.objects.get(event=event).text


# --- hostile texts ----------------------------------------------------------------------------------------------------


class Structure(HTMLParser):
    """Every element of a page with the names of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_texts_stay_texts_wherever_they_are_shown(event: Any, text: str) -> None:
    """A page with a hostile text has the same elements as with a harmless one."""
    chair, question = staff(event, "chair"), question_of(event, state="answered")
    pages = [f"/en/seminar/{event.code}/{page}" for page in ("", "list/", "screen/", "moderate/")]
    pages += [f"/en/seminar/receipt/?receipt={question.receipt}", "/en/staff/"]
    shown: list[list[Any]] = []
    for words in ("harmless", text):
        question.text = question.answer = question.note = words
        question.name, question.answered_by = words[:60], words[:100]
        question.save()
        type(event).objects.filter(pk=event.pk).update(title_en=words, rules_en=words)
        asked = [*pages, f"/en/seminar/receipt/?receipt={quote(words)}"]
        shown.append([Structure(chair.get(page).content.decode()).elements for page in asked])
        assert "49{%" not in chair.get(pages[0]).content.decode()
    assert shown[0] == shown[1]
    response = chair.get(f"/api/1/seminars/{event.code}/questions")
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json()[0]["name"] == text[:60]


@pytest.mark.parametrize("text", PAYLOADS)
def test_no_cell_of_the_record_becomes_a_formula(event: Any, text: str) -> None:
    chair = staff(event, "chair")
    question_of(event, text, name=text[:60], answer=text, note=text, state="answered")
    record = f"/en/seminar/{event.code}/record"
    table = pl.read_csv(io.BytesIO(chair.get(f"{record}.csv").content), infer_schema_length=0)
    for name in ("text", "name", "answer", "note"):
        assert table[name][0][:1] not in ("=", "+", "-", "@")
    book = pl.read_excel(io.BytesIO(chair.get(f"{record}.xlsx").content))
    assert book["answer"].to_list() == [text]
    assert json.loads(chair.get(f"{record}.json").content)[0]["text"] == text


def test_no_text_of_a_remark_becomes_markup_in_word(event: Any) -> None:
    text = "<script>alert(1)</script> =1+1 & [x](//evil.example) {#1f}"
    rapporteur = staff(event, "rapporteur")
    asked = {"text": text, "speaker": "<b>Li</b>", "language": "en", "kind": "remark"}
    assert rapporteur.post(f"/en/seminar/{event.code}/minutes/", asked).status_code == 302
    file = rapporteur.get(f"/en/seminar/{event.code}/proceedings/proceedings.docx").content
    paragraphs = [one.text for one in Document(io.BytesIO(file)).element.body.iter() if one.text]
    assert any(text in one for one in paragraphs)
    assert "<b>Li</b>" in "".join(paragraphs)


# --- guessing ---------------------------------------------------------------------------------------------------------


def test_what_is_forbidden_looks_like_what_does_not_exist(event: Any) -> None:
    from canbao.workbench.seminar.models import Event

    other = Event.objects.create(title_en="Other", title_zh="其他")
    theirs, stranger = question_of(other, "Whose question?"), staff(event, "chair")
    nothing = "11111111-1111-1111-1111-111111111111"
    for known, unknown in (
        (f"/en/seminar/{other.code}/moderate/", "/en/seminar/zzzzzzzz/moderate/"),
        (f"/en/seminar/{other.code}/record.csv", "/en/seminar/zzzzzzzz/record.csv"),
    ):
        assert bare(stranger.get(known)) == bare(stranger.get(unknown))
        assert stranger.get(known).status_code == 404
    for known, unknown in (
        (f"/en/seminar/{other.code}/moderate/{theirs.public_id}/", f"/en/seminar/zzzzzzzz/moderate/{theirs.public_id}/"),
        (f"/en/seminar/{event.code}/moderate/{theirs.public_id}/", f"/en/seminar/{event.code}/moderate/{nothing}/"),
        (f"/en/seminar/{other.code}/close/", "/en/seminar/zzzzzzzz/close/"),
    ):
        act = {"act": "approve"}
        assert bare(stranger.post(known, act)) == bare(stranger.post(unknown, act))
        assert stranger.post(known, act).status_code == 404
    guest = joined(event)
    pending = question_of(event, "Not yet shown?", state="pending")
    for name in (theirs.public_id, pending.public_id, nothing):
        assert bare(guest.post(f"/en/seminar/{event.code}/vote/{name}/")) == bare(
            guest.post(f"/en/seminar/{event.code}/vote/{nothing}/")
        )
        path = f"/api/1/seminars/{event.code}/questions/{name}/vote"
        assert client().put(path, headers={"Ticket": ticket(event)}).status_code == 404


def test_nothing_can_be_found_by_counting(event: Any, guest: Any) -> None:
    question, choice = question_of(event), event.polls.get().choices.first()
    for number in range(1, 30):
        assert guest.get(f"/en/seminar/{number}/").status_code == 404
        assert guest.get(f"/api/1/seminars/{number}").status_code == 404
        assert guest.post(f"/en/seminar/{event.code}/vote/{number}/").status_code == 404
    assert guest.post(f"/en/seminar/{event.code}/poll/{choice.pk + 1000}/").status_code == 404
    assert "no question with this number" in guest.post("/en/seminar/receipt/", {"receipt": question.pk}).content.decode()
    assert len(question.receipt) == 10
    assert len(event.code) == 8


# --- floods -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "most"), [("join/", 40), ("vote/11111111-1111-1111-1111-111111111111/", 120), ("receipt", 40), ("code", 40)]
)
def test_a_flood_from_one_ticket_is_answered_with_when_to_come_back(event: Any, guest: Any, path: str, most: int) -> None:
    address = {"receipt": "/en/seminar/receipt/", "code": "/en/seminar/"}.get(path, f"/en/seminar/{event.code}/{path}")
    answers = [guest.post(address, {"receipt": "x", "code": "x"}) for _ in range(most + 2)]
    assert 429 not in {one.status_code for one in answers[: most - 1]}
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "60"
    other = joined(event)  # from the same address, as the next phone in the room
    assert other.post(address, {"receipt": "x", "code": "x"}).status_code != 429


def test_a_flood_from_one_address_ends_even_with_ever_new_tickets(event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from canbao.workbench.pages import limits

    monkeypatch.setattr(limits, "BY_ADDRESS", 20)
    path = f"/api/1/seminars/{event.code}/questions/{question_of(event).public_id}/vote"
    answers = [client().put(path, headers={"Ticket": ticket(event)}).status_code for _ in range(25)]
    assert answers == [200] * 20 + [429] * 5
    assert client(REMOTE_ADDR="10.7.7.7").put(path, headers={"Ticket": ticket(event)}).status_code == 200


def test_nobody_sends_more_than_a_question_needs(event: Any, guest: Any) -> None:
    encoded = "text=" + "%E4%BF%9D" * 500
    form = "application/x-www-form-urlencoded"
    assert guest.post(f"/en/seminar/{event.code}/ask/", encoded, content_type=form).status_code == 302
    assert guest.post(f"/en/seminar/{event.code}/ask/", encoded * 2, content_type=form).status_code == 413
    assert guest.post("/en/seminar/receipt/", {"receipt": "x" * 9000}).status_code == 413
    assert guest.post("/api/1/receipts", {"receipt": "x" * 9000}, content_type="application/json").status_code == 413


# --- roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["chair", "moderator", "answerer", "rapporteur", "observer", "guest", "nobody"])
def test_every_role_does_what_the_matrix_says_and_no_more(event: Any, role: str) -> None:
    from django.utils import timezone

    from canbao.workbench.seminar.models import Deed
    from canbao.workbench.seminar.states import LEADS_TO, MAY, Act, Role

    may = MAY[Role(role)] if role in {one.value for one in Role} else frozenset()
    browser = {"guest": lambda: joined(event), "nobody": client}.get(role, lambda: staff(event, role))()
    seminar = f"/en/seminar/{event.code}"
    pending, poll = question_of(event, "Waiting to be read?", state="pending"), event.polls.get()
    done: set[Act] = set()
    for act, (sources, target) in LEADS_TO.items():
        question = question_of(event, f"Is {act} allowed?", state=sorted(sources)[0])
        into = question_of(event, "The target?")
        asked = {"act": act, "reason": "other", "into": into.receipt, "answer": "Yes."}
        status = browser.post(f"{seminar}/moderate/{question.public_id}/", asked).status_code
        question.refresh_from_db()
        assert status == (302 if act in may else 404), act
        assert (question.state == target) == (act in may or target in sources), act
        done |= {act} if status == 302 else set()
    if "Waiting to be read?" in browser.get(f"{seminar}/moderate/", follow=True).content.decode():
        done.add(Act.READ_PENDING)
    if browser.get(f"{seminar}/record.json").status_code == 200:
        done.add(Act.EXPORT)
    if browser.get(f"{seminar}/changes/").status_code == 200:
        done.add(Act.AUDIT)
    words = f"{seminar}/moderate/{into.public_id}/words/"
    for act, path, asked in (
        (Act.LABEL, words, {"label": "floor"}),
        (Act.TRANSLATE, words, {"other": "目标？"}),
        (Act.STEER, f"{seminar}/moderate/steer/", {"item": ""}),
        (Act.MINUTE, f"{seminar}/minutes/", {"text": "Said.", "language": "en"}),
        (Act.POLL, f"{seminar}/moderate/poll/{poll.public_id}/", {"open": "on"}),
        (Act.CLOSE, f"{seminar}/close/", {}),
    ):
        before = written(event)
        status = browser.post(path, asked).status_code
        assert (status == 302) == (act in may) or role in ("guest", "nobody"), act  # led to the sign-in
        assert (written(event) != before) == (act in may), act
        done |= {act} if written(event) != before else set()
    event.closed = timezone.now()
    event.save()
    if browser.post(f"{seminar}/publish/").status_code == 302:
        done.add(Act.PUBLISH)
    assert done == may
    assert pending.text not in client().get(f"{seminar}/").content.decode()
    noted = set(Deed.objects.filter(event=event).values_list("act", flat=True))
    assert noted == {str(one) for one in may - {Act.READ_PENDING, Act.EXPORT, Act.AUDIT}}


def written(event: Any) -> list[Any]:
    """What acts leave behind, apart from questions' states."""
    from canbao.workbench.seminar.models import Deed

    words = list(event.questions.order_by("pk").values_list("label", "other"))
    event.refresh_from_db()
    deeds = Deed.objects.filter(event=event).count()
    return [words, event.remarks.count(), event.polls.get().is_open, event.is_open, deeds]


# --- what listeners hear -----------------------------------------------------------------------------------------------


def test_nobody_is_told_of_what_waits(event: Any, guest: Any) -> None:
    from canbao.workbench.project.asgi import _votes
    from canbao.workbench.seminar.models import Change

    guest.post(f"/en/seminar/{event.code}/ask/", {"text": "A question that waits?"})
    assert not Change.objects.filter(event=event).exists()
    hidden = {question_of(event, f"{state}?", state=state, votes=3).pk for state in ("pending", "rejected", "withdrawn")}
    shown = question_of(event, votes=3)
    assert list(_votes({*hidden, shown.pk}).values()) == [3]
    fields = {field.name for field in Change._meta.get_fields()}
    assert fields == {"id", "event", "question", "kind", "at"}


def test_one_ticket_holds_three_lines_and_no_more(event: Any) -> None:

    from canbao.workbench.project import asgi

    cookie = f"ticket-{event.public_id.hex[:12]}"

    async def listen(cookies: str, hung_up: asyncio.Event) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await hung_up.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            heard.append(message)

        headers = [(b"origin", b"http://localhost:8000"), (b"cookie", cookies.encode())]
        scope = {"type": "http", "method": "GET", "path": f"/events/{event.public_id}", "headers": headers}
        await asyncio.wait_for(asgi.application(scope, receive, send), 20)
        return heard

    async def run() -> list[tuple[int, bool]]:
        asgi.listeners = asgi.Listeners()
        end = asyncio.Event()
        tickets = [f"{cookie}=one"] * 4 + [f"{cookie}=another", "", "", "", "", "ticket-000000000000=one"]
        lines = []
        for cookies in tickets:
            lines.append(asyncio.create_task(listen(cookies, end)))
            await asyncio.sleep(0.1)
        end.set()
        heard = [(await line)[0] for line in lines]
        for task in asgi.listeners.tasks:
            task.cancel()
        return [(one["status"], b"retry-after" in dict(one["headers"])) for one in heard]

    assert asyncio.run(run()) == [(200, False)] * 3 + [(429, True)] + [(200, False)] * 6


# --- headers and cookies -----------------------------------------------------------------------------------------------


def test_every_answer_has_its_headers(event: Any, guest: Any) -> None:
    seminar = f"/en/seminar/{event.code}/"
    for path in ("/en/", seminar, "/zh/staff/sign-in/", "/en/nothing/", "/api/1/study", "/zh/interface/"):
        headers = guest.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"].split("style-src-attr")[0]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_page_loads_anything_from_elsewhere(event: Any, guest: Any) -> None:
    for path in ("/en/", f"/en/seminar/{event.code}/", "/en/staff/sign-in/", "/en/interface/", "/en/privacy/"):
        text = guest.get(path).content.decode()
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//(?!localhost)', text), path


def test_tickets_are_cookies_that_scripts_cannot_read(event: Any) -> None:
    response = client().post(f"/en/seminar/{event.code}/join/")
    ticket = next(one for name, one in response.cookies.items() if name.startswith("ticket-"))
    assert ticket["httponly"]
    assert ticket["samesite"] == "Lax"
    assert len(ticket.value) >= 22  # 128 bits


def test_behind_a_certificate_nothing_travels_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    import canbao.workbench.project.settings as ours

    monkeypatch.setenv("CANBAO_HTTPS", "1")
    settings = runpy.run_path(str(ours.__file__))
    assert settings["SESSION_COOKIE_SECURE"] and settings["CSRF_COOKIE_SECURE"] and settings["SECURE"]
    assert settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert settings["SECOND_FACTOR_REQUIRED"]
    assert settings["SESSION_COOKIE_HTTPONLY"]
    assert settings["DEBUG"] is False


# --- what is forgotten --------------------------------------------------------------------------------------------------


def test_who_holds_the_receipt_takes_her_question_back(event: Any, guest: Any) -> None:
    from canbao.workbench.seminar.models import Vote

    question = question_of(event, "Is my name Li Hua?", name="Li Hua", state="answered", answer="In 2027.", votes=1)
    Vote.objects.create(question=question, voter="v")
    merged = question_of(event, "Another's question?", state="merged", merged_into=question)
    file = guest.post("/en/seminar/receipt/file/", {"receipt": f" {question.receipt.upper()} "})
    told = json.loads(file.content)
    assert (told["text"], told["name"], told["answer"]) == ("Is my name Li Hua?", "Li Hua", "In 2027.")
    assert not {"author", "voter", "voters"} & set(told)
    page = guest.post("/en/seminar/receipt/delete/", {"receipt": question.receipt}, follow=True).content.decode()
    assert "taken back" in page
    assert "Li Hua" not in page
    seminar = f"/en/seminar/{event.code}/"
    for path in (seminar, f"{seminar}screen/", f"/api/1/seminars/{event.code}/questions"):
        assert "Li Hua" not in guest.get(path).content.decode()
    record = staff(event, "chair").get(f"/en/seminar/{event.code}/record.json").content.decode()
    assert "Li Hua" not in record
    assert "In 2027." in record
    assert not Vote.objects.filter(question=question).exists()
    merged.refresh_from_db()
    assert (merged.state, merged.merged_into) == ("live", None)
    for role in ("chair", "moderator", "answerer"):  # nobody brings it back
        for act in ("approve", "reopen", "call", "answer"):
            asked = {"act": act, "answer": "x"}
            path = f"/en/seminar/{event.code}/moderate/{question.public_id}/"
            assert staff(event, role).post(path, asked).status_code in (404, 422)


def test_a_receipt_that_nobody_holds_opens_nothing(guest: Any) -> None:
    for number in ("", "x", "2222222222", "' or 1=1 --", "\x00"):
        for path in ("file/", "delete/"):
            # Some databases hold no such character as the last, and then it is no text.
            assert guest.post(f"/en/seminar/receipt/{path}", {"receipt": number}).status_code in (404, 400)


def test_after_its_time_a_seminar_is_its_record_alone(event: Any) -> None:
    from django.utils import timezone

    from canbao.workbench.seminar.models import Ballot, Vote
    from canbao.workbench.seminar.retention import expire

    shown = question_of(event, "Shown to all?", name="Li Hua", votes=1)
    hidden = question_of(event, "Never shown?", name="Wang", state="rejected", reason="other", note="Dear Ms Wang")
    Vote.objects.create(question=shown, voter="v")
    choice = event.polls.get().choices.first()
    Ballot.objects.create(poll=choice.poll, voter="v", choice=choice)
    for days_ago, gone in ((None, False), (29, False), (31, True)):
        event.closed = timezone.now() - datetime.timedelta(days=days_ago) if days_ago else None
        event.save()
        expire(30)
        shown.refresh_from_db()
        hidden.refresh_from_db()
        assert (shown.text, shown.votes) == ("Shown to all?", 1)
        assert (shown.name == "", hidden.text == "", hidden.note == "") == (gone, gone, gone)
        assert Vote.objects.filter(question=shown).exists() != gone
        assert Ballot.objects.filter(choice=choice).exists() != gone


@pytest.mark.parametrize("said", ["0", "-1", "x", "99999", ""])
def test_days_that_are_none_are_a_fault(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from canbao.errors import InputError
    from canbao.workbench.project.place import keep_days

    monkeypatch.setenv("CANBAO_KEEP_DAYS", said)
    with pytest.raises(InputError, match="CANBAO_KEEP_DAYS"):
        keep_days()


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("CANBAO_KEEP_DAYS", "77")
    yield 77


def test_people_can_read_what_is_kept_of_them(browser: Any, days: int) -> None:
    assert f"{days} days after" in browser.get("/en/privacy/").content.decode()
    assert f"会议结束{days}天后" in browser.get("/zh/privacy/").content.decode()
    assert 'href="/en/privacy/"' in browser.get("/en/").content.decode()
