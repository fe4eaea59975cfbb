"""run"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from khanij.analyses.demand.growth import growth
from khanij.analyses.demand.scrap import recoverable
from khanij.analyses.inputs import baseline
from khanij.analyses.measures import tables as measures_tables
from khanij.analyses.measures.run import left_out
from khanij.analyses.plan import supply as plan_supply
from khanij.analyses.plan.account import account, not_chosen
from khanij.analyses.plan.account import money as money_by_year
from khanij.analyses.plan.programme import Money
from khanij.analyses.plan.robustness import ends, frontier, method_regret, methods, regret, variants
from khanij.analyses.plan.tables import _begun, chosen, reasons
from khanij.core.table import Table
from khanij.plan.measures.options import generated
from khanij.plan.planner import plans
from khanij.plan.planner.plans import Say, SearchSettings, plan
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio.choose import Objective
from khanij.reference import money
from khanij.reference import official_lists as official
from khanij.simulate.risk.baseline import Baseline

if TYPE_CHECKING:
    from khanij.plan.planner.plans import PlanResult


def tables(done: PlanResult) -> dict[str, Table]:
    """Return every table of a plan by name; those without rows are left out."""
    made = {
        "account": account(done),
        "plan": chosen(done),
        "reasons": reasons(done),
        "money": money_by_year(done),
        "figures": measures_tables.inputs([one for one, yes in zip(done.found, _begun(done), strict=True) if yes]),
        "bills": measures_tables.bills(done.found, done.terms.currency, done.plan.started.sum(axis=1).tolist()),
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

    The same numbers as `khanij plan` gives with the settings above; see plan_grids.Told.how.
    """
    amount, unit = money.read(asked.text)
    base = baseline.prepare(focal, year, YEARS, SEED, materials=official.minerals(focal, year))
    grown = growth(base.focus, int(base.year), base.materials)
    discount = plans.reference_rate()[1]
    terms = PlanTerms(unit, amount, asked.since, asked.to, asked.ceilings, discount=discount, growth=grown)
    effort = plans.SearchSettings(drawn=DRAWN)
    scrap = recoverable(base.focus, base.materials, asked.to)
    done = plans.plan(base, generated(base, asked.programme, scrap=scrap), terms, effort=effort, deep=False)
    return replace(done, frontier=plans.frontier(done, effort))


def report(
    base: Baseline,
    terms: PlanTerms,
    programme: str,
    *,
    aim: Objective | None = None,
    effort: SearchSettings | None = None,
    deep: bool = True,
    say: Say | None = None,
) -> tuple[Table, ...]:
    """Return the tables of the plan of what the catalogue has for a focus."""
    done = plan(base, generated(base, programme), terms, aim=aim, effort=effort, deep=deep, say=say)
    return tuple(tables(done).values())
