"""The account of a plan as tables: figures of the search, money by component, what was left."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from khanij.analyses.measures import tables
from khanij.analyses.plan.cells import LEVEL
from khanij.core.table import Table
from khanij.plan.planner.account import ValueWithError, account_for, left_measures, money_by_component

if TYPE_CHECKING:
    from khanij.plan.planner.results import PlanResult


def account(done: PlanResult) -> Table:
    """Return the search's own figures: gap, bound, losses in sample and on fresh scenarios, and the joint check."""
    found, terms = account_for(done), done.terms
    unit = terms.currency.name
    figures: dict[str, ValueWithError | float] = {
        "spent over all years, undiscounted": found.spent,
        "cost, discounted": found.cost,
        "expected loss without a plan, fresh": found.loss_without,
        "expected loss under the plan, fresh": found.loss_with,
        "averted, fresh": found.averted,
        f"{LEVEL} without a plan, fresh": found.tail_without,
        f"{LEVEL} under the plan, fresh": found.tail_with,
        "expected loss without a plan, scenarios of the search": found.sampled_without,
        "expected loss under the plan, scenarios of the search": found.sampled_with,
        "objective": found.objective,
        "bound: no plan can have less": found.bound,
    }
    rows = [_line(name, value, unit) for name, value in figures.items()]
    rows += [_line("gap", found.gap, "1"), _line("scenarios of the search", found.scenarios, "1")]
    if isfinite(found.reduction_error):
        rows.append(_line("error of keeping so few, expected loss of any plan", found.reduction_error, unit))
    rows += [
        _line(f"all that is begun averts, a year at the need of {terms.to}", found.joint, unit),
        _line("the same one by one", found.sum_of_single, unit),
    ]
    grows = "need grows as its table says" if terms.growth else "need is held at the base year's"
    notes = (
        f"fresh: the {found.out_of_sample_years} simulated years that no search saw, for the mean and its standard "
        f"error, and {found.paths} paths of them for the tail, whose standard error is of the paths alone",
        f"{done.base.focus}, {terms.since} to {terms.to}, {terms.budget:,.0f} {unit}; losses and costs discounted at "
        f"{terms.discount:.0%} a year, with {terms.beyond} years beyond the last in which what stands goes on",
        terms.currency.note,
        f"{done.base.years} simulated years, seed {done.base.seed}; a year in which a mineral brings a gain counts 0",
        grows,
        "proved to the gap asked" if found.proved else "time ran out: the best plan so far",
        *done.base.notes,
    )
    return Table.of(f"plan of {done.base.focus}: account", rows, notes=notes)


def _line(name: str, value: ValueWithError | float, unit: str) -> dict[str, Any]:
    """Return one line of the account."""
    found = value if isinstance(value, ValueWithError) else ValueWithError(value)
    return {
        "figure": name,
        "value": tables.number(found.value),
        "standard error": tables.number(found.error),
        "unit": unit,
    }


def money(done: PlanResult) -> Table:
    """Return spending by component and year, with the ceiling and what more of it would be worth."""
    terms = done.terms
    years = terms.years[: terms.count]
    rows = [
        {"component": one.name}
        | dict(zip(years, one.by_year.tolist(), strict=True))
        | {"sum": one.total, "ceiling": tables.number(one.ceiling)}
        | {"worth of one more": one.shadow_price, "in any part": one.relaxed}
        for one in money_by_component(done)
    ]
    units = dict.fromkeys((*years, "sum", "ceiling"), terms.currency.name)
    units |= dict.fromkeys(("worth of one more", "in any part"), "1")
    notes = (
        "worth of one more: fall of cost and expected loss by one unit of money more, whole measures held as chosen; "
        "0 where money is left or only another whole measure would help; in any part: the same if a measure could be "
        "begun in any part, which tells where money is scarce",
        "the budget is spread evenly over the years, an assumption" + ("; what a year leaves stays" * terms.carry),
    )
    return Table.of(f"plan of {done.base.focus}: money", rows, units=units, notes=notes)


def not_chosen(done: PlanResult) -> Table:
    """Return the measures that were not begun, with their value by themselves."""
    return tables.table(done.base, left_measures(done), done.terms.currency, f"plan of {done.base.focus}: not chosen")
