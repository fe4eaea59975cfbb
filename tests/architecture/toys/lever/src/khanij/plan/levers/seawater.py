"""Metal from the sea."""

# ruff: noqa: RUF009 - amount() and named() return dataclass fields
from __future__ import annotations

from dataclasses import dataclass

from khanij.plan.levers.base import Lever, SupplyClass, lever
from khanij.plan.levers.declarations import Amount, amount, named
from khanij.plan.levers.supply import add_output

SEA = SupplyClass("from the sea", at_home=True)


@lever(
    "seawater",
    changes=("production", "world_production", "added_output", "trade", "trade_value"),
    purpose="plants",
    counts_as=SEA,
    sized_by="imports",
)
@dataclass(frozen=True, kw_only=True)
class Seawater(Lever):
    """Metal from the sea."""

    country: str = named("country", "whose coast")
    brine: Amount = amount("tonnes a year in the water", "t/yr", "more", scales=True)
    fouling: Amount = amount("part that is lost", "1", "less", (0.1, 0.2, 0.4), 0.0, 1.0)
    replaces: tuple[str, ...] = named("countries", "suppliers to be displaced first", ())

    def act(self, ledger, settle, year):
        """Add what is won."""
        won = settle.amount(self, "brine") * (1.0 - settle.amount(self, "fouling"))
        return add_output(self, self.country, ledger, won, year, "nothing is built")
