"""The sample study's report: whole, the same in every format, and the same bytes from the same input."""

import hashlib
import html
import json
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import docx
import polars as pl
import pptx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from canbao.careers import life_parameters
from canbao.chapters.document import Bullets, Document, Paragraph, Table
from canbao.errors import InputError
from canbao.languages import LANGUAGES, Language, Number
from canbao.report.chart_tables import chart_table
from canbao.report.edition import Heading, PrintedTable, Text, edition_of, plain, say
from canbao.report.fonts import fonts_for
from canbao.report.tables import table_frame
from canbao.study import Assessment, Study

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    folder = tmp_path_factory.mktemp("one") / "study"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("build"))
    return Study(folder).assess()


@pytest.fixture(scope="module")
def document(made: Assessment) -> Document:
    return made.document


def text_of(folder: Path, language: Language, kind: str) -> str:
    path = folder / f"report.{language}.{kind}"
    match kind:
        case "html":
            return html.unescape(re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8")))
        case "pdf":
            return "\n".join(page.extract_text() for page in PdfReader(path).pages)
        case _:
            word = docx.Document(str(path))
            cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
            return "\n".join([*(line.text for line in word.paragraphs), *cells])


def printed(tables: list[PrintedTable]) -> Iterator[str]:
    for table in tables:
        for row in table.rows:
            for cell in row.cells:
                yield from (part for part in (cell.text, cell.small) if any(one.isdigit() for one in part))


def numbers(tables: list[PrintedTable]) -> Iterator[tuple[str, str]]:
    cells = (cell for table in tables for row in table.rows for cell in row.cells)
    yield from ((cell.text, cell.small) for cell in cells if cell.source and isinstance(cell.source.content, Number))


def test_everything_is_there(made: Assessment, document: Document) -> None:
    names = {path.name for path in made.folder.iterdir()}
    kinds = ("html", "pdf", "docx", "xlsx", "pptx")
    assert {f"report.{language}.{kind}" for language in LANGUAGES for kind in kinds} <= names
    tables = {path.stem for path in (made.folder / "tables").glob("*.parquet")}
    assert {table.key for table in document.tables()} <= tables
    assert len(list((made.folder / "figures").glob("*.svg"))) == 2 * len(list(document.figures()))


def test_the_manifest_knows_every_file(made: Assessment) -> None:
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    files = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    assert set(manifest["outputs"]) == files - {"manifest.json"}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest
    assert (
        manifest["inputs"]["data/survey.dta"] == hashlib.sha256((SAMPLE / "data" / "survey.dta").read_bytes()).hexdigest()
    )
    assert manifest["synthetic"] is True


@pytest.mark.parametrize("kind", ["html", "pdf", "docx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_every_table_is_in_every_format(
    made: Assessment, document: Document, language: Language, kind: str
) -> None:
    squeezed = re.sub(r"\s+", "", text_of(made.folder, language, kind))
    missing = {one for one in printed(edition_of(document, language).tables) if re.sub(r"\s+", "", one) not in squeezed}
    if kind == "pdf":
        # Long words in narrow columns are broken over lines with hyphens that are not in the text.
        missing = {one for one in missing if re.fullmatch(r"[\d.,%–−†\s]+", one)}
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_numbers_in_excel(made: Assessment, document: Document, language: Language) -> None:
    sheets = pl.read_excel(
        made.folder / f"report.{language}.xlsx", sheet_id=0, has_header=False, infer_schema_length=0, drop_empty_rows=False
    )
    values = {
        _shortened(float(value))
        for sheet in sheets.values()
        for column in sheet.get_columns()
        for value in column
        if _number(value)
    }
    for table in document.tables():
        for row in table.rows:
            for cell in row.cells:
                number = getattr(cell.content, "value", None)
                if number is not None and cell.flag != "suppressed":
                    form = cell.content.form  # type: ignore[union-attr]
                    assert _shortened(number * (100 if form == "points" else 1)) in values, (table.key, number)


def _shortened(value: float) -> str:
    """To the digits that a spreadsheet keeps of any number, however large, and none of a rounded zero."""
    return f"{round(value, 9):.10g}"


def _number(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", value, flags=re.IGNORECASE))


def test_both_languages_have_the_same_tables_and_figures(document: Document) -> None:
    english, chinese = (edition_of(document, language) for language in LANGUAGES)
    assert [table.key for table in english.tables] == [table.key for table in chinese.tables]
    assert [figure.number for figure in english.figures] == [figure.number for figure in chinese.figures]
    assert list(numbers(english.tables)) == list(numbers(chinese.tables))


@pytest.mark.parametrize("language", LANGUAGES)
def test_synthetic_is_said_on_every_page_and_slide(made: Assessment, document: Document, language: Language) -> None:
    assert document.notice is not None
    notice = re.sub(r"\s+", "", document.notice[language])
    for page in PdfReader(made.folder / f"report.{language}.pdf").pages:
        assert notice in re.sub(r"\s+", "", page.extract_text())
    for slide in pptx.Presentation(str(made.folder / f"report.{language}.pptx")).slides:
        texts = "".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert notice in re.sub(r"\s+", "", texts)
    assert notice in re.sub(r"\s+", "", text_of(made.folder, language, "html"))
    sections = docx.Document(str(made.folder / f"report.{language}.docx")).sections
    assert all(notice in re.sub(r"\s+", "", section.header.paragraphs[0].text) for section in sections)


@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_that_nobody_knows_are_no_row_of_dashes(document: Document, language: Language) -> None:
    for table in edition_of(document, language).tables:
        assert not [cell for row in table.rows for cell in row.cells if "–––" in cell.text + cell.small], table.key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_heading_or_a_note_alone(made: Assessment, language: Language) -> None:
    pages = PdfReader(made.folder / f"report.{language}.pdf").pages
    for number, page in enumerate(pages[1:], start=2):
        # Above stand title and notice, below the number of the page.
        lines = [line for line in page.extract_text().splitlines() if line.strip()]
        assert len(lines) > 7, (number, lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_has_its_fonts_and_is_accessible(made: Assessment, language: Language) -> None:
    reader = PdfReader(made.folder / f"report.{language}.pdf")
    assert bool(reader.trailer["/Root"]["/MarkInfo"]["/Marked"])  # type: ignore[index]
    assert reader.trailer["/Root"]["/Lang"].startswith(language)  # type: ignore[index]
    names = {str(font["/BaseFont"]) for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()}  # type: ignore[index,union-attr]
    assert any("NotoSansSC" in name for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_is_the_last_of_its_page(made: Assessment, document: Document, language: Language) -> None:
    headings = {
        f"{item.number} {item.text}".strip() for item in edition_of(document, language).items if isinstance(item, Heading)
    }
    headings = {re.sub(r"\s+", "", heading) for heading in headings}
    for page in PdfReader(made.folder / f"report.{language}.pdf").pages:
        # The last line is the number of the page.
        lines = [re.sub(r"\s+", "", line) for line in page.extract_text().splitlines() if line.strip()]
        assert not headings & set(lines[-2:])


def test_chinese_has_no_blanks_around_numbers_but_in_names(document: Document) -> None:
    said = [plain(item.spans) for item in edition_of(document, "zh").items if isinstance(item, Text)]
    assert not [one for one in said if re.search(r"[\u4e00-\u9fff] \d[\d.,]*%? ?[\u4e00-\u9fff]", one)]
    assert any(one.startswith("R1 ") for one in said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_findings_are_one_page(made: Assessment, document: Document, language: Language) -> None:
    pages = [page.extract_text() for page in PdfReader(made.folder / f"report.{language}.pdf").pages]
    squeezed = [re.sub(r"\s+", "", page) for page in pages]
    last = [block for block in document.chapters[0].blocks if isinstance(block, Bullets)][-1].items[-1][language]
    end = re.sub(r"\s+", "", last)[-30:]
    title = document.chapters[0].title[language].replace(" ", "")
    (found,) = [page for page in squeezed if end in page and title in page]
    assert found


@pytest.mark.parametrize("language", LANGUAGES)
def test_word_counts_the_pages_of_the_contents(made: Assessment, document: Document, language: Language) -> None:
    word = docx.Document(str(made.folder / f"report.{language}.docx"))
    listed = [one for one in edition_of(document, language).items if isinstance(one, Heading) and one.level <= 2]
    entries = [line for line in word.paragraphs if (line.style.name or "").startswith("toc ")]  # type: ignore[union-attr]
    assert [entry.text.split("\t")[0].split()[-1] for entry in entries] == [one.text.split()[-1] for one in listed]
    codes = [code for entry in entries for code in entry._p.itertext() if "PAGEREF" in code]
    wanted = [code.split()[1] for code in codes]
    places = {mark.get(qn("w:name")) for mark in word.element.iter(qn("w:bookmarkStart"))}
    assert len(wanted) == len(set(wanted)) == len(listed) and set(wanted) <= places
    assert word.settings.element.find(qn("w:updateFields")) is not None
    language_of_styles = next(word.styles.element.iter(qn("w:lang")))
    assert language_of_styles.get(qn("w:eastAsia")) == "zh-CN"


def words_of_slides(path: Path) -> list[list[str]]:
    slides = pptx.Presentation(str(path)).slides
    return [[shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] for slide in slides]


@pytest.mark.parametrize("language", LANGUAGES)
def test_slides_are_full_and_say_what_is_recommended(made: Assessment, document: Document, language: Language) -> None:
    slides = words_of_slides(made.folder / f"report.{language}.pptx")
    said = "".join(text for slide in slides for text in slide)
    advice = next(one for one in document.chapters if one.key == "recommendations")
    each = [block.text[language].strip("*") for block in advice.sections[0].blocks if isinstance(block, Paragraph)]
    assert each and all(one in said for one in each)
    # The numbers of the three procedures share one slide.
    (shared,) = [slide for slide in slides if slide[0] == say("procedures")[language]]
    assert len([text for text in shared if re.fullmatch(r"[\d.,]+", text)]) == 9
    pointers = {note[language] for figure in document.figures() for note in figure.pointers}
    assert pointers and not any(pointer in said for pointer in pointers)
    assert not any(slide[0].endswith((".", "。")) for slide in slides)


def test_the_same_input_gives_the_same_bytes(made: Assessment, tmp_path: Path) -> None:
    other = tmp_path / "another-name"
    shutil.copytree(SAMPLE, other, ignore=shutil.ignore_patterns("build"))
    again = Study(other).assess()
    for path in sorted(made.folder.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (again.folder / path.relative_to(made.folder)).read_bytes(), path.name


def test_a_web_page_needs_nothing_from_elsewhere(made: Assessment) -> None:
    for language in LANGUAGES:
        page = (made.folder / f"report.{language}.html").read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", re.sub(r'<a href="[^"]*">', "", page))
        assert "<script" not in page


def test_markup_in_texts_is_shown_not_run(broken: Path) -> None:
    text = broken / "text" / "en" / "foreword.md"
    text.write_text("<script>alert(1)</script> [x](javascript:alert(1)) =cmd()", encoding="utf-8")
    made = Study(broken).assess(["en"], ["html"])
    page = (made.folder / "report.en.html").read_text(encoding="utf-8")
    assert "<script" not in page and 'href="javascript' not in page


def test_headings_of_the_authors_fit_below_the_place_where_their_text_stands(broken: Path) -> None:
    for name in ("foreword", "pensions", "pensions.end", "pensions.continuity", "conclusions"):
        text = f"# First {name}\n\n#### Deep\n\n# \n\n###### Deepest\n\n## Second\n\nThird {name}\n===\n\nWords.\n"
        (broken / "text" / "en" / f"{name}.md").write_text(text, encoding="utf-8")
    # Titles and authors may be longer than the properties of office files.
    settings = broken / "study.yaml"
    title = "  en: Social security for workers"
    text = settings.read_text(encoding="utf-8").replace(title, f"{title} {'and others ' * 30}", 1)
    settings.write_text(text.replace("The Canbao contributors", "A and B and C " * 30, 1), encoding="utf-8")
    made = Study(broken).assess(["en"])
    page = (made.folder / "report.en.html").read_text(encoding="utf-8")
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ours = {text: int(level) for level, text in re.findall(r"<h([1-6])>([^<]+)", page)}
    assert ours["First foreword"] == ours["Third foreword"] == 3
    assert ours["First pensions.continuity"] == ours["First pensions.end"] == 4
    word = docx.Document(str(made.folder / "report.en.docx"))
    styles = [line.style.name for line in word.paragraphs if line.style and line.style.name.startswith("Heading")]
    assert [int(name[-1]) + 1 for name in styles] == levels[1:]
    assert len(word.core_properties.title) == 255


def test_hidden_cells_are_hidden_everywhere(broken: Path) -> None:
    """Small groups, crossed: what is hidden has neither number nor base, in tables, charts and files for machines."""
    settings = broken / "study.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("[platform_worker, sex, migrant]", "[platform_type, sex, education]"),
        encoding="utf-8",
    )
    document = Study(broken).document().document
    tables: list[Table] = [*document.tables(), *(chart_table(figure) for figure in document.figures())]
    hidden = [cell for table in tables for row in table.rows for cell in row.cells if cell.flag == "suppressed"]
    assert len(hidden) > 20
    assert all(getattr(cell.content, "value", None) is None and cell.interval is None for cell in hidden)
    for table in tables:
        frame = table_frame(table)
        for name in frame.columns:
            if name.endswith("_flag"):
                key = name.removesuffix("_flag")
                assert frame.filter(pl.col(name) == "suppressed")[key].null_count() == (frame[name] == "suppressed").sum()
    for figure in document.figures():
        points = [
            point for row in getattr(figure.chart, "values", ()) for point in (row if isinstance(row, tuple) else (row,))
        ]
        assert all(point.value is None and point.low is None for point in points if point.flag == "suppressed")


def test_characters_without_a_glyph_are_listed() -> None:
    with pytest.raises(InputError, match=r"U\+2EBE0"):
        fonts_for(frozenset("好𮯠"))


def test_rare_characters_get_a_font_of_their_own() -> None:
    assert fonts_for(frozenset("囍")) != fonts_for(frozenset("好"))


def rows_by(table: Table, column: str) -> dict[str, dict[str, object]]:
    """The rows of a table by the English words of one of its columns."""
    keys = [one.key for one in table.columns]
    rows = [
        dict(zip(keys, (cell.content for cell in row.cells), strict=True)) for row in table.rows if row.kind != "heading"
    ]
    return {row[column].en: row for row in rows}  # type: ignore[attr-defined]


def test_assumptions_name_the_studies_on_which_they_rest(document: Document) -> None:
    tables = {table.key: table for table in document.tables()}
    evidence = {name: row["evidence"] for name, row in rows_by(tables["assumptions"], "assumption").items()}
    labels = {name: one.entry.label.words.en for name, one in life_parameters().items()}
    listed = {reference.key for reference in document.references["en"]}
    assert "[@gilesmeng2021]" in str(evidence[labels["information_response"]])
    assert "[@giles2013]" in str(evidence[labels["price_response"]]), "a row of the study's own"
    assert evidence[labels["duty_response"]] is None
    extracted = " ".join(rows_by(tables["literature_extraction"], "row"))
    for cell in filter(None, evidence.values()):
        for work in re.findall(r"\[@([^\]]+)\]", str(cell)):
            assert work in listed and f"[@{work}]" in extracted


def test_recommended_reforms_have_the_effects_of_the_chapter_on_options(document: Document) -> None:
    tables = {table.key: table for table in document.tables()}
    options, effects = rows_by(tables["options"], "option"), rows_by(tables["recommendation_effects"], "option")
    payers = rows_by(tables["option_payers"], "option")
    assert len(effects) == 4
    for option, row in effects.items():
        assert row["employees_scheme"] == options[option]["employees_scheme"]
        shared = row.keys() & payers[option].keys()
        assert {"worker_pays", "platform_pays", "state_pays"} < shared
        assert {name: row[name] for name in shared} == {name: payers[option][name] for name in shared}
