"""Which of the records that were received hold now.

Nothing is ever overwritten: a record holds unless another has taken its place. What holds depends on which messages were
received, never on their order:

- a record number belongs to the record of the message that was made first (then: whose number comes first);
- a new record holds by itself; a correction or deletion holds if the record that it replaces does, and if it is the first
  to replace it by the same order;
- of each chain only the last record counts, and none where it is a deletion.

So a correction that comes before what it corrects waits, and holds as soon as that is there.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

WHY = ("number_taken", "waiting", "outdated", "replaced", "deletion")
"""Why a record does not count: its number is another's; what it replaces is not there; that was replaced before; it has
been replaced; it deletes."""


def make_outdated(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Make the table `outdated_KIND`: `record_key`, `message_key`, `row`, `why` of received records that do not count.

    Args:
        connection: with the views `received_KIND` and the table `messages`.
        kind: of records.
    """
    for statement in _statements(kind):
        connection.execute(statement)


def _statements(kind: str) -> Sequence[str]:
    received, at = f"received_{kind}", f"chain_{kind}"
    return (
        # Most records are new and alone: only the others, and what these refer to, need be looked at.
        f"""CREATE OR REPLACE TEMP TABLE {at}_keys AS
        SELECT record_key AS key FROM {received} GROUP BY record_key HAVING count(*) > 1
        UNION SELECT record_key FROM {received} WHERE replaces_key IS NOT NULL
        UNION SELECT replaces_key FROM {received} WHERE replaces_key IS NOT NULL""",
        f"""CREATE OR REPLACE TEMP TABLE {at} AS
        SELECT r.record_key, r.message_key, r.row, m.operator, r.record_id, r.action, r.replaces,
               m.created_at, m.message_id,
               row_number() OVER (PARTITION BY m.operator, r.record_id
                                  ORDER BY m.created_at, m.message_id, r.row) = 1 AS own
        FROM {received} r JOIN messages m USING (message_key)
        WHERE r.record_key IN (SELECT key FROM {at}_keys)""",
        f"""CREATE OR REPLACE TEMP TABLE {at}_next AS
        SELECT *, row_number() OVER (PARTITION BY operator, replaces ORDER BY created_at, message_id, row) = 1 AS first
        FROM {at} WHERE own AND replaces IS NOT NULL""",
        f"""CREATE OR REPLACE TEMP TABLE {at}_holds AS
        WITH RECURSIVE holds AS (
            SELECT record_key, message_key, row, operator, record_id, action FROM {at} WHERE own AND action = 'new'
            UNION ALL
            SELECT n.record_key, n.message_key, n.row, n.operator, n.record_id, n.action
            FROM holds h JOIN {at}_next n ON n.operator = h.operator AND n.replaces = h.record_id
            WHERE n.first AND h.action <> 'delete'
        ) SELECT * FROM holds""",
        f"""CREATE OR REPLACE TEMP TABLE outdated_{kind} AS
        SELECT c.record_key, c.message_key, c.row,
            CASE WHEN NOT c.own THEN 'number_taken'
                 WHEN h.row IS NULL AND EXISTS (
                    SELECT 1 FROM {at}_holds b WHERE b.operator = c.operator AND b.record_id = c.replaces) THEN 'outdated'
                 WHEN h.row IS NULL THEN 'waiting'
                 WHEN c.action = 'delete' THEN 'deletion'
                 ELSE 'replaced' END AS why
        FROM {at} c LEFT JOIN {at}_holds h ON h.message_key = c.message_key AND h.row = c.row
        WHERE NOT c.own OR h.row IS NULL OR c.action = 'delete' OR EXISTS (
            SELECT 1 FROM {at}_next n JOIN {at}_holds g ON g.message_key = n.message_key AND g.row = n.row
            WHERE n.operator = c.operator AND n.replaces = c.record_id)""",
    )
