"""figures"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.analyses.profile.readings import country_name
from khanij.core.table import Table
from khanij.present import figures, names, text
from khanij.present.document import Figure

PUBLISHED = "as-published"

BOTH = "offtake-and-plants"

PHRASES = {
    "as-published": "what is signed, as it was published",
    "research": "joint research that lifts recovery at home",
    "offtake": "contracts on tonnes",
    "plants": "joint plants at home",
    BOTH: "contracts and plants together",
}

GROWN = 0.005  # part of use by which a share must move to be drawn

MOST = 14  # rows of a figure


def phrase(row: Mapping[str, Any]) -> str:
    """Return the scenario of a row in words: one of the usual ones, else its meaning, or its name."""
    return PHRASES.get(row["scenario"], row.get("meaning", row["scenario"]))


def paired(table: Table, partner: str, sources: tuple[str, ...], id: str = "with-without") -> Figure | None:
    """Return expected loss without and with each scenario of a partnership, None where none is named."""
    unit = table.unit("averted")
    rows, said = [], []
    for row in table.rows():
        if row["scenario"] == PUBLISHED:
            continue
        low, high = ends(row)
        told = (
            f"<b>{text.capital(phrase(row))}</b><br>without {text.digits(row['loss without'])}, with"
            f" {text.digits(row['loss with'])} {unit} a year<br>averts {text.digits(row['averted'])}"
            f" ({text.digits(low)} to {text.digits(high)} over the volumes assumed)"
        )
        named = text.capital(phrase(row))
        rows.append((named, row["loss without"], row["loss with"], *_spread(row), told))
        said.append(f"{named}: {text.digits(row['loss without'])} without, {text.digits(row['loss with'])} with")
    if not rows:
        return None
    caption = (
        f"Expected yearly loss ({unit}) on the minerals that each scenario with {country_name(partner)} touches, without and"
        " with it. The line spans the range of volumes assumed. Nobody has negotiated these volumes."
    )
    drawn = figures.paired(rows, f"expected loss, {unit} a year")
    return Figure(id, drawn, caption, f"Pairs of bars, {unit} a year. {'; '.join(said)}.", sources, 560)


def ends(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return the least and most that a scenario averts over the volumes assumed."""
    three = (row["averted"], row["at low volumes"], row["at high volumes"])
    return min(three), max(three)


def _spread(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return the least and most loss with a scenario over the volumes assumed."""
    low, high = ends(row)
    return row["loss without"] - high, row["loss without"] - low


def dumbbell(table: Table, partner: str, sources: tuple[str, ...], id: str = "dependence-added") -> Figure | None:
    """Return the partner's part in use before and after each scenario, of the goods where it moves."""
    moved = [row for row in table.rows() if abs(row["share after"] - row["share before"]) > GROWN]
    moved.sort(key=lambda row: row["share before"] - row["share after"])
    rows = []
    for row in moved[:MOST]:
        good = f"{names.mineral(row['material'])}, {names.form(row['material'], row['stage'])}"
        shares = f"{text.percent(row['share before'])} before, {text.percent(row['share after'])} after"
        rows.append((f"{good} ({phrase(row)})", row["share before"], row["share after"], shares))
    if not rows:
        return None
    drawn = figures.dumbbell([(n, b, a, f"<b>{n}</b><br>{told}") for n, b, a, told in rows], "part of use")
    caption = f"Part of {country_name(partner)} in use before and after each scenario, where it moves by half a point or more."
    said = "; ".join(f"{name} {told}" for name, _, _, told in rows)
    return Figure(id, drawn, caption, f"Points joined by lines. {said}.", sources, 560)
