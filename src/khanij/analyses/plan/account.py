"""account"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from khanij.analyses.measures import tables
from khanij.analyses.plan.cells import LEVEL, SMALL
from khanij.core.table import Table
from khanij.plan.measures import valued as measures

if TYPE_CHECKING:
    from khanij.plan.planner.plans import PlanResult


def account(done: PlanResult) -> Table:
    """Return the search's own figures: gap, bound, losses in sample and on fresh scenarios, and the joint check."""
    plan, terms = done.plan, done.terms
    unit = terms.currency.name
    kept = len(done.problem.probability)
    unseen = len(done.unseen.singly.probability)
    before = float(done.problem.probability @ done.problem.amount[..., 0].sum(axis=1) @ done.problem.discount)
    saved = done.nothing.loss - done.check.loss
    both, spread = _own(done, done.together.expected), _own(done, done.together.error)
    rows = [
        _line("spent over all years, undiscounted", float(plan.spend.sum()), None, unit),
        _line("cost, discounted", plan.cost, None, unit),
        _line("expected loss without a plan, fresh", done.nothing.expected, done.nothing.expected_error, unit),
        _line("expected loss under the plan, fresh", done.check.expected, done.check.expected_error, unit),
        _line("averted, fresh", float(saved.mean()), float(saved.std() / np.sqrt(len(saved))), unit),
        _line(f"{LEVEL} without a plan, fresh", done.nothing.tail, done.nothing.tail_error, unit),
        _line(f"{LEVEL} under the plan, fresh", done.check.tail, done.check.tail_error, unit),
        _line("expected loss without a plan, scenarios of the search", before, None, unit),
        _line("expected loss under the plan, scenarios of the search", plan.expected, None, unit),
        _line("objective", plan.objective, None, unit),
        _line("bound: no plan can have less", plan.bound, None, unit),
        _line("gap", plan.gap, None, "1"),
        _line("scenarios of the search", kept, None, "1"),
    ]
    if done.reduction is not None:
        error = done.reduction.error
        rows.append(_line("error of keeping so few, expected loss of any plan", error, None, unit))
    rows += [
        _line(f"all that is begun averts, a year at the need of {terms.to}", both, spread, unit),
        _line("the same one by one", _own(done, done.apart), None, unit),
    ]
    grows = "need grows as its table says" if terms.growth else "need is held at the base year's"
    notes = (
        f"fresh: the {unseen} simulated years that no search saw, for the mean and its standard error, and "
        f"{len(done.unseen.paths.probability)} paths of them for the tail, whose standard error is of the paths alone",
        f"{done.base.focus}, {terms.since} to {terms.to}, {terms.budget:,.0f} {unit}; losses and costs discounted at "
        f"{terms.discount:.0%} a year, with {terms.beyond} years beyond the last in which what stands goes on",
        terms.currency.note,
        f"{done.base.years} simulated years, seed {done.base.seed}; a year in which a mineral brings a gain counts 0",
        grows,
        "proved to the gap asked" if plan.proved else "time ran out: the best plan so far",
        *done.base.notes,
    )
    return Table.of(f"plan of {done.base.focus}: account", rows, notes=notes)


def _own(done: PlanResult, usd: float) -> float:
    """Return dollars in the plan's money."""
    return done.terms.currency.of(usd)


def _line(name: str, value: float, error: float | None, unit: str) -> dict[str, Any]:
    """Return one line of the account."""
    return {"figure": name, "value": measures.number(value), "standard error": measures.number(error), "unit": unit}


def money(done: PlanResult) -> Table:
    """Return spending by component and year, with the ceiling and what more of it would be worth."""
    plan, terms = done.plan, done.terms
    names = done.problem.labels["component"]
    count = terms.to - terms.since + 1
    rows = []
    for c, name in enumerate(names):
        ceiling = float(done.problem.ceiling[c])
        row: dict[str, Any] = {"component": name}
        row |= {year: float(plan.spend[c, y]) for y, year in enumerate(terms.years[:count])}
        row["sum"] = float(plan.spend[c, :count].sum())
        row["ceiling"] = measures.number(ceiling)
        row["worth of one more"] = float(plan.ceiling_price[c]) if np.isfinite(ceiling) else 0.0
        row["in any part"] = float(done.relaxed[1][c]) if done.relaxed and np.isfinite(ceiling) else 0.0
        rows.append(row)
    total: dict[str, Any] = {"component": "all"}
    total |= {year: float(plan.spend[:, y].sum()) for y, year in enumerate(terms.years[:count])}
    total |= {"sum": float(plan.spend[:, :count].sum()), "ceiling": terms.budget}
    total["worth of one more"] = float(plan.budget_price[:count].max(initial=0.0))
    total["in any part"] = float(done.relaxed[0][:count].max(initial=0.0)) if done.relaxed else 0.0
    units = dict.fromkeys((*terms.years[:count], "sum", "ceiling"), terms.currency.name)
    units |= dict.fromkeys(("worth of one more", "in any part"), "1")
    notes = (
        "worth of one more: fall of cost and expected loss by one unit of money more, whole measures held as chosen; "
        "0 where money is left or only another whole measure would help; in any part: the same if a measure could be "
        "begun in any part, which tells where money is scarce",
        "the budget is spread evenly over the years, an assumption" + ("; what a year leaves stays" * terms.carry),
    )
    return Table.of(f"plan of {done.base.focus}: money", [*rows, total], units=units, notes=notes)


def not_chosen(done: PlanResult) -> Table:
    """Return the measures that were not begun, with their value by themselves."""
    begun = done.plan.started.sum(axis=1) > SMALL
    left = [one for one, yes in zip(done.found, begun, strict=True) if not yes]
    return tables.table(done.base, left, done.terms.currency, f"plan of {done.base.focus}: not chosen")
