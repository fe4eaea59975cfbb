"""Losses that were measured, predicted from the part of an input that was lost: the engine's rule, one product each.

What was lost at the gate is given; what its makers then did not make is asked. No price, no second order, nothing made
up later: outcomes are of a period and not of what followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from khanij.core.case import Case
from khanij.core.range import Range
from khanij.kernels.markets import monthly_loss
from khanij.reference.assumptions import assumed_range
from khanij.reference.chronicle.loss_outcomes import LossTest
from khanij.reference.industry.critical_inputs import CriticalInput, users_of
from khanij.simulate.loss import losses, monthly
from khanij.simulate.loss.critical_uses import USUAL_COST
from khanij.simulate.loss.derived_demand import users_by_value
from khanij.simulate.loss.product_needs import WEEKS

STEPS = 4  # of a month
DAYS = 365.25 / 12.0
FEW, TRIFLE, FACTOR = 0.02, 0.005, 3.0  # what a control may lose, what an event loses at least, what an order is


@dataclass(frozen=True, slots=True)
class OutcomeTest:
    """One outcome: change of output measured and predicted, 1 = all; low is the worst, as in LossOutcome.

    table    stock as in the table of critical inputs      known  the same with the stock that was reported, else None
    """

    test: LossTest
    table: Range
    known: Range | None

    @property
    def predicted(self) -> Range:
        """Return what is judged: the prediction from the table of critical inputs alone."""
        return self.table

    def verdict(self, found: Range) -> str:
        """Return "right", "order", "sign" or "miss"; of a control "right" or "miss"."""
        measured = self.test.outcome.change
        assert measured is not None
        if self.test.outcome.role == "control":
            return "right" if found.best >= -FEW else "miss"
        if found.best > -TRIFLE:
            return "miss"
        if found.low <= measured.best <= found.high:
            return "right"
        return "order" if 1 / FACTOR <= found.best / measured.best <= FACTOR else "sign"


def tests(chosen: Iterable[LossTest], case: Case) -> tuple[OutcomeTest, ...]:
    """Return outcomes with what the engine predicts; those that give no change are left out.

    case  whose input-output tables tell how much of a good its other users take: the finest one, for every place
    """
    asked = [one for one in chosen if one.outcome.change is not None]
    return tuple(OutcomeTest(one, _predicted(one, case, False), _known(one, case)) for one in asked)


def _known(test: LossTest, case: Case) -> Range | None:
    """Return the prediction from the stock that was reported."""
    return None if test.outcome.stock is None else _predicted(test, case, True)


def _predicted(test: LossTest, case: Case, stock: bool) -> Range:
    """Return the mean change over the period: worst, best and least of losses, ends of all ranges together."""
    row, gate = _row(test), test.lost_from.lost
    assert gate is not None
    worth = assumed_range("by_worth")
    lost = [_at_works(test, case, part, by) for part, by in zip(gate, reversed(tuple(worth)), strict=True)]
    cover = test.outcome.stock if stock else row.cover
    weeks = tuple(cover) if cover is not None else (losses.parameters().cover * WEEKS,) * 3
    months = tuple(row.redesign) if row.redesign is not None else (1e6,) * 3
    ends = zip(lost, row.adoption, row.weight, reversed(weeks), months, strict=True)
    uneven = assumed_range("uneven" if losses.made_to_order(test.stage) else "uneven_plain")
    least, best, most = (_change(test, *end, part) for end, part in zip(ends, uneven, strict=True))
    return Range(min(most, best), best, max(least, best))


def _change(
    test: LossTest, lost: float, exposed: float, weight: float, cover: float, redesign: float, uneven: float
) -> float:
    """Return the mean change of output over the period (below 0), in steps of a quarter of a month."""
    habits = losses.parameters().habits
    lead = max((date.fromisoformat(test.outcome.start) - date.fromisoformat(test.cut_start)).days / DAYS, 0.0)
    first, steps = round(lead * STEPS), max(round(test.outcome.months * STEPS), 1)
    delivered = np.full((1, first + steps, 1), 1.0 - lost)
    one = np.ones(1)
    over = max(redesign, 1e-6) * STEPS * one
    less, still = monthly.need_paths(first + steps, over, habits, np.array([_row(test).counted]), STEPS)
    at = np.zeros(1, dtype=np.intp)
    pair = monthly_loss.InputNeeds(at, at, exposed * one, weight * one, cover / WEEKS * STEPS * one)
    got = monthly_loss.run(pair, delivered, 1, need=less, still=still, uneven=uneven)
    return float(got.output[0, first:, 0].mean() - 1.0)


def _at_works(test: LossTest, case: Case, lost: float, by_worth: float) -> float:
    """Return the part lost at the makers of a product of what was lost at the gate, as the engine shares it out.

    Part of what is left goes to all alike, part to those first who lose most by a dollar of the good. What was lost of
    goods that are made for the product alone is lost to it.
    """
    lost *= test.share
    if test.own:
        return lost
    rows, spent = users_by_value(case, [(test.material, test.stage)], test.outcome.place)
    at = next((k for k, row in enumerate(rows) if row.product == test.product), None)
    if at is None or not spent[at] > 0:
        return lost
    cost = [USUAL_COST if row.cost_share is None else row.cost_share.best for row in rows]
    stakes = np.array([part * row.weight.best / each for part, row, each in zip(spent, rows, cost, strict=True)])
    here = np.zeros(len(rows), dtype=np.intp)
    got = monthly.shared(np.full((1, 1, 1), 1.0 - lost), here, spent, stakes, by_worth)
    return float(1.0 - got[0, 0, at])


def _row(test: LossTest) -> CriticalInput:
    """Return the row of the table of critical inputs that a test stands on."""
    place = test.outcome.place
    rows = users_of(test.material, test.stage, place)
    return next(row for row in rows if row.product == test.product)
