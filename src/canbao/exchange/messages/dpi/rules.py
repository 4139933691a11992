"""What must hold in DPI messages beyond their structure, by the codes that tax administrations use."""

from __future__ import annotations

from collections.abc import Iterator

from canbao.exchange.messages.dpi.structure import Node

TEST = ("OECD10", "OECD11", "OECD12", "OECD13")
PLAIN = {"OECD10": "OECD0", "OECD11": "OECD1", "OECD12": "OECD2", "OECD13": "OECD3"}
ACTIONS = {"OECD1": "new", "OECD2": "correct", "OECD3": "delete"}
INDICATORS = {"DPI401": "new", "DPI402": "corrections", "DPI403": "nothing"}


def doc_type(node: Node) -> str:
    """What a record does, test records as others."""
    written = node.text_of("DocSpec/DocTypeIndic") or ""
    return PLAIN.get(written, written)


def is_test(node: Node) -> bool:
    """Whether a record is test data."""
    return (node.text_of("DocSpec/DocTypeIndic") or "") in TEST


def seller_codes(seller: Node, test: bool) -> Iterator[str]:
    """What is wrong with a seller that no column of ours shows."""
    kind = doc_type(seller)
    if kind == "OECD0":
        yield "80008"
    if seller.first("DocSpec/CorrMessageRefId") is not None:
        yield "80007"
    if is_test(seller) != test:
        yield "80012"
    for tin in _tins(seller):
        unknown = tin.attributes.get("unknown") in ("true", "1")
        if unknown != (tin.text.strip() == "NOTIN"):
            yield "61011"
            break
    tins = [one.text.strip() for one in _tins(seller)]
    if "NOTIN" in tins and len(tins) > 1:
        yield "61011"
    if kind in ("OECD1", "OECD2"):
        activities = seller.first("RelevantActivities")
        if activities is None or not activities.children:
            yield "62008"


def _tins(seller: Node) -> list[Node]:
    for path in ("Identity/IndividualSeller/Standard/IndSellerID", "Identity/EntitySeller/Standard/EntSellerID"):
        party = seller.first(path)
        if party is not None:
            return list(party.every("TIN"))
    return []
