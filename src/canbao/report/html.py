"""An edition as one web page that needs nothing else: fonts and drawings travel inside it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from canbao.report.edition import Edition, Heading, Item, PrintedColumn, PrintedTable, Span
from canbao.report.fonts import WEIGHTS, woff2

TELEPHONE, PADDING, WRAPPED = 46.0, 2.0, 20.0
"""Digits that fit beside one another in a table on a telephone held upright; those that a column's edges take, and those
below which no column of words is pressed."""


def write_html(edition: Edition, path: Path, fonts: Path) -> None:
    """Write a web page."""
    style = resources.files("canbao.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template("report.html")
        .render(
            edition=edition,
            words=edition.words,
            lang={"en": "en", "zh": "zh-Hans"}[edition.language],
            style=Markup(style),
            faces=Markup(_faces(edition, fonts)),
            contents=[item for item in edition.items if isinstance(item, Heading) and item.level <= 2 and item.key],
        )
    )
    path.write_text(page, encoding="utf-8")


def html_items(items: Sequence[Item], words: Mapping[str, str]) -> Markup:
    """Some of an edition's items, as they stand in its web page."""
    return Markup(_environment().get_template("items.html").module.printed(items, words))  # type: ignore[attr-defined]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("canbao.report", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = marked
    environment.filters["drawing"] = drawing
    environment.filters["spreads"] = spreads
    environment.globals["kind_of"] = lambda item: type(item).__name__
    environment.globals["head_groups"] = head_groups
    return environment


def marked(spans: Sequence[Span]) -> Markup:
    """Inline marks as HTML."""
    return Markup("").join(_span(span) for span in spans)


def _span(span: Span) -> Markup:
    text = escape(span.text)
    for mark, tag in ((span.code, "code"), (span.emphasis, "em"), (span.strong, "strong")):
        if mark:
            text = Markup("<{0}>{1}</{0}>").format(Markup(tag), text)
    return Markup('<a href="{}">{}</a>').format(span.link, text) if span.link else text


def drawing(svg: str, number: str) -> Markup:
    """A drawing inside the page; its inner names get the figure's number, since a page has many."""
    inner = re.sub(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>", "", svg)
    inner = re.sub(r'\bid="([^"]+)"', rf'id="f{number}-\1"', inner)
    inner = re.sub(r"url\(#([^)]+)\)", rf"url(#f{number}-\1)", inner)
    inner = re.sub(r'(<svg[^>]*?)\s+width="[^"]*"\s+height="[^"]*"', r"\1", inner, count=1)
    return Markup(inner)


def spreads(table: PrintedTable) -> bool:
    """Whether a table is wider than a telephone, so that one must scroll to see all of it."""
    # Words go over lines, numbers do not.
    needs = (min(one.weight, WRAPPED) if one.align == "left" else one.weight for one in table.columns)
    return sum(needs) + PADDING * len(table.columns) > TELEPHONE


def head_groups(columns: Sequence[PrintedColumn]) -> list[tuple[str, int]]:
    """Headings that span several columns: text and how many."""
    groups: list[tuple[str, int]] = []
    for column in columns:
        if groups and column.group and groups[-1][0] == column.group:
            groups[-1] = (column.group, groups[-1][1] + 1)
        else:
            groups.append((column.group, 1))
    return groups


def _faces(edition: Edition, fonts: Path) -> str:
    faces = []
    for name, weight in WEIGHTS.items():
        data = base64.b64encode(woff2(fonts, name, edition.characters)).decode()
        source = f"url(data:font/woff2;base64,{data}) format('woff2')"
        faces.append(f"@font-face{{font-family:'Noto Sans SC';font-weight:{weight};src:{source};}}")
    return "\n".join(faces)
