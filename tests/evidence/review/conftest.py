"""Files that people might send back."""

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pytest

from canbao.evidence.review.anchors import bookmark
from canbao.evidence.review.snapshot import Snapshot
from canbao.evidence.review.workbook import HEAD, write_template
from canbao.languages import Language

from .draft import snapshot_with


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_with()


Told = tuple[str, str, str]
"""Paragraph, author and words of a comment."""


@pytest.fixture
def word(tmp_path: Path, snapshot: Snapshot) -> Callable[..., Path]:
    """Writes a draft as Word file with comments in it."""

    def write(name: str, told: Sequence[Told], *, edition: str = "draft-1", bookmarks: bool = True) -> Path:
        document = docx.Document()
        document.core_properties.category = edition
        cover = document.add_paragraph("Report")
        lines = {"": cover}
        for at, one in enumerate(snapshot.paragraphs):
            line = document.add_paragraph()
            if bookmarks:
                start = docx.oxml.OxmlElement("w:bookmarkStart")
                start.set(docx.oxml.ns.qn("w:id"), str(at))
                start.set(docx.oxml.ns.qn("w:name"), bookmark(one.number))
                line._p.append(start)
            line.add_run(f"{one.number}  ")
            line.add_run(one.words.en.partition("\n")[0])
            lines[one.number] = line
        for number, author, words in told:
            document.add_comment(runs=lines[number].runs, author=author, text=words)
        path = tmp_path / name
        document.save(str(path))
        return path

    return write


@pytest.fixture
def template(tmp_path: Path, snapshot: Snapshot) -> Callable[..., Path]:
    """Writes a filled-in template: each row with paragraph, type, comment and proposed change."""

    def write(
        name: str, rows: Sequence[Sequence[str]], language: Language = "en", formula: str = "", **fields: str
    ) -> Path:
        empty, path = tmp_path / f"empty-{name}", tmp_path / name
        write_template(snapshot, empty, language)
        cells = {f"{'ABCD'[at]}{HEAD + 2 + row}": text for row, texts in enumerate(rows) for at, text in enumerate(texts)}
        cells |= {f"C{ {'commenter': 4, 'body': 5, 'date': 6}[key] }": text for key, text in fields.items()}
        with zipfile.ZipFile(empty) as source, zipfile.ZipFile(path, "w") as target:
            for member in source.infolist():
                content = source.read(member)
                if member.filename == "xl/worksheets/sheet1.xml":
                    content = _filled(content.decode(), cells, formula).encode()
                target.writestr(member, content)
        return path

    return write


def _filled(sheet: str, cells: dict[str, str], formula: str) -> str:
    from xml.sax.saxutils import escape

    for place, text in cells.items():
        inner = f"<is><t>{escape(text)}</t></is>"
        kind = "inlineStr"
        if formula and text == formula:
            kind, inner = "str", f"<f>{escape(text.lstrip('='))}</f><v>shown</v>"
        sheet, times = re.subn(
            rf'<c r="{place}"( s="\d+")?(?: t="s")?(?:/>|>.*?</c>)',
            rf'<c r="{place}"\1 t="{kind}">' + inner.replace("\\", "\\\\") + "</c>",
            sheet,
            count=1,
        )
        assert times == 1, place
    return sheet
