"""Measures in two stages, of which the second is a right and no duty: search and mine, diligence and purchase.

The first stage costs little and takes its years; of what is in place of it, the part that succeeds may be followed by
the second, which costs much. A plan may stop after the first: that is the gate (plan.portfolio.problem, `gates`).
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, prod

from khanij.core.range import Range
from khanij.plan.levers import catalogue
from khanij.plan.levers.supply import Equity
from khanij.plan.measures.building import Building, Support, build_years, years_of_all
from khanij.plan.measures.measure import NOTHING, Measure
from khanij.reference.assumptions import assumed_range
from khanij.reference.decisions.agreement_record import agreement_cases
from khanij.reference.measures import CatalogueMeasure
from khanij.simulate.risk.baseline import Baseline

GATES = ("prospect", "resource", "reserve", "mine")
BEFORE_A_FIND = ("prospect", "resource")  # a cost per find has their failures in it
MILLION = 1e6


def in_two_stages(one: Measure, entry: CatalogueMeasure, base: Baseline) -> tuple[Measure, ...]:
    """Return what is looked into first, and the mine or stake behind it; the measure alone if it has no gate.

    one  the mine or stake, with all of its gates in its lever
    """
    if entry.kind == Equity.kind:
        return _diligence(one, base)
    chance = {name: catalogue.ends(entry.figures[name]).best for name in GATES if name in entry.figures}
    if not chance or not one.cost.is_known:
        return (one,)
    whole = one.lead
    years = build_years(entry, base.case) or years_of_all()
    late = min(ceil(years.best - 1e-9), whole)
    sure = {name: Range(1.0, 1.0, 1.0) for name in chance}
    mine = replace(one, levers=tuple(replace(lever, **sure) for lever in one.levers), lead=late)
    find = "prospect" in chance
    before, cost, source = _search_cost(one) if find else _study_cost(one, base)
    passed = {name: part for name, part in chance.items() if not (find and name in BEFORE_A_FIND)}
    ratio = prod(passed.values())
    said = f"one in {1 / ratio:.1f} is followed by a mine ({', '.join(f'{k} {v:.0%}' for k, v in passed.items())})"
    first = _stage(one, f"{'search' if find else 'studies'}:{one.id}", before, cost, max(whole - late, 1), source, said)
    return first, replace(mine, after=(first.id, ratio))


def _search_cost(one: Measure) -> tuple[str, Range, str]:
    """Return the name, cost and source of a search that ends with a find."""
    figure = catalogue.listed()["exploration"].figures["search"]
    return f"Search for a find of {one.materials[0]}", catalogue.ends(figure).map(lambda x: x * MILLION), figure.source


def _study_cost(one: Measure, base: Baseline) -> tuple[str, Range, str]:
    """Return the name, cost and source of studies and permits of what has been found."""
    part = assumed_range("diligence", base.case)
    ends = (part.low * one.cost.low, part.best * one.cost.best, part.high * one.cost.high)
    return f"Studies and permits for: {one.name}", Range(*ends), part.source


def _diligence(one: Measure, base: Baseline) -> tuple[Measure, ...]:
    """Return the search for a stake and the stake; the record says how many purchases bring tonnes."""
    part = assumed_range("diligence", base.case)
    ends = (part.low * one.cost.low, part.best * one.cost.best, part.high * one.cost.high)
    done = [row for row in agreement_cases() if row.kind == "equity" and row.single and not row.open]
    ratio = sum(row.shipped for row in done) / len(done)
    said = f"{sum(row.shipped for row in done)} of {len(done)} stakes on record that are not too early came to tonnes"
    first = _stage(one, f"diligence:{one.id}", f"Search for: {one.name}", Range(*ends), 1, part.source, said)
    return first, replace(one, after=(first.id, ratio))


def _stage(one: Measure, id: str, name: str, cost: Range, lead: int, source: str, said: str) -> Measure:
    """Return a first stage: it costs, takes its years, and gives nothing but the right to go on."""
    return replace(
        one,
        id=id,
        name=name,
        levers=(),
        size=1.0,
        unit="search",
        cost=cost,
        running=NOTHING,
        lead=lead,
        source=source,
        confidence="low",
        assumed=(said,),
        building=Building(Support("public search"), assumed=(said,)),
        entry="-",
    )
