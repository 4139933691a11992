"""The worked cases that stand beside the law: award sheets, published amounts, sentences of the law."""

import itertools
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import Field

from canbao import law
from canbao.law import lawbook
from canbao.located_yaml import Entry, read

FOLDER = Path(law.__file__).parent


class WorkedCase(Entry):
    name: str
    given: dict[str, str | float]
    expect: dict[str, str | float | None]
    within: dict[str, float] = Field(default_factory=dict)


class CasesFile(Entry):
    cases: list[WorkedCase]


def worked_cases() -> list[Any]:
    files = sorted(FOLDER.glob("*/cases.yaml"))
    listed = [(path.parent.name, case) for path in files for case in read(path, CasesFile).cases]
    return [pytest.param(case, id=f"{scheme}: {case.name}") for scheme, case in listed]


@pytest.mark.parametrize("case", worked_cases())
def test_the_law_gives_what_the_case_expects(case: WorkedCase) -> None:
    table = pl.DataFrame({name: [str(value)] for name, value in case.given.items()})
    results = law.calculate(table, list(case.expect)).row(0, named=True)
    for name, expected in case.expect.items():
        found = results[name]
        if expected is None or isinstance(expected, str):
            assert found == expected, name
        else:
            assert found is not None, name
            assert abs(found - expected) <= case.within.get(name, 0) + 1e-9, (name, found, expected)


def test_every_scheme_has_cases() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/cases.yaml")} == set(lawbook.schemes())


def test_every_result_has_a_known_answer_or_is_a_step_to_one() -> None:
    """No rule stands there that no case would miss."""
    asked = set(itertools.chain.from_iterable(case.values[0].expect for case in worked_cases()))
    rules = lawbook.model().rules
    reached, waiting = set(), list(asked)
    while waiting:
        name = waiting.pop()
        if name in rules and name not in reached:
            reached.add(name)
            waiting += [argument for variant in rules[name] for argument in variant.arguments]
            waiting += [argument.removesuffix("_last_year") for variant in rules[name] for argument in variant.arguments]
    assert set(rules) <= reached
