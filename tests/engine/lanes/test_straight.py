"""Rules without branches, as text: what becomes of conditions, what only some want, and what cannot be."""

import pytest

from canbao.engine.lanes.straight import Known, NotStraightError, straightened


def lines(text: str, **options: object) -> list[str]:
    return [line.strip() for line in straightened(text, Known(**options)).splitlines()[1:]]  # type: ignore[arg-type]


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
