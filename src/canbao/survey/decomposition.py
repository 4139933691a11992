"""What of a difference between two groups goes with their composition (Oaxaca 1973, Blinder 1973; Yun 2004)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, did_you_mean
from canbao.languages import Catalogue
from canbao.survey.differences import values_of
from canbao.survey.models import INTERCEPT, Link, Model, Term, effects_table, fit_matrix
from canbao.survey.structure import Floats, Mask

if TYPE_CHECKING:
    from canbao.survey.design import Design

say = Catalogue("canbao.survey", "faults")


def decompose(
    design: Design, column: str, group: str, reference: str, on: Sequence[str], link: Link = "linear"
) -> pl.DataFrame:
    """Decompose the difference of an outcome's means between a group and a reference group, two-fold.

    The explained part is what the group's mean would lose if it kept the reference group's coefficients: the
    difference in composition, valued as the reference group's are. With a logit, the parts of single variables share
    the explained part in proportion to their linear contributions (Yun 2004).

    Args:
        design: the sample, with the domain in view.
        column: a number or a yes/no column.
        group: a column with two categories.
        reference: the category with which the other one is compared.
        on: the variables of composition.
        link: `linear` or `logit`.

    Returns:
        term, estimate, se, df, low, high, p: difference (the group's mean less the reference's), explained,
        unexplained, then for each variable its explained part.

    Raises:
        InputError: groups that are not two, or a model that cannot be estimated in either.
    """
    outcome = values_of(design, column, None)
    own, other = _two_groups(design, group, reference)
    answered = ~np.isnan(outcome) & design.inside & (design.weights > 0)
    for variable in on:
        answered &= design.column(variable).is_not_null().to_numpy()
    own, other = own & answered, other & answered
    names = list(on)
    # Both models have the same terms: those that occur in the two groups together.
    whole = fit_matrix(design, names, outcome, own | other, "linear")
    models = [_fit(design, whole, outcome, member, link) for member in (own, other)]
    parts = _Parts(models[0], models[1], names)
    influence = parts.influence()
    covariance = design.variance_of(influence)
    df = design.structure.degrees_of_freedom(own | other) - 1
    return effects_table(["difference", "explained", "unexplained", *names], parts.estimates(), covariance, df)


def _two_groups(design: Design, group: str, reference: str) -> tuple[Mask, Mask]:
    from canbao.survey.design import category_names

    series = design.column(group)
    texts = series.cast(pl.String)
    occurring = set(texts.filter(pl.Series(design.inside)).drop_nulls())
    names = [name for name in category_names(series) if name in occurring]
    if reference not in names:
        raise InputError(
            Fault(say("no_such_group", column=group, category=reference), remedy=did_you_mean(reference, names))
        )
    if len(names) != 2:
        raise InputError(Fault(say("not_two_categories", name=group, count=str(len(names)))))
    at_reference = (texts == reference).fill_null(False).to_numpy()
    return texts.is_in(names).fill_null(False).to_numpy() & ~at_reference, at_reference


def _fit(design: Design, whole: Model, outcome: Floats, member: Mask, link: Link) -> Model:
    """One group's model on the terms of both; a category that the group lacks has no coefficient."""
    matrix = whole.matrix * member[:, None]
    variables = list(dict.fromkeys(term.variable for term in whole.terms if term.name != INTERCEPT))
    model = fit_matrix(design, variables, outcome, member, link)
    place = {(term.variable, term.category): at for at, term in enumerate(model.terms)}
    if [term.name for term in model.terms] == [term.name for term in whole.terms]:
        return model
    missing = [term.name for term in whole.terms if (term.variable, term.category) not in place]
    if missing or matrix.shape[1] != len(model.terms):
        raise InputError(Fault(say("singular", names=", ".join(missing or [term.name for term in whole.terms]))))
    return model


class _Parts:
    """The parts of the difference as a function of means and coefficients, with their influence values."""

    def __init__(self, own: Model, other: Model, names: list[str]) -> None:
        self.own, self.other, self.names = own, other, names
        self.terms: tuple[Term, ...] = other.terms

    def estimates(self) -> Floats:
        return self._function(self._parameters())

    def influence(self) -> Floats:
        """By the chain rule; the function is smooth and small, so its slopes are taken numerically."""
        parameters = self._parameters()
        steps = np.maximum(np.abs(parameters), 1.0) * 1e-6
        columns = []
        for at, step in enumerate(steps):
            ahead, behind = parameters.copy(), parameters.copy()
            ahead[at] += step
            behind[at] -= step
            columns.append((self._function(ahead) - self._function(behind)) / (2 * step))
        jacobian = np.column_stack(columns)
        result: Floats = self._influences() @ jacobian.T
        return result

    def _parameters(self) -> Floats:
        """Means of the terms in both groups, the reference's coefficients, the three mean outcomes."""
        return np.concatenate(
            [
                self._means(self.own),
                self._means(self.other),
                self.other.coefficients,
                [
                    self._mean(self.own, self.own.outcome),
                    self._mean(self.own, self._valued()),
                    self._mean(self.other, self.other.outcome),
                ],
            ]
        )

    def _function(self, parameters: Floats) -> Floats:
        size = len(self.terms)
        own, other, coefficients = parameters[:size], parameters[size : 2 * size], parameters[2 * size : 3 * size]
        mean, valued, reference = parameters[3 * size :]
        explained = valued - reference
        linear = (own - other) * coefficients
        by_name = np.array(
            [
                sum(part for part, term in zip(linear, self.terms, strict=True) if term.variable == name)
                for name in self.names
            ]
        )
        whole = linear[1:].sum()
        shares = by_name * (explained / whole) if whole != 0 else by_name
        return np.array([mean - reference, explained, mean - valued, *shares])

    def _influences(self) -> Floats:
        own, other = self.own, self.other
        valued = self._valued()
        slope = np.ones_like(valued) if other.link == "linear" else valued * (1 - valued)
        weights = own.design.weights * own.member
        gradient = (own.matrix * (weights * slope)[:, None]).sum(axis=0) / weights.sum()
        return np.column_stack(
            [
                self._influence(own, own.matrix),
                self._influence(other, other.matrix),
                other.influence,
                self._influence(own, own.outcome[:, None]),
                self._influence(own, valued[:, None]) + (other.influence @ gradient)[:, None],
                self._influence(other, other.outcome[:, None]),
            ]
        )

    def _valued(self) -> Floats:
        """What the group's members would have under the reference group's coefficients."""
        return self.other.predicted(self.own.matrix)

    def _means(self, model: Model) -> Floats:
        weights = model.design.weights * model.member
        means: Floats = weights @ model.matrix / weights.sum()
        return means

    def _mean(self, model: Model, values: Floats) -> float:
        weights = model.design.weights * model.member
        return float(weights @ values / weights.sum())

    def _influence(self, model: Model, values: Floats) -> Floats:
        weights = model.design.weights * model.member
        mean = weights @ values / weights.sum()
        influence: Floats = (values - mean) * model.member[:, None] / weights.sum()
        return influence
