"""The workbench over the sample study, as a browser meets it, with a database of the test's own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="session", autouse=True)
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Django, made ready once a process."""
    before = dict(os.environ)
    from canbao.workbench.serve import prepare

    prepare(SAMPLE, tmp_path_factory.mktemp("workbench"))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def browser() -> Any:
    """A browser without scripts; server errors are raised, not hidden."""
    from django.test import Client

    return Client(headers={"host": "localhost"})
