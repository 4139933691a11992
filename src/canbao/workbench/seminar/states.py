"""What can become of a question, who may bring it there, and what the public sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a question stands."""

    PENDING = "pending"
    LIVE = "live"
    ANSWERING = "answering"
    ANSWERED = "answered"
    MERGED = "merged"
    REJECTED = "rejected"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What somebody of the staff may do at an event."""

    CHAIR = "chair"
    MODERATOR = "moderator"
    ANSWERER = "answerer"
    RAPPORTEUR = "rapporteur"
    OBSERVER = "observer"


class Act(StrEnum):
    """What is done to a question or an event."""

    APPROVE = "approve"
    REJECT = "reject"
    MERGE = "merge"
    CALL = "call"
    ANSWER = "answer"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    LABEL = "label"
    TRANSLATE = "translate"
    STEER = "steer"
    MINUTE = "minute"
    PUBLISH = "publish"
    POLL = "poll"
    READ_PENDING = "read_pending"
    EXPORT = "export"
    CLOSE = "close"
    AUDIT = "audit"


MAY: Mapping[Role, frozenset[Act]] = {
    Role.CHAIR: frozenset(Act),
    Role.MODERATOR: frozenset(
        {
            *(Act.APPROVE, Act.REJECT, Act.MERGE, Act.CALL, Act.REOPEN, Act.ARCHIVE, Act.LABEL, Act.TRANSLATE),
            *(Act.POLL, Act.READ_PENDING, Act.EXPORT),
        }
    ),
    Role.ANSWERER: frozenset({Act.CALL, Act.ANSWER}),
    Role.RAPPORTEUR: frozenset({Act.READ_PENDING, Act.EXPORT, Act.ANSWER, Act.TRANSLATE, Act.MINUTE}),
    Role.OBSERVER: frozenset({Act.READ_PENDING}),
}
"""The permission matrix."""

LEADS_TO: Mapping[Act, tuple[frozenset[State], State]] = {
    Act.APPROVE: (frozenset({State.PENDING, State.REJECTED}), State.LIVE),
    Act.REJECT: (frozenset({State.PENDING, State.LIVE}), State.REJECTED),
    Act.MERGE: (frozenset({State.PENDING, State.LIVE}), State.MERGED),
    Act.CALL: (frozenset({State.LIVE}), State.ANSWERING),
    Act.ANSWER: (frozenset({State.LIVE, State.ANSWERING, State.ANSWERED}), State.ANSWERED),
    Act.REOPEN: (frozenset({State.ANSWERING, State.ANSWERED, State.ARCHIVED}), State.LIVE),
    Act.ARCHIVE: (frozenset({State.LIVE, State.ANSWERED}), State.ARCHIVED),
}
"""From where each act leads, and to where."""

PUBLIC = frozenset({State.LIVE, State.ANSWERING, State.ANSWERED})
"""What everybody sees. Of the rejected their number is published, with reasons."""

VOTED = frozenset({State.LIVE, State.ANSWERING})
"""What can be voted for."""

REASONS = ("off_topic", "insulting", "personal_data", "duplicate", "no_question", "other")
"""Why a question is not let through, as the published rules say."""

REMARKS = ("remark", "minute")
"""What a rapporteur writes down: what somebody said, or what was agreed."""
