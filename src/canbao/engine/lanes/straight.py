"""Rules without branches: both ways of a condition are gone, and it chooses between what they give.

A processor does the same to all lanes at once. Rules are pure, so the way that was not wanted does no harm; one that takes
long is left out where no worker at hand wants it. A loop goes on for as long as some worker is in it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

CALLS: Mapping[str, str] = {
    "abs": "magnitude",
    "int": "truncated",
    "float": "number",
    "bool": "truth",
    "floor": "floored",
    "ceil": "raised",
    "exp": "exponential",
    "log": "logarithm",
    "sqrt": "root",
    "isnan": "unknown",
    "entry": "entry",
    "entry_of_place_and_year": "entry_of_place_and_year",
}
"""What is called in place of Python's functions."""

CHOSEN: Mapping[str, str] = {"min": "least", "max": "greatest"}

QUICK = frozenset(
    f"lanes.{name}"
    for name in {*CALLS.values(), *CHOSEN.values(), "both", "either", "negated", "numbers_of", "select", "some"}
    - {"exponential", "logarithm", "entry", "entry_of_place_and_year"}
)
"""What is done sooner than it is asked whether anybody wants it."""

FEW = 8
"""Of more categories an entry is sooner looked up for each worker."""

LARGEST_EXPONENT = 4
"""Up to it a power is a product."""

Names = Mapping[str, str]
"""What each variable of the rule is called by now: every change gives it another name."""


class NotStraightError(Exception):
    """A rule has something for which there is no way without branches: it is to be called for one worker after another."""


@dataclass(frozen=True)
class Known:
    """What is known of the names in a rule's text.

    Args:
        draws: its arguments that are luck, which is drawn only where it is asked for.
        blanks: the constants that stand for an unknown whole number; in lanes every unknown number is NaN.
        categories: its arguments that are categories, with the numbers of these.
    """

    draws: Collection[str] = ()
    blanks: Collection[str] = ()
    categories: Mapping[str, Sequence[int]] = field(default_factory=dict)


def straightened(text: str, known: Known = Known()) -> str:
    """A function's text, as `scalar_code` gives it, without branches.

    Args:
        text: of the function.
        known: of the names in it.

    Raises:
        NotStraightError: it loops other than by counting up in ones, or counts on after a loop.
    """
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    return ast.unparse(ast.fix_missing_locations(_Straightener(definition, known).function()))


@dataclass
class _Left:
    """Who has left a loop by returning.

    Args:
        returned: who.
        at: by what the loop counted, when each left.
        by: which of the returns each left by.
        values: what each of the returns gives.
    """

    returned: ast.Name
    at: ast.Name
    by: ast.Name
    values: list[ast.expr] = field(default_factory=list)


class _Straightener:
    """One function on its way; statements are gathered as they are written."""

    def __init__(self, definition: ast.FunctionDef, known: Known) -> None:
        self.definition = definition
        self.known = known
        self.statements: list[ast.stmt] = []
        self.taken = {"lanes", "nan"} | {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
        self.taken |= {argument.arg for argument in definition.args.args}

    def function(self) -> ast.FunctionDef:
        definition = self.definition
        names = {argument.arg: argument.arg for argument in definition.args.args}
        names |= {name: self.fresh(name).id for name in ("lanes", "nan") if name in names}
        result = self.result(definition.body, dict(names))
        docstring = [one for one in definition.body[:1] if isinstance(one, ast.Expr)]
        body = [*docstring, *self.statements, ast.Return(result)]
        taken = [ast.arg(names[argument.arg]) for argument in definition.args.args]
        arguments = ast.arguments(posonlyargs=[], args=taken, kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.FunctionDef(definition.name, arguments, body, [], lineno=1)

    # --- statements -----------------------------------------------------------------------------------------------------

    def result(self, statements: Sequence[ast.stmt], names: dict[str, str]) -> ast.expr:
        """What some statements return; what comes before that is carried out."""
        for number, statement in enumerate(statements):
            rest = statements[number + 1 :]
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self.expression(value, names)
                case ast.If() if _returns(statement):
                    return self.result_of_either(statement, rest, names)
                case ast.For() if _returns(statement):
                    return self.result_of_loop(statement, rest, names)
                case _:
                    self.carry_out(statement, names)
        raise NotStraightError

    def result_of_either(self, statement: ast.If, rest: Sequence[ast.stmt], names: Names) -> ast.expr:
        """What a condition and all that comes after it return."""
        test = self.kept("test", self.expression(statement.test, names))
        yes = self.way(test, lambda: self.result([*statement.body, *rest], dict(names)))
        no = self.way(_not(test), lambda: self.result([*statement.orelse, *rest], dict(names)))
        return _call("select", test, yes, no)

    def result_of_loop(self, statement: ast.For, rest: Sequence[ast.stmt], names: dict[str, str]) -> ast.expr:
        """What a loop returns to those who leave it by that, and what comes after it to all others."""
        returned, found = self.loop(statement, names)
        otherwise = self.way(_not(returned), lambda: self.result(rest, dict(names)))
        return _call("select", returned, found, otherwise)

    def carry_out(self, statement: ast.stmt, names: dict[str, str]) -> None:
        """Write a statement that returns nothing."""
        match statement:
            case ast.Expr():
                pass
            case ast.Assign() | ast.AugAssign():
                name, value = _assigned(statement)
                names[name] = self.kept(name, self.expression(value, names)).id
            case ast.If():
                self.carry_out_both(statement, names)
            case ast.For():
                self.loop(statement, names)
            case _:
                raise NotStraightError

    def carry_out_both(self, statement: ast.If, names: dict[str, str]) -> None:
        """Go both ways of a condition; each variable is then what the right one made of it."""
        test = self.kept("test", self.expression(statement.test, names))
        yes, no = dict(names), dict(names)
        for one in statement.body:
            self.carry_out(one, yes)
        for one in statement.orelse:
            self.carry_out(one, no)
        for name in dict.fromkeys([*yes, *no]):
            # What only one way sets is read only by those who went it.
            if yes.get(name, no.get(name)) != no.get(name, yes.get(name)):
                names[name] = self.kept(name, _call("select", test, _name(yes[name]), _name(no[name]))).id
            else:
                names[name] = yes[name] if name in yes else no[name]

    def way(self, condition: ast.expr, made: Callable[[], ast.expr]) -> ast.expr:
        """What one way gives. If it takes long it is gone only where a condition holds for some worker."""
        value, inside = self.within(made)
        if not any(_takes_long(one) for one in [*inside, value]):
            self.statements += inside
            return value
        way = self.kept("way", _call("numbers_of", ast.Constant(0.0)))
        inside.append(_assignment(way.id, _call("numbers_of", value)))
        self.statements.append(ast.If(_call("some", condition), inside, []))
        return way

    def within(self, made: Callable[[], ast.expr]) -> tuple[ast.expr, list[ast.stmt]]:
        """An expression, and the statements that were written for it."""
        outside, self.statements = self.statements, []
        value = made()
        inside, self.statements = self.statements, outside
        return value, inside

    # --- loops ----------------------------------------------------------------------------------------------------------

    def loop(self, statement: ast.For, names: dict[str, str]) -> tuple[ast.Name, ast.expr]:
        """Write a loop that goes on for as long as some worker is in it.

        Returns:
            who has left it with a result, and the results.
        """
        counter, begin, end = _counted(statement)
        if counter in names:
            raise NotStraightError
        first, last = (self.kept(word, self.expression(one, names)) for word, one in (("begin", begin), ("end", end)))
        for name in sorted(_changed(statement) - {counter}):
            before = _name(names[name]) if name in names else ast.Constant(0.0)
            names[name] = self.kept(name, _call("numbers_of", before)).id
        left = _Left(
            returned=self.kept("returned", ast.Compare(_call("lane_numbers"), [ast.Lt()], [ast.Constant(0.0)])),
            at=self.kept("left_at", _call("numbers_of", ast.Constant(0.0))),
            by=self.kept("left_by", _call("numbers_of", ast.Constant(0.0))),
        )
        count = self.fresh(counter)

        def body() -> ast.expr:
            inside = {**names, counter: count.id}
            staying = self.kept("staying", _call("both", ast.Compare(count, [ast.Lt()], [last]), _not(left.returned)))
            self.statements.append(ast.If(ast.UnaryOp(ast.Not(), _call("some", staying)), [ast.Break()], []))
            here = self.kept("here", _call("both", staying, ast.Compare(count, [ast.GtE()], [first])))
            self.carry_out_where(here, statement.body, inside, count, left)
            return left.returned

        _, written = self.within(body)
        within = ast.Call(_name("range"), [_call("lowest", first), _call("highest", last)], [])
        self.statements.append(ast.For(ast.Name(count.id, ast.Store()), within, written, [], lineno=1))
        found: ast.expr = ast.Constant(0.0)
        for number, value in enumerate(left.values):
            # Whoever has left is not changed any more: what she returns can be told when the loop is over.
            way = self.expression(value, {**names, counter: left.at.id})
            found = _call("select", ast.Compare(left.by, [ast.Eq()], [ast.Constant(number)]), way, found) if number else way
        return left.returned, found

    def carry_out_where(
        self, here: ast.Name, statements: Sequence[ast.stmt], names: Names, count: ast.Name, left: _Left
    ) -> None:
        """Write what a loop does to those who are in it: variables keep their names, and change for them alone."""

        def change(name: str, value: ast.expr) -> None:
            self.statements.append(_assignment(name, _call("select", here, value, _name(name))))

        for statement in statements:
            match statement:
                case ast.Expr():
                    pass
                case ast.Assign() | ast.AugAssign():
                    name, value = _assigned(statement)
                    change(names[name], self.expression(value, names))
                case ast.Return(value=ast.expr() as value):
                    change(left.at.id, count)
                    change(left.by.id, ast.Constant(len(left.values)))
                    left.values.append(value)
                    self.statements.append(_assignment(left.returned.id, _call("either", left.returned, here)))
                    return
                case ast.If():
                    test = self.kept("test", self.expression(statement.test, names))
                    for condition, branch in ((test, statement.body), (_not(test), statement.orelse)):
                        if branch:
                            some = self.kept("here", _call("both", here, condition))
                            self.carry_out_where(some, branch, names, count, left)
                    if _returns(statement):
                        here = self.kept("here", _call("both", here, _not(left.returned)))
                case _:
                    raise NotStraightError

    # --- names ----------------------------------------------------------------------------------------------------------

    def kept(self, name: str, value: ast.expr) -> ast.Name:
        """A value under a name that nothing else has."""
        own = self.fresh(name)
        self.statements.append(_assignment(own.id, value))
        return own

    def fresh(self, name: str) -> ast.Name:
        """A name that nothing else has."""
        own, number = name, 1
        while own in self.taken:
            number += 1
            own = f"{name}_{number}"
        self.taken.add(own)
        return _name(own)

    # --- expressions ----------------------------------------------------------------------------------------------------

    def expression(self, node: ast.expr, names: Names) -> ast.expr:
        """An expression without branches."""

        def of(one: ast.expr) -> ast.expr:
            return self.expression(one, names)

        match node:
            case ast.Constant():
                return node
            case ast.Name(id=name):
                return self.variable(name, names)
            case ast.IfExp():
                test = self.kept("test", of(node.test))
                yes = self.way(test, lambda: of(node.body))
                return _call("select", test, yes, self.way(_not(test), lambda: of(node.orelse)))
            case ast.BoolOp(values=[value]):
                return of(value)
            case ast.BoolOp(op=op, values=[value, *others]):
                first, rest = self.kept("first", of(value)), ast.BoolOp(op, others)
                if isinstance(op, ast.Or):
                    return _call("select", first, first, self.way(_not(first), lambda: of(rest)))
                return _call("select", first, self.way(first, lambda: of(rest)), first)
            case ast.UnaryOp(op=ast.Not()):
                return _not(of(node.operand))
            case ast.UnaryOp():
                return ast.UnaryOp(node.op, of(node.operand))
            case ast.Compare():
                return self.compared(node, names)
            case ast.BinOp(op=ast.Pow()):
                return self.power(node, names)
            case ast.BinOp():
                return ast.BinOp(of(node.left), node.op, of(node.right))
            case ast.Call(func=ast.Name(id=name), args=[first_given, *others]) if name in CHOSEN:
                found = of(first_given)
                for other in others:
                    found = _call(CHOSEN[name], found, of(other))
                return found
            case ast.Call(func=ast.Name(id="entry"), args=[table, ast.Name(id=name)]) if self.is_one_of_few(name, names):
                return self.entry_of_few(of(table), of(node.args[1]), self.known.categories[name])
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                return _call(CALLS[name], *map(of, node.args))
            case ast.Call(func=ast.Name(id=name)):
                return ast.Call(_name(name), [*map(of, node.args)], [])
        raise NotStraightError

    def is_one_of_few(self, name: str, names: Names) -> bool:
        """Whether a name still stands for an argument that is one of a few categories."""
        return names.get(name) == name and 0 < len(self.known.categories.get(name, ())) <= FEW

    def entry_of_few(self, table: ast.expr, index: ast.expr, numbers: Sequence[int]) -> ast.expr:
        """A table's entry by category: all are looked up, once for all workers, and each has hers."""
        found: ast.expr = _name("nan")
        for number in numbers:
            which = ast.Compare(index, [ast.Eq()], [ast.Constant(number)])
            found = _call("select", which, _call("entry", table, ast.Constant(number)), found)
        return found

    def variable(self, name: str, names: Names) -> ast.expr:
        """What a name stands for."""
        if name in self.known.blanks:
            return _name("nan")
        own = _name(names.get(name, name))
        return _call("drawn", own) if own.id in self.known.draws else own

    def compared(self, node: ast.Compare, names: Names) -> ast.expr:
        """A comparison; of several in a row all must hold."""
        sides = [node.left, *node.comparators]
        found: ast.expr | None = None
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
            pair = self.compared_pair(left, op, right, names)
            found = pair if found is None else _call("both", found, pair)
        assert found is not None
        return found

    def compared_pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, names: Names) -> ast.expr:
        """Two sides; whether one is unknown is asked where it is compared with what stands for that."""
        for one, other in ((left, right), (right, left)):
            if isinstance(other, ast.Name) and other.id in self.known.blanks and isinstance(op, ast.Eq | ast.NotEq):
                blank = _call("unknown", self.expression(one, names))
                return blank if isinstance(op, ast.Eq) else _not(blank)
        return ast.Compare(self.expression(left, names), [op], [self.expression(right, names)])

    def power(self, node: ast.BinOp, names: Names) -> ast.expr:
        """A small whole power is a product; a number to the power of so many digits is a number."""
        exponent = self.expression(node.right, names)
        match node:
            case ast.BinOp(left=ast.Constant()):
                return ast.BinOp(node.left, ast.Pow(), exponent)
            case ast.BinOp(right=ast.Constant(value=int(times))) if 2 <= times <= LARGEST_EXPONENT:
                factor = self.kept("factor", self.expression(node.left, names))
                product: ast.expr = factor
                for _ in range(times - 1):
                    product = ast.BinOp(product, ast.Mult(), factor)
                return product
        return _call("power", self.expression(node.left, names), exponent)


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(one, ast.Return) for one in ast.walk(statement))


def _takes_long(node: ast.AST) -> bool:
    """Whether something is looked up, drawn or worked out by a series."""
    return any(isinstance(one, ast.Call) and not _is_quick(one) for one in ast.walk(node))


def _is_quick(call: ast.Call) -> bool:
    """Whether a call takes hardly longer than to ask whether anybody wants it."""
    name = ast.unparse(call.func)
    return name in QUICK or (name == "lanes.entry" and isinstance(call.args[1], ast.Constant))


def _assigned(statement: ast.Assign | ast.AugAssign) -> tuple[str, ast.expr]:
    """The variable that a statement sets, and to what."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            return name, ast.BinOp(_name(name), op, value)
    raise NotStraightError


def _counted(statement: ast.For) -> tuple[str, ast.expr, ast.expr]:
    """By which variable a loop counts, from what and up to what."""
    match statement:
        case ast.For(target=ast.Name(id=counter), iter=ast.Call(args=[ast.expr() as end])):
            return counter, ast.Constant(0), end
        case ast.For(target=ast.Name(id=counter), iter=ast.Call(args=[ast.expr() as begin, ast.expr() as end])):
            return counter, begin, end
    raise NotStraightError


def _changed(statement: ast.For) -> set[str]:
    """The variables that a loop sets."""
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _assignment(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=1)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _not(condition: ast.expr) -> ast.Call:
    return _call("negated", condition)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    """A call of one of the operations on lanes."""
    return ast.Call(ast.Attribute(_name("lanes"), name, ast.Load()), list(arguments), [])
