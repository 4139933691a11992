"""Sellers of DPI messages as records of the kind `yearly`, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from canbao.exchange.identity.pseudonym_form import PSEUDONYM
from canbao.exchange.messages.dpi.rules import ACTIONS, doc_type
from canbao.exchange.messages.dpi.structure import Node

SERVICE = "Canbao exchange"
"""What we call the service that stands behind a pseudonym, where the schema asks for a government verification service."""

QUARTERS = ("1", "2", "3", "4")
SUMS = {"gross": ("Consideration", "ConsQ"), "fees": ("Fees", "FeesQ"), "taxes": ("Taxes", "TaxQ")}
ACTIVITIES = ("NumberOfActivities", "NumbQ")


def is_individual(seller: Node) -> bool:
    """Whether a seller is a person."""
    return seller.first("Identity/IndividualSeller") is not None


def has_other_activities(seller: Node) -> bool:
    """Whether a seller does something else than services."""
    activities = seller.first("RelevantActivities")
    return activities is not None and any(one.name != "PersonalServices" for one in activities.children)


def record_of(seller: Node, year: str) -> dict[str, str | None]:
    """A seller as a record: its services' amounts, and who it is."""
    services = seller.first("RelevantActivities/PersonalServices")
    record: dict[str, str | None] = {
        "record_id": seller.text_of("DocSpec/DocRefId"),
        "action": ACTIONS.get(doc_type(seller), doc_type(seller)),
        "replaces": seller.text_of("DocSpec/CorrDocRefId"),
        "year": year,
        **_who(seller),
    }
    if services is None:
        services = _no_services()
    first = services.first("Consideration/ConsQ1")
    record["currency"] = first.attributes.get("currCode") if first is not None else None
    for quarter in QUARTERS:
        for name, (parent, child) in SUMS.items():
            record[f"{name}_q{quarter}"] = services.text_of(f"{parent}/{child}{quarter}")
        record[f"activities_q{quarter}"] = services.text_of(f"{ACTIVITIES[0]}/{ACTIVITIES[1]}{quarter}")
    return record


def _who(seller: Node) -> dict[str, str | None]:
    gvs = seller.first("Identity/IndividualSeller/GVS")
    if gvs is not None:
        reference = gvs.text_of("ReferenceGVS") or ""
        worker = reference if re.match(PSEUDONYM, reference) else None
        other = {} if worker else {"identity_type": "other", "identity_number": reference or None}
        return {"worker": worker, "country": gvs.text_of("JurisdictionGVS"), **other}
    party = seller.first("Identity/IndividualSeller/Standard/IndSellerID")
    if party is None:
        return {}
    tins = [one for one in party.every("TIN") if one.text.strip() and one.text.strip() != "NOTIN"]
    chinese = [one for one in tins if one.attributes.get("issuedBy", "CN") == "CN"]
    number = (chinese or tins or [Node("TIN")])[0].text.strip() or None
    return {
        "worker": None,
        "country": party.text_of("ResCountryCode"),
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


def _no_services() -> Node:
    return services_of({}, "CNY")


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


def seller_of(record: Mapping[str, str | int | None]) -> Node:
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
    spec = [
        Node("DocTypeIndic", {}, types[str(record["action"])]),
        Node("DocRefId", {}, str(record["record_id"])),
    ]
    if record.get("replaces"):
        spec.append(Node("CorrDocRefId", {}, str(record["replaces"])))
    return Node("ReportableSeller", {}, "", [identity, activities, Node("DocSpec", {}, "", spec)])
