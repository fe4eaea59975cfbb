"""A plan as tables: what is begun when, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khanij.analyses.measures import tables
from khanij.core.table import Table
from khanij.plan.planner.account import begun_measures

if TYPE_CHECKING:
    from khanij.plan.planner.results import PlanResult


def chosen(done: PlanResult) -> Table:
    """Return what is begun when, with its cost, its credit in the plan, and the losses that it averts."""
    rows, told = [], set()
    for one in begun_measures(done):
        measure = one.value.measure
        rows.append(
            {
                "begun": str(one.year),
                "works from": str(one.works_from),
                "measure": measure.id,
                "minerals": ", ".join(measure.materials),
                "component": measure.component,
                "size": one.size * measure.size,
                "unit": measure.unit,
                "cost": one.cost,
                "yearly cost": one.running,
                "averts a year, alone": one.averted,
                # it is of the whole measure, and told once
                "loss if left out": None if measure.id in told else one.marginal_value,
            }
        )
        told.add(measure.id)
    unit = done.terms.currency.name
    units = dict.fromkeys(("cost", "yearly cost", "averts a year, alone", "loss if left out"), unit)
    notes = (
        "loss if left out: rise of expected loss over all years, discounted, if all of this measure alone is dropped",
    )
    return Table.of(f"plan of {done.base.focus}: what and when", rows, units=units, notes=notes)


def reasons(done: PlanResult) -> Table:
    """Return for each measure of the plan which losses it averts, what was assumed, and where its cost is from."""
    rows = [
        {
            "measure": one.measure.id,
            "name": one.measure.name,
            "because": tables.reason(one, done.terms.currency),
            "assumed": "; ".join(one.measure.assumed),
            "confidence of cost": one.measure.confidence,
            "source of cost": one.measure.source,
        }
        for one in done.begun
    ]
    return Table.of(f"plan of {done.base.focus}: reasons", rows)
