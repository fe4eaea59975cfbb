"""Plans: what a budget buys, from what the store holds of a country, and the tables of a plan."""

from __future__ import annotations

from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.growth import growth
from khanij.analyses.inputs.scrap import recoverable
from khanij.analyses.measures import tables as measures_tables
from khanij.analyses.measures.run import left_out
from khanij.analyses.plan import supply as plan_supply
from khanij.analyses.plan.account import account, not_chosen
from khanij.analyses.plan.account import money as money_by_year
from khanij.analyses.plan.programme import Money
from khanij.analyses.plan.robustness import ends, frontier, method_regret, methods, regret, variants
from khanij.analyses.plan.tables import chosen, reasons
from khanij.core.table import Table
from khanij.plan.planner.plans import plan_country
from khanij.plan.planner.results import PlanResult, SearchSettings
from khanij.plan.planner.terms import terms_for
from khanij.reference import money
from khanij.reference import official_lists as official


def tables(done: PlanResult) -> dict[str, Table]:
    """Return every table of a plan by name; those without rows are left out."""
    made = {
        "account": account(done),
        "plan": chosen(done),
        "reasons": reasons(done),
        "money": money_by_year(done),
        "figures": measures_tables.inputs(done.begun),
        "bills": measures_tables.bills(done.values, done.terms.currency, done.plan.started.sum(axis=1).tolist()),
        "goals": plan_supply.goals(done),
        "targets": plan_supply.targets(done),
        "supply": plan_supply.supply(done),
        "frontier": frontier(done),
        "split": variants(done, done.splits, "split", "the programme's own split against a single budget"),
        "methods": methods(done),
        "regret across methods": method_regret(done),
        "regret": regret(done),
        "need": plan_supply.need(done),
        "ends": ends(done),
        "inputs": variants(done, done.one_at_a_time, "input", "how far the answer moves where an input of it is wrong"),
        "not chosen": not_chosen(done),
        "without cost": measures_tables.table(
            done.base, done.unpriced, done.terms.currency, "measures without a known cost"
        ),
        **{table.title: table for table in left_out(done.base)},
    }
    return {name: table for name, table in made.items() if len(table)}


YEARS, SEED, DRAWN = 1_000, 0, 200  # `khanij plan` simulates more; a brief has seconds


def made(focal: str, year: int, asked: Money) -> PlanResult:
    """Return the plan of a country's money with its frontier; no other variant is computed.

    The same numbers as `khanij plan` gives with the settings above; see grids.PlanCells.how.
    """
    amount, unit = money.read(asked.text)
    base = baseline.prepare(focal, year, YEARS, SEED, materials=official.minerals(focal, year))
    grown = growth(base.focus, int(base.year), base.materials)
    terms = terms_for(base, unit, amount, asked.since, asked.to, ceilings=asked.ceilings, growth=grown)
    scrap = recoverable(base.focus, base.materials, asked.to)
    settings = SearchSettings(drawn=DRAWN)
    return plan_country(base, terms, scrap, programme=asked.programme, settings=settings, depth="frontier")
