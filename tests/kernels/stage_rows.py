"""Balances of a material's stages, and totals of items, as made-up rows for the tests of what reconciles them.

Stages s = 0..K-1, countries c = 0..n-1; tonnes of content a year:
  balance  P[s, c] + imports - exports - D[s, c] - R[s, c] - F[s, c] = 0
  yield    low <= P[s+1, c] / R[s, c] <= high
P output, D what stocks rise by, R what the next stage takes in, F all other use (waste and what nobody explains too).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from khanij.kernels.balances.linear_balances import LinearBalances
from khanij.kernels.balances.sparse_balances import Floats, Positions, sparse_matrix


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
    """
    n = yield_low.shape[-1]
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
