"""Ranges of a chain's parameters turned into arrays: the best values, one end of the ranges, or seeded draws.

A draw is log-uniform between low and best in one half of the cases and between best and high in the other, so the best
value is the median and nothing lies outside the range; a range that begins at 0 is uniform below its best value. Where
another place of the range was fitted, that is the median. Every
parameter of every good has a stream of its own, named after it: what is drawn for one does not depend on what else is
drawn, in which order, or by how many workers. Draws of different parameters, goods and countries are independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from khanij.core import rng
from khanij.core.errors import StudyError
from khanij.core.range import Range
from khanij.reference.industry import elasticities

Floats = NDArray[np.float64]
ENDS = ("low", "best", "high")
STOCK = "stock"  # name of the stream of stocks


@dataclass(frozen=True, slots=True)
class Ranges:
    """What is known of one good, which is what one stage makes; `spare` is None in the long run: capacity is built."""

    material: str
    stage: str
    horizon: str
    sigma: Range
    demand: Range
    supply: Range
    spare: Range | None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the K goods of a chain in D draws, each (D, K) without unit.

    sigma   between sources, never below demand      demand  epsilon >= 0      supply  eta >= 0
    spare   what idle capacity can add, as part of output; inf in the long run
    """

    sigma: Floats
    demand: Floats
    supply: Floats
    spare: Floats


def ranges(material: str, stage: str, horizon: str = "year") -> Ranges:
    """Return the ranges of a good with their sources; raises CoverageError for an unknown code.

    horizon  "year" (within a year) or "long" (after about twenty)
    """
    found = {
        name: elasticities.elasticity(name, material, stage, horizon).range for name in ("sigma", "demand", "supply")
    }
    idle = elasticities.elasticity("spare", material, stage, horizon).range if horizon == "year" else None
    return Ranges(material, stage, horizon, **found, spare=idle)


def best(material: str, stages: Sequence[str], *, horizon: str = "year", **ends: str) -> Parameters:
    """Return the best value of each parameter, or an end of the range of those that are named: D = 1.

    stages   of the chain, K      ends   such as sigma="low"; the others stay at their best
    Raises StudyError for an end or a parameter that there is not.
    """
    names = tuple(field.name for field in fields(Parameters))
    for name, end in ends.items():
        if name not in names or end not in ENDS:
            what = f"no {end!r} of {name!r}"
            raise StudyError(what, where=name, hint=f"{', '.join(ENDS)} of {', '.join(names)}")
    goods = [ranges(material, stage, horizon) for stage in stages]
    values = {
        name: np.array([[_end(getattr(good, name), ends.get(name, "best")) for good in goods]]).reshape(1, len(goods))
        for name in names
    }
    return _ordered(values)


def draw(
    material: str,
    stages: Sequence[str],
    draws: int,
    seed: int,
    *,
    horizon: str = "year",
    block: int = 0,
    places: Mapping[str, float] | None = None,
) -> Parameters:
    """Return drawn parameters of the goods of a chain, each (draws, K).

    stages  of the chain, K      seed  whole number from 0      block  number of the block of draws, for workers
    places  parameter -> place in its range that is the median, see around(); 0.5 for those not named
    Draws of a block are the first ones of any longer run of the same block. Raises StudyError on a negative seed or
    fewer draws than one.
    """
    _count(draws)
    values = {field.name: np.empty((draws, len(stages))) for field in fields(Parameters)}
    for k, stage in enumerate(stages):
        good = ranges(material, stage, horizon)
        for name, column in values.items():
            spread: Range | None = getattr(good, name)
            key = (material, stage, name, horizon)
            u = around((places or {}).get(name, 0.5), _even(draws, seed, block, key))
            column[:, k] = np.inf if spread is None else at_place(spread, u)
    return _ordered(values)


def cover(
    material: str,
    stages: Sequence[str],
    countries: Sequence[str],
    draws: int,
    seed: int,
    *,
    block: int = 0,
    place: float = 0.5,
) -> Floats:
    """Return drawn days of cover (draws, K, n) of the goods of a chain in n countries (ISO alpha-3, or "rest").

    place  in each range that is the median of the draws, see around()
    """
    _count(draws)
    found = np.empty((draws, len(stages), len(countries)))
    for k, stage in enumerate(stages):
        for j, country in enumerate(countries):
            spread = elasticities.stock_days(material, stage, country).range
            u = around(place, _even(draws, seed, block, (material, stage, STOCK, country)))
            found[:, k, j] = at_place(spread, u)
    return found


def usual_cover(material: str, stages: Sequence[str], countries: Sequence[str], end: str = "best") -> Floats:
    """Return days of cover (K, n) at one end of their ranges: low, best or high."""
    if end not in ENDS:
        raise StudyError(f"no end {end!r}", where="end", hint=f"one of {', '.join(ENDS)}")
    table = [[_end(elasticities.stock_days(material, s, c).range, end) for c in countries] for s in stages]
    return np.array(table, dtype=np.float64).reshape(len(stages), len(countries))


def quantile(spread: Range, u: Floats) -> Floats:
    """Return the value below which a part u of the draws lies.

    x = low^(1-2u) best^2u for u < 1/2, best^(2-2u) high^(2u-1) above it; where low is 0: x = 2u best for u < 1/2
    u (D,) 0..1      returns (D,): exactly low, best and high at 0, 1/2 and 1
    """
    return np.asarray(np.clip(at_place(spread, u), spread.low, spread.high))


def around(place: float, u: Floats) -> Floats:
    """Return places (D,) in a range whose median is a place of it, from even numbers u (D,) of 0..1.

    v = place - (1 - 2u) max(place, 1/2) for u < 1/2, place + (2u - 1) max(1 - place, 1/2) above it
    A half reaches the end of the range, and as far again as half of it where the place is that end: a value that was
    fitted to the end of what is published may as well lie beyond.
    """
    if place == 0.5:
        return u
    below, above = np.maximum(1.0 - 2.0 * u, 0.0), np.maximum(2.0 * u - 1.0, 0.0)
    return np.asarray(place - below * max(place, 0.5) + above * max(1.0 - place, 0.5))


def at_place(spread: Range, place: Floats) -> Floats:
    """Return values at places (D,) of a range as in quantile(), and as steep beyond its ends; never below 0."""
    low, middle, high = spread.low, spread.best, spread.high
    lower, upper = np.minimum(2 * place, 1.0), np.maximum(2 * place - 1.0, 0.0)
    below = low ** (1 - lower) * middle**lower if low > 0 else lower * middle
    above = middle ** (1 - upper) * high**upper if middle > 0 else upper * high
    return np.asarray(np.maximum(np.where(place < 0.5, below, above), 0.0))


def _even(draws: int, seed: int, block: int, key: tuple[str, ...]) -> Floats:
    """Return even numbers from 0 to 1 of the stream that bears this name."""
    digest = sha256("|".join(key).encode()).digest()
    words = (int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big"))
    return rng.stream(seed, block, *words).uniform(size=draws)


def _end(spread: Range | None, end: str) -> float:
    """Return low, best or high of a range; without limit where there is none."""
    return float("inf") if spread is None else float(getattr(spread, end))


def _ordered(values: dict[str, Floats]) -> Parameters:
    """Return the parameters with sigma raised to demand: below it, one source's loss would lower others' prices."""
    return Parameters(**{**values, "sigma": np.maximum(values["sigma"], values["demand"])})


def _count(draws: int) -> None:
    """Raise StudyError unless there is a draw."""
    if draws < 1:
        raise StudyError(f"draws are a whole number from 1, not {draws}", where="draws")
