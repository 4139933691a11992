"""What the law gives one worker. Nothing is stored; the body, not the address, says who is meant."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, create_model

from canbao.workbench.api.shapes import Both, Sent, both, told
from canbao.workbench.calculate.worker import BRANCHES, COSTS, GIVES, Result, Variant, answered, fields, results
from canbao.workbench.pages.limits import count

router = Router(tags=["calculator"])

CALCULATIONS_A_MINUTE = 120
OTHERWISE: Sequence[tuple[Variant, str, tuple[Sequence[str], ...]]] = (
    ("elsewhere", "elsewhere", (COSTS, GIVES)),
    ("stopped", "stops", (GIVES,)),
    ("earlier", "earlier", (GIVES,)),
)
"""What can be asked beside, by which field, and what is then answered."""

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def _type(kind: str, name: str, choices: list[str], given: str, most: int) -> Any:
    if kind == "choice":
        offered: Any = StrEnum(name, {one or "nowhere": one for one in choices})  # type: ignore[misc]
        return offered, offered(given)
    if kind == "month":
        return str, Field(given, pattern=MONTH)
    return int, Field(int(given), ge=0, le=most)


_Worker: Any = create_model(
    "Worker",
    __base__=Sent,
    **{one.name: _type(one.kind, one.name, list(one.choices), one.given, one.most) for one in fields()},
)


class Access(Schema):
    """Whether somebody must, may or may not join a branch of insurance, and why."""

    branch: str
    access: str | None
    ground: str | None


class Caution(Schema):
    """A figure that a result rests on and that is not sure, and why."""

    why: str
    figure: str


class Sum(Schema):
    """A result: yuan a month or year, years or months, or a month, as its label says; null where nobody knows."""

    name: str
    label: Both
    value: float | str | None
    rests_on: list[Caution]


class Calculated(Schema):
    """What may be joined, what it costs, what it gives; and, if asked, elsewhere, stopped or retired earlier."""

    access: list[Access]
    costs: list[Sum]
    gives: list[Sum]
    elsewhere: list[Sum]
    stopped: list[Sum]
    earlier: list[Sum]


@router.post("calculator", **told("calculator", Calculated, 400, 413, 422, 429))
def calculator(request: HttpRequest, response: HttpResponse, worker: _Worker) -> dict[str, Any]:
    """Under the law as published; a calculation, not a decision."""
    count(request, "calculator", CALCULATIONS_A_MINUTE)
    response["Cache-Control"] = "no-store"
    values = answered({name: str(value) for name, value in worker.model_dump().items()})
    names = [f"{branch}_{part}" for branch in BRANCHES for part in ("access", "ground")]
    access = {one.name: one.value for one in results(values, names)}
    variants: dict[str, list[Sum]] = {
        variant: [_sum(one) for want in wanted for one in results(values, want, variant)] if values[field] else []
        for variant, field, wanted in OTHERWISE
    }
    return {
        "access": [
            {"branch": one, "access": _text(access[f"{one}_access"]), "ground": _text(access[f"{one}_ground"])}
            for one in BRANCHES
        ],
        "costs": list(map(_sum, results(values, COSTS))),
        "gives": list(map(_sum, results(values, GIVES))),
        **variants,
    }


def _sum(one: Result) -> Sum:
    value = one.value if isinstance(one.value, int | float) or one.value is None else str(one.value)
    cautions = [Caution(why=why, figure=figure) for why, figure in one.rests_on]
    return Sum(name=one.name, label=both(one.label), value=value, rests_on=cautions)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
