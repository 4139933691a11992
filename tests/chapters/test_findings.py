"""What sentences claim stands in the tables beside them; headline tables stay whole; what was not asked is a dash."""

import re

import pytest

from canbao.chapters.document import Bullets, Cell, Column, Interval, Number, Row, Table
from canbao.chapters.findings import without_hidden, without_repeats
from canbao.languages import Words

from .conftest import SampleReport


def sentences(report: SampleReport, *parts: str) -> list[str]:
    """The generated sentences of a report that begin in a certain way, in English."""
    said = (item.en for block in report.document.walk() if isinstance(block, Bullets) for item in block.items)
    return [one for one in said if one.startswith(parts)]


def column(report: SampleReport, table: str, key: str, heading: str) -> dict[str, float]:
    """Of the rows under a heading the numbers of a column that are shown and reliable, by the row's label."""
    found, at = {}, [one.key for one in report.table(table).columns].index(key)
    under = False
    for row in report.table(table).rows:
        label = row.cells[0].content
        assert isinstance(label, Words)
        if row.kind == "heading":
            under = label.en == heading
        elif under and row.cells[at].flag is None and isinstance(row.cells[at].content, Number):
            value = row.cells[at].content.value  # type: ignore[union-attr]
            if value is not None:
                found[label.en.lower()] = float(value)
    return found


RANGES = {
    "pension_scheme": ("none", "Age group", "By age group, the share without any pension insurance"),
    "medical_scheme": ("none", "Age group", "By age group, the share without medical insurance"),
    "contribution_base": ("base_to_income_median", "Income group", "By income group, the median base"),
    "income_by_group": ("income_month_median", "Education", "By education, median income"),
    "willingness_by_group": ("willing_share_mean", "Income group", "By income group, the mean share of income"),
    "injuries": ("injuries_12_per_100", "Main occupation", "By main occupation, as far as"),
}  # fmt: skip


@pytest.mark.parametrize("table", RANGES)
def test_a_range_in_words_is_that_of_the_table(sample_report: SampleReport, table: str) -> None:
    key, heading, begins = RANGES[table]
    (sentence,) = sentences(sample_report, begins)
    (low, low_group), (high, high_group) = re.findall(r"([\d,.]+)%? \(([^)]+)\)", sentence)
    shown = column(sample_report, table, key, heading)
    scale = 100 if "%" in sentence else 1
    for number, group, end in ((low, low_group, min), (high, high_group, max)):
        assert group == end(shown, key=lambda name: shown[name])
        assert float(number.replace(",", "")) == pytest.approx(scale * shown[group], abs=0.51 if scale == 1 else 0.051)


def test_two_groups_are_told_as_two_numbers(sample_report: SampleReport) -> None:
    """Men first, as in the vocabulary, though theirs is the higher income; in neither language a lowest and a highest."""
    shown = column(sample_report, "income_by_group", "income_month_median", "Sex")
    (sentence,) = sentences(sample_report, "By sex, median income")
    told = ", ".join(f"{group} {shown[group]:,.0f}" for group in ("men", "women"))
    assert sentence == f"By sex, median income in yuan a month: {told}."
    chinese = [
        item.zh
        for block in sample_report.document.walk()
        if isinstance(block, Bullets)
        for item in block.items
        if item.en == sentence
    ]
    assert chinese == [f"按性别分，月收入中位数（元）：男性为{shown['men']:,.0f}，女性为{shown['women']:,.0f}。"]


def test_a_study_s_own_table_is_put_into_words(sample_report: SampleReport) -> None:
    row = sample_report.rows("tabulation_1")
    cells = row["All workers"].cells[2:]
    (sentence,) = sentences(sample_report, "Wears a helmet when riding")
    shares = sorted((cell.content.value for cell in cells), reverse=True)  # type: ignore[union-attr]
    assert re.findall(r"[\d.]+%", sentence) == [f"{100 * share:.1f}%" for share in shares]


def test_a_range_says_so_where_some_groups_are_left_out(sample_report: SampleReport) -> None:
    """Those without schooling are too few for a reliable share of employers' insured."""
    (sentence,) = sentences(sample_report, "By education, as far as groups are large enough to tell, the share insured")
    assert "primary" in sentence


@pytest.mark.parametrize("table", ["pension_scheme", "medical_scheme", "injury_cover"])
def test_headline_tables_are_whole(sample_report: SampleReport, table: str) -> None:
    assert not [row for row in sample_report.table(table).rows for cell in row.cells if cell.flag == "suppressed"]


@pytest.mark.parametrize("scheme", ["pension_scheme", "medical_scheme", "injury_cover"])
def test_the_annex_has_a_row_for_every_group_whatever_is_hidden_in_it(sample_report: SampleReport, scheme: str) -> None:
    rows = sample_report.rows(f"split_{scheme}")
    assert {"Under 25", "55 and over", "No schooling", "Bachelor's or higher"} <= set(rows)
    hidden = [cell for cell in rows["55 and over"].cells if cell.flag == "suppressed"]
    assert hidden, "the few platform workers of that age stay hidden"


@pytest.mark.parametrize(
    ("table", "key", "label"),
    [
        ("injury_cover", "pilot", "Occupational injury protection pilot"),
        ("medical_scheme", "several", "Two schemes at once"),
    ],
)
def test_an_answer_that_was_not_offered_has_no_column_and_is_named(
    sample_report: SampleReport, table: str, key: str, label: str
) -> None:
    made = sample_report.table(table)
    assert key not in [one.key for one in made.columns]
    assert [note for note in made.notes if "offered" in note.en and label in note.en]


def test_what_the_survey_did_not_ask_is_a_dash(sample_report: SampleReport) -> None:
    steps = sample_report.rows("staircases")
    for step in ("Information gap", "Affordability gap", "Preference", "Administrative gap"):
        values = [cell.content.value for cell in steps[step].cells[1:]]  # type: ignore[union-attr]
        assert values[0] > 0 and values[1:] == [None] * 4, step


def test_a_fact_of_law_has_no_interval(sample_report: SampleReport) -> None:
    cells = sample_report.rows("legal_access")["Order-based injury protection"].cells
    assert [cell.interval for cell in cells] == [None] * len(cells)


def test_no_rate_reaches_below_nought(sample_report: SampleReport) -> None:
    made = sample_report.table("injuries")
    at = [one.key for one in made.columns].index("injuries_12_per_100")
    limits = [row.cells[at].interval for row in made.rows if row.kind != "heading"]
    assert all(one.low >= 0 and one.high > one.low for one in limits if isinstance(one, Interval))  # type: ignore[operator]


def test_a_difference_is_told_at_every_step(sample_report: SampleReport) -> None:
    row = sample_report.rows("adjusted_gaps")["Platform workers against other non-standard workers"]
    sentence, *_ = sentences(sample_report, "Platform workers against other non-standard workers, in the employees'")
    told = re.findall(r"(−?\d+\.\d)( \(not significant\))?", sentence.split(": ", 1)[1])
    for cell, (number, test) in zip(row.cells[1:4], told, strict=True):
        assert isinstance(cell.content, Number) and cell.interval is not None
        assert number == cell.content.text("en")
        assert bool(test) == (cell.interval.low <= 0 <= cell.interval.high)  # type: ignore[operator]


def test_whom_employers_failed_is_not_said_to_know_nothing(sample_report: SampleReport) -> None:
    stages = sample_report.rows("enrolment_stages")["All workers"]
    keys = [one.key for one in sample_report.table("enrolment_stages").columns]
    shares = {key: cell.content.value for key, cell in zip(keys[2:], stages.cells[2:], strict=True)}  # type: ignore[union-attr]
    headline, *_ = sentences(sample_report, "Of those who must or may join")
    lost = shares["not_enrolled"] / (1 - shares["not_eligible"])
    assert f"{100 * lost:.1f}% should have been enrolled by an employer" in headline


def test_where_the_largest_gap_turns_with_the_count_the_report_says_so(sample_report: SampleReport) -> None:
    from canbao.chapters.document import Bullets

    rows = {row.key: row for row in sample_report.table("gap_attribution").rows}
    largest = [max(rows, key=lambda name, at=at: rows[name].cells[at].content.value or 0) for at in (1, 2)]  # type: ignore[misc,union-attr]
    assert largest == ["information", "affordability"]
    said = [item.en for block in sample_report.document.walk() if isinstance(block, Bullets) for item in block.items]
    numbers = [rows[name].cells[at].content.text("en") for name, at in zip(largest, (1, 2), strict=True)]  # type: ignore[union-attr]
    turning = [one for one in said if all(number in one for number in numbers) and "gap" in one]
    assert any("The order decides" in one for one in turning) and any("first step that fails" in one for one in turning)


# --- rows that are not shown ----------------------------------------------------------------------------------------------


def words(text: str) -> Words:
    return Words(text, text)


HIDDEN = Cell(None, "suppressed")


def share(value: float) -> Cell:
    return Cell(Number(value, "percent"), None, Interval(value - 0.1, value + 0.1, "percent"))


def grouped(*rows: Row) -> Table:
    columns = (Column("group", words("Group"), align="left"), Column("n", words("n")), Column("share", words("Share")))
    return Table("made", words("Made"), columns, rows)


def body(label: str, *cells: Cell) -> Row:
    return Row((Cell(words(label)), *cells))


def heading(label: str) -> Row:
    return Row((Cell(words(label)),), "heading")


def test_groups_of_which_nothing_may_be_shown_are_named_in_a_note() -> None:
    total = Row((Cell(words("All")), Cell(Number(100)), share(0.5)), "total")
    made = without_hidden(
        grouped(
            total, heading("Sex"), body("Men", Cell(Number(60)), share(0.4)), body("Women", Cell(Number(40)), share(0.6)),
            heading("Kind"), body("Couriers", HIDDEN, HIDDEN), body("Others", HIDDEN, HIDDEN),
        )
    )  # fmt: skip
    assert [str(row.cells[0].content) for row in made.rows] == ["All", "Sex", "Men", "Women"], "an empty heading goes too"
    assert "Couriers" in made.notes[0].en and "Others" in made.notes[0].en and "30" in made.notes[0].en


def test_a_table_without_anything_hidden_stays_as_it_is() -> None:
    made = grouped(Row((Cell(words("All")), Cell(Number(100)), share(0.5)), "total"), body("Men", Cell(Number(60)), HIDDEN))
    assert without_hidden(made) == made


def test_the_same_respondents_are_not_shown_under_two_headings() -> None:
    riders = (Cell(Number(60)), share(0.4))
    made = without_repeats(
        grouped(
            heading("Kind"), body("Delivery", *riders), body("Also sixty", Cell(Number(60)), share(0.5)),
            heading("Occupation"), body("Rider", *riders), body("Cook", Cell(Number(50)), share(0.4)),
        )
    )  # fmt: skip
    assert [str(row.cells[0].content) for row in made.rows] == ["Kind", "Delivery", "Also sixty", "Occupation", "Cook"]
    assert "Rider" in made.notes[0].en


# --- what stands beside what ----------------------------------------------------------------------------------------------


def test_figures_that_shaped_the_sample_are_marked_and_compared_like_with_like(sample_report: SampleReport) -> None:
    rows = sample_report.rows("reference_figures")
    marked = [label for label in rows if label.endswith("†")]
    assert len(marked) == 5 and [note for note in sample_report.table("reference_figures").notes if note.en.startswith("†")]
    through_work = next(row for label, row in rows.items() if label.startswith("Employees' medical insurance through work"))
    assert through_work.cells[2].content == Number(0.06, "percent")
    assert through_work.cells[3].content.value == pytest.approx(0.059, abs=0.001)  # type: ignore[union-attr]


def test_continuity_by_the_way_into_the_scheme_stands_in_the_table(sample_report: SampleReport) -> None:
    found = column(sample_report, "continuity", "continuity_all", "Pension insurance")
    assert found["employees' scheme as a flexible worker"] < found["employees' scheme through an employer"]


def test_the_annex_has_the_model_without_terms_of_work(sample_report: SampleReport) -> None:
    whole, persons = (sample_report.rows(f"model_employees_pension{key}") for key in ("", "_of_persons"))
    assert persons.keys() < whole.keys()
    assert {"Service or co-operation agreement", "Nothing in writing"} <= whole.keys() - persons.keys()


def test_documents_that_the_figures_rest_on_have_their_numbers(sample_report: SampleReport) -> None:
    rows = sample_report.rows("law_documents")
    unified = rows["Opinions on Establishing a Unified Basic Pension for Urban and Rural Residents"]
    assert str(unified.cells[1].content) == "State Council Document No. 8 (2014) (国发〔2014〕8号)"
    assert not [label for label in rows if "compilation" in label or "memory" in label], "these are no law"
    assert not [label for label in rows if label.startswith("Tibet")], "nobody was asked there"
    numbered = [row for row in rows.values() if "国办发〔2009〕66号" in str(row.cells[1].content)]
    assert len(numbered) == 1, "two lists name it"
