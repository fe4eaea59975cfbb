"""agreements"""

from __future__ import annotations

from typing import Any

import numpy as np

from khanij.core.table import Table
from khanij.kernels import shapley
from khanij.plan.measures import partnerships as partners
from khanij.plan.measures.coalitions import Game
from khanij.reference import agreements, money
from khanij.simulate.risk.baseline import Baseline


def table(base: Baseline, found: tuple[Game, ...], currency: money.Currency) -> Table:
    """Return one row an agreement: nothing as published, and its share in the scenario that all become contracts.

    Instruments with the same partner on the same mineral share what the partner brings evenly.
    """
    every = agreements.agreements(base.focus)
    rows: list[dict[str, Any]] = []
    for one in every:
        share, luck, orders, minerals = 0.0, 0.0, 0.0, []
        for game in found:
            for n, partner in enumerate(game.partners):
                if partner in one.partners and game.material in one.materials:
                    like = sum(partner in a.partners and game.material in a.materials for a in every)
                    share += float(game.share[n]) / like
                    luck += (float(np.nan_to_num(game.luck[n])) / like) ** 2
                    orders += (float(game.orders[n]) / like) ** 2
                    minerals.append(f"{game.material} {currency.of(float(game.share[n]) / like):+,.3g}")
        rows.append(
            {
                "agreement": one.id,
                "partners": ", ".join(one.partners) or "none named",
                "strength": one.strength,
                "as published": 0.0,
                "as a contract": currency.of(share),
                "error of years": currency.of(luck**0.5),
                "error of orders": currency.of(orders**0.5),
                "by mineral": ", ".join(dict.fromkeys(minerals)) or _why(base, one),
            }
        )
    rows.sort(key=lambda row: (-row["as a contract"], row["agreement"]))
    unit = currency.name
    units = dict.fromkeys(("as published", "as a contract", "error of years", "error of orders"), unit)
    low, best, high = partners.OFFTAKE
    notes = (
        "Shapley shares of yearly loss averted; negative: it adds losses, as it makes the country depend on one seller",
        "as published: no agreement names a tonne, so each is worth nothing to supply, whatever it prepares",
        f"as a contract: a scenario; {best:.0%} of imports of each good of a named mineral that the partner sells come "
        f"from it (assumed, {low:.0%} to {high:.0%}, confidence low; nobody has negotiated it)",
        f"counted out up to {shapley.EXACT} partners a mineral, else sampled; "
        + ", ".join(f"{g.material}: {len(g.partners)} partners, {g.asked} coalitions" for g in found),
        currency.note,
        *base.notes,
    )
    return Table.of(f"agreements of {base.focus}: what each adds", rows, units=units, notes=notes)


def _why(base: Baseline, one: agreements.Agreement) -> str:
    """Return why an agreement has no share."""
    if not one.materials:
        return "names no mineral"
    counted = [m for m in one.materials if m in base.batches]
    return "its partners sell none that the country buys" if counted else "its minerals are not counted"
