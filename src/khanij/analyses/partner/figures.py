"""Figures of a partnership from its tables: loss without and with it, the partner's share before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.core.table import Table
from khanij.plan.measures.partners.partnerships import PUBLISHED
from khanij.present import figures, text
from khanij.present.document import Figure
from khanij.reference.names import country_name

MOST = 14  # rows of a figure


def paired(table: Table, partner: str, id: str = "with-without") -> Figure | None:
    """Return expected loss without and with each scenario of a partnership, None where none is named."""
    unit = table.unit("averted")
    rows, said = [], []
    for row in table.rows():
        if row["partner_scenario"] == PUBLISHED:
            continue
        without, with_, averted = (row[name].value for name in ("loss_without", "loss_with", "averted"))
        low, high = ends(row)
        name = row["scenario_name"]
        told = (
            f"<b>{name}</b><br>without {text.digits(without)}, with {text.digits(with_)} {unit} a year"
            f"<br>averts {text.digits(averted)} ({text.digits(low)} to {text.digits(high)} over the volumes assumed)"
        )
        rows.append((name, without, with_, without - high, without - low, told))
        said.append(f"{name}: {text.digits(without)} without, {text.digits(with_)} with")
    if not rows:
        return None
    caption = (
        f"Expected yearly loss ({unit}) on the minerals that each scenario with {country_name(partner)} touches,"
        " without and with it. The line spans the range of volumes assumed. Nobody has negotiated these volumes."
    )
    drawn = figures.paired(rows, f"expected loss, {unit} a year")
    alt = f"Pairs of bars, {unit} a year. {'; '.join(said)}."
    return Figure(id, drawn, caption, alt, tuple(dict.fromkeys(table.cited())), 560)


def ends(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return the least and most that a scenario averts over the volumes assumed."""
    averted = row["averted"]
    low, high = (averted.value if end is None else end for end in (averted.low, averted.high))
    return low, high


def dumbbell(table: Table, partner: str, id: str = "dependence-added") -> Figure | None:
    """Return the partner's part in use before and after each scenario, of the goods where it moves."""
    rows = []
    for row in list(table.rows())[:MOST]:
        before, after = row["share_before"].value, row["share_after"].value
        shares = f"{text.percent(before)} before, {text.percent(after)} after"
        scenario = f"{row['scenario_name'][:1].lower()}{row['scenario_name'][1:]}"
        rows.append((f"{row['mineral']}, {row['form']} ({scenario})", before, after, shares))
    if not rows:
        return None
    drawn = figures.dumbbell([(n, b, a, f"<b>{n}</b><br>{told}") for n, b, a, told in rows], "part of use")
    caption = (
        f"Part of {country_name(partner)} in use before and after each scenario, where it moves by half a point or"
        " more."
    )
    said = "; ".join(f"{name} {told}" for name, _, _, told in rows)
    return Figure(id, drawn, caption, f"Points joined by lines. {said}.", tuple(dict.fromkeys(table.cited())), 560)
