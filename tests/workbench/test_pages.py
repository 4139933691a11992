"""What every page has: both languages, safe headers, no page for what does not exist."""

import re
from typing import Any

import pytest

from canbao.languages import LANGUAGES

PAGES = ("", "explore/", "simulate/", "calculate/", "bring/")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_pages_open_in_both_languages(browser: Any, language: str, page: str) -> None:
    response = browser.get(f"/{language}/{page}")
    text = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in text
    assert f'href="/{"zh" if language == "en" else "en"}/{page}"' in text
    if language == "zh":
        # Chinese pages speak no English but names, codes and the other language's own name.
        words = set(
            re.findall(
                r"[A-Za-z]{4,}",
                re.sub(
                    r"<script.*?</script>|<style.*?</style>|<pre\b.*?</pre>|<code>.*?</code>|<[^>]*>", " ", text, flags=re.S
                ),
            )
        )
        assert words <= {"English", "JSON", "XLSX"}, words


def test_a_browser_gets_its_own_language(browser: Any) -> None:
    assert browser.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).url == "/zh/"
    assert browser.get("/", headers={"accept-language": "de, en"}).url == "/en/"


def test_headers_keep_others_out(browser: Any) -> None:
    headers = browser.get("/en/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src-attr")[0]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/en/nothing/", "/de/", "/font/Thin.woff2", "/en/explore/estimates.exe", "/en/calculate/steps/secret/"]
)
def test_what_does_not_exist_is_not_found(browser: Any, path: str) -> None:
    response = browser.post(path) if "steps" in path else browser.get(path)
    assert response.status_code in (403, 404)
    assert "Traceback" not in response.content.decode()


def test_a_form_without_its_token_is_refused() -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post("/en/calculate/", {"province": "44"}).status_code == 403
