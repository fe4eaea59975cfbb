"""How far a plan holds, as tables: budgets, splits, inputs, draws, methods, measures at their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khanij.analyses.plan.cells import LEVEL
from khanij.core.table import Table
from khanij.plan.planner.robustness import (
    by_method,
    candidate_regrets,
    change_of,
    compared_years,
    draw_regrets,
    measures_at_ends,
)

if TYPE_CHECKING:
    from khanij.plan.planner.results import PlanResult, Variant


def ends(done: PlanResult) -> Table:
    """Return how what a measure averts moves if what it gives is at an end of its range, those that move most first."""
    rows = [
        {"measure": one.value.measure.id, "moved": ", ".join(one.moved)}
        | {"averts at low": one.ends.low, "averts": one.best, "averts at high": one.ends.high}
        | {"moves by": one.width, "confidence of cost": one.value.measure.confidence}
        for one in measures_at_ends(done)
    ]
    units = dict.fromkeys(("averts at low", "averts", "averts at high", "moves by"), done.terms.currency.name)
    note = (
        "a year, the whole measure by itself; what it gives at its low or high end, what speaks against it at the other"
    )
    return Table.of(
        f"plan of {done.base.focus}: measures at the ends of their ranges", rows, units=units, notes=(note,)
    )


def frontier(done: PlanResult) -> Table:
    """Return what other budgets buy, and what another weight on the tail does at the same budget."""
    found = variants(done, done.frontier, "asked", "what the budget buys, and more or less of it")
    rows = [
        {"budget, times": one.times, "weight of CVaR": one.tail, **row}
        for one, row in zip(done.frontier, found.rows(), strict=True)
    ]
    return Table.of(
        found.title,
        rows,
        units={"budget, times": "1", "weight of CVaR": "1", **{column.key: column.unit for column in found.columns}},
        notes=found.notes,
    )


def methods(done: PlanResult) -> Table:
    """Return what a year costs with and without the plan as each method has it, and which plan is then the cheapest."""
    rows = [
        {
            "method": one.method,
            "loss without": one.loss_without,
            "loss with": one.loss_with,
            "averted": one.averted,
            "cost of the plan": one.cost,
            "regret of the plan": one.regret,
            "cheapest": one.cheapest,
        }
        for one in by_method(done)
    ]
    units = dict.fromkeys(("loss without", "loss with", "averted", "cost of the plan"), done.terms.currency.name)
    units["regret of the plan"] = done.terms.currency.name
    return Table.of(f"plan of {done.base.focus}: the same plan by other methods", rows, units=units, notes=_years(done))


def method_regret(done: PlanResult) -> Table:
    """Return how much dearer each plan is than the cheapest, method by method, and at worst."""
    found = candidate_regrets(done)
    rows = [
        {"plan": one.name, "cost a year": one.cost} | dict(one.by_method) | {"at worst": one.at_worst} for one in found
    ]
    states = [state for one in found[:1] for state, _ in one.by_method]
    units = dict.fromkeys(("cost a year", *states, "at worst"), done.terms.currency.name)
    note = (
        "regret: cost and loss of a year less those of the cheapest of these plans, were the method right; least first"
    )
    return Table.of(f"plan of {done.base.focus}: regret across methods", rows, units=units, notes=(note, *_years(done)))


def _years(done: PlanResult) -> tuple[str, ...]:
    """Return what a year is where plans are compared by methods."""
    return (
        f"a year at the need of {done.terms.to} with all that is begun in place, mean of {compared_years(done)} "
        "simulated years; the "
        "cost of a plan is spread evenly over the years that count, so that a plan made for all of them can have "
        "regret in its own world too; the physical engine lets no price move, so that minerals whose users are not "
        "known lose nothing in it",
    )


def variants(done: PlanResult, found: tuple[Variant, ...], column: str, title: str) -> Table:
    """Return one row a variant: spent, loss, tail, and what differs from the plan."""
    rows = [
        {
            column: one.variant.name,
            "spent": one.spent,
            "cost, discounted": one.variant.plan.cost,
            "expected loss": one.variant.check.expected,
            "standard error": one.variant.check.expected_error,
            LEVEL: one.variant.check.tail,
            "cost and loss": one.cost_and_loss,
            "measures": len(one.begun),
            "dropped": _some(one.dropped),
            "added": _some(one.added),
            "gap": one.variant.plan.gap,
        }
        for one in change_of(done, found)
    ]
    names = ("spent", "cost, discounted", "expected loss", "standard error", LEVEL, "cost and loss")
    units = dict.fromkeys(names, done.terms.currency.name)
    count = len(done.out_of_sample.singly.probability)
    note = f"on the same {count} simulated years that no search saw; dropped and added against the plan"
    return Table.of(f"plan of {done.base.focus}: {title}", rows, units=units, notes=(note,))


def _some(ids: tuple[str, ...], most: int = 4) -> str:
    """Return the first of some names, and how many more there are."""
    return ", ".join(ids[:most]) + (f" and {len(ids) - most} more" if len(ids) > most else "")


def regret(done: PlanResult) -> Table:
    """Return how much dearer the plan is than others made on other draws, on fresh scenarios."""
    rows = [
        {
            "plan": "this one" if one.draw == 0 else f"made on draw {one.draw}",
            "mean regret": one.mean,
            "largest regret": one.largest,
            "best in": one.best_in,
        }
        for one in draw_regrets(done)
    ]
    units = {"mean regret": done.terms.currency.name, "largest regret": done.terms.currency.name, "best in": "1"}
    note = "how much dearer (cost and loss) than the best of these plans, scenario by scenario"
    return Table.of(f"plan of {done.base.focus}: regret", rows, units=units, notes=(note,))
