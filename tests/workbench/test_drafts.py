"""Drafts in the browser: read, comment, answer, decide, finalise; who may, and what is refused."""

import csv
import io
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest

from canbao.languages import LANGUAGES
from canbao.study import Study
from canbao.workbench.project.place import STUDY, data_folder

from ..conftest import small_study

PAYLOADS = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    "=cmd|'/c calc'!A1",
    '"><img src=x onerror=alert(1)>',
    "'; drop table x; --",
]
CONCLUSION = "15.0-1"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has taken a draft."""
    folder = small_study(tmp_path_factory.mktemp("drafts") / "small")
    Study(folder).take_edition("draft", ("docx", "html"))
    return folder


@pytest.fixture(autouse=True)
def fresh(study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    monkeypatch.setenv(STUDY, str(study))
    yield
    from canbao.workbench.background import at_work
    from canbao.workbench.drafts.models import Comment, Deed, Staff

    for process in at_work:
        process.wait()

    for kept in (Comment, Deed, Staff):
        kept.objects.all().delete()
    shutil.rmtree(data_folder() / "drafts", ignore_errors=True)
    (study / "review" / "comments.csv").unlink(missing_ok=True)


def signed_in(role: str) -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    from canbao.workbench.drafts.roles import give_role
    from canbao.workbench.drafts.states import Role

    give_role(f"drafts_{role}", Role(role))
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=f"drafts_{role}"))
    return client


@pytest.fixture
def editor() -> Any:
    return signed_in("editor")


def comment(browser: Any, text: str = "Which riders?", paragraph: str = CONCLUSION, **more: str) -> Any:
    said = {"paragraph": paragraph, "comment": text, "type": "technical", "commenter": "Wang", "body": "Union", **more}
    return browser.post("/en/drafts/draft-1/comment/", said)


def only() -> Any:
    from canbao.workbench.drafts.models import Comment

    return Comment.objects.get()


def decide(editor: Any, **more: str) -> Any:
    said = {"decision": "accepted", "response": "Food riders.", **more}
    return editor.post(f"/en/drafts/decide/{only().name}/", said)


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


# --- readers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["", "draft-1/", "draft-1/conclusions/", "draft-1/workers/", "comments/", "receipt/"])
def test_pages_open_in_both_languages_without_an_account(browser: Any, language: str, page: str) -> None:
    text = text_of(browser.get(f"/{language}/drafts/{page}"))
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in text
    assert "<h1>" in text or page.endswith("s/")


def test_a_chapter_shows_every_paragraph_with_its_number_and_a_form(browser: Any, study: Path) -> None:
    snapshot = Study(study).review_log().editions["draft-1"]
    for chapter in {one.chapter for one in snapshot.paragraphs}:
        text = text_of(browser.get(f"/zh/drafts/draft-1/{chapter}/"))
        numbers = [one.number for one in snapshot.paragraphs if one.chapter == chapter]
        assert re.findall(r'<section class="numbered kind-\w+" id="p-([^"]+)"', text) == numbers
        assert re.findall(r'name="paragraph" value="([^"]+)"', text) == numbers
        assert text.count("<form") == len(numbers)
    page = text_of(browser.get("/zh/drafts/draft-1/conclusions/"))
    assert "骑手需要保障。" in page and "Riders need cover." in page


def test_the_form_needs_neither_script_nor_mouse(browser: Any) -> None:
    page = text_of(browser.get("/en/drafts/draft-1/conclusions/"))
    form = page[page.index("<form") : page.index("</form>")]
    assert "onclick" not in page and "onselect" not in page
    for name in ("comment", "proposed_change", "type", "commenter", "body"):
        assert re.search(rf'<label[^>]*><span>[^<]+</span><(textarea|select|input)[^>]*name="{name}"', form)
    assert '<button type="submit">' in form and form.index("csrfmiddlewaretoken")


def test_a_comment_gets_a_receipt_and_is_shown_when_it_is_decided(browser: Any, editor: Any) -> None:
    response = comment(browser, proposed_change="Food riders need cover.")
    assert response.url == "/en/drafts/receipt/"
    receipt = only().receipt
    assert receipt in text_of(browser.get(response.url)) and receipt not in response.url
    assert "Which riders?" not in text_of(browser.get("/en/drafts/comments/"))
    assert "wait to be read: 1" in text_of(browser.get("/en/drafts/comments/"))
    assert decide(editor).url == "/en/drafts/decide/"
    page = text_of(browser.get("/en/drafts/comments/"))
    assert "Which riders?" in page and "Food riders." in page and receipt not in page
    assert "Which riders?" in text_of(browser.get("/en/drafts/draft-1/conclusions/"))


def test_who_has_the_receipt_answers_the_decision(browser: Any, editor: Any) -> None:
    from django.test import Client

    comment(browser)
    other = Client(headers={"host": "localhost"})
    assert other.post("/en/drafts/receipt/answer/", {"answer": "yes"}).status_code == 404
    assert browser.post("/en/drafts/receipt/answer/", {"answer": "yes"}).status_code == 422
    decide(editor)
    assert "Do you accept" in text_of(other.post("/en/drafts/receipt/", {"receipt": f" {only().receipt.upper()} "}))
    other.post("/en/drafts/receipt/answer/", {"answer": "no"})
    assert only().accepts == "no"
    assert "does not accept" in text_of(browser.get("/en/drafts/comments/"))
    assert "Which riders" in text_of(editor.get("/en/drafts/decide/?show=disputed"))
    # A new decision has to be accepted anew.
    decide(editor, decision="noted", response="Another.")
    assert only().accepts == ""
    assert other.post("/en/drafts/receipt/answer/", {"answer": "maybe"}).status_code == 404
    assert "no comment with this number" in text_of(other.post("/en/drafts/receipt/", {"receipt": "nothing"}))


def test_a_commenter_may_take_an_undecided_comment_back(browser: Any, editor: Any) -> None:
    comment(browser)
    browser.post("/en/drafts/receipt/answer/", {"answer": "withdraw"})
    assert (only().decision, bool(only().response)) == ("withdrawn", True)
    assert browser.post("/en/drafts/receipt/answer/", {"answer": "withdraw"}).status_code == 422
    decide(editor)
    assert only().decision == "accepted"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"paragraph": "99.9-9"}, "There is no paragraph 99.9-9"),
        ({"text": ""}, "says nothing"),
        ({"text": "x" * 5001}, "5000 characters"),
        ({"type": "rude"}, "no type of comment"),
    ],
)
def test_what_cannot_be_a_comment_is_refused(browser: Any, said: dict[str, str], told: str) -> None:
    response = comment(browser, **said)
    assert response.status_code == 422 and told in response.content.decode()


def test_the_same_comment_twice_is_one(browser: Any) -> None:
    comment(browser)
    response = comment(browser)
    assert response.status_code == 422 and "already" in response.content.decode()
    assert only().receipt not in response.content.decode()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_others_words_are_only_words(browser: Any, editor: Any, payload: str) -> None:
    comment(browser, payload, commenter=payload, body=payload, proposed_change=payload)
    decide(editor, response=payload, changed_text=payload)
    for page in ("comments/", "draft-1/conclusions/", "receipt/"):
        text = text_of(browser.get(f"/en/drafts/{page}"))
        assert "<script>alert" not in text and "<img src=x" not in text and ">49<" not in text
    for page in ("decide/?show=all", f"decide/{only().name}/"):
        assert "<script>alert" not in text_of(editor.get(f"/en/drafts/{page}"))
    row = next(csv.DictReader(io.StringIO(text_of(editor.get("/en/drafts/decide/log.csv")).removeprefix("\ufeff"))))
    assert row["comment"] == ("'" if payload.startswith("=") else "") + payload
    with zipfile.ZipFile(io.BytesIO(editor.get("/en/drafts/decide/log.xlsx").content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_many_comments_from_one_address_have_to_wait(browser: Any) -> None:
    answers = [comment(browser, f"Comment {at}").status_code for at in range(62)]
    assert answers.count(302) == 60 and answers[-1] == 429


def test_a_form_without_its_token_is_refused() -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert comment(strict).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "draft-2/",
        "draft-1/nothing/",
        "../x/",
        "draft-1/file/report.en.exe",
        "draft-1/file/..%2f..%2f..%2fstudy.yaml",
        "draft-1/file/paragraphs.json",
        "decide/cnobody/withhold/",
        "final-1/",
    ],
)
def test_what_does_not_exist_is_not_found(browser: Any, path: str) -> None:
    assert browser.get(f"/en/drafts/{path}").status_code in (404, 405)


def test_the_draft_and_its_template_can_be_downloaded(browser: Any, study: Path) -> None:
    folder = study / "review" / "editions" / "draft-1"
    for name in ("report.zh.docx", "report.en.html", "comments.en.xlsx", "manifest.json"):
        assert b"".join(browser.get(f"/en/drafts/draft-1/file/{name}").streaming_content) == (folder / name).read_bytes()


# --- staff ----------------------------------------------------------------------------------------------------------------


STAFF_PAGES = ("decide/", "decide/state/", "decide/log.csv", "decide/log.xlsx", "decide/log.docx", "decide/review.zip")


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_only_staff_read_the_log(browser: Any, page: str) -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    assert "sign-in" in browser.get(f"/en/drafts/{page}").url
    nobody = Client(headers={"host": "localhost"})
    nobody.force_login(User.objects.get_or_create(username="nobody")[0])
    assert nobody.get(f"/en/drafts/{page}").status_code == 404
    assert signed_in("reader").get(f"/en/drafts/{page}").status_code == 200


def test_a_reader_changes_nothing(browser: Any) -> None:
    comment(browser)
    reader = signed_in("reader")
    name = only().name
    assert "<textarea" not in text_of(reader.get(f"/en/drafts/decide/{name}/"))
    for client in (reader, browser):
        for path in (f"{name}/", f"{name}/withhold/", "show/", "upload/", "take/"):
            said = {"decision": "accepted", "response": "x", "reason": "x", "name": name, "kind": "final"}
            assert client.post(f"/en/drafts/decide/{path}", said).status_code == 404
    assert only().decision == "" and not only().is_shown


def test_a_decision_needs_a_reason_and_is_noted(browser: Any, editor: Any) -> None:
    from canbao.workbench.drafts.models import Deed

    comment(browser)
    for bad in (
        {"response": " "},
        {"decision": ""},
        {"decision": "perhaps"},
        {"decision": "duplicate", "duplicate_of": "cx"},
    ):
        assert decide(editor, **bad).status_code == 422
    assert only().decision == ""
    decide(editor)
    assert only().responsible == "drafts_editor" and re.fullmatch(r"\d{4}-\d\d-\d\d", only().decided)
    assert [(one.act, one.comment) for one in Deed.objects.all()] == [("decide", only().name)]


def test_a_duplicate_names_the_other_comment(browser: Any, editor: Any) -> None:
    from canbao.workbench.drafts.models import Comment

    comment(browser, "First")
    comment(browser, "Second")
    first, second = Comment.objects.get(comment="First").name, Comment.objects.get(comment="Second").name
    same = {"decision": "duplicate", "response": "See there.", "duplicate_of": first}
    assert editor.post(f"/en/drafts/decide/{second}/", same).status_code == 302
    back = {"decision": "duplicate", "response": "See there.", "duplicate_of": second}
    assert editor.post(f"/en/drafts/decide/{first}/", back).status_code == 422


def test_comments_are_shown_or_withheld_with_a_reason(browser: Any, editor: Any) -> None:
    comment(browser)
    name = only().name
    editor.post("/en/drafts/decide/show/", {"name": [name]})
    assert "Which riders?" in text_of(browser.get("/en/drafts/comments/"))
    assert editor.post(f"/en/drafts/decide/{name}/withhold/", {"reason": ""}).status_code == 422
    editor.post(f"/en/drafts/decide/{name}/withhold/", {"reason": "names a person"})
    decide(editor)
    page = text_of(browser.get("/en/drafts/comments/"))
    assert "Which riders?" not in page and "answered all the same: 1" in page
    assert "Which riders?" in text_of(editor.get("/en/drafts/decide/log.csv"))


def test_word_and_excel_comments_are_uploaded_and_broken_files_named(editor: Any, study: Path, tmp_path: Path) -> None:
    from canbao.workbench.drafts.models import Comment

    path = tmp_path / "reply.docx"
    shutil.copy(study / "review" / "editions" / "draft-1" / "report.en.docx", path)
    document = docx.Document(str(path))
    line = next(one for one in document.paragraphs if "Riders need cover" in one.text)
    document.add_comment(runs=line.runs[-1:], author="工会", text="Which riders?")
    document.save(str(path))
    files = [io.BytesIO(path.read_bytes()), io.BytesIO(b"junk"), io.BytesIO(b"MZ")]
    for file, name in zip(files, ("reply.docx", "broken.xlsx", "../../evil.exe"), strict=True):
        file.name = name
    response = editor.post("/en/drafts/decide/upload/", {"files": files, "body": "Union"})
    page = response.content.decode()
    assert response.status_code == 422 and "1 new comments" in page
    assert "broken.xlsx: The file is damaged" in page and "evil.exe: Comments are read from" in page
    assert str(data_folder()) not in page and "/tmp" not in page
    one = Comment.objects.get()
    assert (one.paragraph, one.commenter, one.body, one.source) == (CONCLUSION, "工会", "Union", "reply.docx")
    assert editor.post("/en/drafts/decide/upload/", {}).status_code == 422


def test_the_studys_own_log_is_taken_in(editor: Any, study: Path) -> None:
    from canbao.cli import run
    from canbao.evidence.review.comments import made_comment, merged, write_comments

    log = Study(study).review_log()
    one = made_comment(log.editions["draft-1"], CONCLUSION, "Li", "Bureau", "2026-07-01", "general", "From a letter")
    write_comments(study / "review", merged(log, [one]))
    assert "From a letter" in text_of(editor.get("/en/drafts/decide/"))
    assert run(["review", "decide", str(study), one.id, "--decision", "noted", "--response", "Seen."]) == 0
    editor.get("/en/drafts/decide/")
    assert (only().decision, only().response) == ("noted", "Seen.")


def test_an_edition_is_finalised_when_all_is_decided_and_the_study_is_only_read(
    browser: Any, editor: Any, study: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    comment(browser)
    response = editor.post("/en/drafts/decide/take/", {"kind": "final"})
    assert response.status_code == 422 and "(Wang, Union) has no decision" in response.content.decode()
    assert editor.post("/en/drafts/decide/take/", {"kind": "other"}).status_code == 404
    decide(editor)
    assert editor.post("/en/drafts/decide/take/", {"kind": "final"}).status_code == 302
    for _ in range(240):
        state = text_of(editor.get("/en/drafts/decide/state/"))
        assert "could not be made" not in state
        if "was made" in state:
            break
        time.sleep(1)
    report = b"".join(browser.get("/en/drafts/final-1/file/report.en.html").streaming_content).decode()
    assert "Comments and what was decided" in report and "Which riders?" in report
    assert comment(browser, "Too late").status_code == 422
    assert "<form" not in text_of(browser.get("/en/drafts/draft-1/conclusions/"))
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before
    packed = editor.get("/en/drafts/decide/review.zip").content
    other = tmp_path / "other"
    shutil.copytree(study, other)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(other)
    log = Study(other).review_log()
    assert list(log.editions) == ["draft-1", "final-1"] and [one.comment for one in log.comments] == ["Which riders?"]
    assert packed == editor.get("/en/drafts/decide/review.zip").content


def test_ten_thousand_comments_are_listed_page_by_page(browser: Any, editor: Any, study: Path) -> None:
    from canbao.evidence.review.comments import made_comment
    from canbao.workbench.drafts.log import add

    snapshot = Study(study).review_log().editions["draft-1"]
    add([made_comment(snapshot, CONCLUSION, "Li", "", "", "general", f"Comment {at}") for at in range(10_000)], shown=True)
    begun = time.monotonic()
    page = text_of(browser.get("/en/drafts/comments/?page=200"))
    assert "Page 200 of 200" in page and page.count("<article") == 50
    assert "10000 of 10000" in text_of(editor.get("/en/drafts/decide/"))
    assert time.monotonic() - begun < 5
    assert text_of(editor.get("/en/drafts/decide/log.csv")).count("Comment ") == 10_000


# --- authors' text --------------------------------------------------------------------------------------------------------


def field(page: str, name: str) -> str:
    import html

    found = re.search(rf'name="{name}" value="([^"]*)"', page) or re.search(
        rf'<textarea name="{name}"[^>]*>\n(.*?)</textarea>', page, re.S
    )
    assert found is not None, name
    return html.unescape(found[1])


def write(editor: Any, page: str, **said: str) -> Any:
    names = ("en", "zh", "seen_en", "seen_zh")
    return editor.post("/en/drafts/text/conclusions/", {**{name: field(page, name) for name in names}, **said})


def test_authors_write_in_both_languages_over_the_studys_files(editor: Any, study: Path) -> None:
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    page = text_of(editor.get("/en/drafts/text/conclusions/"))
    assert field(page, "zh").startswith("骑手需要保障。")
    assert write(editor, page, en="Food riders need {n} things.\n\nThe floor is too high.\n").status_code == 302
    page = text_of(editor.get("/zh/drafts/text/conclusions/"))
    assert "Food riders need {n} things." in page and "骑手需要保障。" in page
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before
    with zipfile.ZipFile(io.BytesIO(editor.get("/en/drafts/decide/review.zip").content)) as archive:
        assert archive.read("text/en/conclusions.md").decode().startswith("Food riders")
        assert "text/zh/conclusions.md" not in archive.namelist()
    editor.post("/en/drafts/decide/take/", {"kind": "draft"})
    for _ in range(240):
        state = text_of(editor.get("/en/drafts/decide/state/"))
        assert "could not be made" not in state, state
        if "was made" in state:
            break
        time.sleep(1)
    assert "Food riders need 200 things." in text_of(editor.get("/en/drafts/draft-2/conclusions/"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"en": "{coverage.pension.nothing}"}, "text/en/conclusions.md:1"),
        ({"zh": "见[@nobody]。"}, "text/zh/conclusions.md:1"),
        ({"en": "<!-- open"}, "text/en/conclusions.md:1"),
        ({"seen_en": "0"}, "Somebody has changed the English text"),
    ],
)
def test_text_that_the_report_could_not_print_is_refused_and_kept_in_the_form(
    editor: Any, said: dict[str, str], told: str
) -> None:
    page = text_of(editor.get("/en/drafts/text/conclusions/"))
    response = write(editor, page, **{"en": "Mine.", **said})
    text = response.content.decode()
    assert response.status_code == 422 and told in text
    assert field(text, "en") == {"en": "Mine.", **said}["en"]
    assert "Riders need cover." in text and str(data_folder()) not in text
    assert not (data_folder() / "drafts" / "text").exists()


@pytest.mark.parametrize("slot", ["nowhere", "..", "a b", "../../etc/passwd", "Conclusions"])
def test_text_stands_only_where_the_report_has_a_place(editor: Any, slot: str) -> None:
    said = {"en": "x", "zh": "x", "seen_en": "", "seen_zh": ""}
    assert editor.post(f"/en/drafts/text/{slot}/", said).status_code in (404, 422)
    assert editor.get("/en/drafts/text/", {"slot": "pensions.end"}).url == "/en/drafts/text/pensions.end/"


def test_translations_are_signed_off_and_go_stale(editor: Any) -> None:
    assert text_of(editor.get("/en/drafts/text/")).count("nobody has looked at it: 3") == 1
    names = {"name": ["conclusions#1", "conclusions#2"], "status": "signed_off"}
    assert editor.post("/en/drafts/text/conclusions/sign/", names).status_code == 302
    assert editor.post("/en/drafts/text/conclusions/sign/", {**names, "status": "fine"}).status_code == 404
    page = text_of(editor.get("/en/drafts/text/conclusions/"))
    assert page.count('<strong class="may must">signed off') == 2 and "drafts_editor" in page
    write(editor, page, en=field(page, "en").replace("Riders", "Food riders"))
    assert "stale: English changed after it was looked at" in text_of(editor.get("/en/drafts/text/conclusions/"))
    with zipfile.ZipFile(io.BytesIO(editor.get("/en/drafts/decide/review.zip").content)) as archive:
        assert archive.read("review/translation.csv").count(b"signed_off") == 2


def test_a_reader_of_texts_writes_nothing(browser: Any) -> None:
    reader = signed_in("reader")
    page = text_of(reader.get("/en/drafts/text/conclusions/"))
    assert "<textarea" not in page and 'type="checkbox"' not in page
    said = {"en": "x", "zh": "x", "seen_en": "", "seen_zh": "", "name": "conclusions#1", "status": "signed_off"}
    for client in (reader, browser):
        for path in ("conclusions/", "conclusions/sign/"):
            assert client.post(f"/en/drafts/text/{path}", said).status_code == 404
    assert "sign-in" in browser.get("/en/drafts/text/").url
