"""Sums over trading pairs of one good, and its open market: what makes the physical engine as cheap as its trade."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from khanij.kernels.markets.physical_base import Base, Shut

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
DUST = 1e-9  # part of a figure below which a difference is rounding
RESIDUE = 1e-12  # part of a sum below which what a subtraction leaves is rounding
REACH = 1e-6  # part of the open market's sellers that must be open to a customer; below it rounding would be mass


@dataclass(slots=True)
class Edges:
    """Trade of one good between countries (home use apart), sorted by buyer, and the pairs that are shut.

    where          (E,) position among the base's edges
    seller, buyer  (E,) positions        tonnes  (E,) a step        share  (E,) of the buyer's imports
    shut_seller, shut_buyer  (X,) positions        shut_part  (B or 1, M or 1, X)        shut_at  (X,) edge or -1
    """

    n: int
    scenarios: int
    where: Positions
    seller: Positions
    buyer: Positions
    tonnes: Floats
    share: Floats
    shut_seller: Positions
    shut_buyer: Positions
    shut_part: Floats
    shut_at: Positions
    any_shut: bool = False
    _first: Positions = field(init=False)
    _rows: Positions = field(init=False)
    _flat: Positions = field(init=False)
    _shut: NDArray[np.bool_] = field(init=False)
    _most: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Find where each buyer's edges begin."""
        self._rows, self._first = np.unique(self.buyer, return_index=True)
        self._flat = (np.arange(self.scenarios)[:, None] * self.n + self.seller).ravel()
        self.turn(0)

    def turn(self, step: int) -> None:
        """Go to a step: which pairs are shut in it, and what they may still ship."""
        part = self.shut_part[:, min(step, self.shut_part.shape[1] - 1)]
        self._shut = np.broadcast_to(part > 0, (self.scenarios, part.shape[1]))
        self.any_shut = bool(self._shut.any())
        if self.any_shut:
            on = self.shut_at >= 0
            kept = (1 - part[:, on]) * self.tonnes[self.shut_at[on]]
            self._most = np.broadcast_to(np.where(part[:, on] > 0, kept, np.inf), (self.scenarios, int(on.sum())))

    def to_seller(self, values: Floats) -> Floats:
        """Return sums (B, n) of values (B, E) by seller."""
        sums = np.bincount(self._flat, values.ravel(), self.scenarios * self.n)
        return np.asarray(sums.reshape(self.scenarios, self.n), dtype=np.float64)

    def to_buyer(self, values: Floats) -> Floats:
        """Return sums (B, n) of values (B, E) by buyer."""
        sums = np.zeros((self.scenarios, self.n))
        if len(self._first):
            sums[:, self._rows] = np.add.reduceat(values, self._first, axis=1)
        return sums

    def allow(self, orders: Floats) -> Floats:
        """Return the part of orders (B, E) that may be shipped: what a cut leaves of the base tonnes of its pair."""
        if self.any_shut:
            on = self.shut_at[self.shut_at >= 0]
            orders = orders.copy()
            orders[:, on] = np.minimum(orders[:, on], self._most)
        return orders

    def missed(self, late: Floats, weights: Floats, buying: Floats, allowed: Floats) -> Floats:
        """Return the part of orders not met (B, E), written into `late`: what the seller failed to ship of what it may.

        weights, allowed  (B, E) orders as a part of what the buyer orders (B, n), and what of them may be shipped
        """
        if self.any_shut:
            on = self.shut_at[self.shut_at >= 0]
            orders = weights[:, on] * buying[:, self.buyer[on]]
            got = np.divide(allowed[:, on], orders, out=np.ones_like(orders), where=orders > 0)
            part = 1 - got * (1 - late[:, on])
            late[:, on] = np.where(part > DUST, part, 0.0)
        return late

    def shut_by_seller(self, values: Floats) -> Floats:
        """Return, for each seller (B, n), the sum of values (B, n) of the buyers to whom it is shut."""
        return self._across(values, self.shut_buyer, self.shut_seller)

    def shut_by_buyer(self, values: Floats) -> Floats:
        """Return, for each buyer (B, n), the sum of values (B, n) of the sellers who are shut to it."""
        return self._across(values, self.shut_seller, self.shut_buyer)

    def _across(self, values: Floats, read: Positions, write: Positions) -> Floats:
        """Return sums (B, n) over shut pairs of values at `read`, by `write`."""
        if not self.any_shut:
            return np.zeros_like(values)
        flat = (np.arange(self.scenarios)[:, None] * self.n + write).ravel()
        weights = np.where(self._shut, values[:, read], 0.0).ravel()
        return np.asarray(np.bincount(flat, weights, values.size).reshape(values.shape), dtype=np.float64)

    def pool(self, mix: Floats, wanted: Floats) -> OpenMarket:
        """Return the open market's orders: wanted (B, n) by buyer, shared out by mix (B, n) among open sellers."""
        none = np.zeros_like(wanted)
        if not wanted.any():
            return OpenMarket(mix, wanted, none, none, none)
        whole = mix.sum(axis=1, keepdims=True)
        reach = whole - mix - self.shut_by_buyer(mix)
        open_ = reach > REACH
        factor = np.divide(wanted, reach, out=np.zeros_like(wanted), where=open_)
        return OpenMarket(mix, wanted, factor, mix * self._others(factor), np.where(open_, 0.0, wanted))

    def _others(self, factor: Floats) -> Floats:
        """Return for each seller (B, n) the sum of factors of the buyers that it may sell to."""
        whole = factor.sum(axis=1, keepdims=True)
        open_ = whole - factor - self.shut_by_seller(factor)
        return np.where(open_ > RESIDUE * whole, open_, 0.0)


@dataclass(slots=True)
class OpenMarket:
    """Orders of the open market of one good, all (B, n): i is asked mix[i]*factor[j] by j where the pair is open.

    wanted  by buyer        asked  by seller        barred  wanted by buyers to whom no seller in the mix is open
    """

    mix: Floats
    wanted: Floats
    factor: Floats
    asked: Floats
    barred: Floats

    def deliver(self, part: Floats, edges: Edges) -> Delivery:
        """Return what arrives when sellers ship a part (B, n) of their orders."""
        sold = self.mix * part
        if not self.factor.any():
            return Delivery(np.zeros_like(sold), self.factor, np.zeros_like(sold))
        whole = sold.sum(axis=1, keepdims=True)
        open_ = whole - sold - edges.shut_by_buyer(sold)
        return Delivery(sold, self.factor, self.factor * np.where(open_ > RESIDUE * whole, open_, 0.0))


@dataclass(slots=True)
class Delivery:
    """What the open market delivered, all (B, n): i sold sellers[i]*buyers[j] to j, and j got `arrived` in all."""

    sellers: Floats
    buyers: Floats
    arrived: Floats


def edges(base: Base, shut: Shut | None, scenarios: int) -> list[Edges]:
    """Return the edges of each good."""
    goods, n = base.passed.shape
    imports, made = base.imports, []
    for k in range(goods):
        where = np.flatnonzero((base.good == k) & (base.seller != base.buyer))
        seller, buyer, tonnes = base.seller[where], base.buyer[where], base.tonnes[where]
        if shut is None:
            own, part = np.zeros(0, dtype=np.intp), np.zeros((1, 1, 0))
            at = (own, own)
        else:
            own = np.flatnonzero(shut.good == k)
            at, part = (shut.seller[own], shut.buyer[own]), shut.part[:, :, own]
        key = buyer * n + seller  # sorted, as the edges are
        asked = at[1] * n + at[0]
        place = np.minimum(np.searchsorted(key, asked), max(len(key) - 1, 0))
        found = key[place] == asked if len(key) else np.zeros(len(asked), dtype=bool)
        on = np.where(found, place, -1)
        made.append(Edges(n, scenarios, where, seller, buyer, tonnes, tonnes / imports[k, buyer], *at, part, on))
    return made
