"""How concentrated a supply is: shares, Herfindahl-Hirschman sums, weights that may be missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def total(amounts: Floats, axis: int = -1) -> Floats:
    """Return the sum of the known amounts, nan where none is known.

    amounts (..., C) any unit, nan = not known      axis  that of C      returns (...)
    """
    known = ~np.isnan(amounts)
    summed: Floats = np.where(known, amounts, 0.0).sum(axis=axis)
    return np.where(known.any(axis=axis), summed, np.nan)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, nan where the whole is not above 0.

    part, whole  arrays that broadcast, one unit      returns 1
    """
    whole = np.asarray(whole, dtype=np.float64)
    positive = whole > 0
    return np.where(positive, part / np.where(positive, whole, 1.0), np.nan)


def shares(amounts: Floats, axis: int = -1) -> Floats:
    """Return the share of each known amount in their total: s = x / Σ x.

    amounts (..., C) any unit, nan = not known      axis  that of C
    returns (..., C) 1, summing to 1 over the known; nan where not known or where the total is 0
    """
    return ratio(amounts, np.expand_dims(total(amounts, axis), axis))


def hhi(amounts: Floats, rest: Floats | float = 0.0, weights: Floats | float = 1.0, axis: int = -1) -> Floats:
    """Return the (weighted) Herfindahl-Hirschman index: H = Σ w·x² / (Σ x + rest)².

    amounts (..., C) any unit, nan = not known: left out
    rest    (...) same unit: supply of nobody in particular, which counts in the total but adds no square
    weights (..., C) 1      axis  that of C
    returns (...) 1, in 0..max w; nan where the total is not above 0
    Reference: Hirschman 1964, The paternity of an index, American Economic Review 54(5), p. 761.
    """
    squares = total(amounts * amounts * weights, axis)
    whole = total(amounts, axis) + rest
    return ratio(squares, np.where(whole > 0, whole * whole, 0.0))


def hhi_bounds(amounts: Floats, rest: Floats | float, axis: int = -1) -> tuple[Floats, Floats]:
    """Return the least and the greatest index that a rest without names allows.

    Least: the rest is spread over very many; greatest: it is one more supplier, (Σ x² + rest²) / (Σ x + rest)².
    amounts (..., C), rest (...) one unit      axis  that of C      returns two (...) 1
    """
    least = hhi(amounts, rest, axis=axis)
    whole = total(amounts, axis) + rest
    return least, least + np.square(ratio(np.asarray(rest, dtype=np.float64), whole))


def fill_weights(
    amounts: Floats, weights: Floats, missing: float | None = None, axis: int = -1
) -> tuple[Floats, Floats]:
    """Return weights without gaps, and the share of the amounts whose weight was missing.

    A missing weight takes `missing`, or if that is None the mean of the others by amount: m = Σ x·w / Σ x.
    amounts (..., C) any unit      weights (..., C) 1, nan = missing      axis  that of C
    returns weights (..., C) 1, nan only where no weight is known at all; share (...) 1
    """
    counted = np.where(np.isnan(amounts), 0.0, amounts)
    gap = np.isnan(weights)
    whole = counted.sum(axis=axis)
    lacking = ratio(np.where(gap, counted, 0.0).sum(axis=axis), whole)
    if missing is not None:
        return np.where(gap, missing, weights), lacking
    seen = np.where(gap, 0.0, counted)
    mean = ratio((seen * np.where(gap, 0.0, weights)).sum(axis=axis), seen.sum(axis=axis))
    return np.where(gap, np.expand_dims(mean, axis), weights), lacking
