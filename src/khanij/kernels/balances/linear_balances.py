"""Linear balances among items, and those of a material's stages: output, trade, stocks, use and yields.

Stages s = 0..K-1, countries c = 0..n-1; tonnes of content a year:
  balance  P[s, c] + imports - exports - D[s, c] - R[s, c] - F[s, c] = 0
  yield    low <= P[s+1, c] / R[s, c] <= high
P output, D what stocks rise by, R what the next stage takes in, F all other use (waste and what nobody explains too).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from khanij.kernels.balances.sparse_balances import Floats, Positions, SparseMatrix, sparse_matrix, sum_by


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


@dataclass(frozen=True, slots=True)
class StageItems:
    """Where the items and rows of stage balances stand; -1 where there is none.

    output, other_use, stock_change, input  (K, n) positions of P, F, D, R; R of the last stage is -1
    trade                                   (E,) positions of the flows, in the order given
    balance                                 (K, n) rows        yields  (2, K, n) rows of low and high, as of R
    """

    output: Positions
    other_use: Positions
    stock_change: Positions
    input: Positions
    trade: Positions
    balance: Positions
    yields: Positions


def stage_balances(
    seller: Positions, buyer: Positions, stage: Positions, yield_low: Floats, yield_high: Floats, *, stages: int
) -> tuple[LinearBalances, StageItems]:
    """Return the balances of one material, nothing measured yet: items at least 0, but stocks may fall too.

    stage, seller, buyer   (E,) positions of the trade flows; a country does not trade with itself
    yield_low, yield_high  (K - 1, n) t of content in output of stage s + 1 a tonne taken in, 0 < low <= high; nan where
                           nothing is known: output and input are then apart
    Raises ValueError where shapes or values do not fit.
    """
    n = yield_low.shape[-1]
    _check_stages(seller, buyer, stage, yield_low, yield_high, stages)
    size = stages * n
    output, other, change = (np.arange(size).reshape(stages, n) + size * k for k in range(3))
    fed = np.full((stages, n), -1)
    fed[:-1] = 3 * size + np.arange(size - n).reshape(stages - 1, n)
    trade = 4 * size - n + np.arange(len(seller))
    balance = np.arange(size).reshape(stages, n)
    known = np.flatnonzero(~np.isnan(yield_low).ravel())
    exact = (yield_low == yield_high).ravel()[known]
    yields = np.full((2, size), -1)
    yields[0, known] = size + np.arange(len(known))
    yields[1, known[~exact]] = size + len(known) + np.arange(int((~exact).sum()))
    rows = size + len(known) + int((~exact).sum())

    entries: list[tuple[Positions, Positions, ArrayLike]] = [
        (balance, output, 1.0),
        (balance, other, -1.0),
        (balance, change, -1.0),
        (balance[:-1], fed[:-1], -1.0),
    ]
    entries += [(balance[stage, seller], trade, -1.0), (balance[stage, buyer], trade, 1.0)]
    for row, part, at in ((yields[0], yield_low, known), (yields[1], yield_high, known[~exact])):
        entries += [(row[at], output.ravel()[at + n], 1.0), (row[at], fed.ravel()[at], -part.ravel()[at])]
    row = np.concatenate([np.ravel(part[0]) for part in entries])
    column = np.concatenate([np.ravel(part[1]) for part in entries])
    weight = np.concatenate([np.broadcast_to(part[2], np.size(part[0])) for part in entries])

    low, high = np.zeros(rows), np.zeros(rows)
    high[yields[0, known[~exact]]] = np.inf
    low[yields[1, known[~exact]]] = -np.inf
    least = np.zeros(4 * size - n + len(seller))
    least[change] = -np.inf
    matrix = sparse_matrix((rows, len(least)), row, column, weight)
    places = StageItems(output, other, change, fed, trade, balance, yields.reshape(2, stages, n))
    return LinearBalances(matrix, low, high, least, np.full(len(least), np.inf)), places


def add_totals(balances: LinearBalances, groups: list[Positions]) -> tuple[LinearBalances, Positions]:
    """Return the balances with one more item and row a group, the sum of the group's items, such as a world total.

    groups  positions of items, one array a total        returns also the positions (G,) of the totals
    """
    a = balances.matrix
    m, n = a.shape
    count = len(groups)
    totals, more = n + np.arange(count), m + np.arange(count)
    row = np.concatenate([a.row, more, *(np.full(len(group), m + g) for g, group in enumerate(groups))])
    column = np.concatenate([a.column, totals, *groups])
    weight = np.concatenate([a.weight, -np.ones(count), np.ones(sum(len(group) for group in groups))])
    none = np.zeros(count)
    wider = LinearBalances(
        sparse_matrix((m + count, n + count), row, column, weight),
        np.concatenate([balances.low, none]),
        np.concatenate([balances.high, none]),
        np.concatenate([balances.least, np.full(count, -np.inf)]),
        np.concatenate([balances.most, np.full(count, np.inf)]),
    )
    return wider, totals


def _check_stages(
    seller: Positions, buyer: Positions, stage: Positions, low: Floats, high: Floats, stages: int
) -> None:
    """Raise ValueError where shapes or values do not fit."""
    if stages < 1 or low.shape != high.shape or low.ndim != 2 or len(low) != stages - 1:
        raise ValueError("yields must be (K - 1, n), one row for each step between K stages")
    n = low.shape[1]
    for name, at, size in (("stage", stage, stages), ("seller", seller, n), ("buyer", buyer, n)):
        if at.shape != seller.shape or (at.size and (at.min() < 0 or at.max() >= size)):
            raise ValueError(f"{name} lies outside the {size} there are, or differs in length")
    if (seller == buyer).any():
        raise ValueError("trade: a country with itself")
    missing = np.isnan(low) | np.isnan(high)
    if (np.isnan(low) != np.isnan(high)).any() or not (missing | ((low > 0) & (low <= high) & (high < np.inf))).all():
        raise ValueError("yields must be above 0, low at most high, both or neither of them known")


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
