"""Checking DPI XML against the official schema, where the user has a copy of it; in a stream, by lxml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from canbao.errors import Fault, InputError, Place
from canbao.exchange.messages.dpi.structure import say
from canbao.exchange.messages.files.unpacking import opened
from canbao.exchange.messages.unreadable import UnreadableError
from canbao.languages import Words

FAULTS_AT_MOST = 100


def official_faults(path: Path, xsd: Path) -> Iterator[tuple[int, Words]]:
    """What the official schema finds wrong: line and problem, without values.

    Args:
        path: the message.
        xsd: DPIXML_v1.0.xsd, with the files that it imports beside it.

    Raises:
        InputError: there is no lxml, or the schema cannot be read.
    """
    try:
        from lxml import etree
    except ImportError:
        raise InputError(Fault(say("no_lxml"), remedy=say("no_lxml_remedy"))) from None
    try:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        schema = etree.XMLSchema(etree.parse(str(xsd), parser))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError):
        raise InputError(Fault(say("xsd_missing"), Place(xsd), say("xsd_missing_remedy"))) from None
    yield from list(_faults(etree, schema, path))[:FAULTS_AT_MOST]


def _faults(etree: Any, schema: Any, path: Path) -> Iterator[tuple[int, Words]]:
    reading: Any = None
    try:
        with opened(path) as stream:
            # With resolve_entities=False lxml 6 stops at the first syntax error without a word.
            reading = etree.iterparse(stream, events=("end",), schema=schema, no_network=True, resolve_entities="internal")
            for _, element in reading:
                if element.getparent() is not None and element.tag.endswith("ReportableSeller"):
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except (etree.XMLSyntaxError, UnreadableError) as error:
        found = list(reading.error_log) if reading is not None else []
        # Messages of the schema repeat values; what kind of fault it is and where says enough.
        yield from ((one.line, Words.same(one.type_name)) for one in found)
        if not found:
            yield getattr(error, "lineno", None) or 1, Words.same(type(error).__name__)
