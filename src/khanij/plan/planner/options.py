"""What the right to go on from a search is worth where its mine comes after the years that a plan counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio.gates import Gate, Option, least_payoff, value_option
from khanij.plan.portfolio.worlds import Worlds


@dataclass(frozen=True, slots=True)
class StageOption:
    """A search and what lies behind it, money of the plan in that of the year of its start.

    first, second  the search, and the mine behind its gate      option  what the right is worth, and where it is left
    payoff (S,)    what the mine averts over the years that a plan counts beyond its last, on its first day, by world
    needed         least of it from which the search is worth its money      years  until its first tonnes
    """

    first: MeasureValue
    second: MeasureValue
    option: Option
    payoff: Floats
    weight: Floats
    needed: float
    years: int

    @property
    def credit(self) -> float:
        """Return what the right is worth before the search is paid."""
        return self.option.worth

    @property
    def times(self) -> float:
        """Return how many times what it averts would make the search worth its money, inf if it averts nothing."""
        mean = float(self.weight @ self.payoff)
        return self.needed / mean if mean > 0 else float("inf")


def social_cost(value: MeasureValue, terms: PlanTerms) -> float:
    """Return what a measure costs the economy once, money of the plan."""
    support = value.measure.building.support
    part = support.lost.best + (terms.public_funds - 1.0) * support.outlay.best
    return terms.currency.of(value.measure.cost.best) * part


def stage_options(
    values: Sequence[MeasureValue], terms: PlanTerms, worlds: Worlds, needs: Floats
) -> tuple[StageOption, ...]:
    """Return the searches whose second stage comes too late for the plan's own years, with what the right is worth.

    needs (M,)  need of the last year by mineral of the worlds, by that of the base year
    The search is charged by the plan itself, so that its gate here costs nothing; the world is seen once it is done.
    """
    known = {one.measure.id: one for one in values}
    found = []
    for one in values:
        after = one.measure.after
        if after is None or after[0] not in known:
            continue
        first = known[after[0]]
        years = first.measure.lead + one.measure.lead
        if years < terms.count + terms.beyond and first.measure.lead < terms.count:
            continue  # the plan's own years show it
        annuity = float(((1.0 + terms.discount) ** -np.arange(max(terms.beyond, 1))).sum())
        yearly = sum(
            worlds.times[:, m] * needs[m] * terms.currency.of(float(np.nanmean(one.averted.years[material])))
            for m, material in enumerate(worlds.materials)
            if material in one.averted.years
        )
        payoff = np.asarray(yearly * annuity + np.zeros(len(worlds.names)), dtype=np.float64)
        second = Gate(one.measure.id, social_cost(one, terms), one.measure.building.chance.best, one.measure.lead)
        search = Gate(first.measure.id, 0.0, after[1], first.measure.lead)
        charged = Gate(first.measure.id, social_cost(first, terms), after[1], first.measure.lead)
        option = value_option((search, second), payoff, worlds.probability, rate=terms.discount, known=1)
        needed = least_payoff((charged, second), rate=terms.discount)
        found.append(StageOption(first, one, option, payoff, worlds.probability, needed, years))
    return tuple(found)
