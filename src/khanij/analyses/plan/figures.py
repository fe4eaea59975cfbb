"""Figures of a plan from its tables: what is begun when, and what parts of the budget would buy."""

from __future__ import annotations

from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import figures, text
from khanij.present.document import Figure


def gantt(table: Table, last: int, beyond: int, id: str = "gantt") -> Figure | None:
    """Return what is begun when and works from when, None for a plan that begins nothing.

    table  what is begun when      last  last year of spending      beyond  years after it that count
    """
    unit = table.unit("cost")
    rows = sorted(table.rows(), key=lambda row: (row["begun"], row["works_from"], -row["cost"].value))
    bars, said = [], []
    for row in rows:
        name, size = row["measure_name"], row["measure_size"]
        told = (
            f"<b>{name}</b><br>begun {row['begun']}, works from {row['works_from']}<br>"
            f"{text.digits(size.value)} {size.unit} for {text.digits(row['cost'].value)} {unit}<br>"
            f"averts {text.digits(row['averted'].value)} {unit} a year by itself"
        )
        bars.append(figures.TaskBar(name, row["component"], row["begun"], row["works_from"], told))
        said.append(f"{name}, begun {row['begun']}, works from {row['works_from']}")
    if not bars:
        return None
    drawn = figures.gantt(bars, last, last + 1 + beyond)
    caption = (
        "What the plan begins: hatched while it, or more of it, is built, full while it works, by component. Money is"
        f" spent to {last}"
        + (f"; on shaded ground what stands goes on averting losses, to {last + beyond}." if beyond else ".")
    )
    alt = f"Bars by year. {text.capital('; '.join(said))}."
    return Figure(id, drawn, caption, alt, tuple(dict.fromkeys(table.cited())), 620)


def frontier(table: Table, account: Table, id: str = "frontier") -> Figure | None:
    """Return loss against the part of the budget that may be spent, without any first."""
    unit, lines = table.unit("expected_loss"), {row["line"]: row for row in account.rows()}
    points: list[figures.Step] = []
    said = []
    if "loss_without" in lines:
        tail = lines["tail_without"]["value"].value if "tail_without" in lines else None
        ends = (lines["loss_without"]["value"].value, _half(lines["loss_without"]["sampling_error"]), tail)
        points.append(("none", *ends, f"without a plan<br>{_losses(*ends, unit)}"))
        said.append(f"none {text.digits(ends[0])}")
    rows = list(table.rows())
    for row in (row for row in rows if row["tail_weight"] == rows[0]["tail_weight"]):
        ends = (row["expected_loss"].value, _half(row["sampling_error"]), row["tail_loss"].value)
        part, spent = f"{100 * float(row['budget_part']):g}{text.THIN}%", row["spent"].value
        name = f"{part}<br>{text.digits(spent, 2 if spent < 1 else 3)} spent"
        told = f"<b>{part} of the budget</b><br>{text.digits(spent)} {unit} spent on"
        points.append((name, *ends, f"{told} {text.count(row['measures_begun'], 'measure')}<br>{_losses(*ends, unit)}"))
        said.append(f"{part} {text.digits(ends[0])}")
    if len(points) < 2:
        return None
    caption = (
        f"What a part of the budget would buy: loss under the plan that is best for it ({unit}, discounted, on"
        " years that no plan was made for), with its sampling error (95 %), and the mean of the worst 5 % of scenarios."
    )
    drawn = figures.frontier(points, f"loss, {unit}")
    alt = f"Points. Expected loss by part of the budget: {text.joined(said)} {unit}."
    return Figure(id, drawn, caption, alt, tuple(dict.fromkeys(table.cited())), 480)


def _half(error: Number | str) -> float:
    """Return a sampling error, 0 where there is none."""
    return (error.value or 0.0) if isinstance(error, Number) else 0.0


def _losses(expected: float, error: float, tail: float | None, unit: str) -> str:
    """Return expected loss and tail for the pointer."""
    worst = f"<br>worst 5 %: {text.digits(tail)} {unit}" if tail is not None else ""
    return f"expected loss {text.digits(expected)} ± {text.digits(error, 2)} {unit}{worst}"
