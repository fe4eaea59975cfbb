"""How far two judgements agree: of yes and no beyond chance, and of rank."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]

Z95 = 1.959963984540054  # half width of a 95 % interval in standard errors


def counts(first: Masks, second: Masks) -> Floats:
    """Return how many things both accept, only the first, only the second, neither.

    first, second (..., N) true = yes      returns (..., 4), adding up to N
    """
    pairs = (first & second, first & ~second, ~first & second, ~first & ~second)
    return np.stack([pair.sum(axis=-1) for pair in pairs], axis=-1).astype(np.float64)


def agreement(table: Floats) -> Floats:
    """Return the share of things on which both say the same: (both + neither) / N.

    table (..., 4) counts of `counts`      returns (...) 1, in 0..1; nan where N is 0
    """
    whole = table.sum(axis=-1)
    return np.where(whole > 0, (table[..., 0] + table[..., 3]) / np.where(whole > 0, whole, 1.0), np.nan)


def chance(table: Floats) -> Floats:
    """Return the agreement that chance would give with these numbers of yes: p1·p2 + (1 - p1)·(1 - p2).

    table (..., 4) counts      returns (...) 1; nan where N is 0
    """
    whole = table.sum(axis=-1)
    safe = np.where(whole > 0, whole, 1.0)
    one, two = (table[..., 0] + table[..., 1]) / safe, (table[..., 0] + table[..., 2]) / safe
    return np.where(whole > 0, one * two + (1.0 - one) * (1.0 - two), np.nan)


def kappa(table: Floats) -> tuple[Floats, Floats]:
    """Return Cohen's kappa, κ = (p_o - p_e) / (1 - p_e), and its standard error.

    The error is that of a large sample drawn at random; for a whole population it says only how much κ hangs on single
    things.
    table (..., 4) counts of both, first only, second only, neither
    returns κ (...) 1, at most 1, and its standard error (...) 1; nan where both say the same of everything (p_e = 1)
    Reference: Cohen 1960, doi 10.1177/001316446002000104; Fleiss, Cohen and Everitt 1969, doi 10.1037/h0028106.
    """
    whole = table.sum(axis=-1)
    expected = chance(table)
    usable = (whole > 0) & (expected < 1.0)
    rest = np.where(usable, 1.0 - expected, 1.0)
    value = (agreement(table) - expected) / rest
    p = table / np.where(whole > 0, whole, 1.0)[..., None]
    rows = np.stack([p[..., 0] + p[..., 1], p[..., 2] + p[..., 3]], axis=-1)  # first says yes, no
    columns = np.stack([p[..., 0] + p[..., 2], p[..., 1] + p[..., 3]], axis=-1)  # second says yes, no
    same, other = (p[..., 0], p[..., 3]), (p[..., 1], p[..., 2])
    on = sum(same[k] * np.square(1.0 - (rows[..., k] + columns[..., k]) * (1.0 - value)) for k in (0, 1))
    off = sum(other[k] * np.square(columns[..., k] + rows[..., 1 - k]) for k in (0, 1)) * np.square(1.0 - value)
    spread = on + off - np.square(value - expected * (1.0 - value))
    error = np.sqrt(np.maximum(spread, 0.0) / np.where(whole > 0, whole, 1.0)) / rest
    return np.where(usable, value, np.nan), np.where(usable, error, np.nan)


def interval(value: Floats, error: Floats, width: float = Z95) -> tuple[Floats, Floats]:
    """Return value - width·error and value + width·error, cut to -1..1.

    value, error (...) 1      returns two (...) 1
    """
    return np.clip(value - width * error, -1.0, 1.0), np.clip(value + width * error, -1.0, 1.0)


def ranks(values: Floats) -> Floats:
    """Return ranks from 1 (smallest); equal values share the mean of their ranks.

    values (N,) any unit, all known      returns (N,)
    """
    order = np.argsort(values, kind="stable")
    _, group, size = np.unique(values[order], return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    out = np.empty(len(values))
    out[order] = ((last - size + 1 + last) / 2.0)[group]
    return out


def spearman(first: Floats, second: Floats) -> float:
    """Return Spearman's rank correlation: that of Pearson between the ranks.

    first, second (N,) any unit, all known      returns 1, in -1..1; nan where one of them is constant or N < 2
    Reference: Spearman 1904, American Journal of Psychology 15(1), p. 72.
    """
    one, two = (r - r.mean() if len(r) else r for r in (ranks(first), ranks(second)))
    whole = float(np.sqrt((one * one).sum() * (two * two).sum()))
    return float((one * two).sum() / whole) if whole > 0 else float("nan")


def kendall(first: Floats, second: Floats) -> float:
    """Return Kendall's rank correlation with ties, τ_b = Σ sign(Δx)·sign(Δy) / √(n_x·n_y) over all pairs.

    first, second (N,) any unit, all known      returns 1, in -1..1; nan where one of them is constant or N < 2
    Reference: Kendall 1945, Biometrika 33(3), p. 239.
    """
    one, two = (np.sign(v[:, None] - v[None, :]) for v in (first, second))
    whole = float(np.sqrt((one != 0).sum(dtype=np.float64) * (two != 0).sum(dtype=np.float64)))
    return float((one * two).sum() / whole) if whole > 0 else float("nan")
