"""What is compared between scenarios: shares, money and pensions, with the sample's interval and the span of responses.

Every indicator is a ratio of two totals, in one year or over the ten years up to it. The sampling interval rests on the
totals of the sampling units: the influence of each on the ratio, or on the difference of two ratios under common luck, is
linearised (Särndal, Swensson and Wretman 1992, ch. 5) and its variance taken under the study's design. The span over low,
central and high responses is another thing and stands apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from canbao.engine.parameters import FIRST_YEAR
from canbao.reforms.simulation import Grouping, Level, Outcome
from canbao.survey import Design
from canbao.survey.intervals import t_quantile
from canbao.survey.structure import Structure

Array = np.ndarray[Any, np.dtype[np.float64]]

WINDOW = 10
"""Flows, as of new pensioners, are few in one year: those of so many years up to it are taken together."""


@dataclass(frozen=True)
class Indicator:
    """A ratio of totals.

    Args:
        name: as tables and words have it.
        above: the counts that are added up above the line.
        below: the count below it.
        form: how it is printed.
        flow: over the ten years up to the year, not in the year.
        real: a sum of money, brought to the prices of the survey's year.
    """

    name: str
    above: tuple[str, ...]
    below: str
    form: str = "percent"
    flow: bool = False
    real: bool = False


COVERAGE = (
    Indicator("employees_scheme", ("in_scheme_by_employer", "in_scheme_alone", "in_scheme_by_levy"), "working_age"),
    Indicator("residents_scheme", ("in_residents_scheme",), "working_age"),
    Indicator("no_scheme", ("in_no_scheme",), "working_age"),
)
ADEQUACY = (
    Indicator("reaches_minimum", ("new_pensioner_with_minimum",), "new_pensioner", flow=True),
    Indicator("pension_to_wage", ("new_pension_to_wage",), "new_pensioner", flow=True),
    Indicator("below_line", ("pensioner_below_line",), "pensioner"),
)
BURDEN = (Indicator("worker_burden", ("worker_pays",), "income_year"),)
PAYERS = ("worker_pays", "employer_pays", "platform_pays", "state_pays")
MONEY = tuple(Indicator(payer, (payer,), "working_age", "count", real=True) for payer in PAYERS)
INDICATORS = (*COVERAGE, *ADEQUACY, *BURDEN, *MONEY)


@dataclass(frozen=True)
class Ratio:
    """A ratio with its sampling interval.

    Args:
        value: NaN where nobody is below the line.
        low: lower limit.
        high: upper limit.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sampling:
    """How totals by sampling unit vary.

    Args:
        structure: of the first stage.
        degrees: of freedom.
    """

    structure: Structure
    degrees: int

    def limits(self, value: float, influence: Array) -> Ratio:
        """A value with its 95 % interval from the influence of each sampling unit."""
        first = self.structure.stages[0]
        rows = np.zeros(len(first.unit))
        # Each unit's influence stands at one of its respondents.
        _, where = np.unique(first.unit, return_index=True)
        rows[where] = influence
        error = float(np.sqrt(self.structure.covariance(rows[:, None])[0, 0]))
        reach = float(t_quantile(self.degrees)) * error if self.degrees > 0 else float("nan")
        return Ratio(value, value - reach, value + reach)


def sampling(design: Design) -> Sampling:
    """How the study's sampling units vary."""
    structure = design.structure
    first = Structure(structure.stages[:1], structure.lonely)
    return Sampling(first, structure.degrees_of_freedom(np.asarray(design.inside)))


@dataclass(frozen=True)
class Groups:
    """The groups in which totals are formed: the categories of some columns, crossed.

    Args:
        columns: with their categories; a blank answer is one more category without a name.
    """

    columns: Mapping[str, tuple[str, ...]]

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(np.prod([len(named) + 1 for named in self.columns.values()], dtype=np.int64))

    def codes(self, frame: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The group of each respondent."""
        code = np.zeros(frame.height, dtype=np.int64)
        for column, named in self.columns.items():
            number = {name: at for at, name in enumerate(named)}
            texts = frame[column].cast(pl.String).fill_null("")
            code = code * (len(named) + 1) + np.array([number.get(one, len(named)) for one in texts], dtype=np.int64)
        return code

    def members(self, column: str, category: str) -> list[int]:
        """The groups that make up a category of a column."""
        shape = tuple(len(named) + 1 for named in self.columns.values())
        at = list(self.columns).index(column)
        places = np.indices(shape)[at].ravel()
        return [int(one) for one in np.flatnonzero(places == self.columns[column].index(category))]


def grouping(design: Design, groups: Groups) -> Grouping:
    """In which sampling unit and group each respondent is added up."""
    first = design.structure.stages[0]
    return Grouping(first.unit, groups.codes(design.frame), first.units, groups.count)


def ratio(outcome: Outcome, indicator: Indicator, year: int, survey: Sampling, group: Sequence[int] | None = None) -> Ratio:
    """An indicator in a year, for all or for one group."""
    above, below = _parts(outcome, indicator, year, group)
    if below.sum() == 0:
        return Ratio(float("nan"), float("nan"), float("nan"))
    value = above.sum() / below.sum()
    return survey.limits(float(value), (above - value * below) / below.sum())


def difference(
    reform: Outcome,
    baseline: Outcome,
    indicator: Indicator,
    year: int,
    survey: Sampling,
    group: Sequence[int] | None = None,
) -> Ratio:
    """By how much an indicator differs, both under the same luck and of the same respondents."""
    above, below = _parts(reform, indicator, year, group)
    above_before, below_before = _parts(baseline, indicator, year, group)
    if below.sum() == 0 or below_before.sum() == 0:
        return Ratio(float("nan"), float("nan"), float("nan"))
    value, before = above.sum() / below.sum(), above_before.sum() / below_before.sum()
    influence = (above - value * below) / below.sum() - (above_before - before * below_before) / below_before.sum()
    return survey.limits(float(value - before), influence)


def _parts(outcome: Outcome, indicator: Indicator, year: int, group: Sequence[int] | None) -> tuple[Array, Array]:
    last = year - outcome.years[0]
    span = slice(max(0, last - WINDOW + 1), last + 1) if indicator.flow else slice(last, last + 1)

    def by_unit(name: str) -> Array:
        cells = outcome.totals[name][span]
        return np.asarray((cells if group is None else cells[:, :, list(group)]).sum(axis=(0, 2)))

    above = np.sum([by_unit(name) for name in indicator.above], axis=0)
    return above / price_index(outcome)[last] if indicator.real else above, by_unit(indicator.below)


def price_index(outcome: Outcome) -> Array:
    """Prices in each year against those of the first."""
    growth = outcome.scenario.model.parameters["price_growth"].yearly[0]
    start = outcome.years[0] - FIRST_YEAR
    yearly = growth[start + 1 : start + len(outcome.years)]
    return np.concatenate([[1.0], np.cumprod(1 + yearly)])


def cost_of_cover(reform: Outcome, baseline: Outcome, year: int) -> float:
    """What others than the workers pay more in a year for each person more in the employees' scheme; NaN for none."""
    at = year - reform.years[0]
    others = PAYERS[1:]
    more = sum(float(reform.total(payer)[at] - baseline.total(payer)[at]) for payer in others) / price_index(reform)[at]
    covered = sum(float(reform.total(name)[at] - baseline.total(name)[at]) for name in COVERAGE[0].above)
    people = float(reform.total("working_age")[at])
    return more / covered if covered > 0.0005 * people else float("nan")


@dataclass(frozen=True)
class Comparison:
    """A reform beside the law as it stands.

    Args:
        baselines: the law as it stands, under each level of response.
        levels: the reform under each.
        survey: how sampling units vary.
    """

    baselines: Mapping[Level, Outcome]
    levels: Mapping[Level, Outcome]
    survey: Sampling

    @property
    def baseline(self) -> Outcome:
        """The law as it stands, under central responses."""
        return self.baselines["central"]

    @property
    def central(self) -> Outcome:
        """Under central responses."""
        return self.levels["central"]

    def span(self, indicator: Indicator, year: int, group: Sequence[int] | None = None) -> tuple[float, float]:
        """The lowest and highest difference over the levels of response, each beside the law under the same level."""
        found = [
            difference(outcome, self.baselines[level], indicator, year, self.survey, group).value
            for level, outcome in self.levels.items()
        ]
        return min(found), max(found)

    def frame(self, years: Sequence[int], groups: Mapping[str, Sequence[int]] | None = None) -> pl.DataFrame:
        """One row an indicator, group and year: baseline, reform, difference with its interval, and its span.

        Args:
            years: that are wanted.
            groups: for each named group the groups of the totals that make it up; None for everybody together.
        """
        if groups is None:
            return self._rows(years, None)
        parts = [self._rows(years, members).with_columns(group=pl.lit(name)) for name, members in groups.items()]
        return pl.concat(parts).select("indicator", "group", pl.exclude("indicator", "group"))

    def _rows(self, years: Sequence[int], group: Sequence[int] | None) -> pl.DataFrame:
        rows = []
        for indicator in INDICATORS:
            for year in years:
                before = ratio(self.baseline, indicator, year, self.survey, group)
                after = ratio(self.central, indicator, year, self.survey, group)
                changed = difference(self.central, self.baseline, indicator, year, self.survey, group)
                low, high = self.span(indicator, year, group)
                rows.append(
                    {
                        "indicator": indicator.name,
                        "year": year,
                        "baseline": before.value,
                        "reform_value": after.value,
                        "difference": changed.value,
                        "low": changed.low,
                        "high": changed.high,
                        "least": low,
                        "most": high,
                    }
                )
        return pl.DataFrame(rows).fill_nan(None)
