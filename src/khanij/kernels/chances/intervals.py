"""Forecasts by quantiles: a robust line to stand on, their score, and how far they have to be widened to be true.

Levels τ are in rising order and symmetric, j/(L + 1); quantiles of a forecast are (n, L), observations (n,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS, NEAR = 200, 1e-3  # of the reweighted least squares; residual below which an error counts as squared


def levels(count: int) -> Floats:
    """Return `count` levels at even distances: τ[j] = j/(count + 1)."""
    return np.arange(1, count + 1) / (count + 1.0)


def line(x: Floats, y: Floats, weight: Floats, ridge: float) -> Floats:
    """Return b (J + 1,), intercept first, that makes Σ w·|y - b0 - x·b| + ½ ridge·|b[1:]|² least.

    x (n, J)      y, weight (n,)      ridge >= 0; the intercept is spared
    Least squares reweighted by 1/|residual| (Schlossmacher 1973, J. Am. Stat. Assoc. 68, pages 857-859).
    """
    rows = np.column_stack([np.ones(len(y)), x])
    penalty = np.diag([1e-9, *[ridge] * x.shape[1]])
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        pull = weight / np.maximum(np.abs(y - rows @ found), NEAR)
        again = np.linalg.solve(rows.T @ (pull[:, None] * rows) + penalty, rows.T @ (pull * y))
        moved = float(np.abs(again - found).max())
        found = again
        if moved < 1e-7:
            break
    return found


def crps(quantiles: Floats, observed: Floats) -> Floats:
    """Return the continuous ranked probability score (n,) of forecasts by quantiles: 2·mean over τ of the pinball loss.

    CRPS = 2∫ (1[y < q(τ)] - τ)·(q(τ) - y) dτ   (Gneiting and Ranjan 2011, J. Bus. Econ. Stat. 29, pages 411-422)
    """
    tau = levels(quantiles.shape[1])
    gap = quantiles - observed[:, None]
    return np.asarray(2.0 * (((gap > 0) - tau) * gap).mean(axis=1))


def conformal(quantiles: Floats, observed: Floats, unit: Floats) -> Floats:
    """Return by how many units (L,) each quantile has to move so that central intervals cover what they say.

    For the interval from τ to 1 - τ: the share (1 - 2τ)(1 + 1/n) of max((low - y)/u, (y - high)/u), subtracted below
    and added above; negative where intervals were too wide. The median stays.
    (Romano, Patterson and Candès 2019, Conformalized quantile regression.)
    quantiles (n, L) of the calibration years      observed, unit (n,), unit > 0
    """
    count, size = quantiles.shape[1], len(observed)
    move = np.zeros(count)
    for low in range(count // 2):
        high = count - 1 - low
        outside = np.maximum(quantiles[:, low] - observed, observed - quantiles[:, high]) / unit
        share = (high - low) / (count + 1.0) * (1.0 + 1.0 / size)
        margin = float(np.quantile(outside, min(share, 1.0), method="higher"))
        move[low], move[high] = -margin, margin
    return move


def moved(quantiles: Floats, move: Floats, unit: Floats) -> Floats:
    """Return quantiles moved by (L,) units (n,), in rising order."""
    return np.sort(quantiles + move[None, :] * unit[:, None], axis=1)


def covered(quantiles: Floats, observed: Floats, part: float) -> NDArray[np.bool_]:
    """Return whether each observation lies in the central interval that should hold `part` of them (n,).

    Ends between two levels are interpolated.
    """
    tau = levels(quantiles.shape[1])
    low, high = (_at(quantiles, tau, level) for level in ((1.0 - part) / 2.0, (1.0 + part) / 2.0))
    return np.asarray((observed >= low) & (observed <= high))


def below(quantiles: Floats, observed: Floats, level: float) -> NDArray[np.bool_]:
    """Return whether each observation lies at or below the quantile of a level (n,)."""
    return np.asarray(observed <= _at(quantiles, levels(quantiles.shape[1]), level))


def _at(quantiles: Floats, tau: Floats, level: float) -> Floats:
    """Return the quantile (n,) of a level, between two levels by interpolation."""
    right = int(np.clip(np.searchsorted(tau, level - 1e-12), 1, len(tau) - 1))
    part = (level - tau[right - 1]) / (tau[right] - tau[right - 1])
    return np.asarray(quantiles[:, right - 1] * (1.0 - part) + quantiles[:, right] * part)
