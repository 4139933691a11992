"""Confidence intervals: t for most things, logit for shares, log for rates, exact ones where shares and rates end."""

from __future__ import annotations

import numpy as np
from scipy import special

from canbao.survey.structure import Codes, Floats

LEVEL = 0.95


def t_quantile(df: Codes | Floats | int | float) -> Floats:
    """The upper quantile of t for a two-sided interval; NaN without degrees of freedom."""
    degrees = np.asarray(df, dtype=float)
    with np.errstate(invalid="ignore"):
        quantile: Floats = special.stdtrit(np.where(degrees > 0, degrees, np.nan), (1 + LEVEL) / 2)
    return quantile


def t_tail(statistic: Floats | float, df: float) -> Floats:
    """The two-sided p value of a t statistic."""
    tail: Floats = 2 * special.stdtr(df, -np.abs(statistic))
    return tail


def t_interval(estimate: Floats, se: Floats, df: Codes | Floats) -> tuple[Floats, Floats]:
    """Estimate plus and minus t times the standard error."""
    reach = t_quantile(df) * se
    return estimate - reach, estimate + reach


def share_interval(share: Floats, se: Floats, df: Codes | Floats, n: Codes | Floats) -> tuple[Floats, Floats]:
    """Intervals of shares that stay within 0 and 1.

    On the logit scale where the share lies strictly between 0 and 1; at 0 and 1, where the standard error is 0, the
    beta interval of Korn and Graubard (1998) with the number of respondents as sample size, reduced for the degrees
    of freedom.

    Args:
        share: the estimates.
        se: their standard errors.
        df: degrees of freedom.
        n: respondents.
    """
    inside = (share > 0) & (share < 1)
    p = np.where(inside, share, 0.5)
    reach = t_quantile(df) * se / (p * (1 - p))
    centre = np.log(p / (1 - p))
    low, high = 1 / (1 + np.exp(-(centre - reach))), 1 / (1 + np.exp(-(centre + reach)))
    at_edge = (share == 0) | (share == 1)
    if not at_edge.any():
        return np.where(inside, low, np.nan), np.where(inside, high, np.nan)
    edge_low, edge_high = beta_interval(share, np.asarray(n, dtype=float), df, n)
    return np.where(inside, low, np.where(at_edge, edge_low, np.nan)), np.where(
        inside, high, np.where(at_edge, edge_high, np.nan)
    )


def rate_interval(rate: Floats, se: Floats, df: Codes | Floats, n: Codes | Floats) -> tuple[Floats, Floats]:
    """Intervals of mean counts that stay above 0.

    On the log scale, as a quasi-Poisson model without covariates has them; at 0, where the standard error is 0, the upper
    end is the exact one of a Poisson count (Garwood 1936) with the number of respondents as exposure.

    Args:
        rate: the estimates, not negative.
        se: their standard errors.
        df: degrees of freedom.
        n: respondents.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        factor = np.exp(t_quantile(df) * se / rate)
        most_at_zero = special.gammaincinv(1.0, (1 + LEVEL) / 2) / np.asarray(n, dtype=float)
    return np.where(rate > 0, rate / factor, 0.0), np.where(rate > 0, rate * factor, most_at_zero)


def beta_interval(share: Floats, effective: Floats, df: Codes | Floats, n: Codes | Floats) -> tuple[Floats, Floats]:
    """The Clopper–Pearson interval for an effective sample size (Korn and Graubard 1998).

    Args:
        share: the estimates.
        effective: sample sizes, already divided by the design effect.
        df: degrees of freedom, by which the effective size is reduced.
        n: respondents.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = np.asarray(df, dtype=float)
        alone = np.asarray(n, dtype=float) - 1
        ratio = t_quantile(np.where(alone > 0, alone, np.nan)) / t_quantile(degrees)
        size = effective * ratio**2
        tail = (1 - LEVEL) / 2
        low = special.betaincinv(size * share, size * (1 - share) + 1, tail)
        high = special.betaincinv(size * share + 1, size * (1 - share), 1 - tail)
    low = np.where(share == 0, np.where(np.isnan(size), np.nan, 0.0), low)
    high = np.where(share == 1, np.where(np.isnan(size), np.nan, 1.0), high)
    return low, high
