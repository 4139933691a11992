"""What a seminar keeps. Of those who ask and vote it keeps a key that only the event's secret could tie to a ticket."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from canbao.languages import LANGUAGES, Words
from canbao.workbench.seminar.states import REASONS, Role, State

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that people do not take for one another."""

CODE_LENGTH = 8
RECEIPT_LENGTH = 10


def new_code() -> str:
    """A code by which people join."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_receipt() -> str:
    """The number by which somebody finds her question again."""
    return "".join(secrets.choice(ALPHABET) for _ in range(RECEIPT_LENGTH))


def new_secret() -> bytes:
    """What makes an event's voter keys."""
    return secrets.token_bytes(32)


class Event(models.Model):
    """A seminar.

    The secret makes the keys of voters and is destroyed when the event is closed: from then on nobody can say whose a vote
    was.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=16, unique=True, default=new_code)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    rules_en = models.TextField(blank=True)
    rules_zh = models.TextField(blank=True)
    tickets_only = models.BooleanField(default=False)
    premoderated = models.BooleanField(default=True)
    secret = models.BinaryField(null=True, default=new_secret)
    starts = models.DateTimeField(null=True, blank=True)
    closed = models.DateTimeField(null=True, blank=True)

    @property
    def title(self) -> Words:
        """In both languages."""
        return Words(self.title_en, self.title_zh)

    @property
    def is_open(self) -> bool:
        """Whether people may still ask and vote."""
        return self.closed is None


class Room(models.Model):
    """A room or session of an event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="rooms")
    order = models.PositiveSmallIntegerField(default=0)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)

    class Meta:
        """In the order of the agenda."""

        ordering: ClassVar = ["order", "id"]

    @property
    def title(self) -> Words:
        """In both languages."""
        return Words(self.title_en, self.title_zh)


class Ticket(models.Model):
    """One vote each: a random number given to one person, of which only the digest is kept."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="tickets")
    digest = models.CharField(max_length=64)
    issued = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A ticket counts once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "digest"], name="one_ticket")]


class Staff(models.Model):
    """Who does what at an event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    role = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Role])

    class Meta:
        """One role a person and event."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "user"], name="one_role")]


class Question(models.Model):
    """What somebody asks."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    receipt = models.CharField(max_length=16, unique=True, default=new_receipt)
    event = models.ForeignKey(Event, models.CASCADE, related_name="questions")
    room = models.ForeignKey(Room, models.SET_NULL, null=True, blank=True)
    text = models.CharField(max_length=500)
    language = models.CharField(max_length=2, choices=[(one, one) for one in LANGUAGES])
    name = models.CharField(max_length=60, blank=True)
    author = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in State], default=State.PENDING)
    reason = models.CharField(max_length=16, blank=True, choices=[(one, one) for one in REASONS])
    note = models.CharField(max_length=300, blank=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=100, blank=True)
    votes = models.PositiveIntegerField(default=0)
    asked = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Those whom most want answered first; among them the oldest."""

        ordering: ClassVar = ["-votes", "asked", "id"]
        indexes: ClassVar = [models.Index(fields=["event", "state"])]


class Vote(models.Model):
    """Somebody wants a question answered."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="voters")
    voter = models.CharField(max_length=64)

    class Meta:
        """One vote each, held by the database."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["question", "voter"], name="one_vote")]


class Poll(models.Model):
    """A question to everybody, with answers to choose from, such as reform options."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="polls")
    text_en = models.CharField(max_length=300)
    text_zh = models.CharField(max_length=300)
    is_open = models.BooleanField(default=False)
    shows_results = models.BooleanField(default=False)

    @property
    def text(self) -> Words:
        """In both languages."""
        return Words(self.text_en, self.text_zh)


class Choice(models.Model):
    """An answer that a poll offers; it may name a reform that can be simulated."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="choices")
    order = models.PositiveSmallIntegerField(default=0)
    text_en = models.CharField(max_length=200)
    text_zh = models.CharField(max_length=200)
    reform = models.CharField(max_length=60, blank=True)
    ballots_cast = models.PositiveIntegerField(default=0)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar = ["order", "id"]

    @property
    def text(self) -> Words:
        """In both languages."""
        return Words(self.text_en, self.text_zh)


class Ballot(models.Model):
    """Somebody's answer to a poll."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="ballots")
    voter = models.CharField(max_length=64)
    choice = models.ForeignKey(Choice, models.CASCADE)

    class Meta:
        """One ballot each, held by the database."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["poll", "voter"], name="one_ballot")]


class Change(models.Model):
    """Something that the public can see has changed; those who listen are told, and fetch what is more than a count."""

    event = models.ForeignKey(Event, models.CASCADE)
    kind = models.CharField(max_length=16)
    question = models.ForeignKey(Question, models.CASCADE, null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)


class Deed(models.Model):
    """Who of the staff did what; nothing is taken out of it."""

    event = models.ForeignKey(Event, models.PROTECT)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    act = models.CharField(max_length=16)
    question = models.ForeignKey(Question, models.PROTECT, null=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
