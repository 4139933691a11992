"""What sentences claim stands in the tables beside them; headline tables stay whole; what was not asked is a dash."""

import re

import pytest

from canbao.chapters.document import Bullets, Interval, Number
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


def test_what_the_survey_did_not_ask_is_a_dash(sample_report: SampleReport) -> None:
    for table, key in (("injury_cover", "pilot"), ("medical_scheme", "several")):
        made = sample_report.table(table)
        at = [one.key for one in made.columns].index(key)
        assert all(row.cells[at].content == Number(None, "percent") for row in made.rows if row.kind != "heading")
        assert any("did not ask" in note.en for note in made.notes)
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
