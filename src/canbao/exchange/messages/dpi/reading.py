"""Reading DPI XML in a stream: a seller is taken in when it ends and then forgotten, so memory does not grow.

The parser is expat, to which document types, entities and thus other files are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from canbao.errors import InputError
from canbao.exchange.messages.dpi.structure import Node, say, structure
from canbao.exchange.messages.files.unpacking import BLOCK, Stream
from canbao.exchange.messages.unreadable import UnreadableError
from canbao.procedures.reading.xes import parse_blocks, refuse_declarations

DEEPEST = 24
LARGEST = 200_000
"""Characters and elements of one seller."""

Taken = Callable[[str, Node], bool]
"""Takes an element that has ended: MessageSpec, PlatformOperator, OtherPlatformOperators, ReportableSeller, or DPIBody and
DPI_OECD without their sellers. Returns whether more is wanted."""

STREAMED = ("MessageSpec", "PlatformOperator", "OtherPlatformOperators", "ReportableSeller")


class _EnoughError(Exception):
    """No more is wanted."""


class _Reader:
    def __init__(self, parser: expat.XMLParserType, take: Taken) -> None:
        self.parser, self.take = parser, take
        self.stack: list[Node] = []
        self.size = 0
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self.stack and (local != structure().root or namespace != structure().namespaces["dpi"]):
            raise UnreadableError(say("not_dpi", expected=structure().namespaces["dpi"]))
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
            if not self.take(node.name, node):
                raise _EnoughError
            node = Node(node.name, {}, "", [], node.line, node.namespace)
        if self.stack:
            children = self.stack[-1].children
            # Of sellers and bodies one says that there were some.
            repeated = bool(children) and children[-1].name == node.name and node.name in ("ReportableSeller", "DPIBody")
            if level > 2 or not repeated:
                children.append(node)


def read_elements(stream: Stream, path: Path, take: Taken) -> None:
    """Read DPI XML.

    Args:
        stream: the bytes.
        path: the file, for messages.
        take: takes what is read.

    Raises:
        UnreadableError: it is not XML, not DPI, cut off, has a document type, or is nested too deep.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    refuse_declarations(parser, path)
    _Reader(parser, take)

    def blocks() -> Iterator[bytes]:
        while block := stream.read(BLOCK):
            yield block

    try:
        parse_blocks(parser, blocks(), path)
    except _EnoughError:
        return
    except InputError as error:
        fault = error.faults[0]
        raise UnreadableError(fault.what, "50007", line=fault.place.line or 1) from None
    except (LookupError, ValueError):
        # An encoding that there is not.
        raise UnreadableError(say("not_dpi", expected=structure().namespaces["dpi"])) from None
