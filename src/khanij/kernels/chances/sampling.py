"""Random inputs, what their scatter makes of a result, and which input makes most of it. Draws stand on the last axis.

Every function that draws takes a seeded generator; none keeps a state of its own.
"""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Shape = int | tuple[int, ...]

CUT = 3.0  # standard deviations beyond which no normal value is drawn
TAIL = 1.6448536269514722  # the 95 % point of a standard normal value


def truncated_normal(rng: np.random.Generator, shape: Shape, cut: float = CUT) -> Floats:
    """Return standard normal values within ±cut; those outside are drawn again.

    shape any      cut > 0 standard deviations      returns shape, 1
    """
    z = rng.standard_normal(shape)
    outside = np.nonzero(np.abs(z) > cut)
    while outside[0].size:
        again = rng.standard_normal(outside[0].size)
        z[outside] = again
        still = np.abs(again) > cut
        outside = tuple(position[still] for position in outside)
    return z


def log_mean(sigma: Floats, cut: float = CUT) -> Floats:
    """Return ln E[exp(σ·z)] of a normal z within ±cut: σ²/2 + ln{[Φ(c-σ) - Φ(-c-σ)] / [Φ(c) - Φ(-c)]}.

    sigma σ (...) 1, at least 0      returns (...) 1, exactly 0 where σ is 0
    """
    values, back = np.unique(np.asarray(sigma, dtype=np.float64), return_inverse=True)
    inside = np.array([_below(cut - s) - _below(-cut - s) for s in values.tolist()])
    shift = np.where(values > 0, values * values / 2.0 + np.log(inside / (_below(cut) - _below(-cut))), 0.0)
    return shift[back].reshape(np.shape(sigma))


def _below(x: float) -> float:
    """Return the standard normal distribution function Φ(x)."""
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def lognormal(z: Floats, sigma: Floats) -> Floats:
    """Return factors exp(σ·z) / E[exp(σ·z)]: log-normal with mean 1, so that sums keep their expected value.

    z (..., D) standard normal within ±CUT      sigma σ (...) standard deviation of the logarithm, 1
    returns (..., D) 1, above 0; exactly 1 where σ is 0
    """
    spread = np.asarray(sigma, dtype=np.float64)
    return np.asarray(np.exp(spread[..., None] * z - log_mean(spread)[..., None]))


def split_lognormal(z: Floats, down: Floats, up: Floats) -> Floats:
    """Return factors exp(σ·z) with another σ below the median than above it, so that the median is 1.

    z (..., D) standard normal      down, up (...) σ for z < 0 and z > 0, see sides()      returns (..., D) 1
    """
    return np.asarray(np.exp(np.where(z < 0, np.asarray(down)[..., None], np.asarray(up)[..., None]) * z))


def sides(value: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return σ below and above a value whose range is read as 5 % to 95 %: ln(value/low)/1.645, ln(high/value)/1.645.

    value, low, high (...) one unit, 0 <= low <= value <= high; nan or no range: 0
    returns two (...) 1; a low end of 0 has no logarithm and takes the σ of the other side
    """
    there = value > 0
    base = np.where(there, value, 1.0)
    top = np.where(there & (high > value), high, base)
    bottom = np.where(there & (low > 0) & (low < value), low, base)
    up, down = np.log(top / base) / TAIL, np.log(base / bottom) / TAIL
    return np.where(there & (low <= 0), up, down), up


def uniform(rng: np.random.Generator, low: ArrayLike, high: ArrayLike, draws: int) -> Floats:
    """Return values between low and high, all as likely.

    low, high (...) one unit      returns (..., D); exactly the end where both are equal
    """
    ends = np.broadcast_arrays(np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64))
    u = rng.uniform(size=(*ends[0].shape, draws))
    return np.asarray(ends[0][..., None] + (ends[1] - ends[0])[..., None] * u)


def triangular(rng: np.random.Generator, low: Floats, best: Floats, high: Floats, draws: int) -> Floats:
    """Return triangular values: density rising from low to best, falling to high.

    low <= best <= high (...) one unit      returns (..., D); exactly best where low = high
    """
    u = rng.uniform(size=(*np.shape(best), draws))
    width = high - low
    safe = np.where(width > 0, width, 1.0)
    split = ((best - low) / safe)[..., None]
    rising = low[..., None] + np.sqrt(u * (width * (best - low))[..., None])
    falling = high[..., None] - np.sqrt((1.0 - u) * (width * (high - best))[..., None])
    drawn = np.where(u < split, rising, falling)
    return np.where((width > 0)[..., None], drawn, best[..., None])


def pert(rng: np.random.Generator, low: Floats, best: Floats, high: Floats, draws: int) -> Floats:
    """Return beta-PERT values: mean (low + 4·best + high) / 6, thinner at the ends than a triangle.

    low <= best <= high (...) one unit      returns (..., D); exactly best where low = high
    Reference: Malcolm, Roseboom, Clark and Fazar 1959, Operations Research 7(5), doi 10.1287/opre.7.5.646.
    """
    width = high - low
    safe = np.where(width > 0, width, 1.0)
    lean = np.where(width > 0, (best - low) / safe, 0.5)[..., None]
    drawn = rng.beta(1.0 + 4.0 * lean, 5.0 - 4.0 * lean, (*np.shape(best), draws))
    return np.where((width > 0)[..., None], low[..., None] + width[..., None] * drawn, best[..., None])


def between(position: Floats, low: Floats, best: Floats, high: Floats) -> Floats:
    """Return the value at a position between low (-1), best (0) and high (1), linear on either side.

    position (..., D) -1..1      low <= best <= high (...) one unit      returns (..., D); exactly best at 0
    """
    below, above = (best - low)[..., None], (high - best)[..., None]
    return np.asarray(best[..., None] + position * np.where(position < 0, below, above))


def rounded(rng: np.random.Generator, value: Floats, half: Floats, least: float, most: float, draws: int) -> Floats:
    """Return what a rounded figure may have been: value ± half its last unit, within least..most.

    value (...), half (...) >= 0 one unit; nan stays nan      returns (..., D)
    """
    return uniform(rng, np.clip(value - half, least, value), np.clip(value + half, value, most), draws)


def categorical(rng: np.random.Generator, weights: Floats, shape: Shape) -> Positions:
    """Return positions drawn with these weights.

    weights (K,) at least 0, not all 0      shape any      returns shape, 0..K-1
    """
    steps = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(steps, rng.uniform(size=shape), side="right"), len(steps) - 1)


def part_of_rest(rng: np.random.Generator, own: Floats, count: Floats, draws: int) -> Floats:
    """Return the part of a remainder that k of its n claimants have if every division is as likely: Beta(k, n-k).

    own k, count n  (...) numbers of claimants, 0 <= k <= n
    returns (..., D) in 0..1; exactly 0 where k is 0, exactly 1 where k is n
    Reference: marginal of the flat Dirichlet distribution on the simplex.
    """
    k, others = np.asarray(own, dtype=np.float64), np.asarray(count - own, dtype=np.float64)
    drawn = rng.beta(np.maximum(k, 1.0)[..., None], np.maximum(others, 1.0)[..., None], (*k.shape, draws))
    return np.where((k <= 0)[..., None], 0.0, np.where((others <= 0)[..., None], 1.0, drawn))


def quantiles(samples: Floats, levels: tuple[float, ...]) -> Floats:
    """Return quantiles over the draws that have a value, interpolated between neighbours.

    samples (..., D) any unit, nan = no value      levels 0..1      returns (levels, ...); nan where no draw has a value
    """
    ranked = np.sort(samples, axis=-1)  # nan goes last
    known = (~np.isnan(ranked)).sum(axis=-1)
    out = np.empty((len(levels), *known.shape))
    for k, level in enumerate(levels):
        at = level * np.maximum(known - 1, 0)
        lower = np.floor(at).astype(np.intp)
        upper = np.minimum(lower + 1, np.maximum(known - 1, 0))
        ends = [np.take_along_axis(ranked, position[..., None], axis=-1)[..., 0] for position in (lower, upper)]
        out[k] = ends[0] + (ends[1] - ends[0]) * (at - lower)
    return out


def moments(samples: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, standard deviation, and the part of the draws that have a value.

    samples (..., D) any unit, nan = no value      returns three (...); nan mean and deviation where no draw has a value
    """
    known = ~np.isnan(samples)
    count = known.sum(axis=-1)
    some = np.maximum(count, 1)
    anchor = np.where(count > 0, np.fmin.reduce(samples, axis=-1, initial=np.inf), np.nan)  # equal draws: spread of 0
    away = np.where(known, samples - anchor[..., None], 0.0)
    mean = away.sum(axis=-1) / some
    spread = np.square(np.where(known, away - mean[..., None], 0.0)).sum(axis=-1) / np.maximum(count - 1, 1)
    return anchor + mean, np.where(count > 0, np.sqrt(spread), np.nan), count / samples.shape[-1]


def probability(samples: Floats, threshold: float) -> Floats:
    """Return the part of the draws with a value that reach a threshold.

    samples (..., D), threshold one unit      returns (...) in 0..1; nan where no draw has a value
    """
    known = (~np.isnan(samples)).sum(axis=-1)
    reached = (samples >= threshold).sum(axis=-1)
    return np.where(known > 0, reached / np.maximum(known, 1), np.nan)


def ranks(samples: Floats) -> Floats:
    """Return the rank of each item in each draw, 1 = largest; equal values share the better rank.

    samples (N, D) any unit, nan = no value: no rank      returns (N, D) 1..N, nan
    """
    turned = np.where(np.isnan(samples), -np.inf, samples).T
    order = np.argsort(-turned, axis=-1, kind="stable")
    ranked = np.take_along_axis(turned, order, axis=-1)
    fresh = np.ones_like(ranked, dtype=bool)
    fresh[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    place = np.maximum.accumulate(np.where(fresh, np.arange(1, ranked.shape[1] + 1), 0), axis=-1)
    out = np.empty_like(turned)
    np.put_along_axis(out, order, place.astype(np.float64), axis=-1)
    return np.where(np.isnan(samples), np.nan, out.T)


def sobol_sums(first: Floats, second: Floats, mixed: Floats, anchor: Floats) -> Floats:
    """Return the sums from which sensitivity is estimated; those of blocks of draws may be added up.

    first f_A, second f_B  (..., D) results of two independent samples of all inputs
    mixed f_AB (..., D) results of the first sample with one input (or group) from the second
    anchor (...) a value near the results, taken off all three so that no digits are lost
    returns (8, ...): n, Σa, Σb, Σa², Σb², Σb·(ab - a), Σ(ab - a)², Σ(ab - a)
    """
    known = ~(np.isnan(first) | np.isnan(second) | np.isnan(mixed))
    away = (sample - anchor[..., None] for sample in (first, second, mixed))
    noise = 1e-12 * np.abs(anchor)[..., None]  # smaller steps come from rounding, not from any input
    a, b, ab = (np.where(known & (np.abs(step) > noise), step, 0.0) for step in away)
    step = ab - a
    parts = (known.astype(np.float64), a, b, a * a, b * b, b * step, step * step, step)
    return np.stack([part.sum(axis=-1) for part in parts])


def sobol_indices(sums: Floats) -> tuple[Floats, Floats]:
    """Return first-order and total sensitivity of a result to one input (or group of inputs).

    S = Σ f_B·(f_AB - f_A) / (n·V) (Saltelli 2010),  T = Σ (f_A - f_AB)² / (2·n·V) (Jansen 1999),
    V variance of f over both samples; f_B is taken from the mean of both, which lessens the scatter of S

    sums  (8, ...) of sobol_sums      returns two (...) 1; nan where the result does not vary
    Reference: Saltelli et al. 2010, Computer Physics Communications 181(2), doi 10.1016/j.cpc.2009.09.018.
    """
    n, a, b, aa, bb, cross, square, step = sums
    count = np.maximum(n, 1.0)
    centre = (a + b) / (2.0 * count)
    variance = np.maximum((aa + bb) / (2.0 * count) - centre * centre, 0.0)
    varies = variance > 1e-12 * (aa + bb) / count
    safe = np.where(varies, variance, 1.0) * count
    alone = np.where(varies, (cross - centre * step) / safe, np.nan)
    whole = np.where(varies, square / (2.0 * safe), np.nan)
    return alone, whole
