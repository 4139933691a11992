"""What holds depends on which messages were received, not on their order: against a reading of the rules in plain Python."""

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.exchange.store.chains import make_outdated
from canbao.exchange.store.exchange import hashed

Record = tuple[int, str, str, str | None]
"""Message, number, action, number of what it replaces."""


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """Few numbers, so that they meet in every way: taken twice, replaced twice, in circles."""
    names = [f"r{at}" for at in range(draw(st.integers(1, 7)))]
    rows = []
    for message in range(draw(st.integers(1, 8))):
        corrects = draw(st.booleans())
        used = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
        for name in used:
            if corrects:
                other = draw(st.sampled_from(names))
                if other != name:
                    rows.append((message, name, draw(st.sampled_from(["correct", "delete"])), other))
            else:
                rows.append((message, name, "new", None))
    return rows


def counted(rows: list[Record]) -> set[tuple[int, str]]:
    """What holds and is the last of its chain, and no deletion; messages were made in the order of their numbers."""
    owner: dict[str, Record] = {}
    for row in sorted(rows):
        owner.setdefault(row[1], row)
    next_of: dict[str, Record] = {}
    for row in sorted(owner.values()):
        if row[3] is not None:
            next_of.setdefault(row[3], row)
    found = set()
    for row in owner.values():
        if row[2] != "new":
            continue
        last = row
        while last[2] != "delete" and last[1] in next_of:
            last = next_of[last[1]]
        if last[2] != "delete":
            found.add((last[0], last[1]))
    return found


def counted_by_duckdb(rows: list[Record]) -> set[tuple[int, str]]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE messages (message_key BIGINT, operator VARCHAR, created_at BIGINT, message_id VARCHAR);"
            "CREATE TABLE received_orders (record_key BIGINT, message_key BIGINT, row BIGINT, record_id VARCHAR, "
            "action VARCHAR, replaces VARCHAR, replaces_key BIGINT)"
        )
        for message in {row[0] for row in rows}:
            # Two of three messages were made at the same time: then the number decides.
            connection.execute("INSERT INTO messages VALUES (?, 'o', ?, ?)", [message, message // 3, f"m{message:02}"])
        for at, (message, name, action, replaces) in enumerate(rows):
            values = [hashed(name), message, at, name, action, replaces, hashed(replaces) if replaces else None]
            connection.execute("INSERT INTO received_orders VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        make_outdated(connection, "orders")
        left = connection.execute(
            "SELECT message_key, record_id FROM received_orders r ANTI JOIN outdated_orders o "
            "ON r.message_key = o.message_key AND r.row = o.row"
        ).fetchall()
    return set(left)


@settings(max_examples=60, deadline=None)
@given(rows=histories(), data=st.data())
def test_what_counts(rows: list[Record], data: st.DataObject) -> None:
    if not rows:
        return
    expected = counted(rows)
    assert counted_by_duckdb(rows) == expected
    assert counted_by_duckdb(data.draw(st.permutations(rows))) == expected
