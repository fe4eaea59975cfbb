"""A plan as tables: what is begun when, money by component, the account of the search, what was left."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.measures.tables import (
    ABSENT,
    BILL,
    FIGURES,
    PRIORS,
    WORTH,
    cost,
    measure_name,
    size,
    worth,
    worth_row,
)
from khanij.analyses.plan import decisions, robustness, supply
from khanij.core.table import Column, Table
from khanij.plan.measures.value import CONFIDENT
from khanij.plan.planner.accounts.account import (
    BegunMeasure,
    ValueWithError,
    account_for,
    begun_measures,
    left_measures,
    money_by_component,
)
from khanij.plan.planner.accounts.margins import NextLot
from khanij.plan.planner.results import PlanResult
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.names import country_name

BEGUN = (
    "measure_name begun works_from public_outlay cost averted marginal_value steps component against sampling_error "
    "measure_size running_cost measure minerals assumed cost_source confidence"
).split()
SCHEDULE = "measure_name begun works_from part_begun cost measure_size averted component measure".split()
ACCOUNT = "figure value sampling_error line".split()
SUMS = "spent ceiling shadow_price next_measure shadow_price_relaxed".split()
TABLES = {
    "plan": {
        "begun": BEGUN,
        "goals": supply.GOALS,
        "account": ACCOUNT,
        "money": ("component", *SUMS),
        "parts": decisions.PARTS,
        "support": decisions.SUPPORT,
        "rejected": decisions.REJECTED,
        "policy": decisions.POLICY,
        "frontier": ("budget_part", "tail_weight", *robustness.OUTCOME),
        "schedule": SCHEDULE,
        "targets": supply.TARGETS,
        "supply": (*supply.SUPPLY, *supply.EXPOSED),
        "splits": ("variant", *robustness.OUTCOME),
        "methods": robustness.METHODS,
        "method-regret": robustness.REGRETS,
        "draw-regret": robustness.DRAWS,
        "ends": robustness.ENDS,
        "inputs": ("variant", *robustness.OUTCOME),
        "need": ("mineral", "rests_on", "material"),
        "figures": FIGURES,
        "bills": BILL,
        "left": WORTH,
        "unpriced": WORTH,
        "priors": PRIORS,
        "not-counted": ABSENT,
    },
}
OUT = "out of sample"
SEARCH = "scenarios of the search"


def begun(done: PlanResult, numbers: Numbers) -> Table:
    """Return what is begun: one row a measure, with all that is begun of it, and its marginal value in the plan."""
    parts: dict[str, list[BegunMeasure]] = {}
    for one in begun_measures(done):
        parts.setdefault(one.value.measure.id, []).append(one)
    rows = []
    for first, *others in parts.values():
        every = (first, *others)
        row = worth_row(first.value, numbers, sum(one.size for one in every))
        row |= {"begun": first.year, "works_from": first.works_from, "steps": _steps(every)}
        row |= {"marginal_value": numbers.money(first.marginal_value)}
        row |= {"component": text.capital(first.value.measure.component)}
        row["public_outlay"] = numbers.money(sum(one.outlay for one in every))
        rows.append({key: row[key] for key in BEGUN})
    notes = (
        "averted: a year, by itself, when all of it works; its range and the sampling error hold 95 % of the spread of "
        "the simulated years",
        "marginal value: rise of expected loss over all years, discounted, if all of this measure alone is dropped",
    )
    paid = ("public_outlay", "cost", "averted", "marginal_value", "sampling_error", "running_cost")
    units = dict.fromkeys(paid, numbers.currency.name)
    title = f"Plan of {country_name(done.base.focus)}: what is begun"
    return columns.table("begun", title, rows, BEGUN, units=units, notes=notes, main=BEGUN[:7])


def _steps(parts: Sequence[BegunMeasure]) -> str:
    """Return in which years which parts of a measure are begun, in words."""
    return ", ".join(f"{one.year}: {text.percent(one.size)}" for one in parts)


def schedule(done: PlanResult, numbers: Numbers) -> Table:
    """Return one row a start: which part of a measure is begun in which year, and from when it works."""
    rows = [
        {
            "measure_name": measure_name(one.value.measure),
            "begun": one.year,
            "works_from": one.works_from,
            "part_begun": numbers.share(one.size, confidence="high"),
            "cost": cost(one.value.measure, numbers, one.size),
            "measure_size": size(one.value.measure, numbers, one.size),
            "averted": numbers.spread(one.size * one.value.estimate.expected, one.size * one.value.estimate.error),
            "component": text.capital(one.value.measure.component),
            "measure": one.value.measure.id,
        }
        for one in begun_measures(done)
    ]
    title = f"Plan of {country_name(done.base.focus)}: what is begun when"
    units = dict.fromkeys(("cost", "averted"), numbers.currency.name)
    return columns.table("schedule", title, rows, SCHEDULE, units=units, main=SCHEDULE[:5])


def money(done: PlanResult, numbers: Numbers, lots: Sequence[NextLot], notes: tuple[str, ...] = ()) -> Table:
    """Return spending by component and year, with the ceiling and what more of it would be worth.

    lots   what one more lot of each measure would buy      notes  what the programme's record says of its components
    """
    terms, unit = done.terms, numbers.currency.name
    years = [Column(f"y{year}", year, "number", f"spent in {year}", unit) for year in terms.years[: terms.count]]
    rows = []
    for one in money_by_component(done, lots):
        if not one.total and not isfinite(one.ceiling):
            continue
        row: dict[str, Any] = {"component": "All" if one.name == "all" else text.capital(one.name)}
        row |= {year.key: numbers.money(spent) for year, spent in zip(years, one.by_year.tolist(), strict=True)}
        row["spent"] = numbers.money(one.total)
        row["ceiling"] = numbers.money(one.ceiling, confidence="high") if isfinite(one.ceiling) else ""
        row |= {"shadow_price": numbers.of(one.shadow_price), "shadow_price_relaxed": numbers.of(one.relaxed)}
        row["next_measure"] = "" if one.best is None or not one.shadow_price else measure_name(one.best.value.measure)
        rows.append(row)
    said = (
        "public money: what budgets are charged with; shadow price: what one more unit of it gains beyond its cost, by "
        "the lot of a measure that gains most, beside all that is begun; 0 where no lot would gain; relaxed: the same "
        "for the ceiling if a measure could be begun in any part",
        "the budget is spread evenly over the years, an assumption" + ("; what a year leaves stays" * terms.carry),
        *notes,
    )
    keys = ("component", *(year.key for year in years), *SUMS)
    title = f"Plan of {country_name(done.base.focus)}: money by component and year"
    main = ("component", "spent", "ceiling", "shadow_price", "next_measure")
    units = dict.fromkeys(("spent", "ceiling"), unit)
    return columns.table("money", title, rows, keys, units=units, notes=said, more=years, main=main)


def account(done: PlanResult, numbers: Numbers) -> Table:
    """Return the search's own figures: gap, bound, losses in sample and out of it, and what all averts at once."""
    found, terms = account_for(done), done.terms
    paid: dict[str, tuple[str, ValueWithError | float]] = {
        "spent": ("Spent over all years, undiscounted", found.spent),
        "cost": ("Cost, discounted", found.cost),
        "bought_again": ("Stock bought again, at most, discounted; part of the loss", found.bought_again),
        "loss_without": (f"Expected loss without a plan, {OUT}", found.loss_without),
        "loss_with": (f"Expected loss under the plan, {OUT}", found.loss_with),
        "averted": (f"Averted, {OUT}", found.averted),
        "tail_without": (f"CVaR 95 % without a plan, {OUT}", found.tail_without),
        "tail_with": (f"CVaR 95 % under the plan, {OUT}", found.tail_with),
        "sampled_without": (f"Expected loss without a plan, {SEARCH}", found.sampled_without),
        "sampled_with": (f"Expected loss under the plan, {SEARCH}", found.sampled_with),
        "objective": ("Objective", found.objective),
        "bound": ("Bound: no plan can have less", found.bound),
        "joint": (f"All that is begun averts at once, a year at the need of {terms.to}", found.joint),
        "sum_of_single": ("The same, one by one", found.sum_of_single),
    }
    if isfinite(found.reduction_error):
        paid["reduction_error"] = (
            "Error of keeping so few scenarios, expected loss of any plan",
            found.reduction_error,
        )
    rows = [_line(line, name, value, numbers) for line, (name, value) in paid.items()]
    gap = numbers.share(found.gap, confidence="high")
    count = numbers.of(found.scenarios, "scenarios", confidence="high")
    for line, name, value in (("gap", "Gap", gap), ("scenarios", f"{text.capital(SEARCH)}", count)):
        rows.append({"figure": name, "value": value, "sampling_error": "", "line": line})
    notes = (
        f"{OUT}: the {found.out_of_sample_years} simulated years that no search saw, for the mean and its sampling"
        f" error (95 %), and {found.paths} paths of them for the tail, whose error is of the paths alone",
        f"{country_name(done.base.focus)}, {terms.since} to {terms.to}, {terms.budget:,.0f} {numbers.currency.name};"
        f" losses and costs discounted at {terms.discount:.0%} a year, with {terms.beyond} years beyond the last in"
        " which what stands goes on",
        numbers.currency.note,
        f"{done.base.years} simulated years, seed {done.base.seed}; a year in which a mineral brings a gain counts 0",
        "need grows as its table says" if terms.growth else "need is held at the base year's",
        "proved to the gap asked" if found.proved else "time ran out: the best plan so far",
        *map(names.countries, done.base.notes),
    )
    title = f"Plan of {country_name(done.base.focus)}: how sure it is"
    units = dict.fromkeys(("value", "sampling_error"), numbers.currency.name)
    return columns.table("account", title, rows, ACCOUNT, units=units, notes=notes)


def _line(line: str, name: str, value: ValueWithError | float, numbers: Numbers) -> dict[str, Any]:
    """Return one line of the account, money of the plan."""
    found = value if isinstance(value, ValueWithError) else ValueWithError(value)
    half = CONFIDENT * found.error
    shown = numbers.money(found.value, low=found.value - half, high=found.value + half)
    return {
        "figure": name,
        "value": shown,
        "sampling_error": numbers.money(half) if isfinite(half) else "",
        "line": line,
    }


def left(done: PlanResult, numbers: Numbers) -> Table:
    """Return the measures that were not begun, with their value by themselves."""
    title = f"Plan of {country_name(done.base.focus)}: what was left"
    return worth(done.base, left_measures(done), numbers, "left", title)


def unpriced(done: PlanResult, numbers: Numbers) -> Table:
    """Return the measures without a known cost, which no plan can choose."""
    return worth(done.base, done.unpriced, numbers, "unpriced", "Measures without a known cost")
