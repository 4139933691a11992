"""Rules with every turn that a rule can take; no law has them all."""

from math import ceil, exp, floor, isnan, log, nan, sqrt

from canbao.engine import (
    UNKNOWN,
    Category,
    Draw,
    LifeDraw,
    Month,
    PlaceYears,
    Table,
    round_down,
    round_half_up,
    round_up,
    rule,
)


class Answer(Category):
    YES = 0
    NO = 1
    NOBODY_KNOWS = UNKNOWN


DOZEN = 12


@rule(unit="times")
def rounds(rounds_last_year: int, number: int) -> int:
    """Without something that looks back there would be no years."""
    return rounds_last_year + 1 + abs(number) % 2


@rule(unit="number")
def early_returns(amount: float, number: int) -> float:
    """Ways that end, within ways that end."""
    if amount < 0:
        if number > 3:
            return -1.0
        if number < -3:
            return -2.0
        amount = -amount
    else:
        amount += 1
    if number == 0:
        return amount
    return amount / number


@rule(unit="number")
def one_way_only(amount: float, flag: bool) -> float:
    """Variables that one way sets, or both."""
    found = 1.0
    if flag:
        found = amount * 2
        third = found + 1
    else:
        third = 7.0
    if amount > 10:
        third -= found
    return found + third


@rule(unit="yes/no")
def conditions(amount: float, number: int, flag: bool, year: int) -> bool:
    """All that conditions are made of."""
    return (0 < number <= 5 and not flag) or (amount >= 3 and (flag or year % 2 == 0)) or number != 7 > amount


@rule(unit="number")
def numbers_as_conditions(number: int, amount: float) -> float:
    """Python's `or` gives what it found."""
    return float(number or 3) + (amount and 2.5)


@rule(unit="number")
def whole_numbers(number: int, amount: float) -> int:
    """Of less than nought, too."""
    return number // DOZEN * 100 + number % DOZEN + int(amount) - int(-amount * 3) + min(number, 4, 2) - max(number, 1)


@rule(unit="number")
def powers(amount: float, number: int, start: float) -> float:
    """Known and unknown ones."""
    return amount**2 + (amount - 1) ** 3 + start**number + 10.0**2 + abs(start) ** 0.5


@rule(unit="number")
def functions(start: float, amount: float) -> float:
    """What the mathematics of a rule may call."""
    return exp(-start) + log(start + 0.01) + sqrt(start) + floor(amount) + ceil(amount / 3) + abs(amount)


@rule(unit="coins")
def rounded(amount: float, number: int) -> float:
    """To the digits that a law names."""
    return round_half_up(amount, 1) + round_up(amount * number, 2) * 1000 + round_down(amount, 0) * 1e6


@rule(unit="number")
def found_in_a_loop(number: int, start: float, year: int) -> int:
    """The year in which a sum is passed; no two need equally long."""
    passed = 0.0
    for one in range(year - number, year + 10):
        if one % 3 == 0:
            passed += start
        else:
            passed *= 1.01
        if passed > 2 * number + 1:
            return one
    return number


@rule(unit="number")
def summed_in_a_loop(number: int, start: float) -> float:
    """A loop that some never enter, and what comes after it."""
    total = 1.0
    greatest = 0.0
    for one in range(number):
        total += start * one
        if total > 9:
            greatest = max(greatest, total)
            total -= 9
    return total + greatest


@rule(unit="number")
def loop_in_a_loop(number: int, start: float) -> float:
    """For which there is no way but one after another."""
    total = start
    for one in range(0, number, 2):
        for other in range(one):
            total += other
    return total


@rule(unit="answer")
def answer(number: int, amount: float) -> Answer:
    """Sometimes nobody knows."""
    if number % 5 == 0:
        return Answer.NOBODY_KNOWS
    return Answer.YES if amount > 0 else Answer.NO


@rule(unit="number", accepts_unknown=["answer"])
def told(answer: Answer, amount: float) -> float:
    """An unknown answer is an answer."""
    if answer == Answer.NOBODY_KNOWS:
        return nan if amount > 50 else 5.0
    return 1.0 if answer != Answer.NO else 0.0


@rule(unit="number", accepts_unknown=["told"])
def asked_again(told: float, number: int) -> int:
    """So is an unknown number; the result may be unknown again."""
    if isnan(told):
        return UNKNOWN if number > 0 else -1
    return int(told)


@rule(unit="number")
def rests_on_answers(answer: Answer, told: float, asked_again: int, amount: float) -> float:
    """Unknown where one of them is."""
    return amount + told * asked_again if answer == Answer.YES else amount - told


@rule(unit="months")
def waited(waited_last_year: Month, asked_again: int) -> Month:
    """Once unknown it stays so."""
    return waited_last_year + asked_again


@rule(unit="number")
def lucky(chance_draw: Draw, other_draw: Draw, born_draw: LifeDraw, flag: bool, start: float) -> float:
    """Luck that only some ask for."""
    if flag and chance_draw < 0.3:
        return other_draw
    return 1 + born_draw if chance_draw < start else -chance_draw


def either_way(other_draw: Draw, flag) -> float:
    """Called by rules, and luck all the same; nobody need say what a helper takes."""
    return other_draw if flag else 1 - other_draw


@rule(unit="number")
def lucky_by_helper(other_draw: Draw, flag: bool) -> float:
    """Luck handed on."""
    return either_way(other_draw, flag) + either_way(0.25, not flag)


def stepped(number, start):
    """A helper that cannot be straightened: neither can what calls it."""
    for one in range(0, number, 3):
        start += one
    return start


@rule(unit="number")
def by_a_loop_elsewhere(number: int, start: float) -> float:
    """Calls it."""
    return stepped(number, start) * 2 if number > 1 else start


@rule(unit="number")
def rule_by_rule(number: int, amount: float, chance_draw: Draw, other_draw: Draw, born_draw: LifeDraw) -> float:
    """Calls a rule as a helper, one with luck of its own."""
    return early_returns(amount, number) + lucky(other_draw, chance_draw, born_draw, number > 0, 0.5)


@rule(unit="number")
def from_tables(number: int, steps: Table, local_steps: Table, answer: Answer) -> float:
    """Also beside the table, and by a category."""
    return steps[number] + local_steps[number - 2] + steps[answer]


@rule(unit="number", accepts_unknown=["from_tables"])
def from_tables_or_not(from_tables: float, number: int, steps: Table) -> float:
    """What stands in no table."""
    return -1.0 if isnan(from_tables) and isnan(steps[number - 1]) else 1.0


@rule(unit="number")
def elsewhere(price: PlaceYears, place: int, year: int, number: int) -> float:
    """At another place and in another year."""
    return price[place + number, year - 1] + price[0, 1990 + number]


@rule(unit="number")
def usual(amount: float, local_price: float, price: float) -> float:
    """The general rule."""
    return amount * local_price + price


@rule(of="usual", unit="number", provinces=["hills"])
def in_the_hills(amount: float, price: float) -> float:
    """The hills have their own."""
    return amount * price


@rule(of="usual", unit="number", provinces=["plains"], until="1992-12")
def in_the_plains_before(amount: float) -> float:
    """So had the plains."""
    return amount


@rule(of="usual", unit="number", provinces=["plains"], since="1993-01")
def in_the_plains_since(amount: float, rounds: int) -> float:
    """And they have another since."""
    return amount + rounds


@rule(unit="number")
def dearer(usual: float, local_price: float) -> float:
    """The plains know what is usual there, but not always the local price."""
    return 1.0 if usual > local_price else 2.0


@rule(unit="coins")
def faded(fading: float, amount: float) -> float:
    """Known at first, and later no more."""
    return fading if amount > 0 else 1.0 + fading


@rule(unit="coins", at="feast")
def feast_faded(faded: float, number: int) -> float:
    """What was known of it at the feast."""
    return faded if number > 0 else 2.0


@rule(unit="coins", during="after")
def compared_with_then(feast_faded: float, faded: float) -> float:
    """That it was known then does not mean that it is now."""
    return 1.0 if faded < feast_faded else 2.0


@rule(unit="coins", at="feast")
def feast_price(local_price: float, price: float, rounds: int, usual: float) -> float:
    """What a feast costs when it is held."""
    return local_price + price * rounds + usual


@rule(unit="coins", during="after")
def memory(feast_price: float, rounds: int) -> float:
    """What is told of it afterwards."""
    return feast_price / rounds


@rule(unit="coins", during="before")
def saved(saved_last_year: float, start: float) -> float:
    """What is put aside for it."""
    return saved_last_year + start
