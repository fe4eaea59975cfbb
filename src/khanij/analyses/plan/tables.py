"""A plan as tables: what and when, the account of the search, money by component, frontier, split, regret, inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from khanij.analyses.plan import supply as plan_supply
from khanij.core.table import Table
from khanij.plan.measures import options
from khanij.plan.measures import valued as measures
from khanij.plan.planner import regrets
from khanij.plan.portfolio.problem import credit, in_place

if TYPE_CHECKING:
    from khanij.plan.planner.plans import Planned, Variant

LEVEL = "CVaR 95%"
SMALL = 1e-6


def tables(done: Planned) -> dict[str, Table]:
    """Return every table of a plan by name; those without rows are left out."""
    made = {
        "account": account(done),
        "plan": chosen(done),
        "reasons": reasons(done),
        "money": money(done),
        "figures": measures.inputs([one for one, yes in zip(done.found, _begun(done), strict=True) if yes]),
        "bills": measures.bills(done.found, done.terms.currency, done.plan.started.sum(axis=1).tolist()),
        "goals": plan_supply.goals(done),
        "targets": plan_supply.targets(done),
        "supply": plan_supply.supply(done),
        "frontier": frontier(done),
        "split": variants(done, done.split, "split", "the programme's own split against one purse"),
        "methods": methods(done),
        "regret across methods": method_regret(done),
        "regret": regret(done),
        "need": plan_supply.need(done),
        "ends": ends(done),
        "inputs": variants(done, done.moved, "input", "how far the answer moves where an input of it is wrong"),
        "not chosen": not_chosen(done),
        "without cost": measures.table(done.base, done.unpriced, done.terms.currency, "measures without a known cost"),
        **{table.title: table for table in measures.left_out(done.base)},
    }
    return {name: table for name, table in made.items() if len(table)}


def account(done: Planned) -> Table:
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


def _own(done: Planned, usd: float) -> float:
    """Return dollars in the plan's money."""
    return done.terms.currency.of(usd)


def _line(name: str, value: float, error: float | None, unit: str) -> dict[str, Any]:
    """Return one line of the account."""
    return {"figure": name, "value": measures.number(value), "standard error": measures.number(error), "unit": unit}


def chosen(done: Planned) -> Table:
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


def reasons(done: Planned) -> Table:
    """Return for each measure of the plan which losses it averts, what was assumed, and where its cost is from."""
    rows = [
        {
            "measure": done.found[i].option.id,
            "name": done.found[i].option.name,
            "because": measures.reason(done.found[i], done.terms.currency),
            "assumed": "; ".join(done.found[i].option.assumed),
            "confidence of cost": done.found[i].option.confidence,
            "source of cost": done.found[i].option.source,
        }
        for i in np.nonzero(done.plan.started.sum(axis=1) > SMALL)[0].tolist()
    ]
    return Table.of(f"plan of {done.base.focus}: reasons", rows)


def money(done: Planned) -> Table:
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


def _begun(done: Planned) -> list[bool]:
    """Return which measures are begun."""
    return (done.plan.started.sum(axis=1) > SMALL).tolist()


def ends(done: Planned) -> Table:
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


def frontier(done: Planned) -> Table:
    """Return what other budgets buy, and what another weight on the tail does at the same budget."""
    found = variants(done, done.frontier, "asked", "what the budget buys, and more or less of it")
    rows = [
        {"budget, times": one.times, "weight of CVaR": one.tail, **row}
        for one, row in zip(done.frontier, found.rows(), strict=True)
    ]
    return Table.of(
        found.title, rows, units={"budget, times": "1", "weight of CVaR": "1", **found.units}, notes=found.notes
    )


def methods(done: Planned) -> Table:
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


def method_regret(done: Planned) -> Table:
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


def _years(done: Planned) -> tuple[str, ...]:
    """Return what a year is where plans are compared by methods."""
    count = min(regrets.YEARS, done.base.years)
    return (
        f"a year at the need of {done.terms.to} with all that is begun in place, mean of {count} simulated years; the "
        "cost of a plan is spread evenly over the years that count, so that a plan made for all of them can have "
        "regret in its own world too; the physical engine lets no price move, so that minerals whose users are not "
        "known lose nothing in it",
    )


def variants(done: Planned, found: tuple[Variant, ...], column: str, title: str) -> Table:
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


def regret(done: Planned) -> Table:
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


def not_chosen(done: Planned) -> Table:
    """Return the measures that were not begun, with their value by themselves."""
    begun = done.plan.started.sum(axis=1) > SMALL
    left = [one for one, yes in zip(done.found, begun, strict=True) if not yes]
    return measures.table(done.base, left, done.terms.currency, f"plan of {done.base.focus}: not chosen")
