"""Which balances contradict each other, when no flows fit them all.

Notation: rows low <= A x <= high, bounds least <= x <= most, u a weight of every row.
The squares of what rows miss are made least. What is then missed, u, proves by Farkas' lemma that its rows cannot hold
together:  sum_r min(u low, u high) > sum_i max((A'u) least, (A'u) most).
Of these rows each is left out that the proof can spare (deletion filter). Source: Chinneck and Dravnieks 1991,
doi 10.1287/ijoc.3.2.157.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.kernels.balances.bounded_least_squares import BoundedProblem, minimise
from khanij.kernels.balances.linear_balances import LinearBalances, sizes, units
from khanij.kernels.balances.sparse_balances import Floats, Positions, sum_by

CERTAIN = 1e-7  # part of what a contradiction adds up by which it must fail, to be one


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows that cannot hold together, each of them needed for that; empty where everything fits.

    rows   positions of rows        items  positions of items whose bounds take part
    """

    rows: Positions
    items: Positions


def conflict(balances: LinearBalances) -> Conflict:
    """Return a smallest set of rows that contradict each other: without any one of them the rest could hold.

    There may be others, and smaller ones. The squares of what rows miss are made least; what is then missed proves,
    by Farkas' lemma, that those rows cannot hold together, and of them each is left out that the proof can spare.
    """
    n = len(balances.least)
    unit = units(balances, np.full(n, np.nan), np.full(n, np.nan))
    rows = np.arange(len(balances.low))
    part, items = _proof(balances, unit, rows)
    if not len(part):
        return Conflict(part, items)
    needed: list[int] = []
    while len(part):
        rest = np.concatenate([part[1:], np.array(needed, dtype=np.intp)])
        smaller, other = _proof(balances, unit, rest)
        if len(smaller):
            part, items = smaller[~np.isin(smaller, needed)], other
            needed = [row for row in needed if row in smaller]
        else:
            needed.append(int(part[0]))
            part = part[1:]
    return Conflict(np.sort(np.array(needed, dtype=np.intp)), items)


def _proof(balances: LinearBalances, unit: Floats, rows: Positions) -> tuple[Positions, Positions]:
    """Return the rows of a proof that some rows cannot hold together, the weakest first, and the items; none if none.

    u with sum_r min(u low, u high) > sum_i max((A'u) least, (A'u) most).
    """
    none = np.zeros(0, dtype=np.intp)
    chosen = np.zeros(len(balances.low), dtype=bool)
    chosen[rows] = True
    listed = np.flatnonzero(chosen)
    matrix = balances.matrix.pick(chosen)
    low, high = balances.low[chosen], balances.high[chosen]
    size = sizes(matrix, unit)
    centre = np.clip(0.0, balances.least, balances.most)
    at = (balances.least - centre) / unit, (balances.most - centre) / unit
    shift = matrix.times(centre)
    problem = BoundedProblem(
        matrix=matrix.scaled(size, unit),
        low=(low - shift) * size,
        high=(high - shift) * size,
        least=at[0],
        most=at[1],
        curve=np.zeros(len(unit)),
        centre=np.zeros((1, len(unit))),
    )
    missed = minimise(problem, elastic=True).multiplier[0]
    missed = np.where(np.abs(missed) > CERTAIN * np.abs(missed).max(initial=0.0), missed, 0.0)
    u = missed * size
    push = matrix.back(u)
    weight = sum_by(matrix.column, np.abs(matrix.weight * u[matrix.row]), len(unit))
    push = np.where(np.abs(push) > CERTAIN * weight, push, 0.0)
    with np.errstate(invalid="ignore"):
        most = np.where(push == 0, 0.0, np.maximum(push * balances.least, push * balances.most))
        must = np.where(u == 0, 0.0, np.minimum(u * low, u * high))
    total = np.abs(most).sum() + np.abs(must).sum()
    if not np.isfinite(total) or must.sum() - most.sum() <= CERTAIN * total:
        return none, none
    support = np.flatnonzero(missed)
    return listed[support[np.argsort(np.abs(missed[support]), kind="stable")]], np.flatnonzero(push)
