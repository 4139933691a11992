"""Reading DPI XML in a stream, with care: every element has its line, and what is wrong its reason.

An element is handed on when it ends and then forgotten, so memory does not grow. The parser is expat, to which document
types, entities and thus other files are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from canbao.errors import InputError
from canbao.exchange.messages.dpi.structure import Node, say, structure
from canbao.exchange.messages.files.unpacking import BLOCK, Stream
from canbao.exchange.messages.unreadable import UnreadableError
from canbao.procedures.reading.xes import parsing, refuse_declarations

DEEPEST = 24
LARGEST = 200_000
"""Characters and elements of one seller."""

STREAMED = ("MessageSpec", "PlatformOperator", "OtherPlatformOperators", "ReportableSeller")


class _Reader:
    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.ended: list[tuple[str, Node]] = []
        self.stack: list[Node] = []
        self.size = 0
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self.stack and (local != structure().root or namespace != structure().namespaces["dpi"]):
            raise no_dpi()
        plain = {one: value for one, value in attributes.items() if " " not in one}
        self.size += 1 + len(plain)
        if len(self.stack) > DEEPEST or self.size > LARGEST:
            raise UnreadableError(say("too_deep"))
        self.stack.append(Node(local, plain, "", [], self.parser.CurrentLineNumber, namespace))

    def text(self, text: str) -> None:
        node = self.stack[-1]
        if len(self.stack) <= 2 or node.children:
            text = text.strip()
        self.size += len(text)
        if self.size > LARGEST:
            raise UnreadableError(say("too_deep"))
        node.text += text

    def end(self, _name: str) -> None:
        node = self.stack.pop()
        if node.children:
            node.text = node.text.strip()
        level = len(self.stack)
        if level <= 2 and (node.name in STREAMED or level < 2):
            self.size = 0
            self.ended.append((node.name, node))
            node = Node(node.name, {}, "", [], node.line, node.namespace)
        if self.stack:
            children = self.stack[-1].children
            # Of sellers and bodies one says that there were some.
            repeated = bool(children) and children[-1].name == node.name and node.name in ("ReportableSeller", "DPIBody")
            if level > 2 or not repeated:
                children.append(node)


def elements(stream: Stream, path: Path) -> Iterator[tuple[str, Node]]:
    """The elements of DPI XML that a reader takes, with their names.

    These are MessageSpec, PlatformOperator, OtherPlatformOperators and ReportableSeller; and DPIBody and DPI_OECD, in which
    the elements that have been handed on before stand empty.

    Args:
        stream: the bytes.
        path: the file, for messages.

    Raises:
        UnreadableError: it is not XML, not DPI, cut off, has a document type, or is nested too deep.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    refuse_declarations(parser, path)
    reader = _Reader(parser)
    try:
        for _ in parsing(parser, blocks_of(stream), path):
            yield from reader.ended
            reader.ended = []
    except (UnreadableError, InputError, LookupError, ValueError) as error:
        yield from reader.ended
        raise _told(error) from None
    yield from reader.ended


def blocks_of(stream: Stream) -> Iterator[bytes]:
    """A stream to its end."""
    while block := stream.read(BLOCK):
        yield block


def no_dpi() -> UnreadableError:
    """What is said of other XML."""
    return UnreadableError(say("not_dpi", expected=structure().namespaces["dpi"]))


def _told(error: Exception) -> UnreadableError:
    if isinstance(error, UnreadableError):
        return error
    if isinstance(error, InputError):
        fault = error.faults[0]
        return UnreadableError(fault.what, "50007", line=fault.place.line or 1)
    # An encoding that there is not.
    return no_dpi()
