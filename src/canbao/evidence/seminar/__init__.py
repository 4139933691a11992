"""The record of a seminar: what was asked, said and voted, in the file that the workbench writes and a study reads."""

from canbao.evidence.seminar.record import (
    FILE,
    PARAGRAPH,
    RECOMMENDATION,
    ItemRecord,
    PollRecord,
    QuestionRecord,
    RemarkRecord,
    SeminarRecord,
    read_seminar,
    written,
)

__all__ = [
    "FILE",
    "PARAGRAPH",
    "RECOMMENDATION",
    "ItemRecord",
    "PollRecord",
    "QuestionRecord",
    "RemarkRecord",
    "SeminarRecord",
    "read_seminar",
    "written",
]
