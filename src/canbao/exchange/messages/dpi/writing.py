"""Writing DPI XML, an element after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from canbao.exchange.messages.dpi.structure import ElementType, Node, structure
from canbao.outputs import whole_file


def write_dpi(path: Path, spec: Node, bodies: Iterable[tuple[list[Node], Iterable[Node]]]) -> None:
    """Write a message.

    Args:
        path: the file.
        spec: MessageSpec.
        bodies: of each body what comes before its sellers, and these.

    Raises:
        InputError: the file cannot be written.
    """
    described = structure()
    declared = " ".join(f"xmlns:{prefix}={quoteattr(name)}" for prefix, name in described.namespaces.items())
    elements = described.elements
    with whole_file(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write(f'<dpi:{described.root} {declared} version="{described.version}">\n')
        _write(file, spec, "message_spec", "dpi")
        for first, sellers in bodies:
            file.write("<dpi:DPIBody>\n")
            for node in first:
                _write(file, node, elements["body"].children[node.name], "dpi")
            for seller in sellers:
                _write(file, seller, "seller", "dpi")
            file.write("</dpi:DPIBody>\n")
        file.write(f"</dpi:{described.root}>\n")


def _write(file: TextIO, node: Node, kind: str, prefix: str) -> None:
    file.writelines(_lines(node, kind, prefix))
    file.write("\n")


def _lines(node: Node, kind: str, prefix: str) -> Iterator[str]:
    element = structure().elements.get(kind, ElementType())
    attributes = "".join(f" {name}={quoteattr(value, _QUOTED)}" for name, value in node.attributes.items())
    yield f"<{prefix}:{node.name}{attributes}>"
    if node.children:
        for one in node.children:
            yield from _lines(one, element.children[one.name], element.namespace)
    else:
        # A carriage return that is not written as a reference would be read as a line's end.
        yield escape(node.text, {"\r": "&#13;"})
    yield f"</{prefix}:{node.name}>"


_QUOTED = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
