"""Every page by axe-core's rules, and none wider than the screen, on a phone and on a desk, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from canbao.languages import LANGUAGES, Language

from .looking import refuse_faults

PAGES = ("", "explore/", "explore/?of=pension_scheme", "simulate/", "simulate/?levy_per_order=0.2&injury=single-branch",
         "simulate/compare/?with=matching&with=order_levy", "calculate/", "bring/", "seminar/", "seminar/{code}/",
         "seminar/{code}/screen/", "staff/sign-in/", "interface/", "privacy/", "drafts/", "drafts/comments/",
         "drafts/receipt/")  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_serious_fault(person: Callable[..., Page], served: Any, path: str, language: Language) -> None:
    # The desk's layout is the same in both languages.
    for size in ("phone", "desk") if language == "en" else ("phone",):
        page = person(served, size)
        page.goto(f"/{language}/{path.format(code=served.code)}", timeout=120_000)
        refuse_faults(page, ("serious", "critical"))
