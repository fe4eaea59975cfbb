"""A plan as tables: what and when, the account of the search, money by component, frontier, split, regret, inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khanij.analyses.measures import tables
from khanij.analyses.plan.cells import SMALL
from khanij.core.table import Table
from khanij.plan.portfolio.problem import credit, in_place

if TYPE_CHECKING:
    from khanij.plan.planner.plans import PlanResult


def chosen(done: PlanResult) -> Table:
    """Return what is begun when, with its cost, its credit in the plan, and the losses that it averts."""
    plan, currency = done.plan, done.terms.currency
    apart = credit(done.problem, plan.started).sum(axis=1)
    placed = in_place(done.problem, plan.started)
    rows = []
    for i, y in np.argwhere(plan.started > SMALL):
        one = done.found[i]
        size = float(plan.started[i, y])
        rows.append(
            {
                "begun": str(done.terms.years[y]),
                "works from": str(int(done.terms.years[y]) + one.option.lead),
                "measure": one.option.id,
                "minerals": ", ".join(one.option.materials),
                "component": one.option.component,
                "size": size * one.option.size,
                "unit": one.option.unit,
                "cost": size * currency.of(one.option.cost[1]),
                "yearly cost": size * currency.of(one.option.running[1]),
                "averts a year, alone": size * currency.of(one.figure.expected),
                "loss if left out": float(apart[i]) if placed[i].any() else 0.0,
            }
        )
    rows.sort(key=lambda row: (row["begun"], -row["loss if left out"], row["measure"]))
    told: set[str] = set()
    for row in rows:  # it is of the whole measure, and told once
        row["loss if left out"] = None if row["measure"] in told else row["loss if left out"]
        told.add(row["measure"])
    unit = currency.name
    units = dict.fromkeys(("cost", "yearly cost", "averts a year, alone", "loss if left out"), unit)
    notes = (
        "loss if left out: rise of expected loss over all years, discounted, if all of this measure alone is dropped",
    )
    return Table.of(f"plan of {done.base.focus}: what and when", rows, units=units, notes=notes)


def reasons(done: PlanResult) -> Table:
    """Return for each measure of the plan which losses it averts, what was assumed, and where its cost is from."""
    rows = [
        {
            "measure": done.found[i].option.id,
            "name": done.found[i].option.name,
            "because": tables.reason(done.found[i], done.terms.currency),
            "assumed": "; ".join(done.found[i].option.assumed),
            "confidence of cost": done.found[i].option.confidence,
            "source of cost": done.found[i].option.source,
        }
        for i in np.nonzero(done.plan.started.sum(axis=1) > SMALL)[0].tolist()
    ]
    return Table.of(f"plan of {done.base.focus}: reasons", rows)


def _begun(done: PlanResult) -> list[bool]:
    """Return which measures are begun."""
    return (done.plan.started.sum(axis=1) > SMALL).tolist()
