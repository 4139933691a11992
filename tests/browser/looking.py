"""A page by axe-core's rules, and whether it is wider than the screen."""

from collections.abc import Iterable, Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .conftest import SIZES

ALL = ("minor", "moderate", "serious", "critical")


def refuse_faults(page: Page, impacts: Iterable[str] = ALL) -> None:
    """Fails where axe finds something of these impacts, or where one must scroll sideways."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found if one["impact"] in impacts] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"


def look_at(page: Page, paths: Iterable[str], sizes: Mapping[str, Mapping[str, int]] = SIZES) -> None:
    """Each page with all that can be opened open, on a phone and on a desk."""
    for path in paths:
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        for width, height in (tuple(one.values()) for one in sizes.values()):
            page.set_viewport_size({"width": width, "height": height})
            refuse_faults(page)
