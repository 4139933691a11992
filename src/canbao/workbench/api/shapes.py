"""Shapes that several answers have, and what is said of each operation."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any

from ninja import Schema
from pydantic import BaseModel, ConfigDict

from canbao.languages import Catalogue, Words
from canbao.workbench.pages.stamp import stamp
from canbao.workbench.pages.study import current_study

say = Catalogue("canbao.workbench.api", "words")


class Both(Schema):
    """A text in both languages."""

    en: str
    zh: str


class Sent(BaseModel):
    """What somebody sends: its fields and no others. A schema of the add-on would take any object for an empty one."""

    model_config = ConfigDict(extra="forbid")


class Faults(Schema):
    """What is wrong, in the language of the request."""

    faults: list[str]


class Basis(Schema):
    """What an answer rests on."""

    study: Both
    law: datetime.date
    data: str
    synthetic: bool


def both(words: Words) -> Both:
    """Words as they are sent."""
    return Both(en=words.en, zh=words.zh)


def basis() -> Basis:
    """What answers about the study rest on; `data` as the pages' links carry it."""
    study = current_study()
    settings = study.settings
    title = both(settings.title.words)
    return Basis(study=title, law=settings.law_date, data=stamp()["data"], synthetic=settings.synthetic)


def told(operation: str, answer: Any, *faults: int) -> dict[str, Any]:
    """What the description says of an operation.

    Args:
        operation: its name; `op_<operation>` are its words.
        answer: the shape of what it answers.
        faults: the status codes with which it can refuse.
    """
    responses = {200: answer, **dict.fromkeys(faults, Faults)}
    return {"operation_id": operation, "summary": say(f"op_{operation}").en, "response": responses}


def finite(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose numbers JSON knows; None where there is none."""
    return {name: None if isinstance(one, float) and not math.isfinite(one) else one for name, one in row.items()}
