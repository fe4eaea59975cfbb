"""Which unmeasured items the balances determine, and what the spread of the measured ones leaves of every item.

Notation: rows A x = b, x = (measured m, unmeasured u); V spreads of m. Elimination of the unmeasured to reduced
echelon form, the sparsest column first, gives T with T A_u = [I R; 0 0]. The last rows, N, hold measured items alone:
  reduced balances  N A_m m = N b;   fitted  m = m^ + V A_m' N' w,   N A_m V A_m' N' w = N (b - A_m m^)
  unmeasured        u = T_p (b - A_m m) - R u_rest: observable where its row of R is 0
  covariance        of m: V - V A_m' M A_m V, M = N' (N A_m V A_m' N')^-1 N;  of u: T_p (S - S M S) T_p', S = A_m V A_m'
Sources: Crowe, Garcia Campos and Hrymak 1983, doi 10.1002/aic.690290602 (projection); Vaclavek 1969 and Romagnoli and
Sanchez 2000 (classes of items). Rows and items are expected in units in which entries are about 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.kernels.balances.bounded_least_squares import BoundedPoint, BoundedProblem
from khanij.kernels.balances.sparse_balances import Flags, Floats, Positions, SparseMatrix

NOTHING = 1e-9  # an entry of an eliminated matrix below this is rounding
RANK = 1e-11  # eigenvalue, as a part of the largest, below which reduced balances say the same thing
OUTSIDE = 1e-8  # spreads beyond a bound that are no rounding
WRONG = 1e-6  # pull of a bound in the wrong direction that is no rounding
AGREE, FAINT = 1e-6, (1e-5, 1e-7, 0.0)  # spreads by which the exact optimum may be off; pulls that may be none
REPAIRS = 20


@dataclass(frozen=True, slots=True)
class Elimination:
    """What the elimination of some columns of a matrix (m, k) left.

    turn    T (m, m)      rest  R with its row of every pivot (m, k)
    row, column  (p,) pivots: column[i] is determined by row[i]
    """

    turn: Floats
    rest: Floats
    row: Positions
    column: Positions

    @property
    def reduced(self) -> Floats:
        """Return N (m - p, m), the combinations of rows from which every eliminated column is gone."""
        left = np.ones(len(self.turn), dtype=bool)
        left[self.row] = False
        return np.asarray(self.turn[left])


def eliminate(matrix: Floats) -> Elimination:
    """Return the reduced row echelon form of a matrix (m, k), columns with fewest entries first."""
    m, k = matrix.shape
    work = np.concatenate([matrix, np.eye(m)], axis=1)
    live = np.ones(m, dtype=bool)
    count = (work[:, :k] != 0).sum(axis=0)
    done = np.zeros(k, dtype=bool)
    rows, columns = [], []
    while k and live.any():
        waiting = np.where(done | (count == 0), m + 1, count)
        column = int(waiting.argmin())
        if waiting[column] > m:
            break
        row = int(np.where(live, np.abs(work[:, column]), 0.0).argmax())
        count -= work[row, :k] != 0
        live[row], done[column] = False, True
        work[row] /= work[row, column]
        others = np.flatnonzero(work[:, column])
        others = others[others != row]
        if len(others):
            before = (work[others, :k] != 0)[live[others]].sum(axis=0)
            filled = np.flatnonzero(work[row])
            at = np.ix_(others, filled)
            changed = work[at] - np.outer(work[others, column], work[row, filled])
            changed[np.abs(changed) < NOTHING] = 0.0
            work[at] = changed
            work[others, column] = 0.0
            count += (work[others, :k] != 0)[live[others]].sum(axis=0) - before
        rows.append(row)
        columns.append(column)
    rest = work[:, :k].copy()
    rest[:, done] = 0.0
    return Elimination(work[:, k:], rest, np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class ExactFit:
    """Items under rows that hold exactly; bounds play no part.

    items       (n,) fitted; nan where unmeasured and not observable
    spread      (n,) standard deviation; nan where not observable, 0 where held
    removed     (n,) root of the variance that the rows take from a measured item, which its correction has
    observable  (n,) measured, held, or determined by the rows
    redundant   (n,) measured, and the rows say something about it too
    multiplier  (m,) of each row        rank  number of independent reduced balances
    """

    items: Floats
    spread: Floats
    removed: Floats
    observable: Flags
    redundant: Flags
    multiplier: Floats
    rank: int


def fit(matrix: SparseMatrix, right: Floats, centre: Floats, measured: Flags, held: Flags) -> ExactFit:
    """Return the least squares fit under rows A y = right, every measured item having a spread of 1.

    matrix    A (m, n)        right  (m,)
    centre    (n,) what was measured, or the value that is held; others are not read
    measured  (n,)            held   (n,) items that stay where they are
    """
    loose, hidden = measured & ~held, np.flatnonzero(~measured & ~held)
    gone = eliminate(matrix.dense(np.arange(matrix.shape[0]), hidden))
    known = np.where(loose | held, centre, 0.0)
    gap = right - matrix.times(known)
    gram = matrix.gram(loose.astype(np.float64))
    middle, rank = _inverse(gone.reduced, gram)
    multiplier = middle @ gap
    items = known + loose * matrix.back(multiplier)
    removed = matrix.around(middle) * loose
    spread = np.sqrt(np.clip(loose - removed, 0.0, None))
    observable = loose | held
    if len(gone.row):
        clear = ~gone.rest[gone.row].any(axis=1)
        place, turn = hidden[gone.column[clear]], gone.turn[gone.row[clear]]
        items[place] = turn @ (right - matrix.times(items))
        left = gram - gram @ middle @ gram
        spread[place] = np.sqrt(np.maximum(((turn @ left) * turn).sum(axis=1), 0.0))
        observable[place] = True
    items[~observable] = spread[~observable] = np.nan
    root = np.sqrt(np.clip(removed, 0.0, None))
    return ExactFit(items, spread, root, observable, loose & (removed > NOTHING), multiplier, rank)


def _inverse(reduced: Floats, gram: Floats) -> tuple[Floats, int]:
    """Return M = N' (N S N')^+ N (m, m) and the rank."""
    inner = reduced @ gram @ reduced.T
    size = np.sqrt(np.maximum(inner.diagonal(), 0.0))
    weight = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    if not len(size):
        return np.zeros_like(gram), 0
    value, vector = np.linalg.eigh(inner * weight[:, None] * weight)
    kept = value > RANK * max(float(value[-1]), 1e-300)
    root = (vector[:, kept] / np.sqrt(value[kept])).T @ (weight[:, None] * reduced)
    return np.asarray(root.T @ root), int(kept.sum())


@dataclass(frozen=True, slots=True)
class Settled:
    """The exact optimum of a problem with bounds.

    items  y (n,), nan where not observable      fit  under the rows and bounds that hold
    multiplier  (m,) 0 where a row does not hold      moved  how far measured items were set right
    """

    items: Floats
    fit: ExactFit
    multiplier: Floats
    moved: float


def settle(p: BoundedProblem, found: BoundedPoint) -> Settled:
    """Return the exact optimum near a point that an interior method found: which bounds hold, then equations alone.

    An interior point ends amid the optima, where a bound that matters pulls more than it is away, and one that does not
    is further away than it pulls. Where both are next to nothing it is let go, unless that leads elsewhere. Should no
    choice lead back to the point, which is rare, its items stand as they are.
    """
    best = _settle(p, found, FAINT[0])
    for least in FAINT[1:]:
        if best.moved <= AGREE:
            break
        other = _settle(p, found, least)
        best = other if other.moved < best.moved else best
    if best.moved <= AGREE:
        return best
    return replace(best, items=np.clip(found.items[0], p.least, p.most), multiplier=found.multiplier[0])


def _settle(p: BoundedProblem, found: BoundedPoint, least: float) -> Settled:
    """Return the optimum if bounds and rows that pull more than `least` hold; what leaves its bounds is held there."""
    measured, fixed, equal = p.curve > 0, p.least == p.most, p.low == p.high
    y, pull, u = found.items[0], found.pull[0], found.multiplier[0]
    total = p.matrix.times(y)
    at_least, at_most = (~fixed & (z > np.maximum(gap, least)) for z, gap in ((pull, y - p.least), (-pull, p.most - y)))
    at_low, at_high = (~equal & (z > np.maximum(gap, least)) for z, gap in ((u, total - p.low), (-u, p.high - total)))
    for _ in range(REPAIRS):
        held, binds = fixed | at_least | at_most, equal | at_low | at_high
        centre = np.where(at_most, p.most, np.where(held, p.least, p.centre[0]))
        exact = fit(p.matrix.pick(binds), np.where(at_high, p.high, p.low)[binds], centre, measured, held)
        total = p.matrix.times(exact.items)
        new = [~held & (exact.items < p.least - OUTSIDE), ~held & (exact.items > p.most + OUTSIDE)]
        new += [~binds & (total < p.low - OUTSIDE), ~binds & (total > p.high + OUTSIDE)]
        if not any(part.any() for part in new):
            break
        at_least, at_most, at_low, at_high = at_least | new[0], at_most | new[1], at_low | new[2], at_high | new[3]
    u = np.zeros(len(binds))
    u[binds] = exact.multiplier
    z = np.where(measured, exact.items - p.centre[0], 0.0) - p.matrix.back(u)
    away = [-z[at_least & ~fixed], z[at_most & ~fixed], -u[at_low], u[at_high]]
    if (np.concatenate(away) > WRONG).any():  # more bounds than the point needs: multipliers are not unique
        u = found.multiplier[0]
    off = np.abs(exact.items - y)[measured] / np.maximum(np.abs(y[measured]), 1.0)
    return Settled(np.clip(exact.items, p.least, p.most), exact, u, float(off.max(initial=0.0)))


def reach(
    matrix: SparseMatrix, low: Floats, high: Floats, least: Floats, most: Floats, rounds: int = 200
) -> tuple[Floats, Floats]:
    """Return bounds (n,) that low <= A y <= high and least <= y <= most imply, row by row until nothing moves.

    Never narrower than the truth; exact where the rows and the items that are not fixed make no circle.
    """
    least, most = least.copy(), most.copy()
    row, column, weight = matrix.row, matrix.column, matrix.weight
    up = weight > 0
    for _ in range(rounds):
        small = weight * np.where(up, least[column], most[column])
        large = weight * np.where(up, most[column], least[column])
        top = (high[row] - _others(row, small, len(low))) / weight
        bottom = (low[row] - _others(row, large, len(low))) / weight
        newer = least.copy(), most.copy()
        np.maximum.at(newer[0], column, np.where(up, bottom, top))
        np.minimum.at(newer[1], column, np.where(up, top, bottom))
        crossed = newer[0] > newer[1]  # by rounding; a fixed item stays where it is
        middle = np.clip(0.5 * (newer[0][crossed] + newer[1][crossed]), least[crossed], most[crossed])
        newer[0][crossed] = newer[1][crossed] = middle
        moved = _moved(least, newer[0]) | _moved(most, newer[1])
        least, most = newer
        if not moved:
            break
    return least, most


def _others(row: Positions, part: Floats, m: int) -> Floats:
    """Return for each entry the sum of the other entries of its row, infinite if one of them is."""
    endless = np.isinf(part)
    finite = np.where(endless, 0.0, part)
    count = np.bincount(row, endless, m)[row] - endless
    total = np.bincount(row, finite, m)[row] - finite
    sign = np.bincount(row, np.where(endless, np.sign(part), 0.0), m)[row] - np.where(endless, np.sign(part), 0.0)
    return np.where(count > 0, np.where(sign > 0, np.inf, -np.inf), total)


def _moved(before: Floats, after: Floats) -> bool:
    """Return whether a bound moved by more than rounding."""
    other = before != after
    one, two = before[other], after[other]
    return bool(
        (~np.isfinite(one) | ~(np.abs(two - np.where(np.isfinite(one), one, 0.0)) <= 1e-12 * (1 + abs(two)))).any()
    )
