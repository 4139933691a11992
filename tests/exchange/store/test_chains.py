"""What holds depends on which messages were received, not on their order: against the rules in plain Python."""

import duckdb
from hypothesis import example, given, settings
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
                # A message that corrects a record twice is refused in part.
                if other != name and not any(row[0] == message and row[3] == other for row in rows):
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


def counted_by_duckdb(connection: duckdb.DuckDBPyConnection, rows: list[Record]) -> set[tuple[int, str]]:
    """The same by the store's own statements. Of two messages in three the time is the same: then the number decides."""
    messages = [f"({one}, 'o', {one // 3}, 'm{one:02}')" for one in sorted({row[0] for row in rows})]
    records = [
        f"({hashed(name)}, {message}, {at}, '{name}', '{action}', {_text(replaces)}, {_key(replaces)})"
        for at, (message, name, action, replaces) in enumerate(rows)
    ]
    connection.execute(
        f"CREATE OR REPLACE TABLE messages AS SELECT * FROM (VALUES {', '.join(messages)}) "
        "t(message_key, operator, created_at, message_id);"
        f"CREATE OR REPLACE TABLE received_orders AS SELECT * FROM (VALUES {', '.join(records)}) "
        "t(record_key, message_key, row, record_id, action, replaces, replaces_key)"
    )
    make_outdated(connection, "orders")
    left = connection.execute(
        "SELECT message_key, record_id FROM received_orders r ANTI JOIN outdated_orders o "
        "ON r.message_key = o.message_key AND r.row = o.row"
    ).fetchall()
    return set(left)


def _text(name: str | None) -> str:
    return "NULL::VARCHAR" if name is None else f"'{name}'"


def _key(name: str | None) -> str:
    return "NULL::BIGINT" if name is None else str(hashed(name))


@settings(max_examples=25, deadline=None)
@given(rows=histories())
@example(rows=[(0, "r0", "new", None), (1, "r1", "correct", "r0"), (5, "r2", "correct", "r0")])
@example(rows=[(0, "r0", "new", None), (1, "r1", "delete", "r0"), (5, "r2", "correct", "r1")])
@example(rows=[(0, "r0", "new", None), (4, "r0", "new", None), (5, "r2", "correct", "r0")])
def test_what_counts(rows: list[Record]) -> None:
    if not rows:
        return
    expected = counted(rows)
    with duckdb.connect(config={"threads": 1}) as connection:
        assert counted_by_duckdb(connection, rows) == expected
        assert counted_by_duckdb(connection, rows[::-1]) == expected
