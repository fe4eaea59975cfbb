"""What a budget buys: what is begun when, what it averts and how sure that is, and what less money would do."""

from __future__ import annotations

import numpy as np

from khanij.analyses.plan import figures as drawings
from khanij.analyses.plan import grids as plan_grids
from khanij.analyses.plan import run
from khanij.analyses.plan.grids import SMALL, PlanCells
from khanij.analyses.plan.programme import Money
from khanij.present import names, text
from khanij.present.document import Chapter, Sentence

MOST = 2  # measures named in the lead
SPENT = 0.9  # part of a budget from which it counts as spent
TENTH = 0.1


def chapter(focal: str, year: int, asked: Money) -> Chapter:
    """Return the chapter on a plan; raises KhanijError where none can be made."""
    done = run.made(focal, year, asked)
    tables = run.tables(done)
    grown = done.terms.growth.sources if done.terms.growth else ()
    used = (*done.base.case.cube("trade").sources, *done.base.case.cube("production").sources)
    sources = tuple(dict.fromkeys(filter(None, (*used, *done.base.economy.sources, *grown, *asked.sources))))
    told = PlanCells(done, asked, sources, run.YEARS, run.DRAWN)
    drawn = []
    if "plan" in tables:
        listed = tables["plan"]
        drawn.append(drawings.gantt(listed, told.known, done.terms.to, done.terms.beyond, sources))
    if "frontier" in tables:
        drawn.append(drawings.frontier(tables["frontier"], tables["account"], sources))
    return Chapter(
        "plan",
        heading(asked),
        (lead(told),),
        tuple(figure for figure in drawn if figure),
        tuple(grid for grid in plan_grids.grids(told) if grid.cells),
    )


def heading(asked: Money) -> str:
    """Return what the chapter is called."""
    return f"What {f'the money of the {asked.name}' if asked.name else asked.text} could buy"


def lead(told: PlanCells) -> tuple[Sentence, ...]:
    """Return what to know first: what is spent and averted, by what, what less money does, what is left out."""
    done, asked = told.done, told.asked
    unit, amount = done.terms.currency, done.terms.budget
    spent, begun = float(done.plan.spend.sum()), int((done.plan.started.sum(axis=1) > SMALL).sum())
    saved = done.without.loss - done.check.loss
    mean, error = float(saved.mean()), float(saved.std() / np.sqrt(len(saved)))
    until = done.terms.to + done.terms.beyond
    more = "; more would cost more than it averts" if spent < SPENT * amount else ""
    first = (
        f"the best plan found spends {text.digits(spent)} {unit.name} on {begun} of"
        f" {text.count(len(done.values), 'measure')}{more}. Expected loss of {done.terms.since} to {until} falls from"
        f" {text.digits(done.without.expected)} to {text.digits(done.check.expected)}, by {text.digits(mean)} ±"
        f" {text.digits(error, 2)} (discounted; in {len(done.out_of_sample.singly.probability)} simulated years that it was"
        " not made for)."
    )
    worth = "" if unit.code == "USD" else f" ({text.dollars(unit.usd(amount) / 1e3)})"
    whole = f"Of {text.digits(amount)} {unit.name}{worth}"
    left = len(done.base.missing)
    last = (
        f"value added lost in disruptions, at costs and chances of low confidence, with need that grows as the demand"
        f" model has it; not {text.count(left, 'listed mineral')} without a market model or hazard, jobs, defence."
    )
    if not done.base.economy.known:
        last += names.countries(f" {text.capital(done.base.economy.notes[0])}.")
    whose = f"{whole} of the {asked.name}," if asked.name else f"{whole},"
    return (Sentence(first, told.sources, whose), *_by(told), *_less(told, mean), Sentence(last, (), "Counted is"))


def _by(told: PlanCells) -> list[Sentence]:
    """Return the measures that avert most."""
    table = run.tables(told.done).get("plan")
    rows = sorted(table.rows(), key=lambda row: -(row["loss if left out"] or 0.0)) if table else []
    if not rows:
        return []
    parts = [f"{told.known[row['measure']]} ({row['begun']})" for row in rows[:MOST]]
    return [Sentence(f"{'; '.join(parts)}.", told.sources, "Most is averted by")]


def _less(told: PlanCells, mean: float) -> list[Sentence]:
    """Return what a tenth of the money would avert."""
    tenth = next((one for one in told.done.frontier if one.times == TENTH), None)
    if tenth is None or mean <= 0:
        return []
    part = (told.done.without.expected - tenth.check.expected) / mean
    spent = text.digits(float(tenth.plan.spend.sum()))
    return [
        Sentence(
            f"A tenth of the budget would avert {text.percent(part)} of that, for {spent} {told.unit}.",
            told.sources,
            "With less.",
        )
    ]
