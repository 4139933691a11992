"""Sellers of DPI messages as records of the kind `yearly`, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from canbao.exchange.identity.pseudonym_form import PSEUDONYM
from canbao.exchange.messages.dpi.rules import ACTIONS, PARTIES, PLAIN, doc_type
from canbao.exchange.messages.dpi.structure import Answering, Node

SERVICE = "Canbao exchange"
"""What we call the service that stands behind a pseudonym, where the schema asks for a government verification service."""

QUARTERS = ("1", "2", "3", "4")
SUMS = {"gross": ("Consideration", "ConsQ"), "fees": ("Fees", "FeesQ"), "taxes": ("Taxes", "TaxQ")}
ACTIVITIES = ("NumberOfActivities", "NumbQ")
SERVICES = "RelevantActivities/PersonalServices"

_AMOUNTS = {
    f"{name}_q{quarter}": f"{SERVICES}/{parent}/{child}{quarter}"
    for quarter in QUARTERS
    for name, (parent, child) in {**SUMS, "activities": ACTIVITIES}.items()
}
"""Where each amount of a record stands."""

_PATHS = tuple(_AMOUNTS.values())


def is_individual(seller: Answering) -> bool:
    """Whether a seller is a person."""
    return seller.has("Identity/IndividualSeller")


def has_other_activities(seller: Answering) -> bool:
    """Whether a seller does something else than services."""
    return any(name != "PersonalServices" for name in seller.names_in("RelevantActivities"))


def record_of(seller: Answering, year: str) -> dict[str, str | None]:
    """A seller as a record: its services' amounts, and who it is."""
    record: dict[str, str | None] = {
        "record_id": seller.text_of("DocSpec/DocRefId"),
        "action": ACTIONS.get(doc_type(seller), doc_type(seller)),
        "replaces": seller.text_of("DocSpec/CorrDocRefId"),
        "year": year,
        **_who(seller),
    }
    if not seller.has(SERVICES):
        return {**record, "currency": "CNY", **dict.fromkeys(_AMOUNTS, "0")}
    record["currency"] = seller.attribute_of(f"{SERVICES}/Consideration/ConsQ1", "currCode")
    return {**record, **dict(zip(_AMOUNTS, seller.texts_of(_PATHS), strict=True))}


def _who(seller: Answering) -> dict[str, str | None]:
    if seller.has("Identity/IndividualSeller/GVS"):
        reference = seller.text_of("Identity/IndividualSeller/GVS/ReferenceGVS") or ""
        worker = reference if re.match(PSEUDONYM, reference) else None
        other = {} if worker else {"identity_type": "other", "identity_number": reference or None}
        return {"worker": worker, "country": seller.text_of("Identity/IndividualSeller/GVS/JurisdictionGVS"), **other}
    if not seller.has(PARTIES[0]):
        return {}
    tins = [one for one in seller.all_of(f"{PARTIES[0]}/TIN") if one[0] and one[0] != "NOTIN"]
    chinese = [one for one in tins if one[1].get("issuedBy", "CN") == "CN"]
    number = (chinese or tins or [("", {})])[0][0] or None
    return {
        "worker": None,
        "country": seller.text_of(f"{PARTIES[0]}/ResCountryCode"),
        "identity_type": _identity_type(number) if number and chinese else "other" if number else None,
        "identity_number": number,
    }


def _identity_type(number: str) -> str:
    if re.fullmatch(r"8[123]0000\d{11}[\dXx]", number):
        return "hmt_permit"
    if re.fullmatch(r"9\d{16}[\dXx]", number):
        return "foreign_permanent"
    # Of the length of a resident number, it is meant to be one.
    return "resident" if len(number) in (15, 18) else "other"


def services_of(record: Mapping[str, str | int | None], currency: str) -> Node:
    """The element of a record's services."""

    def amounts(name: str, parent: str, child: str) -> Node:
        made = [
            Node(f"{child}{quarter}", {"currCode": currency}, str(record.get(f"{name}_q{quarter}") or 0))
            for quarter in QUARTERS
        ]
        return Node(parent, {}, "", made)

    numbers = [Node(f"{ACTIVITIES[1]}{one}", {}, str(record.get(f"activities_q{one}") or 0)) for one in QUARTERS]
    made = [amounts("gross", *SUMS["gross"]), Node(ACTIVITIES[0], {}, "", numbers)]
    return Node("PersonalServices", {}, "", [*made, amounts("fees", *SUMS["fees"]), amounts("taxes", *SUMS["taxes"])])


def seller_of(record: Mapping[str, str | int | None], *, test: bool = False) -> Node:
    """A record as a seller, known by its pseudonym through a verification service; no personal data."""
    who = Node(
        "GVS",
        {},
        "",
        [
            Node("NameGVS", {}, SERVICE),
            Node("JurisdictionGVS", {}, str(record.get("country") or "CN")),
            Node("ReferenceGVS", {}, str(record["worker"])),
        ],
    )
    identity = Node("Identity", {}, "", [Node("IndividualSeller", {}, "", [who])])
    activities = Node("RelevantActivities", {}, "", [services_of(record, str(record.get("currency") or "CNY"))])
    types = {action: kind for kind, action in ACTIONS.items()}
    if test:
        types = {action: {plain: kind for kind, plain in PLAIN.items()}[kind] for action, kind in types.items()}
    spec = [
        Node("DocTypeIndic", {}, types[str(record["action"])]),
        Node("DocRefId", {}, str(record["record_id"])),
    ]
    if record.get("replaces"):
        spec.append(Node("CorrDocRefId", {}, str(record["replaces"])))
    return Node("ReportableSeller", {}, "", [identity, activities, Node("DocSpec", {}, "", spec)])
