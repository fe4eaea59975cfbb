"""Steps after a shock when prices do not matter yet: stocks, capacity, rationing, and orders that find new suppliers.

Notation: good k is what stage k makes; countries i, j; tonnes of content a step, which is a week or a month as the base
says. x output, S stock, U wanted use. A shipment leaves in one step and can be used in the next. Every step:
  plans, last stage first:  W = imports + (U - use) + own output lost + gap/refill, ordered from j's suppliers in its
                            own proportions, gap = stock of the base + next step's imports - S; x* = output +
                            (U - use) + gap/refill + (orders received - exports) - (W expected - imports), cut off at
                            capacity; U of the good before = other use + input·x*/output
  deeds, first stage first: x = min(x*, output·taken/input); a country serves its own use and its orders out of S + x
                            by a rule; S' = S + x - use - shipped + arrived
  orders move:              what a supplier did not deliver goes, at a speed, to the open market: one pool for a good,
                            whose orders are shared out among exporters as their spare capacity was when orders came
The base repeats itself for ever if nothing happens. Leading axis: scenarios, each on its own. Trade is a list of
edges, and the pool is two vectors, so that a step costs as much as there are trading pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from khanij.kernels.markets.physical_base import Base, Shut
from khanij.kernels.markets.physical_edges import Edges, OpenMarket, edges

Floats = NDArray[np.float64]
DUST = 1e-9  # part of a figure below which a difference is rounding
RULES = ("proportional", "home-first", "exports-first")
KEPT = ("output", "use", "wanted", "stock", "exports", "imports", "seller_part", "buyer_part")


@dataclass(frozen=True, slots=True)
class Steps:
    """What happened in B scenarios over M steps.

    output, use, wanted, stock  (B, M, K, n): stock at the end of the step, arrivals included
    exports, imports            (B, M, K, n) shipped, and arriving by the end of the step
    trade                       (B, E) shipments of all steps on the edges of the base, home use left at 0
    seller_part, buyer_part     (B, M, K, n): i shipped seller_part[i]*buyer_part[j] to j through the open market in a
                                step, unless i = j or the pair was shut
    """

    output: Floats
    use: Floats
    wanted: Floats
    stock: Floats
    exports: Floats
    imports: Floats
    trade: Floats
    seller_part: Floats
    buyer_part: Floats

    @property
    def shortage(self) -> Floats:
        """Return use that was wanted and not met (B, M, K, n)."""
        return np.asarray(self.wanted - self.use)

    def between(self, base: Base, shut: Shut | None = None) -> Floats:
        """Return shipments of all steps from seller to buyer (B, K, n, n), open market included; for few countries."""
        scenarios, steps, _, n = self.output.shape
        pooled = np.einsum("bmki,bmkj->bkij", self.seller_part, self.buyer_part)
        pooled[:, :, np.arange(n), np.arange(n)] = 0.0
        if shut is not None:
            part = np.broadcast_to(shut.part, (scenarios, steps, len(shut.good)))
            sold, bought = self.seller_part[:, :, shut.good, shut.seller], self.buyer_part[:, :, shut.good, shut.buyer]
            pooled[:, shut.good, shut.seller, shut.buyer] -= (sold * bought * (part > 0)).sum(axis=1)
        pooled[:, base.good, base.seller, base.buyer] += self.trade
        return np.asarray(np.maximum(pooled, 0.0))


@dataclass(slots=True)
class _PhysicalState:
    """What passes from one step to the next, changed in place; all (B, K, n) but weights."""

    stock: Floats
    met: Floats  # part of its orders that a customer got in the last step
    weights: list[Floats]  # part of j's orders on each edge, (B, E_k) a good
    pooled: Floats  # part of j's orders that goes to the open market
    lone: Floats  # part of j's orders that goes to nobody: it has never imported
    mix: Floats  # part of the open market's orders that goes to seller i


@dataclass(slots=True)
class _Fixed:
    """What does not change: (K, n) of the base, and the settings.

    other   use by others than the next stage        held    stock to be kept up, (B, K, n)
    yields  output that a tonne of input gives       unfed   output that needs no input; inf where none is on record
    """

    use: Floats
    other: Floats
    output: Floats
    exports: Floats
    imports: Floats
    held: Floats
    yields: Floats
    unfed: Floats
    exporter: NDArray[np.bool_]
    edges: list[Edges]
    speed: Floats
    refill: float
    rule: str


def run(
    base: Base,
    capacity: Floats,
    shut: Shut | None = None,
    *,
    stock: Floats | None = None,
    rerouting: float | Floats = 0.3,
    refill: float = 3.0,
    rule: str = "proportional",
) -> Steps:
    """Return the steps that follow.

    base       see Base
    capacity   (B, M, K, n) part of each capacity that works in each step, >= 0; above 1 is idle capacity that starts
    shut       pairs whose trade is cut, see Shut; None = none
    stock      (B, K, n) t held at first in each scenario, kept up later; None = the base's
    rerouting  part of the orders not met that moves to the open market within a step, 0..1, one or (B,)
    refill     steps in which a gap in stock is to be filled, >= 1
    rule       who is served first when there is too little: RULES
    Raises ValueError on values outside their range.
    """
    if capacity.ndim != 4 or capacity.shape[2:] != base.passed.shape:
        raise ValueError(f"capacity must be (B, M, K, n) with (K, n) = {base.passed.shape}")
    held = np.broadcast_to(base.stock if stock is None else stock, (len(capacity), *base.passed.shape))
    _check(capacity, shut, held, rerouting, refill, rule)
    scenarios, steps, _, n = capacity.shape
    listed = edges(base, shut, scenarios)
    speed = np.broadcast_to(np.asarray(rerouting, dtype=np.float64), (scenarios,))[:, None]
    fixed = _fix(base, held, listed, speed, refill, rule)
    state = _start(fixed, scenarios)
    kept = {name: np.zeros(capacity.shape) for name in KEPT}
    sold = [np.zeros((scenarios, len(at.where))) for at in listed]
    for step in range(steps):
        for at in listed:
            at.turn(step)
        able = base.capacity * capacity[:, step]
        plan, wanted, orders = _plans(fixed, state, able)
        taken = np.zeros((scenarios, n))
        for k in range(len(listed)):
            output = plan[:, k]
            if k:
                output = np.minimum(output, fixed.unfed[k] + fixed.yields[k] * taken)
            served, shipped, deeds = _deliver(fixed, state, k, output, able[:, k], plan[:, k], wanted[:, k], orders[k])
            taken = served * np.minimum(_ratio(_need(fixed, plan, k), wanted[:, k]), 1.0)
            sold[k] += shipped
            for name, array in zip(KEPT, deeds, strict=True):
                kept[name][:, step, k] = array
    trade = np.zeros((scenarios, len(base.tonnes)))
    for at, tonnes in zip(listed, sold, strict=True):
        trade[:, at.where] = tonnes
    return Steps(**kept, trade=trade)


@dataclass(slots=True)
class _Orders:
    """Orders of one good: wanted imports (B, n), what may be shipped on edges (B, E), the pool's, and all by seller."""

    buying: Floats
    edges: Floats
    pool: OpenMarket
    asked: Floats


def _fix(base: Base, held: Floats, listed: list[Edges], speed: Floats, refill: float, rule: str) -> _Fixed:
    """Return what does not change."""
    output, taken, use, exports = base.output, base.input, base.use, base.exports
    before = np.vstack([np.zeros_like(taken[:1]), taken[:-1]])
    return _Fixed(
        use=use,
        other=np.maximum(use - taken, 0.0),
        output=output,
        exports=exports,
        imports=base.imports,
        held=held,
        yields=_ratio(base.fed * output, before),
        unfed=np.where(before > 0, (1 - base.fed) * output, np.inf),
        exporter=exports > 0,
        edges=listed,
        speed=speed,
        refill=refill,
        rule=rule,
    )


def _start(fixed: _Fixed, scenarios: int) -> _PhysicalState:
    """Return the state before the first step: everybody holds its stock and what is on its way to it."""
    shape = (scenarios, *fixed.use.shape)
    return _PhysicalState(
        stock=fixed.held + fixed.imports,
        met=np.ones(shape),
        weights=[np.broadcast_to(at.share, (scenarios, len(at.share))).copy() for at in fixed.edges],
        pooled=np.zeros(shape),
        lone=np.broadcast_to((fixed.imports <= 0).astype(np.float64), shape).copy(),
        mix=np.zeros(shape),
    )


def _plans(fixed: _Fixed, state: _PhysicalState, able: Floats) -> tuple[Floats, Floats, list[_Orders]]:
    """Return planned output and wanted use (B, K, n), and orders a good, the last stage first.

    A country orders what it lacks, and plans to make at home what it does not expect to get, given last step's luck. A
    country that has never imported orders only what it cannot make at home.
    """
    plan, wanted = np.zeros_like(able), np.zeros_like(able)
    goods = able.shape[1]
    orders: list[_Orders] = []
    for k in range(goods - 1, -1, -1):
        wanted[:, k] = fixed.other[k] + _need(fixed, plan, k)
        change, spare = wanted[:, k] - fixed.use[k], able[:, k] - fixed.output[k]
        lost = _borne(np.maximum(-spare, 0.0), fixed.use[k], fixed.exports[k], fixed.rule)
        home = np.where(fixed.imports[k] > 0, 0.0, np.maximum(spare, 0.0))
        lacking = fixed.imports[k] + change + lost - home
        gap = (fixed.held[:, k] + np.maximum(lacking, 0.0) - state.stock[:, k]) / fixed.refill
        buying = np.where(
            lacking + gap > DUST * (fixed.use[k] + fixed.exports[k] + fixed.held[:, k]), lacking + gap, 0.0
        )
        more = change + gap
        at = fixed.edges[k]
        sent = at.allow(state.weights[k] * buying.take(at.buyer, axis=1))
        pool = at.pool(state.mix[:, k], state.pooled[:, k] * buying)
        asked = at.to_seller(sent) + pool.asked
        least = fixed.output[k] + more + (asked - fixed.exports[k]) - (buying * state.met[:, k] - fixed.imports[k])
        plan[:, k] = np.clip(least, 0.0, able[:, k])
        orders.append(_Orders(buying, sent, pool, asked))
    return plan, wanted, orders[::-1]


def _deliver(
    fixed: _Fixed,
    state: _PhysicalState,
    k: int,
    output: Floats,
    able: Floats,
    plan: Floats,
    wanted: Floats,
    sent: _Orders,
) -> tuple[Floats, Floats, tuple[Floats, ...]]:
    """Serve use and orders of good k in one step and move the state on; all (B, n) of that good.

    output  what is made      able, plan, wanted  capacity, planned output, wanted use      sent  orders
    Returns use served, shipments on edges (B, E), and what is kept of the step in the order of KEPT.
    """
    at = fixed.edges[k]
    served, part = _serve(state.stock[:, k] + output, wanted, sent.asked, fixed.rule)
    shipped = sent.edges * part.take(at.seller, axis=1)
    pool = sent.pool.deliver(part, at)
    left, arrived = sent.asked * part, at.to_buyer(shipped) + pool.arrived
    state.stock[:, k] = np.maximum(state.stock[:, k] + output - served - left, 0.0) + arrived
    busy = np.where(plan > DUST * able, plan, 0.0)
    fit = (able - plan) * _ratio(output, busy, 1.0)  # who lacks input cannot take orders
    _reroute(fixed, state, k, sent, part, np.where(fixed.exporter[k] & (fit > DUST * able), fit, 0.0))
    state.met[:, k] = _ratio(arrived, sent.buying, 1.0)
    return served, shipped, (output, served, wanted, state.stock[:, k], left, arrived, pool.sellers, pool.buyers)


def _need(fixed: _Fixed, plan: Floats, k: int) -> Floats:
    """Return what planned output (B, K, n) of the next good takes of good k (B, n): what is not fed is used first."""
    if k + 1 == plan.shape[1]:
        return np.zeros_like(plan[:, k])
    lean = np.maximum(plan[:, k + 1] - fixed.unfed[k + 1], 0.0)
    return _ratio(lean, fixed.yields[k + 1])


def _borne(lost: Floats, use: Floats, exports: Floats, rule: str) -> Floats:
    """Return the part of a loss of output (B, n) that falls on a country's own users under the rule."""
    if rule == "home-first":
        return np.asarray(np.maximum(lost - exports, 0.0))
    if rule == "exports-first":
        return np.minimum(lost, use)
    return np.asarray(lost * _ratio(use, use + exports))


def _serve(there: Floats, wanted: Floats, asked: Floats, rule: str) -> tuple[Floats, Floats]:
    """Return own use served and the part of orders shipped, both (B, n), out of what is there (B, n)."""
    if rule == "proportional":
        part = np.minimum(_ratio(there, wanted + asked, 1.0), 1.0)
        return wanted * part, part
    first, second = (wanted, asked) if rule == "home-first" else (asked, wanted)
    one = np.minimum(first, there)
    two = np.minimum(second, there - one)
    served, sold = (one, two) if rule == "home-first" else (two, one)
    return served, _ratio(sold, asked, 1.0)


def _reroute(fixed: _Fixed, state: _PhysicalState, k: int, sent: _Orders, part: Floats, spare: Floats) -> None:
    """Move what was not met to the open market, and within it to sellers with spare capacity (B, n).

    Only where somebody open to the customer has any. A customer's parts sum to 1 before and after.
    """
    at, whole = fixed.edges[k], spare.sum(axis=1, keepdims=True)
    reach = whole - spare - at.shut_by_buyer(spare)
    speed = fixed.speed * ((sent.buying > 0) & (reach > DUST * whole))
    late = np.where(part < 1 - DUST, 1 - part, 0.0)
    moved = state.lone[:, k] * speed
    state.lone[:, k] -= moved
    if late.any() or at.any_shut:
        going = at.missed(late.take(at.seller, axis=1), state.weights[k], sent.buying, sent.edges)
        going *= state.weights[k]
        going *= speed.take(at.buyer, axis=1)
        state.weights[k] -= going
        moved = moved + at.to_buyer(going)
    state.pooled[:, k] += moved
    held = sent.pool.wanted.sum(axis=1, keepdims=True)
    leaving = state.mix[:, k] * late * fixed.speed * (whole > 0) * held
    coming = (moved * sent.buying + sent.pool.barred * speed).sum(axis=1, keepdims=True)
    turned = state.mix[:, k] * held - leaving
    turned += _ratio(spare, whole + 0.0 * spare) * (coming + leaving.sum(axis=1, keepdims=True))
    total = turned.sum(axis=1, keepdims=True)
    state.mix[:, k] = np.where(coming + leaving.sum(axis=1, keepdims=True) > 0, _ratio(turned, total), state.mix[:, k])


def _ratio(top: Floats, bottom: Floats, empty: float = 0.0) -> Floats:
    """Return top/bottom, and `empty` where the bottom is 0."""
    shape = top.shape if top.shape == bottom.shape else np.broadcast_shapes(top.shape, bottom.shape)
    return np.asarray(np.divide(top, bottom, out=np.full(shape, empty), where=bottom > 0))


def _check(
    capacity: Floats, shut: Shut | None, held: Floats, rerouting: float | Floats, refill: float, rule: str
) -> None:
    """Raise ValueError where an argument lies outside its range."""
    if not (np.isfinite(capacity).all() and (capacity >= 0).all()):
        raise ValueError("capacity must be finite and not negative")
    if not (np.isfinite(held).all() and (held >= 0).all()):
        raise ValueError("stock must be finite and not negative")
    if shut is not None:
        shut.check(capacity.shape)
    if rule not in RULES or not 1 <= refill < np.inf:
        raise ValueError("rule or refill is out of range")
    if not ((np.asarray(rerouting) >= 0) & (np.asarray(rerouting) <= 1)).all():
        raise ValueError("rerouting is out of range: 0 to 1")
