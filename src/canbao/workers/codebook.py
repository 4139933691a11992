"""A codebook: how the variables of one survey become the columns of the worker table.

It is a YAML file in the study folder; docs/howto/bring-your-own-survey.md shows every form that an entry can take.
Here is what it may say and the check that it says nothing impossible; `canbao.workers.mapping` carries it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from pydantic import Field

from canbao.errors import Fault, Place, did_you_mean, raise_all
from canbao.languages import Catalogue
from canbao.located_yaml import Entry, PathInFile, YamlFile
from canbao.workers.condition import Part, Span, Value, code, values
from canbao.workers.source import Source
from canbao.workers.units import conversion
from canbao.workers.vocabulary import ColumnEntry, Vocabulary, WorkerColumn, description_faults

say = Catalogue("canbao.workers", "faults")

Category = str | int


class Case(Entry):
    """One line of `cases`: respondents of whom this holds are in this category."""

    when: dict[str, Part] = Field(min_length=1)
    category: Category = Field(alias="is")


class Rule(Entry):
    """Where one column comes from.

    Exactly one of `from`, `first`, `sum`, `choices` and `cases` names the source variables.
    """

    source: str | list[str] | None = Field(default=None, alias="from")
    first: list[str] | None = None
    sum: list[str] | None = None
    choices: dict[Category, str] | None = None
    chosen: list[Value] = Field(default=[1], min_length=1)
    cases: list[Case] | None = None
    otherwise: Category | None = None
    values: dict[Value, Category | None] | None = None
    missing: list[Value] = Field(default_factory=list)
    unit: str | None = None
    times: float | None = None

    @property
    def forms(self) -> list[str]:
        """Which of the ways to name source variables are used."""
        ways = {"from": self.source, "first": self.first, "sum": self.sum, "choices": self.choices, "cases": self.cases}
        return [name for name, way in ways.items() if way is not None]

    def named_variables(self) -> Iterator[tuple[PathInFile, str]]:
        """The source variables that it names, with where it names them."""
        if isinstance(self.source, str):
            yield ("from",), self.source
        for key, names in (("from", self.source), ("first", self.first), ("sum", self.sum)):
            if isinstance(names, list):
                yield from (((key, position), name) for position, name in enumerate(names))
        yield from ((("choices", str(category)), name) for category, name in (self.choices or {}).items())
        for position, case in enumerate(self.cases or []):
            yield from ((("cases", position, "when", name), name) for name in case.when)

    def named_categories(self) -> Iterator[tuple[PathInFile, str]]:
        """The categories that it names, with where it names them."""
        yield from ((("choices", str(category)), str(category)) for category in self.choices or {})
        yield from (
            (("values", str(value)), str(category))
            for value, category in (self.values or {}).items()
            if category is not None
        )
        yield from ((("cases", position, "is"), str(case.category)) for position, case in enumerate(self.cases or []))
        if self.otherwise is not None:
            yield ("otherwise",), str(self.otherwise)


class ExtraColumn(ColumnEntry, Rule):
    """A column of the study's own: what it is, and where it comes from."""


class CodebookFile(Entry):
    """A codebook as written."""

    missing: list[Value] = Field(default_factory=list)
    columns: dict[str, Rule] = Field(default_factory=dict)
    extra: dict[str, ExtraColumn] = Field(default_factory=dict)


class Codebook:
    """A codebook that has been read.

    Args:
        path: the YAML file.
        vocabulary: the columns that it may map onto.

    Raises:
        InputError: what the file says cannot be; all faults at once.
    """

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        self._file = YamlFile(path)
        content = self._file.validate(CodebookFile)
        self.path = path
        self.missing = frozenset(code(value) for value in content.missing)
        self.vocabulary = vocabulary.with_extra(content.extra)
        self.rules: Mapping[str, Rule] = {**content.columns, **content.extra}
        self._sections = {**dict.fromkeys(content.columns, "columns"), **dict.fromkeys(content.extra, "extra")}
        clashes = [name for name in content.extra if name in vocabulary or name in content.columns]
        raise_all([Fault(say("extra_is_known", name=name), self.place(name)) for name in clashes])
        raise_all([fault for name in self.rules for fault in self._faults(name)])

    def place(self, name: str, *keys: int | str) -> Place:
        """Where the entry of a column, or something in it, stands in the file."""
        return self._file.place((self._sections[name], name, *keys))

    def check_against(self, source: Source) -> None:
        """Check that the variables and values that it names are in the survey file.

        Raises:
            InputError: unknown variables or values, with the nearest ones that exist.
        """
        raise_all([fault for name in self.rules for fault in self._source_faults(name, source)])

    def _faults(self, name: str) -> Iterator[Fault]:
        rule = self.rules[name]
        column = self.vocabulary.get(name)
        if column is None:
            remedy = did_you_mean(name, self.vocabulary) or say("use_extra")
            yield Fault(say("unknown_column", name=name), self.place(name), remedy)
            return
        if len(rule.forms) != 1:
            key = "no_source" if not rule.forms else "several_sources"
            yield Fault(say(key, name=name, forms=", ".join(rule.forms)), self.place(name))
        if isinstance(rule, ExtraColumn):
            yield from description_faults(name, rule, self.vocabulary, partial(self.place, name))
        yield from self._category_faults(column, rule)
        yield from self._form_faults(column, rule)

    def _category_faults(self, column: WorkerColumn, rule: Rule) -> Iterator[Fault]:
        for keys, category in rule.named_categories():
            if column.categories and category not in column.categories:
                what = say("unknown_category", category=category, column=column.name)
                yield Fault(what, self.place(column.name, *keys), did_you_mean(category, column.categories))

    def _form_faults(self, column: WorkerColumn, rule: Rule) -> Iterator[Fault]:
        if rule.choices is not None and column.type != "set":
            yield Fault(say("choices_need_set", name=column.name), self.place(column.name, "choices"))
        if rule.cases is not None and not column.categories:
            yield Fault(say("cases_need_categories", name=column.name), self.place(column.name, "cases"))
        if rule.sum is not None and not column.is_numeric:
            yield Fault(say("sum_needs_number", name=column.name), self.place(column.name, "sum"))
        if isinstance(rule.source, list) and column.type not in ("month", "set"):
            yield Fault(say("list_needs_first", name=column.name), self.place(column.name, "from"))
        for key in ("unit", "times"):
            if getattr(rule, key) is not None and not column.is_numeric and not self._describes(column, key):
                yield Fault(say("unit_needs_number", name=column.name), self.place(column.name, key))
        converted = rule.unit and column.is_numeric and not self._describes(column, "unit")
        if converted and conversion(rule.unit or "", column.unit or column.type) is None:
            what = say("unit_not_convertible", unit=rule.unit or "", to=column.unit or column.type)
            yield Fault(what, self.place(column.name, "unit"))

    def _describes(self, column: WorkerColumn, key: str) -> bool:
        """An extra column's unit says what it is; there is nothing to convert it to."""
        return column.extra and key == "unit"

    def _source_faults(self, name: str, source: Source) -> Iterator[Fault]:
        rule = self.rules[name]
        unknown = False
        for keys, variable in rule.named_variables():
            if variable not in source.frame.columns:
                unknown = True
                remedy = did_you_mean(variable, source.frame.columns)
                what = say("unknown_variable", variable=variable, file=source.path.name)
                yield Fault(what, self.place(name, *keys), remedy)
        if not unknown:
            yield from self._value_faults(name, rule, source)

    def _value_faults(self, name: str, rule: Rule, source: Source) -> Iterator[Fault]:
        """Values that the codebook names, that the data do not hold and that no label explains."""
        variables = [variable for _, variable in rule.named_variables()]
        for value in rule.values or {}:
            if not any(_occurs(source, variable, code(value)) for variable in variables):
                yield self._value_fault(name, ("values", str(value)), value, variables[0], source)
        for position, case in enumerate(rule.cases or []):
            for variable, part in case.when.items():
                if isinstance(part, Span):
                    continue
                for value in values(part):
                    if not _occurs(source, variable, value):
                        yield self._value_fault(name, ("cases", position, "when", variable), value, variable, source)

    def _value_fault(self, name: str, keys: PathInFile, value: Value, variable: str, source: Source) -> Fault:
        labels = source.value_labels.get(variable, {})
        known = [*labels.values(), *labels] or sorted(set(source.codes(variable).drop_nulls()))
        what = say("value_not_in_data", value=str(value), variable=variable)
        return Fault(what, self.place(name, *keys), did_you_mean(str(value), known[:200]))


def _occurs(source: Source, variable: str, value: str) -> bool:
    labels = source.value_labels.get(variable, {})
    if value in labels or source.labelled_codes(variable, value):
        return True
    # Without labels a rare answer may be missing from one extract of the data: only texts are held to occur.
    if not labels and value.lstrip("-").replace(".", "", 1).isdigit():
        return True
    return value in set(source.codes(variable).drop_nulls())
