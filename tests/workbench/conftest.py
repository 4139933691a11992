"""The workbench over the sample study, as a browser meets it, with a database of the test's own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canbao.study import Study

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"
SEMINAR = """
title: {en: Pensions for riders, zh: 骑手养老保险研讨会}
rooms:
  - {en: Opening, zh: 开幕}
polls:
  - text: {en: "Which first?", zh: 优先选择哪项改革？}
    choices:
      - {en: Platforms pay, zh: 平台按单缴费, reform: order_levy}
      - {en: The state matches, zh: 政府补贴, reform: matching}
"""


@pytest.fixture(scope="session", autouse=True)
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Django, made ready once a process."""
    before = dict(os.environ)
    from canbao.workbench.serve import prepare

    prepare(SAMPLE, tmp_path_factory.mktemp("workbench"))
    from django.test import override_settings

    # A hash that is quick to make, since nobody attacks the tests.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def sample() -> Study:
    """The study that is served."""
    return Study(SAMPLE)


@pytest.fixture
def browser() -> Any:
    """A browser without scripts; server errors are raised, not hidden."""
    from django.test import Client

    return Client(headers={"host": "localhost"})


@pytest.fixture
def plan() -> str:
    """What the seminar's file says; a module that wants more says it under this name."""
    return SEMINAR


@pytest.fixture
def event(tmp_path: Path, plan: str) -> Iterator[Any]:
    """A seminar; it and what was done at it are gone afterwards."""
    from canbao.workbench.seminar.models import Change, Deed, Event
    from canbao.workbench.seminar.plan import open_seminar

    path = tmp_path / "seminar.yaml"
    path.write_text(plan, encoding="utf-8")
    yield open_seminar(path, tmp_path)
    for kept in (Deed, Change, Event):
        kept.objects.all().delete()


@pytest.fixture
def settings_with() -> Any:
    """Django's settings, some of them otherwise, as a context."""
    from django.test import override_settings

    return override_settings
