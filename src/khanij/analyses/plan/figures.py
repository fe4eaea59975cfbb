"""Figures of partnerships and plans, from their tables: the same for the page of a study and for the brief."""

from __future__ import annotations

from collections.abc import Mapping

from khanij.core.table import Table
from khanij.present import figures, text
from khanij.present.document import Figure

TAIL, WEIGHT = "CVaR 95%", "weight of CVaR"


def gantt(
    table: Table, known: Mapping[str, str], last: int, beyond: int, sources: tuple[str, ...], id: str = "gantt"
) -> Figure | None:
    """Return what is begun when and works from when, None for a plan that begins nothing.

    table  "what and when" of a plan      known  id -> name of measures      last  last year of spending
    """
    unit = table.unit("cost")
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
    unit = table.unit("expected loss")
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
