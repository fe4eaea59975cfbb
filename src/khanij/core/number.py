"""Finished numbers from cubes and from one another: ranges, sources and doubts go along with every sum and share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij.core.cube import Cube

Key = tuple[str, str]  # material, stage
WIDE = 2.0  # a range whose ends differ by more than this factor makes a number one of low confidence
RANKS = {"high": 0, "medium": 1, "low": 2}


def graded(number: Number, confidence: str = "high") -> Number:
    """Return the number with the weaker of the given confidence and that which its range allows."""
    low, high = number.low, number.high
    wide = (
        number.value is not None and low is not None and high is not None and high > WIDE * max(low, 0.0) and high > low
    )
    level = "low" if wide else max(confidence, number.confidence, key=RANKS.__getitem__)
    return replace(number, confidence=level)


def cell(cube: Cube, at: tuple[Any, ...]) -> Number:
    """Return one value of a dense cube with its source and range; a range that adds nothing is left out."""
    value = float(cube.values[at])
    origin = cube.origin[at] if cube.origin is not None else -1
    sources = (cube.sources[origin],) if origin >= 0 else cube.sources
    low, high = (None if b is None or np.isnan(b[at]) else float(b[at]) for b in (cube.low, cube.high))
    if low == high:
        low = high = None
    return graded(Number(None if np.isnan(value) else value, cube.unit, sources, low, high))


def total(numbers: Iterable[Number]) -> Number:
    """Return the sum of known numbers of one unit, with the sources of all and the weakest confidence."""
    known = [n for n in numbers if n.value is not None]
    if not known:
        return Number(None)
    ranged = any(n.low is not None or n.high is not None for n in known)
    value = sum(n.value or 0.0 for n in known)
    low = sum((n.value if n.low is None else n.low) or 0.0 for n in known) if ranged else None
    high = sum((n.value if n.high is None else n.high) or 0.0 for n in known) if ranged else None
    sources = tuple(sorted({s for n in known for s in n.sources}))
    ways = {n.how for n in known}
    summed = Number(value, known[0].unit, sources, low, high, how=ways.pop() if len(ways) == 1 else "")
    return graded(summed, max((n.confidence for n in known), key=RANKS.__getitem__))


def share(part: Number, whole: Number) -> Number:
    """Return part / whole as a share with the sources of both; unknown where either is, or the whole is 0."""
    if part.value is None or not whole.value:
        return Number(None, "1", note=part.note or whole.note)
    sources = tuple(sorted({*part.sources, *whole.sources}))
    low, high = (None if end is None else end / whole.value for end in (part.low, part.high))
    level = max(part.confidence, whole.confidence, key=RANKS.__getitem__)
    return Number(part.value / whole.value, "1", sources, low, high, level, part.note, how=part.how)


def largest(parts: Mapping[str, Number], most: int = 1) -> list[tuple[str, Number]]:
    """Return the largest known parts, largest first."""
    known = [(name, n) for name, n in parts.items() if n.value]
    return sorted(known, key=lambda item: (-(item[1].value or 0.0), item[0]))[:most]


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return float(np.median(list(values)))


@dataclass(frozen=True, slots=True)
class Number:
    """One finished number as a reader meets it.

    value       the number, None = not known
    unit        its unit ("t", "kUSD", "%", "1" for a share, "index", "years")
    sources     ids of the sources behind it ("baci-hs17@202601")
    low, high   range, where the publisher or a stated rule gives one
    confidence  high | medium | low
    note        what must be said beside it; for an unknown number, why it is not known
    label       a name that stands before it in the same cell (a supplier's before its share)
    how         the command that follows it down to its rows, "" if there is none
    """

    value: float | None
    unit: str = ""
    sources: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    confidence: str = "high"
    note: str = ""
    label: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A small line of one number a year, for a cell.

    years    of the line, in order       values  one a year, None = not known: the line is interrupted
    unit     of the values               sources  ids of the sources behind them
    breaks   (year, what changed): from this year the figures are of another kind
    how      the command that gives the series
    """

    years: tuple[int, ...]
    values: tuple[float | None, ...]
    unit: str
    sources: tuple[str, ...] = ()
    breaks: tuple[tuple[int, str], ...] = ()
    how: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An answer: yes, no, or open, with the few characters shown, what the pointer tells, and how to follow it."""

    state: bool | None
    text: str = ""
    hint: str = ""
    sources: tuple[str, ...] = ()
    how: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open: the words shown and the address. It is followed only when a reader does so."""

    text: str
    url: str


Cell = Number | Trend | Mark | Link | str | int | float | bool | None
