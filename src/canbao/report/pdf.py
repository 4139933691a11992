"""An edition as PDF, laid out by Typst, accessible by the standard PDF/UA-1."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import typst

from canbao.report.edition import Edition, Item, PrintedFigure, PrintedTable

PORTRAIT = 94.0
"""Digits that fit beside one another in a table of the usual size on an upright page."""

SIZES = ((1.0, 8.5), (1.12, 7.6), (1.28, 6.8))
"""Tables that need more room get smaller letters, down to where a page on its side serves better."""

NEARLY_EMPTY = 0.12
"""What is left over for the last of several pages, as a part of them all, up to which setting tables closer makes room."""

CELL_PADDING = 1.6
TALL = 0.55
"""A drawing so high, as a part of the text's width, is not held together with the words above it."""

FULL_WIDTH = 720.0
"""A drawing of so many pixels fills the page's width."""


def write_pdf(edition: Edition, path: Path, fonts: Path) -> None:
    """Write a PDF."""
    template = resources.files("canbao.report").joinpath("templates", "report.typ").read_bytes()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "report.typ").write_bytes(template)
        (root / "figures").mkdir()
        for figure in edition.figures:
            (root / "figures" / f"{figure.key}.svg").write_text(figure.svg, encoding="utf-8")
        content = _content(edition)
        (root / "edition.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (root / "close.json").write_text("[]", encoding="utf-8")
        compiler = typst.Compiler(root / "report.typ", root=root, font_paths=[fonts], ignore_system_fonts=True)
        # Where pages end is known only when all is set; what was set is kept for the file unless something moves.
        ends = json.loads(compiler.query("<end>", field="value"))
        if close := set_close(content["items"], ends):
            (root / "close.json").write_text(json.dumps(close), encoding="utf-8")
        pdf = compiler.compile(pdf_standards=["ua-1"])
        assert isinstance(pdf, bytes)
    path.write_bytes(pdf)


def set_close(items: Sequence[Mapping[str, Any]], ends: Sequence[Mapping[str, Any]]) -> list[str]:
    """The tables that are set closer, since otherwise the last page before a new one would stand nearly empty.

    Args:
        items: of the edition, as the template knows them.
        ends: before which item a page is begun anew, and where the text then ended: page, and how much of it was filled.

    Returns:
        Keys of the tables between that place and the one before.
    """
    close: list[str] = []
    for before, end in pairwise(ends):
        pages = end["page"] - before["page"] - 1 + end["filled"]
        if pages > 1 and NEARLY_EMPTY * pages >= end["filled"] > 0:
            part = items[before["at"] : end["at"]]
            close += [item["key"] for item in part if item["kind_of"] == "PrintedTable" and not item["wide"]]
    return close


def _content(edition: Edition) -> dict[str, Any]:
    day = edition.document.date
    return {
        "language": edition.language,
        "title": edition.title,
        "subtitle": edition.subtitle,
        "authors": list(edition.authors),
        "date": edition.date,
        "date_parts": {"year": day.year, "month": day.month, "day": day.day},
        "notice": edition.notice,
        "made_with": edition.made_with,
        "words": dict(edition.words),
        "letter": asdict(edition.letter) if edition.letter is not None else None,
        "items": [_item(item, upright=edition.letter is not None) for item in edition.items],
    }


def _item(item: Item, *, upright: bool) -> dict[str, Any]:
    match item:
        case PrintedTable():
            return {"kind_of": "PrintedTable", **_table(item, upright=upright)}
        case PrintedFigure():
            notes = [[asdict(span) for span in note] for note in item.notes]
            width = min(100.0, 100.0 * _drawn("width", item.svg) / FULL_WIDTH)
            return {
                "kind_of": "PrintedFigure",
                "key": item.key,
                "number": item.number,
                "title": item.title,
                "alt": item.alt,
                "notes": notes,
                "source": item.source,
                "marks": list(item.marks),
                "width": width,
                "tall": _drawn("height", item.svg) * width / 100.0 > TALL * FULL_WIDTH,
            }
        case _:
            return {"kind_of": type(item).__name__, **asdict(item)}


def _table(table: PrintedTable, *, upright: bool) -> dict[str, Any]:
    need = sum(column.weight + CELL_PADDING for column in table.columns)
    fitting = [size for factor, size in SIZES if need <= PORTRAIT * factor]
    wide = not fitting and not upright
    return {
        "key": table.key,
        "number": table.number,
        "title": table.title,
        "grouped": table.grouped,
        "wide": wide,
        "size": fitting[0] if fitting else 7.2,
        "columns": [
            {"label": one.label, "group": one.group, "align": one.align, "width": one.weight + CELL_PADDING}
            for one in table.columns
        ],
        "rows": [
            {
                "kind": row.kind,
                "cells": [{"spans": [asdict(span) for span in cell.spans], "small": cell.small} for cell in row.cells],
            }
            for row in table.rows
        ],
        "notes": [[asdict(span) for span in note] for note in table.notes],
        "source": table.source,
        "marks": list(table.marks),
    }


def _drawn(side: str, svg: str) -> float:
    found = re.search(rf'{side}="([\d.]+)"', svg)
    return float(found.group(1)) if found else FULL_WIDTH
