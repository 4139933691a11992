"""Scenarios that somebody saved: where the levers stand, and under which data and law. Of people nothing is kept."""

from __future__ import annotations

import datetime
import secrets
from typing import ClassVar

from django.db import models

TOKEN_LENGTH = 32
LONGEST_TITLE, LONGEST_QUESTION = 120, 2000


def new_token() -> str:
    """What stands in a scenario's address: nobody can guess it."""
    return secrets.token_hex(TOKEN_LENGTH // 2)


class Scenario(models.Model):
    """A saved scenario, and the day on which somebody last opened it."""

    token = models.CharField(max_length=TOKEN_LENGTH, primary_key=True, default=new_token, editable=False)
    title = models.CharField(max_length=LONGEST_TITLE)
    question = models.CharField(max_length=LONGEST_QUESTION)
    data = models.CharField(max_length=64)
    law = models.DateField()
    version = models.CharField(max_length=40)
    saved = models.DateField(auto_now_add=True)
    opened = models.DateField(default=datetime.date.today)

    class Meta:
        """Newest last."""

        app_label = "simulate"
        ordering: ClassVar[list[str]] = ["saved", "token"]

    @property
    def name(self) -> str:
        """Of its file in a study's reforms/."""
        return f"scenario_{self.token[:8]}"
