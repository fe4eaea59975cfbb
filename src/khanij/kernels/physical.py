"""Months after a shock when prices do not matter yet: stocks, capacity, rationing, and orders that find new suppliers.

Notation: good k is what stage k makes; countries i, j; tonnes of content a month. x output, S stock, U wanted use,
T[i, j] shipments from i to j. A shipment leaves in one month and can be used in the next. Every month:
  plans, last stage first:  orders O[i, j] = w[i, j]*W[j], W imports wanted; x* = U + orders received + W0 - W, cut off
                            at capacity; U of the good before = other use + x*/yield
  deeds, first stage first: x = min(x*, yield*input); a country serves its own use and its orders out of S + x by a
                            rule; S' = S + x - use - shipped + arrived
  orders move:              the part that a customer did not get goes, at a speed, to suppliers with spare capacity
The base month repeats itself for ever if nothing happens. Leading axis: scenarios, each on its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DUST = 1e-9  # part of a figure below which a difference is rounding
RULES = ("proportional", "home-first", "exports-first")


@dataclass(frozen=True, slots=True)
class Base:
    """A month in balance: for every good and country output + imports = use + exports.

    trade     (K, n, n) shipments from row to column, no self-trade     output  (K, n)
    yields    (K,) tonnes of good k out of a tonne of good k - 1; the first is not used
    capacity  (K, n) >= output
    stock     (K, n) what a country holds beyond the shipments on their way to it
    """

    trade: Floats
    output: Floats
    yields: Floats
    capacity: Floats
    stock: Floats

    @property
    def use(self) -> Floats:
        """Return use (K, n): output + imports - exports."""
        return np.asarray(self.output + self.trade.sum(axis=1) - self.trade.sum(axis=2))

    @property
    def input(self) -> Floats:
        """Return what the next stage takes of each good (K, n); 0 for the last good."""
        taken = np.zeros_like(self.output)
        taken[:-1] = self.output[1:] / self.yields[1:, None]
        return taken

    @property
    def other(self) -> Floats:
        """Return use by others than the next stage (K, n)."""
        return np.asarray(np.maximum(self.use - self.input, 0.0))


@dataclass(frozen=True, slots=True)
class Months:
    """What happened in B scenarios over M months.

    output, use, wanted, stock  (B, M, K, n): stock at the end of the month, arrivals included
    exports, imports            (B, M, K, n) shipped, and arriving by the end of the month
    trade                       (B, K, n, n) shipments of all months
    """

    output: Floats
    use: Floats
    wanted: Floats
    stock: Floats
    exports: Floats
    imports: Floats
    trade: Floats

    @property
    def shortage(self) -> Floats:
        """Return use that was wanted and not met (B, M, K, n)."""
        return np.asarray(self.wanted - self.use)


def run(
    base: Base,
    capacity: Floats,
    allowed: Floats,
    *,
    rerouting: float | Floats = 0.3,
    refill: float = 3.0,
    rule: str = "proportional",
) -> Months:
    """Return the months that follow.

    base       see Base
    capacity   (B, M, K, n) part of each capacity that works in each month, >= 0
    allowed    (B, M, K, n, n) part of each order that may be shipped, 0 (ban) to 1; axes of size 1 are broadcast
    rerouting  part of the orders not met that moves to other suppliers within a month, 0..1, one or (B,)
    refill     months in which a gap in stock is to be filled, >= 1
    rule       who is served first when there is too little: RULES
    Raises ValueError on a base that is not in balance and on values outside their range.
    """
    _check(base, capacity, allowed, rerouting, refill, rule)
    scenarios, months, goods, n = capacity.shape
    speed = np.broadcast_to(np.asarray(rerouting, dtype=np.float64), (scenarios,))
    imports = base.trade.sum(axis=1)
    shares = np.divide(base.trade, imports[:, None, :], out=np.zeros_like(base.trade), where=imports[:, None, :] > 0)
    weights = np.broadcast_to(shares, (scenarios, goods, n, n)).copy()
    target = base.stock + imports  # shipments on their way are part of it
    stock = np.broadcast_to(target, (scenarios, goods, n)).copy()
    met = np.ones((scenarios, goods, n))  # part of its orders that a customer got last month
    kept = {name: np.zeros(capacity.shape) for name in ("output", "use", "wanted", "stock", "exports", "imports")}
    shipped_all = np.zeros((scenarios, goods, n, n))
    for month in range(months):
        able = base.capacity * capacity[:, month]
        open_ = np.broadcast_to(allowed[:, min(month, allowed.shape[1] - 1)], (scenarios, goods, n, n))
        plan, wanted, orders = _plans(base, able, open_, target - stock, met, weights, refill)
        taken = np.zeros((scenarios, n))
        for k in range(goods):
            output = plan[:, k] if k == 0 else np.minimum(plan[:, k], base.yields[k] * taken)
            served, shipped = _serve(stock[:, k] + output, wanted[:, k], orders[:, k] * open_[:, k], rule)
            need = plan[:, k + 1] / base.yields[k + 1] if k + 1 < goods else np.zeros((scenarios, n))
            part = np.divide(need, wanted[:, k], out=np.zeros_like(need), where=wanted[:, k] > 0)
            taken = served * np.minimum(part, 1.0)
            arrived, left = shipped.sum(axis=1), shipped.sum(axis=2)
            stock[:, k] = np.maximum(stock[:, k] + output - served - left, 0.0) + arrived
            spare = np.where(able[:, k] - output > DUST * able[:, k], able[:, k] - output, 0.0)
            weights[:, k] = _reroute(weights[:, k], orders[:, k], shipped, spare, open_[:, k], speed)
            met[:, k] = _met(orders[:, k], arrived)
            shipped_all[:, k] += shipped
            for name, array in (("output", output), ("use", served), ("exports", left), ("imports", arrived)):
                kept[name][:, month, k] = array
        kept["wanted"][:, month], kept["stock"][:, month] = wanted, stock
    return Months(**kept, trade=shipped_all)


def _plans(
    base: Base, able: Floats, open_: Floats, short: Floats, met: Floats, weights: Floats, refill: float
) -> tuple[Floats, Floats, Floats]:
    """Return planned output and wanted use (B, K, n), and orders (B, K, n, n), the last stage first.

    A country orders what it lacks, and plans to make at home what it does not expect to get, given last month's luck.
    """
    plan, wanted, orders = np.zeros_like(able), np.zeros_like(able), np.zeros_like(weights)
    goods = able.shape[1]
    usual, imports, exports = base.use, base.trade.sum(axis=1), base.trade.sum(axis=2)
    for k in range(goods - 1, -1, -1):
        need = plan[:, k + 1] / base.yields[k + 1] if k + 1 < goods else 0.0
        wanted[:, k] = base.other[k] + need
        more = wanted[:, k] - usual[k] + short[:, k] / refill
        lost = np.maximum(base.output[k] - able[:, k], 0.0)
        buying = np.maximum(imports[k] + more + lost, 0.0) * (weights[:, k].sum(axis=1) > 0)
        orders[:, k] = weights[:, k] * buying[:, None, :]
        asked = (orders[:, k] * open_[:, k]).sum(axis=2)
        least = base.output[k] + more + (asked - exports[k]) - (buying * met[:, k] - imports[k])
        plan[:, k] = np.clip(least, 0.0, able[:, k])
    return plan, wanted, orders


def _met(orders: Floats, arrived: Floats) -> Floats:
    """Return the part of each country's orders (B, n, n) that arrives (B, n); 1 where it ordered nothing."""
    asked = orders.sum(axis=1)
    return np.asarray(np.divide(arrived, asked, out=np.ones_like(asked), where=asked > 0))


def _serve(there: Floats, wanted: Floats, orders: Floats, rule: str) -> tuple[Floats, Floats]:
    """Return own use served (B, n) and shipments (B, n, n) out of what is there (B, n)."""
    asked = orders.sum(axis=2)
    if rule == "proportional":
        whole = wanted + asked
        part = np.minimum(np.divide(there, whole, out=np.ones_like(there), where=whole > 0), 1.0)
        return wanted * part, orders * part[:, :, None]
    first, second = (wanted, asked) if rule == "home-first" else (asked, wanted)
    one = np.minimum(first, there)
    two = np.minimum(second, there - one)
    served, sold = (one, two) if rule == "home-first" else (two, one)
    part = np.divide(sold, asked, out=np.zeros_like(asked), where=asked > 0)
    return served, orders * part[:, :, None]


def _reroute(weights: Floats, orders: Floats, shipped: Floats, spare: Floats, open_: Floats, speed: Floats) -> Floats:
    """Return the weights (B, n, n) of next month's orders: what was not met moves to suppliers with spare capacity.

    Open ones only. A customer's weights sum to 1 before and after; where nobody has anything to spare they stay.
    """
    missed = np.divide(orders - shipped, orders, out=np.zeros_like(orders), where=orders - shipped > DUST * orders)
    moving = weights * missed
    free = spare[:, :, None] * open_ * ~np.eye(weights.shape[1], dtype=bool)
    whole = free.sum(axis=1, keepdims=True)
    goal = np.divide(free, whole, out=np.zeros_like(free), where=whole > 0)
    going = np.where(whole > 0, moving * speed[:, None, None], 0.0)
    return np.asarray(weights - going + goal * going.sum(axis=1, keepdims=True))


def _check(base: Base, capacity: Floats, allowed: Floats, rerouting: float | Floats, refill: float, rule: str) -> None:
    """Raise ValueError where an argument lies outside its range, or the base is not in balance."""
    for name in ("trade", "output", "capacity", "stock"):
        array = getattr(base, name)
        if not (np.isfinite(array).all() and (array >= 0).all()):
            raise ValueError(f"base.{name} must be finite and not negative")
    if np.einsum("kii->k", base.trade).any():
        raise ValueError("base.trade holds trade of a country with itself")
    if not ((base.yields[1:] > 0) & (base.yields[1:] <= 1)).all():
        raise ValueError("base.yields must lie above 0 and at most 1")
    if (base.capacity < base.output * (1 - 1e-9)).any():
        raise ValueError("base.capacity lies below output")
    scale = 1e-9 * max(float(base.output.sum()), 1.0)
    if (base.use < -scale).any() or (base.use - base.input < -scale).any():
        raise ValueError("base is not in balance: a country uses or processes more than it has")
    if not ((capacity >= 0).all() and ((allowed >= 0) & (allowed <= 1)).all()):
        raise ValueError("capacity must not be negative, allowed must lie between 0 and 1")
    if rule not in RULES or refill < 1 or not ((np.asarray(rerouting) >= 0) & (np.asarray(rerouting) <= 1)).all():
        raise ValueError("rule, refill or rerouting is out of range")
