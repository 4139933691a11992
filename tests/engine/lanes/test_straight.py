"""Rules without branches, as text: what becomes of conditions, what only some want, and what cannot be."""

from math import trunc
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.engine.lanes.straight import Known, NotStraightError, straightened


def lines(text: str, **options: Any) -> list[str]:
    return [line.strip() for line in straightened(text, Known(**options)).splitlines()[1:]]


def test_a_condition_chooses() -> None:
    text = "def pays(wage, floor):\n    if wage < floor:\n        return floor\n    return wage\n"
    assert lines(text) == ["test = wage < floor", "return lanes.select(test, floor, wage)"]


def test_what_takes_long_is_done_only_where_somebody_wants_it() -> None:
    text = "def born(age, luck, rates):\n    if age > 49:\n        return False\n    return luck < entry(rates, age)\n"
    assert lines(text, draws=["luck"]) == [
        "test = age > 49",
        "way = lanes.numbers_of(0.0)",
        "if lanes.some(lanes.negated(test)):",
        "way = lanes.numbers_of(lanes.drawn(luck) < lanes.entry(rates, age))",
        "return lanes.select(test, False, way)",
    ]


def test_what_stands_for_the_unknown_is_asked_about_and_given() -> None:
    text = "def told(answer):\n    return UNKNOWN if answer == UNKNOWN or UNKNOWN != answer else answer\n"
    found = " ".join(lines(text, blanks=["UNKNOWN"]))
    assert "UNKNOWN" not in found and found.count("lanes.unknown(answer)") == 2 and "nan" in found


def test_arguments_take_no_name_from_the_operations() -> None:
    assert straightened("def one(lanes, nan):\n    return max(lanes, nan)\n").splitlines() == [
        "def one(lanes_2, nan_2):",
        "    return lanes.greatest(lanes_2, nan_2)",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "for one in range(0, number, 2):\n        number += one",
        "for one in range(number):\n        for other in range(one):\n            number += other",
        "one = 3\n    for one in range(number):\n        number += one",
    ],
)
def test_some_loops_cannot_be_straightened(body: str) -> None:
    with pytest.raises(NotStraightError):
        straightened(f"def f(number):\n    {body}\n    return number\n")


def test_an_entry_by_category_is_chosen_from_all() -> None:
    text = "def pay(activity, pays):\n    return entry(pays, activity)\n"
    assert lines(text, categories={"activity": [0, 1]}) == [
        "return lanes.select(activity == 1, lanes.entry(pays, 1), lanes.select(activity == 0, lanes.entry(pays, 0), nan))"
    ]
    changed = "def pay(activity, pays):\n    activity += 7\n    return entry(pays, activity)\n"
    assert lines(changed, categories={"activity": [0, 1]})[-1] == "return lanes.entry(pays, activity_2)"


# --- whatever a rule may be ---------------------------------------------------------------------------------------------


class One:
    """The operations on lanes for a single worker, in plain Python."""

    some = truth = staticmethod(bool)
    number = numbers_of = staticmethod(float)
    least, greatest, magnitude, truncated = staticmethod(min), staticmethod(max), staticmethod(abs), staticmethod(trunc)
    lowest = highest = staticmethod(int)

    @staticmethod
    def select(condition: Any, yes: Any, no: Any) -> Any:
        return yes if condition else no

    @staticmethod
    def negated(condition: Any) -> bool:
        return not condition

    @staticmethod
    def both(first: Any, second: Any) -> bool:
        return bool(first) and bool(second)

    @staticmethod
    def either(first: Any, second: Any) -> bool:
        return bool(first) or bool(second)

    @staticmethod
    def lane_numbers() -> float:
        return 0.0


class Writer:
    """Writes rules at random; a variable is read only where every way has set it."""

    def __init__(self, luck: Random) -> None:
        self.luck = luck
        self.loops = 0

    def rule(self) -> str:
        body, _ = self.block({"a", "b", "n"}, 3, in_loop=False)
        return "def f(a, b, n, flag):\n" + "\n".join(f"    {line}" for line in [*body, f"return {self.number({'a'}, 1)}"])

    def number(self, known: set[str], depth: int) -> str:
        kind = self.luck.randrange(7 if depth else 2)
        one, other = (self.number(known, depth - 1) for _ in range(2)) if depth else ("", "")
        match kind:
            case 0:
                return self.luck.choice(["0.5", "-1.0", "2.0", "3"])
            case 1:
                return self.luck.choice(sorted(known))
            case 2 | 3:
                return f"({one} {self.luck.choice('+-')} {other})"
            case 4:
                return f"({one} if {self.condition(known, depth - 1)} else {other})"
            case 5:
                return f"{self.luck.choice(['min', 'max'])}({one}, {other})"
        return f"abs({one})"

    def condition(self, known: set[str], depth: int) -> str:
        if depth <= 0:
            return self.luck.choice(["flag", "a > b", "n >= 2", "0 < a <= n", "b != 1"])
        one, other = (self.condition(known, depth - 1) for _ in range(2))
        compared = f"{self.number(known, 1)} {self.luck.choice(['<', '>=', '=='])} {self.number(known, 1)}"
        return self.luck.choice([f"({one} and {other})", f"({one} or {other})", f"(not {one})", compared])

    def block(self, known: set[str], depth: int, *, in_loop: bool) -> tuple[list[str], set[str]]:
        lines: list[str] = []
        for _ in range(self.luck.randint(1, 3)):
            match self.luck.randrange(7 if depth else 3):
                case 0 | 1:
                    name = self.luck.choice(["x", "y", "a", "b"])
                    lines.append(f"{name} = {self.number(known, 2)}")
                    known = known | {name}
                case 2:
                    lines.append(f"{self.luck.choice(sorted(known - {'n'}))} += {self.number(known, 1)}")
                case 3 | 4:
                    yes, after_yes = self.block(known, depth - 1, in_loop=in_loop)
                    no, after_no = self.block(known, depth - 1, in_loop=in_loop)
                    lines += [f"if {self.condition(known, 2)}:", *(f"    {one}" for one in yes)]
                    if self.luck.random() < 0.6:
                        lines += ["else:", *(f"    {one}" for one in no)]
                        known = after_yes & after_no
                case 5 if not in_loop:
                    self.loops += 1
                    inside, _ = self.block(known | {f"i{self.loops}"}, depth - 1, in_loop=True)
                    span = self.luck.choice(["n", "2, n + 3", "n - 2, 4"])
                    lines += [f"for i{self.loops} in range({span}):", *(f"    {one}" for one in inside)]
                case 6 if self.luck.random() < 0.5:
                    lines += [f"if {self.condition(known, 1)}:", f"    return {self.number(known, 2)}"]
        return lines or ["a = b"], known


@settings(max_examples=1500, deadline=None)
@given(st.integers(0, 2**32), st.floats(-5, 5), st.floats(-5, 5), st.integers(-3, 6), st.booleans())
def test_whatever_the_rule_it_gives_the_same(seed: int, a: float, b: float, n: int, flag: bool) -> None:
    text = Writer(Random(seed)).rule()
    straight = straightened(text)
    plain: dict[str, Any] = {}
    lanes: dict[str, Any] = {"lanes": One}
    exec(text, plain)
    exec(straight, lanes)
    found, expected = lanes["f"](a, b, n, flag), plain["f"](a, b, n, flag)
    assert found == pytest.approx(expected, rel=0, abs=0, nan_ok=True), f"{text}\n{straight}"
