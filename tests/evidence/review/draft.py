"""A draft of a few paragraphs."""

import datetime
from collections.abc import Sequence

from canbao.evidence.review.snapshot import Snapshot, identified
from canbao.languages import Words

PARAGRAPHS = (
    ("A", "heading", "key_findings", "key_findings", Words("Key findings", "主要发现")),
    ("A.0-1", "item", "key_findings", "", Words("A third of the workers have no cover.", "三分之一的劳动者没有保障。")),
    ("1", "heading", "pensions", "pensions", Words("Pensions", "养老保险")),
    ("1.0-1", "text", "pensions", "", Words("Riders rarely join the scheme.", "骑手很少参保。")),
    ("1.1", "heading", "pensions", "pensions-coverage", Words("Coverage", "参保")),
    (
        "1.1-1",
        "text",
        "pensions",
        "",
        Words("Coverage of riders is 26.3% in the survey year.", "调查年度骑手参保率为26.3%。"),
    ),
    ("1.1-2", "table", "pensions", "coverage", Words("Coverage\na\tb\n1\t2\n3\t4", "参保率\na\tb\n1\t2\n3\t4")),
)


def snapshot_with(paragraphs: Sequence[object] = PARAGRAPHS, edition: str = "draft-1") -> Snapshot:
    title = Words("A report", "一份报告")
    return Snapshot(edition, datetime.date(2026, 6, 30), title, identified(paragraphs))  # type: ignore[arg-type]
