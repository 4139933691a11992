"""What somebody of the staff may do with a draft."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """A role at the drafts of this study."""

    EDITOR = "editor"
    READER = "reader"


class Act(StrEnum):
    """What is done with a draft or a comment."""

    READ = "read"
    DECIDE = "decide"
    SHOW = "show"
    UPLOAD = "upload"
    TAKE = "take"
    FINALISE = "finalise"
    WRITE = "write"
    SIGN = "sign"


MAY: Mapping[Role, frozenset[Act]] = {Role.EDITOR: frozenset(Act), Role.READER: frozenset({Act.READ})}
"""The permission matrix."""
