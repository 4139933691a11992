"""Arrangements side by side: who is covered, which losses, at whose cost, how fast, and who falls through and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from canbao.careers.categories import RiskGroup
from canbao.errors import Fault, raise_all
from canbao.injury.arrangement import Arrangement, Item, available, find_arrangement
from canbao.injury.assumptions import assumptions
from canbao.injury.benefits import counts, eligible, joined, paid, price_of
from canbao.injury.cases import Cases
from canbao.languages import Catalogue
from canbao.law.categories import Relation
from canbao.reforms import Simulator
from canbao.survey.disclosure import SMALLEST_BASE

say = Catalogue("canbao.injury", "words")

Array = np.ndarray[Any, np.dtype[Any]]

PAYERS = ("worker", "platform", "employer", "state", "fund", "insurer")

WAYS_THROUGH = ("not_for_them", "not_joined", "circumstance", "beyond_benefits")
"""Why a loss is not covered, in this order."""


@dataclass(frozen=True)
class Protection:
    """What one arrangement, or several together, do for some workers.

    Args:
        name: of the arrangements, joined by a plus.
        covered: the share of workers who are in one of them.
        covered_time: the share of working time in which one of them would pay.
        loss_covered: the share of expected losses that is paid, no loss more than once.
        catastrophe_covered: the same of deaths and disabilities of grades 1 to 6.
        of_loss: the share of expected losses that each payer of benefits pays; together `loss_covered`.
        benefits: yuan a worker and year, by who pays the benefit.
        price: yuan a year, by who pays the price, spread over all workers, those outside of the arrangement among them.
        price_an_order: all of it, for each order of those who are in it; NaN where these make none.
        spent_an_order: what is paid in benefits by funds and insurers, for each order of theirs.
        benefit_ratio: benefits of funds and insurers to the price; NaN where there is none.
        days_until_paid: of the slowest; None where that was not found.
        through: the share of expected losses that is lost for each reason.
        loss: expected, yuan a worker and year.
        not_found: the benefits whose sum was not found for some injury that they are for; there they count as nothing.
    """

    name: str
    covered: float
    covered_time: float
    loss_covered: float
    catastrophe_covered: float
    of_loss: Mapping[str, float]
    benefits: Mapping[str, float]
    price: Mapping[str, float]
    price_an_order: float
    spent_an_order: float
    benefit_ratio: float
    days_until_paid: float | None
    through: Mapping[str, float]
    loss: float
    not_found: tuple[Item, ...]

    @property
    def price_a_member(self) -> float:
        """What all payers together pay in a year for one who is covered; NaN where nobody is."""
        return sum(self.price.values()) / self.covered if self.covered > 0 else float("nan")


def compare(arrangements: Sequence[Arrangement], cases: Cases) -> Protection:
    """What some arrangements together do for workers; the first pays for treatment first, and all else adds up.

    Args:
        arrangements: that are in force together.
        cases: the workers and their injuries.
    """
    weight, total = cases.weight, float(cases.weight.sum())
    happens = np.where(cases.injured, cases.injury_weight, 0.0)
    left = cases.treatment.copy()
    by_payer = {payer: np.zeros(len(cases)) for payer in PAYERS}
    price = dict.fromkeys(PAYERS, 0.0)
    not_found: dict[Item, None] = {}
    inside, may, right = (np.zeros(len(cases), dtype=bool) for _ in range(3))
    time = {name: np.zeros(len(cases), dtype=bool) for name in assumptions().time_share}
    for one in arrangements:
        member = joined(one, cases)
        may |= eligible(one, cases)
        inside |= member
        right |= member & counts(one, cases)
        for name in time:
            time[name] |= member & (name in one.covers.circumstances)
        for benefit, found in paid(one, cases, left):
            if np.isnan(found).any():
                not_found[benefit.of] = None
            amount = np.nan_to_num(found)
            by_payer[benefit.payer] += amount
            if benefit.of == "treatment":
                left = left - amount
        for each in one.price:
            price[each.payer] += float((price_of(each, cases) * member * weight).sum()) / total
    loss, together = cases.loss, np.sum([*by_payer.values()], axis=0)
    covered = np.minimum(together, loss)
    # Where more is paid than was lost, each has paid its part of the loss.
    part = np.divide(covered, together, out=np.zeros_like(loss), where=together > 0)
    benefits = {payer: float((amount * happens).sum()) / total for payer, amount in by_payer.items()}
    days = [one.days_until_paid for one in arrangements if one.benefits]
    orders = float((cases.orders * inside * weight).sum()) / total
    insured = benefits["fund"] + benefits["insurer"]
    paid_in = sum(price.values())
    return Protection(
        "+".join(one.name for one in arrangements),
        float((inside * weight).sum()) / total,
        float(sum(one.value * (time[name] * weight).sum() for name, one in assumptions().time_share.items())) / total,
        _share(covered, loss, happens),
        _share(covered[cases.catastrophe], loss[cases.catastrophe], happens[cases.catastrophe]),
        {payer: _share(amount * part, loss, happens) for payer, amount in by_payer.items()},
        benefits,
        price,
        paid_in / orders if orders > 0 else float("nan"),
        insured / orders if orders > 0 else float("nan"),
        insured / paid_in if paid_in > 0 else float("nan"),
        None if None in days else max((one for one in days if one is not None), default=None),
        _through(loss, covered, happens, may, inside, right),
        float((loss * happens).sum()) / total,
        tuple(not_found),
    )


def _share(part: Array, whole: Array, weight: Array) -> float:
    below = float((whole * weight).sum())
    return float((part * weight).sum()) / below if below > 0 else float("nan")


def _through(loss: Array, covered: Array, weight: Array, may: Array, inside: Array, right: Array) -> dict[str, float]:
    """The uncovered part of losses by the first reason that applies."""
    masks = (~may, may & ~inside, inside & ~right, right)
    return {name: _share((loss - covered) * mask, loss, weight) for name, mask in zip(WAYS_THROUGH, masks, strict=True)}


def efficient(found: Sequence[Protection]) -> list[bool]:
    """Which are on the frontier: no other covers as much of the losses for less, or more for as much.

    Args:
        found: what is compared.
    """
    points = [(sum(one.price.values()), one.loss_covered) for one in found]
    return [
        not any(price <= own and covered >= loss and (price, covered) != (own, loss) for price, covered in points)
        for own, loss in points
    ]


# --- of a study -----------------------------------------------------------------------------------------------------------


def together(names: Sequence[str], study: Path) -> list[tuple[Arrangement, ...]]:
    """The arrangements that are to be compared.

    Args:
        names: of arrangements; those in force together are joined by `+`. All that are active if empty.
        study: the folder in which a study's own stand.

    Raises:
        InputError: there is no such arrangement, its file is at fault, or too little of it was found.
    """
    if not names:
        every = (find_arrangement(name, study) for name in available(study))
        return [(one,) for one in every if one.active]
    found = [tuple(find_arrangement(name.strip(), study) for name in joined_names.split("+")) for joined_names in names]
    raise_all([_inactive(one) for each in found for one in each if not one.active])
    return found


def _inactive(arrangement: Arrangement) -> Fault:
    lacks = None if arrangement.lacks is None else say("inactive_lacks", lacks=arrangement.lacks)
    return Fault(say("inactive", name=arrangement.name), remedy=lacks)


def without_relation(cases: Cases) -> Cases:
    """The platform workers who stand in no labour relation."""
    platform = cases.group <= RiskGroup.OTHER_PLATFORM
    return cases.some(np.flatnonzero(platform & (cases.relation != Relation.LABOUR)))


def protection_frame(
    wanted: Sequence[Sequence[Arrangement]], cases: Cases, simulator: Simulator, by: str | None = None
) -> pl.DataFrame:
    """One row a comparison and group: what is covered, the price by payer, ratios, days, and why losses fall through.

    Args:
        wanted: arrangements, those in force together in one tuple.
        cases: the workers and their injuries.
        simulator: of the study's workers.
        by: a column by whose categories the results are shown; of few respondents nothing is.
    """
    parts = [("", cases)]
    if by is not None:
        answers = simulator.design.frame[by].cast(pl.String).fill_null("").to_numpy()[cases.respondent]
        parts = [(one, cases.some(np.flatnonzero(answers == one))) for one in simulator.groups.columns[by]]
    rows = []
    for each in wanted:
        for group, members in parts:
            few = len(np.unique(members.respondent)) < SMALLEST_BASE
            found = compare(each, members) if len(members) else None
            row: dict[str, float | str | None] = {"arrangement": "+".join(one.name for one in each)}
            if by is not None:
                row["group"] = group
            rows.append(row if few or found is None else {**row, **_figures(found)})
    frame = pl.DataFrame(rows, infer_schema_length=None).fill_nan(None)
    return frame.with_columns(pl.col("not_found").cast(pl.String)) if "not_found" in frame.columns else frame


def _figures(found: Protection) -> dict[str, float | str | None]:
    return {
        "covered": found.covered,
        "covered_time": found.covered_time,
        "loss_covered": found.loss_covered,
        "catastrophe_covered": found.catastrophe_covered,
        **{f"price_{payer}": found.price[payer] for payer in PAYERS if payer not in ("fund", "insurer")},
        "price_a_member": found.price_a_member,
        "price_an_order": found.price_an_order,
        "spent_an_order": found.spent_an_order,
        "benefit_ratio": found.benefit_ratio,
        "days_until_paid": found.days_until_paid,
        **found.through,
        "not_found": ", ".join(found.not_found) or None,
    }
