"""Reading DPI XML fast: sellers that are as most are, by what was found out about others of the same shape.

The elements of a seller are made by C code. What depends on which elements stand where (their order, their namespaces,
where an amount is to be found) is worked out once for each shape; of each seller only texts and attributes are looked at.
Whatever is not as it should be is left to `reading`, which knows lines and reasons: both give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

from canbao.errors import InputError
from canbao.exchange.messages.dpi.reading import DEEPEST, LARGEST, STREAMED, elements
from canbao.exchange.messages.dpi.structure import ElementType, Node, TextType, is_fine, structure
from canbao.exchange.messages.files.unpacking import HEAD, Stream, opened
from canbao.procedures.reading.xes import refuse_declarations

SHAPES_AT_MOST = 2_000
TEXTS_AT_MOST = 20_000
"""Shapes and texts of a kind that are remembered."""

BITE = 2**14
"""Bytes that the parser is fed at once: few elements are in memory, so the garbage collector has little to look at."""

GROWS_AT_MOST = 8 * 2**20
"""Bytes without the end of any element, beyond which a file is read with care only."""

Attributes = tuple[tuple[str, str], ...]
Asked = TypeVar("Asked")


class _UnusualError(Exception):
    """Something is not as it should be: the careful reader knows what."""


class QuickSeller:
    """A seller that is as it should be; answers what `Node` answers.

    Args:
        plan: of its shape.
        parts: its elements, in the order of the file, itself first.
        texts: of each.
    """

    __slots__ = ("parts", "plan", "texts")

    def __init__(self, plan: Plan, parts: list[Element], texts: list[str | None]) -> None:
        self.plan, self.parts, self.texts = plan, parts, texts

    def has(self, path: str) -> bool:
        """See `Node`."""
        return path in self.plan.first

    def text_of(self, path: str) -> str | None:
        """See `Node`."""
        at = self.plan.first.get(path)
        return None if at is None else (self.texts[at] or "").strip()

    def texts_of(self, paths: tuple[str, ...]) -> list[str | None]:
        """See `Node`."""
        texts = self.texts
        return [None if at is None else (texts[at] or "").strip() for at in self.plan.along(paths)]

    def attribute_of(self, path: str, name: str) -> str | None:
        """See `Node`."""
        at = self.plan.first.get(path)
        return None if at is None else self.parts[at].get(name)

    def names_in(self, path: str) -> list[str]:
        """See `Node`."""
        return self.plan.names.get(path, [])

    def all_of(self, path: str) -> list[tuple[str, Mapping[str, str]]]:
        """See `Node`."""
        return [((self.texts[at] or "").strip(), dict(self.parts[at].items())) for at in self.plan.every.get(path, ())]


class Plan:
    """What is known of all sellers of a shape.

    Args:
        seller: one of them.
        checks: shared by all.
    """

    def __init__(self, seller: Element, checks: Checks) -> None:
        self.first: dict[str, int] = {}
        self.every: dict[str, list[int]] = {}
        self.names: dict[str, list[str]] = {}
        self.free: list[tuple[int, int, int]] = []
        """Texts of any content: place, least and greatest length."""
        self.bound: list[tuple[int, Remembering[str]]] = []
        """Texts that must have a form: place and form."""
        self.inner: list[int] = []
        self.attributes: list[Remembering[Attributes]] = []
        self.needing: list[int] = []
        self._along: dict[tuple[str, ...], list[int | None]] = {}
        self._checks = checks
        self.fine = self._look(seller, "seller", "", first=True, depth=2)

    def along(self, paths: tuple[str, ...]) -> list[int | None]:
        """Where the first elements along paths stand."""
        if paths not in self._along:
            self._along[paths] = [self.first.get(path) for path in paths]
        return self._along[paths]

    def _look(self, element: Element, kind: str, path: str, *, first: bool, depth: int) -> bool:
        """Note where an element and all within it stand; whether they can be fine."""
        at = len(self.attributes)
        if first:
            self.first[path] = at
        described = structure().elements.get(kind)
        self.attributes.append(self._checks.attributes(kind))
        if described is not None and described.needed:
            self.needing.append(at)
        if described is None or described.text is not None:
            text = described.text if described is not None and described.text is not None else kind
            if (bounds := plain_bounds(text)) is not None:
                self.free.append((at, *bounds))
            else:
                self.bound.append((at, self._checks.text(text)))
            return not len(element)
        self.inner.append(at)
        names = [local(one.tag) for one in element]
        if first:
            self.names[path] = names
        if depth >= DEEPEST or not described.order.fullmatch("".join(f"{name}," for name in names)):
            return False
        expected = structure().namespaces[described.namespace]
        for number, (one, name) in enumerate(zip(element, names, strict=True)):
            below = f"{path}/{name}" if path else name
            if first:
                self.every.setdefault(below, []).append(len(self.attributes))
            is_first = first and name not in names[:number]
            if one.tag != f"{{{expected}}}{name}" or not self._look(
                one, described.children[name], below, first=is_first, depth=depth + 1
            ):
                return False
        return True

    def accepts(self, parts: Sequence[Element], texts: Sequence[str | None]) -> bool:
        """Whether the texts and attributes of a seller of this shape are fine."""
        if len("".join(filter(None, texts))) + 4 * len(parts) > LARGEST:
            return False
        for at, shortest, longest in self.free:
            if not shortest <= len(texts[at] or "") <= longest:
                return False
        for at, form in self.bound:
            text = texts[at] or ""
            if text not in form.known and not form.accepts(text):
                return False
        if not _are_blank([texts[at] for at in self.inner]) or not _are_blank([one.tail for one in parts[1:]]):
            return False
        for part, form_of in zip(parts, self.attributes, strict=True):
            given = part.items()
            if given and tuple(given) not in form_of.known and not form_of.accepts(tuple(given)):
                return False
        return all(parts[at].items() for at in self.needing)


class Remembering(Generic[Asked]):
    """A check that remembers what was fine.

    Args:
        check: whether something is.
    """

    def __init__(self, check: Callable[[Asked], bool]) -> None:
        self.known: set[Asked] = set()
        self._check = check

    def accepts(self, asked: Asked) -> bool:
        """Whether it is fine."""
        if not self._check(asked):
            return False
        if len(self.known) < TEXTS_AT_MOST:
            self.known.add(asked)
        return True


class Checks:
    """Checks of texts and attributes by kind."""

    def __init__(self) -> None:
        self._texts: dict[str, Remembering[str]] = {}
        self._attributes: dict[str, Remembering[Attributes]] = {}

    def text(self, kind: str) -> Remembering[str]:
        """Whether a text is of a kind."""
        if kind not in self._texts:
            self._texts[kind] = Remembering(structure().texts[kind].accepts)
        return self._texts[kind]

    def attributes(self, kind: str) -> Remembering[Attributes]:
        """Whether an element of a kind has the attributes that it needs, and no others."""
        if kind not in self._attributes:
            described = structure().elements.get(kind, ElementType())
            self._attributes[kind] = Remembering(lambda given: _are_fine(dict(given), described))
        return self._attributes[kind]


def _are_fine(given: Mapping[str, str], described: ElementType) -> bool:
    plain = {name: value for name, value in given.items() if not name.startswith("{")}
    return set(described.needed) <= set(plain) <= set(described.attributes) and all(
        structure().texts[described.attributes[name]].accepts(value) for name, value in plain.items()
    )


@cache
def plain_bounds(kind: str) -> tuple[int, int] | None:
    """The least and greatest length of texts of a kind that may be anything else; None of others."""
    described = structure().texts[kind]
    if described.longest is None or described != TextType(longest=described.longest, shortest=described.shortest):
        return None
    return described.shortest, described.longest


class QuickReader:
    """Reads a message.

    Args:
        stream: its bytes.
        path: the file, which is opened again where care is needed.
    """

    def __init__(self, stream: Stream, path: Path) -> None:
        self.stream, self.path = stream, path
        self._checks = Checks()
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._in_message: list[Node] = []
        self._in_body: list[Node] = []
        self._waiting = 0

    def elements(self) -> Iterator[tuple[str, Node | QuickSeller]]:
        """What `reading.elements` gives, in the same order; sellers that are fine as `QuickSeller`.

        Raises:
            UnreadableError: as there.
        """
        handed_on = 0
        with ExitStack() as stack:
            careful = self._carefully(stack)
            try:
                for name, found in self._quickly():
                    yield name, found if found is not None else _numbered(handed_on, careful)
                    handed_on += 1
            except (ParseError, expat.ExpatError, InputError, LookupError, ValueError, _UnusualError):
                # The careful reader says why, or goes on.
                yield from (rest for number, rest in careful if number >= handed_on)

    def _carefully(self, stack: ExitStack) -> Iterator[tuple[int, tuple[str, Node]]]:
        """The elements from the beginning, numbered. Nothing is read before the first is asked for."""
        stream = stack.enter_context(opened(self.path))
        # Blocks as they were for whoever told the form: some reasons depend on what stands in a block.
        stream.peek(HEAD)
        yield from enumerate(elements(stream, self.path))

    def _quickly(self) -> Iterator[tuple[str, Node | QuickSeller | None]]:
        """Elements; None where the careful reader is to be asked for one."""
        builder = TreeBuilder()
        # The message becomes part of an element that is at hand from the beginning.
        whole = builder.start("file", {})
        for ended in self._fed(XMLParser(target=builder)):
            if len(whole):
                yield from self._of_message(whole[0], ended=ended)

    def _fed(self, parser: XMLParser) -> Iterator[bool]:
        """Feed the parser, bite by bite; says at last that all has ended."""
        prolog = _Prolog(self.path)
        while block := self.stream.read(BITE):
            prolog.check(block)
            parser.feed(block)
            self._waiting += len(block)
            yield False
            if self._waiting > GROWS_AT_MOST:
                raise _UnusualError
        parser.close()
        yield True

    def _of_message(self, message: Element, *, ended: bool) -> Iterator[tuple[str, Node | QuickSeller | None]]:
        """What has ended in the message since; an element has, where another has begun after it."""
        if message.tag != f"{{{structure().namespaces['dpi']}}}{structure().root}":
            raise _UnusualError
        while len(message):
            element, has_ended = message[0], ended or len(message) > 1
            name = local(element.tag)
            if name == "DPIBody":
                yield from self._of_body(element, ended=has_ended)
            elif name != "MessageSpec" or any(local(one.tag) in STREAMED for one in element):
                # What stands there the careful reader hands on by itself.
                raise _UnusualError
            if not has_ended:
                return
            yield name, _whole(name, element) if name != "DPIBody" else _if_fine(name, Node(name, {}, "", self._in_body))
            _stood(self._in_message, name)
            self._forget(message, 1)
            self._in_body = []
        if ended:
            yield structure().root, _if_fine(structure().root, Node(structure().root, {}, "", self._in_message))

    def _of_body(self, body: Element, *, ended: bool) -> Iterator[tuple[str, Node | QuickSeller | None]]:
        if not _are_blank([body.text]):
            raise _UnusualError
        here = body[:] if ended else body[:-1]
        for element in here:
            name = local(element.tag)
            # Text between sellers nobody looks at, but too much of it is refused.
            if name not in STREAMED[1:] or not _are_blank([element.tail]):
                raise _UnusualError
            yield name, self._seller(element) if name == "ReportableSeller" else _whole(name, element)
            _stood(self._in_body, name)
        if here:
            self._forget(body, len(here))

    def _forget(self, parent: Element, count: int) -> None:
        del parent[:count]
        self._waiting = 0

    def _seller(self, element: Element) -> QuickSeller | None:
        parts = list(element.iter())
        shape = (*(one.tag for one in parts), *map(len, parts))
        plan = self._plans.get(shape)
        if plan is None:
            if len(self._plans) >= SHAPES_AT_MOST:
                self._plans.clear()
            plan = self._plans[shape] = Plan(element, self._checks)
        texts = [one.text for one in parts]
        return QuickSeller(plan, parts, texts) if plan.fine and plan.accepts(parts, texts) else None


class _Prolog:
    """Refuses document types: they can stand before the first element only."""

    def __init__(self, path: Path) -> None:
        self.parser = expat.ParserCreate()
        self.began = False
        refuse_declarations(self.parser, path)
        self.parser.StartElementHandler = self._begin

    def check(self, block: bytes) -> None:
        """Look at the next bytes, until the first element has begun."""
        if not self.began:
            self.parser.Parse(block)

    def _begin(self, *_: object) -> None:
        self.began = True


def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def _numbered(number: int, careful: Iterator[tuple[int, tuple[str, Node]]]) -> Node:
    """The element of a number, as the careful reader has it."""
    found = next((node for at, (_, node) in careful if at == number), None)
    if found is None:
        raise _UnusualError
    return found


def _stood(names: list[Node], name: str) -> None:
    """Note what has stood in an element; of sellers and bodies one says that there were some."""
    if not (names and names[-1].name == name and name in ("ReportableSeller", "DPIBody")):
        names.append(Node(name))


def _whole(name: str, element: Element) -> Node | None:
    node = _node_of(element, 2)
    return _if_fine(name, node) if _size(node) <= LARGEST else None


def _if_fine(name: str, node: Node) -> Node | None:
    return node if is_fine(name, node) else None


def _node_of(element: Element, level: int) -> Node:
    if level > DEEPEST:
        raise _UnusualError
    children = [_node_of(one, level + 1) for one in element]
    text = "".join(filter(None, (element.text, *(one.tail for one in element))))
    made = local(element.tag)
    plain = {key: value for key, value in element.items() if not key.startswith("{")}
    return Node(made, plain, text.strip() if children else text, children, 0, element.tag[1:].partition("}")[0])


def _size(node: Node) -> int:
    return 1 + len(node.attributes) + len(node.text) + sum(map(_size, node.children))


def _are_blank(texts: Sequence[str | None]) -> bool:
    together = "".join(filter(None, texts))
    return not together or together.isspace()
