"""Receiving a message: checked, answered, and kept; whole or not at all, once however often it is sent."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from canbao.exchange.durable import sync_files, sync_folder, write_durably
from canbao.exchange.identity.pseudonyms import Pseudonymiser
from canbao.exchange.messages.checking import places
from canbao.exchange.messages.header import HOME, Header
from canbao.exchange.messages.maps import InputMap
from canbao.exchange.messages.message import Intake, validate
from canbao.exchange.messages.receiver import OperatorRecord
from canbao.exchange.messages.status import Counts, Finding, Findings, RecordPlace, Status
from canbao.exchange.protection.audit import AuditLog, Scalar
from canbao.exchange.store.exchange import Exchange, StoredMessage, message_key
from canbao.exchange.store.partition import LINKED, Partition
from canbao.outputs import scratch_folder

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a file.

    Args:
        status: the answer as JSON has it.
        folder: where the answer lies.
        before: whether the same message had been received before; then nothing was changed.
    """

    status: dict[str, Any]
    folder: Path
    before: bool = False

    @property
    def text(self) -> str:
        """The answer as it was written."""
        return (self.folder / "status.json").read_text(encoding="utf-8")

    @property
    def result(self) -> str:
        """accepted, partly_accepted or rejected."""
        return str(self.status["result"])


def receive(
    exchange: Exchange,
    path: Path,
    *,
    now: datetime.datetime | None = None,
    input_map: InputMap | None = None,
    fields: Mapping[str, str] | None = None,
) -> Receipt:
    """Receive a file.

    A message that was received before changes nothing and is answered as it was then. A file that is rejected leaves only
    its answer.

    Args:
        exchange: the exchange.
        path: the file.
        now: the time of receipt.
        input_map: how a table of another form is read.
        fields: of the header, where the file states none.

    Raises:
        InputError: there is no such file, or the disk refuses.
    """
    exchange.require("receive")
    moment = now or datetime.datetime.now(datetime.UTC)
    with scratch_folder(exchange.folder / "messages" / "incoming") as scratch:
        (scratch / "message").mkdir()
        partition = Partition(scratch / "message", exchange.keys)
        checks = _KeyChecks(exchange)
        intake = Intake(
            sink=partition.add,
            administration=exchange.settings.administration.code,
            production=exchange.settings.production,
            further=checks.check,
        )
        status = validate(path, intake=intake, input_map=input_map, fields=fields)
        header = intake.accepted_header
        if header is not None and status.result != "rejected":
            partition.finish(header)
        with exchange.writing():
            _audit_what_was_not(exchange)
            if header is not None:
                stored = _stored(exchange, header)
                if stored is not None and stored.manifest["digest"] == status.digest:
                    return Receipt(_read_status(stored.folder), stored.folder, before=True)
                if stored is not None:
                    status = _rejected(status, Finding("50009"))
            if header is None or status.result == "rejected":
                return _reject(exchange, status, moment)
            status = _with_earlier(exchange, header, scratch / "message", status)
            if intake.operator is not None:
                status = _with_operator(exchange, header, intake.operator, status)
            return _keep(exchange, header, scratch / "message", status, moment, intake.operator)


def _stored(exchange: Exchange, header: Header) -> StoredMessage | None:
    folder = exchange.message_folder(header.operator, header.message_id)
    if not (folder / MANIFEST).is_file():
        return None
    return StoredMessage(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))


def _read_status(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    return content


def _rejected(status: Status, finding: Finding) -> Status:
    findings = tuple(sorted((*status.findings, finding), key=lambda one: one.code))
    counts = Counts(status.counts.read, 0, status.counts.in_error)
    return replace(status, result="rejected", findings=findings, counts=counts)


def _reject(exchange: Exchange, status: Status, moment: datetime.datetime) -> Receipt:
    """Keep the answer to a file that is rejected; nothing else of it."""
    target = exchange.rejected_folder(status.digest)
    with scratch_folder(target) as scratch:
        made = scratch / "rejected"
        made.mkdir()
        _write_answer(made, status, moment, None)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
        sync_folder(target.parent)
    about: dict[str, Scalar] = {
        "message_id": status.message_id,
        "digest": status.digest,
        "result": "rejected",
        "read": status.counts.read,
    }
    AuditLog(exchange.folder, exchange.keys).add("receive", about, now=moment)
    return Receipt(_read_status(target), target)


def _keep(
    exchange: Exchange,
    header: Header,
    made: Path,
    status: Status,
    moment: datetime.datetime,
    operator: OperatorRecord | None,
) -> Receipt:
    target = exchange.message_folder(header.operator, header.message_id)
    _write_answer(made, status, moment, header, operator)
    made.rename(target)
    # From here on the message is there.
    sync_folder(target.parent)
    _audit_message(exchange, StoredMessage(target, json.loads((target / MANIFEST).read_text(encoding="utf-8"))))
    return Receipt(_read_status(target), target)


def _write_answer(
    folder: Path,
    status: Status,
    moment: datetime.datetime,
    header: Header | None,
    operator: OperatorRecord | None = None,
) -> None:
    received = moment.astimezone(HOME).isoformat(timespec="seconds")
    manifest: dict[str, object] = {
        "message_key": message_key(header.operator, header.message_id) if header else None,
        "digest": status.digest,
        "received_at": received,
        "result": status.result,
        "records": {"read": status.counts.read, "accepted": status.counts.accepted},
        "codes": {one.code: one.count for one in status.findings},
        "header": header.as_texts() if header else dict(status.header),
    }
    if operator is not None:
        manifest["operator_record"] = asdict(operator)
    (folder / "status.json").write_text(status.as_json(), encoding="utf-8")
    (folder / "status.xml").write_text(status.as_xml(), encoding="utf-8")
    write_durably(folder / MANIFEST, (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))
    sync_files(folder)


def _audit_message(exchange: Exchange, stored: StoredMessage) -> None:
    manifest = stored.manifest
    about: dict[str, Scalar] = {
        "message": stored.folder.name,
        "message_id": str(manifest["header"]["message_id"]),
        "digest": str(manifest["digest"]),
        "result": str(manifest["result"]),
        "read": int(manifest["records"]["read"]),
        "accepted": int(manifest["records"]["accepted"]),
    }
    moment = datetime.datetime.fromisoformat(manifest["received_at"])
    AuditLog(exchange.folder, exchange.keys).add("receive", about, now=moment.astimezone(datetime.UTC))


def _audit_what_was_not(exchange: Exchange) -> None:
    """A process that ended between keeping a message and noting it in the log left that to the next."""
    names = {folder.name for folder in (exchange.folder / "messages").glob("[0-9a-f]*")}
    log = AuditLog(exchange.folder, exchange.keys)
    missing = names - {entry.get("message") for entry in log.entries()}
    for name in sorted(missing):
        folder = exchange.folder / "messages" / name
        _audit_message(exchange, StoredMessage(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8"))))


# --- what depends on keys and on what was received before -----------------------------------------------------------------


class _KeyChecks:
    """Checks of pseudonyms that need the keys."""

    def __init__(self, exchange: Exchange) -> None:
        self.keys = exchange.keys
        self._makers: dict[str, Pseudonymiser] = {}

    def check(self, header: Header, records: pl.DataFrame, findings: Findings) -> pl.DataFrame:
        """The records whose pseudonyms can be; see `Intake`."""
        if "worker" not in records.columns or not records.height:
            return records
        in_force = self.keys.in_force("exchange", header.created_at.astimezone(HOME).date())
        named = pl.col("worker").str.split("-").list.first()
        unknown = records.select(named.is_not_null() & ~named.is_in(in_force)).to_series()
        wrong = self._not_theirs(header, records) & ~unknown if header.kind in LINKED else ~unknown & unknown
        findings.add_records("61007", None, places(records, unknown))
        findings.add_records("61006", None, places(records, wrong))
        return records.filter(~(unknown | wrong))

    def _not_theirs(self, header: Header, records: pl.DataFrame) -> pl.Series:
        wrong = []
        for worker, identity_type, number in records.select("worker", "identity_type", "identity_number").iter_rows():
            if worker is None or number is None or identity_type is None:
                wrong.append(False)
                continue
            maker = self._maker(worker.partition("-")[0], header.operator)
            wrong.append(maker is not None and maker(identity_type, number) != worker)
        return pl.Series(wrong, dtype=pl.Boolean)

    def _maker(self, key_id: str, operator: str) -> Pseudonymiser | None:
        if key_id not in self._makers:
            key = self.keys.find(key_id)
            if key is None or key.purpose != "exchange":
                return None
            self._makers[key_id] = self.keys.for_operator(operator, key)
        return self._makers[key_id]


def _with_earlier(exchange: Exchange, header: Header, made: Path, status: Status) -> Status:
    """The answer with what the records of earlier messages make wrong; what counts is told by the chains, not by this."""
    partition = made / f"{header.kind}.parquet"
    if not partition.is_file():
        return status
    stored = [one for one in exchange.messages() if one.header["operator"] == header.operator]
    files = [path for one in stored if one.header["kind"] == header.kind and (path := one.file(header.kind))]
    findings = Findings()
    with duckdb.connect(config={"memory_limit": "2GB", "threads": 2}) as connection:
        connection.execute("CREATE TABLE made (message_key BIGINT, created_at TIMESTAMPTZ, message_id VARCHAR)")
        connection.executemany(
            "INSERT INTO made VALUES (?, ?, ?)",
            [
                [message_key(header.operator, header.message_id), header.created_at.isoformat(), header.message_id],
                *([one.key, one.header["created_at"], one.header["message_id"]] for one in stored),
            ],
        )
        for code, rows in _earlier(connection, str(partition), [str(path) for path in files]):
            findings.add_records(code, None, rows)
        if header.kind in ("orders", "earnings"):
            enrolments = [path for one in stored if (path := one.file("workers"))]
            unknown = _not_enrolled(connection, enrolments, sorted((exchange.folder / "aliases").glob("*.parquet")))
            if unknown:
                findings.add("64002", None, count=unknown)
    found = findings.sorted()
    if not found:
        return status
    errors = len({place.row for one in found if one.level == "record" for place in one.records})
    counts = Counts(status.counts.read, status.counts.accepted - errors, status.counts.in_error + errors)
    every = tuple(sorted((*status.findings, *found), key=lambda one: (one.code, one.column or "")))
    result = "partly_accepted" if errors else status.result
    return replace(status, findings=every, counts=counts, result=result)


def _with_operator(exchange: Exchange, header: Header, record: OperatorRecord, status: Status) -> Status:
    """The answer with what earlier messages say of the operator's own record that is sent again or corrected."""
    others = [
        one
        for one in exchange.messages()
        if one.header["operator"] == header.operator and "operator_record" in one.manifest
    ]
    known = {one.manifest["operator_record"]["record_id"] for one in others}
    made = (header.created_at, header.message_id)
    replaced = {one.manifest["operator_record"]["replaces"] for one in others if _made(one) < made}
    findings = Findings()
    if record.action == "resend" and record.record_id not in known:
        findings.add("80013")
    elif record.action == "resend" and record.record_id in replaced:
        findings.add("80014")
    elif record.action in ("correct", "delete") and record.replaces not in known:
        findings.add("80002")
    found = findings.sorted()
    return replace(status, findings=tuple(sorted((*status.findings, *found), key=lambda one: (one.code, one.column or ""))))


def _made(message: StoredMessage) -> tuple[datetime.datetime, str]:
    return datetime.datetime.fromisoformat(message.header["created_at"]), message.header["message_id"]


def _earlier(
    connection: duckdb.DuckDBPyConnection, partition: str, files: Sequence[str]
) -> list[tuple[str, list[RecordPlace]]]:
    """Record numbers that are others', corrections of what is not there, and of what has been corrected."""
    columns = "record_key, record_id, action, replaces, replaces_key, message_key, row, alias_key"
    connection.execute(f"CREATE VIEW here AS SELECT {columns} FROM read_parquet(['{_quoted(partition)}'])")
    listed = ", ".join(f"'{_quoted(one)}'" for one in (files or [partition]))
    limit = "" if files else " LIMIT 0"
    connection.execute(f"CREATE VIEW there AS SELECT {columns} FROM read_parquet([{listed}]){limit}")
    order = "(t.created_at, t.message_id) < (n.created_at, n.message_id)"
    joined = "FROM here h JOIN made n ON n.message_key = h.message_key"
    older = "JOIN made t ON t.message_key = r.message_key"
    queries = {
        "80000": f"SELECT DISTINCT h.row, h.record_id {joined} JOIN there r ON r.record_key = h.record_key "
        f"AND r.record_id = h.record_id {older} WHERE {order} ORDER BY ALL",
        "80002": "SELECT h.row, h.record_id FROM here h WHERE h.replaces IS NOT NULL "
        "AND h.replaces_key NOT IN (SELECT record_key FROM there UNION ALL SELECT record_key FROM here) ORDER BY ALL",
        "80003": f"SELECT DISTINCT h.row, h.record_id {joined} JOIN there r ON r.replaces_key = h.replaces_key "
        f"AND r.replaces = h.replaces {older} WHERE {order} ORDER BY ALL",
    }
    found = []
    for code, query in queries.items():
        rows = connection.execute(query).fetchall()
        found.append((code, [RecordPlace(int(row), str(record_id)) for row, record_id in rows]))
    return found


def _not_enrolled(connection: duckdb.DuckDBPyConnection, enrolments: Sequence[Path], aliases: Sequence[Path]) -> int:
    """Records of workers whom the operator has not enrolled."""
    known = ["SELECT NULL::BIGINT AS alias_key"]
    known += [f"SELECT alias_key FROM read_parquet('{_quoted(str(path))}')" for path in aliases]
    known += [
        f"SELECT alias_key FROM read_parquet('{_quoted(str(path))}') WHERE identity_key IS NOT NULL" for path in enrolments
    ]
    row = connection.execute(
        f"SELECT count(*) FROM here h WHERE h.alias_key IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM ({' UNION ALL '.join(known)}) k WHERE k.alias_key = h.alias_key)"
    ).fetchone()
    return int(row[0]) if row else 0


def _quoted(text: str) -> str:
    return text.replace("'", "''")
