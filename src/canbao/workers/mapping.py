"""From the variables of a survey file to the columns of the worker table, as a codebook says or by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from canbao.errors import Fault, Place
from canbao.languages import Catalogue, Words, joined
from canbao.workers.codebook import Codebook, Rule
from canbao.workers.condition import Part, Span, code, holds
from canbao.workers.source import Source
from canbao.workers.units import conversion
from canbao.workers.vocabulary import Vocabulary

say = Catalogue("canbao.workers", "faults")


@dataclass(frozen=True)
class Mapped:
    """One column of the worker table on its way.

    Args:
        values: one a respondent, null where there is no answer.
        refusals: whose answer is one of the missing codes, as against those without any entry; None where nobody's is.
        faults: what is wrong with it; the values are then not to be used.
        offered: the categories that an answer could fall into; None where that is not known.
    """

    values: pl.Series
    refusals: pl.Series | None = None
    faults: tuple[Fault, ...] = ()
    offered: frozenset[str] | None = None

    @property
    def refused(self) -> int:
        """How many answers are one of the missing codes."""
        return 0 if self.refusals is None else int(self.refusals.sum())

    def among(self, asked: pl.Series) -> Mapped:
        """The column with the answers of those only to whom its question was put."""
        values = pl.select(pl.when(asked).then(self.values).alias(self.values.name)).to_series()
        return replace(self, values=values, refusals=None if self.refusals is None else self.refusals & asked)


def map_columns(source: Source, codebook: Codebook) -> dict[str, Mapped]:
    """The columns that a codebook makes from a survey file, each with the answers of those whom its question concerns."""
    mapped = {name: _ColumnMaker(source, codebook, name).make() for name in codebook.rules}
    return _of_those_asked(mapped, codebook.vocabulary)


def map_by_name(source: Source, vocabulary: Vocabulary) -> dict[str, Mapped]:
    """The columns whose variables already carry the vocabulary's names, as the answers to our own questionnaire do.

    XLSForm servers put group names before a question's name and may split a question with several answers into
    one 0/1 variable for each: `work/hours_week`, `reason_not_joined/too_dear`. A name without groups counts before one
    with groups; where several are left, it is a fault.
    """
    mapped = {
        name: _from_namesakes(source, vocabulary, name, by_groups)
        for name, by_groups in _namesakes(source, vocabulary).items()
    }
    return _of_those_asked(mapped, vocabulary)


def _of_those_asked(mapped: Mapping[str, Mapped], vocabulary: Vocabulary) -> dict[str, Mapped]:
    """The columns without what stands there for people to whom a question does not apply, such as boxes coded 0.

    In the order of the vocabulary: a filter question that was not put itself keeps the next one from being put.
    """
    kept = dict(mapped)
    if any(one.faults for one in kept.values()):
        return kept
    for name, column in vocabulary.items():
        if name in kept and column.when and set(column.when) <= set(kept):
            filters = pl.DataFrame([kept[other].values.alias(other) for other in column.when])
            kept[name] = kept[name].among(filters.select(holds(column.when).alias("asked")).to_series())
    return kept


# --- variables that carry the vocabulary's names --------------------------------------------------------------------------

_BETWEEN_NAMES = re.compile(r"[/.:]|(?<=\w)-")

Groups = tuple[str, ...]


@dataclass
class _Namesakes:
    """The variables within the same groups that are called as a column: the whole, or its answers one by one."""

    whole: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rivals(self) -> list[list[str]]:
        """The variables that are called the same."""
        return [self.whole] if self.whole else list(self.answers.values())

    @property
    def rule(self) -> Rule:
        """How the column is made from them."""
        if self.whole:
            return Rule.model_validate({"from": self.whole[0]})
        choices = {category: variables[0] for category, variables in self.answers.items()}
        return Rule.model_validate({"choices": choices, "chosen": [1, "true", "True", "TRUE", "yes"]})


def _namesakes(source: Source, vocabulary: Vocabulary) -> dict[str, dict[Groups, _Namesakes]]:
    """For each column of the vocabulary the variables called so, by the groups that they are in."""
    found: dict[str, dict[Groups, _Namesakes]] = {}
    for variable in source.frame.columns:
        *groups, last = [variable] if variable in vocabulary else _BETWEEN_NAMES.split(variable)
        # `refused_reason/age` is an answer that could be marked, not the respondent's age.
        above = vocabulary.get(groups[-1]) if groups else None
        if above is not None and above.type == "set":
            if last in above.categories:
                namesakes = found.setdefault(above.name, {}).setdefault(tuple(groups[:-1]), _Namesakes())
                namesakes.answers.setdefault(last, []).append(variable)
        elif last in vocabulary:
            found.setdefault(last, {}).setdefault(tuple(groups), _Namesakes()).whole.append(variable)
    return found


def _from_namesakes(source: Source, vocabulary: Vocabulary, name: str, by_groups: Mapping[Groups, _Namesakes]) -> Mapped:
    candidates = [by_groups[()]] if () in by_groups else list(by_groups.values())
    rivals = [one.rivals[0][0] for one in candidates]
    if len(rivals) == 1:
        rivals = next((same for same in candidates[0].rivals if len(same) > 1), rivals)
    if len(rivals) > 1:
        what = say("ambiguous_name", column=name, variables=joined(Words.same(one) for one in rivals))
        fault = Fault(what, Place(source.path), say("write_codebook"))
        return Mapped(pl.Series(name, [], dtype=vocabulary[name].dtype), faults=(fault,))
    return _ColumnMaker(source, None, name, vocabulary, {name: candidates[0].rule}).make()


class _ColumnMaker:
    """Makes one column."""

    def __init__(
        self,
        source: Source,
        codebook: Codebook | None,
        name: str,
        vocabulary: Vocabulary | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> None:
        self.source = source
        self.codebook = codebook
        self.rule = (rules or (codebook.rules if codebook else {}))[name]
        known = vocabulary or (codebook.vocabulary if codebook else None)
        assert known is not None
        self.column = known[name]
        everywhere = codebook.missing if codebook else frozenset[str]()
        self.missing = everywhere | {code(value) for value in self.rule.missing}
        self.refusals: pl.Series | None = None

    def make(self) -> Mapped:
        rule, column = self.rule, self.column
        if rule.cases is not None:
            return replace(self._done(self._from_cases()), offered=frozenset(one for _, one in rule.named_categories()))
        if rule.choices is not None:
            return self._done(self._from_choices(rule.choices))
        if column.type == "set":
            return self._from_listed_choices()
        if column.type == "month":
            return self._from_months()
        if column.categories:
            return self._from_values()
        if column.is_numeric:
            return self._from_numbers()
        return self._done(self._texts(self._variables()[0]))

    def _variables(self) -> list[str]:
        return [variable for _, variable in self.rule.named_variables()]

    def _place(self, variable: str | None = None, row: int | None = None) -> Place:
        if self.codebook is None or row is not None:
            return Place(self.source.path, row=row, field=variable)
        return self.codebook.place(self.column.name)

    def _done(self, values: pl.Series, faults: Iterator[Fault] | Sequence[Fault] = ()) -> Mapped:
        return Mapped(values.rename(self.column.name), self.refusals, tuple(faults))

    def _answers(self, variable: str) -> pl.Series:
        """A variable's codes without those that mean no answer."""
        codes = self.source.codes(variable)
        if not self.missing:
            return codes
        refused = codes.is_in(list(self.missing)).fill_null(False)
        self.refusals = refused if self.refusals is None else self.refusals | refused
        return codes.set(refused, None)

    def _texts(self, variable: str) -> pl.Series:
        """Texts as they were written: 007 is no number."""
        answers, written = self._answers(variable), self.source.frame[variable]
        if written.dtype != pl.String:
            return answers
        return written.str.strip_chars().set(answers.is_null(), None)

    # --- categories ---------------------------------------------------------------------------------------------------

    def _from_cases(self) -> pl.Series:
        cases = self.rule.cases or []
        needed = list(dict.fromkeys(variable for case in cases for variable in case.when))
        frame = pl.DataFrame([self._answers(variable).alias(variable) for variable in needed])
        self.refusals = None
        chosen: pl.Expr = pl.lit(None if self.rule.otherwise is None else str(self.rule.otherwise), dtype=pl.String)
        for case in reversed(cases):
            coded = {variable: self._coded(variable, part) for variable, part in case.when.items()}
            condition = holds(coded, number=lambda name: pl.col(name).cast(pl.Float64, strict=False))
            chosen = pl.when(condition).then(pl.lit(str(case.category))).otherwise(chosen)
        return frame.select(chosen.cast(self.column.dtype).alias(self.column.name)).to_series()

    def _coded(self, variable: str, part: Part) -> Part:
        """A part of a condition with the codes of the labels that it names."""
        if isinstance(part, Span):
            return part
        named = part if isinstance(part, list) else [part]
        return [*named, *(found for label in named for found in self.source.labelled_codes(variable, str(label)))]

    def _from_values(self) -> Mapped:
        variables = self._variables()
        parts = [self._categories(variable) for variable in variables]
        faults = [fault for part in parts for fault in part.faults]
        if faults:
            return self._done(pl.Series([], dtype=self.column.dtype), faults)
        frame = pl.DataFrame([part.values.alias(str(i)) for i, part in enumerate(parts)]).select(pl.coalesce(pl.all()))
        values = frame.to_series()
        explained = self._explained(variables)
        # Without labels or a codebook's values nobody can tell what else might have been answered.
        offered = frozenset(explained | set(values.drop_nulls().cast(pl.String))) if explained else None
        return replace(self._done(values.cast(self.column.dtype)), offered=offered)

    def _categories(self, variable: str) -> Mapped:
        codes = self._answers(variable)
        found = codes.unique().drop_nulls().sort()
        meanings = {value: self._category(variable, value) for value in found}
        faults = [
            self._unexplained(variable, value, codes) for value, meaning in meanings.items() if meaning is _UNEXPLAINED
        ]
        if faults:
            return Mapped(codes, faults=tuple(faults))
        if not meanings:
            return Mapped(codes)
        values = codes.replace_strict(found, pl.Series([meanings[value] for value in found], dtype=pl.String), default=None)
        return Mapped(values)

    def _category(self, variable: str, value: str) -> str | None:
        """The category that a code means: by the codebook, else by its own or its label's wording."""
        label = self.source.value_labels.get(variable, {}).get(value)
        given = {code(key): category for key, category in (self.rule.values or {}).items()}
        for key in (value, *((label.strip(),) if label else ())):
            if key in given:
                return None if given[key] is None else str(given[key])
        wordings = self._wordings()
        # A value's label speaks before its number: code 1 labelled "None" is not category "1".
        for text in (*((label,) if label else ()), value):
            if (category := wordings.get(text.strip().casefold())) is not None:
                return category
        return _UNEXPLAINED

    def _wordings(self) -> Mapping[str, str]:
        wordings = {}
        for category, label in self.column.categories.items():
            for text in (label.en, label.zh, category):
                wordings[text.strip().casefold()] = category
        if self.column.type == "yes_no":
            wordings |= {"yes": "yes", "no": "no", "true": "yes", "false": "no", "是": "yes", "否": "no"}
            if not self.rule.values:
                wordings |= {"1": "yes", "0": "no"}
        return wordings

    def _unexplained(self, variable: str, value: str, codes: pl.Series) -> Fault:
        label = self.source.value_labels.get(variable, {}).get(value)
        shown = f"{value} ({label})" if label else value
        hits = (codes == value).fill_null(False)
        what = say(
            "unexplained_value",
            value=shown,
            variable=variable,
            column=self.column.name,
            times=str(int(hits.sum())),
            row=str((hits.arg_max() or 0) + 1),
        )
        key = "explain_by_name" if self.codebook is None else "explain_value"
        return Fault(what, self._place(variable), say(key, categories=", ".join(self.column.categories)))

    # --- several answers ----------------------------------------------------------------------------------------------

    def _from_choices(self, choices: Mapping[str | int, str]) -> pl.Series:
        chosen = [code(value) for value in self.rule.chosen]
        answers = {str(category): self._answers(variable) for category, variable in choices.items()}
        self.refusals = None
        frame = pl.DataFrame([series.alias(category) for category, series in answers.items()])
        marked = [pl.when(pl.col(category).is_in(chosen)).then(pl.lit(category)).otherwise(None) for category in answers]
        asked = pl.any_horizontal(pl.all().is_not_null())
        listed = pl.concat_list(marked).list.drop_nulls().cast(self._offering(answers))
        return frame.select(pl.when(asked).then(listed).otherwise(None).alias(self.column.name)).to_series()

    def _from_listed_choices(self) -> Mapped:
        """Answers listed in one variable (`too_dear hukou`), or one answer in each of several variables."""
        variables = self._variables()
        lists: list[pl.Series] = []
        faults: list[Fault] = []
        offered = self._explained(variables)
        for variable in variables:
            answers = self._answers(variable)
            pieces = answers.str.split(" ") if self._is_spaced(variable) else answers.str.split(";")
            flat = pieces.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
            found = sorted({piece for row in flat.drop_nulls().to_list() for piece in row})
            meanings = {piece: self._category(variable, piece) for piece in found if piece not in self.missing}
            faults += [self._unexplained(variable, piece, answers) for piece, to in meanings.items() if to is _UNEXPLAINED]
            known = [piece for piece, to in meanings.items() if to is not None and to is not _UNEXPLAINED]
            to = pl.Series([meanings[piece] for piece in known], dtype=pl.String)
            offered |= set(to)
            named = (
                flat.list.eval(pl.element().replace_strict(known, to, default=None).drop_nulls())
                if known
                else flat.list.eval(pl.element().filter(pl.lit(False)))
            )
            lists.append(named.alias(f"{len(lists)}"))
        if faults:
            return self._done(pl.Series([], dtype=self.column.dtype), faults)
        frame = pl.DataFrame(lists)
        filled = [pl.col(name).fill_null(pl.lit([], dtype=pl.List(pl.String))) for name in frame.columns]
        dtype = self.column.dtype if all(self._is_spaced(variable) for variable in variables) else self._offering(offered)
        union = pl.concat_list(filled).list.unique(maintain_order=True).cast(dtype)
        asked = pl.any_horizontal(pl.all().is_not_null())
        return self._done(frame.select(pl.when(asked).then(union).otherwise(None)).to_series())

    def _offering(self, categories: Iterable[str]) -> pl.DataType:
        """How several answers are stored where these categories only were offered."""
        offered = set(categories)
        return pl.List(pl.Enum([category for category in self.column.categories if category in offered]))

    def _explained(self, variables: Sequence[str]) -> set[str]:
        """The categories that the codebook's values and the variables' labels stand for."""
        labelled = [self._category(one, value) for one in variables for value in self.source.value_labels.get(one, {})]
        named = [None if category is None else str(category) for category in (self.rule.values or {}).values()]
        return {category for category in (*labelled, *named) if category is not None and category is not _UNEXPLAINED}

    def _is_spaced(self, variable: str) -> bool:
        return not self.source.value_labels.get(variable) and not self.rule.values

    # --- numbers, months ----------------------------------------------------------------------------------------------

    def _from_numbers(self) -> Mapped:
        parts = [self._numbers(variable) for variable in self._variables()]
        faults = [fault for part in parts for fault in part.faults]
        if faults:
            return self._done(pl.Series([], dtype=self.column.dtype), faults)
        frame = pl.DataFrame([part.values.alias(str(position)) for position, part in enumerate(parts)])
        if self.rule.sum is not None:
            answered = pl.any_horizontal(pl.all().is_not_null())
            combined = pl.when(answered).then(pl.sum_horizontal(pl.all())).otherwise(None)
        else:
            combined = pl.coalesce(pl.all())
        numbers = frame.select(combined * self._factor()).to_series()
        if self.column.type == "integer":
            fractions = numbers.is_not_null() & (numbers != numbers.round())
            if fractions.any():
                first = fractions.arg_max() or 0
                what = say("not_whole", column=self.column.name, value=code(numbers[first]))
                return self._done(numbers, [Fault(what, self._place(self._variables()[0], first + 1))])
            return self._done(numbers.cast(pl.Int64))
        return self._done(numbers)

    def _factor(self) -> float:
        factor = 1.0 if self.rule.times is None else self.rule.times
        if self.rule.unit and not self.column.extra:
            factor *= conversion(self.rule.unit, self.column.unit or self.column.type) or 1.0
        return factor

    def _numbers(self, variable: str) -> Mapped:
        answers = self._answers(variable)
        numbers = answers.cast(pl.Float64, strict=False)
        bad = (answers.is_not_null() & (numbers.is_null() | ~numbers.is_finite())).fill_null(True)
        if bad.any():
            first = bad.arg_max() or 0
            what = say(
                "not_a_number",
                value=str(answers[first]),
                variable=variable,
                column=self.column.name,
                times=str(int(bad.sum())),
            )
            return Mapped(answers, faults=(Fault(what, self._place(variable, first + 1), say("mend_number")),))
        return Mapped(numbers)

    def _from_months(self) -> Mapped:
        variables = self._variables()
        series = self.source.frame[variables[0]]
        if len(variables) == 1 and series.dtype in (pl.Date, pl.Datetime):
            return self._done(series.cast(pl.Date).dt.month_start())
        texts = [self._answers(variable) for variable in variables[:2]]
        if len(texts) == 2:
            joined = pl.DataFrame([texts[0].alias("year"), texts[1].alias("month")])
            year, month = pl.col("year"), pl.col("month")
        else:
            # 1990-05, 1990-05-17, 1990/5, 199005, 1990年5月, or a year alone, which counts from its middle.
            joined = pl.DataFrame([texts[0].alias("text")])
            year = pl.col("text").str.extract(r"^(\d{4})")
            written = pl.col("text").str.extract(r"^\d{4}[-/.年]?(\d{1,2})")
            month = pl.when(pl.col("text").str.contains(r"^\d{4}年?$")).then(pl.lit("7")).otherwise(written)
        months = joined.select(
            pl.concat_str(year, pl.lit("-"), month.str.zfill(2)).add("-01").str.to_date("%Y-%m-%d", strict=False)
        ).to_series()
        complete = ~joined.select(pl.any_horizontal(pl.all().is_null())).to_series()
        bad = complete & months.is_null()
        if bad.any():
            first = bad.arg_max() or 0
            shown = "-".join(str(text[first]) for text in texts)
            what = say("not_a_month", value=shown, variable=", ".join(variables), times=str(int(bad.sum())))
            return self._done(months, [Fault(what, self._place(variables[0], first + 1), say("mend_month"))])
        return self._done(months)


_UNEXPLAINED = "\0unexplained"
