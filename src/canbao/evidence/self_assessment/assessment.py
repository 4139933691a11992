"""The questions of a self-assessment, how figures answer them, and what a study's people answered themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field

from canbao.errors import Fault, did_you_mean, raise_all
from canbao.languages import Catalogue, Form
from canbao.located_yaml import Bilingual, Entry, YamlFile, read

say = Catalogue("canbao.evidence.self_assessment", "words")

Verdict = Literal["met", "partly", "not_met"]
FILE = Path("evidence") / "self-assessment.yaml"
"""Where a study's own answers stand."""


class Measure(Entry):
    """From which value on something counts as met, or partly met."""

    good: float
    fair: float
    better: Literal["higher", "lower"] = "higher"
    form: Form = "percent"


class SurveyMeasure(Measure):
    """A figure of the survey: the share of a category, followed by `says`, a median, or the share with at least so much."""

    of: str
    category: str | None = None
    statistic: Literal["share", "median"] = "share"
    at_least: float | None = None
    unit: Bilingual | None = None
    says: Bilingual | None = None
    among: dict[str, str | list[str]] = Field(default_factory=dict)


class LogMeasure(Measure):
    """A figure of the offices' logs."""

    of: Literal["logs", "completed", "share_late"]


class Criterion(Entry):
    """One question; without a measure only people can answer it."""

    key: str
    question: Bilingual
    survey: SurveyMeasure | None = None
    log: LogMeasure | None = None


class Area(Entry):
    """One of the six areas."""

    title: Bilingual
    criteria: list[Criterion]


class CriteriaFile(Entry):
    """criteria.yaml."""

    areas: dict[str, Area]


class Answer(Entry):
    """What people of the administration or the study answered; it stands before what figures say."""

    verdict: Verdict | None = None
    why: Bilingual | None = None
    by: str | None = None
    on: str | None = None


class AnswersFile(Entry):
    """A study's evidence/self-assessment.yaml."""

    answers: dict[str, Answer] = Field(default_factory=dict)


@cache
def areas() -> Mapping[str, Area]:
    """The six areas with their questions."""
    path = resources.files("canbao.evidence.self_assessment").joinpath("criteria.yaml")
    return read(Path(str(path)), CriteriaFile).areas


def read_answers(study: Path) -> Mapping[str, Answer]:
    """A study's own answers, by the question's number; none where it has no such file.

    Raises:
        InputError: the file is at fault, or answers what nobody asked.
    """
    path = study / FILE
    if not path.is_file():
        return {}
    yaml = YamlFile(path)
    answers = yaml.validate(AnswersFile).answers
    known = [one.key for area in areas().values() for one in area.criteria]
    raise_all(
        [
            Fault(say("no_criterion", key=key), yaml.place(["answers", key]), did_you_mean(key, known))
            for key in answers
            if key not in known
        ]
    )
    return answers


def judged(measure: Measure, value: float) -> Verdict:
    """What a figure says of a question."""
    good, fair = measure.good, measure.fair
    if measure.better == "lower":
        value, good, fair = -value, -good, -fair
    return "met" if value >= good else "partly" if value >= fair else "not_met"
