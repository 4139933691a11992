"""What a saved scenario asks, the file that it makes, and whether data or law have changed since."""

from __future__ import annotations

import datetime
import re

from django.http import QueryDict

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.workbench.pages.stamp import stamp
from canbao.workbench.simulate.asked import Asked, asked_of
from canbao.workbench.simulate.models import LONGEST_TITLE, TOKEN_LENGTH, Scenario

say = Catalogue("canbao.workbench.simulate", "words")

TOKEN = re.compile(rf"[0-9a-f]{{{TOKEN_LENGTH}}}")


def save_scenario(title: str, asked: Asked) -> Scenario:
    """Keep a question under a title, with the data and the law of today."""
    marks = stamp()
    return Scenario.objects.create(
        title=title[:LONGEST_TITLE],
        question=asked.query,
        data=marks["data"],
        law=datetime.date.fromisoformat(marks["law"]),
        version=marks["version"],
    )


def find_scenario(token: str) -> Scenario | None:
    """A saved scenario, whatever the token looks like; that it was opened today is noted."""
    found = Scenario.objects.filter(token=token).first() if TOKEN.fullmatch(token) else None
    today = datetime.date.today()
    if found is not None and found.opened < today:
        Scenario.objects.filter(pk=found.pk).update(opened=today)
    return found


def scenario_of_link(text: str) -> Scenario:
    """The scenario whose link, or the end of it, somebody gives.

    Raises:
        InputError: there is none.
    """
    tokens = TOKEN.findall(text)
    found = find_scenario(tokens[-1]) if tokens else None
    if found is None:
        raise InputError(Fault(say("no_scenario", text=text[:80]), remedy=say("save_first")))
    return found


def asked_in(scenario: Scenario) -> Asked:
    """The question that was saved."""
    return asked_of(QueryDict(scenario.question))


def expire(days: int) -> None:
    """Delete the scenarios that nobody has opened for some days; they belong to nobody who could be asked."""
    Scenario.objects.filter(opened__lt=datetime.date.today() - datetime.timedelta(days=days)).delete()


def is_outdated(scenario: Scenario) -> bool:
    """Whether data, law or programme are others today."""
    return {"data": scenario.data, "law": scenario.law.isoformat(), "version": scenario.version} != stamp()


def file_of(scenario: Scenario) -> str:
    """The reform's file for a study's reforms/."""
    return asked_in(scenario).at.yaml(scenario.title)
