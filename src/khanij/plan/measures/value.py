"""The value of measures by themselves: loss averted in the mean and in the tail, with and without, and by cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from khanij.core.range import Range
from khanij.plan.levers import LeverEffect, apply
from khanij.plan.measures.measure import UNKNOWN, Measure
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.averted import AvertedLoss, Estimate
from khanij.simulate.risk.baseline import Baseline

CONFIDENT = 1.96  # standard errors on either side that hold 95 % of a normal spread


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """A measure and what it averts, USD a year.

    averted     year by year      estimate  its mean and fall of CVaR, with standard errors
    by_country  seller -> averted when it restricts, largest first      effects  what its levers did
    """

    measure: Measure
    averted: AvertedLoss
    estimate: Estimate
    by_country: Mapping[str, float]
    effects: tuple[LeverEffect, ...]

    @property
    def tonnes(self) -> float:
        """Return what its levers bring in a year, t; what is held in stock is none."""
        return sum(effect.done[0] for effect in self.effects if effect.unit == "t")

    @property
    def spread(self) -> Range:
        """Return the loss averted a year, USD, with the ends that hold 95 % of its sampling error."""
        half = CONFIDENT * self.estimate.error
        return Range(self.estimate.expected - half, self.estimate.expected, self.estimate.expected + half)

    @property
    def ratio(self) -> Range:
        """Return yearly loss averted by money spent once; not known where the cost is not.

        low: less than which 97.5 % of spreads lie, at the high cost; high: the other way round.
        """
        low, best, high = self.measure.cost
        if not isfinite(best) or best <= 0:
            return UNKNOWN
        least, _, most = self.spread
        # A loss made larger is worst at the low cost.
        return Range(
            least / (high if least >= 0 else low), self.estimate.expected / best, most / (low if most >= 0 else high)
        )

    @property
    def tail_ratio(self) -> float:
        """Return the fall of CVaR by money spent once; nan where the cost is not known."""
        best = self.measure.cost.best
        return self.estimate.tail / best if best > 0 else float("nan")


def value_measure(base: Baseline, measure: Measure, below: Sequence[MeasureValue] = ()) -> MeasureValue:
    """Return what a measure averts.

    below  the measures on top of which it stands, each valued on those before it: what it averts is then what all avert
           together less what those do
    """
    under = (lever for one in below for lever in one.measure.levers)
    applied = apply(base.case, (*under, *measure.levers))
    found = valuation.averted_loss(base, applied.case, measure.touched())
    if below:
        less = {m: years - sum(one.averted.years[m] for one in below) for m, years in found.years.items()}
        found = replace(found, years=less)
    own = {lever.id for lever in measure.levers}
    effects = tuple(effect for effect in applied.effects if effect.lever in own)
    return MeasureValue(measure, found, valuation.estimate(base, found), valuation.by_country(base, found), effects)


def value_measures(
    base: Baseline, measures: Iterable[Measure], progress: Callable[[int, int], None] | None = None
) -> tuple[MeasureValue, ...]:
    """Return what each measure averts by itself."""
    listed = tuple(measures)
    found: list[MeasureValue] = []
    known: dict[str, MeasureValue] = {}
    for number, measure in enumerate(listed):
        found.append(value_measure(base, measure, beneath(measure, known)))
        known[measure.id] = found[-1]
        if progress is not None:
            progress(number + 1, len(listed))
    return tuple(found)


def beneath(measure: Measure, known: Mapping[str, MeasureValue]) -> tuple[MeasureValue, ...]:
    """Return the measures on top of which one is valued, the lowest first; none where it is valued by itself."""
    if not measure.on_top or measure.needs not in known:
        return ()
    under = known[measure.needs]
    return (*beneath(under.measure, known), under)


@dataclass(frozen=True, slots=True)
class AvertedAtEnds:
    """What a measure averts a year, USD, with its levers at the low and at the high end of what they give.

    They are in no order: more of a measure may avert less.
    """

    low: float
    high: float


def value_at_ends(base: Baseline, value: MeasureValue, below: Sequence[MeasureValue] = ()) -> AvertedAtEnds:
    """Return what a measure averts at the ends of its ranges; what has no range is not valued again.

    below  the measures on top of which it is valued, held at their best
    """
    ends = []
    for end in ("low", "high"):
        moved = value.measure.at_end(end)
        same = moved.levers == value.measure.levers
        ends.append((value if same else value_measure(base, moved, below)).estimate.expected)
    return AvertedAtEnds(*ends)
