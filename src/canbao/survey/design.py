"""`Design`: a frame of respondents with how they were sampled, and one verb a statistic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.survey.calibration import Calibration, Method, calibrated, raked
from canbao.survey.groups import Groups, grouped
from canbao.survey.intervals import rate_interval, share_interval, t_interval
from canbao.survey.replicates import Replicates, bootstrap, jackknife
from canbao.survey.sampling import read_structure, read_weights
from canbao.survey.structure import Codes, Floats, Lonely, Mask, Structure, UnitsByDomain, UnitSums, summed

say = Catalogue("canbao.survey", "faults")

Kind = Literal["probability", "quota", "respondent_driven", "convenience"]
By = str | Sequence[str] | None

BOOTSTRAP_COPIES = 500
"""Replicates for the intervals of samples without known chances of selection."""

MEASURES = ("n", "estimate", "se", "low", "high", "df", "cv", "deff")


@dataclass(frozen=True)
class _Linear:
    """A statistic Σwa/Σwb, or Σwa where `below` is None, of the respondents who answered.

    Args:
        above: a, 0 where unanswered.
        below: b, 0 where unanswered.
        answered: who has an answer.
        share: whether it lies between 0 and 1.
        rate: whether it is the mean of a count.
    """

    above: Floats
    below: Floats | None
    answered: Mask
    share: bool = False
    rate: bool = False


class Design:
    """A sample with its weights and structure.

    Every estimate is a Polars frame: the columns of `by` first, then `column`, `category` or `quantile` where there are
    several, then `n` (respondents with an answer, unweighted), `estimate`, `se`, `low`, `high`, `df`, `cv`, `deff`.
    The design effect compares with sampling without replacement where a population is given, else with replacement.
    Respondents without an answer stay in the sample: they are outside of the domain, not out of the design.

    Args:
        frame: one row a respondent.
        weight: column of sampling weights; equal weights if None (from the population sizes, if these are given).
        stratum: column of strata.
        cluster: column of sampling units, or two for two stages; respondents are units themselves if None.
        population: columns of population sizes, as many as stages: numbers of units, not shares.
        kind: how the sample came about; only `probability` has confidence intervals.
        lonely: what to do about strata with a single unit, by the names of R's `survey`.

    Raises:
        InputError: columns that do not exist, weights or sizes that cannot be, strata with one unit under `fail`.
    """

    def __init__(
        self,
        frame: pl.DataFrame,
        weight: str | None = None,
        stratum: str | None = None,
        cluster: str | Sequence[str] | None = None,
        population: str | Sequence[str] | None = None,
        kind: Kind = "probability",
        lonely: Lonely = "fail",
    ) -> None:
        if frame.height == 0:
            raise InputError(Fault(say("empty_frame")))
        clusters = [cluster] if isinstance(cluster, str) else list(cluster or [])
        populations = [population] if isinstance(population, str) else list(population or [])
        named = [name for name in (weight, stratum, *clusters, *populations) if name is not None]
        raise_all([_unknown(name, frame) for name in named if name not in frame.columns])
        self.frame = frame
        self.kind: Kind = kind
        self._structure = read_structure(frame, stratum, clusters, populations, lonely)
        self._weights = read_weights(frame, weight, self._structure)
        self._finite = bool(populations)
        self._domain: Mask | None = None
        self._calibrations: tuple[Calibration, ...] = ()
        self._replicates: Replicates | None = None
        self.weighting: pl.DataFrame | None = None
        if kind != "probability":
            self._replicates = bootstrap(self._structure, self._weights, BOOTSTRAP_COPIES, seed=1)

    # --- what it is ---------------------------------------------------------------------------------------------------

    @property
    def inside(self) -> Mask:
        """Who is in the domain in view."""
        return np.ones(self.frame.height, dtype=bool) if self._domain is None else self._domain

    @property
    def weights(self) -> Floats:
        """The weights as they stand, after raking and calibration."""
        return self._weights

    @property
    def structure(self) -> Structure:
        """Strata and sampling units."""
        return self._structure

    @property
    def interval_name(self) -> Words:
        """What its intervals are: confidence intervals only for probability samples."""
        return say(f"interval_{self.kind}")

    @property
    def degrees_of_freedom(self) -> int:
        """Sampling units less strata, within the domain."""
        return self._structure.degrees_of_freedom(self._domain)

    @property
    def weighting_effect(self) -> float:
        """By how much unequal weights multiply variances: n Σw² / (Σw)² (Kish 1965)."""
        w = self._weights
        return float(len(w) * (w**2).sum() / w.sum() ** 2)

    def domain(self, members: pl.Expr) -> Design:
        """The same sample with a part of it in view; the whole design still makes the errors.

        Args:
            members: true for who belongs; blank counts as no.
        """
        chosen = self.frame.select(members.fill_null(False).alias("m"))["m"].to_numpy()
        mask = np.broadcast_to(chosen, (self.frame.height,)).astype(bool)
        return self._copy(_domain=mask if self._domain is None else self._domain & mask)

    def with_column(self, name: str, values: pl.Expr) -> Design:
        """The same sample with one more column, worked out from the others."""
        return self._copy(frame=self.frame.with_columns(values.alias(name)))

    # --- estimates ----------------------------------------------------------------------------------------------------

    def mean(self, columns: str | Sequence[str], by: By = None) -> pl.DataFrame:
        """Means of numbers or yes/no columns; several columns give a column `column`."""
        return self._each(columns, by, lambda name: self._mean_of(name))

    def rate(self, column: str, by: By = None) -> pl.DataFrame:
        """The mean of a count, such as injuries a year, with intervals that do not reach below 0."""
        return self._estimates(by, [replace(self._mean_of(column), rate=True)])

    def total(self, columns: str | Sequence[str], by: By = None) -> pl.DataFrame:
        """Totals of numbers."""
        return self._each(columns, by, lambda name: replace(self._mean_of(name), below=None))

    def share(self, column: str, by: By = None) -> pl.DataFrame:
        """The share of each category of a column, with intervals within 0 and 1."""
        series = self.column(column)
        categories, codes = _coded(series)
        answered = codes >= 0
        below = answered.astype(float)
        statistics = [_Linear((codes == at).astype(float), below, answered, True) for at in range(len(categories))]
        return self._estimates(by, statistics, "category", categories)

    def ratio(self, numerator: str, denominator: str, by: By = None) -> pl.DataFrame:
        """The ratio of two totals."""
        above, below = self._mean_of(numerator), self._mean_of(denominator)
        answered = above.answered & below.answered
        statistic = _Linear(np.where(answered, above.above, 0.0), np.where(answered, below.above, 0.0), answered)
        return self._estimates(by, [statistic])

    def quantile(self, column: str, p: float | Sequence[float], by: By = None) -> pl.DataFrame:
        """Quantiles: the smallest value at which the weighted distribution reaches p.

        Intervals invert those of the distribution function (Woodruff 1952).
        """
        from canbao.survey.quantiles import quantiles

        return quantiles(self, column, [p] if isinstance(p, float | int) else list(p), by)

    def difference(self, column: str, by: str, reference: str | None = None, category: str | None = None) -> pl.DataFrame:
        """Differences of means, or of a category's shares, between groups, with t tests.

        Args:
            column: a number, or categories.
            by: the groups.
            reference: the group that the others are compared with; the first if None.
            category: of `column`, where it has categories.

        Returns:
            one row a group but the reference: the group, n, estimate, se, low, high, df, p.
        """
        from canbao.survey.differences import differences

        return differences(self, column, by, reference, category)

    def linear(self, formula: str) -> pl.DataFrame:
        """A linear model with design-based errors: term, estimate, se, df, low, high, p."""
        from canbao.survey.models import fit

        return fit(self, formula, "linear").table()

    def logit(self, formula: str) -> pl.DataFrame:
        """A logit model with design-based errors: term, estimate, se, df, low, high, p."""
        from canbao.survey.models import fit

        return fit(self, formula, "logit").table()

    def average_effects(self, formula: str) -> pl.DataFrame:
        """Average marginal effects of a logit model, by the delta method; categories against the first one."""
        from canbao.survey.models import average_effects

        return average_effects(self, formula)

    def adjusted_shares(self, formula: str, of: str) -> pl.DataFrame:
        """Shares that a logit model predicts if everybody were in each category of `of` (predictive margins)."""
        from canbao.survey.models import adjusted_shares

        return adjusted_shares(self, formula, of)

    def decompose(
        self,
        column: str,
        group: str,
        reference: str,
        on: Sequence[str],
        link: Literal["linear", "logit"] = "linear",
    ) -> pl.DataFrame:
        """What of a difference between two groups goes with their composition (Oaxaca 1973, Blinder 1973)."""
        from canbao.survey.decomposition import decompose

        return decompose(self, column, group, reference, on, link)

    def independence(self, rows: str, columns: str) -> pl.DataFrame:
        """Whether two columns are independent: Pearson's statistic corrected for the design (Rao and Scott 1984)."""
        from canbao.survey.independence import independence

        return independence(self, rows, columns)

    # --- other weights ------------------------------------------------------------------------------------------------

    def rake(self, margins: Mapping[str, Mapping[str, float]]) -> Design:
        """Weights adjusted until they meet several margins in turn (Deming and Stephan 1940).

        Args:
            margins: for each column, its categories with totals or shares of the population; shares are taken of the
                sum of the weights.
        """
        weights, calibration, weighting = raked(self.frame, self._weights, margins)
        return self._reweighted(weights, calibration, weighting, lambda w: raked(self.frame, w, margins)[0])

    def calibrate(
        self,
        totals: Mapping[str, float],
        method: Method = "linear",
        bounds: tuple[float, float] | None = None,
    ) -> Design:
        """Weights as near as possible to the old ones that meet known totals (Deville and Särndal 1992).

        Args:
            totals: by term, as models name them: `(Intercept)` for the size of the population, a column's name for its
                total, a column's name with a category for that category's size.
            method: how distance is measured: `linear` (the regression estimator), `raking` or `logit`.
            bounds: the smallest and largest factor by which a weight may change; needed for `logit`.
        """
        weights, calibration = calibrated(self.frame, self._weights, totals, method, bounds)
        return self._reweighted(weights, calibration, None, lambda w: calibrated(self.frame, w, totals, method, bounds)[0])

    def replicates(self, method: Literal["jackknife", "bootstrap"], copies: int = 500, seed: int = 1) -> Design:
        """The same sample with replicate weights for its variances.

        Args:
            method: `jackknife` leaves out one unit after another within strata (JKn); `bootstrap` draws units with
                replacement and rescales (Rao and Wu 1988).
            copies: of the bootstrap.
            seed: of the bootstrap.
        """
        if method == "jackknife":
            return self._copy(_replicates=jackknife(self._structure, self._weights))
        return self._copy(_replicates=bootstrap(self._structure, self._weights, copies, seed))

    def _reweighted(
        self,
        weights: Floats,
        calibration: Calibration,
        weighting: pl.DataFrame | None,
        again: Callable[[Floats], Floats],
    ) -> Design:
        replicates = None if self._replicates is None else self._replicates.recalibrated(again)
        return self._copy(
            _weights=weights,
            _calibrations=(*self._calibrations, calibration),
            _replicates=replicates,
            weighting=weighting if weighting is not None else self.weighting,
        )

    def _copy(self, **changes: object) -> Design:
        twin = object.__new__(Design)
        twin.__dict__.update(self.__dict__)
        twin.__dict__.update(changes)
        return twin

    # --- how it is done -----------------------------------------------------------------------------------------------

    def variance_of(self, influence: Floats) -> Floats:
        """The covariance matrix of estimates with these influence values.

        Args:
            influence: one row a respondent, one column an estimate; what a unit of weight there adds to the estimate.
        """
        values = influence
        for calibration in self._calibrations:
            values = calibration.residuals(values)
        return self._structure.covariance(values * self._weights[:, None])

    def replicated(self, estimate: Callable[[Floats], Floats]) -> Floats | None:
        """The covariance matrix of an estimate from replicate weights; None where the design has none.

        Args:
            estimate: gives the estimates for one column of weights.
        """
        if self._replicates is None:
            return None
        copies = np.array([estimate(column) for column in self._replicates.weights.T])
        return self._replicates.covariance(copies)

    def groups(self, by: By) -> Groups:
        """The domains that the categories of some columns make, crossed, within the domain in view."""
        names = [by] if isinstance(by, str) else list(by or [])
        raise_all([_unknown(name, self.frame) for name in names if name not in self.frame.columns])
        return grouped(self.frame, names, self._domain)

    def column(self, name: str) -> pl.Series:
        """A column of the frame.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self.frame.columns:
            raise InputError(_unknown(name, self.frame))
        return self.frame[name]

    def _mean_of(self, name: str) -> _Linear:
        values = numbers(self.column(name))
        answered = ~np.isnan(values)
        if answered.all():
            return _Linear(values, answered.astype(float), answered)
        return _Linear(np.where(answered, values, 0.0), answered.astype(float), answered)

    def _each(self, columns: str | Sequence[str], by: By, statistic: Callable[[str], _Linear]) -> pl.DataFrame:
        names = [columns] if isinstance(columns, str) else list(columns)
        statistics = [statistic(name) for name in names]
        label = None if isinstance(columns, str) else "column"
        return self._estimates(by, statistics, label, names)

    def _estimates(
        self, by: By, statistics: Sequence[_Linear], label: str | None = None, names: Sequence[str] = ()
    ) -> pl.DataFrame:
        """The frame of some linear statistics by groups."""
        groups = self.groups(by)
        parts = _Estimator(self, groups).all(statistics)
        # Group after group, each with all its categories.
        measures = {name: np.stack([part[name] for part in parts], axis=1).ravel() for name in MEASURES}
        frame = pl.DataFrame({**measures, "n": measures["n"].astype(np.int64)}, nan_to_null=True)
        if label is not None:
            frame = frame.insert_column(0, pl.Series(label, list(names) * groups.count, dtype=pl.String))
        if not groups.labels.width:
            return frame
        labels = groups.labels[np.repeat(np.arange(groups.count), len(parts))] if len(parts) > 1 else groups.labels
        return pl.concat([labels, frame], how="horizontal")


class _Estimator:
    """Computes linear statistics for the groups of a design."""

    def __init__(self, design: Design, groups: Groups) -> None:
        self.design = design
        self.groups = groups
        self.weights = design.weights
        self._degrees: dict[int, Codes] = {}
        self._complete_places: UnitsByDomain | None = None
        self._complete_below: UnitSums | None = None
        self._complete_population: Floats | None = None

    def all(self, statistics: Sequence[_Linear]) -> list[Mapping[str, Floats]]:
        """Every statistic's measures, one array a measure, one entry a group."""
        return [self._measures(statistic) for statistic in statistics]

    def _measures(self, statistic: _Linear) -> Mapping[str, Floats]:
        count = self.groups.count
        complete = bool(statistic.answered.all())
        group = self.groups.code if complete else np.where(statistic.answered, self.groups.code, -1)
        inside = group >= 0
        g, w, a = self._members(group, inside, statistic)
        n = summed(g, (w > 0).astype(float), count) if (w <= 0).any() else np.bincount(g, minlength=count).astype(float)
        above_sums = self._places(group, complete).of(self.weights * statistic.above)
        above = summed(above_sums.group, above_sums.values, count)
        population = self._population(g, w, complete)
        squares = summed(g, w * a * a, count)
        with np.errstate(invalid="ignore", divide="ignore"):
            below_sums = None
            if statistic.below is None:
                estimate, below = np.where(n > 0, above, np.nan), np.ones(count)
            else:
                below_sums = self._below_sums(statistic, group, complete)
                below = summed(below_sums.group, below_sums.values, count)
                estimate = above / below
            variance = self._variance(statistic, group, estimate, below, above_sums, below_sums)
            se = np.where(n > 0, np.sqrt(variance), np.nan)
            df = self._degrees_of_freedom(group, complete)
            if statistic.share:
                # Rounding must not push a share past its ends.
                estimate = np.where(estimate > 1 - 1e-13, 1.0, np.where(estimate < 1e-13, 0.0, estimate))
                low, high = share_interval(estimate, se, df, n)
            elif statistic.rate:
                low, high = rate_interval(estimate, se, df, n)
            else:
                low, high = t_interval(estimate, se, df)
            spread = self._simple_spread(statistic, g, w, a, inside, estimate, squares, population, n)
            simple = spread / n * self._rest(population, n)
            if statistic.below is None:
                simple = simple * population**2
            deff = np.where(simple > 0, variance / simple, np.nan)
            cv = np.where(estimate != 0, se / np.abs(estimate), np.nan)
        return {
            "n": n,
            "estimate": estimate,
            "se": se,
            "low": low,
            "high": high,
            "df": df.astype(float),
            "cv": cv,
            "deff": deff,
        }

    def _rest(self, population: Floats, n: Floats) -> Floats:
        return (population - n) / population if self.design._finite else np.ones_like(n)

    def _simple_spread(
        self,
        statistic: _Linear,
        g: Codes,
        w: Floats,
        a: Floats,
        inside: Mask,
        estimate: Floats,
        squares: Floats,
        population: Floats,
        n: Floats,
    ) -> Floats:
        """The population variance as the weighted sample estimates it, of the values or of a ratio's residuals."""
        correction = n / np.maximum(n - 1, 1)
        correction = np.where(n > 1, correction, np.nan)
        if statistic.below is None or bool((statistic.below[inside] == 1).all()):
            mean = summed(g, w * a, self.groups.count) / population
            spread: Floats = np.maximum(squares / population - mean**2, 0) * correction
            return spread
        b = statistic.below[inside]
        mean_below = summed(g, w * b, self.groups.count) / population
        residual = (a - estimate[g] * b) / mean_below[g]
        ratio_spread: Floats = summed(g, w * residual**2, self.groups.count) / population * correction
        return ratio_spread

    def _degrees_of_freedom(self, group: Codes, complete: bool) -> Codes:
        if self.design._replicates is not None and self.design._replicates.kind == "bootstrap":
            limit = self.design._replicates.weights.shape[1] - 1
            limited: Codes = np.minimum(self._unit_degrees(group, complete), limit)
            return limited
        return self._unit_degrees(group, complete)

    def _unit_degrees(self, group: Codes, complete: bool) -> Codes:
        if complete and 0 in self._degrees:
            return self._degrees[0]
        degrees = self.design.structure.degrees_of_freedom_by(group, self.groups.count)
        if complete:
            self._degrees[0] = degrees
        return degrees

    def _variance(
        self,
        statistic: _Linear,
        group: Codes,
        estimate: Floats,
        below: Floats,
        above_sums: UnitSums,
        below_sums: UnitSums | None,
    ) -> Floats:
        if self.design._replicates is not None:
            return self.design._replicates.variances(statistic.above, statistic.below, group, self.groups.count)
        if self.design._calibrations:
            return self._calibrated_variance(statistic, group, estimate, below)
        values = above_sums.values
        if below_sums is not None:
            values = (values - estimate[above_sums.group] * below_sums.values) / below[above_sums.group]
        sums = replace(above_sums, values=np.nan_to_num(values))
        return self.design.structure.variances_from_sums(sums, group, self.groups.count)

    # What complete columns have in common is worked out once: a million respondents have eight of them.

    def _members(self, group: Codes, inside: Mask, statistic: _Linear) -> tuple[Codes, Floats, Floats]:
        if inside.all():
            return group, self.weights, statistic.above
        return group[inside], self.weights[inside], statistic.above[inside]

    def _places(self, group: Codes, complete: bool) -> UnitsByDomain:
        if not complete:
            return self.design.structure.sums_by(group, self.groups.count)
        if self._complete_places is None:
            self._complete_places = self.design.structure.sums_by(group, self.groups.count)
        return self._complete_places

    def _below_sums(self, statistic: _Linear, group: Codes, complete: bool) -> UnitSums:
        assert statistic.below is not None
        ones = complete and bool((statistic.below == 1).all())
        if ones and self._complete_below is not None:
            return self._complete_below
        sums = self._places(group, complete).of(self.weights * statistic.below)
        if ones:
            self._complete_below = sums
        return sums

    def _population(self, g: Codes, w: Floats, complete: bool) -> Floats:
        if not complete:
            return summed(g, w, self.groups.count)
        if self._complete_population is None:
            self._complete_population = summed(g, w, self.groups.count)
        return self._complete_population

    def _calibrated_variance(self, statistic: _Linear, group: Codes, estimate: Floats, below: Floats) -> Floats:
        """Domain by domain: residuals of the calibration spread a domain's influence over the whole sample."""
        variances = np.empty(self.groups.count)
        for at in range(self.groups.count):
            member = group == at
            influence = np.where(member, statistic.above, 0.0)
            if statistic.below is not None:
                influence = (influence - estimate[at] * np.where(member, statistic.below, 0.0)) / below[at]
            if not np.isfinite(influence).all():
                variances[at] = np.nan
                continue
            variances[at] = self.design.variance_of(influence[:, None])[0, 0]
        return variances


def category_names(series: pl.Series) -> list[str]:
    """A column's categories in order: an Enum's as declared, those of others as they sort; booleans false first."""
    if isinstance(series.dtype, pl.Enum):
        return list(series.dtype.categories)
    if series.dtype == pl.Boolean:
        return ["false", "true"]
    return [str(value) for value in series.unique().drop_nulls().sort().cast(pl.String)]


def _coded(series: pl.Series) -> tuple[list[str], Codes]:
    """A column's categories, and for each respondent the place of its category; −1 for none."""
    names = category_names(series)
    if series.dtype == pl.Boolean:
        return names, series.cast(pl.Int64).fill_null(-1).to_numpy()
    return names, grouped(series.to_frame(), [series.name], None).code


def numbers(series: pl.Series) -> Floats:
    """A column's values; yes counts as 1 and no as 0, blank as NaN.

    Raises:
        InputError: it holds texts.
    """
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    if set(category_names(series)) <= {"yes", "no"}:
        values: Floats = (series.cast(pl.String) == "yes").cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return values
    raise InputError(Fault(say("not_numeric", name=series.name)))


def _unknown(name: str, frame: pl.DataFrame) -> Fault:
    return Fault(say("unknown_column", name=name), remedy=did_you_mean(name, frame.columns))
