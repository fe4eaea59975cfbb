"""The base of the physical engine: a step in balance as a list of trading pairs, and the pairs that a shock shuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
CLOSE = 1e-9  # part of the largest figure of a good within which two sums are the same


@dataclass(frozen=True, slots=True)
class Base:
    """A step in balance: for every good and country output + imports = use + exports, as edges make it.

    good, seller, buyer  (E,) positions, sorted by good, buyer, seller; home use is an edge from a country to itself
    tonnes    (E,) t of content a step (a week, a month), above 0
    passed    (K, n) part of use of good k that becomes good k + 1 at home, 0..1; the last row 0
    fed       (K, n) part of output that moves with the input on record, above 0 to 1 where there is input, else 0
    capacity  (K, n) t a step, >= output        stock  (K, n) t held beyond the shipments on their way
    What is not fed (scrap, feed that nobody reports) depends on capacity alone and is used first. Output may exceed its
    input: only the ratio of the base is used, in each country its own.
    Raises ValueError where something is not in balance or out of range.
    """

    good: Positions
    seller: Positions
    buyer: Positions
    tonnes: Floats
    passed: Floats
    fed: Floats
    capacity: Floats
    stock: Floats

    def __post_init__(self) -> None:
        """Refuse what cannot be a base."""
        goods, n = self.passed.shape
        for name in ("tonnes", "passed", "fed", "capacity", "stock"):
            array = getattr(self, name)
            if not (np.isfinite(array).all() and (array >= 0).all()):
                raise ValueError(f"base.{name} must be finite and not negative")
        if not self.capacity.shape == self.stock.shape == self.fed.shape == (goods, n):
            raise ValueError(f"base.fed, base.capacity and base.stock must be {(goods, n)}")
        if not self.good.shape == self.seller.shape == self.buyer.shape == self.tonnes.shape:
            raise ValueError("base: good, seller, buyer and tonnes differ in length")
        _inside((goods, n), self.good, self.seller, self.buyer)
        key = np.ravel_multi_index((self.good, self.buyer, self.seller), (goods, n, n))
        if (np.diff(key) <= 0).any():
            raise ValueError("base edges must be sorted, each once: use from_edges")
        if (self.passed > 1).any() or self.passed[-1].any():
            raise ValueError("base.passed must lie between 0 and 1, and be 0 for the last good")
        output = self.output
        if (self.capacity < output * (1 - CLOSE)).any():
            raise ValueError("base.capacity lies below output")
        if ((self.input[:-1] > 0) & (output[1:] <= 0)).any():
            raise ValueError("base is not in balance: a country passes on a good and makes none of the next")
        if (self.fed > 1).any() or self.fed[0].any() or ((self.fed[1:] > 0) != (self.input[:-1] > 0)).any():
            raise ValueError("base.fed must lie above 0 and at most 1 where there is input, and be 0 elsewhere")

    @property
    def output(self) -> Floats:
        """Return output (K, n): everything sold, home use included."""
        return self._sum(self.seller, self.tonnes)

    @property
    def use(self) -> Floats:
        """Return use (K, n): everything bought, home use included."""
        return self._sum(self.buyer, self.tonnes)

    @property
    def exports(self) -> Floats:
        """Return exports (K, n)."""
        return self._sum(self.seller, np.where(self.seller == self.buyer, 0.0, self.tonnes))

    @property
    def imports(self) -> Floats:
        """Return imports (K, n)."""
        return self._sum(self.buyer, np.where(self.seller == self.buyer, 0.0, self.tonnes))

    @property
    def input(self) -> Floats:
        """Return what the next stage takes of each good (K, n); 0 for the last good."""
        return np.asarray(self.passed * self.use)

    def _sum(self, country: Positions, tonnes: Floats) -> Floats:
        """Return the sums of edges by good and country (K, n)."""
        goods, n = self.passed.shape
        sums = np.bincount(self.good * n + country, tonnes, goods * n)
        return np.asarray(sums.reshape(goods, n), dtype=np.float64)


def _inside(shape: tuple[int, ...], good: Positions, seller: Positions, buyer: Positions, where: str = "base") -> None:
    """Raise ValueError where a position lies outside the goods and countries (K, n) there are."""
    goods, n = shape
    for name, at, size in (("good", good, goods), ("seller", seller, n), ("buyer", buyer, n)):
        if at.size and (at.min() < 0 or at.max() >= size):
            raise ValueError(f"{where}.{name} lies outside the {size} there are")


def from_edges(
    good: ArrayLike,
    seller: ArrayLike,
    buyer: ArrayLike,
    tonnes: ArrayLike,
    passed: Floats,
    *,
    fed: Floats | None = None,
    capacity: Floats | None = None,
    stock: Floats | None = None,
    output: Floats | None = None,
    use: Floats | None = None,
) -> Base:
    """Return a base of edges in any order; edges of 0 t are left out.

    fed          (K, n); 1 where there is input if None: all output moves with it
    capacity     (K, n); output where None: nobody can make more        stock  (K, n); 0 where None
    output, use  (K, n) known from elsewhere: they must be the sums of the edges to 1e-9, or the base is refused
    Raises ValueError, see Base; and where a pair stands twice.
    """
    at = [np.asarray(part, dtype=np.intp) for part in (good, seller, buyer)]
    amount = np.asarray(tonnes, dtype=np.float64)
    kept = np.flatnonzero(amount != 0)
    order = kept[np.lexsort((at[1][kept], at[2][kept], at[0][kept]))]
    goods, sellers, buyers = (part[order] for part in at)
    weight = amount[order]
    _inside(passed.shape, goods, sellers, buyers)
    made, used = np.zeros(passed.shape), np.zeros(passed.shape)
    np.add.at(made, (goods, sellers), weight)
    np.add.at(used, (goods, buyers), weight)
    if fed is None:
        fed = np.zeros(passed.shape)
        fed[1:] = passed[:-1] * used[:-1] > 0
    if capacity is None:
        capacity = made
    base = Base(
        goods, sellers, buyers, weight, passed, fed, capacity, np.zeros(passed.shape) if stock is None else stock
    )
    for name, given in (("output", output), ("use", use)):
        if given is not None:
            sums = getattr(base, name)
            if given.shape != sums.shape or not (np.abs(given - sums) <= CLOSE * max(float(sums.max()), 1.0)).all():
                raise ValueError(f"base is not in balance: {name} is not the sum of the edges")
    return base


def from_flow(
    flow: Floats,
    passed: Floats,
    *,
    fed: Floats | None = None,
    capacity: Floats | None = None,
    stock: Floats | None = None,
    output: Floats | None = None,
    use: Floats | None = None,
) -> Base:
    """Return a base of flows (K, n, n) from seller to buyer, home use on the diagonal; the rest as from_edges."""
    good, seller, buyer = np.nonzero(flow)
    return from_edges(
        good,
        seller,
        buyer,
        flow[good, seller, buyer],
        passed,
        fed=fed,
        capacity=capacity,
        stock=stock,
        output=output,
        use=use,
    )


@dataclass(frozen=True, slots=True)
class Shut:
    """Pairs whose trade is cut: they ship at most the rest of their base tonnes, and nothing through the open market.

    good, seller, buyer  (X,) positions, a pair once, no country with itself
    part                 (B or 1, M or 1, X) part that is cut in each step, 0 (open) to 1 (ban)
    """

    good: Positions
    seller: Positions
    buyer: Positions
    part: Floats

    def check(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError where it does not fit (B, M, K, n) or lies out of range."""
        scenarios, steps, goods, n = shape
        count = len(self.good)
        if self.part.ndim != 3 or not all(
            size in (1, whole) for size, whole in zip(self.part.shape[:2], (scenarios, steps), strict=True)
        ):
            raise ValueError("shut.part must be (B or 1, M or 1, X)")
        if not self.part.shape[2] == count == len(self.seller) == len(self.buyer):
            raise ValueError("shut: good, seller, buyer and part differ in length")
        if not ((self.part >= 0) & (self.part <= 1)).all():
            raise ValueError("shut.part must lie between 0 and 1")
        _inside((goods, n), self.good, self.seller, self.buyer, "shut")
        if (self.seller == self.buyer).any():
            raise ValueError("shut: a country with itself")
        if len(np.unique(np.ravel_multi_index((self.good, self.seller, self.buyer), (goods, n, n)))) != count:
            raise ValueError("shut: a pair stands twice")
