"""The value of measures by themselves: loss averted in the mean and in the tail, with and without, and by cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite, nan

from khanij.plan.levers import LeverEffect, apply
from khanij.plan.measures.options import Measure
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.averted import AvertedLoss, Estimate
from khanij.simulate.risk.baseline import Baseline

CONFIDENT = 1.96  # standard errors on either side that hold 95 % of a normal spread


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """An option and what it averts: `figure`, `reasons` (seller -> averted) in USD a year; what levers did."""

    option: Measure
    averted: AvertedLoss
    figure: Estimate
    reasons: dict[str, float]
    effects: tuple[LeverEffect, ...]

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Return yearly loss averted by money spent once (low, best, high); nan where the cost is not known.

        low: less than which 97.5 % of spreads lie, at the high cost; high: the other way round.
        """
        low, best, high = self.option.cost
        if not isfinite(best) or best <= 0:
            return nan, nan, nan
        spread = CONFIDENT * self.figure.error
        ends = [(self.figure.expected + sign * spread) for sign in (-1.0, 1.0)]
        # A loss made larger is worst at the low cost.
        worst = ends[0] / (high if ends[0] >= 0 else low)
        most = ends[1] / (low if ends[1] >= 0 else high)
        return worst, self.figure.expected / best, most


def value_measure(base: Baseline, option: Measure) -> MeasureValue:
    """Return what an option averts."""
    applied = apply(base.case, option.levers)
    found = valuation.averted_loss(base, applied.case, touched(option))
    return MeasureValue(
        option, found, valuation.estimate(base, found), valuation.by_country(base, found), applied.effects
    )


def touched(option: Measure) -> tuple[str, ...]:
    """Return the materials that an option changes, substitutes included."""
    others = (getattr(lever, "substitute", "") for lever in option.levers)
    return tuple(dict.fromkeys((*option.materials, *filter(None, others))))


def value_measures(
    base: Baseline, options: Iterable[Measure], progress: Callable[[int, int], None] | None = None
) -> tuple[MeasureValue, ...]:
    """Return what each option averts by itself."""
    listed = tuple(options)
    found = []
    for number, option in enumerate(listed):
        found.append(value_measure(base, option))
        if progress is not None:
            progress(number + 1, len(listed))
    return tuple(found)


def number(value: float | None) -> float | None:
    """Return a number, None where there is none."""
    return None if value is None or not isfinite(value) else float(value)
