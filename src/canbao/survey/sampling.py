"""Reading a design's columns: weights, strata, sampling units and population sizes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from canbao.errors import Fault, InputError, raise_all
from canbao.languages import Catalogue
from canbao.survey.structure import Codes, Floats, Lonely, Stage, Structure, lonely_strata

say = Catalogue("canbao.survey", "faults")


def read_weights(frame: pl.DataFrame, weight: str | None, structure: Structure) -> Floats:
    """The weights; without a column, the inverse of the chances of selection where population sizes give them.

    Raises:
        InputError: blank, negative or all-zero weights.
    """
    if weight is None:
        chance = np.ones(frame.height)
        for stage in structure.stages:
            drawn = (1 - stage.rest)[stage.group_of_unit][stage.unit]
            chance *= np.where(drawn > 0, drawn, 1.0)
        return 1 / chance
    series = frame[weight]
    if not series.dtype.is_numeric():
        raise InputError(Fault(say("not_numeric", name=weight)))
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    blank, negative = int((~np.isfinite(values)).sum()), int((values < 0).sum())
    faults = []
    if blank:
        faults.append(Fault(say("blank_weights", times=str(blank))))
    if negative:
        faults.append(Fault(say("negative_weights", times=str(negative))))
    raise_all(faults)
    if not (values > 0).any():
        raise InputError(Fault(say("zero_weights")))
    return values


def read_structure(
    frame: pl.DataFrame, stratum: str | None, clusters: Sequence[str], populations: Sequence[str], lonely: Lonely
) -> Structure:
    """The stages of a design. Codes of units count within their stratum or unit above: they are always nested.

    Raises:
        InputError: blank codes, sizes that vary or are too small, strata with one unit under `fail`.
    """
    if len(clusters) > 2:
        raise InputError(Fault(say("too_many_stages")))
    if populations and len(populations) != max(len(clusters), 1):
        raise InputError(Fault(say("population_stages")))
    raise_all([fault for name in (stratum, *clusters) if name is not None for fault in _blank(frame, name)])
    parent = _codes(frame, [stratum]) if stratum else np.zeros(frame.height, dtype=np.int64)
    stages = []
    for position in range(max(len(clusters), 1)):
        unit = _nested(parent, _codes(frame, [clusters[position]])) if clusters else np.arange(frame.height)
        population = populations[position] if populations else None
        stages.append(_stage(frame, unit, parent, population))
        parent = unit
    structure = Structure(tuple(stages), lonely)
    if lonely == "fail":
        _refuse_lonely(structure, frame, stratum)
    return structure


def _blank(frame: pl.DataFrame, name: str) -> list[Fault]:
    blank = frame[name].null_count()
    return [Fault(say("blank_design", name=name, times=str(blank)))] if blank else []


def _codes(frame: pl.DataFrame, names: Sequence[str]) -> Codes:
    ranks: Codes = frame[names[0]].rank("dense").cast(pl.Int64).to_numpy() - 1
    return ranks


def _nested(parent: Codes, code: Codes) -> Codes:
    """Numbers for the pairs of a parent and a code, from 0 without gaps."""
    pair = parent * (int(code.max()) + 1) + code
    present = np.bincount(pair) if int(pair.max()) < 50_000_000 else None
    if present is None:
        numbered: Codes = np.unique(pair, return_inverse=True)[1].astype(np.int64)
        return numbered
    number = np.cumsum(present > 0) - 1
    found: Codes = number[pair]
    return found


def _stage(frame: pl.DataFrame, unit: Codes, parent: Codes, population: str | None) -> Stage:
    units = int(unit.max()) + 1
    group_of_unit = np.zeros(units, dtype=np.int64)
    group_of_unit[unit] = parent
    size = np.bincount(group_of_unit)
    rest = np.ones(len(size))
    if population is not None:
        rest = 1 - size / _population(frame[population], parent, size)
    return Stage(unit, group_of_unit, size, rest)


def _population(series: pl.Series, parent: Codes, size: Codes) -> Floats:
    if not series.dtype.is_numeric():
        raise InputError(Fault(say("not_numeric", name=series.name)))
    values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    if np.isnan(values).any():
        raise InputError(Fault(say("blank_design", name=series.name, times=str(int(np.isnan(values).sum())))))
    high, low = np.full(len(size), -np.inf), np.full(len(size), np.inf)
    np.maximum.at(high, parent, values)
    np.minimum.at(low, parent, values)
    if (high != low).any():
        raise InputError(Fault(say("population_varies", name=series.name)))
    small = np.flatnonzero(high < size - 1e-9)
    if len(small):
        first = small[0]
        what = say("population_small", name=series.name, size=f"{high[first]:g}", drawn=str(size[first]))
        raise InputError(Fault(what))
    return high


def _refuse_lonely(structure: Structure, frame: pl.DataFrame, stratum: str | None) -> None:
    first = structure.stages[0]
    alone = np.flatnonzero(lonely_strata(first))
    if not len(alone):
        return
    strata = structure.strata
    names = [str(frame[stratum][int(np.argmax(strata == one))]) for one in alone[:5]] if stratum else []
    what = say("lonely", times=str(len(alone)), names=", ".join(names) or "–")
    raise InputError(Fault(what))
