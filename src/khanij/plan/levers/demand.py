"""Levers that change what is used or held: less use, substitution, stockpiles."""

# ruff: noqa: RUF009 - amount() and named() return dataclass fields
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.plan.levers.base import Lever, LeverEffect, Settle, lever
from khanij.plan.levers.declarations import Amount, amount, named
from khanij.plan.levers.ledger import Ledger
from khanij.plan.levers.supply import by_country, triple

MOVED = ("production", "world_production", "trade", "trade_value")
RULES = ("shortage", "order")


@lever("thrift", changes=MOVED, purpose="research")
@dataclass(frozen=True, kw_only=True)
class DemandReduction(Lever):
    """Less use for the same purpose: a part of use vanishes, imports first, own output after."""

    country: str = named("country", "who uses less")
    part: Amount = amount("part of use that vanishes", "1", "more", least=0.0, most=1.0, scales=True)
    probability: Amount = amount("probability that it comes", "1", "more", 1.0, 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced before the others", ())

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Buy less, and make less where that is not enough."""
        block = ledger.block(self.material, self.stage, year)
        at = block.at(self.country)
        use = block.used(at)
        part = settle.amount(self, "part") * settle.chance(self, "probability") * settle.built(self)
        asked = use * part
        here = (self.id, self.kind, year, self.material, self.stage, self.country, triple(asked))
        if not asked[0]:
            why = "no use is recorded" if use <= 0 else "nothing changes"
            return LeverEffect(*here, (0.0, 0.0, 0.0), notes=(why,))
        freed = block.displace(at, float(asked[0]), first=tuple(block.at(code) for code in self.replaces))
        lost = np.zeros(len(block.codes))
        lost[at] = max(float(asked[0]) - freed.total, 0.0)
        fell = block.shrink(lost)
        cut = freed.total + float(fell.sum())
        notes = [] if block.known else ["use is imports less exports: own output is in no source"]
        notes += self._instead(ledger, settle, cut, year)
        return LeverEffect(
            *here, triple(np.minimum(asked, cut)),
            sellers=by_country(block, freed.tons[0]), made_less=by_country(block, fell), notes=tuple(notes),
        )  # fmt: skip

    def _instead(self, ledger: Ledger, settle: Settle, cut: float, year: str) -> list[str]:
        """Buy what takes its place; nothing does."""
        return []


@lever("substitution", changes=MOVED, purpose="research")
@dataclass(frozen=True, kw_only=True)
class Substitution(DemandReduction):
    """Another material in its place: a part of use vanishes here, and comes back there as imports."""

    substitute: str = named("material", "what takes its place; none if it is outside the Case", "")
    substitute_stage: str = named("stage", "stage of the substitute; the same if none", "")
    ratio: Amount = amount("tonnes of the substitute for a tonne", "1", "less", 1.0)

    def _instead(self, ledger: Ledger, settle: Settle, cut: float, year: str) -> list[str]:
        """Buy the substitute, pro rata of those who sell it already."""
        if not self.substitute:
            return ["what takes its place is not counted"]
        stage = self.substitute_stage or self.stage
        block = ledger.block(self.substitute, stage, year)
        need = cut * float(settle.amount(self, "ratio")[0])
        came = block.raise_imports(block.at(self.country), need)
        said = f"{came:,.4g} t more of {self.substitute} ({stage}) are bought"
        if came < need * (1 - 1e-12):
            said += f" of {need:,.4g} t: its sellers have no more, or there are none"
        return [said]


@lever("stockpile", changes=("stock_cover", "stock_release"), purpose="stockpile", holds_stock=True, sized_by="use")
@dataclass(frozen=True, kw_only=True)
class Stockpile(Lever):
    """Days of use that a country holds besides what its firms do; several stockpiles add up.

    The yearly flow is left alone: the stock is there when the year begins.
    """

    country: str = named("country", "who holds it")
    days: Amount = amount("days of use", "d", "more", least=0.0, most=3650.0, scales=True)
    release: Amount = amount("part of the stock that can be released in a month", "1", "more", 1.0, 0.0, 31.0)
    rule: str = named("choice", "released by what is short, or on order", "shortage", RULES)

    def act(self, ledger: Ledger, settle: Settle, year: str) -> LeverEffect:
        """Hold the stock."""
        days = settle.amount(self, "days") * settle.built(self)
        pace = float(settle.amount(self, "release")[0])
        block = ledger.block(self.material, self.stage, year)
        use = block.used(block.at(self.country))
        if days[0] and year == ledger.years[0]:
            ledger.stock(self.material, self.stage, self.country, float(days[0]), pace)
        tons = days[0] / 365.0 * use
        note = f"{tons:,.4g} t at {use:,.4g} t of use a year" if use > 0 else "use is not known: its tonnes are not"
        return LeverEffect(
            self.id, self.kind, year, self.material, self.stage, self.country, triple(days), triple(days), "d",
            notes=(note, f"release: {self.rule}, at most {pace:.0%} a month"),
        )  # fmt: skip
