"""How far events strike together beyond chance: correlations of a Gaussian copula from events with unlike odds.

Model: event i happens where Z[i] > t[i], Pr(Z[i] > t[i]) = p[i], Z standard normal with correlation r between the two
of a pair. Summed over many pairs, Pr(i and j) is a power series in r whose terms are products of a figure of i and one
of j, so that group sums replace the listing of pairs.
"""

from __future__ import annotations

from math import erf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

TERMS = 60  # of the series; the rest is below 1e-9 of a pair at |r| <= 0.7
MOST = 0.95  # correlation beyond which none is looked for
LEAST = -0.5
STEPS = 60  # halvings


def threshold(chance: Floats) -> Floats:
    """Return t with Pr(Z > t) = p of a standard normal Z.

    chance p (...) 0..1      returns (...); infinite at 0, minus infinity at 1, nan stays nan
    """
    normal, flat = NormalDist(), np.asarray(chance, dtype=np.float64).ravel()
    ends = {0.0: float("inf"), 1.0: float("-inf")}
    found = [ends[p] if p in ends else (normal.inv_cdf(1.0 - p) if 0 < p < 1 else float("nan")) for p in flat.tolist()]
    return np.array(found, dtype=np.float64).reshape(np.shape(chance))


def above(level: Floats) -> Floats:
    """Return Pr(Z > t) of a standard normal Z, (...)."""
    flat = np.asarray(level, dtype=np.float64).ravel()
    found = np.array([0.5 - 0.5 * erf(t / sqrt(2.0)) for t in flat.tolist()])
    return found.reshape(np.shape(level))


def series(chance: Floats, terms: int = TERMS) -> Floats:
    """Return the figures whose products give the chance of two events: Pr(i and j) = sum over k of r^k a[k,i]·a[k,j].

    a[0] = p,  a[k] = phi(t)·He[k-1](t)/sqrt(k!)  (tetrachoric series)

    chance p (n,) inside 0..1      returns (terms, n)
    Reference: Kendall 1941, Biometrika 32, pages 196-198.
    """
    t = threshold(chance)
    out = np.empty((terms, len(t)))
    out[0] = chance
    before, here = np.zeros_like(t), np.exp(-0.5 * t * t) / sqrt(2.0 * np.pi)  # phi·He[k]/sqrt(k!)
    for k in range(1, terms):
        out[k] = here / sqrt(k)
        before, here = here, (t * here - sqrt(k - 1) * before) / sqrt(k)
    return out


def pair_sums(values: Floats, group: Positions) -> Floats:
    """Return the sum of v[i]·v[j] over the unordered pairs of each group: (S² - sum of squares)/2.

    values (..., n)      group (n,) 0..G-1      returns (..., G)
    """
    count = int(group.max(initial=-1)) + 1
    flat = values.reshape(-1, len(group))
    sums = np.stack([np.bincount(group, weights=row, minlength=count) for row in flat])
    squares = np.stack([np.bincount(group, weights=row * row, minlength=count) for row in flat])
    return np.asarray((0.5 * (sums * sums - squares)).reshape(*values.shape[:-1], count))


def correlation(joint: ArrayLike, terms: Floats) -> Floats:
    """Return the correlation at which as many pairs strike together as were seen; nan without pairs.

    solves  joint = sum over k of r^k·c[k]  for r in LEAST..MOST by halving; an end where it lies beyond

    joint  (...) number of pairs of which both happened      terms c (..., K) pair sums of series()
    """
    seen = np.asarray(joint, dtype=np.float64)
    low, high = np.full(seen.shape, LEAST), np.full(seen.shape, MOST)
    powers = np.arange(terms.shape[-1])
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        below = (terms * middle[..., None] ** powers).sum(axis=-1) < seen
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(terms[..., 0] > 0, 0.5 * (low + high), np.nan)
