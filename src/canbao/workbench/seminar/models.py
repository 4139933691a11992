"""What a seminar keeps. Of those who ask and vote it keeps a key that only the event's secret could tie to a ticket."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import connection, models

from canbao.languages import LANGUAGES, Words, joined
from canbao.workbench.seminar.states import REASONS, REMARKS, Role, State

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
    day = models.DateField(null=True, blank=True)
    place_en = models.CharField(max_length=200, blank=True)
    place_zh = models.CharField(max_length=200, blank=True)
    current = models.ForeignKey("AgendaItem", models.SET_NULL, null=True, blank=True, related_name="+")
    phones = models.PositiveIntegerField(default=0)
    closed = models.DateTimeField(null=True, blank=True)
    published = models.DateTimeField(null=True, blank=True)

    @property
    def title(self) -> Words:
        """In both languages."""
        return Words(self.title_en, self.title_zh)

    @property
    def place(self) -> Words:
        """Where it is held, in both languages."""
        return Words(self.place_en, self.place_zh)

    @classmethod
    def called(cls, code: str) -> Event | None:
        """The event of a code; each request asks, so the words are ready."""
        return next(iter(cls.objects.raw("SELECT * FROM seminar_event WHERE code = %s", [code])), None)

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


class AgendaItem(models.Model):
    """An item of the agenda. Speakers and topic are kept as the seminar's file has them, in both languages."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="agenda")
    room = models.ForeignKey(Room, models.SET_NULL, null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    begins = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    topic_en = models.CharField(max_length=200, blank=True)
    topic_zh = models.CharField(max_length=200, blank=True)
    speakers = models.JSONField(default=list, blank=True)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar = ["order", "id"]

    @property
    def title(self) -> Words:
        """In both languages."""
        return Words(self.title_en, self.title_zh)

    @property
    def topic(self) -> Words:
        """In both languages; blank where none was given."""
        return Words(self.topic_en, self.topic_zh)

    @property
    def speaking(self) -> list[Words]:
        """Who speaks, in both languages."""
        return [Words(one["en"], one["zh"]) for one in self.speakers]

    @property
    def spoken_by(self) -> Words:
        """All of them in one line."""
        return joined(self.speaking)


class Participant(models.Model):
    """Somebody who gave a name for the list of participants; nothing ties it to a ticket or a vote."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="participants")
    receipt = models.CharField(max_length=16, unique=True, default=new_receipt)
    name = models.CharField(max_length=60)
    body = models.CharField(max_length=120, blank=True)
    signed = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order in which they signed."""

        ordering: ClassVar = ["signed", "id"]


class Ticket(models.Model):
    """One vote each: a random number given to one person, of which only the digest is kept."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="tickets")
    digest = models.CharField(max_length=64)
    issued = models.DateTimeField(auto_now_add=True)
    used = models.BooleanField(default=False)

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
    other = models.CharField(max_length=1000, blank=True)
    label = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=60, blank=True)
    author = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in State], default=State.PENDING)
    reason = models.CharField(max_length=16, blank=True, choices=[(one, one) for one in REASONS])
    note = models.CharField(max_length=300, blank=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    answer = models.TextField(blank=True)
    answer_language = models.CharField(max_length=2, blank=True, choices=[(one, one) for one in LANGUAGES])
    answer_other = models.TextField(blank=True)
    answered_by = models.CharField(max_length=100, blank=True)
    answered = models.DateTimeField(null=True, blank=True)
    votes = models.PositiveIntegerField(default=0)
    asked = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Those whom most want answered first; among them the oldest."""

        ordering: ClassVar = ["-votes", "asked", "id"]
        indexes: ClassVar = [models.Index(fields=["event", "state"])]

    @classmethod
    def called(cls, event: Event, public_id: uuid.UUID) -> Question | None:
        """A question of an event; each vote asks, so the words are ready."""
        name = models.UUIDField().get_db_prep_value(public_id, connection)
        words = "SELECT * FROM seminar_question WHERE public_id = %s AND event_id = %s"
        return next(iter(cls.objects.raw(words, [name, event.pk])), None)


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


class Headcount(models.Model):
    """How many somebody counted in a room, or in all where it has none."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="headcounts")
    room = models.ForeignKey(Room, models.CASCADE, null=True, blank=True)
    people = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The newest first."""

        ordering: ClassVar = ["-at", "-id"]


class Remark(models.Model):
    """What was said, or agreed, at an item of the agenda, as the rapporteur has it; its number is never given twice.

    Paragraphs of the report and recommendations of its register are kept by their numbers, with blanks between.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="remarks")
    item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="remarks")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=[(one, one) for one in REMARKS], default=REMARKS[0])
    speaker = models.CharField(max_length=120, blank=True)
    body = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=2, choices=[(one, one) for one in LANGUAGES])
    text = models.TextField()
    other = models.TextField(blank=True)
    paragraphs = models.CharField(max_length=200, blank=True)
    recommendations = models.CharField(max_length=200, blank=True)
    struck = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order of their numbers."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "number"], name="one_number")]


class Deed(models.Model):
    """Who of the staff did what; nothing is taken out of it."""

    event = models.ForeignKey(Event, models.PROTECT)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    act = models.CharField(max_length=16)
    question = models.ForeignKey(Question, models.PROTECT, null=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
