"""The parts of which screening scores are made: bounded transforms, means over what is known, distances, ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

YALE = "Graedel et al. 2012, doi 10.1021/es203534z"


def saturate(values: Floats) -> Floats:
    """Return x / (1 + x): 0 at 0, one half at 1, towards 1 without bound; the order of values is kept.

    values (...) 1, at least 0      returns (...) 1, in 0..1; nan where not known or below 0
    """
    usable = values >= 0
    held = np.where(usable, values, 0.0)
    return np.where(usable, np.where(np.isinf(held), 1.0, held / (1.0 + np.where(np.isinf(held), 0.0, held))), np.nan)


def geometric_mean(*factors: Floats) -> Floats:
    """Return the n-th root of the product of n factors.

    factors  (...) each, arrays that broadcast, 1, at least 0
    returns (...) 1; 0 where a factor is 0, nan where one is not known
    """
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    usable = product >= 0
    return np.where(usable, np.power(np.where(usable, product, 0.0), 1.0 / len(factors)), np.nan)


def mean_known(parts: Floats, least: int = 1, axis: int = 0) -> tuple[Floats, Floats, Floats]:
    """Return the mean of the known parts, and what it would be were every unknown part 0 or 1.

    parts (K, ...) 1, each in 0..1, nan = not known      axis  that of K
    returns mean, low, high (...) 1; nan with fewer than `least` known parts
    """
    known = ~np.isnan(parts)
    count, size = known.sum(axis=axis), parts.shape[axis]
    summed = np.where(known, parts, 0.0).sum(axis=axis)
    enough = count >= max(least, 1)
    mean, low, high = summed / np.maximum(count, 1), summed / size, (summed + size - count) / size
    return np.where(enough, mean, np.nan), np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def largest_is_one(values: Floats, axis: int | tuple[int, ...] = 0) -> Floats:
    """Return values divided by the largest of an axis; nan where none is above 0.

    values (...) any unit, at least 0      returns (...) 1, in 0..1
    """
    top = np.max(np.where(np.isnan(values), 0.0, values), axis=axis, keepdims=True, initial=0.0)
    positive = top > 0
    return np.where(positive, values / np.where(positive, top, 1.0), np.nan)


def growth_share(rate: Floats, years: float) -> Floats:
    """Return growth on a scale of 0..1: r / (1 + r), r = exp(g·n), the ratio of the end to the start.

    rate g (...) 1/yr, continuous; years n      returns (...) 1: one half = unchanged, 2/3 = doubled, 1/3 = halved
    """
    clipped = np.clip(rate * years, -700.0, 700.0)
    return np.where(np.isnan(rate), np.nan, 1.0 / (1.0 + np.exp(-np.where(np.isnan(clipped), 0.0, clipped))))


def depletion_time(reserves: Floats, production: Floats) -> Floats:
    """Return how long reserves last at a year's output: t = R / P.

    reserves R (...) t      production P (...) t/yr      returns (...) yr; nan where output is not above 0
    Reference: Helbig et al. 2021, doi 10.3390/resources10080079 (static reach, depletion time).
    """
    positive = production > 0
    return np.where(positive, reserves / np.where(positive, production, 1.0), np.nan)


def depletion_score(years: Floats) -> Floats:
    """Return depletion time as a risk of 0..100: 100 - 0.2·t - 0.008·t², and 0 from 100 years on.

    years t (...) yr      returns (...) 1
    Reference: Graedel et al. 2012, doi 10.1021/es203534z, coefficients from memory: confidence low.
    """
    return np.where(np.isnan(years), np.nan, np.where(years < 100.0, 100.0 - 0.2 * years - 0.008 * years**2, 0.0))


def concentration_score(hhi: Floats) -> Floats:
    """Return concentration as a risk of 0..100: 17.5·ln(H) - 61.18 with H on the scale of 0 to 10,000, cut to 0..100.

    hhi (...) 1, in 0..1      returns (...) 1: 100 at one supplier, 0 below about 33 (of 10,000)
    Reference: Graedel et al. 2012, doi 10.1021/es203534z, coefficients from memory: confidence low.
    """
    positive = hhi > 0
    score = 17.5 * np.log(np.where(positive, hhi, 1.0) * 1e4) - 61.18
    return np.where(np.isnan(hhi), np.nan, np.where(positive, np.clip(score, 0.0, 100.0), 0.0))


def governance_score(estimate: Floats) -> Floats:
    """Return governance as a risk of 0..100: 20·(2.5 - x), cut to 0..100.

    estimate x (...) score      returns (...) 1, 100 = weakest
    Reference: Graedel et al. 2012, doi 10.1021/es203534z, transform from memory: confidence low.
    """
    score: Floats = np.clip(20.0 * (2.5 - estimate), 0.0, 100.0)
    return score


def loose_ties(trade: Floats, output: Floats) -> Floats:
    """Return how loosely partners are tied by trade: b / (b + x), x = trade / GDP of the partner, b the same of all.

    trade (..., C) trade of the focus with each partner, one currency; output (..., C) GDP of the partner, same currency
    returns (..., C) 1: one half = tied as the average, 1 = no trade; nan where GDP or all trade is not known
    """
    usable = (output > 0) & ~np.isnan(trade)
    tie = np.where(usable, trade / np.where(usable, output, 1.0), np.nan)
    traded = np.where(usable, trade, 0.0).sum(axis=-1, keepdims=True)
    whole = np.where(usable, output, 0.0).sum(axis=-1, keepdims=True)
    average = np.where(traded > 0, traded / np.where(whole > 0, whole, 1.0), np.nan)
    loose: Floats = average / (average + tie)
    return loose


def distance(own: Floats, others: Floats) -> Floats:
    """Return the distance between positions over the widest distance of any two others: |a - b| / (max b - min b).

    own a (F, Y) positions      others b (C, Y) positions, nan = not known
    returns (F, C, Y) 1, in 0..1; nan where either is not known
    """
    known = ~np.isnan(others)
    top = np.where(known, others, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, others, np.inf).min(axis=0, initial=np.inf)
    wide = np.where(known.any(axis=0), top - low, np.nan)
    scale = np.where(wide > 0, wide, np.nan)
    return np.minimum(np.abs(own[:, None, :] - others[None]) / scale, 1.0)


def disruption_potential(shares: Floats, ability: Floats, willingness: Floats) -> Floats:
    """Return the disruption potential of suppliers to each focus: DP = Σ_c s_c²·a_c·w_(f,c).

    shares s (K, C, Y) 1, share of a country in world output of each of K things, nan = not known: left out
    ability a (K, C, Y) or (C, Y) 1, 1 = least able; willingness w (F, C, Y) 1, 1 = least willing, 0 = the focus itself
    returns (K, F, Y) 1, in 0..1
    Reference: Nassar et al. 2020, doi 10.1126/sciadv.aay8647.
    """
    usable = ~(np.isnan(shares) | np.isnan(ability))
    risk = np.where(usable, shares * shares * ability, 0.0)
    summed: Floats = np.einsum("kcy,fcy->kfy", risk, willingness, optimize=True)
    return summed
