"""Sentences of the chapter on options that turn with the numbers."""

import pytest

from canbao.chapters.options import _redistribution, _unit
from canbao.languages import Number


@pytest.mark.parametrize(
    ("lowest", "highest", "said"),
    [(31.3, 59.4, "do not redistribute"), (59.4, 31.3, "the schemes redistribute to low incomes")],
)
def test_who_has_the_higher_balance_decides_what_is_said(lowest: float, highest: float, said: str) -> None:
    (sentence,) = _redistribution(Number(lowest, "decimal"), Number(highest, "decimal"))
    assert said in sentence.en and f"{lowest}" in sentence.en and f"{highest}" in sentence.zh
    assert ("未见" in sentence.zh) == (lowest < highest)


def test_nothing_is_said_of_balances_that_are_not_known() -> None:
    assert _redistribution(None, Number(1.0, "decimal")) == []
    assert _redistribution(Number(None, "decimal"), Number(1.0, "decimal")) == []


def test_units_are_words_in_both_languages() -> None:
    assert _unit("log odds").zh == "对数几率" and _unit("deaths a person-year").zh == "人年死亡数"
    assert _unit("parsec").zh == "parsec"
