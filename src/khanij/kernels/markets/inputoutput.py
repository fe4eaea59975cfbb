"""Output lost when an input is short: at its users, at their customers, at their suppliers.

Notation: x0 output, Z[i, j] what industry j buys of product i, a[i, j] = Z[i, j] / x0[j]; any one unit of money.
Leading axes are scenarios, each on its own. An industry is left with a part of its output, 0..1, called its limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Step = Callable[[Floats, NDArray[np.intp]], Floats]
LEONTIEF, COBB_DOUGLAS = 1e-3, 1e-6  # elasticities nearer to 0 or 1 than this are 0 or 1
CEILING = 1e300  # so that a power of almost nothing stays a number
TOLERANCE = 1e-10  # part of output by which a limit may still move in a fixed point
ROUNDS = 500


def shortage(share: ArrayLike, left: ArrayLike, psi: ArrayLike, exposed: ArrayLike = 1.0) -> Floats:
    """Return the part of output left to a user of an input of which a part is left, other inputs unchanged.

    x/x0 = (1 - e) + e*((1 - a/e) + (a/e)*r^((psi-1)/psi))^(psi/(psi-1))

    share    a, cost of the input as a share of output, 0..e
    left     r, use of the input as a multiple of base, >= 0
    psi      short-run elasticity of substitution, 0..1; 0 is Leontief min(1, r), 1 is Cobb-Douglas r^a
    exposed  e, part of the user's output that needs the input at all, above 0 to 1
    All are broadcast. More of the input than in the base year adds no output; a user without it (a = 0) is whole.
    Raises ValueError outside these ranges. Reference: Arrow, Chenery, Minhas and Solow 1961, calibrated-share form.
    """
    a, r, s, e = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (share, left, psi, exposed)))
    _inside("share", a, 0.0, 1.0)
    _inside("left", r, 0.0, np.inf)
    _inside("psi", s, 0.0, 1.0)
    _inside("exposed", e, 0.0, 1.0)
    if (a > e * (1 + 1e-12)).any():
        raise ValueError("a share of cost above the part of output that is exposed")
    a = np.minimum(np.divide(a, e, out=np.zeros(a.shape), where=e > 0), 1.0)
    r = np.minimum(r, 1.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rho = (s - 1.0) / np.where(s > 0, s, 1.0)
        inner = np.where(s < 1.0 - COBB_DOUGLAS, rho, -1.0)
        log_r = np.log(r)
        # log of (1-a) + a*r^rho, the larger term drawn out: r^rho may be beyond any number
        mixed = np.logaddexp(np.log1p(-a), np.log(a) + inner * log_r) / inner
        kept = np.exp(np.where(s > 1.0 - COBB_DOUGLAS, a * log_r, mixed))
    kept = np.where(s < LEONTIEF, r, kept)
    kept = np.where(r > 0, np.minimum(kept, 1.0), 0.0)
    return np.asarray(np.where((a > 0) & (r < 1.0), (1.0 - e) + e * kept, 1.0))


def together(share: Floats, left: Floats, psi: ArrayLike, exposed: ArrayLike = 1.0) -> Floats:
    """Return (..., n) the part of output left to users of several short inputs at once.

    share (M, n), left (..., M), psi broadcast over the leading axes, exposed (M, n) or 1
    Inputs needed by all of a user's output stand in one function of constant elasticity; a user whose materials are
    needed by parts of its output alone keeps the product of what each leaves, as if the parts overlapped at random.
    """
    s = np.asarray(psi, dtype=np.float64)
    part = np.broadcast_to(np.asarray(exposed, dtype=np.float64), share.shape)
    whole = ((part >= 1.0) | (share == 0)).all(axis=0)
    single = shortage(share, left[..., :, None], s[..., None, None], part)
    kept = single.prod(axis=-2)
    lead = single.shape[:-2]
    if whole.any() and share.shape[0] > 1:
        every = np.broadcast_to(s, lead)[..., None]
        joint = _ces(share[:, whole], np.broadcast_to(np.minimum(left, 1.0), (*lead, share.shape[0])), every)
        kept[..., whole] = joint
    return np.asarray(kept)


def _ces(share: Floats, left: Floats, psi: Floats) -> Floats:
    """Return (..., n) = ((1 - sum a) + sum a*r^rho)^(1/rho) of share (i, n), left (..., i), psi (..., 1)."""
    rest = 1.0 - share.sum(axis=0)  # below 0 where an industry adds no value: the base still reproduces itself
    sharp = psi < LEONTIEF
    flat = psi > 1.0 - COBB_DOUGLAS
    rho = np.where(sharp | flat, -1.0, (psi - 1.0) / np.where(psi > 0, psi, 1.0))
    with np.errstate(over="ignore", divide="ignore"):
        powers = np.minimum(np.where(left > 0, left, 0.0) ** rho, CEILING)
        kept = np.minimum((rest + powers @ share) ** (1.0 / rho), 1.0)
        if flat.any():
            logs = np.maximum(np.log(left), -700.0)
            kept = np.where(flat, np.exp(logs @ share), kept)
    if sharp.any() and share.size:
        needed = share > 0
        least = np.stack([left[..., column].min(axis=-1, initial=1.0) for column in needed.T], axis=-1)
        kept = np.where(sharp, least, kept)
    return np.asarray(kept)


@dataclass(frozen=True, slots=True)
class Spread:
    """What is left of every industry's output, step by step; each (..., n), 0..1.

    first       after the direct users' cut
    downstream  after their customers went short too: <= first
    final       after suppliers lost sales: <= downstream
    converged   (...) both fixed points were reached
    rounds      (...) rounds of the slower one
    """

    first: Floats
    downstream: Floats
    final: Floats
    converged: Flags
    rounds: NDArray[np.intp]


def spread(
    output: Floats,
    domestic: Floats,
    total: Floats,
    first: Floats,
    psi: ArrayLike,
    *,
    rounds: int = ROUNDS,
    tolerance: float = TOLERANCE,
) -> Spread:
    """Return how a cut at some industries spreads to their customers and to their suppliers.

    output    (n,) base output, >= 0
    domestic  (n, n) home-made product i bought by industry j, >= 0       total  (n, n) the same with imports
    first     (..., n) part of output that each industry can make after the first shock, 0..1
    psi       elasticity of substitution among inputs, broadcast over the leading axes
    Downstream, the largest solution of  c[j] = min(first[j], CES_i(a[i,j], r[i])),  r[i] = 1 - h[i]*(1 - c[i]):
    home deliveries are rationed in proportion, imports (part 1 - h) neither fall nor stand in.
    Upstream, the largest solution of  x[i] = min(c[i]*x0[i], sum_j A[i,j]*x[j] + f[i]), final demand f at its base:
    where nothing binds but a set k of industries, x[u] = (I - A[uu])^-1 (A[uk] x[k] + f[u]).
    Both maps fall from step to step, so they converge; within `rounds`, or `converged` says no.
    Raises ValueError where arrays are negative or a domestic flow exceeds the total.
    Reference: Miller and Blair 2009, chapter 13.2 (mixed model); Pichler and Farmer 2022, doi
    10.1080/09535314.2021.1926934 (proportional rationing); substitution by the CES function is our own.
    """
    _check(output, domestic, total, first)
    n = len(output)
    lead = np.broadcast_shapes(first.shape[:-1], np.shape(psi))
    s = np.broadcast_to(np.asarray(psi, dtype=np.float64), lead).reshape(-1, 1)
    limit = np.broadcast_to(first, (*lead, n)).reshape(len(s), n)  # no industries: n = 0, nothing to spread
    per = np.divide(1.0, output, out=np.zeros(n), where=output > 0)
    share = total * per
    bought = total.sum(axis=1)
    home = np.divide(domestic.sum(axis=1), bought, out=np.zeros(n), where=bought > 0)

    def ration(kept: Floats, rows: NDArray[np.intp]) -> Floats:
        return np.asarray(np.minimum(limit[rows], _ces(share, 1.0 - home * (1.0 - kept), s[rows])))

    down, done, used = _fixed(limit, ration, rounds, tolerance)
    asked = domestic * per  # (i, j) per unit of output of j
    final_demand = output - domestic.sum(axis=1)

    def sell(kept: Floats, rows: NDArray[np.intp]) -> Floats:
        demand = ((kept * output) @ asked.T + final_demand) * per
        return np.asarray(np.minimum(down[rows], np.maximum(demand, 0.0)))

    end, sold, needed = _fixed(down, sell, rounds, tolerance)
    end = np.where(output > 0, end, down)
    shaped = (*lead, n)
    return Spread(
        first=limit.reshape(shaped),
        downstream=down.reshape(shaped),
        final=end.reshape(shaped),
        converged=(done & sold).reshape(lead),
        rounds=np.maximum(used, needed).reshape(lead),
    )


def _fixed(start: Floats, step: Step, rounds: int, tolerance: float) -> tuple[Floats, Flags, NDArray[np.intp]]:
    """Return the limit of a falling map (rows, n), whether each row reached it, and the rounds it took."""
    kept = start.copy()
    used = np.zeros(len(kept), dtype=np.intp)
    rows = np.arange(len(kept))
    for number in range(1, rounds + 1):
        after = step(kept[rows], rows)
        moved = np.abs(after - kept[rows]).max(axis=1, initial=0.0)
        kept[rows] = np.minimum(after, kept[rows])
        used[rows] = number
        rows = rows[moved > tolerance]
        if not len(rows):
            break
    done = np.ones(len(kept), dtype=np.bool_)
    done[rows] = False
    return kept, done, used


def _inside(name: str, values: Floats, low: float, high: float) -> None:
    """Raise ValueError where a value lies outside its range or is no number."""
    if not ((values >= low) & (values <= high)).all():
        raise ValueError(f"{name} must lie between {low:g} and {high:g}")


def _check(output: Floats, domestic: Floats, total: Floats, first: Floats) -> None:
    """Raise ValueError where a table is none, or a limit is no part."""
    for name, array in (("output", output), ("domestic", domestic), ("total", total)):
        _inside(name, array, 0.0, np.finfo(np.float64).max)
    _inside("first", first, 0.0, 1.0)
    if (domestic > total * (1 + 1e-9) + 1e-9).any():
        raise ValueError("domestic flows exceed the total")
