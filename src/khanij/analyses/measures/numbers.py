"""What the numbers of one answer share: sources, the command that gives them again, the money they are told in."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from khanij.core.number import Number
from khanij.plan.measures.value import CONFIDENT
from khanij.reference.money import Currency
from khanij.simulate.risk.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Numbers:
    """Writes the numbers of one answer. They rest on assumed chances and sizes: low confidence unless said.

    sources   ids of the sources behind all of them      how  the command that gives them again
    currency  in which money is told
    """

    sources: tuple[str, ...]
    how: str
    currency: Currency

    def of(self, value: float | None, unit: str = "", **more: Any) -> Number:
        """Return a number; a value or an end of a range that is no number is not known."""
        ends = {name: _known(more.pop(name, None)) for name in ("low", "high")}
        if ends["low"] == ends["high"]:
            ends = {}
        given = {"confidence": "low", "how": self.how, "sources": self.sources} | more | ends
        return Number(_known(value), unit, **given)

    def share(self, value: float | None, **more: Any) -> Number:
        """Return a part of a whole, 1 = all."""
        return self.of(value, "1", **more)

    def money(self, value: float | None, **more: Any) -> Number:
        """Return money that is in the currency already."""
        return self.of(value, self.currency.name, **more)

    def usd(self, value: float, low: float | None = None, high: float | None = None, **more: Any) -> Number:
        """Return US dollars in the currency."""
        ends = {name: self.currency.of(end) for name, end in (("low", low), ("high", high)) if end is not None}
        return self.money(self.currency.of(value), **ends, **more)

    def spread(self, value: float, error: float, **more: Any) -> Number:
        """Return US dollars with the ends that hold 95 % of a standard error."""
        return self.usd(value, value - CONFIDENT * error, value + CONFIDENT * error, **more)

    def sampling(self, error: float) -> Number:
        """Return the sampling error: what on either side holds 95 % of the spread of the simulated years, from USD."""
        return self.usd(CONFIDENT * error, note="" if isfinite(error) else "not known where orders were sampled")


def sources(base: Baseline, *more: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sources behind a baseline: its trade, output and industries, and more that are named."""
    held = (base.case.cube(name).sources for name in ("trade", "production") if name in base.case.cubes)
    listed = (*(id for one in held for id in one), *base.economy.sources, *(id for one in more for id in one))
    return tuple(dict.fromkeys(filter(None, listed)))


def _known(value: float | None) -> float | None:
    """Return a number, None where there is none."""
    return None if value is None or not isfinite(value) else float(value)
