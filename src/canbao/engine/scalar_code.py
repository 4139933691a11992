"""Rules as text: checked to be pure scalar code, then translated for the kernel's file.

Only what means the same in Python and in compiled code is let through. Everything else is refused with its line and reason:
strings, containers, attributes, keyword arguments, loops without an end, names from outside that are no numbers.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, get_type_hints

from canbao.engine.kinds import UNKNOWN, Category, Kind, kind_of
from canbao.engine.rounding import round_down, round_half_up, round_up
from canbao.errors import Fault, InputError, Place, raise_all
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

BUILT_INS = frozenset({"min", "max", "abs", "int", "float", "bool", "range"})
ROUNDINGS = (round_half_up, round_up, round_down)
MATHEMATICS = frozenset({"floor", "ceil", "exp", "log", "sqrt", "isnan", "nan"})
ALLOWED = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.If, ast.For,
    ast.Expr, ast.IfExp, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant,
    ast.Subscript, ast.Attribute, ast.Tuple, ast.expr_context, ast.boolop, ast.unaryop, ast.cmpop,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow,
)  # fmt: skip
REASONS: Mapping[type[ast.AST], str] = {
    ast.While: "while",
    ast.Lambda: "inner_function",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.Global: "global",
    ast.Nonlocal: "global",
    ast.Try: "try",
    ast.With: "with",
    ast.Raise: "raise",
    ast.Assert: "raise",
    ast.Dict: "container",
    ast.List: "container",
    ast.Set: "container",
    ast.ListComp: "container",
    ast.GeneratorExp: "container",
    ast.JoinedStr: "string",
}


@dataclass
class ScalarCode:
    """A function's text for the kernel, and what it takes from outside.

    Args:
        text: the translated function.
        constants: names that it uses, with their numbers.
        helpers: functions that it calls, by the name under which it calls them.
    """

    text: str
    constants: dict[str, float | int] = field(default_factory=dict)
    helpers: dict[str, Callable[..., Any]] = field(default_factory=dict)


@cache
def scalar_code(function: Callable[..., Any], name: str | None = None) -> ScalarCode:
    """The text of a pure scalar function.

    Args:
        function: a rule's function, or one that a rule calls.
        name: under which it shall stand in the kernel; its own if None.

    Raises:
        InputError: it is not pure scalar code; every offending line with its reason.
    """
    definition, first_line = _definition(function)
    reader = _Reader(function, definition, first_line)
    reader.check()
    raise_all(reader.faults)
    translated = _Translator(reader).visit(definition)
    translated.name = name or function.__name__
    translated.decorator_list = []
    return ScalarCode(ast.unparse(ast.fix_missing_locations(translated)), reader.constants, reader.helpers)


@cache
def can_give_unknown(function: Callable[..., Any]) -> bool:
    """Whether a function itself says in some case that the result is not known."""
    code = scalar_code(function)
    return UNKNOWN in code.constants.values() or "nan" in code.text


@cache
def passes_on(function: Callable[..., Any]) -> frozenset[str]:
    """The arguments of which an unknown float makes the result unknown by arithmetic alone, so that nobody need ask.

    Those are all that enter the result of a function that only adds, subtracts, multiplies, divides and rounds.
    """
    definition, _ = _definition(function)
    entering = {argument.arg: frozenset({argument.arg}) for argument in definition.args.args}
    for statement in _without_docstring(definition.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                entering[name] = _entering(function, value, entering) or frozenset()
            case ast.Return(value=value) if value is not None:
                return _entering(function, value, entering) or frozenset()
            case _:
                return frozenset()
    return frozenset()


def _entering(
    function: Callable[..., Any], node: ast.expr, entering: Mapping[str, frozenset[str]]
) -> frozenset[str] | None:
    """The arguments that enter a piece of arithmetic; None if it is something else."""
    match node:
        case ast.Constant() | ast.Subscript():
            # What a table is looked up by does not enter as a number.
            return frozenset()
        case ast.Name(id=name):
            return entering.get(name, frozenset())
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _entering(function, operand, entering)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            first, second = _entering(function, left, entering), _entering(function, right, entering)
            return None if first is None or second is None else first | second
        case ast.Call(func=ast.Name(id=name), args=[value, _]) if _outside(function).get(name) in ROUNDINGS:
            return _entering(function, value, entering)
    return None


def _definition(function: Callable[..., Any]) -> tuple[ast.FunctionDef, int]:
    code = function.__code__
    try:
        lines, first_line = inspect.getsourcelines(function)
    except (OSError, TypeError):
        place = Place(Path(code.co_filename), code.co_firstlineno)
        raise InputError(Fault(say("no_source", rule=function.__name__), place)) from None
    parsed = ast.parse(textwrap.dedent("".join(lines))).body[0]
    if not isinstance(parsed, ast.FunctionDef):
        what = say("not_scalar", rule=function.__name__, reason=say("reason_inner_function"))
        raise InputError(Fault(what, Place(Path(code.co_filename), first_line)))
    return parsed, first_line


class _Reader:
    """Walks a function once: finds what is not scalar code, and what comes from outside."""

    def __init__(self, function: Callable[..., Any], definition: ast.FunctionDef, first_line: int) -> None:
        self.function = function
        self.definition = definition
        self.offset = first_line - 1
        self.faults: list[Fault] = []
        self.constants: dict[str, float | int] = {}
        self.helpers: dict[str, Callable[..., Any]] = {}
        self.kinds = argument_kinds(function)
        self.locals = {argument.arg for argument in definition.args.args} | {
            node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    def check(self) -> None:
        """Find every fault."""
        arguments = self.definition.args
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
            self.refuse(self.definition, "arguments")
        body = _without_docstring(self.definition.body)
        for statement in body:
            self._walk(statement)
        if not _always_returns(body):
            self.refuse(self.definition, "no_return")

    def refuse(self, node: ast.AST, reason: str, **fills: str) -> None:
        """Note what is not scalar code."""
        line = getattr(node, "lineno", 1) + self.offset
        what = say("not_scalar", rule=self.function.__name__, reason=say(f"reason_{reason}", **fills))
        self.faults.append(Fault(what, Place(Path(self.function.__code__.co_filename), line)))

    def _walk(self, node: ast.AST) -> None:
        if not isinstance(node, ALLOWED):
            self.refuse(node, REASONS.get(type(node), "other"))
            return
        match node:
            case ast.FunctionDef():
                self.refuse(node, "inner_function")
                return
            case ast.Constant(value=value) if isinstance(value, str | bytes) or value is None or value is ...:
                self.refuse(node, "string")
            case ast.Assign(targets=targets) if not all(isinstance(target, ast.Name) for target in targets):
                self.refuse(node, "assignment")
            case ast.For() if not self._counts(node):
                self.refuse(node, "for")
                return
            case ast.Call():
                self._call(node)
                return
            case ast.Attribute():
                self._attribute(node)
                return
            case ast.Subscript():
                self._subscript(node)
                return
            case ast.Name(id=name, ctx=ast.Load()):
                self._name(node, name)
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.AnnAssign) and child is node.annotation):
                self._walk(child)

    @staticmethod
    def _counts(node: ast.For) -> bool:
        called = node.iter.func if isinstance(node.iter, ast.Call) else None
        return isinstance(called, ast.Name) and called.id == "range" and not node.orelse

    def _call(self, node: ast.Call) -> None:
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                self.refuse(node, "keywords")
                return
            self._walk(argument)
        if node.keywords:
            self.refuse(node, "keywords")
        called = self._resolve(node.func)
        match node.func:
            case ast.Name(id="round"):
                self.refuse(node, "round")
            case ast.Name(id=name) if name in BUILT_INS and called is getattr(builtins, name):
                pass
            case ast.Name(id=name) if called is not None and called is getattr(math, name, None) and name in MATHEMATICS:
                pass
            case ast.Attribute(attr=name) if called is not None and called is getattr(math, name, None):
                if name not in MATHEMATICS:
                    self.refuse(node, "call", name=f"math.{name}")
            case ast.Name(id=name) if isinstance(called, FunctionType):
                self.helpers[name] = called
            case _:
                self.refuse(node, "call", name=ast.unparse(node.func))

    def _attribute(self, node: ast.Attribute) -> None:
        value = self._resolve(node)
        if isinstance(value, Category):
            self.constants[_flat(node)] = int(value)
        elif value is not math.nan:
            self.refuse(node, "attribute", name=ast.unparse(node))

    def _subscript(self, node: ast.Subscript) -> None:
        table = node.value.id if isinstance(node.value, ast.Name) else None
        kind = self.kinds.get(table or "")
        if kind is None or kind.name not in ("table", "place_years"):
            self.refuse(node, "subscript")
            return
        wanted = 1 if kind.name == "table" else 2
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if len(indices) != wanted:
            self.refuse(node, "indices", name=table or "", number=str(wanted))
        for index in indices:
            self._walk(index)

    def _name(self, node: ast.Name, name: str) -> None:
        if name in self.locals:
            return
        value = self._resolve(node)
        if isinstance(value, bool | int | float):
            self.constants[name] = value
        else:
            self.refuse(node, "outside", name=name)

    def _resolve(self, node: ast.expr) -> Any:
        """The object that a name from outside the function stands for; None if there is none."""
        if isinstance(node, ast.Name):
            if node.id in self.locals:
                return None
            return _outside(self.function).get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            return getattr(self._resolve(node.value), node.attr, None)
        return None


class _Translator(ast.NodeTransformer):
    """Turns a checked function into what the compiler takes: categories into numbers, look-ups into guarded ones."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        arguments = [ast.arg(argument.arg) for argument in node.args.args]
        body = [self.visit(statement) for statement in _without_docstring(node.body)]
        docstring = [ast.Expr(ast.Constant(self.reader.function.__doc__ or ""))] if self.reader.function.__doc__ else []
        return ast.FunctionDef(
            name=node.name,
            args=ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[]),
            body=[*docstring, *body],
            decorator_list=[],
            lineno=1,
        )

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        value = self.visit(node.value) if node.value is not None else ast.Constant(0)
        return ast.Assign([node.target], value, lineno=node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _flat(node) in self.reader.constants:
            return ast.Name(_flat(node), ast.Load())
        # Checked before: the only other attribute is math's nan, for which the kernel's file has its own name.
        return ast.Name("nan", ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.AST:
        arguments = [self.visit(argument) for argument in node.args]
        function = ast.Name(node.func.attr, ast.Load()) if isinstance(node.func, ast.Attribute) else node.func
        return ast.Call(function, arguments, [])

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if not isinstance(node.value, ast.Name):
            return node
        look_up = "entry" if self.reader.kinds[node.value.id].name == "table" else "entry_of_place_and_year"
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return ast.Call(ast.Name(look_up, ast.Load()), [node.value, *(self.visit(index) for index in indices)], [])


def _flat(node: ast.Attribute) -> str:
    """`Sex.FEMALE` as one name."""
    return ast.unparse(node).replace(".", "_")


def argument_kinds(function: Callable[..., Any]) -> dict[str, Kind]:
    """The kinds of a function's arguments that have one, and of what it gives."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError:
        return {}
    kinds = {name: kind_of(hint) for name, hint in hints.items()}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _outside(function: Callable[..., Any]) -> dict[str, Any]:
    inner = inspect.getclosurevars(function) if function.__closure__ else None
    return {**function.__globals__, **(inner.nonlocals if inner else {})}


def _without_docstring(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return list(body[1:])
    return list(body)


def _always_returns(body: Iterable[ast.stmt]) -> bool:
    last = list(body)[-1:]
    if not last:
        return False
    if isinstance(last[0], ast.If):
        return _always_returns(last[0].body) and _always_returns(last[0].orelse)
    return isinstance(last[0], ast.Return)
