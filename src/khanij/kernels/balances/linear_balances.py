"""Linear balances among items: rows of a sparse matrix between two ends, items between two bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.kernels.balances.sparse_balances import Floats, SparseMatrix, sum_by


@dataclass(frozen=True, slots=True)
class LinearBalances:
    """low <= A x <= high and least <= x <= most.

    matrix       A (m, n), see sparse_matrix      low, high  (m,) one unit a row; equal for a balance, infinite if open
    least, most  (n,) unit of the item, infinite if open
    """

    matrix: SparseMatrix
    low: Floats
    high: Floats
    least: Floats
    most: Floats


def check(balances: LinearBalances, value: Floats, sigma: Floats) -> None:
    """Raise ValueError where shapes do not fit or values lie outside their range."""
    m, n = balances.matrix.shape
    if balances.low.shape != (m,) or balances.high.shape != (m,):
        raise ValueError(f"low and high must be ({m},)")
    if not all(array.shape == (n,) for array in (balances.least, balances.most, value, sigma)):
        raise ValueError(f"least, most, value and sigma must be ({n},)")
    if not (np.isfinite(balances.matrix.weight).all() and (balances.low <= balances.high).all()):
        raise ValueError("weights must be finite, and low at most high")
    if not (balances.least <= balances.most).all():
        raise ValueError("least must be at most most")
    if (balances.low == np.inf).any() or (balances.high == -np.inf).any() or (balances.least == np.inf).any():
        raise ValueError("a bound is infinite on the wrong side")
    known = ~np.isnan(value)
    if not (np.isfinite(value[known]).all() and (sigma[known] > 0).all() and np.isfinite(sigma[known]).all()):
        raise ValueError("value must be finite or nan, and sigma finite and above 0 where there is a value")


def units(balances: LinearBalances, value: Floats, sigma: Floats) -> Floats:
    """Return the unit of every item (n,): its spread; where not measured, the middle of what its rows leave to it."""
    a = balances.matrix
    unit = np.where(np.isnan(value), np.nan, sigma)
    rows = np.zeros(len(balances.low))
    if np.isnan(unit).all():
        for ends in (balances.low, balances.high):
            rows = np.maximum(rows, np.where(np.isfinite(ends), np.abs(ends), 0.0))
        for edge in (balances.least, balances.most):
            unit = np.fmax(unit, np.where(np.isfinite(edge) & (edge != 0), np.abs(edge), np.nan))
    hidden = np.isnan(unit)
    size = np.abs(a.weight)
    settled = 0
    while settled < 2:  # once more when all are known, as the first of a row to be known may be its smallest
        known = ~np.isnan(unit)[a.column]
        np.maximum.at(rows, a.row[known], size[known] * unit[a.column[known]])
        told = np.where(rows[a.row] > 0, rows[a.row] / size, np.nan)
        least, most = np.full(len(unit), np.inf), np.zeros(len(unit))
        np.fmin.at(least, a.column, told)
        np.fmax.at(most, a.column, told)
        new = hidden & (most > 0)
        settled += bool((np.isnan(unit) <= ~new).all())
        unit[new] = np.sqrt(least[new] * most[new])
    usual = float(np.exp(np.nanmean(np.log(unit)))) if not np.isnan(unit).all() else 1.0
    return np.where(np.isnan(unit), usual, unit)


def sizes(matrix: SparseMatrix, unit: Floats) -> Floats:
    """Return the factor of every row that brings its entries to about 1."""
    square = sum_by(matrix.row, (matrix.weight * unit[matrix.column]) ** 2, matrix.shape[0])
    return np.divide(1.0, np.sqrt(square), out=np.ones_like(square), where=square > 0)
