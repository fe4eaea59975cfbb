"""What each agreement of a country adds among all of them, as a table."""

from __future__ import annotations

from khanij.core.table import Table
from khanij.kernels import shapley
from khanij.plan.measures.coalitions import CoalitionGame, share_agreements
from khanij.reference import agreements, money
from khanij.reference.assumptions import assumed_range
from khanij.simulate.risk.baseline import Baseline


def table(base: Baseline, found: tuple[CoalitionGame, ...], currency: money.Currency) -> Table:
    """Return one row an agreement: nothing as published, and its share in the scenario that all become contracts.

    Instruments with the same partner on the same mineral share what the partner brings evenly.
    """
    rows = []
    for share in share_agreements(base, found):
        minerals = [f"{material} {currency.of(part):+,.3g}" for material, part in share.by_mineral]
        rows.append(
            {
                "agreement": share.agreement.id,
                "partners": ", ".join(share.agreement.partners) or "none named",
                "strength": share.agreement.strength,
                "as published": 0.0,
                "as a contract": currency.of(share.averted),
                "error of years": currency.of(share.error_years),
                "error of orders": currency.of(share.error_orders),
                "by mineral": ", ".join(dict.fromkeys(minerals)) or _why(base, share.agreement),
            }
        )
    unit = currency.name
    units = dict.fromkeys(("as published", "as a contract", "error of years", "error of orders"), unit)
    low, best, high = assumed_range("offtake", base.case)
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
