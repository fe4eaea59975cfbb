"""Flows that fit all balances at once and lie as near to what was measured as the balances allow.

  minimise sum over measured i of ((x[i] - v[i]) / s[i])^2   subject to   low <= A x <= high,  least <= x <= most

A balance is a row with low = high, a range of yields two rows with one open end. Items without a measurement have no
term: some are determined by the others (observable), the rest is bounded by them at best. Leading axes are draws.
Sources: Narasimhan and Jordache 2000, Data reconciliation and gross error detection, chapters 3 to 5 and 8; Cencic and
Fruehwirth 2015, doi 10.1016/j.compchemeng.2014.12.004 (material flow analysis). Solved exactly: a method for the
bounds that hold, kernels.balances.bounded_least_squares, then elimination, kernels.balances.observability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khanij.kernels.balances.bounded_least_squares import BoundedProblem, minimise
from khanij.kernels.balances.linear_balances import LinearBalances, check, sizes, units
from khanij.kernels.balances.observability import reach, settle
from khanij.kernels.balances.sparse_balances import Flags, Floats, Positions, find_levels, sum_by
from khanij.kernels.balances.stockflow import error_complement

ROUNDING = 1e-12  # spreads, or part of it, from a bound within which an item is at it
MET = 1e-7  # gap of a row that is rounding
BATCH = 16  # draws solved at once, so that they stay in the cache
POINT, FAR = 1e-9, 1e3  # range of an item, in spreads, that is none; and from which on a wider one counts no more
ROUGH = 1e-11  # distance from the optimum, see minimise(), that a draw may keep
HELD = 1e-6  # ridge of rows of a draw, see minimise(): with less, one in three goes round in circles at a corner
LOOSE = 1e-5  # weight of an unmeasured item in a draw, where a measured one has 1


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What fits; n items, m rows. All nan where the balances contradict each other: see balance_conflict.

    estimate    x (n,); where not observable, the point nearest to the guess
    spread      (n,) standard deviation left, bounds that hold taken as sure: 0 there; nan where not observable
    low, high   (n,) what balances and bounds allow while measured items stay put: the estimate where observable
    correction  (n,) (x - v)/s; nan where not measured
    test        (n,) (x - v)/sqrt(s^2 - spread^2): standard normal if all errors were as told; nan where no row judges
    observable  (n,) measured, or determined by the rest       redundant  (n,) measured, and judged by others
    multiplier  (m,) half the rise of the misfit a unit by which low or high rises; 0 where the row does not hold
    misfit      sum of squared corrections: chi squared with `degrees` degrees of freedom if all errors were as told
    gap         largest gap of a row, as a part of what it adds up or of its spread       converged
    """

    estimate: Floats
    spread: Floats
    low: Floats
    high: Floats
    correction: Floats
    test: Floats
    observable: Flags
    redundant: Flags
    multiplier: Floats
    misfit: float
    degrees: int
    gap: float
    converged: bool

    @property
    def largest(self) -> Positions:
        """Return positions of what was measured, the largest correction, of either sign, first."""
        known = np.flatnonzero(~np.isnan(self.correction))
        return known[np.argsort(-np.abs(self.correction[known]), kind="stable")]


@dataclass(frozen=True, slots=True)
class ReconciledDraws:
    """Estimates (D, n) of D draws, and whether each fits (D,)."""

    estimate: Floats
    converged: Flags


@dataclass(frozen=True, slots=True)
class _Scaled:
    """The problem in spreads: x = centre + unit*y, rows multiplied by `size`; measured (n,)."""

    problem: BoundedProblem
    centre: Floats
    unit: Floats
    size: Floats
    measured: Flags

    def back(self, balances: LinearBalances, y: Floats) -> Floats:
        """Return items in their own units, exactly at a bound where they are at it."""
        p = self.problem
        x = np.clip(self.centre + self.unit * y, balances.least, balances.most)
        near = [ROUNDING * np.maximum(1.0, np.abs(np.where(np.isfinite(end), end, 0.0))) for end in (p.least, p.most)]
        at_least, at_most = y <= p.least + near[0], y >= p.most - near[1]
        return np.where(at_least, balances.least, np.where(at_most, balances.most, x))


def reconcile(balances: LinearBalances, value: Floats, sigma: Floats, *, guess: Floats | None = None) -> Reconciled:
    """Return the flows that fit.

    value  v (n,) measured; nan where not       sigma  s (n,) standard deviation, above 0; not read where v is nan
    guess  (n,) of what nobody can see, for items that are not observable; nan or None: the middle of what is possible
    Raises ValueError on values outside their range.
    """
    check(balances, value, sigma)
    scaled = _scale(balances, value, sigma)
    found = minimise(scaled.problem)
    if not found.converged.all():
        return _nothing(len(value), len(balances.low))
    exact = settle(scaled.problem, found)
    seen = exact.fit.observable
    y, good = np.where(seen, exact.items, 0.0), True
    low, high = y, y
    if not seen.all():
        y, low, high, good = _unseen(scaled, y, seen, guess)
    x = scaled.back(balances, y)
    measured = scaled.measured
    correction = np.where(measured, (x - value) / np.where(measured, sigma, 1.0), np.nan)
    gap = _gap(balances, x, scaled.size)
    return Reconciled(
        estimate=x,
        spread=exact.fit.spread * scaled.unit,
        low=scaled.back(balances, low),
        high=scaled.back(balances, high),
        correction=correction,
        test=correction / np.where(exact.fit.redundant, exact.fit.removed, np.nan),
        observable=seen,
        redundant=exact.fit.redundant,
        multiplier=exact.multiplier * scaled.size,
        misfit=float(np.nansum(correction**2)),
        degrees=exact.fit.rank,
        gap=gap,
        converged=good and gap <= MET,
    )


def reconcile_draws(
    balances: LinearBalances, value: Floats, sigma: Floats, normal: Floats, *, base: Reconciled | None = None
) -> ReconciledDraws:
    """Return reconciled flows of D draws of what was measured: v + s*z, each fitted with the same bounds.

    normal  z (D, n) standard normal. An item that is not observable is drawn evenly over the range of the base, by
            the same z, then moved into balance, in which it counts a hundred-thousandth of a measurement; without
            both ends of a range it starts from the estimate
    base    what reconcile() said; None: found here
    Where no bound holds the draws have the covariance of the estimate; where some do, they show what it leaves out.
    Raises ValueError as reconcile(), and where normal is no (D, n).
    """
    base = reconcile(balances, value, sigma) if base is None else base
    if normal.ndim != 2 or normal.shape[1] != len(value) or not np.isfinite(normal).all():
        raise ValueError(f"normal must be finite and (D, n) with n = {len(value)}")
    drawn, good = np.full(normal.shape, np.nan), np.zeros(len(normal), dtype=bool)
    if not base.converged:
        return ReconciledDraws(drawn, good)
    scaled = _scale(balances, value, sigma, base.estimate)
    p = replace(scaled.problem, curve=np.where(scaled.measured, 1.0, LOOSE))
    aims, levels = _aims(scaled, base, normal), find_levels(p.matrix)
    for start in range(0, len(normal), BATCH):
        rows = slice(start, start + BATCH)
        found = minimise(replace(p, centre=aims[rows]), levels=levels, product=ROUGH, ridge=HELD)
        good[rows] = found.converged
        drawn[rows] = np.where(found.converged[:, None], scaled.back(balances, found.items), np.nan)
    return ReconciledDraws(drawn, good)


def _scale(balances: LinearBalances, value: Floats, sigma: Floats, about: Floats | None = None) -> _Scaled:
    """Return the problem in spreads, about what was measured, or about what else is said of the unmeasured."""
    measured = ~np.isnan(value)
    unit = units(balances, value, sigma)
    inside = np.clip(0.0 if about is None else about, balances.least, balances.most)
    centre = np.where(measured, value, inside)
    size = sizes(balances.matrix, unit)
    shift = balances.matrix.times(centre)
    problem = BoundedProblem(
        matrix=balances.matrix.scaled(size, unit),
        low=(balances.low - shift) * size,
        high=(balances.high - shift) * size,
        least=(balances.least - centre) / unit,
        most=(balances.most - centre) / unit,
        curve=measured.astype(np.float64),
        centre=np.zeros((1, len(value))),
    )
    return _Scaled(problem, centre, unit, size, measured)


def _gap(balances: LinearBalances, x: Floats, size: Floats) -> float:
    """Return the largest gap of a row, as a part of what it adds up or of its spread 1/size, whichever is more."""
    a = balances.matrix
    total = a.times(x)
    added = sum_by(a.row, np.abs(a.weight * x[a.column]), len(total))
    missed = np.maximum(np.maximum(balances.low - total, total - balances.high), 0.0)
    return float((missed * size / np.maximum(added * size, 1.0)).max(initial=0.0))


def _unseen(scaled: _Scaled, y: Floats, seen: Flags, guess: Floats | None) -> tuple[Floats, Floats, Floats, bool]:
    """Return y with the items that nobody can see set as near to the guess as balances allow, and their ranges.

    Nearness is counted in widths of the range, between a thousandth and a thousand spreads.
    """
    p = scaled.problem
    least, most = np.where(seen, y, p.least), np.where(seen, y, p.most)
    touched = np.bincount(p.matrix.row, ~seen[p.matrix.column], len(p.low)) > 0
    least, most = reach(p.matrix.pick(touched), p.low[touched], p.high[touched], least, most)
    finite = np.isfinite(least) & np.isfinite(most)
    width = np.ones(len(y))
    width[finite] = most[finite] - least[finite]
    aim = np.clip(0.0, least, most)
    aim[finite] = 0.5 * (least[finite] + most[finite])
    loose = ~seen & (width > POINT)
    if guess is not None:
        told = loose & ~np.isnan(guess)
        aim = np.where(told, np.clip((guess - scaled.centre) / scaled.unit, least, most), aim)
    touched = np.bincount(p.matrix.row, loose[p.matrix.column], len(p.low)) > 0
    matrix, low, high = p.matrix.pick(touched), p.low[touched], p.high[touched]
    width = np.where(loose, np.clip(width, 1.0 / FAR, FAR), 1.0)
    shift = matrix.times(aim)
    size = sizes(matrix, np.where(loose, width, 0.0))
    nearest = BoundedProblem(
        matrix=matrix.scaled(size, width),
        low=(low - shift) * size,
        high=(high - shift) * size,
        least=np.where(loose, (p.least - aim) / width, 0.0),
        most=np.where(loose, (p.most - aim) / width, 0.0),
        curve=np.ones(len(y)),
        centre=np.zeros((1, len(y))),
    )
    found = minimise(nearest)
    y = np.where(loose, aim + width * settle(nearest, found).items, aim)
    return y, least, most, bool(found.converged.all())


def _aims(scaled: _Scaled, base: Reconciled, normal: Floats) -> Floats:
    """Return what each draw (D, n) aims at, in units about the centre."""
    aims = np.where(scaled.measured, normal, 0.0)
    width = base.high - base.low
    drawn = np.flatnonzero(~base.observable & np.isfinite(width))
    part = 0.5 * error_complement(-normal[:, drawn] / np.sqrt(2.0))
    aims[:, drawn] = (base.low[drawn] + width[drawn] * part - scaled.centre[drawn]) / scaled.unit[drawn]
    return aims


def _nothing(n: int, m: int) -> Reconciled:
    """Return what is said where nothing fits."""
    none, unknown = np.full(n, np.nan), np.zeros(n, dtype=bool)
    return Reconciled(
        estimate=none,
        spread=none,
        low=none,
        high=none,
        correction=none,
        test=none,
        observable=unknown,
        redundant=unknown,
        multiplier=np.full(m, np.nan),
        misfit=np.nan,
        degrees=0,
        gap=np.nan,
        converged=False,
    )
