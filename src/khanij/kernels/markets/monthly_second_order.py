"""Second order, month by month: customers of who lost output go short, then suppliers lose sales.

Notation and rule as in monthly_loss: what an input leaves is 1 - w e (1 - a), a = min(1, S + what came).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from khanij.kernels.markets.monthly_loss import Flags, Floats, PairGroups, Positions, check_range

Step = Callable[[Floats, Positions], Floats]
PIECE = 2**15  # links times scenarios that are gathered at once
TOLERANCE = 1e-12  # part of output by which a limit may still move in a fixed point
ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class SupplierLinks:
    """L links from a supplier to a user, in an input-output table with the same rule.

    supplier, user   (L,) positions
    home             (L,) part of this input that the supplier delivers, 0..1; the rest, imports, neither falls nor
                     stands in
    exposed, weight, cover  (L,) as of InputNeeds, all known
    sold             (L,) part of the supplier's sales that the user buys, 0..1, at most 1 a supplier in all
    """

    supplier: Positions
    user: Positions
    home: Floats
    exposed: Floats
    weight: Floats
    cover: Floats
    sold: Floats


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """What is left (B, M, n) after customers went short, and after suppliers lost sales too; converged (B,)."""

    downstream: Floats
    final: Floats
    converged: Flags


def combine(output: Floats, group: Positions, share: Floats, groups: int) -> Floats:
    """Return what is left (..., n) of industries whose products lost output: 1 - sum of share * (1 - x).

    output  x (..., J) of products        group  (J,) industry of each       share  (J,) of its output, at most 1 in all
    Raises ValueError where the shares of an industry add up to more than 1.
    """
    total = np.bincount(group, share, groups)
    if not ((share >= 0).all() and (total <= 1 + 1e-9).all()):
        raise ValueError("share must not be negative, nor add up to more than 1 in an industry")
    order = np.argsort(group, kind="stable")
    lost = (share * (1.0 - output))[..., order]
    missed = PairGroups.of(group[order], groups).total(lost.reshape(-1, len(order)))
    return np.maximum(1.0 - missed, 0.0).reshape(*output.shape[:-1], groups)


def second_order(first: Floats, links: SupplierLinks, *, rounds: int = ROUNDS) -> SecondOrder:
    """Return how what is lost first spreads, each month in full, to customers and then to suppliers.

    first  (B, M, n) part of output that each industry can make after the first shock, 0..1
    Downstream, the largest solution of  c[j] = min(first[j], 1 - w e (1 - a)),  a = min(1, S + 1 - home (1 - c[i])),
    S' = S + 1 - home (1 - c[i]) - a.  Upstream, the largest of  x[i] = min(c[i], 1 - sum_j sold[i, j] (1 - x[j])): who
    could not sell is no cause of shortage. Both maps fall from step to step.
    Raises ValueError on values outside their range.
    """
    _check_links(first, links)
    batch, months, n = first.shape
    order = np.argsort(links.user, kind="stable")
    supplier, home = links.supplier[order], links.home[order]
    fall, by = (links.exposed * links.weight)[order], PairGroups.of(links.user[order], n)
    stock = np.broadcast_to(links.cover[order], (batch, len(order))) if links.cover.any() else None
    tied = np.flatnonzero(fall * home > 0)
    reach, through, tie = (fall * home)[tied], supplier[tied], PairGroups.of(links.user[order][tied], n)
    sales = np.flatnonzero(links.sold > 0)
    seller = np.argsort(links.supplier[sales], kind="stable")
    sales = sales[seller]
    buyer, sold, lost = links.user[sales], links.sold[sales], PairGroups.of(links.supplier[sales], n)
    down, end, good = np.empty_like(first), np.empty_like(first), np.ones(batch, dtype=bool)

    def ration(month: int, stock: Floats | None, kept: Floats, rows: Positions) -> Floats:
        if stock is None:  # what is missing is short at once
            return np.asarray(
                np.minimum(first[rows, month], 1.0 - gathered(np.maximum, 1.0 - kept, through, reach, tie))
            )
        there = stock[rows] + 1.0 - home * (1.0 - kept[:, supplier])
        return np.asarray(np.minimum(first[rows, month], by.least(1.0 - fall * (1.0 - np.minimum(there, 1.0)))))

    def sell(month: int, kept: Floats, rows: Positions) -> Floats:
        missed = gathered(np.add, 1.0 - kept, buyer, sold, lost)
        return np.asarray(np.minimum(down[rows, month], np.maximum(1.0 - missed, 0.0)))

    for month in range(months):
        down[:, month], one = _fall(first[:, month], partial(ration, month, stock), rounds)
        if stock is not None:
            there = stock + 1.0 - home * (1.0 - down[:, month, supplier])
            stock = there - np.minimum(there, 1.0)
        end[:, month], two = _fall(down[:, month], partial(sell, month), rounds)
        good &= one & two
    return SecondOrder(down, end, good)


def gathered(how: np.ufunc, values: Floats, at: Positions, times: Floats, by: PairGroups) -> Floats:
    """Return (B, count) the sums, or the largest, of values (B, n) at links times what each of these counts; 0 of none.

    how  np.add or np.maximum      at, times  (L,) sorted as the groups are
    A few rows at a time, so that what is gathered stays in the cache: five times as fast for many links.
    """
    found = np.zeros((len(values), by.count))
    rows = max(1, PIECE // max(len(at), 1))
    for first in range(0, len(values) if len(at) else 0, rows):
        piece = slice(first, first + rows)
        found[piece, by.who] = how.reduceat(np.take(values[piece], at, axis=1) * times, by.first, axis=1)
    return found


def _fall(start: Floats, step: Step, rounds: int) -> tuple[Floats, Flags]:
    """Return the limit of a falling map (B, n), and whether each row reached it."""
    kept, rows = start.copy(), np.flatnonzero((start < 1.0).any(axis=1))
    for _ in range(rounds):
        if not len(rows):
            break
        after = np.minimum(step(kept[rows], rows), kept[rows])
        moved = (kept[rows] - after).max(axis=1, initial=0.0)
        kept[rows] = after
        rows = rows[moved > TOLERANCE]
    done = np.ones(len(kept), dtype=bool)
    done[rows] = False
    return kept, done


def _check_links(first: Floats, links: SupplierLinks) -> None:
    """Raise ValueError where an argument lies outside its range."""
    if first.ndim != 3:
        raise ValueError("first must be (B, M, n)")
    check_range("first", first, 0.0, 1.0)
    count, n = len(links.user), first.shape[2]
    for name, at in (("supplier", links.supplier), ("user", links.user)):
        if at.shape != (count,) or (count and (at.min() < 0 or at.max() >= n)):
            raise ValueError(f"links.{name} lies outside the {n} there are")
    for name in ("home", "exposed", "weight", "sold"):
        check_range(name, getattr(links, name), 0.0, 1.0)
    check_range("cover", links.cover, 0.0, np.finfo(np.float64).max)
    if (np.bincount(links.supplier, links.sold, n) > 1 + 1e-9).any():
        raise ValueError("links.sold adds up to more than 1 of a supplier")
