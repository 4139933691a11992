"""What may stand where in DPI XML: `structure.yaml`, and whether an element follows it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Literal, Protocol

from babel import Locale
from pydantic import Field

from canbao.languages import Catalogue, Words
from canbao.located_yaml import Entry, read

say = Catalogue("canbao.exchange.messages.dpi", "words")


NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
"""Codes that the Unicode consortium has beside ISO 3166."""

STATELESS = {"X5", "XX"}
"""Codes that the OECD has beside it."""


@dataclass(slots=True)
class Node:
    """An element.

    Args:
        name: without its namespace.
        attributes: as they stand.
        text: between its tags; of elements with children nothing.
        children: in their order.
        line: where it begins in the file.
        foreign: whether it is of another namespace than it should.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)
    line: int = field(default=0, compare=False)
    namespace: str | None = field(default=None, compare=False)

    def first(self, path: str) -> Node | None:
        """The first element along a path of names."""
        node: Node | None = self
        for name in path.split("/"):
            node = next((one for one in node.children if one.name == name), None) if node else None
        return node

    def has(self, path: str) -> bool:
        """Whether there is an element along a path."""
        return self.first(path) is not None

    def text_of(self, path: str) -> str | None:
        """The text of the first element along a path."""
        node = self.first(path)
        return node.text.strip() if node is not None else None

    def texts_of(self, paths: tuple[str, ...]) -> list[str | None]:
        """The texts of the first elements along several paths."""
        return [self.text_of(path) for path in paths]

    def attribute_of(self, path: str, name: str) -> str | None:
        """An attribute of the first element along a path."""
        node = self.first(path)
        return node.attributes.get(name) if node is not None else None

    def names_in(self, path: str) -> list[str]:
        """The names of what stands in the first element along a path."""
        node = self.first(path)
        return [one.name for one in node.children] if node is not None else []

    def all_of(self, path: str) -> list[tuple[str, Mapping[str, str]]]:
        """Texts and attributes of all elements of the path's last name, in the first element along the rest of it."""
        parent, _, name = path.rpartition("/")
        node = self.first(parent) if parent else self
        return [(one.text.strip(), one.attributes) for one in node.every(name)] if node is not None else []

    def every(self, name: str) -> Iterator[Node]:
        """All children of a name."""
        return (one for one in self.children if one.name == name)


class Answering(Protocol):
    """A seller that has been read, however it is kept; see `Node`."""

    def has(self, path: str) -> bool:
        """Whether there is an element along a path."""
        ...

    def text_of(self, path: str) -> str | None:
        """The text of the first element along a path."""
        ...

    def texts_of(self, paths: tuple[str, ...]) -> list[str | None]:
        """The texts of the first elements along several paths."""
        ...

    def attribute_of(self, path: str, name: str) -> str | None:
        """An attribute of the first element along a path."""
        ...

    def names_in(self, path: str) -> list[str]:
        """The names of what stands in the first element along a path."""
        ...

    def all_of(self, path: str) -> list[tuple[str, Mapping[str, str]]]:
        """Texts and attributes of all elements of the path's last name, in the first element along the rest of it."""
        ...


class TextType(Entry):
    """What a text may be."""

    longest: int | None = None
    shortest: int = 1
    pattern: str | None = None
    one_of: list[str] = Field(default_factory=list)
    kind: Literal["day", "time", "country", "currency"] | None = None
    collapse: bool = False

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, ready for use."""
        return re.compile(self.pattern or "", re.ASCII)

    def accepts(self, text: str) -> bool:
        """Whether a text is one."""
        text = text.strip(" \t\r\n") if self.collapse else text
        if self.longest is not None and not self.shortest <= len(text) <= self.longest:
            return False
        if self.one_of and text not in self.one_of:
            return False
        if self.pattern is not None and not self.compiled.fullmatch(text):
            return False
        return self.kind is None or _KINDS[self.kind](text)


class ElementType(Entry):
    """What an element may hold."""

    content: str | None = None
    text: str | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    needed: list[str] = Field(default_factory=list)
    namespace: str = "dpi"

    @cached_property
    def children(self) -> Mapping[str, str]:
        """The type of each child by name."""
        return dict(re.findall(r"(\w+):(\w+)", self.content or ""))

    @cached_property
    def order(self) -> re.Pattern[str]:
        """What the children's names, each with a comma behind it, must match."""
        written = re.sub(r"(\w+):\w+([?+*]?)", r"(?:\1,)\2", self.content or "")
        return re.compile(re.sub(r"\s+", "", written).replace("((", "(?:("))


class Structure(Entry):
    """The whole structure."""

    version: str
    namespaces: dict[str, str]
    root: str
    elements: dict[str, ElementType]
    texts: dict[str, TextType]

    def faults(self, node: Node, kind: str) -> Iterator[tuple[int, Words]]:
        """What is wrong with an element and all within it: line and problem, without any value."""
        element = self.elements.get(kind)
        if element is None:
            yield from self._text_faults(node, self.texts[kind], {}, [])
            return
        if element.text is not None:
            yield from self._text_faults(node, self.texts[element.text], element.attributes, element.needed)
            return
        yield from self._attribute_faults(node, element.attributes, element.needed)
        if node.text.strip():
            yield node.line, say("stray_text", name=node.name)
        names = [one.name for one in node.children]
        if not element.order.fullmatch("".join(f"{name}," for name in names)):
            yield node.line, say("wrong_content", name=node.name, expected=element.content or "")
        expected = self.namespaces[element.namespace]
        for one in node.children:
            if one.name not in element.children:
                continue
            if one.namespace is not None and one.namespace != expected:
                yield one.line, say("wrong_namespace", name=one.name, expected=expected)
            yield from self.faults(one, element.children[one.name])

    def _text_faults(
        self, node: Node, text: TextType, attributes: Mapping[str, str], needed: list[str]
    ) -> Iterator[tuple[int, Words]]:
        yield from self._attribute_faults(node, attributes, needed)
        if node.children:
            yield node.line, say("no_children", name=node.name)
        elif not text.accepts(node.text):
            yield node.line, say("wrong_text", name=node.name)

    def _attribute_faults(self, node: Node, known: Mapping[str, str], needed: list[str]) -> Iterator[tuple[int, Words]]:
        for name, value in node.attributes.items():
            if name not in known:
                yield node.line, say("unknown_attribute", name=node.name)
            elif not self.texts[known[name]].accepts(value):
                yield node.line, say("wrong_attribute", name=node.name, attribute=name)
        for name in needed:
            if name not in node.attributes:
                yield node.line, say("missing_attribute", name=node.name, attribute=name)


KINDS = {
    "MessageSpec": "message_spec",
    "PlatformOperator": "operator",
    "OtherPlatformOperators": "other_operators",
    "ReportableSeller": "seller",
    "DPIBody": "body",
    "DPI_OECD": "message",
}
"""The kind of each element that readers hand on."""

EMPTIED = ("DPIBody", "DPI_OECD")
"""Of them those whose own elements have been handed on before and stand in them empty."""


def element_faults(name: str, node: Node) -> Iterator[tuple[int, Words]]:
    """What is wrong with an element that a reader hands on: line and problem."""
    if name not in KINDS:
        # What holds it says that it should not be there.
        return
    if name not in EMPTIED:
        yield from structure().faults(node, KINDS[name])
        return
    element = structure().elements[KINDS[name]]
    if not element.order.fullmatch("".join(f"{one.name}," for one in node.children)):
        yield node.line, say("wrong_content", name=name, expected=element.content or "")


def is_fine(name: str, node: Node) -> bool:
    """Whether nothing is wrong with an element that a reader hands on."""
    return next(element_faults(name, node), None) is None


@cache
def structure() -> Structure:
    """The structure that this version of the program follows."""
    return read(Path(str(resources.files("canbao.exchange.messages.dpi") / "structure.yaml")), Structure)


@cache
def _countries() -> frozenset[str]:
    known = {str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))}
    return frozenset(known - NO_COUNTRIES | STATELESS)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "day": _is_day,
    "time": _is_time,
    "country": lambda text: text in _countries(),
    "currency": lambda text: text in _currencies(),
}
