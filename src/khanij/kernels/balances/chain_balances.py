"""Balances of a chain whose stages may part in branches, with what feeds a stage beside the one before it.

Stages s = 0..K-1, each made from its parent or from nothing recorded; countries c = 0..n-1; tonnes of content a year:
  balance  P[s, c] + imports - exports - D[s, c] - F[s, c] - (sum of R[t, c] over stages t made from s) = 0
  yield    low <= (P[t, c] - G[t, c]) / R[t, c] <= high
  share    P[s, c] - share[s, c] W[s] - e[s, c] = 0
P output, D what stocks rise by, R what a stage takes in, G what it makes of scrap and other feed, F all other use,
W world output and e the error of a published share of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from khanij.kernels.balances.linear_balances import LinearBalances
from khanij.kernels.balances.sparse_balances import Floats, Positions, sparse_matrix

Entry = tuple[Positions, Positions, ArrayLike]


@dataclass(frozen=True, slots=True)
class ChainItems:
    """Where the items and rows of a chain stand; -1 where there is none.

    output, other_use, stock_change, input, other_feed, share_error  (K, n) positions of P, F, D, R, G, e
    world  (K,) positions of W      trade  (E,) positions of the flows, in the order given
    balance, shares  (K, n) rows      yields  (2, K, n) rows of low and high
    """

    output: Positions
    other_use: Positions
    stock_change: Positions
    input: Positions
    other_feed: Positions
    share_error: Positions
    world: Positions
    trade: Positions
    balance: Positions
    yields: Positions
    shares: Positions


def chain_balances(
    parent: Sequence[int], flows: tuple[Positions, Positions, Positions], yields: tuple[Floats, Floats], share: Floats
) -> tuple[LinearBalances, ChainItems]:
    """Return the balances of one material, nothing measured yet: items at least 0, but for stocks and errors.

    parent   (K,) the stage that each is made from, another one, or -1
    flows    stage, seller, buyer (E,) of the trade flows; a country does not trade with itself
    yields   low, high (K,) t of output a tonne taken in, 0 < low <= high; not read where there is no parent
    share    (K, n) part of world output that a country makes; nan = not told: that country has no row
    Raises ValueError where shapes or values do not fit.
    """
    stages, n = share.shape
    stage, seller, buyer = flows
    _check(parent, flows, yields, share)
    size = stages * n
    fed = np.array([place >= 0 for place in parent])
    told = ~np.isnan(share)
    output, other, change = (np.arange(size).reshape(stages, n) + size * k for k in range(3))
    items = 3 * size
    taken, items = _numbered(np.broadcast_to(fed[:, None], (stages, n)), items)
    scrap, items = _numbered(np.broadcast_to(fed[:, None], (stages, n)), items)
    error, items = _numbered(told, items)
    world, items = _numbered(told.any(axis=1), items)
    trade = items + np.arange(len(seller))
    items += len(seller)
    balance, rows = np.arange(size).reshape(stages, n), size
    least_yield, rows = _numbered(np.broadcast_to(fed[:, None], (stages, n)), rows)
    apart = fed & (yields[0] < yields[1])
    most_yield, rows = _numbered(np.broadcast_to(apart[:, None], (stages, n)), rows)
    shares, rows = _numbered(told, rows)

    entries: list[Entry] = [(balance, output, 1.0), (balance, other, -1.0), (balance, change, -1.0)]
    entries += [(balance[stage, seller], trade, -1.0), (balance[stage, buyer], trade, 1.0)]
    for t, before in enumerate(parent):
        if before < 0:
            continue
        entries.append((balance[before], taken[t], -1.0))
        for row, part in ((least_yield[t], yields[0][t]), (most_yield[t], yields[1][t])):
            if row[0] >= 0:
                entries += [(row, output[t], 1.0), (row, scrap[t], -1.0), (row, taken[t], -part)]
    entries += [(shares[told], output[told], 1.0), (shares[told], error[told], -1.0)]
    entries.append((shares[told], np.broadcast_to(world[:, None], told.shape)[told], -share[told]))
    row = np.concatenate([np.ravel(entry[0]) for entry in entries])
    column = np.concatenate([np.ravel(entry[1]) for entry in entries])
    weight = np.concatenate([np.broadcast_to(entry[2], np.size(entry[0])).ravel() for entry in entries])

    low, high = np.zeros(rows), np.zeros(rows)
    high[least_yield[apart]] = np.inf
    low[most_yield[apart]] = -np.inf
    least = np.zeros(items)
    least[change], least[error[told]] = -np.inf, -np.inf
    matrix = sparse_matrix((rows, items), row, column, weight)
    places = ChainItems(
        output=output,
        other_use=other,
        stock_change=change,
        input=taken,
        other_feed=scrap,
        share_error=error,
        world=world,
        trade=trade,
        balance=balance,
        yields=np.stack([least_yield, most_yield]),
        shares=shares,
    )
    return LinearBalances(matrix, low, high, least, np.full(items, np.inf)), places


def _numbered(there: np.ndarray, start: int) -> tuple[Positions, int]:
    """Return positions from a start on where there is something, -1 where not, and the position after the last."""
    found = np.full(there.shape, -1)
    count = int(there.sum())
    found[there] = start + np.arange(count)
    return found, start + count


def _check(
    parent: Sequence[int],
    flows: tuple[Positions, Positions, Positions],
    yields: tuple[Floats, Floats],
    share: Floats,
) -> None:
    """Raise ValueError where shapes or values do not fit."""
    stages, n = share.shape
    if len(parent) != stages or any(not -1 <= before < stages or before == t for t, before in enumerate(parent)):
        raise ValueError(f"parent must name another of {stages} stages, or -1")
    for name, at, size in zip(("stage", "seller", "buyer"), flows, (stages, n, n), strict=True):
        if len(at) and not (0 <= at.min() and at.max() < size):
            raise ValueError(f"{name} must lie from 0 to {size - 1}")
    if (flows[1] == flows[2]).any():
        raise ValueError("a country does not trade with itself")
    fed = np.array([before >= 0 for before in parent])
    if any(len(end) != stages for end in yields) or not (
        (yields[0][fed] > 0) & (yields[0][fed] <= yields[1][fed])
    ).all():
        raise ValueError("yields must be (K,), above 0, low not above high")
