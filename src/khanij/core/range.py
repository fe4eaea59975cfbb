"""A value with its ends: low <= best <= high, and on whose word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isnan

from khanij.core.errors import StudyError

ENDS = ("low", "best", "high")


@dataclass(frozen=True, slots=True)
class Range:
    """A sourced range, low <= best <= high; all three nan = not known.

    source      id in the bibliography, or "ours"      confidence  high, medium or low      note  what is peculiar
    """

    low: float
    best: float
    high: float
    source: str = ""
    confidence: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse ends in the wrong order."""
        if not (self.low <= self.best <= self.high) and not any(map(isnan, self)):
            raise StudyError(f"{self.low:g}, {self.best:g}, {self.high:g} is no range", hint="low <= best <= high")

    def __iter__(self) -> Iterator[float]:
        """Yield low, best, high."""
        return iter((self.low, self.best, self.high))

    @property
    def is_known(self) -> bool:
        """Return whether there is a best value."""
        return not isnan(self.best)

    def at(self, end: str) -> float:
        """Return one end by name: low, best or high."""
        return float(getattr(self, end))

    def map(self, change: Callable[[float], float]) -> Range:
        """Return the range with each end changed, such as times a tonnage; the change may not turn the order."""
        return replace(self, low=change(self.low), best=change(self.best), high=change(self.high))
