"""A chain of markets that clears at once, tonnes adding up: tariffs, bans, quotas, outages, by-products, stocks.

Notation: k stages, c sellers, d buyers, home included; q tonnes; prices are multiples of the base year's; s base shares
of d in k. What d buys of k and turns into k+1 at home is `passed`; the rest is final use.
  demand    q[k, c, d] = Q[k, d] * s*p^-sigma / sum_c s*p^-sigma (additive CES)
            Q = Q0*shift*(passed*S[k+1, d]/S0[k+1, d] + (1 - passed)*P^-epsilon) * (1 - stock*(1 - max(P, 1)^-draw))
  index     P[k, d] = (sum_c s*p^-sigma)^(-1/sigma); it rises with every price, which the mean price paid need not do
  supply    S[k, c] = S0*min(host*(b + (1 - b)*(p/C)^eta), capacity), b the by-product part: blind to its own price
  cost      C[k, c] = costshift*(1 - cost + cost*P[k-1, c]); a maker whose input nobody may sell makes nothing
  delivered p[k, c, d] = p[k, c] * wedge * rent of c's quota on restricted links, rent >= 1
  clearing  S[k, c] = sum_d q[k, c, d], or the price is at its floor and the rest stays unsold
  quota     rent > 1 only where the tonnes on the restricted links are at their limit; a ban takes a link out
With one stage and sigma >= epsilon goods are gross substitutes: one equilibrium, and a lost supplier lowers nobody's
index. Source: exact-hat algebra after Dekle, Eaton and Kortum; additive CES after van der Mensbrugghe and Peters.
Solved for all stages together by a damped semismooth Newton method on logs. Leading axis: scenarios, each on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from khanij.kernels.markets import market_newton as newton
from khanij.kernels.markets.market_newton import Flags, Floats, Problem

PIECE = 2**17  # numbers in the links of the scenarios solved at once, so that they stay in the cache


def _row(value: float) -> Floats:
    return np.full((1, 1, 1), value)


@dataclass(frozen=True, slots=True)
class MarketChain:
    """The base year; arrays without scenarios may leave their axis out.

    flow    (B, K, n, n) tonnes from seller to buyer, home on the diagonal
    passed  (B, K, n) part of the use of k that becomes k+1 at home, 0..1; 0 in the last stage and where none is made
    cost    (B, K, n) share of k-1 in the cost of making k, 0..1; 0 in the first stage
    """

    flow: Floats
    passed: Floats
    cost: Floats


@dataclass(frozen=True, slots=True)
class Response:
    """How buyers and sellers answer prices; every array is broadcast against (B, K, n), sigma against (B, K).

    sigma   between sources, >= demand      demand  epsilon > 0      supply  eta >= 0
    byproduct  part of output that is blind to its own price, 0..1      draw  of stocks, >= 0
    choke   index above which final users leave: their elasticity becomes sigma, so that the loss of most of the supply
            has a price; >= 1, inf without
    shut    p/C below which the answering part of output stops in the same way, >= 0 and < 1; 0 without
    """

    sigma: Floats
    demand: Floats
    supply: Floats
    byproduct: Floats = field(default_factory=lambda: _row(0.0))
    draw: Floats = field(default_factory=lambda: _row(4.0))
    choke: Floats = field(default_factory=lambda: _row(np.inf))
    shut: Floats = field(default_factory=lambda: _row(0.0))


@dataclass(frozen=True, slots=True)
class MarketShock:
    """What differs from the base year; the defaults change nothing, arrays are broadcast.

    capacity    (B, K, n) most output, in base outputs; 0 takes the seller out; inf without a limit
    host        (B, K, n) shift of supply, such as the output of the metal that carries a by-product
    cost        (B, K, n) shift of the cost of making it      shift  (B, K, n) of demand
    wedge       (B, K, n, n) on delivered prices, > 0         banned  (B, K, n, n) links that are shut
    quota       (B, K, n) most tonnes of a seller on its restricted links; inf without a limit
    restricted  (B, K, n, n) those links; None: all but home
    stock       (B, K, n) part of the year's use that stocks can meet, 0..1; drawn as the price rises, not filled
    """

    capacity: Floats = field(default_factory=lambda: _row(np.inf))
    host: Floats = field(default_factory=lambda: _row(1.0))
    cost: Floats = field(default_factory=lambda: _row(1.0))
    shift: Floats = field(default_factory=lambda: _row(1.0))
    wedge: Floats = field(default_factory=lambda: np.ones((1, 1, 1, 1)))
    banned: Flags = field(default_factory=lambda: np.zeros((1, 1, 1, 1), dtype=bool))
    quota: Floats = field(default_factory=lambda: _row(np.inf))
    restricted: Flags | None = None
    stock: Floats = field(default_factory=lambda: _row(0.0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The year after, B scenarios. Masses in tonnes, money in tonnes times base price.

    price       (B, K, n) of each seller before wedges and rents; nan where nobody may buy or nothing can be made
    rent        (B, K, n) factor of the quota, >= 1
    trade       (B, K, n, n) tonnes, home on the diagonal
    index       (B, K, n) the price that demand answers; inf where nobody may sell, nan where nothing was bought
    unsold      (B, K, n) offered without a buyer: the price is at its floor
    output      (B, K, n) S: sold and unsold
    wanted      (B, K, n) what users would use at base prices, Q0*shift
    use         (B, K, n) what they use, from purchases and stocks      drawn  (B, K, n) from stocks
    wedge, restricted  (B, K, n, n) as given
    converged   (B,) every market cleared to the tolerance, no price at the upper bound
    iterations  (B,)      gap  (B,) largest log gap left between supply and demand or quota
    """

    price: Floats
    rent: Floats
    trade: Floats
    index: Floats
    unsold: Floats
    output: Floats
    wanted: Floats
    use: Floats
    drawn: Floats
    wedge: Floats
    restricted: Flags
    converged: Flags
    iterations: NDArray[np.int64]
    gap: Floats

    @property
    def paid(self) -> Floats:
        """Return the delivered price with wedge and rent (B, K, n, n); nan on links without trade."""
        rent = np.where(self.restricted, self.rent[..., None], 1.0)
        return np.asarray(np.where(self.trade > 0, self.price[..., None] * self.wedge * rent, np.nan))

    @property
    def spending(self) -> Floats:
        """Return what each buyer pays (B, K, n)."""
        return np.asarray(np.where(self.trade > 0, self.paid * self.trade, 0.0).sum(axis=2))

    @property
    def average(self) -> Floats:
        """Return the mean price paid (B, K, n); nan where nothing is bought."""
        bought = self.trade.sum(axis=2)
        return np.asarray(np.divide(self.spending, bought, out=np.full_like(bought, np.nan), where=bought > 0))

    @property
    def revenue(self) -> Floats:
        """Return what each seller earns at its own price (B, K, n), without rents."""
        sold = self.trade.sum(axis=3)
        return np.asarray(np.where(sold > 0, self.price * sold, 0.0))

    @property
    def duty(self) -> Floats:
        """Return what the wedges take on each link (B, K, n, n)."""
        return np.asarray(np.where(self.trade > 0, self.price[..., None] * (self.wedge - 1.0) * self.trade, 0.0))

    @property
    def rents(self) -> Floats:
        """Return what quotas earn their holders on each link (B, K, n, n)."""
        extra = np.where(self.restricted, self.rent[..., None] - 1.0, 0.0)
        return np.asarray(np.where(self.trade > 0, self.price[..., None] * self.wedge * extra * self.trade, 0.0))

    @property
    def shortage(self) -> Floats:
        """Return what users go without (B, K, n): wanted at base prices and not used."""
        return np.asarray(np.maximum(self.wanted - self.use, 0.0))


@dataclass(frozen=True, slots=True)
class _Wide:
    """Chain, response and shock, all broadcast: (B, K, n), links (B, K, n, n), sigma (B, K)."""

    flow: Floats
    passed: Floats
    share: Floats
    sigma: Floats
    demand: Floats
    supply: Floats
    byproduct: Floats
    draw: Floats
    choke: Floats
    shut: Floats
    capacity: Floats
    host: Floats
    cost: Floats
    shift: Floats
    wedge: Floats
    banned: Flags
    quota: Floats
    restricted: Flags
    stock: Floats

    def pick(self, rows: slice) -> _Wide:
        """Return some scenarios."""
        return _Wide(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def solve(
    chain: MarketChain,
    response: Response,
    shock: MarketShock,
    *,
    start: tuple[Floats, Floats] | None = None,
    bounds: tuple[float, float] = (1e-3, 1e9),
    tolerance: float = 1e-11,
    most: int = 60,
) -> Outcome:
    """Return the markets after a shock.

    chain      the base year      response  elasticities      shock  see MarketShock
    start      prices and rents (B, K, n) to start from; None = those of the base year
    bounds     floor and top of a seller's price: at the floor the rest stays unsold, at the top it is not converged
    tolerance  largest gap of logs      most  iterations
    Raises ValueError on values outside their range.
    """
    wide = _widen(chain, response, shock)
    if not 0 < bounds[0] < 1 < bounds[1] or 2 * wide.sigma.max() * np.log(bounds[1] / bounds[0]) > 600:
        raise ValueError("bounds must hold 1, and be narrower for a sigma that large")
    scenarios, stages, n, _ = wide.flow.shape
    size = max(1, PIECE // (stages * n * n))
    logs = (float(np.log(bounds[0])), float(np.log(bounds[1])))
    parts = []
    for first in range(0, scenarios, size):
        rows = slice(first, first + size)
        begin = None if start is None else (start[0][rows], start[1][rows])
        parts.append(_piece(wide.pick(rows), begin, logs, tolerance, most))
    if len(parts) == 1:
        return parts[0]
    return Outcome(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Outcome)})


def _piece(
    wide: _Wide, start: tuple[Floats, Floats] | None, bounds: tuple[float, float], tolerance: float, most: int
) -> Outcome:
    """Return the outcome of some scenarios, from prices and rents (B, K, n) or from the base year's."""
    p, limited, reached = _pose(wide)
    m = p.made.shape[2]
    x = np.zeros(p.pull.shape[:3])  # log price, log rent
    if start is not None:
        price = np.where(np.isfinite(start[0]), start[0], 1.0)
        x[:, :, :m] = np.clip(np.log(newton.gather(p, price)), *bounds)
        x[:, :, m:] = np.where(np.isnan(p.quota), 0.0, np.log(np.take_along_axis(start[1], limited, axis=2)))
    x[:, :, :m] = np.where(p.open, x[:, :, :m], np.where(p.alive, bounds[0], 0.0))
    x, gap, iterations = newton.settle(p, x, bounds, tolerance, most)
    return _report(wide, p, x, (limited, reached), (gap <= tolerance, iterations), bounds)


def _report(
    wide: _Wide,
    p: Problem,
    x: Floats,
    places: tuple[NDArray[np.intp], Flags],
    end: tuple[Flags, NDArray[np.int64]],
    bounds: tuple[float, float],
) -> Outcome:
    """Return the outcome at log prices and log rents; places: node of each quota, buyers whom somebody may sell to."""
    scenarios, stages, n, _ = wide.flow.shape
    m = p.made.shape[2]
    state = newton.evaluate(p, x)
    limited, reached = places
    k = np.arange(stages)[:, None]
    trade = np.zeros((scenarios, stages, n, n))
    links = newton.links(p, state) * state.bought[:, :, None, :]
    trade[:, k, p.seat] = links[:, :, :m]
    rent = np.ones((scenarios, stages, n))
    for j in range(x.shape[2] - m):
        node = limited[:, :, j, None]
        some = ~np.isnan(p.quota[:, :, j])
        at = (*np.nonzero(some), node[some][:, 0])
        trade[at] += links[:, :, m + j][some]
        rent[at] = np.exp(x[:, :, m + j][some])
    price = np.full((scenarios, stages, n), np.nan)
    price[:, k, p.seat] = np.where(p.open, np.exp(x[:, :, :m]), np.nan)
    output = newton.spread(p, p.made * state.supply, n)
    excess = np.maximum(output - trade.sum(axis=3), 0.0)
    loose = newton.spread(p, ~p.open | (state.gap[:, :, :m] > np.log1p(1e-9)), n)
    bought = wide.flow.sum(axis=2)
    return Outcome(
        price=price,
        rent=rent,
        trade=trade,
        index=np.where(bought > 0, np.where(reached, np.exp(state.index), np.inf), np.nan),
        unsold=excess * loose,
        output=output,
        wanted=bought * wide.shift,
        use=state.use,
        drawn=state.use - state.bought,
        wedge=wide.wedge,
        restricted=wide.restricted,
        converged=end[0] & ~newton.topped(p, x, bounds),
        iterations=end[1],
        gap=np.abs(newton.error(p, state, x, (bounds[0], np.inf))).max(axis=(1, 2)),
    )


def _pose(w: _Wide) -> tuple[Problem, NDArray[np.intp], Flags]:
    """Return the problem, the node of each quota (B, K, R) and the buyers whom somebody may sell to (B, K, n)."""
    scenarios, stages, n, _ = w.flow.shape
    made, bought = w.flow.sum(axis=3), w.flow.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        shut = w.banned | (w.restricted & np.expand_dims(w.quota <= 0, 3))
        shares = np.where(shut, 0.0, w.flow / bought[:, :, None, :])
    shares = np.nan_to_num(shares, copy=False)
    alive = (w.capacity > 0) & (w.host > 0) & (made > 0)
    reached = np.empty((scenarios, stages, n), dtype=bool)
    for k in range(stages):
        if k:
            tied = (bought[:, k - 1] > 0) & ((w.share[:, k] > 0) | (w.passed[:, k - 1] > 0))
            alive[:, k] &= ~tied | reached[:, k - 1]
        shares[:, k] *= alive[:, k, :, None]
        reached[:, k] = shares[:, k].any(axis=1)
    follows = np.zeros((scenarios, stages, n))
    follows[:, :-1] = alive[:, 1:]
    wanted = np.where(reached, bought * w.shift, 0.0)
    some = (wanted * (w.passed * follows + 1.0 - w.passed) > 0)[:, :, None, :]
    limits = np.isfinite(w.quota) & alive & (shares.astype(bool) & w.restricted & some).any(axis=3)

    m = max(1, int(alive.any(axis=0).sum(axis=1).max()))
    seat = np.sort(np.argsort(~alive.any(axis=0), axis=1, kind="stable")[:, :m], axis=1)
    at = (slice(None), np.arange(stages)[:, None], seat)
    pull = shares * w.wedge ** -w.sigma[:, :, None, None]
    most = int(limits.sum(axis=2).max(initial=0))
    limited = np.argsort(~limits, axis=2, kind="stable")[:, :, :most]
    used = np.take_along_axis(limits, limited, axis=2)
    rows = pull[at]
    if most:
        held = np.where(w.restricted & limits[..., None], pull, 0.0)
        rows = np.concatenate([(pull - held)[at], np.take_along_axis(held, limited[..., None], axis=2)], axis=2)
        rows[:, :, m:] *= used[..., None]
    quota = np.take_along_axis(w.quota, limited, axis=2)
    problem = Problem(
        seat=seat,
        sigma=w.sigma,
        pull=rows,
        whose=((limited[..., None] == seat[:, None, :]) & used[..., None]).astype(np.float64),
        quota=np.where(used, np.log(np.where(used, quota, 1.0)), np.nan),
        wanted=wanted,
        passed=w.passed,
        demand=w.demand,
        draw=w.draw,
        choke=np.log(w.choke),
        stock=w.stock,
        made=made[at],
        host=w.host[at],
        blind=w.byproduct[at],
        eta=w.supply[at],
        shut=newton.log(w.shut[at]),
        capacity=w.capacity[at],
        costshift=w.cost[at],
        cost=w.share[at],
        alive=alive[at],
        open=alive[at] & np.asarray((shares.astype(bool) & some).any(axis=3))[at],
    )
    return problem, limited, reached


def _widen(chain: MarketChain, response: Response, shock: MarketShock) -> _Wide:
    """Return everything broadcast to one shape; raise ValueError where an argument lies outside its range."""
    flow = chain.flow if chain.flow.ndim == 4 else chain.flow[None]
    if flow.ndim != 4 or flow.shape[-1] != flow.shape[-2] or not (np.isfinite(flow) & (flow >= 0)).all():
        raise ValueError("flow must be (K, n, n) or (B, K, n, n), finite and not negative")
    _, stages, n, _ = flow.shape
    parts = {f.name: getattr(shock, f.name) for f in fields(shock)}
    parts["restricted"] = ~np.eye(n, dtype=bool)[None, None] if shock.restricted is None else shock.restricted
    parts |= {f.name: getattr(response, f.name) for f in fields(response)} | {"flow": flow}
    parts |= {"passed": chain.passed, "share": chain.cost}
    parts |= {name: a[None] for name, a in parts.items() if name in ("passed", "share") and a.ndim == 2}
    lengths = {len(np.atleast_1d(a)) for a in parts.values()} - {1}
    if len(lengths) > 1 or 0 in lengths:
        raise ValueError(f"scenarios differ in number: {sorted(lengths)}")
    b = lengths.pop() if lengths else 1
    shapes = {"sigma": (b, stages)} | dict.fromkeys(("flow", "wedge", "banned", "restricted"), (b, stages, n, n))
    wide = _Wide(**{name: np.broadcast_to(a, shapes.get(name, (b, stages, n))) for name, a in parts.items()})
    _check(wide)
    return wide


def _check(w: _Wide) -> None:
    """Raise ValueError where an argument lies outside its range."""
    if not ((w.demand > 0) & (w.sigma[:, :, None] >= w.demand) & np.isfinite(w.sigma)[:, :, None]).all():
        raise ValueError("response.demand must lie above 0 and at most at sigma")
    for name in ("supply", "draw"):
        if not (np.isfinite(getattr(w, name)) & (getattr(w, name) >= 0)).all():
            raise ValueError(f"response.{name} must be finite and not negative")
    for name in ("byproduct", "stock", "passed", "share"):
        if not ((getattr(w, name) >= 0) & (getattr(w, name) <= 1)).all():
            raise ValueError(f"{'cost' if name == 'share' else name} must lie between 0 and 1")
    if not (w.choke >= 1).all() or not ((w.shut >= 0) & (w.shut < 1)).all():
        raise ValueError("response.choke must be at least 1 and response.shut from 0 to below 1")
    for name in ("capacity", "quota"):
        if not (getattr(w, name) >= 0).all():
            raise ValueError(f"shock.{name} must not be negative")
    for name, least in (("host", 0.0), ("shift", 0.0), ("cost", 1e-300), ("wedge", 1e-300)):
        array = getattr(w, name)
        if not (np.isfinite(array) & (array >= least)).all():
            raise ValueError(f"shock.{name} must be finite and {'positive' if least else 'not negative'}")
    if (w.passed[:, -1] > 0).any() or (w.share[:, 0] > 0).any():
        raise ValueError("passed of the last stage and cost of the first must be 0")
    if ((w.passed[:, :-1] > 0) & (w.flow[:, 1:].sum(axis=3) <= 0)).any():
        raise ValueError("passed must be 0 where nothing of the next stage is made")
