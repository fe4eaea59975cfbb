"""Plans: what a budget buys, how sure that is, and how it would be otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from khanij import reference
from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.demand_model import growth, recoverable
from khanij.analyses.measures.numbers import Numbers, sources
from khanij.analyses.measures.own import read_measures
from khanij.analyses.measures.tables import bills, filled, not_counted, priors
from khanij.analyses.measures.tables import figures as catalogue_figures
from khanij.analyses.plan import decisions, figures, programme, robustness, supply, tables, words
from khanij.analyses.plan.programme import Money
from khanij.analyses.plan.request import PlanRequest, split
from khanij.analyses.question import Answer, Job
from khanij.analyses.scorecard.targets import Target
from khanij.analyses.scorecard.targets import targets as stated_targets
from khanij.core.case import Case
from khanij.core.table import Table
from khanij.plan.planner import goals
from khanij.plan.planner.accounts.margins import NextLot, next_lots
from khanij.plan.planner.accounts.parts import PartAccount, part_accounts
from khanij.plan.planner.plans import Depth, objective_of, plan_country
from khanij.plan.planner.results import PlanResult, SearchSettings
from khanij.plan.planner.terms import terms_for
from khanij.reference import money
from khanij.reference.money import Currency


def answer(request: PlanRequest, case: Case, job: Job) -> Answer:
    """Return the plan of a country under a budget."""
    asked, unit = _money(request)
    own = read_measures(request.own_measures, asked.programme)
    job.say("hazards, networks and years")
    base = baseline.of_request(request, case, job)
    terms = terms_for(
        base,
        unit,
        asked.amount,
        request.since,
        request.to,
        beyond=request.beyond,
        ceilings=asked.ceilings,
        absorb=_sums(request.absorb, unit),
        growth=None if request.growth == "none" else growth(case, base.materials, request.growth),
        need=request.need,
        goals=tuple(goals.read(text, base, good) for good, text in split(request.reach, "--reach", goals.HINT).items()),
    )
    done = plan_country(
        base,
        terms,
        recoverable(case, base.materials, request.to) if request.catalogue else None,
        programme=asked.programme,
        catalogue=request.catalogue,
        own=own,
        targets=_aims(request.focus) if request.catalogue else {},
        objective=objective_of(request.aim or "", terms.goals, request.tail),
        settings=SearchSettings(request.scenarios, request.keep, gap=request.gap, seconds=request.seconds),
        depth=_depth(request),
        say=job.say,
    )
    grown = terms.growth.sources if terms.growth is not None else ()
    numbers = Numbers(sources(base, grown, asked.sources), request.command(), unit)
    lots = next_lots(done)
    parts = part_accounts(done, lots, _linked(request.focus))
    made = (
        *_tables(done, numbers, asked.notes, lots, parts),
        *filled(priors(request.priors), not_counted(base.missing)),
    )
    held = {table.key: table for table in made}
    drawn = [figures.gantt(held["schedule"], terms.to, terms.beyond)] if "schedule" in held else []
    drawn += [figures.frontier(held["frontier"], held["account"])] if "frontier" in held else []
    return Answer(
        request,
        made,
        words.findings(done, asked.name, numbers.sources, request.priors, parts),
        tuple(figure for figure in drawn if figure is not None),
        sources=numbers.sources,
        manifest=case.manifest,
    )


def _depth(request: PlanRequest) -> Depth:
    """Return how much is asked otherwise."""
    return "full" if request.deep else "frontier" if request.frontier else "plan"


def _money(request: PlanRequest) -> tuple[Money, Currency]:
    """Return the money of a plan and its currency; components that are named take the place of the programme's."""
    amount, unit = money.read(request.budget)
    asked = Money(amount, unit.name, request.since, request.to)
    if request.ceilings:
        asked = programme.with_ceilings(asked, request.focus)
    return replace(asked, ceilings={**asked.ceilings, **_sums(request.components, unit)}), unit


def _sums(listed: Sequence[str], unit: Currency) -> dict[str, float]:
    """Return component -> money of "plants=90 crore INR", in the currency of the plan."""
    found = {}
    for name, text in split(tuple(listed), "--components", "").items():
        amount, own = money.read(text)
        found[name] = unit.of(own.usd(amount))
    return found


def _targets(focus: str) -> tuple[Target, ...]:
    """Return the country's own targets where measures count toward one of them."""
    linked = any(row["focal"] == focus for row in reference.rows("target_measures"))
    return stated_targets(focus) if linked else ()


def _aims(focus: str) -> dict[str, float]:
    """Return measure of the catalogue -> t a year that the country's own targets ask of it."""
    links = {row["target"]: row for row in reference.rows("target_measures") if row["focal"] == focus}
    found: dict[str, float] = {}
    for one in _targets(focus):
        aim = one.target.value if one.target.value is not None else one.target.low
        if one.item in links and aim:
            found[links[one.item]["measure"]] = aim / float(links[one.item]["factor"])
    return found


def _linked(focus: str) -> dict[str, str]:
    """Return the name of each target of the country that a measure counts toward -> the measure."""
    links = {row["target"]: row["measure"] for row in reference.rows("target_measures") if row["focal"] == focus}
    return {one.measure: links[one.item] for one in _targets(focus) if one.item in links}


def _tables(
    done: PlanResult, numbers: Numbers, notes: tuple[str, ...], lots: Sequence[NextLot], parts: Sequence[PartAccount]
) -> tuple[Table, ...]:
    """Return every table of a plan that has a row, in the order in which they are read."""
    return filled(
        tables.begun(done, numbers),
        supply.goals(done, numbers),
        tables.account(done, numbers),
        tables.money(done, numbers, lots, notes),
        decisions.parts(done, parts, numbers),
        decisions.support(done, numbers),
        robustness.method_regret(done, numbers),
        robustness.frontier(done, numbers),
        tables.schedule(done, numbers),
        supply.targets(done, _targets(done.base.focus), numbers),
        supply.supply(done, numbers),
        robustness.splits(done, numbers),
        robustness.methods(done, numbers),
        decisions.policy(done, numbers),
        decisions.rejected(done, lots, numbers),
        robustness.draw_regret(done, numbers),
        robustness.ends(done, numbers),
        robustness.inputs(done, numbers),
        supply.need(done, numbers),
        catalogue_figures(done.begun, numbers),
        bills(done.values, numbers, done.plan.started.sum(axis=1).tolist()),
        tables.left(done, numbers),
        tables.unpriced(done, numbers),
    )
