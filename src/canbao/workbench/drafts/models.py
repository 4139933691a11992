"""What is kept of a draft's comments: the rows of the log, receipts, who of the staff did what."""

from __future__ import annotations

from dataclasses import fields
from typing import ClassVar

from django.conf import settings
from django.db import models

from canbao.evidence.review.comments import ANSWERS, COMMENT_TYPES, DECISIONS
from canbao.evidence.review.comments import Comment as LoggedComment
from canbao.workbench.drafts.states import Role
from canbao.workbench.seminar.models import new_receipt


class Staff(models.Model):
    """Who may read all comments, or decide."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts_role")
    role = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Role])


class Comment(models.Model):
    """A row of the log, and what only the server knows of it.

    Its columns are those of `evidence.review.comments.Comment`; `name` is the id there.
    """

    name = models.CharField(max_length=40, unique=True)
    edition = models.CharField(max_length=16)
    position = models.IntegerField(default=-1)
    paragraph = models.CharField(max_length=40, blank=True)
    identity = models.CharField(max_length=40, blank=True)
    commenter = models.CharField(max_length=200, blank=True)
    body = models.CharField(max_length=200, blank=True)
    date = models.CharField(max_length=10, blank=True)
    type = models.CharField(max_length=10, choices=[(one, one) for one in COMMENT_TYPES])
    comment = models.TextField(blank=True)
    proposed_change = models.TextField(blank=True)
    quote = models.TextField(blank=True)
    decision = models.CharField(max_length=24, blank=True, choices=[(one, one) for one in DECISIONS])
    response = models.TextField(blank=True)
    responsible = models.CharField(max_length=200, blank=True)
    decided = models.CharField(max_length=10, blank=True)
    duplicate_of = models.CharField(max_length=40, blank=True)
    changed_text = models.TextField(blank=True)
    accepts = models.CharField(max_length=3, blank=True, choices=[(one, one) for one in ANSWERS])
    source = models.CharField(max_length=200, blank=True)
    receipt = models.CharField(max_length=16, unique=True, default=new_receipt)
    is_shown = models.BooleanField(default=False)
    withheld = models.CharField(max_length=300, blank=True)

    class Meta:
        """In the order of the log."""

        ordering: ClassVar = ["edition", "position", "date", "commenter", "name"]
        indexes: ClassVar = [models.Index(fields=["edition", "position"], name="drafts_by_place")]

    @property
    def logged(self) -> LoggedComment:
        """As the log has it."""
        return LoggedComment(**{one.name: getattr(self, FIELDS.get(one.name, one.name)) for one in fields(LoggedComment)})


FIELDS = {"id": "name"}
"""The log's columns that are called otherwise here."""


class Deed(models.Model):
    """Who of the staff did what; nothing is taken out of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts_deeds")
    act = models.CharField(max_length=16)
    comment = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
