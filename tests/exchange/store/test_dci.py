"""Messages of other registries."""

import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from canbao.exchange.messages.dci import DciError, Json, Signer, enveloped, request_header, verify
from canbao.exchange.store import Exchange
from canbao.exchange.store.dci import answer_search, take_enrolment_updates

from ..letters import exchange, number

NOW = datetime.datetime(2026, 8, 3, 2, tzinfo=datetime.UTC)
SIGNER = Signer("province", "k1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = {"province|k1": SIGNER.key.public_key()}


def updates(*entries: tuple[int, str, str], message_id: str = "u-1") -> Json:
    records = [
        {
            "member": {"member_identifier": [{"identifier_type": "UIN", "identifier_value": number(person)}]},
            "programme_identifier": [{"programme_code": scheme}],
            "enrollment_date": "2025-03-01T00:00:00+08:00",
            "enrollment_status": status,
        }
        for person, scheme, status in entries
    ]
    header = request_header("enrollment/updates", message_id, "province", "city", NOW, len(records))
    return enveloped(header, {"enrollment_updates": records}, SIGNER, NOW)


def search(*people: int) -> Json:
    asked = []
    for one in people:
        criteria = {"query_type": "idtype-value", "query": {"type": "UIN", "value": number(one)}}
        asked.append({"reference_id": f"r{one}", "search_criteria": criteria})
    header = request_header("search", "s-1", "province", "city", NOW)
    return enveloped(header, {"transaction_id": "t", "search_request": asked}, SIGNER, NOW)


@pytest.fixture
def made(tmp_path: Path) -> Exchange:
    return exchange(tmp_path / "exchange")


def test_updates_are_received_once_and_found_by_a_search(made: Exchange) -> None:
    sent = updates((1, "employees_pension", "active"), (2, "injury_pilot", "inactive"))
    for _ in range(2):
        answer = take_enrolment_updates(made, sent, keys=KEYS, now=NOW)
        assert answer["message"]["ack_status"] == "ACK" and answer["message"]["correlation_id"] == "u-1"
    assert len(made.messages()) == 1
    found = answer_search(made, search(1, 2, 3), keys=KEYS, signer=SIGNER, now=NOW)
    verify(found, KEYS)
    assert (found["header"]["action"], found["header"]["status"], found["header"]["completed_count"]) == (
        "on-search",
        "succ",
        3,
    )
    answers = [one["data"]["reg_records"] for one in found["message"]["search_response"]]
    told = [
        [(one["programme_identifier"][0]["programme_code"], one["enrollment_status"]) for one in each] for each in answers
    ]
    assert told == [[("employees_pension", "active")], [("injury_pilot", "inactive")], []]


def test_what_was_changed_on_the_way_is_refused(made: Exchange) -> None:
    sent = updates((1, "employees_pension", "active"))
    sent["message"]["enrollment_updates"][0]["enrollment_status"] = "inactive"
    answer = take_enrolment_updates(made, sent, keys=KEYS, now=NOW)
    assert answer["message"]["error"]["code"] == "err.signature.invalid" and made.messages() == []
    with pytest.raises(DciError):
        verify({**sent, "signature": "unsigned"}, KEYS)


STRANGE = [None, [], {}, {"header": {}}, {"header": {"action": "search"}}, {**search(1), "message": 3}, {"header": []}]


@pytest.mark.parametrize("content", STRANGE)
def test_whatever_comes_is_answered(made: Exchange, content: object) -> None:
    assert answer_search(made, content, now=NOW)["message"]["ack_status"] == "ERR"
    assert take_enrolment_updates(made, content, now=NOW)["message"]["ack_status"] == "ERR"


def test_a_scheme_that_there_is_not_is_refused(made: Exchange) -> None:
    answer = take_enrolment_updates(made, updates((1, "lottery", "active")), now=NOW)
    assert answer["message"]["ack_status"] == "ERR"
