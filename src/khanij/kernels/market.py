"""A market that clears, country by country, with tonnes that add up: tariffs, bans, quotas, outages, by-products.

Notation: c sellers, d buyers, home included; q tonnes; prices are multiples of the base year's. s base shares of d.
  demand    q[c, d] = Q[d] * s*p^-sigma / sum_c s*p^-sigma  (additive CES), Q[d] = Q0*shift*P[d]^-epsilon
  index     P[d] = (sum_c s*p^-sigma)^(-1/sigma); it rises with every price, which the mean price paid need not do
  supply    S[c] = S0*min(host*(b + (1 - b)*(p[c]/cost)^eta), capacity), b the by-product part: blind to its own price
  delivered p[c, d] = p[c] * wedge * rent of c's export quota * rent of the link's ceiling, rents >= 1
  clearing  S[c] = sum_d q[c, d], or the price is at its floor and the rest stays unsold
  quota     rent > 1 only where the quantity is at its limit; a ban takes the link out
With sigma >= epsilon goods are gross substitutes: one equilibrium, and a lost supplier lowers nobody's index.
Source: exact-hat algebra after Dekle, Eaton and Kortum; additive CES after van der Mensbrugghe and Peters.
Solved by a damped semismooth Newton method on log prices. Leading axis: scenarios, each on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
STEP = 2.0  # longest Newton step, log price
HALVINGS = 8
BOLD = 10  # whole steps and halved ones take turns of this length: halving alone jams on the kinks of quotas
RIDGE = 1e-10  # keeps a seller whose every link is full solvable
NARROW = 1e-14  # relative change at which a buyer's index stands


@dataclass(frozen=True, slots=True)
class Response:
    """How buyers and sellers answer prices; every array is broadcast against (B, n), sigma against (B,).

    sigma      between sources, >= demand      demand  epsilon > 0
    supply     eta >= 0                        byproduct  part of output that is blind to its own price, 0..1
    """

    sigma: Floats
    demand: Floats
    supply: Floats
    byproduct: Floats = field(default_factory=lambda: np.zeros((1, 1)))


@dataclass(frozen=True, slots=True)
class Shock:
    """What differs from the base year; the defaults change nothing, arrays are broadcast.

    capacity  (B, n) most output, in base outputs; 0 takes the seller out; inf without a limit
    host      (B, n) shift of supply, such as the output of the metal that carries a by-product
    cost      (B, n) cost of making it      shift  (B, n) of demand      wedge  (B, n, n) on delivered prices, > 0
    banned    (B, n, n) links that are shut
    ceiling   (B, n, n) most tonnes of a link      quota  (B, n) most tonnes of a seller's exports, home left out
    """

    capacity: Floats = field(default_factory=lambda: np.full((1, 1), np.inf))
    host: Floats = field(default_factory=lambda: np.ones((1, 1)))
    cost: Floats = field(default_factory=lambda: np.ones((1, 1)))
    shift: Floats = field(default_factory=lambda: np.ones((1, 1)))
    wedge: Floats = field(default_factory=lambda: np.ones((1, 1, 1)))
    banned: Flags = field(default_factory=lambda: np.zeros((1, 1, 1), dtype=bool))
    ceiling: Floats = field(default_factory=lambda: np.full((1, 1, 1), np.inf))
    quota: Floats = field(default_factory=lambda: np.full((1, 1), np.inf))


@dataclass(frozen=True, slots=True)
class Market:
    """The year after, B scenarios.

    price      (B, n) of each seller before wedges and rents; nan where nobody may buy or nothing can be sold
    rent       (B, n) factor of the export quota, >= 1
    paid       (B, n, n) delivered price with wedges and all rents; nan on links without trade
    trade      (B, n, n) tonnes, home on the diagonal
    index      (B, n) the price that demand answers; inf where nobody may sell, nan where nothing was bought
    unsold     (B, n) tonnes offered without a buyer: at the floor price, or where every link is shut (at price 1)
    wedge      (B, n, n) as given
    converged  (B,) every market cleared to the tolerance, no price at the upper bound
    iterations (B,)      gap  (B,) largest log gap left between supply and demand or quota
    """

    price: Floats
    rent: Floats
    paid: Floats
    trade: Floats
    index: Floats
    unsold: Floats
    wedge: Floats
    converged: Flags
    iterations: NDArray[np.int64]
    gap: Floats

    @property
    def spending(self) -> Floats:
        """Return what each buyer pays (B, n): tonnes times base price."""
        return np.asarray(np.where(self.trade > 0, self.paid * self.trade, 0.0).sum(axis=1))

    @property
    def average(self) -> Floats:
        """Return the mean price paid (B, n); nan where nothing is bought."""
        bought = self.trade.sum(axis=1)
        return np.asarray(np.divide(self.spending, bought, out=np.full_like(bought, np.nan), where=bought > 0))

    @property
    def revenue(self) -> Floats:
        """Return what each seller earns at its own price (B, n), without rents."""
        sold = self.trade.sum(axis=2)
        return np.asarray(np.where(sold > 0, self.price * sold, 0.0))

    @property
    def duty(self) -> Floats:
        """Return what the wedges take on each link (B, n, n)."""
        return np.asarray(np.where(self.trade > 0, self.price[:, :, None] * (self.wedge - 1.0) * self.trade, 0.0))

    @property
    def rents(self) -> Floats:
        """Return what quotas and ceilings earn their holders on each link (B, n, n)."""
        return np.asarray(np.where(self.trade > 0, (self.paid - self.price[:, :, None] * self.wedge) * self.trade, 0.0))


@dataclass(frozen=True, slots=True)
class _Problem:
    """Everything broadcast to B scenarios; see module notation. `sellers` are those that can sell at all."""

    shares: Floats
    wanted: Floats
    made: Floats
    sigma: Floats
    epsilon: Floats
    eta: Floats
    blind: Floats
    host: Floats
    cost: Floats
    capacity: Floats
    wedge: Floats
    limit: Floats
    quota: Floats
    sellers: Flags

    def pick(self, rows: NDArray[np.int64]) -> _Problem:
        """Return the same problem for some scenarios."""
        return _Problem(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


@dataclass(frozen=True, slots=True)
class _State:
    """Quantities at given log prices: q, weights u/y and free links (B, n, n), y, supply's slope, both gaps (B, n)."""

    trade: Floats
    weight: Floats
    free: Flags
    y: Floats
    slope: Floats
    supply: Floats
    clearing: Floats
    spare: Floats

    def pick(self, rows: Flags) -> _State:
        """Return the same state of some scenarios."""
        return _State(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def solve(
    flow: Floats,
    response: Response,
    shock: Shock,
    *,
    start: Market | None = None,
    bounds: tuple[float, float] = (1e-3, 1e9),
    tolerance: float = 1e-11,
    most: int = 100,
) -> Market:
    """Return the market after a shock.

    flow       (n, n) or (B, n, n) tonnes of the base year from seller to buyer, home on the diagonal, >= 0
    response   elasticities      shock  see Shock
    start      a market of the same shape to start from
    bounds     floor and top of a seller's price: at the floor the rest stays unsold, at the top it is not converged
    tolerance  largest gap of logs      most  iterations
    Raises ValueError on values outside their range.
    """
    problem = _pose(flow, response, shock)
    if not 0 < bounds[0] < 1 < bounds[1] or 2 * problem.sigma.max() * np.log(bounds[1] / bounds[0]) > 600:
        raise ValueError("bounds must hold 1, and be narrower for a sigma that large")
    scenarios, n = problem.made.shape
    low, high = float(np.log(bounds[0])), float(np.log(bounds[1]))
    x = np.zeros((scenarios, 2 * n))  # log price, log rent
    if start is not None:
        x[:, :n] = np.clip(np.nan_to_num(np.log(start.price), nan=0.0), low, high)
        x[:, n:] = np.log(start.rent)
    x[:, n:] *= np.isfinite(problem.quota)
    x[:, :n] *= problem.sellers
    iterations = np.zeros(scenarios, dtype=np.int64)
    gap = np.zeros(scenarios)
    left = np.arange(scenarios)
    while left.size:
        part = problem.pick(left)
        state = _evaluate(part, x[left])
        error = _error(part, state, x[left], low)
        gap[left] = np.abs(error).max(axis=1, initial=0.0)
        going = (gap[left] > tolerance) & (iterations[left] < most)
        left, state, error = left[going], state.pick(going), error[going]
        if left.size:
            free = iterations[left] % (2 * BOLD) < BOLD
            x[left] = _advance(problem.pick(left), state, x[left], error, (low, high), free)
            iterations[left] += 1
    topped = (x >= high).any(axis=1)
    return _report(problem, x, (gap <= tolerance) & ~topped, iterations, gap)


def _pose(flow: Floats, response: Response, shock: Shock) -> _Problem:
    """Return the broadcast problem, with bans, zero limits and sellers of nothing taken out of the shares."""
    _check(flow, response, shock)
    n = flow.shape[-1]
    flow = flow if flow.ndim == 3 else flow[None]
    wide = [getattr(shock, f.name) for f in fields(shock)] + [response.demand, response.supply, response.byproduct]
    lengths = {len(flow), len(np.atleast_1d(response.sigma)), *(len(a) for a in wide)} - {1}
    if len(lengths) > 1:
        raise ValueError(f"scenarios differ in number: {sorted(lengths)}")
    b = lengths.pop() if lengths else 1
    one, two = (b, n), (b, n, n)

    made, bought = flow.sum(axis=2), flow.sum(axis=1)
    shares = np.divide(flow, bought[:, None, :], out=np.zeros_like(flow), where=bought[:, None, :] > 0)
    abroad = ~np.eye(n, dtype=bool)
    able = (np.broadcast_to(shock.capacity, one) > 0) & (np.broadcast_to(shock.host, one) > 0) & (made > 0)
    shut: Flags = np.broadcast_to(shock.banned, two) | (np.broadcast_to(shock.ceiling, two) <= 0) | ~able[:, :, None]
    shut = (
        shut
        | ((np.broadcast_to(shock.quota, one) <= 0)[:, :, None] & abroad)
        | (np.broadcast_to(shock.shift, one) <= 0)[:, None, :]
    )
    shares = np.where(shut, 0.0, np.broadcast_to(shares, two))
    exports = (shares * abroad).any(axis=2)
    return _Problem(
        shares=shares,
        wanted=np.broadcast_to(bought, one) * np.broadcast_to(shock.shift, one),
        made=np.broadcast_to(made, one),
        sigma=np.broadcast_to(np.atleast_1d(response.sigma), (b,)),
        epsilon=np.broadcast_to(response.demand, one),
        eta=np.broadcast_to(response.supply, one),
        blind=np.broadcast_to(response.byproduct, one),
        host=np.broadcast_to(shock.host, one),
        cost=np.broadcast_to(shock.cost, one),
        capacity=np.broadcast_to(shock.capacity, one),
        wedge=np.broadcast_to(shock.wedge, two),
        limit=np.broadcast_to(shock.ceiling, two),
        quota=np.where(exports, np.broadcast_to(shock.quota, one), np.inf),
        sellers=np.asarray(shares.any(axis=2)),
    )


def _evaluate(p: _Problem, x: Floats) -> _State:
    """Return quantities and gaps at log prices and log rents x (B, 2n)."""
    n = p.made.shape[1]
    abroad = ~np.eye(n, dtype=bool)
    delivered = x[:, :n, None] + x[:, n:, None] * abroad + np.log(p.wedge)
    theta = 1.0 - p.epsilon / p.sigma[:, None]
    pull = p.shares * np.exp(-p.sigma[:, None, None] * delivered)
    y, used, free = _index(pull, p.limit, p.wanted, theta)
    buying = p.wanted * np.where(y > 0, y, 1.0) ** -theta
    trade = np.where(free, buying[:, None, :] * pull, np.where(p.shares > 0, p.limit, 0.0))
    weight = np.divide(used, y[:, None, :], out=np.zeros_like(used), where=y[:, None, :] > 0)
    raw, rise = _offer(p, x[:, :n])
    full = raw >= p.capacity
    supply = p.made * np.where(full, p.capacity, raw)
    slope = np.where(full, 0.0, rise)
    sold, sent = trade.sum(axis=2), (trade * abroad).sum(axis=2)
    clearing = np.where(p.sellers, _log(supply) - _log(sold), 0.0)
    limited = np.isfinite(p.quota)
    spare = np.where(limited, np.log(np.where(limited, p.quota, 1.0)) - _log(sent), np.inf)
    return _State(trade, weight, free, y, slope, supply, clearing, spare)


def _offer(p: _Problem, x: Floats) -> tuple[Floats, Floats]:
    """Return supply without its capacity limit, in base outputs, and its own elasticity (B, n)."""
    answer = (1.0 - p.blind) * (np.exp(x) / p.cost) ** p.eta
    raw = p.host * (p.blind + answer)
    return raw, p.eta * answer / (p.blind + answer)


def _log(array: Floats) -> Floats:
    """Return the log, with -700 instead of -inf where there is nothing."""
    return np.asarray(np.log(np.maximum(array, 1e-304)))


def _index(pull: Floats, limit: Floats, wanted: Floats, theta: Floats) -> tuple[Floats, Floats, Flags]:
    """Return y (B, n), u = min(pull, limit/wanted * y^theta) with sum_c u = y, and which links are free (B, n, n).

    The sum is concave in y and the start lies above the root, so Newton descends to it and cannot overshoot.
    """
    y = pull.sum(axis=1)
    if not np.isfinite(limit).any():
        return y, pull, np.ones(pull.shape, dtype=bool)
    room = np.divide(limit, wanted[:, None, :], out=np.full_like(pull, np.inf), where=wanted[:, None, :] > 0)
    for _ in range(200):
        most = room * np.where(y > 0, y, 1.0)[:, None, :] ** theta[:, None, :]
        free = pull <= most
        used = np.where(free, pull, most)
        held = np.where(free, 0.0, used).sum(axis=1)
        fall = np.divide(theta * held, y, out=np.zeros_like(y), where=y > 0) - 1.0
        new = np.where(y > 0, y - (used.sum(axis=1) - y) / fall, 0.0)
        if (np.abs(new - y) <= NARROW * y).all():
            break
        y = new
    return y, used, free


def _error(p: _Problem, state: _State, x: Floats, low: float) -> Floats:
    """Return the complementarity gaps (B, 2n): min(price - floor, supply - demand) and min(rent, quota - exports)."""
    n = p.made.shape[1]
    price = np.where(p.sellers, np.minimum(x[:, :n] - low, state.clearing), 0.0)
    return np.concatenate([price, np.minimum(x[:, n:], state.spare)], axis=1)


def _advance(p: _Problem, state: _State, x: Floats, error: Floats, bounds: tuple[float, float], bold: Flags) -> Floats:
    """Return the next log prices: a Newton step, halved until the gap falls; else each price follows its own gap."""
    n = p.made.shape[1]
    step = -np.linalg.solve(_jacobian(p, state, x, bounds[0]), error[:, :, None])[:, :, 0]
    step = np.clip(step, -STEP, STEP)
    least = np.concatenate([np.full(n, bounds[0]), np.zeros(n)])
    best, done = x.copy(), np.zeros(len(x), dtype=bool)
    norm = np.linalg.norm(error, axis=1)
    size = 1.0
    for _ in range(HALVINGS):
        rows = np.flatnonzero(~done)
        if not rows.size:
            return best
        trial = np.clip(x[rows] + size * step[rows], least, bounds[1])
        part = p.pick(rows)
        after = np.linalg.norm(_error(part, _evaluate(part, trial), trial, bounds[0]), axis=1)
        better = bold[rows] | (after < (1.0 - 1e-4 * size) * norm[rows])
        best[rows[better]] = trial[better]
        done[rows[better]] = True
        size /= 2.0
    own = p.sigma[:, None] + np.concatenate([p.eta, np.zeros_like(p.eta)], axis=1)
    slow = np.clip(x - np.clip(error / own, -STEP, STEP), least, bounds[1])
    return np.where(done[:, None], best, slow)


def _jacobian(p: _Problem, state: _State, x: Floats, low: float) -> Floats:
    """Return the derivative of the gaps in log prices and log rents (B, 2n, 2n); rows on a bound are the identity."""
    n = p.made.shape[1]
    here = np.arange(n)
    abroad = ~np.eye(n, dtype=bool)
    flow = state.trade * state.free
    sigma = p.sigma[:, None, None]
    theta = 1.0 - p.epsilon / p.sigma[:, None]
    held = (state.weight * ~state.free).sum(axis=1)
    answer = state.weight * state.free * (theta / (1.0 - theta * held))[:, None, :] * sigma
    rows = np.concatenate([flow, flow * abroad], axis=1)
    columns = np.concatenate([answer, answer * abroad], axis=1)
    matrix = rows @ columns.transpose(0, 2, 1)
    sold, sent = flow.sum(axis=2), (flow * abroad).sum(axis=2)
    for top, left, both in ((0, 0, sold), (0, n, sent), (n, 0, sent), (n, n, sent)):
        matrix[:, top + here, left + here] -= p.sigma[:, None] * both
    totals = np.concatenate([state.trade.sum(axis=2), (state.trade * abroad).sum(axis=2)], axis=1)
    matrix = -np.divide(matrix, totals[:, :, None], out=np.zeros_like(matrix), where=totals[:, :, None] > 0)
    matrix[:, here, here] += state.slope + RIDGE
    matrix[:, n + here, n + here] += RIDGE
    still = np.concatenate([~p.sellers | (x[:, :n] - low < state.clearing), x[:, n:] < state.spare], axis=1)
    return np.where(still[:, :, None], np.eye(2 * n), matrix)


def _report(p: _Problem, x: Floats, converged: Flags, iterations: NDArray[np.int64], gap: Floats) -> Market:
    """Return the market at x."""
    n = p.made.shape[1]
    state = _evaluate(p, x)
    price = np.where(p.sellers, np.exp(x[:, :n]), np.nan)
    reached = state.y > 0
    index = np.where(reached, np.where(reached, state.y, 1.0) ** (-1.0 / p.sigma[:, None]), np.inf)
    index = np.where(p.wanted > 0, index, np.nan)
    used = state.weight * np.where(reached, state.y, 0.0)[:, None, :]
    ratio = np.divide(p.shares, used, out=np.ones_like(used), where=used > 0)
    paid = np.where(state.trade > 0, ratio ** (1.0 / p.sigma[:, None, None]), np.nan)
    excess = np.maximum(state.supply - state.trade.sum(axis=2), 0.0)
    unsold = np.where(~p.sellers | (state.clearing > np.log1p(1e-9)), excess, 0.0)
    return Market(price, np.exp(x[:, n:]), paid, state.trade, index, unsold, p.wedge, converged, iterations, gap)


def _check(flow: Floats, response: Response, shock: Shock) -> None:
    """Raise ValueError where an argument lies outside its range."""
    if flow.ndim not in (2, 3) or flow.shape[-1] != flow.shape[-2] or not (np.isfinite(flow) & (flow >= 0)).all():
        raise ValueError("flow must be square, finite and not negative")
    sigma = np.atleast_1d(response.sigma)[:, None]
    if not ((response.demand > 0) & (sigma >= response.demand) & np.isfinite(sigma)).all():
        raise ValueError("response.demand must lie above 0 and at most at sigma")
    if not ((response.supply >= 0) & np.isfinite(response.supply)).all():
        raise ValueError("response.supply must be finite and not negative")
    if not ((response.byproduct >= 0) & (response.byproduct <= 1)).all():
        raise ValueError("response.byproduct must lie between 0 and 1")
    for name in ("capacity", "quota", "ceiling"):
        if not (getattr(shock, name) >= 0).all():
            raise ValueError(f"shock.{name} must not be negative")
    for name, least in (("host", 0.0), ("shift", 0.0), ("cost", 1e-300), ("wedge", 1e-300)):
        array = getattr(shock, name)
        if not (np.isfinite(array) & (array >= least)).all():
            raise ValueError(f"shock.{name} must be finite and {'positive' if least else 'not negative'}")
