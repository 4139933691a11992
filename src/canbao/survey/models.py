"""Linear and logit models with design-based errors, and what they say in shares.

Coefficients solve the weighted score equations of the sample; their covariance is that of the linearised scores under
the design (Binder 1983). Terms are named as R names them: a number by its column, a category by column and category,
the first category being the reference. Degrees of freedom are the design's, less the number of terms but the constant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError
from canbao.languages import Catalogue
from canbao.survey.intervals import share_interval, t_quantile, t_tail
from canbao.survey.structure import Floats, Mask

if TYPE_CHECKING:
    from canbao.survey.design import Design

say = Catalogue("canbao.survey", "faults")

Link = Literal["linear", "logit"]
INTERCEPT = "(Intercept)"
NEWTON_STEPS = 60
LARGEST_LOGIT = 30.0
"""Beyond it a predicted share is 0 or 1 to the last digit: the groups separate the outcome completely."""


@dataclass(frozen=True)
class Term:
    """One column of a model: a number, or a category against the first one.

    Args:
        name: as R names it.
        variable: the frame's column.
        category: of a categorical variable.
    """

    name: str
    variable: str
    category: str | None = None


@dataclass(frozen=True)
class Model:
    """A fitted model.

    Args:
        design: the sample.
        link: how the outcome depends on the terms.
        terms: the constant first.
        matrix: one row a respondent, one column a term; zeros for those outside.
        outcome: numbers, or 1 and 0.
        member: who takes part: within the domain in view, everything answered.
        coefficients: one a term.
    """

    design: Design
    link: Link
    terms: tuple[Term, ...]
    matrix: Floats
    outcome: Floats
    member: Mask
    coefficients: Floats

    @cached_property
    def influence(self) -> Floats:
        """What a unit of weight at each respondent adds to each coefficient."""
        predicted = self.predicted(self.matrix)
        information = (self.matrix * (self._weights * _slope(self.link, predicted))[:, None]).T @ self.matrix
        scores = self.matrix * np.where(self.member, self.outcome - predicted, 0.0)[:, None]
        return np.asarray(np.linalg.solve(information, scores.T).T, dtype=np.float64)

    @cached_property
    def covariance(self) -> Floats:
        """Of the coefficients."""
        replicated = self.design.replicated(
            lambda w: _solve(self.link, self.matrix, self.outcome, w * self.member, "replicate")
        )
        return self.design.variance_of(self.influence) if replicated is None else replicated

    @cached_property
    def degrees_of_freedom(self) -> int:
        """The design's among those who take part, less the terms but the constant."""
        return self.design.structure.degrees_of_freedom(self.member) + 1 - len(self.terms)

    @property
    def _weights(self) -> Floats:
        return self.design.weights * self.member

    def predicted(self, matrix: Floats) -> Floats:
        """The outcome's expectation for rows of terms."""
        return _response(self.link, matrix @ self.coefficients)

    def table(self) -> pl.DataFrame:
        """One row a term: term, estimate, se, df, low, high, p."""
        return effects_table(
            [term.name for term in self.terms], self.coefficients, self.covariance, self.degrees_of_freedom
        )


def fit(design: Design, formula: str, link: Link) -> Model:
    """Fit a model, such as `api00 ~ ell + meals`.

    Args:
        design: the sample, with the domain in view.
        formula: outcome, `~`, and columns joined by `+`; numbers enter as they are, categories against the first.
        link: `linear`, or `logit` for an outcome with two categories, the second (or yes) counting as 1.

    Raises:
        InputError: no formula, unknown columns, terms that follow from one another, no convergence.
    """
    outcome_name, variables = _parsed(formula)
    outcome = _outcome(design, outcome_name, link)
    member = ~np.isnan(outcome) & design.inside & (design.weights > 0)
    for variable in variables:
        member &= design.column(variable).is_not_null().to_numpy()
    return fit_matrix(design, variables, outcome, member, link)


def fit_matrix(design: Design, variables: list[str], outcome: Floats, member: Mask, link: Link) -> Model:
    """Fit a model to an outcome that is already in numbers, among members."""
    terms, matrix = model_matrix(design, variables, member)
    _refuse_collinear(terms, matrix, member)
    coefficients = _solve(link, matrix, np.nan_to_num(outcome), design.weights * member, " + ".join(variables))
    return Model(design, link, tuple(terms), matrix, np.nan_to_num(outcome), member, coefficients)


def average_effects(design: Design, formula: str) -> pl.DataFrame:
    """Average marginal effects of a logit model: term, estimate, se, df, low, high, p.

    For a number the mean slope of the share, for a category the mean difference from the first category with all
    else as it is. Errors are those of the coefficients (delta method), the sample's composition held fixed.
    """
    model = fit(design, formula, "logit")
    weights = design.weights * model.member
    weights = weights / weights.sum()
    effects, gradients = [], []
    for at, term in enumerate(model.terms):
        if term.name == INTERCEPT:
            continue
        effect, gradient = (
            _slope_effect(model, weights, at) if term.category is None else _step_effect(model, weights, term)
        )
        effects.append(effect)
        gradients.append(gradient)
    names = [term.name for term in model.terms if term.name != INTERCEPT]
    jacobian = np.array(gradients).reshape(len(names), len(model.terms))
    covariance = jacobian @ model.covariance @ jacobian.T
    return effects_table(names, np.array(effects), covariance, model.degrees_of_freedom)


def adjusted_shares(design: Design, formula: str, of: str) -> pl.DataFrame:
    """Predictive margins (Graubard and Korn 1999), with errors for the sample's composition too.

    One row a category of `of`.

    Raises:
        InputError: as `fit`; or `of` is no category of the formula.
    """
    model = fit(design, formula, "logit")
    own = [term for term in model.terms if term.variable == of and term.category is not None]
    if not own:
        raise InputError(Fault(say("not_categories", name=of)))
    weights = design.weights * model.member
    total = weights.sum()
    rows = []
    every = _present(design, of, model.member)
    for category in every:
        moved = _moved(model, of, category)
        predicted = model.predicted(moved)
        share = float(weights @ predicted / total)
        gradient = (moved * (weights * _slope(model.link, predicted))[:, None]).sum(axis=0) / total
        influence = np.where(model.member, (predicted - share) / total, 0.0) + model.influence @ gradient
        se = float(np.sqrt(design.variance_of(influence[:, None])[0, 0]))
        df = model.degrees_of_freedom
        n = int(model.member.sum())
        low, high = share_interval(np.array([share]), np.array([se]), np.array([df]), np.array([n]))
        rows.append((category, n, share, se, float(low[0]), float(high[0]), float(df)))
    schema = {of: pl.String, "n": pl.Int64, **dict.fromkeys(("estimate", "se", "low", "high", "df"), pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def effects_table(names: list[str], estimates: Floats, covariance: Floats, df: int) -> pl.DataFrame:
    """Estimates with their covariance as a table: term, estimate, se, df, low, high, p."""
    se = np.sqrt(np.diag(covariance))
    reach = t_quantile(df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = t_tail(estimates / se, df) if df > 0 else np.full(len(se), np.nan)
    columns = {"term": names, "estimate": estimates, "se": se, "df": [float(df)] * len(names)}
    return pl.DataFrame({**columns, "low": estimates - reach, "high": estimates + reach, "p": p}).fill_nan(None)


def model_matrix(design: Design, variables: list[str], member: Mask) -> tuple[list[Term], Floats]:
    """The terms of some variables with their columns, the constant first; zeros for those outside."""
    from canbao.survey.design import numbers

    terms, columns = [Term(INTERCEPT, INTERCEPT)], [np.ones(len(member))]
    for variable in variables:
        series = design.column(variable)
        if series.dtype.is_numeric():
            terms.append(Term(variable, variable))
            columns.append(np.nan_to_num(numbers(series)))
            continue
        texts = series.cast(pl.String)
        for category in _present(design, variable, member)[1:]:
            # R writes logical terms in capitals.
            shown = category.upper() if series.dtype == pl.Boolean else category
            terms.append(Term(f"{variable}{shown}", variable, category))
            columns.append((texts == category).fill_null(False).cast(pl.Float64).to_numpy())
    matrix: Floats = np.column_stack(columns) * member[:, None]
    return terms, matrix


def _parsed(formula: str) -> tuple[str, list[str]]:
    left, tilde, right = formula.partition("~")
    variables = [part.strip() for part in right.split("+")]
    names = [left.strip(), *variables]
    if not tilde or any(not re.fullmatch(r"[^\s~+*:()-][^~+*:()]*", name) for name in names):
        raise InputError(Fault(say("bad_formula", formula=formula)))
    return left.strip(), list(dict.fromkeys(name for name in variables if name != "1"))


def _outcome(design: Design, name: str, link: Link) -> Floats:
    from canbao.survey.design import category_names, numbers

    series = design.column(name)
    if link == "linear" or series.dtype.is_numeric():
        values = numbers(series)
        present = np.unique(values[~np.isnan(values)])
        if link == "logit" and not set(present) <= {0.0, 1.0}:
            raise InputError(Fault(say("not_two_categories", name=name, count=str(len(present)))))
        return values
    names = category_names(series)
    if len(names) != 2:
        raise InputError(Fault(say("not_two_categories", name=name, count=str(len(names)))))
    one = "yes" if set(names) == {"yes", "no"} else names[1]
    marked: Floats = (series.cast(pl.String) == one).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return marked


def _present(design: Design, variable: str, member: Mask) -> list[str]:
    """A column's categories that occur among the members, in order."""
    from canbao.survey.design import category_names

    series = design.column(variable)
    occurring = set(series.filter(pl.Series(member)).cast(pl.String).drop_nulls())
    return [name for name in category_names(series) if name in occurring]


def _refuse_collinear(terms: list[Term], matrix: Floats, member: Mask) -> None:
    rows = matrix[member]
    spread = np.sqrt((rows**2).sum(axis=0))
    triangle = np.abs(np.diag(np.linalg.qr(rows / np.where(spread > 0, spread, 1), mode="r")))
    alike = [term.name for term, size in zip(terms, triangle, strict=False) if size < 1e-8]
    if alike or len(triangle) < len(terms):
        raise InputError(Fault(say("singular", names=", ".join(alike or [term.name for term in terms]))))


def _solve(link: Link, matrix: Floats, outcome: Floats, weights: Floats, what: str) -> Floats:
    coefficients: Floats = np.zeros(matrix.shape[1])
    if link == "logit":
        mean = np.clip(weights @ outcome / weights.sum(), 1e-6, 1 - 1e-6)
        coefficients[0] = np.log(mean / (1 - mean))
    for _ in range(NEWTON_STEPS):
        along = matrix @ coefficients
        if link == "logit" and np.abs(along).max() > LARGEST_LOGIT:
            break
        predicted = _response(link, along)
        score = matrix.T @ (weights * (outcome - predicted))
        information = (matrix * (weights * _slope(link, predicted))[:, None]).T @ matrix
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            break
        coefficients = coefficients + step
        if np.abs(step).max() <= 1e-12 * max(1.0, float(np.abs(coefficients).max())):
            return coefficients
    raise InputError(Fault(say("no_convergence", what=what)))


def _response(link: Link, along: Floats) -> Floats:
    return along if link == "linear" else 1 / (1 + np.exp(-np.clip(along, -700, 700)))


def _slope(link: Link, predicted: Floats) -> Floats:
    return np.ones_like(predicted) if link == "linear" else predicted * (1 - predicted)


def _slope_effect(model: Model, weights: Floats, at: int) -> tuple[float, Floats]:
    """The mean slope of the share along a number, with its gradient in the coefficients."""
    predicted = model.predicted(model.matrix)
    slope = _slope(model.link, predicted)
    curvature = slope * (1 - 2 * predicted)
    gradient = model.coefficients[at] * (weights * curvature) @ model.matrix
    gradient[at] += weights @ slope
    return float(model.coefficients[at] * (weights @ slope)), gradient


def _step_effect(model: Model, weights: Floats, term: Term) -> tuple[float, Floats]:
    """The mean step of the share from the first category to this one, with its gradient."""
    without, within = _moved(model, term.variable, None), _moved(model, term.variable, term.category)
    low, high = model.predicted(without), model.predicted(within)
    gradient = (weights * _slope(model.link, high)) @ within - (weights * _slope(model.link, low)) @ without
    return float(weights @ (high - low)), gradient


def _moved(model: Model, variable: str, category: str | None) -> Floats:
    """The rows as if everybody were in one category; None or a category without a term for the first one."""
    moved = model.matrix.copy()
    for at, term in enumerate(model.terms):
        if term.variable == variable:
            moved[:, at] = model.member.astype(float) if term.category == category else 0.0
    return moved
