"""True origin by mixing: who made what a country uses, and through which countries it went, stage by stage.

Notation: T[c, d] trade from c to d, P own output, X exports, M imports, Q output of the next stage; tonnes of content.
A chain is a list of stages on the same n countries, first stage first. Leading axes (materials, years, draws) are
allowed in every function. The least and the most that the same balances allow: see kernels.balances.bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Balance:
    """One stage in balance: own + imports + unknown = exports + use, for every country.

    trade    (..., n, n) exporter, importer; no self-trade
    own      (..., n) own output: as recorded, or the least that the records imply where no source has it
    unknown  (..., n) supply that no record explains; exports above supply, see balance()
    pool, use, exports  (..., n)
    known    a source covers the output of this stage      traded  trade of this stage is recorded
    blended  exports are the same blend as use; false = exports count as made at home
    """

    trade: Floats
    own: Floats
    unknown: Floats
    pool: Floats
    use: Floats
    exports: Floats
    known: bool
    traded: bool
    blended: bool


@dataclass(frozen=True, slots=True)
class Mix:
    """What a stage's trade does to origin, seen backwards from a unit in use.

    exit    (..., n, n) N = (I - B)^-1: expected visits to a country's exports, from another's
    step    (..., n, n) share of a country's use that comes straight from each exporter
    made, lost    (..., n) share of exports made at home, and of unknown origin
    made_used, lost_used  (..., n) the same of use
    shares  (..., n, n) share of row d's use that column c made; nan without data
    visits  (..., n, n) share of row d's use that has been in column h at this stage, 1 on the diagonal
    """

    exit: Floats
    step: Floats
    made: Floats
    lost: Floats
    made_used: Floats
    lost_used: Floats
    shares: Floats
    visits: Floats


def without_self(trade: Floats) -> tuple[Floats, int]:
    """Return the trade matrix (..., n, n) without its diagonal, and how many self-flows were dropped."""
    diagonal = np.eye(trade.shape[-1], dtype=bool)
    dropped = int((trade[..., diagonal] > 0).sum())
    return np.where(diagonal, 0.0, trade), dropped


def free_market(output: Floats, need: Floats) -> Floats:
    """Return trade (..., n, n) t as one world market would have it, for a stage whose trade nobody recorded.

    T[c, d] = S_c D_d / max(Σ S, Σ D): what a country makes beyond its own need, S = max(P - Q, 0), goes to those that
    need more than they make, D = max(Q - P, 0), each drawing the same blend.
    output, need  (..., n) t
    """
    spare, lack = np.maximum(output - need, 0.0), np.maximum(need - output, 0.0)
    offered, wanted = spare.sum(axis=-1, keepdims=True), lack.sum(axis=-1, keepdims=True)
    largest = np.maximum(offered, wanted)
    scale = np.divide(1.0, largest, out=np.zeros_like(largest), where=largest > 0)
    moved: Floats = spare[..., :, None] * (lack * scale)[..., None, :]
    return moved


def balance(
    trade: Floats,
    output: Floats | None,
    need: Floats | None = None,
    traded: bool = True,
    net: bool = False,
    offered: Floats | None = None,
) -> Balance:
    """Return a stage whose supply and use match, saying what no record explains.

    known output:  pool = P + M + U with U = max(0, X - P - M): exports above supply raise the pool, as unknown origin
    no source:     P = max(X, Q + X - M, A): all exports count as made at home, so does what the next stage needs beyond
                   imports, and whatever the stage before offers is worked up where it is
    no source, net: P = max(0, Q + X - M, A): exports are blended; only what a country sells and needs beyond imports,
                   or is offered, counts as made there

    trade    (..., n, n) t, no self-trade; nan is not allowed
    output   (..., n) t, nan = that country's figure is withheld or unknown (its supply then shows as unknown origin
             once exports need it); None = no source covers this stage
    need     (..., n) Q, output of the next stage, t; None = none
    offered  (..., n) A, use of the stage before, t; None = none
    """
    exports, imports = trade.sum(axis=-1), trade.sum(axis=-2)
    if output is None:
        own = np.maximum(0.0 if net else exports, exports - imports + (0.0 if need is None else need))
        own = own if offered is None else np.maximum(own, offered)
        unknown = np.zeros_like(own)
    else:
        own = np.where(np.isnan(output), 0.0, output)
        unknown = np.maximum(exports - own - imports, 0.0)
    pool = own + imports + unknown
    use = np.maximum(pool - exports, 0.0)
    use = np.where(use > 1e-12 * pool, use, 0.0)
    return Balance(trade, own, unknown, pool, use, exports, output is not None, traded, net or output is not None)


def mix(stage: Balance) -> Mix:
    """Return the mixing estimate of one stage: every use and export of a country is blended alike from its pool.

    B[d, c] = T[c, d] / pool[d];  O = (I - B)^-1 diag(P / pool)          (Duchin and Levine 2013; Kastner 2011)

    Rows of O and the unknown share add up to 1. A unit reaches country h with probability N[d, h] / N[h, h], which is
    1 - (what O gives once h is taken out). Supply that only circulates, with no output behind it, is unknown origin.
    Where the stage is not blended, exports are made at home (not blended with imports); imports and the rest of
    own output meet use.
    """
    one = np.eye(stage.trade.shape[-1])
    inflow = np.swapaxes(stage.trade, -1, -2)
    has = stage.pool > 0
    if stage.blended:
        sourced = _reached(inflow, stage.own + stage.unknown > 0)
        safe = np.where(has, stage.pool, 1.0)
        step = np.where(sourced[..., None], inflow / safe[..., None], 0.0)
        made, lost = stage.own / safe, np.where(sourced, stage.unknown / safe, 1.0)
        made_used, lost_used = made, lost
        exit_: Floats = np.asarray(np.linalg.solve(one - step, np.broadcast_to(one, step.shape)), dtype=np.float64)
        valid = has
    else:
        valid = stage.use > 0
        safe = np.where(valid, stage.use, 1.0)
        step = inflow / safe[..., None]
        made, lost = np.ones_like(safe), np.zeros_like(safe)
        made_used, lost_used = np.maximum(stage.own - stage.exports, 0.0) / safe, lost
        exit_ = np.broadcast_to(one, step.shape)
    shares: Floats = np.matmul(step, exit_ * made[..., None, :]) + one * made_used[..., None]
    turn = np.diagonal(exit_, axis1=-2, axis2=-1)
    visits: Floats = np.where(one > 0, 1.0, np.matmul(step, exit_ / turn[..., None, :]))
    nothing = ~valid[..., None]
    return Mix(
        exit_,
        step,
        made,
        lost,
        made_used,
        lost_used,
        np.where(nothing, np.nan, np.clip(shares, 0.0, 1.0)),
        np.where(nothing, np.nan, np.clip(visits, 0.0, 1.0)),
    )


def _reached(inflow: Floats, source: Flags) -> Flags:
    """Return (..., n) true where a source lies upstream; inflow (..., n, n) importer, exporter; source (..., n)."""
    arcs = (inflow > 0).astype(np.float64)
    reached = source
    while True:
        wider = reached | (np.matmul(arcs, reached[..., None].astype(np.float64))[..., 0] > 0)
        if (wider == reached).all():
            return reached
        reached = wider


def feed(before: Balance, after: Balance) -> Floats:
    """Return (..., n) the part of a stage's own output that the earlier stage's use in the same country can have fed.

    min(1, use / P); the rest came from scrap, stocks or unrecorded trade: unknown origin. 1 where nothing is made.
    """
    made = np.where(after.own > 0, after.own, 1.0)
    return np.where(after.own > 0, np.minimum(before.use / made, 1.0), 1.0)


def trace(chain: Sequence[Balance], mixes: Sequence[Mix], use: int, at: int) -> Floats:
    """Return (..., n, n): share of row d's use of stage `use` that goes back to producers c at stage `at` <= `use`.

    Output of a stage draws from the pool of the stage before in the same country. What the rows lack of 1 is unknown.
    """
    found = mixes[use].shares
    for k in range(use, at, -1):
        drawn = found * feed(chain[k - 1], chain[k])[..., None, :]
        found = np.matmul(drawn, np.nan_to_num(mixes[k - 1].shares, nan=0.0))
    return found


def visited(chain: Sequence[Balance], mixes: Sequence[Mix], use: int, at: int) -> Floats:
    """Return (..., n, n): share of row d's use of stage `use` that was in country h at stage `at` <= `use`."""
    if at == use:
        return mixes[use].visits
    fed = trace(chain, mixes, use, at + 1) * feed(chain[at], chain[at + 1])[..., None, :]
    found: Floats = np.matmul(fed, np.nan_to_num(mixes[at].visits, nan=0.0))
    return found


def visited_ever(chain: Sequence[Balance], mixes: Sequence[Mix], use: int) -> Floats:
    """Return (..., n, n): share of row d's use of stage `use` that was in country h at any stage up to it.

    One minus the share that avoids h throughout. Taking h out of N is the rank-one step N - N[:, h] N[h, :] / N[h, h],
    so all h are done at once.
    """
    shape = mixes[use].shares.shape
    one = np.eye(shape[-1])
    avoided: Floats = np.ones(shape)  # of a unit drawn from the stage before
    for k in range(use + 1):
        own: Floats = np.ones(shape)
        if k:
            share = feed(chain[k - 1], chain[k])[..., None]
            own = share * avoided + (1.0 - share)
        here = mixes[k]
        total = np.matmul(here.exit, here.made[..., None] * own + here.lost[..., None])
        turn = np.diagonal(total, axis1=-2, axis2=-1) / np.diagonal(here.exit, axis1=-2, axis2=-1)
        clear = total - here.exit * turn[..., None, :]
        avoided = np.matmul(here.step, clear) + here.made_used[..., None] * own + here.lost_used[..., None]
        avoided = np.where(one > 0, 0.0, np.clip(avoided, 0.0, 1.0))
    return np.where(np.isnan(mixes[use].shares), np.nan, 1.0 - avoided)
