"""The administration by the six areas of the ISSA guidelines: by figures where there are any, else by what people said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from canbao.chapters.document import Cell, Column, Matrix, Row, Section, Table
from canbao.chapters.document import Figure as Drawing
from canbao.chapters.estimates import Estimate
from canbao.chapters.findings import Findings, bullets, paragraph
from canbao.evidence.self_assessment import Criterion, LogMeasure, Measure, SurveyMeasure, Verdict, areas, judged
from canbao.languages import Catalogue, Number, Words, joined
from canbao.procedures.clocks import breaches
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.chapters", "self_assessment")

VERDICTS: tuple[Verdict, ...] = ("met", "partly", "not_met")
"""From the best to the worst."""


def chapter(findings: Findings) -> Section:
    """Every question with what is known of it, and how many are met, area by area."""
    found = {one.key: _answered(findings, one) for area in areas().values() for one in area.criteria}
    return Section(
        "self_assessment",
        say("title"),
        (paragraph(say("lead")), *bullets(_summary(found), _open(found)), _matrix(found), _table(found)),
    )


class _Found:
    """What is known of a question: a figure, a verdict, and who gave it."""

    def __init__(self, figure: Words | None, verdict: Verdict | None, basis: Words | None) -> None:
        self.figure, self.verdict, self.basis = figure, verdict, basis


def _answered(findings: Findings, criterion: Criterion) -> _Found:
    figure, verdict, basis = _measured(findings, criterion)
    answer = findings.answers.get(criterion.key)
    if answer is not None and (answer.verdict is not None or answer.why is not None):
        stated = answer.why.words if answer.why is not None else None
        return _Found(stated or figure, answer.verdict or verdict, _stated(answer.by, answer.on))
    return _Found(figure, verdict, basis)


def _stated(by: str | None, on: str | None) -> Words:
    if by is None:
        return say("stated")
    return say("stated_by", by=by) if on is None else say("stated_by_on", by=by, on=on)


def _measured(findings: Findings, criterion: Criterion) -> tuple[Words | None, Verdict | None, Words | None]:
    if criterion.survey is not None:
        return _of_survey(findings, criterion.survey)
    if criterion.log is not None:
        return _of_logs(findings, criterion.log)
    return None, None, None


def _of_survey(findings: Findings, measure: SurveyMeasure) -> tuple[Words | None, Verdict | None, Words | None]:
    if not findings.has(measure.of, *measure.among):
        return None, None, None
    estimate = _asked(findings, measure)
    if estimate.estimate is None:
        return None, None, None
    named = say("by_survey", n=Number(estimate.n))
    figure = say(_form_of(measure), value=estimate.number(measure.form), what=_category(findings, measure))
    return figure, judged(measure, estimate.estimate), named


def _form_of(measure: SurveyMeasure) -> str:
    if measure.at_least is not None:
        return "figure_at_least"
    if measure.says is not None:
        return "figure_said"
    return "figure_median" if measure.statistic == "median" else "figure_share"


def _category(findings: Findings, measure: SurveyMeasure) -> Words:
    if measure.at_least is not None:
        counted = Words.same(f"{measure.at_least:g}")
        return counted if measure.unit is None else say("counted", number=counted, unit=measure.unit.words)
    if measure.says is not None:
        return measure.says.words
    if measure.unit is not None:
        return measure.unit.words
    return findings.category(measure.of, measure.category) if measure.category is not None else findings.label(measure.of)


def _asked(findings: Findings, measure: SurveyMeasure) -> Estimate:
    estimator, among = findings.estimator, measure.among or None
    if measure.at_least is not None:
        return estimator.exceedance(measure.of, measure.at_least, (), among).at("at_least")
    if measure.statistic == "median":
        return estimator.median(measure.of, (), among).at("median")
    return estimator.of(measure.of, (), among).at(measure.category or "")


def _of_logs(findings: Findings, measure: LogMeasure) -> tuple[Words | None, Verdict | None, Words | None]:
    """A figure of all logs together; nothing where there are none, or too few cases."""
    logs = findings.procedures
    if not logs:
        return None, None, None
    basis = say("by_logs", logs=Number(len(logs)))
    if measure.of == "logs":
        return say("figure_logs", value=Number(len(logs))), judged(measure, len(logs)), None
    if measure.of == "share_late":
        return _in_time(findings, measure, basis)
    part, whole = _completed(findings)
    if whole < SMALLEST_BASE:
        return None, None, None
    share = part / whole
    figure = say(f"figure_{measure.of}", value=Number(share, "percent"), n=Number(whole))
    return figure, judged(measure, share), basis


def _in_time(findings: Findings, measure: LogMeasure, basis: Words) -> tuple[Words | None, Verdict | None, Words | None]:
    """How many runs of statutory clocks were late, and which limit is broken most often.

    A small share of all runs may hide a limit that is often broken: while one does not keep to the line, the question is
    met in part at most.
    """
    clocks = list(_judged_clocks(findings))
    late, told = sum(one[1] for one in clocks), sum(one[2] for one in clocks)
    if told < SMALLEST_BASE:
        return None, None, None
    worst, worst_late, worst_told = max(clocks, key=lambda one: one[1] / one[2])
    figure = say(
        "figure_share_late", value=Number(late / told, "percent"), n=Number(told),
        clock=worst, worst=Number(worst_late / worst_told, "percent"),
    )  # fmt: skip
    verdict = judged(measure, late / told)
    kept = judged(measure, worst_late / worst_told) == "met"
    return figure, "partly" if verdict == "met" and not kept else verdict, basis


def _judged_clocks(findings: Findings) -> Iterator[tuple[Words, float, float]]:
    """Of each statutory clock its name, the runs that were late, and all of which one can tell."""
    for procedure in findings.procedures:
        if procedure.runs.is_empty():
            continue
        labels = {clock.name: clock.label for clock in procedure.limits.clocks}
        for row in breaches(procedure.runs, procedure.log).iter_rows(named=True):
            late = row["late"] + row["open_late"] if not row["suppressed"] else 0
            told = late + row["in_time"] if not row["suppressed"] else 0
            if told and row["share_late"] is not None:
                yield labels[row["clock"]], late, told


def _completed(findings: Findings) -> tuple[float, float]:
    """Cases that got what they were for, and all that came to an end; of logs of which it is known how cases end."""
    done = ended = 0.0
    for procedure in findings.procedures:
        ways = procedure.outcomes["outcome"].cast(str).value_counts()
        counts = dict(ways.iter_rows())
        if counts.get("completed", 0):
            done += counts["completed"]
            ended += sum(count for way, count in counts.items() if way != "open")
    return done, ended


# --- as it is shown -------------------------------------------------------------------------------------------------------


def _summary(found: dict[str, _Found]) -> Words:
    counts = Counter(one.verdict for one in found.values())
    numbers = {name: Number(counts[name]) for name in VERDICTS}
    return say("summary", all=Number(len(found)), open=Number(counts[None]), **numbers)


def _open(found: dict[str, _Found]) -> Words | None:
    """Which questions neither survey nor logs can answer."""
    unanswered = [Words.same(key) for key, one in found.items() if one.verdict is None]
    return say("open_sentence", questions=joined(unanswered)) if unanswered else None


def _matrix(found: dict[str, _Found]) -> Drawing:
    """Areas by question, as a matrix of verdicts."""
    longest = max(len(area.criteria) for area in areas().values())
    rows, fields = [], []
    for key, area in areas().items():
        verdicts = [found[one.key].verdict for one in area.criteria]
        numbers = [None if one is None else VERDICTS.index(one) for one in verdicts]
        fields.append(tuple(numbers + [None] * (longest - len(numbers))))
        rows.append(say("area", key=key, title=area.title.words))
    chart = Matrix(
        tuple(rows),
        tuple(say("question_number", number=str(at + 1)) for at in range(longest)),
        (say("questions"),) * longest,
        tuple(say(f"verdict_{one}") for one in VERDICTS),
        tuple(fields),
    )
    return Drawing("self_assessment", say("figure"), chart, _summary(found), (say("figure_note"),))


def _table(found: dict[str, _Found]) -> Table:
    rows: list[Row] = []
    for key, area in areas().items():
        rows.append(Row((Cell(say("area", key=key, title=area.title.words)),), "heading"))
        rows += [_row(one, found[one.key]) for one in area.criteria]
    names = ("number", "question", "known", "lines", "verdict")
    columns = tuple(Column(name, say(f"column_{name}"), align="left") for name in names)
    return Table("self_assessment", say("table"), columns, tuple(rows), (say("lines_note"), say("edit_note")))


def _row(criterion: Criterion, found: _Found) -> Row:
    verdict = say(f"verdict_{found.verdict}") if found.verdict is not None else None
    known = found.figure or found.basis
    if found.figure is not None and found.basis is not None:
        known = say("known_and_basis", known=found.figure, basis=found.basis)
    cells: Sequence[Words | None] = (criterion.question.words, known, _lines(criterion.survey or criterion.log), verdict)
    return Row((Cell(Words.same(criterion.key)), *(Cell(one) for one in cells)))


def _lines(measure: Measure | None) -> Words | None:
    """From which figures on a question counts as met, and as partly met."""
    if measure is None:
        return None
    good, fair = _line(measure, measure.good), _line(measure, measure.fair)
    if good == fair:
        return say(f"line_{measure.better}", good=good)
    return say(f"lines_{measure.better}", good=good, fair=fair)


def _line(measure: Measure, value: float) -> Words:
    if measure.form == "percent":
        return say("percent", value=Number(round(value * 100, 4), "plain"))
    return Words.same(f"{value:g}")
