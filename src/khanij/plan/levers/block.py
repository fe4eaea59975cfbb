"""The tonnes of one material, stage and year while levers move them: nothing appears, nothing is lost, unless told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats

DUST = 1e-12  # part of a flow below which nothing is left of it


@dataclass
class StageBlock:
    """One (material, stage, year) on k countries; the first channel is the best figure, then low and high if kept.

    codes    k countries
    trade    (channels, k, k) t, exporter to importer, 0 where nothing is recorded     seen  (k, k) recorded before
    worth    (channels, k, k) kUSD, None without values                                known_worth  (k, k)
    output   (channels, k) t, nan = not known          added  (channels, k) t that levers make where no source covers it
    known    a source covers output at this stage      traded  trade is recorded by mass
    bound    (k, k) t of trade that levers promised: the last to make room for others
    """

    codes: tuple[str, ...]
    trade: Floats
    seen: np.ndarray
    worth: Floats | None
    known_worth: np.ndarray
    output: Floats
    added: Floats
    known: bool
    traded: bool
    bound: Floats

    def at(self, country: str) -> int:
        """Return the place of a country."""
        return self.codes.index(country)

    def bought(self, buyer: int) -> Floats:
        """Return what a country buys abroad from each (k,) t."""
        found = np.nan_to_num(self.trade[0, :, buyer])
        found[buyer] = 0.0
        return np.asarray(found)

    def sold(self, seller: int) -> Floats:
        """Return what a country sells abroad to each (k,) t."""
        found = np.nan_to_num(self.trade[0, seller])
        found[seller] = 0.0
        return np.asarray(found)

    def made(self, country: int) -> float:
        """Return what a country makes, t; nan if that is not known."""
        own = self.output[0, country] if self.known else float("nan")
        plus = self.added[0, country]
        return float(plus if np.isnan(own) and plus > 0 else own + plus)

    def used(self, country: int) -> float:
        """Return output and imports less exports, t, not below 0; output counts as 0 where it is not known."""
        made = self.made(country)
        return max((0.0 if np.isnan(made) else made) + self.bought(country).sum() - self.sold(country).sum(), 0.0)

    def share(self, seller: int, buyer: int) -> float:
        """Return the part of a country's supply (output and imports) that one seller gives; nan without supply."""
        made = self.made(buyer)
        supply = (0.0 if np.isnan(made) else made) + self.bought(buyer).sum()
        return float(self.bought(buyer)[seller] / supply) if supply > 0 else float("nan")

    def take(self, part: Floats) -> tuple[Floats, Floats | None]:
        """Take a part (k, k) of every flow away and return what was taken: tonnes and value, (channels, k, k)."""
        tons = _portion(self.trade, part)
        self.trade = _less(self.trade, tons)
        if self.worth is None:
            return tons, None
        money = _portion(self.worth, part)
        self.worth = _less(self.worth, money)
        return tons, money

    def give(self, tons: Floats, money: Floats | None) -> None:
        """Add flows (channels, k, k) of tonnes and value; what a country would sell to itself stays at home."""
        abroad = ~np.eye(len(self.codes), dtype=bool)
        self.trade = self.trade + np.where(abroad, tons, 0.0)
        if self.worth is not None and money is not None:
            self.worth = self.worth + np.where(abroad, money, 0.0)

    def displace(self, buyer: int, amount: float, first: tuple[int, ...] = (), spared: tuple[int, ...] = ()) -> Freed:
        """Take `amount` t off a country's imports, each time pro rata: sellers named first, all, what was promised."""
        bought = self.bought(buyer)
        bought[list(spared)] = 0.0
        free = np.maximum(bought - self.bound[:, buyer], 0.0)
        named = np.zeros_like(bought)
        named[list(first)] = free[list(first)]
        off = np.zeros_like(bought)
        for layer in (named, free - named, bought - free):
            off = off + _shared(min(amount - float(off.sum()), float(layer.sum())), layer)
        off = np.clip(off, 0.0, bought)
        part = np.zeros(self.trade.shape[1:])
        part[:, buyer] = np.divide(off, bought, out=np.zeros_like(off), where=bought > 0)
        tons, money = self.take(part)
        return Freed(tons.sum(axis=2), None if money is None else money.sum(axis=2))

    def deliver(self, freed: Freed, wanted: Floats) -> Floats:
        """Sell what was freed to the countries that want it (k,) t, and return what each got; the rest stays home."""
        total, free = float(wanted.sum()), float(freed.tons[0].sum())
        if total <= 0 or free <= 0:
            return np.zeros_like(wanted)
        part = min(1.0, total / free) * wanted / total
        self.give(
            freed.tons[:, :, None] * part, None if freed.money is None else freed.money[:, :, None] * part
        )  # fmt: skip
        return np.asarray(part * free)

    def divert(self, sellers: np.ndarray, buyer: int, amount: float) -> Floats:
        """Turn `amount` t of what sellers (k, bool) sell to others to a buyer; return who lost how much (k,) t."""
        part = np.nan_to_num(self.trade[0]) * sellers[:, None]
        np.fill_diagonal(part, 0.0)
        part[:, buyer] = part[buyer] = 0.0
        total = float(part.sum())
        if total <= 0 or amount <= 0:
            return np.zeros(len(self.codes))
        rate = min(1.0, amount / total)
        tons, money = self.take(np.where(part > 0, rate, 0.0))
        self.give(_column(tons, buyer), None if money is None else _column(money, buyer))
        return np.asarray(tons[0].sum(axis=0))

    def bind(self, seller: int, buyer: int, amount: float) -> None:
        """Promise a flow: other levers displace it last."""
        self.bound[seller, buyer] += amount

    def keep(self, seller: int, amount: float) -> Floats:
        """Hold back `amount` t of a country's exports; return who lost how much (k,) t."""
        sold = self.sold(seller)
        part = np.zeros(self.trade.shape[1:])
        if sold.sum() > 0:
            part[seller] = np.where(sold > 0, min(1.0, amount / sold.sum()), 0.0)
        return np.asarray(self.take(part)[0][0].sum(axis=0))

    def sell(self, seller: int, wanted: Floats) -> None:
        """Add sales of a country to others (k,) t, at the mean value of the stage's trade."""
        tons = np.zeros_like(self.trade)
        tons[:, seller] = wanted
        money = None
        if self.worth is not None:
            weighed = (np.nan_to_num(self.trade[0]) > 0) & (np.nan_to_num(self.worth[0]) > 0)
            mean = self.worth[0][weighed].sum() / self.trade[0][weighed].sum() if weighed.any() else 0.0
            money = np.repeat(tons[:1] * mean, len(self.worth), axis=0)
        self.give(tons, money)

    def raise_imports(self, buyer: int, amount: float) -> float:
        """Let a country buy `amount` t more, pro rata, out of what its sellers use at home; return what they can."""
        bought = self.bought(buyer)
        room = [self.used(e) if self.known and not np.isnan(self.made(e)) else np.inf for e in range(len(bought))]
        more = np.minimum(_shared(amount, bought), room)
        rate = np.divide(more, bought, out=np.zeros_like(more), where=bought > 0)
        for flows in (self.trade, self.worth):
            if flows is not None:
                flows[:, :, buyer] = flows[:, :, buyer] * (1.0 + rate)
        return float(more.sum())

    def grow(self, country: int, amounts: Floats, *, fed: bool = True) -> str:
        """Add output (best, low, high) t of a country; return what must be said of it, or "".

        fed  False = it needs nothing of the stage before, as what is recycled: it is no output that a mine must feed
        """
        amounts = amounts[: len(self.output)]
        if not fed:
            self.added[:, country] += amounts
            return ""
        if not self.known:
            self.added[:, country] += amounts
            return "no source covers output at this stage: the new tonnes stand in the cube added_output"
        if np.isnan(self.output[0, country]):
            self.output[:, country] = amounts
            if len(self.output) > 2:
                self.output[2, country] = np.nan
            return "what the country makes besides is not known: the new tonnes are counted alone, as a least"
        self.output[:, country] += amounts
        return ""

    def fed(self, output: Floats, rate: float) -> Floats:
        """Return the part of each country's use that its output (k,) t of the next stage can have taken, 0..1."""
        use = np.array([self.used(c) for c in range(len(self.codes))])
        return np.asarray(np.minimum(np.divide(output / rate, use, out=np.ones_like(use), where=use > 0), 1.0))

    def shrink(self, lost: Floats) -> Floats:
        """Take output away (k,) t, at most what there is; return what was taken, 0 where output is not known."""
        own = np.nan_to_num(self.output[0]) if self.known else np.zeros(len(self.codes))
        off = np.minimum(lost, own)
        rate = np.divide(off, own, out=np.zeros_like(off), where=own > 0)
        self.output = self.output * (1.0 - rate)
        return np.asarray(off)


@dataclass(frozen=True)
class Freed:
    """What sellers no longer sell to a country: tonnes and value by seller (channels, k)."""

    tons: Floats
    money: Floats | None

    @property
    def total(self) -> float:
        """Return the tonnes of all sellers."""
        return float(self.tons[0].sum())


def _portion(flows: Floats, part: Floats) -> Floats:
    """Return a part (k, k) of flows (channels, k, k), 0 where a flow is not known."""
    return np.asarray(np.nan_to_num(flows) * part)


def _less(flows: Floats, taken: Floats) -> Floats:
    """Return what is left of flows, without dust below zero or beside it."""
    left = flows - taken
    return np.asarray(np.where(np.abs(left) <= DUST * np.abs(np.nan_to_num(flows)), 0.0, left))


def _shared(amount: float, weights: Floats) -> Floats:
    """Return an amount shared pro rata; nothing where there is no weight."""
    total = float(weights.sum())
    return np.asarray(weights * (amount / total)) if total > 0 else np.zeros_like(weights)


def _column(tons: Floats, buyer: int) -> Floats:
    """Return what was taken from every buyer of each seller as flows to one buyer."""
    moved = np.zeros_like(tons)
    moved[:, :, buyer] = tons.sum(axis=2)
    return moved
