"""What must hold in DPI messages beyond their structure, by the codes that tax administrations use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from canbao.exchange.messages.dpi.structure import Answering
from canbao.exchange.messages.header import IDENTIFIER
from canbao.exchange.messages.receiver import OperatorRecord

TEST = ("OECD10", "OECD11", "OECD12", "OECD13")
PLAIN = {"OECD10": "OECD0", "OECD11": "OECD1", "OECD12": "OECD2", "OECD13": "OECD3"}
RESENT = "OECD0"
ACTIONS = {"OECD1": "new", "OECD2": "correct", "OECD3": "delete"}
PARTIES = ("Identity/IndividualSeller/Standard/IndSellerID", "Identity/EntitySeller/Standard/EntSellerID")
INDICATORS = {"DPI401": "new", "DPI402": "corrections", "DPI403": "nothing"}


def doc_type(node: Answering) -> str:
    """What a record does, test records as others."""
    written = node.text_of("DocSpec/DocTypeIndic") or ""
    return PLAIN.get(written, written)


def is_test(node: Answering) -> bool:
    """Whether a record is test data."""
    return (node.text_of("DocSpec/DocTypeIndic") or "") in TEST


def seller_codes(seller: Answering, test: bool) -> Iterator[str]:
    """What is wrong with a seller that no column of ours shows."""
    kind = doc_type(seller)
    if kind == RESENT:
        yield "80008"
    if seller.has("DocSpec/CorrMessageRefId"):
        yield "80007"
    if is_test(seller) != test:
        yield "80012"
    tins = tins_of(seller)
    for text, attributes in tins:
        unknown = attributes.get("unknown") in ("true", "1")
        if unknown != (text == "NOTIN"):
            yield "61011"
            break
    if len(tins) > 1 and any(text == "NOTIN" for text, _ in tins):
        yield "61011"
    if kind in ("OECD1", "OECD2") and not seller.names_in("RelevantActivities"):
        yield "62008"


def operator_record(operator: Answering) -> OperatorRecord | None:
    """The operator's own record, where its number can be used."""
    kind, record_id = doc_type(operator), operator.text_of("DocSpec/DocRefId") or ""
    if not re.match(IDENTIFIER, record_id):
        return None
    action = "resend" if kind == RESENT else ACTIONS.get(kind, "new")
    return OperatorRecord(action, record_id, operator.text_of("DocSpec/CorrDocRefId"))


def tins_of(seller: Answering) -> list[tuple[str, Mapping[str, str]]]:
    """A seller's tax numbers with their attributes; none where a verification service knows who it is."""
    for party in PARTIES:
        if seller.has(party):
            return seller.all_of(f"{party}/TIN")
    return []
