"""Least squares under linear rows and bounds, by a primal-dual interior point method as cheap as there are rows.

  minimise  1/2 sum_i q[i] (y[i] - c[i])^2   subject to   A y = s,  low <= s <= high,  least <= y <= most

q is 0 where an item has no term. Notation: u multipliers of the rows, z > 0 those of bounds, h distances to bounds.
With g = 1 / (q + sum z/h + reg) for items, and g_s likewise for the slack of rows that are ranges, every step solves
(A G A' + G_s) du = r, a matrix with one row a balance. Predictor and corrector after Mehrotra; reg holds a step back
and changes no optimum, so that items without term or bound, and rows that say the same thing, do no harm.
Sources: Mehrotra 1992, doi 10.1137/0802028; Altman and Gondzio 1999, doi 10.1080/10556789908805754 (regularised).
Everything is expected in units in which spreads are about 1. Leading axis: B problems that differ in c alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from khanij.kernels.balances.sparse_balances import Flags, Floats, Levels, Positions, SparseMatrix, find_levels

CLOSE, PRODUCT = 1e-8, 1e-15  # gaps, in spreads or of the largest, and mean distance times z, at which it stops
STEPS = 100
HELD_BACK, RIDGE = 1e-5, 1e-12  # reg of items and of rows
SHORT = 0.995  # part of the way to the nearest bound that is gone
SLOW, MIDDLE = 0.7, 0.3  # fall of distance times z that is too slow, and what it is to fall to then
PACE = 1e-2  # part of its first value that distance times z keeps where rows keep all of their gap
STUCK, BACK = 0.1, 3.0  # length of a step below which the middle is further out, and where
LOST = 1e14  # size of a gap from which on nothing is to be hoped for


@dataclass(frozen=True, slots=True)
class BoundedProblem:
    """The problem above: matrix A (m, n); low, high (m,); least, most (n,); curve q (n,); centre c (B, n)."""

    matrix: SparseMatrix
    low: Floats
    high: Floats
    least: Floats
    most: Floats
    curve: Floats
    centre: Floats


@dataclass(frozen=True, slots=True)
class BoundedPoint:
    """Where the method stopped.

    items       y (B, n)      pull  (B, n) multiplier of the bounds, above 0 at the lower one
    multiplier  u (B, m), above 0 where a row is held at low; what is missed, if elastic
    converged   (B,)          steps  (B,)
    """

    items: Floats
    pull: Floats
    multiplier: Floats
    converged: Flags
    steps: Positions


@dataclass(slots=True)
class _Bounded:
    """What moves between bounds (B, n).

    at      place
    gaps    distances to the lower and the upper bound, kept apart so that they never round to 0; inf without a bound
    pulls   multipliers of both bounds; 0 without
    """

    at: Floats
    gaps: tuple[Floats, Floats]
    pulls: tuple[Floats, Floats]

    @property
    def net(self) -> Floats:
        """Return what the bounds pull."""
        return self.pulls[0] - self.pulls[1]

    @property
    def stiff(self) -> Floats:
        """Return z over distance, both bounds."""
        return self.pulls[0] / self.gaps[0] + self.pulls[1] / self.gaps[1]

    def aim(self, target: Floats, cross: tuple[Floats, Floats]) -> Floats:
        """Return what the bounds would pull if nothing moved and distance times z went to the target (B, 1)."""
        return np.asarray((target - cross[0]) / self.gaps[0] - (target - cross[1]) / self.gaps[1])

    def moves(self, step: Floats, target: Floats, cross: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """Return steps of both z that go with a step of the place."""
        down, up = self.pulls
        first = (target - cross[0] - down * step) / self.gaps[0] - down
        return first, (target - cross[1] + up * step) / self.gaps[1] - up

    def room(self, step: Floats, moves: tuple[Floats, Floats]) -> Floats:
        """Return how far (B,) place and multipliers may go along their steps, at most 1."""
        ends = ((self.gaps[0], step), (self.gaps[1], -step), (self.pulls[0], moves[0]), (self.pulls[1], moves[1]))
        return np.asarray(np.minimum.reduce([_most(left, along) for left, along in ends]))

    def product(self, length: float | Floats, step: Floats, moves: tuple[Floats, Floats]) -> Floats:
        """Return the sums (B,) of distance times z after steps of a length."""
        total = np.zeros(len(self.at))
        for gap, pull, along, move in zip(self.gaps, self.pulls, (step, -step), moves, strict=True):
            total += (np.where(np.isfinite(gap), gap + length * along, 0.0) * (pull + length * move)).sum(axis=1)
        return total

    def go(self, length: Floats, step: Floats, moves: tuple[Floats, Floats]) -> None:
        """Take the steps, by a length (B, 1)."""
        self.at = self.at + length * step
        self.gaps = self.gaps[0] + length * step, self.gaps[1] - length * step
        self.pulls = self.pulls[0] + length * moves[0], self.pulls[1] + length * moves[1]

    def keep(self, rows: Flags) -> None:
        """Keep some of the B."""
        self.at = self.at[rows]
        self.gaps = self.gaps[0][rows], self.gaps[1][rows]
        self.pulls = self.pulls[0][rows], self.pulls[1][rows]


def _most(left: Floats, step: Floats) -> Floats:
    """Return the largest part (B,) of a step that leaves nothing below 0, at most 1."""
    falling = step < 0
    part = np.divide(left, -step, out=np.full(left.shape, np.inf), where=falling)
    return np.asarray(np.minimum(part.min(axis=1, initial=1.0), 1.0))


def _bounded(low: Floats, high: Floats, free: Flags, start: Floats) -> _Bounded:
    """Return a start (B, n) pushed inside the bounds of what is free, further where it was further out.

    The rest stays and has no bounds. Distance times z is the same everywhere.
    """
    low, high = np.where(free, low, -np.inf), np.where(free, high, np.inf)
    both = np.isfinite(low) & np.isfinite(high)
    out = np.maximum(np.maximum(low - start, start - high), 1.0)
    edge = np.minimum(out, np.where(both, 0.5 * (high - low), np.inf))
    at = np.where(free, np.minimum(np.maximum(start, low + edge), high - edge), start)
    gaps = np.maximum(at - low, edge), np.maximum(high - at, edge)
    level = out.mean(axis=1, keepdims=True) if out.shape[1] else np.ones((len(start), 1))
    return _Bounded(at, gaps, (level / gaps[0], level / gaps[1]))


@dataclass(slots=True)
class _Run:
    """Problems that still run: what is common to them, then items, slack and multipliers (B, m), and which they are.

    before    (B,) least mean of distance times z so far      length  (B,) of the last step
    pace      (B,) what it may be, at least, a unit of the largest gap of a row: else bounds stand in the way of rows
    """

    problem: BoundedProblem
    levels: Levels
    free: Flags
    ranged: Flags
    soft: float
    ridge: float
    size: float
    y: _Bounded
    s: _Bounded
    u: Floats
    centre: Floats
    who: Positions
    before: Floats
    length: Floats
    pace: Floats

    def keep(self, rows: Flags) -> None:
        """Keep some of the B."""
        self.y.keep(rows)
        self.s.keep(rows)
        self.u, self.centre, self.who = self.u[rows], self.centre[rows], self.who[rows]
        self.before, self.length, self.pace = self.before[rows], self.length[rows], self.pace[rows]


@dataclass(slots=True)
class _Gaps:
    """What is still missed by rows (B, m), items (B, n) and slack (B, m).

    worst_row, worst  (B,) the largest of rows and of all, relative      target  (B,) mean distance times z
    """

    rows: Floats
    items: Floats
    slack: Floats
    worst_row: Floats
    worst: Floats
    target: Floats


def minimise(
    problem: BoundedProblem,
    *,
    levels: Levels | None = None,
    elastic: bool = False,
    product: float = PRODUCT,
    ridge: float = RIDGE,
) -> BoundedPoint:
    """Return the best points.

    levels   of the matrix, if they were found before
    elastic  rows may be missed: half the sum of squares of what they miss joins the aim
    product  mean distance times z at which to stop; items are then within some sqrt(2 n product) of the optimum
    ridge    reg of rows: more of it where multipliers have no end (a corner without an inside), less for the last digit
    Not converged: some rows cannot be met together, or the steps were used up.
    """
    run = _start(problem, find_levels(problem.matrix) if levels is None else levels, 1.0 if elastic else 0.0, ridge)
    batch = len(run.u)
    items, rows = np.zeros(run.y.at.shape), np.zeros(run.u.shape)
    end = BoundedPoint(items, items.copy(), rows, np.zeros(batch, dtype=bool), np.zeros(batch, dtype=np.intp))
    for count in range(STEPS):
        gaps = _gaps(run)
        done = (gaps.worst <= CLOSE) & (gaps.target <= product)
        last = done | ~(np.maximum(gaps.worst, gaps.target) < LOST) | (count == STEPS - 1)
        if last.any():
            at = run.who[last]
            end.items[at], end.pull[at], end.multiplier[at] = run.y.at[last], run.y.net[last], run.u[last]
            end.converged[at], end.steps[at] = done[last], count
            run.keep(~last)
            if not len(run.who):
                break
            gaps = _Gaps(**{f.name: getattr(gaps, f.name)[~last] for f in fields(_Gaps)})
        _step(run, gaps, 0.1 * product)
    return end


def _start(p: BoundedProblem, levels: Levels, soft: float, ridge: float) -> _Run:
    """Return the start: the fit without bounds, pushed inside them."""
    free, ranged = p.least < p.most, p.low < p.high
    centre = np.where(free, p.centre, p.least)
    slack = np.where(ranged, np.clip(p.matrix.times(centre), p.low, p.high), p.low)
    give = np.broadcast_to(np.where(free, 1.0 / np.maximum(p.curve, 1e-2), 0.0), centre.shape)
    loose = np.broadcast_to(np.where(ranged, 1.0, ridge), slack.shape)
    u = levels.factor(give, loose).solve(slack - p.matrix.times(centre))
    run = _Run(
        problem=p,
        levels=levels,
        free=free,
        ranged=ranged,
        soft=soft,
        ridge=ridge,
        size=max(1.0, float(np.abs(p.low[np.isfinite(p.low)]).max(initial=0.0))),
        y=_bounded(p.least, p.most, free, centre + give * p.matrix.back(u)),
        s=_bounded(p.low, p.high, ranged, slack - np.where(ranged, u, 0.0)),
        u=u,
        centre=p.centre,
        who=np.arange(len(u)),
        before=np.full(len(u), np.inf),
        length=np.ones(len(u)),
        pace=np.zeros(len(u)),
    )
    first = _gaps(run)
    run.pace = PACE * first.target / np.maximum(first.worst_row, CLOSE)
    return run


def _gaps(run: _Run) -> _Gaps:
    """Return what is still missed."""
    p, y, s, u = run.problem, run.y, run.s, run.u
    rows = s.at - p.matrix.times(y.at) - run.soft * u
    items = np.where(run.free, p.curve * (y.at - run.centre) - p.matrix.back(u) - y.net, 0.0)
    slack = np.where(run.ranged, u - s.net, 0.0)
    ends = sum(int(np.isfinite(gap[:1]).sum()) for gap in (*y.gaps, *s.gaps))
    target = (y.product(0.0, y.at, y.pulls) + s.product(0.0, s.at, s.pulls)) / max(ends, 1)
    off = [np.abs(part).max(axis=1, initial=0.0) for part in (rows, items, slack)]
    largest = np.maximum(np.abs(u).max(axis=1, initial=0.0), 1.0)
    worst_row = off[0] / run.size
    return _Gaps(rows, items, slack, worst_row, np.maximum(worst_row, np.maximum(off[1], off[2]) / largest), target)


def _step(run: _Run, gaps: _Gaps, floor: float) -> None:
    """Take a predictor's and a corrector's step; distance times z is not aimed below the floor."""
    p, y, s = run.problem, run.y, run.s
    give = np.where(run.free, 1.0 / (np.maximum(p.curve, HELD_BACK) + y.stiff), 0.0)
    slack = np.where(run.ranged, 1.0 / (s.stiff + HELD_BACK), 0.0)
    more = slack + run.soft + run.ridge
    factor = run.levels.factor(give, more)

    def towards(
        aim: Floats, cross: tuple[Floats, Floats], other: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats, Floats]:
        down = gaps.items + y.net - y.aim(aim, cross)
        left = gaps.slack + s.net - s.aim(aim, other)
        right = gaps.rows + p.matrix.times(give * down) - slack * left
        du = factor.solve(right)
        du = du + factor.solve(right - p.matrix.times(give * p.matrix.back(du)) - more * du)  # refined once
        return give * (p.matrix.back(du) - down), -slack * (du + left), du

    none = np.zeros((len(give), 1))
    dy, ds, du = towards(none, (none, none), (none, none))
    my, ms = y.moves(dy, none, (none, none)), s.moves(ds, none, (none, none))
    length = np.minimum(y.room(dy, my), s.room(ds, ms))[:, None]
    ahead = y.product(length, dy, my) + s.product(length, ds, ms)
    here = y.product(0.0, dy, my) + s.product(0.0, ds, ms)
    part = np.divide(ahead, here, out=np.zeros_like(here), where=here > 0) ** 3
    slow = gaps.target > SLOW * run.before  # then the corrector goes round in circles: a step to the middle instead
    middle = np.where(run.length > STUCK, MIDDLE, BACK)
    least = np.where(gaps.worst_row > CLOSE, run.pace * gaps.worst_row, floor)
    aim = np.maximum(gaps.target * np.where(slow, np.maximum(part, middle), part), least)[:, None]
    fast = (~slow[:, None]).astype(np.float64)
    cross, other = (fast * my[0] * dy, -fast * my[1] * dy), (fast * ms[0] * ds, -fast * ms[1] * ds)
    run.before = np.minimum(run.before, gaps.target)
    dy, ds, du = towards(aim, cross, other)
    my, ms = y.moves(dy, aim, cross), s.moves(ds, aim, other)
    length = np.minimum(1.0, SHORT * np.minimum(y.room(dy, my), s.room(ds, ms)))[:, None]
    y.go(length, dy, my)
    s.go(length, ds, ms)
    run.u, run.length = run.u + length * du, length[:, 0]
