"""A rule: a plain scalar function whose name is what it computes and whose arguments are what it needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

from canbao.engine.kinds import Kind, Month, kind_of
from canbao.errors import Fault, InputError, Place
from canbao.languages import Catalogue

say = Catalogue("canbao.engine", "words")

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """One variant of a rule.

    Args:
        name: what it computes; variants of one rule share it.
        function: the scalar function itself.
        arguments: what it needs, with the kind of each.
        gives: the kind of its result.
        unit: of the result.
        basis: document and article, as `document:article`.
        since: the first month in which it is law; None from the beginning.
        until: the last month in which it is law; None to this day.
        provinces: the places where it is law; empty for everywhere else.
        excluding: places within those where it is not.
        at: the event at which it is evaluated; None for every year.
        during: the phase of life in which it holds; None for all.
        given: the columns that must have been supplied for this variant to be used.
        accepts_unknown: arguments that may be unknown; any other unknown argument makes the result unknown.
        limits: the lowest and highest value that a case may give in its place; None for what its unit allows.
    """

    name: str
    function: Callable[..., Any]
    arguments: dict[str, Kind]
    gives: Kind
    unit: str
    basis: str
    since: Month | None
    until: Month | None
    provinces: tuple[str, ...]
    excluding: tuple[str, ...]
    at: str | None
    during: str | None
    given: tuple[str, ...]
    accepts_unknown: tuple[str, ...]
    limits: tuple[float, float] | None

    @property
    def place(self) -> Place:
        """The file and line of the function."""
        code = self.function.__code__
        return Place(Path(code.co_filename), code.co_firstlineno)

    @property
    def description(self) -> str:
        """The first sentence of its docstring."""
        return (inspect.getdoc(self.function) or "").split("\n\n")[0].replace("\n", " ")


def rule(
    *,
    unit: str,
    basis: str = "",
    of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    provinces: Iterable[str] = (),
    excluding: Iterable[str] = (),
    at: str | None = None,
    during: str | None = None,
    given: Iterable[str] = (),
    accepts_unknown: Iterable[str] = (),
    limits: tuple[float, float] | None = None,
) -> Callable[[Function], Function]:
    """Make a function a rule; the function stays callable as it is.

    Args:
        unit: of the result, as `CNY/month`, `months`, `share`.
        basis: document and article, as `social_insurance_law:16`; several with `;` between them.
        of: the name of what it computes where that is not the function's own: a variant of another rule.
        since: the first month in which it is law, as `2025-01`.
        until: the last month in which it is law.
        provinces: places where it is law instead of the general rule.
        excluding: places within those where the general rule stays.
        at: the event at which it is evaluated.
        during: the phase of life outside which it is zero.
        given: columns that must have been supplied for this variant to be used.
        accepts_unknown: arguments that may be unknown; for all others, unknown in is unknown out.
        limits: the lowest and highest value that a case may give in its place.

    Raises:
        InputError: an argument or the result has no annotation, or one that rules cannot have.
    """

    def made(function: Function) -> Function:
        name = of or function.__name__
        arguments, gives = _signature(function)
        function.rule = Rule(  # type: ignore[attr-defined]
            name=name,
            function=function,
            arguments=arguments,
            gives=gives,
            unit=unit,
            basis=basis,
            since=_month(since, function),
            until=_month(until, function),
            provinces=tuple(provinces),
            excluding=tuple(excluding),
            at=at,
            during=during,
            given=tuple(given),
            accepts_unknown=tuple(accepts_unknown),
            limits=limits,
        )
        return function

    return made


def rules_in(module: ModuleType | dict[str, Any]) -> list[Rule]:
    """The rules of a module, in the order of its text."""
    members = module if isinstance(module, dict) else vars(module)
    found = {id(one.rule): one.rule for one in members.values() if isinstance(getattr(one, "rule", None), Rule)}
    return sorted(found.values(), key=lambda one: (str(one.place.file), one.place.line))


def _signature(function: Callable[..., Any]) -> tuple[dict[str, Kind], Kind]:
    code = function.__code__
    place = Place(Path(code.co_filename), code.co_firstlineno)
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise InputError(Fault(say("unknown_annotation", rule=function.__name__, name=str(error.name)), place)) from None
    faults, arguments = [], {}
    for name in [*inspect.signature(function).parameters, "return"]:
        kind = kind_of(hints.get(name))
        if kind is None:
            faults.append(Fault(say("no_kind", rule=function.__name__, argument=name), place, say("kinds")))
        else:
            arguments[name] = kind
    if faults:
        raise InputError(faults)
    return arguments, arguments.pop("return")


def _month(text: str | None, function: Callable[..., Any]) -> Month | None:
    if text is None:
        return None
    year, _, of_year = text.partition("-")
    if not (year.isdigit() and (of_year or "1").isdigit() and 1 <= int(of_year or 1) <= 12):
        code = function.__code__
        place = Place(Path(code.co_filename), code.co_firstlineno)
        raise InputError(Fault(say("bad_month", text=text), place))
    return int(year) * 12 + int(of_year or 1) - 1


def chosen_order(variants: Iterable[Rule]) -> list[Rule]:
    """Variants as they are tried: those for certain places first, the general rule last."""
    return sorted(
        variants, key=lambda one: (not one.provinces, one.since is None and one.until is None and one.during is None)
    )
