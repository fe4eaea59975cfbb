"""From points to paths: what is stated for single years becomes a year-by-year path with its range, and draws of it."""

from __future__ import annotations

from math import lgamma

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.errors import StudyError
from khanij.core.rng import stream
from khanij.kernels.chances import sampling


def between_points(known: Floats, *, held: bool = False) -> Floats:
    """Return values on every year: linear between known years; beyond them nan, or with `held` the nearest known.

    x[t] = x[a] + (x[b] - x[a]) · (t - a) / (b - a), a and b the nearest known years

    known (..., T) any unit, nan = not stated      returns (..., T)
    """
    flat = np.asarray(known, dtype=np.float64).reshape(-1, known.shape[-1])
    found = np.full_like(flat, np.nan)
    years = np.arange(flat.shape[-1], dtype=np.float64)
    for row in np.nonzero((~np.isnan(flat)).any(axis=-1))[0]:
        at = np.nonzero(~np.isnan(flat[row]))[0]
        outside = {} if held else {"left": np.nan, "right": np.nan}
        found[row] = np.interp(years, years[at], flat[row, at], **outside)
    return found.reshape(known.shape)


def ends(cube: Cube, *, held: bool = False) -> tuple[Floats, Floats, Floats]:
    """Return value, low and high of a cube whose last axis is the horizon, on every year."""
    low = cube.values if cube.low is None else np.fmin(cube.low, cube.values)
    high = cube.values if cube.high is None else np.fmax(cube.high, cube.values)
    value, under, over = (between_points(part, held=held) for part in (cube.values, low, high))
    return value, under, over


class ScenarioDraws:
    """Positions between low, best and high of uncertain inputs; position 0 of the draw axis is the best estimate.

    Each input has a stream of its own, named by its place, so that one more input moves no other.
    """

    def __init__(self, draws: int, seed: int) -> None:
        """Keep how many draws are asked and the seed."""
        if draws < 0:
            raise StudyError(f"draws are a whole number from 0, not {draws}", where="draws")
        self.count, self.seed = draws, seed

    @property
    def size(self) -> int:
        """Return the length of the draw axis: the best estimate and the draws."""
        return self.count + 1

    def position(self, *key: int) -> Floats:
        """Return (1 + D,) positions, 0 first: triangular from -1 (low) over 0 (best) to 1 (high)."""
        zero = np.zeros(1)
        if not self.count:
            return zero
        one = np.ones(())
        drawn = sampling.triangular(stream(self.seed, *key), -one, 0 * one, one, self.count)
        return np.concatenate([zero, drawn])

    def of(self, parts: tuple[Floats, Floats, Floats], *key: int) -> Floats:
        """Return draws (1 + D, ...) of an input with value, low and high (...); one position for all its years."""
        best, low, high = (np.asarray(part, dtype=np.float64) for part in parts)
        return np.moveaxis(sampling.between(self.position(*key), low, best, high), -1, 0)


def summary(drawn: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the best estimate and the 5 % and 95 % points of the draws of (1 + D, ...); nan ends without draws."""
    best = drawn[0]
    if len(drawn) < 3:
        return best, np.full_like(best, np.nan), np.full_like(best, np.nan)
    low, high = sampling.quantiles(np.moveaxis(drawn[1:], 0, -1), (0.05, 0.95))
    return best, low, high


def parted(shares: Floats) -> Floats:
    """Return shares (K, ...) of the parts of one whole, so that they add up to 1; nan where none is known."""
    known = np.where(np.isnan(shares), 0.0, shares)
    whole = known.sum(axis=0)
    return np.asarray(np.where(whole > 0, known / np.where(whole > 0, whole, 1.0), np.nan))


def scale(mean: Floats, shape: Floats) -> Floats:
    """Return the scale of a Weibull lifetime with this mean, mean / Γ(1 + 1/shape).

    mean (D,) years, > 0      shape (D,) 1, > 0      returns (D,) years
    Reference: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 21.
    """
    return np.asarray(mean / np.exp([lgamma(1 + 1 / k) for k in shape.tolist()]))


def place(case: Case, scenario: str) -> int:
    """Return where a scenario stands on its axis; raises StudyError with the known ones."""
    axis = case.cube("technology_stock").axis("scenario")
    if scenario not in axis:
        raise StudyError(f"unknown scenario {scenario!r}", where="scenario", hint=f"one of {', '.join(axis.codes)}")
    return axis.at(scenario)


def span(case: Case, since: int, until: int) -> tuple[slice, Axis]:
    """Return the part of the horizon from `since` to `until` and its axis "year"; raises StudyError if beyond."""
    years = case.cube("technology_stock").axis("horizon").codes
    if str(since) not in years or str(until) not in years or since > until:
        raise StudyError(f"no years {since} to {until}", where="since, to", hint=f"{years[0]} to {years[-1]}")
    part = slice(years.index(str(since)), years.index(str(until)) + 1)
    return part, Axis("year", years[part])
