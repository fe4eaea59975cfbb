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
    _check(parent, flows, yields, share)
    fed = np.array([place >= 0 for place in parent])
    apart = fed & (yields[0] < yields[1])
    items, at = _places(fed, apart, ~np.isnan(share), len(flows[1]))
    row, column, weight = _entries(parent, flows, yields, share, at)
    rows = int(max(at.balance.max(), at.yields.max(), at.shares.max())) + 1
    low, high = np.zeros(rows), np.zeros(rows)
    high[at.yields[0, apart]] = np.inf
    low[at.yields[1, apart]] = -np.inf
    least = np.zeros(items)
    least[at.stock_change] = -np.inf
    least[at.share_error[at.share_error >= 0]] = -np.inf
    matrix = sparse_matrix((rows, items), row, column, weight)
    return LinearBalances(matrix, low, high, least, np.full(items, np.inf)), at


def _places(fed: np.ndarray, apart: np.ndarray, told: np.ndarray, flows: int) -> tuple[int, ChainItems]:
    """Return how many items there are, and where items and rows stand.

    fed, apart  (K,) a stage has a parent; its yields are a range      told  (K, n) a share is told
    """
    shape = told.shape
    size = told.size
    output, other, change = (np.arange(size).reshape(shape) + size * k for k in range(3))
    by_country, with_range = (np.broadcast_to(flags[:, None], shape) for flags in (fed, apart))
    taken, items = _numbered(by_country, 3 * size)
    scrap, items = _numbered(by_country, items)
    error, items = _numbered(told, items)
    world, items = _numbered(np.asarray(told.any(axis=1)), items)
    least_yield, rows = _numbered(by_country, size)
    most_yield, rows = _numbered(with_range, rows)
    return items + flows, ChainItems(
        output=output,
        other_use=other,
        stock_change=change,
        input=taken,
        other_feed=scrap,
        share_error=error,
        world=world,
        trade=items + np.arange(flows),
        balance=np.arange(size).reshape(shape),
        yields=np.stack([least_yield, most_yield]),
        shares=_numbered(told, rows)[0],
    )


def _entries(
    parent: Sequence[int],
    flows: tuple[Positions, Positions, Positions],
    yields: tuple[Floats, Floats],
    share: Floats,
    at: ChainItems,
) -> tuple[Positions, Positions, Floats]:
    """Return rows, columns and weights of the matrix."""
    stage, seller, buyer = flows
    entries: list[Entry] = [(at.balance, at.output, 1.0), (at.balance, at.other_use, -1.0)]
    entries += [(at.balance, at.stock_change, -1.0)]
    entries += [(at.balance[stage, seller], at.trade, -1.0), (at.balance[stage, buyer], at.trade, 1.0)]
    for t, before in enumerate(parent):
        if before < 0:
            continue
        entries.append((at.balance[before], at.input[t], -1.0))
        for row, part in ((at.yields[0, t], yields[0][t]), (at.yields[1, t], yields[1][t])):
            if row[0] >= 0:
                entries += [(row, at.output[t], 1.0), (row, at.other_feed[t], -1.0), (row, at.input[t], -part)]
    told = at.shares >= 0
    entries += [(at.shares[told], at.output[told], 1.0), (at.shares[told], at.share_error[told], -1.0)]
    entries.append((at.shares[told], np.broadcast_to(at.world[:, None], told.shape)[told], -share[told]))
    row = np.concatenate([np.ravel(entry[0]) for entry in entries])
    column = np.concatenate([np.ravel(entry[1]) for entry in entries])
    weight = np.concatenate([np.broadcast_to(entry[2], np.size(entry[0])).ravel() for entry in entries])
    return row, column, weight


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
        if len(at) and not (at.min() >= 0 and at.max() < size):
            raise ValueError(f"{name} must lie from 0 to {size - 1}")
    if (flows[1] == flows[2]).any():
        raise ValueError("a country does not trade with itself")
    fed = np.array([before >= 0 for before in parent])
    if (
        any(len(end) != stages for end in yields)
        or not ((yields[0][fed] > 0) & (yields[0][fed] <= yields[1][fed])).all()
    ):
        raise ValueError("yields must be (K,), above 0, low not above high")
