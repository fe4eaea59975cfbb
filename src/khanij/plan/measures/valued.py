"""The value of measures by themselves: loss averted in the mean and in the tail, with and without, and by cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite, nan

from khanij.plan.levers import Effect, apply
from khanij.plan.measures.options import Option
from khanij.simulate.risk import baseline as valuation
from khanij.simulate.risk.baseline import Averted, Figure, Ground

CONFIDENT = 1.96  # standard errors on either side that hold 95 % of a normal spread


@dataclass(frozen=True, slots=True)
class Valued:
    """An option and what it averts: `figure`, `reasons` (seller -> averted) in USD a year; what levers did."""

    option: Option
    averted: Averted
    figure: Figure
    reasons: dict[str, float]
    effects: tuple[Effect, ...]

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


def value(base: Ground, option: Option) -> Valued:
    """Return what an option averts."""
    applied = apply(base.case, option.levers)
    found = valuation.averted_by(base, applied.case, touched(option))
    return Valued(option, found, valuation.figure(base, found), valuation.by_country(base, found), applied.effects)


def touched(option: Option) -> tuple[str, ...]:
    """Return the materials that an option changes, substitutes included."""
    others = (getattr(lever, "substitute", "") for lever in option.levers)
    return tuple(dict.fromkeys((*option.materials, *filter(None, others))))


def values(
    base: Ground, options: Iterable[Option], progress: Callable[[int, int], None] | None = None
) -> tuple[Valued, ...]:
    """Return what each option averts by itself."""
    listed = tuple(options)
    found = []
    for number, option in enumerate(listed):
        found.append(value(base, option))
        if progress is not None:
            progress(number + 1, len(listed))
    return tuple(found)


def number(value: float | None) -> float | None:
    """Return a number, None where there is none."""
    return None if value is None or not isfinite(value) else float(value)
