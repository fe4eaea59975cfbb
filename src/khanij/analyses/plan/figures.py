"""Figures of partnerships and plans, from their tables: the same for the page of a study and for the brief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from khanij.analyses.profile.readings import place
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
TAIL, WEIGHT = "CVaR 95%", "weight of CVaR"


def phrase(row: Mapping[str, Any]) -> str:
    """Return the scenario of a row in words: one of the usual ones, else its meaning, or its name."""
    return PHRASES.get(row["scenario"], row.get("meaning", row["scenario"]))


def gantt(
    table: Table, known: Mapping[str, str], last: int, beyond: int, sources: tuple[str, ...], id: str = "gantt"
) -> Figure | None:
    """Return what is begun when and works from when, None for a plan that begins nothing.

    table  "what and when" of a plan      known  id -> name of measures      last  last year of spending
    """
    unit = table.units.get("cost", "")
    rows = sorted(table.rows(), key=lambda row: (row["begun"], row["works from"], -row["cost"]))
    bars, said = [], []
    for row in rows:
        name = known.get(row["measure"], row["measure"])
        told = (
            f"<b>{name}</b><br>begun {row['begun']}, works from {row['works from']}<br>"
            f"{text.digits(row['size'])} {row['unit']} for {text.digits(row['cost'])} {unit}<br>"
            f"averts {text.digits(row['averts a year, alone'])} {unit} a year by itself"
        )
        bars.append(figures.Bar(name, row["component"], int(row["begun"]), int(row["works from"]), told))
        said.append(f"{name}, begun {row['begun']}, works from {row['works from']}")
    if not bars:
        return None
    drawn = figures.gantt(bars, last, last + 1 + beyond)
    caption = (
        "What the plan begins: hatched while it, or more of it, is built, full while it works, by component. Money is"
        f" spent to {last}"
        + (f"; on shaded ground what stands goes on averting losses, to {last + beyond}." if beyond else ".")
    )
    return Figure(id, drawn, caption, f"Bars by year. {text.capital('; '.join(said))}.", sources, 620)


def frontier(
    table: Table, account: Table, sources: tuple[str, ...], id: str = "frontier", column: str = "budget, times"
) -> Figure | None:
    """Return loss against the part of the budget that may be spent, without any first."""
    unit = table.units.get("expected loss", "")
    figure = {row["figure"]: row for row in account.rows()}
    points: list[figures.Step] = []
    nothing, tail = figure.get("expected loss without a plan, fresh"), figure.get(f"{TAIL} without a plan, fresh")
    if nothing is not None:
        ends = (nothing["value"], nothing["standard error"] or 0.0, tail["value"] if tail else None)
        points.append(("none", *ends, f"without a plan<br>{_losses(*ends, unit)}"))
    rows = list(table.rows())
    for row in rows:
        if row.get(WEIGHT) != rows[0].get(WEIGHT):
            continue
        ends = (row["expected loss"], row["standard error"], row[TAIL])
        part = f"{100 * float(row[column]):g}{text.THIN}%"
        name = f"{part}<br>{text.digits(row['spent'], 2 if row['spent'] < 1 else 3)} spent"
        told = f"<b>{part} of the budget</b><br>{text.digits(row['spent'])} {unit} spent on"
        points.append((name, *ends, f"{told} {text.count(row['measures'], 'measure')}<br>{_losses(*ends, unit)}"))
    if len(points) < 2:
        return None
    said = text.joined(f"{name.partition('<br>')[0]} {text.digits(loss)}" for name, loss, *_ in points)
    caption = (
        f"What a part of the budget would buy: loss under the plan that is best for it ({unit}, discounted, on"
        " years that no plan was made for), with one standard error, and the mean of the worst 5 % of scenarios."
    )
    drawn = figures.frontier(points, f"loss, {unit}")
    return Figure(id, drawn, caption, f"Points. Expected loss by part of the budget: {said} {unit}.", sources, 480)


def _losses(expected: float, error: float, tail: float | None, unit: str) -> str:
    """Return expected loss and tail for the pointer."""
    worst = f"<br>worst 5 %: {text.digits(tail)} {unit}" if tail is not None else ""
    return f"expected loss {text.digits(expected)} ± {text.digits(error, 2)} {unit}{worst}"


def paired(table: Table, partner: str, sources: tuple[str, ...], id: str = "with-without") -> Figure | None:
    """Return expected loss without and with each scenario of a partnership, None where none is named."""
    unit = table.units.get("averted", "")
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
        f"Expected yearly loss ({unit}) on the minerals that each scenario with {place(partner)} touches, without and"
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
    caption = f"Part of {place(partner)} in use before and after each scenario, where it moves by half a point or more."
    said = "; ".join(f"{name} {told}" for name, _, _, told in rows)
    return Figure(id, drawn, caption, f"Points joined by lines. {said}.", sources, 560)
