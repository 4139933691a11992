"""Whole ways through the workbench, as people go them, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from canbao.languages import LANGUAGES, Catalogue, Language

seminar = Catalogue("canbao.workbench.seminar", "words")
staff = Catalogue("canbao.workbench.staff", "words")
calculate = Catalogue("canbao.workbench.calculate", "words")
simulate = Catalogue("canbao.workbench.simulate", "words")

Person = Callable[..., Page]


def sign_in(page: Page, served: Any, role: str, language: Language) -> None:
    page.goto(f"/{language}/seminar/{served.code}/moderate/")
    page.get_by_label(staff("name")[language]).fill(role)
    page.get_by_label(staff("password")[language]).fill(served.passwords[role])
    page.get_by_role("button", name=staff("enter")[language], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(seminar("moderate")[language])


def shown_to(guest: Page, text: str) -> Locator:
    """A question as it stands in a guest's list; where she reads others already, what is new waits for a button."""
    shown, news = guest.locator("li.question", has_text=text), guest.locator("#news")
    expect(shown.or_(news).filter(visible=True).first).to_be_visible(timeout=20_000)
    if news.is_visible():
        news.click()
    expect(shown).to_be_visible()
    return shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_from_the_phone_to_the_answer(person: Person, served: Any, language: Language) -> None:
    asker, voter, moderator = person(served), person(served), person(served, "desk")
    text = f"Who pays for days without orders, {language}?"
    for page in (asker, voter):
        page.goto(f"/{language}/seminar/")
        page.get_by_label(seminar("code")[language], exact=True).fill(served.code.upper())
        page.get_by_role("button", name=seminar("enter")[language], exact=True).click()
        page.get_by_role("button", name=seminar("take_part")[language], exact=True).click()
    asker.get_by_text(seminar("ask")[language], exact=True).click()
    asker.get_by_label(seminar("question")[language]).fill(text)
    asker.get_by_role("button", name=seminar("send")[language], exact=True).click()
    expect(asker.get_by_role("status")).to_be_visible()
    expect(voter.get_by_text(text)).to_have_count(0)

    sign_in(moderator, served, "moderator", language)
    waiting = moderator.locator("li.question", has_text=text)
    waiting.get_by_role("button", name=seminar("act_approve")[language], exact=True).click()

    shown = shown_to(voter, text)
    shown.get_by_role("button").click()
    expect(shown).to_contain_text(seminar("votes", n=1)[language])
    expect(shown.get_by_role("button")).to_have_attribute("aria-pressed", "true")

    answerer = person(served, "desk")
    sign_in(answerer, served, "answerer", language)
    question = answerer.locator("li.question", has_text=text)
    if not question.get_by_label(seminar("answer")[language], exact=True).is_visible():
        question.locator("summary", has_text=seminar("act_answer")[language]).click()
    question.get_by_label(seminar("answer")[language], exact=True).fill("The platform, for each order.")
    question.get_by_role("button", name=seminar("act_answer")[language], exact=True).click()
    expect(shown_to(asker, text)).to_contain_text("The platform, for each order.", timeout=20_000)


def test_without_scripts_everything_works_by_forms(person: Person, served: Any) -> None:
    page = person(served, scripts=False)
    page.goto(f"/zh/seminar/{served.code}/")
    page.get_by_role("button", name=seminar("take_part")["zh"], exact=True).click()
    page.get_by_text(seminar("ask")["zh"], exact=True).click()
    page.get_by_label(seminar("question")["zh"]).fill("外省户籍怎么参保？")
    page.get_by_role("button", name=seminar("send")["zh"], exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_poll_on_reform_options(person: Person, served: Any, language: Language) -> None:
    chair, guest = person(served, "desk"), person(served)
    sign_in(chair, served, "chair", language)
    chair.get_by_label(seminar("poll_open")[language]).check()
    chair.get_by_label(seminar("poll_results")[language]).check()
    chair.get_by_role("button", name=seminar("set")[language], exact=True).click()
    guest.goto(f"/{language}/seminar/{served.code}/")
    guest.get_by_role("button", name=seminar("take_part")[language], exact=True).click()
    guest.get_by_role("button", name=seminar("choose")[language]).first.click()
    expect(guest.get_by_text(seminar("your_choice")[language])).to_be_visible()
    expect(guest.get_by_role("button", name=seminar("choose")[language])).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rider_works_out_her_pension(person: Person, served: Any, language: Language) -> None:
    page = person(served)
    page.goto(f"/{language}/calculate/")
    page.get_by_role("button", name=calculate("ask")[language], exact=True).click()
    expect(page.get_by_role("heading", name=calculate("getting")[language])).to_be_visible()
    page.get_by_role("button", name=calculate("how")[language]).last.click()
    expect(page.locator("[id^=steps-]:not(:empty)").first).to_be_visible()
    # Nothing that was typed is in the address.
    assert "?" not in page.url


@pytest.mark.parametrize("language", LANGUAGES)
def test_levers_answer_while_one_drags(person: Person, served: Any, language: Language) -> None:
    page = person(served, "desk")
    page.goto(f"/{language}/simulate/")
    before = page.locator("#answer").inner_text()
    page.get_by_role("checkbox").first.check()
    expect(page.locator("#answer")).not_to_have_text(before, timeout=60_000)
    assert "=1" in page.url, "the address holds the levers, so that it can be shared"


def test_the_language_changes_where_one_is(person: Person, served: Any) -> None:
    page: Any = person(served)
    page.goto(f"/en/seminar/{served.code}/")
    page.get_by_role("link", name="中文").click()
    expect(page).to_have_url(f"{served.address}/zh/seminar/{served.code}/")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
