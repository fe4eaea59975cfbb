"""robustness"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khanij.analyses.plan.cells import LEVEL, SMALL
from khanij.core.table import Table
from khanij.plan.measures import options
from khanij.plan.planner import regrets

if TYPE_CHECKING:
    from khanij.plan.planner.plans import PlanResult, Variant


def ends(done: PlanResult) -> Table:
    """Return how what a measure averts moves if what it gives is at an end of its range, those that move most first."""
    rows = []
    for one in done.found:
        if one.option.id in done.ends:
            low, high = map(done.terms.currency.of, done.ends[one.option.id])
            best = done.terms.currency.of(one.figure.expected)
            row = {"measure": one.option.id, "moved": ", ".join(options.moving(one.option))}
            row |= {"averts at low": low, "averts": best, "averts at high": high}
            rows.append(row | {"moves by": abs(high - low), "confidence of cost": one.option.confidence})
    rows.sort(key=lambda row: -row["moves by"])
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
    if done.compared is None:
        return Table.of("methods", [])
    names, cost, regret = done.compared.plans.names, done.compared.plans.cost, done.compared.regret
    nothing, plan = names.index("no measure"), _place(names, "this plan")
    rows = [
        {
            "method": state,
            "loss without": float(done.compared.loss[nothing, s]),
            "loss with": float(done.compared.loss[plan, s]),
            "averted": float(done.compared.loss[nothing, s] - done.compared.loss[plan, s]),
            "cost of the plan": float(cost[plan]),
            "regret of the plan": float(regret[plan, s]),
            "cheapest": names[int(regret[:, s].argmin())],
        }
        for s, state in enumerate(done.compared.states)
    ]
    units = dict.fromkeys(("loss without", "loss with", "averted", "cost of the plan"), done.terms.currency.name)
    units["regret of the plan"] = done.terms.currency.name
    return Table.of(f"plan of {done.base.focus}: the same plan by other methods", rows, units=units, notes=_years(done))


def method_regret(done: PlanResult) -> Table:
    """Return how much dearer each plan is than the cheapest, method by method, and at worst."""
    if done.compared is None:
        return Table.of("regret across methods", [])
    found, regret = done.compared, done.compared.regret
    rows = [
        {"plan": name, "cost a year": float(found.plans.cost[p])}
        | {state: float(regret[p, s]) for s, state in enumerate(found.states)}
        | {"at worst": float(regret[p].max())}
        for p, name in enumerate(found.plans.names)
    ]
    rows.sort(key=lambda row: row["at worst"])
    units = dict.fromkeys(("cost a year", *found.states, "at worst"), done.terms.currency.name)
    note = (
        "regret: cost and loss of a year less those of the cheapest of these plans, were the method right; least first"
    )
    return Table.of(f"plan of {done.base.focus}: regret across methods", rows, units=units, notes=(note, *_years(done)))


def _place(names: tuple[str, ...], name: str) -> int:
    """Return where a plan stands; one that does nothing is told as "no measure"."""
    return names.index(name) if name in names else names.index("no measure")


def _years(done: PlanResult) -> tuple[str, ...]:
    """Return what a year is where plans are compared by methods."""
    count = min(regrets.YEARS, done.base.years)
    return (
        f"a year at the need of {done.terms.to} with all that is begun in place, mean of {count} simulated years; the "
        "cost of a plan is spread evenly over the years that count, so that a plan made for all of them can have "
        "regret in its own world too; the physical engine lets no price move, so that minerals whose users are not "
        "known lose nothing in it",
    )


def variants(done: PlanResult, found: tuple[Variant, ...], column: str, title: str) -> Table:
    """Return one row a variant: spent, loss, tail, and what differs from the plan."""
    rows = []
    usual = {done.found[i].option.id for i in np.nonzero(done.plan.started.sum(axis=1) > SMALL)[0]}
    for one in found:
        own = {done.found[i].option.id for i in np.nonzero(one.plan.started.sum(axis=1) > SMALL)[0]}
        gone, new = sorted(usual - own), sorted(own - usual)
        rows.append(
            {
                column: one.name,
                "spent": float(one.plan.spend.sum()),
                "cost, discounted": one.plan.cost,
                "expected loss": one.check.expected,
                "standard error": one.check.expected_error,
                LEVEL: one.check.tail,
                "cost and loss": one.plan.cost + one.check.expected,
                "measures": len(own),
                "dropped": _some(gone),
                "added": _some(new),
                "gap": one.plan.gap,
            }
        )
    names = ("spent", "cost, discounted", "expected loss", "standard error", LEVEL, "cost and loss")
    units = dict.fromkeys(names, done.terms.currency.name)
    count = len(done.unseen.singly.probability)
    note = f"on the same {count} simulated years that no search saw; dropped and added against the plan"
    return Table.of(f"plan of {done.base.focus}: {title}", rows, units=units, notes=(note,))


def _some(ids: list[str], most: int = 4) -> str:
    """Return the first of some names, and how many more there are."""
    return ", ".join(ids[:most]) + (f" and {len(ids) - most} more" if len(ids) > most else "")


def regret(done: PlanResult) -> Table:
    """Return how much dearer the plan is than others made on other draws, on fresh scenarios."""
    if done.regret is None:
        return Table.of("regret", [])
    rows = [
        {
            "plan": "this one" if n == 0 else f"made on draw {n}",
            "mean regret": float(row.mean()),
            "largest regret": float(row.max()),
            "best in": float((row <= row.min() + SMALL).mean() if len(done.regret) == 1 else (row <= 0).mean()),
        }
        for n, row in enumerate(done.regret)
    ]
    units = {"mean regret": done.terms.currency.name, "largest regret": done.terms.currency.name, "best in": "1"}
    note = "how much dearer (cost and loss) than the best of these plans, scenario by scenario"
    return Table.of(f"plan of {done.base.focus}: regret", rows, units=units, notes=(note,))
