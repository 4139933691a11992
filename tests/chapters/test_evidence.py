"""The chapters of what a study gathered: literature, the field, recommendations and the monitoring framework."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from canbao.chapters.document import Bullets, Cell, Document, Figure, FlowDiagram, Section, Table, cited_in
from canbao.chapters.literature import FORMS
from canbao.chapters.monitoring import indicators, share_indicators
from canbao.errors import InputError
from canbao.evidence.collected import evidence_files, read_evidence
from canbao.evidence.field.notes import shipped_practices
from canbao.evidence.literature.extraction import say as extraction_words
from canbao.evidence.literature.screening import REASONS
from canbao.languages import LANGUAGES, Number, Words
from canbao.report.edition import edition_of
from canbao.study import Study
from canbao.workers import vocabulary

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"
CHAPTERS = ("literature", "field", "recommendations", "monitoring")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Of the sample study, without the simulation, which takes time."""
    folder = tmp_path_factory.mktemp("evidence") / "study"
    copy_without_reforms(folder)
    return Study(folder).document().document


def copy_without_reforms(folder: Path) -> None:
    import shutil

    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("build"))
    settings = folder / "study.yaml"
    text = re.sub(r"(?m)^reforms:.*\n(?:  - .*\n)+", "", settings.read_text(encoding="utf-8"))
    settings.write_text(text, encoding="utf-8")
    # What rests on the simulation cannot be named without it.
    register = folder / "evidence" / "recommendations.yaml"
    text = register.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^    effects: .*\n", "", text)
    text = re.sub(r"(?m)^(      tables: .*)$", lambda line: re.sub(r", (options|implicit_debt)\b", "", line[1]), text)
    register.write_text(text, encoding="utf-8")


def chapter(document: Document, key: str) -> Section:
    return next(one for one in document.chapters if one.key == key)


def table(document: Document, key: str) -> Table:
    return next(one for one in document.tables() if one.key == key)


def texts(part: object) -> Iterator[Words]:
    if isinstance(part, Words):
        yield part
    elif isinstance(part, tuple | list):
        for one in part:
            yield from texts(one)
    elif hasattr(part, "__dataclass_fields__"):
        for name in part.__dataclass_fields__:
            yield from texts(getattr(part, name))


# --- the chapters ---------------------------------------------------------------------------------------------------------


def test_they_stand_where_the_outline_has_them(document: Document) -> None:
    keys = [one.key for one in document.chapters]
    order = [
        "administration",
        "tabulations",
        "literature",
        "field",
        "gaps",
        "countries",
        "conclusions",
        "recommendations",
        "monitoring",
        "references",
    ]
    assert [key for key in keys if key in order] == order


@pytest.mark.parametrize("key", CHAPTERS)
def test_no_heading_stands_alone(document: Document, key: str) -> None:
    def check(section: Section) -> None:
        assert section.blocks or section.sections, section.key
        for part in section.sections:
            check(part)

    check(chapter(document, key))


@pytest.mark.parametrize("key", CHAPTERS)
def test_no_word_is_raw_or_untranslated(document: Document, key: str) -> None:
    for words in texts(chapter(document, key)):
        plain = [re.sub(r"`[^`]*`|\[@[^\]]*\]|\]\([^)]*\)", "", one) for one in (words.en, words.zh)]
        assert not re.search(r"[a-z]_[a-z]|[{}]", "".join(plain)), words
        if len(re.findall(r"[A-Za-z]{2,}", plain[0])) > 3:
            assert re.search("[\u4e00-\u9fff]", plain[1]), words


SOFTWARE = re.compile(r"\.(ya?ml|xes|gz|csv|py)\b|canbao [a-z]|`|build/|evidence/|文件夹|词汇表|词表")


def test_no_chapter_speaks_of_files_or_commands(document: Document) -> None:
    for part in document.chapters:
        # The annexes tell how the report is made again; what starts a text are addresses of sources.
        if part.key not in ("annexes", "references", "foreword"):
            for words in texts(part):
                plain = re.sub(r"\]\([^)]*\)", "]", f"{words.en} {words.zh}")
                assert not SOFTWARE.search(plain), (part.key, words)


def test_statements_in_lists_end_with_a_mark(document: Document) -> None:
    for part in document.chapters:
        if part.key == "field":
            continue
        for block in part.walk():
            if isinstance(block, Bullets):
                for item in block.items:
                    assert item.en[-1] in ".?!:;" and item.zh[-1] in "。？！：；", item


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_are_named_by_the_numbers_under_which_they_are_printed(document: Document, language: str) -> None:
    printed = {one.key: one.number for one in edition_of(document, language).tables}  # type: ignore[arg-type]
    register = Study(SAMPLE).evidence.register
    told = [block for block in chapter(document, "recommendations").walk() if isinstance(block, Bullets)]
    for entry, block in zip(register.entries, told, strict=True):
        finding = block.items[0]
        for key in (one for one in entry.finding.tables if one in printed):
            name = f"Table {printed[key]}" if language == "en" else f"表{printed[key]}"
            assert re.search(rf"{name}(?!\d)", finding[language])  # type: ignore[index]


def test_baselines_are_the_estimates_of_the_tables(document: Document) -> None:
    pensions = {column.key: at for at, column in enumerate(table(document, "pension_scheme").columns)}
    everybody = table(document, "pension_scheme").rows[0]
    for name, row in zip(indicators(), table(document, "monitoring_framework").rows, strict=True):
        for category in ("employee", "flexible", "resident", "none"):
            if name == f"pension_{category}":
                assert row.cells[3] == everybody.cells[pensions[category]]
                assert row.cells[2] == everybody.cells[pensions["n"]]


def test_what_is_not_set_is_blank_and_what_is_set_is_printed(document: Document) -> None:
    framework = table(document, "monitoring_framework")
    rows = dict(zip(indicators(), framework.rows, strict=True))
    assert rows["pension_none"].cells[4] == Cell(Number(0.25, "percent"))
    assert rows["branches_held"].cells[4] == rows["branches_held"].cells[7] == Cell()
    assert all(row.cells[6].content is not None for row in framework.rows), "the study sets one frequency for all"


def test_the_flow_of_the_sample_adds_up(document: Document) -> None:
    drawn = next(
        block.chart
        for chapter in document.chapters
        for block in chapter.walk()
        if isinstance(block, Figure) and block.key == "literature_flow"
    )
    assert isinstance(drawn, FlowDiagram)
    boxes = {words.en: count for told in (*drawn.stages, *drawn.left) for words, count in told}
    for before, left, after in zip(drawn.stages, drawn.left, drawn.stages[1:], strict=False):
        assert sum(count for _, count in before) == sum(count for _, count in left) + sum(count for _, count in after)
    assert boxes["Records screened"] == boxes["Records excluded"] + boxes["Reports sought for retrieval"]
    assert boxes["Works included in the review"] == len(table(document, "literature").rows)


def test_the_references_are_those_that_are_cited_or_reviewed(document: Document) -> None:
    listed = {one.key for one in document.references["en"]}
    assert cited_in(document.chapters) <= listed
    assert "ilo2017" not in listed, "screening left it out and nobody cites it"


def test_quotations_say_a_label_and_no_more(document: Document) -> None:
    work = Study(SAMPLE).evidence.field
    said = [one.en for one in texts(chapter(document, "field")) if one.en.startswith("“")]
    assert said and all(re.search(r"\((R\d+|FG\d+)(; in full above under “[^”]+”)?\)$", one) for one in said)
    assert {theme for one in work.quotations for theme in one.themes} == set(work.themes)


# --- faults, with their places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "tables: [staircases,",
            "tables: [staircase,",
            r"recommendations\.yaml:\d+:\d+: .*staircase.*Did you mean staircases",
        ),
        ("{coverage.injury.none", "{coverage.injury.nobody", r"recommendations\.yaml:\d+:\d+: .*nobody"),
        ("most are kept out by law", "most are [@nobody2000]", r"recommendations\.yaml:\d+:\d+: .*nobody2000"),
        ("reform: matching", "reform: matchin", r"recommendations\.yaml:\d+:\d+: .*Did you mean matching"),
        ("number: R4", "number: R3", r"recommendations\.yaml:\d+:\d+: The number R3 stands in line \d+"),
    ],
)
def test_faults_in_the_register(broken: Path, old: str, new: str, message: str) -> None:
    path = broken / "evidence" / "recommendations.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        Study(broken).check()


def test_faults_of_several_files_come_together(broken: Path) -> None:
    for name, text in (("monitoring.yaml", "frequency: daily\n"), ("field.yaml", "theme: []\n"), ("searches.yaml", "[]\n")):
        (broken / "evidence" / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        Study(broken).check()
    assert {Path(str(fault.place.file)).name for fault in raised.value.faults} >= {
        "monitoring.yaml",
        "field.yaml",
        "searches.yaml",
    }


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("field/r01.md", "I paid the rent instead.", "I paid the rent instead [@nobody2000]."),
        ("extraction.yaml", "16 to 30 against 51 to 60.", "16 to 30 [@li2022; @nobody2000]."),
        ("monitoring.yaml", "en: Department of Pensions", "en: 'Department [@nobody2000]'"),
    ],
)
def test_a_citation_of_nothing_anywhere(broken: Path, name: str, old: str, new: str) -> None:
    path = broken / "evidence" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1) + "\n# [@nobody1999] in a comment is none\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        _ = Study(broken).evidence
    (fault,) = raised.value.faults
    line = text.replace(old, new, 1).splitlines()[(fault.place.line or 0) - 1]
    assert "nobody2000" in fault.what.en and line[(fault.place.column or 0) - 1 :].startswith("[@")


def test_an_indicator_that_nobody_knows(broken: Path) -> None:
    (broken / "evidence" / "monitoring.yaml").write_text("indicators: {pension_non: {}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"monitoring\.yaml:1:14: .*Did you mean pension_none"):
        Study(broken).check()


def test_works_that_seem_to_be_one_are_told(broken: Path) -> None:
    path = broken / "evidence" / "literature.bib"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text[text.index("@article{xu2021") : text.index("@article{li2022")].replace("xu2021", "xu2021b"))
    (broken / "evidence" / "searches.yaml").unlink()
    study = Study(broken)
    ((first, second),) = study.duplicates
    assert (first.line or 0) < (second.line or 0)
    notice = next(one for one in texts(chapter(study.document().document, "literature")) if "xu2021b" in one.en)
    assert "not merged" in notice.en


def test_a_study_without_evidence_has_no_empty_chapters(broken: Path) -> None:
    import shutil

    shutil.rmtree(broken / "evidence")
    for path in broken.glob("text/*/*.md"):
        path.unlink()
    keys = {one.key for one in Study(broken).document().document.chapters}
    assert not keys & {"field", "recommendations", "references"} and "monitoring" in keys


# --- what comes with the programme ----------------------------------------------------------------------------------------


def test_indicators_exist_in_the_vocabulary() -> None:
    known = vocabulary()
    for name, one in indicators().items():
        column = known[one.of]
        assert one.category in ("mean", "median", "per_100") or one.category in column.categories, name
        assert all(category in known[key].categories for key, category in one.among.items())
    assert "pension_none" in share_indicators() and "income_month" not in share_indicators()


def test_the_reference_names_all_that_may_be_named() -> None:
    page = (SAMPLE.parents[1] / "docs" / "reference" / "evidence.md").read_text(encoding="utf-8")
    prefixes = ("outcome_", "determinant_")
    found = [key.removeprefix(one) for key in extraction_words.entries for one in prefixes if key.startswith(one)]
    for name in [*found, *indicators(), *REASONS, *shipped_practices()]:
        assert f"`{name}`" in page, name


def test_every_indicator_is_shown_by_the_sample(document: Document) -> None:
    assert len(table(document, "indicator_sheets").rows) == len(indicators())


def test_the_files_of_a_new_study_say_nothing_yet() -> None:
    folder = Path(str(resources.files("canbao"))) / "new_study" / "evidence"
    assert len(evidence_files(folder)) == 6
    evidence = read_evidence(folder)
    assert not evidence.screening.done and not evidence.register.entries and not evidence.field.talks
    for path in (folder / "field").glob("_*.md"):
        assert path.read_text(encoding="utf-8").startswith("---\n")


def test_the_templates_of_a_new_study_work_when_they_are_used(tmp_path: Path) -> None:
    """With their marks for comments taken away."""
    folder = Path(str(resources.files("canbao"))) / "new_study" / "evidence"
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        used = re.sub(r"(?m)^# (?=(?: *- )?[a-z_]+:| +\S)", "", text).replace("…", "x")
        (tmp_path / path.name).write_text(used, encoding="utf-8")
    (tmp_path / "field").mkdir()
    for path in (folder / "field").glob("_*.md"):
        (tmp_path / "field" / path.name[1:]).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "searches.yaml").write_text(
        (tmp_path / "searches.yaml").read_text(encoding="utf-8").replace("records: 120", "records: 21"), encoding="utf-8"
    )
    evidence = read_evidence(tmp_path, ["zhang2024"], lambda: ["price_response"])
    assert evidence.register.entries and evidence.extraction.rows and evidence.field.talks
    assert evidence.framework.entry.indicators and set(FORMS) >= {row.unit for row in evidence.extraction.rows.values()}
    assert {one.name for one in evidence.field.practices} >= {"wujiang_2018", "zhejiang_2023", "practice"}
