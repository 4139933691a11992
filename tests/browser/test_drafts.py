"""From a comment on the phone to the final report, in both languages; its pages by axe-core's rules on the way."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from canbao.languages import LANGUAGES, Catalogue, Language

from .looking import look_at

drafts = Catalogue("canbao.workbench.drafts", "words")
staff = Catalogue("canbao.workbench.staff", "words")

PARAGRAPH = "15.0-1"
OF_DRAFT = ("", "draft-1/", "draft-1/workers/", "draft-1/conclusions/", "comments/", "decide/?show=all", "text/",
            "text/conclusions/")  # fmt: skip
OF_FINAL = ("final-1/", "final-1/review/", "decide/?show=all")


@pytest.mark.parametrize("language", LANGUAGES)
def test_comment_decide_finalise(person: Callable[..., Page], drafted: Any, language: Language) -> None:
    commenter, editor = person(drafted), person(drafted, "desk")
    commenter.goto(f"/{language}/drafts/draft-1/conclusions/")
    place = commenter.locator(f"[id='p-{PARAGRAPH}']")
    place.locator("summary", has_text=drafts("comment_on", number=PARAGRAPH)[language]).click()
    place.get_by_label(drafts("comment")[language], exact=True).fill("Which riders?")
    place.get_by_role("button", name=drafts("send")[language]).click()
    receipt = commenter.get_by_role("status").locator("strong").inner_text()

    editor.goto(f"/{language}/drafts/decide/")
    editor.get_by_label(staff("name")[language]).fill("editor")
    editor.get_by_label(staff("password")[language]).fill(drafted.passwords["editor"])
    editor.get_by_role("button", name=staff("enter")[language], exact=True).click()
    editor.get_by_role("button", name=drafts("make_final")[language], exact=True).click()
    # Not while a comment lacks a decision.
    expect(editor.locator(".faults")).to_contain_text(PARAGRAPH)

    editor.goto(f"/{language}/drafts/decide/")
    editor.get_by_role("link", name=PARAGRAPH).click()
    editor.get_by_role("combobox", name=drafts("decision")[language]).select_option("accepted_with_change")
    editor.get_by_label(drafts("reason")[language], exact=True).fill("Food riders.")
    editor.get_by_role("button", name=drafts("decide_stay")[language], exact=True).click()

    editor.goto(f"/{language}/drafts/decide/?show=all")
    decided = editor.get_by_role("link", name=PARAGRAPH).get_attribute("href")
    look_at(editor, [f"/{language}/drafts/{path}" for path in OF_DRAFT] + [str(decided)])

    commenter.goto(f"/{language}/drafts/receipt/")
    commenter.get_by_label(drafts("receipt_number")[language], exact=True).fill(receipt)
    commenter.get_by_role("button", name=drafts("find")[language], exact=True).click()
    expect(commenter.get_by_text("Food riders.")).to_be_visible()
    commenter.get_by_role("button", name=drafts("accept")[language], exact=True).click()
    expect(commenter.get_by_text(drafts("accepts_yes")[language])).to_be_visible()

    editor.goto(f"/{language}/drafts/decide/")
    editor.get_by_role("button", name=drafts("make_final")[language], exact=True).click()
    expect(editor.get_by_text(drafts("made")[language])).to_be_visible(timeout=240_000)
    editor.goto(f"/{language}/drafts/")
    with editor.expect_download() as download:
        editor.get_by_role("link", name="DOCX").first.click()
    assert download.value.suggested_filename.endswith(".docx")
    look_at(editor, [f"/{language}/drafts/{path}" for path in OF_FINAL])
