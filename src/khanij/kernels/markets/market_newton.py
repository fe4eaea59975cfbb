"""The equations of `chain` at given prices, and one Newton step on them; notation as there.

Unknowns of a scenario: log prices x (K, m) of the m sellers that exist in some scenario at hand, and log rents r (K, R)
of its quotas. A seller under a quota counts twice, once for the links at x, once for the restricted ones at x + r.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.intp]
HALVINGS = 8
WORTH = 0.9  # part of the scenarios left below which the others are put aside
STEP = 5.0  # largest change of a log at once; a longer step is shortened as a whole and keeps its direction
BOLD = 10  # halved steps and whole ones take turns of this length: halving alone jams on the kinks of quotas
RIDGE = 1e-10  # keeps a market solvable whose price nobody answers
DAMP = 0.03  # part of the gap added to it: no price runs off for want of an answer while others have yet to settle


@dataclass(frozen=True, slots=True)
class Problem:
    """Scenarios with their arrays broadcast; n buyers, m sellers, R quotas, N = m + R.

    seat    (K, m) node of each seller         (the only one without scenarios)
    pull    (B, K, N, n) shares * wedge^-sigma: free links of the sellers, then restricted links of the quotas
    whose   (B, K, R, m) 1 where the quota is the seller's      quota  (B, K, R) log tonnes; nan where there is none
    wanted  (B, K, n) Q0*shift, 0 where nobody may sell         passed, demand, draw, choke, stock  (B, K, n) as given
    made, host, blind, eta, shut, capacity, costshift, cost  (B, K, m) of the seller
    base    (B, K, m) what its node makes of the base: 1/S0     alive, open  (B, K, m) makes something, may sell it
    """

    seat: Whole
    sigma: Floats
    pull: Floats
    whose: Floats
    quota: Floats
    wanted: Floats
    passed: Floats
    demand: Floats
    draw: Floats
    choke: Floats
    stock: Floats
    made: Floats
    host: Floats
    blind: Floats
    eta: Floats
    shut: Floats
    capacity: Floats
    costshift: Floats
    cost: Floats
    alive: Flags
    open: Flags

    def pick(self, rows: Whole | Flags) -> Problem:
        """Return the same problem for some scenarios."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        return Problem(**{k: v if k == "seat" else v[rows] for k, v in parts.items()})


@dataclass(frozen=True, slots=True)
class MarketState:
    """Quantities at given logs: per buyer (B, K, n), per seller (B, K, m), per seller and quota (B, K, N).

    force   (B, K, N) p^-sigma      y  sum of pull*force      index  log P      bought  Q      use  before stocks
    supply  S/S0
    answer  elasticity a of weight*Q to P, with all that follows through makers     passing  part of Q following S[k+1]
    slope   elasticity z of S to p/C        input   elasticity of C to P
    gap     (B, K, N) log S - log sold, log quota - log sent         total  (B, K, N) sold, sent
    """

    force: Floats
    y: Floats
    index: Floats
    bought: Floats
    use: Floats
    supply: Floats
    answer: Floats
    passing: Floats
    slope: Floats
    input: Floats
    gap: Floats
    total: Floats

    def pick(self, rows: Flags) -> MarketState:
        """Return the same state of some scenarios."""
        return MarketState(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def spread(p: Problem, values: Floats, nodes: int) -> Floats:
    """Return values of sellers (B, K, m) on all nodes (B, K, n), 0 elsewhere."""
    out = np.zeros((*values.shape[:2], nodes))
    out[:, np.arange(len(p.seat))[:, None], p.seat] = values
    return out


def gather(p: Problem, values: Floats) -> Floats:
    """Return values of nodes (B, K, n) at the sellers (B, K, m)."""
    return np.asarray(values[:, np.arange(len(p.seat))[:, None], p.seat])


def evaluate(p: Problem, x: Floats) -> MarketState:
    """Return the quantities at log prices and log rents x (B, K, N)."""
    m = p.made.shape[2]
    sigma = p.sigma[:, :, None]
    delivered = x
    if p.whose.shape[2]:
        rented = (p.whose @ x[:, :, :m, None])[..., 0] + x[:, :, m:]
        delivered = np.concatenate([x[:, :, :m], rented], axis=2)
    force = np.exp(-sigma * delivered)
    y = (force[:, :, None, :] @ p.pull)[:, :, 0, :]
    y = np.where(y > 0, y, 1.0)
    index = np.log(y) / -sigma
    supply, slope, inputs = _supply(p, x[:, :, :m], np.exp(index))
    use, kept, passing, own = _demand(p, index, supply, slope * inputs)
    bought = use * kept
    sold = force * (p.pull @ (bought / y)[:, :, :, None])[..., 0]
    if p.whose.shape[2]:
        sold[:, :, :m] += (sold[:, :, None, m:] @ p.whose)[:, :, 0, :]
    gap = -log(sold)
    gap[:, :, :m] += log(p.made * supply)
    gap[:, :, m:] += p.quota
    return MarketState(force, y, index, bought, use, supply, sigma + own, passing, slope, inputs, gap, sold)


def _supply(p: Problem, x: Floats, index: Floats) -> tuple[Floats, Floats, Floats]:
    """Return supply in base outputs, its elasticity to p/C and that of C to the input's price (B, K, m)."""
    paid = np.ones_like(p.made)  # price of the input, 1 where there is none
    paid[:, 1:] = index[:, np.arange(len(p.seat) - 1)[:, None], p.seat[1:]]
    bill = 1.0 - p.cost + p.cost * paid
    margin = x - np.log(p.costshift * bill)
    below = np.minimum(margin - p.shut, 0.0)
    eta = np.where(below < 0, np.maximum(p.sigma[:, :, None], p.eta), p.eta)
    answer = (1.0 - p.blind) * np.exp(p.eta * (margin - below) + eta * below)
    raw = p.host * (p.blind + answer)
    full = raw >= p.capacity
    supply = np.where(p.alive, np.where(full, p.capacity, raw), 0.0)
    slope = np.where(full, 0.0, eta * answer / np.maximum(p.blind + answer, 1e-304))
    return supply, slope, np.where(p.alive, p.cost * paid / bill, 0.0)


def _demand(p: Problem, index: Floats, supply: Floats, makers: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return use, the part of it that is bought, the part that follows makers, and the elasticity to P (B, K, n).

    makers (B, K, m) elasticity of a maker's output to the price of its input, sign turned
    """
    n = p.wanted.shape[2]
    following = np.zeros_like(p.wanted)
    following[:, :-1] = spread(p, supply, n)[:, 1:]
    through = p.passed * following
    beyond = np.maximum(index - p.choke, 0.0)
    epsilon = np.where(beyond > 0, p.sigma[:, :, None], p.demand)
    total = through + (1.0 - p.passed) * np.exp(-p.demand * (index - beyond) - epsilon * beyond)
    dear = index > 0
    away = np.exp(-p.draw * np.maximum(index, 0.0))
    kept = 1.0 - p.stock * (1.0 - away)
    passing = np.divide(through, total, out=np.zeros_like(total), where=total > 0)
    own = -epsilon * (1.0 - passing) - np.where(dear, p.draw * p.stock * away / np.maximum(kept, 1e-304), 0.0)
    own[:, :-1] -= passing[:, :-1] * spread(p, makers, n)[:, 1:]
    return p.wanted * total, kept, passing, own


def links(p: Problem, state: MarketState) -> Floats:
    """Return the share of each row in y (B, K, N, n)."""
    share = p.pull * state.force[:, :, :, None]
    share /= state.y[:, :, None, :]
    return share


def log(array: Floats) -> Floats:
    """Return the log, with -700 instead of -inf where there is nothing."""
    return np.asarray(np.log(np.maximum(array, 1e-304)))


def error(p: Problem, state: MarketState, x: Floats, bounds: tuple[float, float]) -> Floats:
    """Return the gaps (B, K, N): price above floor or supply - demand, rent or quota - sent, the less; 0 at the top."""
    return np.where(held(p), 0.0, np.maximum(np.minimum(x - _least(p, bounds), state.gap), x - _most(p, bounds)))


def held(p: Problem) -> Flags:
    """Return which logs (B, K, N) stand still: of sellers that cannot sell, and of quotas that are none."""
    return np.concatenate([~p.open, np.isnan(p.quota)], axis=2)


def _least(p: Problem, bounds: tuple[float, float]) -> Floats:
    """Return the lower bound of each log (N,)."""
    return np.concatenate([np.full(p.made.shape[2], bounds[0]), np.zeros(p.quota.shape[2])])


def _most(p: Problem, bounds: tuple[float, float]) -> Floats:
    """Return the upper bound of each log (N,); a rent may lift the floor price to the top."""
    return np.concatenate([np.full(p.made.shape[2], bounds[1]), np.full(p.quota.shape[2], bounds[1] - bounds[0])])


def topped(p: Problem, x: Floats, bounds: tuple[float, float]) -> Flags:
    """Return which scenarios (B,) have a price or a rent at its upper bound."""
    return np.asarray((x >= _most(p, bounds)).any(axis=(1, 2)))


def jacobian(p: Problem, state: MarketState, x: Floats, bounds: tuple[float, float], ridge: Floats) -> Floats:
    """Return the derivative of the gaps in logs of prices and rents (B, K*N, K*N); rows on a bound are the identity."""
    scenarios, stages, both = x.shape
    m = p.made.shape[2]
    here, quotas = np.arange(m), np.arange(m, both)
    share = links(p, state)
    if both > m:
        share[:, :, :m] += p.whose.swapaxes(2, 3) @ share[:, :, m:]
    rate = np.divide(1.0, state.total, out=np.zeros_like(state.total), where=state.total > 0)
    core = (share * (state.answer * -state.bought)[:, :, None, :]) @ share.swapaxes(2, 3)
    core *= rate[:, :, :, None]
    sigma = p.sigma[:, :, None]
    core[:, :, here, here] += state.slope + sigma + ridge[:, None, None]
    if both > m:
        core[:, :, quotas, quotas] += sigma + ridge[:, None, None]
        core[:, :, :m, m:] += (
            p.whose.swapaxes(2, 3) * (sigma * state.total[:, :, m:])[:, :, None, :] * rate[:, :, :m, None]
        )
        core[:, :, m:, :m] += p.whose * sigma[..., None]
    still = held(p) | (x - _least(p, bounds) < state.gap) | (x - _most(p, bounds) > state.gap)
    matrix = np.zeros((scenarios, stages, both, stages, both))
    for k in range(stages):
        matrix[:, k, :, k] = core[:, k]
        if k:
            felt = share[:, k - 1][:, :, p.seat[k]].swapaxes(1, 2)
            matrix[:, k, :m, k - 1] = -(state.slope * state.input)[:, k, :, None] * felt
        if k + 1 < stages:
            pulled = (state.bought * state.passing)[:, k, p.seat[k + 1]] * state.slope[:, k + 1]
            sent = share[:, k][:, :, p.seat[k + 1]] * pulled[:, None, :]
            matrix[:, k, :, k + 1, :m] = -sent * rate[:, k, :, None]
    flat = matrix.reshape(scenarios, stages * both, stages * both)
    rows, places = np.nonzero(still.reshape(scenarios, -1))
    flat[rows, places] = 0.0
    flat[rows, places, places] = 1.0
    return flat


def advance(
    p: Problem, state: MarketState, x: Floats, gaps: Floats, bounds: tuple[float, float], turn: Whole
) -> tuple[Floats, MarketState, Floats]:
    """Return the next logs with their state and gaps: a Newton step, halved until the gap falls, or bold and whole.

    turn  (B,) iterations made so far
    Where no part of the step helps, each price follows its own gap.
    """
    bold = turn % (2 * BOLD) >= BOLD
    norm = np.linalg.norm(gaps.reshape(len(x), -1), axis=1)
    ridge = RIDGE + DAMP * np.minimum(norm, 1.0)
    step = -np.linalg.solve(jacobian(p, state, x, bounds, ridge), gaps.reshape(len(x), -1, 1)).reshape(x.shape)
    least, most = _least(p, bounds), _most(p, bounds)
    longest = np.maximum(np.abs(step).max(axis=(1, 2)), 1e-300)
    step *= np.minimum(1.0, STEP / longest)[:, None, None]
    best = np.clip(x + step, least, most)
    found = evaluate(p, best)
    after = error(p, found, best, bounds)
    size, part, now = 1.0, p, after
    rows = np.arange(len(x))
    for trial in range(HALVINGS + 1):
        size /= 2.0
        worse = ~bold[rows] & ~(np.linalg.norm(now.reshape(len(rows), -1), axis=1) < (1.0 - 1e-4 * size) * norm[rows])
        if not worse.any():
            break
        rows, part = rows[worse], part.pick(worse)
        move = size * step[rows]
        if trial == HALVINGS:
            own = p.sigma[rows][:, :, None] + np.pad(p.eta[rows], ((0, 0), (0, 0), (0, x.shape[2] - p.eta.shape[2])))
            move = np.clip(-gaps[rows] / own, -STEP, STEP)
        best[rows] = np.clip(x[rows] + move, least, most)
        tried = evaluate(part, best[rows])
        now = error(part, tried, best[rows], bounds)
        after[rows] = now
        for f in fields(MarketState):
            getattr(found, f.name)[rows] = getattr(tried, f.name)
    return best, found, after


def settle(
    p: Problem, x: Floats, bounds: tuple[float, float], tolerance: float, most: int
) -> tuple[Floats, Floats, Whole]:
    """Return logs (B, K, N), the largest gap left and the iterations made (B,), from logs x to start at."""
    x, iterations = x.copy(), np.zeros(len(x), dtype=np.intp)
    left, part = np.arange(len(x)), p
    state = evaluate(p, x)
    gaps = error(p, state, x, bounds)
    gap = np.abs(gaps).max(axis=(1, 2))
    while (going := (gap[left] > tolerance) & (iterations[left] < most)).any():
        if going.mean() < WORTH:
            left, part, state, gaps = left[going], part.pick(going), state.pick(going), gaps[going]
            going = going[going]
        after, state, gaps = advance(part, state, x[left], gaps, bounds, iterations[left])
        moved = left[going]
        x[moved] = after[going]
        gap[moved] = np.abs(gaps[going]).max(axis=(1, 2))
        iterations[moved] += 1
    return x, gap, iterations
