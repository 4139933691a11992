"""Accounts of the staff: sign-in, second factors, lock-out, and who changed which row."""

import re
import time
from html import unescape
from pathlib import Path
from typing import Any

import pytest

PAGES = ("", "sign-in/", "sign-out/", "password/", "password/again/", "second-factor/", "recovery-codes/new/")
GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh() -> None:
    from axes.models import AccessAttempt
    from django.core.cache import cache

    cache.clear()
    AccessAttempt.objects.all().delete()


@pytest.fixture
def account(event: Any) -> tuple[str, str]:
    """A new moderator's name and password."""
    from canbao.workbench.seminar.states import Role
    from canbao.workbench.staff.accounts import give_role

    name = f"mod_{event.code}"
    password = give_role(name, event.code, Role.MODERATOR)
    assert password is not None
    return name, password


def client(address: str = "10.0.0.9") -> Any:
    from django.test import Client

    return Client(headers={"host": "localhost"}, REMOTE_ADDR=address)


def signed_in(account: tuple[str, str], **more: str) -> Any:
    browser = client()
    sign_in(browser, account, **more)
    return browser


def sign_in(browser: Any, account: tuple[str, str], **more: str) -> Any:
    return browser.post("/en/staff/sign-in/", {"login": account[0], "password": account[1], **more})


def code_of(key: str, later: int = 0) -> str:
    """What a phone shows."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(key, int(time.time()) // 30 + later))


def with_second_factor(browser: Any) -> str:
    """Sets it up; the key."""
    page = browser.get("/en/staff/second-factor/").content.decode()
    key = re.search(r"type this key: <code>(\w+)</code>", page)[1]  # type: ignore[index]
    assert browser.post("/en/staff/second-factor/", {"code": code_of(key)}).url == "/en/staff/recovery-codes/"
    return key


# --- passwords --------------------------------------------------------------------------------------------------------


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(account: tuple[str, str]) -> None:
    def answer(name: str) -> tuple[int, str]:
        response = sign_in(client(), (name, "wrong"))
        changing = r'name="csrfmiddlewaretoken"[^>]*>|nonce="[^"]*"'
        return response.status_code, re.sub(changing, "", response.content.decode())

    assert answer(account[0]) == answer("nobody")
    assert answer("nobody")[0] == 422


def test_sign_in_leads_to_ones_seminars_and_never_to_another_site(event: Any, account: tuple[str, str]) -> None:
    assert sign_in(client(), account, next="https://evil.example/").url == "/en/staff/"
    assert sign_in(client(), account, next=f"/zh/seminar/{event.code}/moderate/").url.endswith("/moderate/")
    page = signed_in(account).get("/en/staff/").content.decode()
    assert f"/en/seminar/{event.code}/moderate/" in page
    assert "moderator" in page


def test_who_signs_out_is_out(event: Any, account: tuple[str, str]) -> None:
    browser = signed_in(account)
    assert browser.get("/en/staff/sign-out/").status_code == 200
    assert browser.get("/en/staff/").status_code == 200  # looking alone does not sign out
    assert browser.post("/en/staff/sign-out/").url == "/en/staff/sign-in/"
    assert "/staff/sign-in/" in browser.get(f"/en/seminar/{event.code}/moderate/").url


def test_a_new_password_must_be_good_and_ends_the_other_sessions(account: tuple[str, str]) -> None:
    from django.core.cache import cache

    here, there = signed_in(account), signed_in(account)
    asked = {"oldpassword": account[1], "password1": GOOD, "password2": GOOD}
    for wrong, said in (
        ({"oldpassword": "x"}, "当前密码不正确"),
        ({"password1": "short", "password2": "short"}, "密码不得少于12个字符"),
        ({"password1": "1234567890123", "password2": "1234567890123"}, "密码不能全为数字"),
        ({"password1": account[0], "password2": account[0]}, "密码与用户名过于相似"),
        ({"password2": "something else"}, "两次输入的密码不一致"),
    ):
        response = here.post("/zh/staff/password/", asked | wrong)
        assert response.status_code == 422
        assert said in response.content.decode()
    assert here.post("/zh/staff/password/", asked).status_code == 429  # five a minute
    cache.clear()
    assert here.post("/zh/staff/password/", asked).url == "/zh/staff/"
    assert here.get("/en/staff/").status_code == 200
    assert there.get("/en/staff/").status_code == 302
    assert sign_in(client(), (account[0], GOOD)).url == "/en/staff/"


def test_an_account_at_rest_stays_out(account: tuple[str, str]) -> None:
    from django.contrib.auth.models import User

    User.objects.filter(username=account[0]).update(is_active=False)
    assert client().get("/en/staff/inactive/").status_code == 403
    browser = client()
    sign_in(browser, account)
    assert browser.get("/en/staff/").status_code == 302


# --- lock-out ---------------------------------------------------------------------------------------------------------


def test_who_guesses_is_locked_out_where_she_guesses(event: Any, account: tuple[str, str]) -> None:
    from canbao.workbench.seminar.states import Role
    from canbao.workbench.staff.accounts import give_role

    tried = [sign_in(client(), (account[0], f"guess {at}")) for at in range(5)]
    assert [one.status_code for one in tried] == [422] * 4 + [429]
    assert tried[-1].headers["Retry-After"] == "900"
    assert "Too many at once" in tried[-1].content.decode()
    assert sign_in(client(), account).status_code == 429  # the right password does not help
    password = give_role(account[0], event.code, Role.MODERATOR, anew=True)
    assert sign_in(client(), (account[0], str(password))).status_code == 302


def test_guesses_from_elsewhere_do_not_lock_out_at_once(account: tuple[str, str]) -> None:
    for at in range(4):
        assert sign_in(client("10.9.9.9"), (account[0], f"guess {at}")).status_code == 422
    assert sign_in(client(), account).status_code == 302


def test_a_proxy_is_believed_only_where_there_is_one(settings_with: Any) -> None:
    from django.test import RequestFactory

    from canbao.workbench.pages.limits import address_of

    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"}, REMOTE_ADDR="127.0.0.1")
    assert address_of(request) == "127.0.0.1"
    with settings_with(SECURE=True):
        assert address_of(request) == "203.0.113.7"


# --- second factors ---------------------------------------------------------------------------------------------------


def test_a_second_factor_is_asked_for_and_each_code_holds_once(account: tuple[str, str]) -> None:
    browser = signed_in(account)
    key = with_second_factor(browser)
    codes = re.findall(r"<li><code>(\w+)</code>", browser.get("/en/staff/recovery-codes/").content.decode())
    assert len(set(codes)) == 10
    other = client()
    assert sign_in(other, account).url == "/en/staff/code/"
    assert other.get("/en/staff/").status_code == 302
    wrong = other.post("/zh/staff/code/", {"code": "000000"})
    assert (wrong.status_code, "动态码不正确" in wrong.content.decode()) == (422, True)
    assert other.post("/en/staff/code/", {"code": code_of(key, later=1)}).url == "/en/staff/"
    for status in (302, 422):  # a recovery code opens once
        lost = client()
        sign_in(lost, account)
        assert lost.post("/en/staff/code/", {"code": codes[0]}).status_code == status
    again = client()
    sign_in(again, account)
    assert again.post("/en/staff/code/", {"code": code_of(key, later=1)}).status_code == 422


def test_guessing_codes_ends_soon(account: tuple[str, str]) -> None:
    with_second_factor(signed_in(account))
    browser = client()
    sign_in(browser, account)
    pages = [browser.post("/en/staff/code/", {"code": f"{at:06}"}).content.decode() for at in range(11)]
    assert "The code is not right" in pages[0]
    assert "Too many tries" in pages[-1]


def test_where_it_is_required_nothing_opens_without(event: Any, account: tuple[str, str], settings_with: Any) -> None:
    with settings_with(SECOND_FACTOR_REQUIRED=True):
        browser = signed_in(account)
        for path in (f"/en/seminar/{event.code}/moderate/", f"/zh/seminar/{event.code}/record.json"):
            assert browser.get(path).url.endswith("/staff/second-factor/")
        assert browser.post(f"/en/seminar/{event.code}/close/").url == "/en/staff/second-factor/"
        assert browser.get("/en/staff/").status_code == 200
        with_second_factor(browser)
        assert browser.get(f"/en/seminar/{event.code}/moderate/").status_code == 200
        off = browser.get("/en/staff/second-factor/off/")
        assert "A second factor is required here" in off.content.decode()
        browser.post("/en/staff/second-factor/off/")
        assert browser.get(f"/en/seminar/{event.code}/moderate/").status_code == 200
        assert client().get(f"/en/seminar/{event.code}/").status_code == 200  # guests need none


def test_where_it_is_offered_it_can_be_turned_off_and_codes_made_anew(account: tuple[str, str]) -> None:
    browser = signed_in(account)
    with_second_factor(browser)
    before = browser.get("/en/staff/recovery-codes/").content
    browser.post("/en/staff/recovery-codes/new/")
    assert browser.get("/en/staff/recovery-codes/").content != before
    assert browser.post("/en/staff/second-factor/off/").url == "/en/staff/"
    assert "Is off" in browser.get("/en/staff/").content.decode()
    assert sign_in(client(), account).url == "/en/staff/"


def test_the_password_is_asked_again_before_something_delicate(account: tuple[str, str]) -> None:
    browser = signed_in(account)
    session = browser.session
    session["account_authentication_methods"] = []
    session.save()
    asked = browser.get("/en/staff/second-factor/").url
    assert asked.startswith("/en/staff/password/again/")
    assert browser.post(asked, {"password": "wrong"}).status_code == 422
    assert browser.post(asked, {"password": account[1]}).url == "/en/staff/second-factor/"
    assert browser.get("/en/staff/second-factor/").status_code == 200


def test_a_copy_of_the_database_gives_no_key_away(account: tuple[str, str]) -> None:
    from allauth.mfa.models import Authenticator

    key = with_second_factor(signed_in(account))
    stored = " ".join(str(one.data) for one in Authenticator.objects.filter(user__username=account[0]))
    assert key not in stored


def test_who_has_lost_all_is_let_in_anew(event: Any, account: tuple[str, str]) -> None:
    from canbao.workbench.seminar.states import Role
    from canbao.workbench.staff.accounts import give_role

    with_second_factor(signed_in(account))
    password = give_role(account[0], event.code, Role.MODERATOR, anew=True)
    assert password not in (None, account[1])
    assert sign_in(client(), account).status_code == 422
    assert sign_in(client(), (account[0], str(password))).url == "/en/staff/"


@pytest.mark.parametrize(
    ("host", "https", "said", "required"),
    [
        ("127.0.0.1", None, None, False),
        ("0.0.0.0", None, None, True),
        ("192.168.1.20", None, None, True),
        ("127.0.0.1", "1", None, True),
        ("0.0.0.0", None, "offered", False),
        ("127.0.0.1", None, "required", True),
    ],
)
def test_it_is_required_where_others_reach_the_workbench(
    host: str, https: str | None, said: str | None, required: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from canbao.workbench.project.place import second_factor_required
    from canbao.workbench.serve import _ask_second_factor

    for name, value in (("CANBAO_HTTPS", https), ("CANBAO_SECOND_FACTOR", said)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("CANBAO_HOSTS", "localhost")
    _ask_second_factor(host)
    assert second_factor_required() == required
    monkeypatch.delenv("CANBAO_SECOND_FACTOR", raising=False)


def test_a_setting_that_says_neither_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from canbao.errors import InputError
    from canbao.workbench.project.place import second_factor_required

    monkeypatch.setenv("CANBAO_SECOND_FACTOR", "perhaps")
    with pytest.raises(InputError, match="perhaps"):
        second_factor_required()


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_ours_in_both_languages(account: tuple[str, str], page: str) -> None:
    browser = client() if page == "sign-in/" else signed_in(account)
    for language in ("en", "zh"):
        response = browser.get(f"/{language}/staff/{page}")
        text = response.content.decode()
        assert response.status_code == 200
        assert "no-store" in response.headers["Cache-Control"]
        assert 'class="top"' in text
        assert f'href="/{"zh" if language == "en" else "en"}/staff/{page}"' in text
        if language == "zh":
            visible = re.sub(r"<script.*?</script>|<code>.*?</code>|<[^>]*>|FreeOTP|mod_\w+", " ", text, flags=re.S)
            assert set(re.findall(r"[A-Za-z]{4,}", unescape(visible))) <= {"English", "JSON", "Canbao"}


@pytest.mark.parametrize(
    "path", ["signup/", "password/reset/", "email/", "confirm-email/", "login/code/", "webauthn/", "reauthenticate/code/"]
)
def test_what_else_the_add_on_has_leads_nowhere(browser: Any, path: str) -> None:
    for address in (f"/en/staff/{path}", f"/accounts/{path}", f"/{path}"):
        assert browser.get(address).status_code == 404


# --- who changed what -------------------------------------------------------------------------------------------------


def test_rows_tell_who_changed_them_and_nothing_of_askers(event: Any, account: tuple[str, str]) -> None:
    from auditlog.models import LogEntry

    from canbao.workbench.seminar.models import Question
    from canbao.workbench.seminar.states import Role
    from canbao.workbench.staff.accounts import give_role

    give_role(account[0], event.code, Role.CHAIR)
    browser = signed_in(account)
    given = {"author": "k", "text": "Secret words?", "name": "Li", "language": "en", "state": "live"}
    question = Question.objects.create(event=event, **given)
    act = f"/en/seminar/{event.code}/moderate/{question.public_id}/"
    for answer in ("In 2027.", "In 2028."):
        assert browser.post(act, {"act": "answer", "answer": answer}).status_code == 302
    log = LogEntry.objects.get_for_object(question).order_by("pk")
    last = log.last()
    assert last is not None
    assert last.actor is not None
    assert (last.actor.username, last.changes["answer"]) == (account[0], ["In 2027.", "In 2028."])
    told = " ".join(str(one.changes) for one in LogEntry.objects.all())
    assert "Secret words" not in told
    assert account[1] not in told
    assert last.actor.password[-8:] not in told
    assert not LogEntry.objects.exclude(remote_addr=None).exists()
    roles = LogEntry.objects.filter(content_type__model="staff", changes__role__isnull=False).order_by("pk").last()
    assert roles is not None
    assert roles.changes["role"] == ["moderator", "chair"]
    assert LogEntry.objects.get_for_object(event).exists()


def test_the_chair_reads_who_changed_the_rows_of_her_seminar(
    event: Any, account: tuple[str, str], tmp_path: Path, plan: str
) -> None:
    from django.contrib.auth.models import User

    from canbao.workbench.seminar.models import Question
    from canbao.workbench.seminar.plan import open_seminar
    from canbao.workbench.seminar.states import Role
    from canbao.workbench.staff.accounts import give_role

    (tmp_path / "other.yaml").write_text(plan.replace("Pensions for riders", "Another seminar"), encoding="utf-8")
    other = open_seminar(tmp_path / "other.yaml", tmp_path)
    give_role("elsewhere", other.code, Role.CHAIR)
    give_role(account[0], event.code, Role.CHAIR)
    browser = signed_in(account)
    question = Question.objects.create(event=event, author="k", text="Secret?", name="Li", language="en", state="live")
    act = f"/en/seminar/{event.code}/moderate/{question.public_id}/"
    for answer in ("In <b>2027</b>.", "In 2028."):
        browser.post(act, {"act": "answer", "answer": answer})
    english, chinese = (unescape(re.sub(r"<[^>]*>", " ", page)) for page in both_pages(browser, event))
    for told in ("Role: changed", "role moderator → chair", "Seminar: made", "Which first?", "command line", account[0]):
        assert told in " ".join(english.split()), told
    assert "In <b>2027</b>. → In 2028." in " ".join(english.split())
    for told in ("修改人员角色", "新建会议", "命令行", "书面答复"):
        assert told in chinese
    for hidden in ("Secret?", "Another seminar", "elsewhere", account[1]):
        assert hidden not in english
    assert "None" not in english and User.objects.get(username=account[0]).password[-8:] not in english
    assert browser.get(f"/en/seminar/{other.code}/changes/").status_code == 404
    assert "/staff/sign-in/" in client().get(f"/en/seminar/{event.code}/changes/").url


def both_pages(browser: Any, event: Any) -> list[str]:
    pages = [browser.get(f"/{language}/seminar/{event.code}/changes/") for language in ("en", "zh")]
    assert [page.status_code for page in pages] == [200, 200]
    return [page.content.decode() for page in pages]
