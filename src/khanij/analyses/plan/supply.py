"""What a plan secures: need and supply by good and year, goals reached or not, and the growth of need behind both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from khanij import reference
from khanij.analyses.scorecard import targets as scorecards
from khanij.core.cube import Floats
from khanij.core.table import Table
from khanij.plan.levers import Plant
from khanij.plan.planner.goals import own_output
from khanij.plan.planner.growth import ENDS
from khanij.simulate.supply.networks import Network

if TYPE_CHECKING:
    from khanij.plan.planner.plans import PlanResult

DAYS = 365.0
TOLD = {
    "plant": "new plants and mines",
    "exploration": "new plants and mines",
    "recovery": "new plants and mines",
    "recycling": "recycled",
    "equity": "stakes abroad",
    "offtake": "contracts abroad",
    "agreement": "contracts abroad",
}
COLUMNS = tuple(dict.fromkeys(TOLD.values()))
SMALL = 1e-9


def supply(done: PlanResult) -> Table:
    """Return what is needed and what is secured of each good in each year of the plan, t a year, and stocks, t."""
    rows = [row for network in _networks(done) for row in _good_rows(done, network)]
    names = ("need", "feed of new plants", "made at home now", *COLUMNS, "exposed", "stock")
    notes = (
        "made at home now: output on record that is used at home, held; where it is empty nobody records any: need is "
        "then net imports, at least, and which part of it is exposed is not known",
        "exposed: need and feed less all that is secured; stock does not lower it, because it is used once",
        "need of years after the base year by its growth: see the table of need",
    )
    units = {**dict.fromkeys(names, "t"), "exposed part": "1", "stock lasts": "d"}
    return Table.of(f"plan of {done.base.focus}: secured supply by year", rows, units=units, notes=notes)


def _networks(done: PlanResult) -> Iterator[Network]:
    """Yield the networks of the minerals that are counted."""
    yield from (done.base.networks[m] for m in done.base.materials if m in done.base.networks)


def _good_rows(done: PlanResult, network: Network) -> Iterator[dict[str, Any]]:
    """Yield one row a year of each stage that the focus uses."""
    terms = done.terms
    grown = terms.grown([network.material])[0]
    for stage in network.stages:
        use, home = network.consumption(stage), network.home(stage)
        if use <= 0:
            continue
        recorded = own_output(done.base, network.material, stage)
        given, feed, stock = _given(done, network.material, stage, network)
        for y in range(terms.count):
            need = use * float(grown[y])
            parts = {name: float(given[name][y]) for name in COLUMNS}
            whole = need + float(feed[y])
            exposed = max(whole - home - sum(parts.values()), 0.0)
            yield {
                "material": network.material,
                "stage": stage,
                "year": terms.years[y],
                "need": need,
                "feed of new plants": float(feed[y]),
                "made at home now": home if recorded else None,
                **parts,
                "exposed": exposed,
                "exposed part": exposed / whole if recorded else None,
                "stock": float(stock[y]),
                "stock lasts": float(stock[y]) / need * DAYS,
            }


def _given(done: PlanResult, material: str, stage: str, network: Network) -> tuple[dict[str, Floats], Floats, Floats]:
    """Return by year (Y,) what measures in place give by kind, what feed they take of this stage, and stocks, t."""
    count = done.terms.count
    given = {name: np.zeros(count) for name in COLUMNS}
    feed, stock = np.zeros(count), np.zeros(count)
    for one, placed in zip(done.found, done.plan.in_place[:, :count], strict=True):
        if placed.max(initial=0.0) <= SMALL:
            continue
        for effect in one.effects:
            if (effect.material, effect.stage) == (material, stage) and effect.kind in TOLD:
                given[TOLD[effect.kind]] += placed * effect.done[0]
        for lever in one.option.levers:
            if isinstance(lever, Plant) and lever.material == material and _fed_by(lever, network) == stage:
                made = sum(effect.done[0] for effect in one.effects if effect.lever == lever.id)
                feed += placed * made / lever.recovery.best  # type: ignore[union-attr]
        if one.option.kind == "stockpile" and _holds(one.option.levers[0], material, stage):
            stock += placed * one.option.size
    return given, feed, stock


def _fed_by(lever: Plant, network: Network) -> str:
    """Return the stage that feeds a plant: the one it names, else the one before it that the network has."""
    if lever.feed == "none" or lever.stage not in network.stages:
        return ""
    before = network.stages[: network.stages.index(lever.stage)]
    return lever.feed_stage or (before[-1] if before else "")


def _holds(lever: Any, material: str, stage: str) -> bool:
    """Return whether a stock is of this good."""
    return (lever.material, lever.stage) == (material, stage)


def goals(done: PlanResult) -> Table:
    """Return each goal of a plan, what it asks in the last year, and what measures give."""
    last = done.terms.count - 1
    rows = []
    for g, goal in enumerate(done.terms.goals):
        given = float(done.problem.secured[g] @ done.plan.in_place[:, last])
        use = goal.use * done.need.get(goal.material, 1.0)
        rows.append(
            {
                "goal": goal.words,
                "year": done.terms.years[last],
                "need": use,
                "made at home now": goal.home if goal.recorded else None,
                "asked of measures": max(float(done.problem.need[g, last]), 0.0),
                "given by measures": given,
                "part of need reached": (goal.home + given) / use if use > 0 else None,
            }
        )
    names = ("need", "made at home now", "asked of measures", "given by measures")
    units = {**dict.fromkeys(names, "t"), "part of need reached": "1"}
    notes = (
        "measures give what is left after their chances and after the feed that they can get",
        "made at home now is empty where nobody records any: taken for none, so that measures must give all that is "
        "asked",
    )
    return Table.of(f"plan of {done.base.focus}: goals", rows, units=units, notes=notes)


def targets(done: PlanResult) -> Table:
    """Return the country's own targets: the goal, what is reached by observation, and what the plan gives toward it."""
    links = {row["target"]: row for row in reference.rows("target_measures") if row["focal"] == done.base.focus}
    rows, last = [], done.terms.count - 1
    for goal in scorecards.targets(done.base.focus):
        link = links.get(goal.item)
        given = None if link is None else _toward(done, link["measure"], float(link["factor"]), last)
        aim = goal.target.value if goal.target.value is not None else goal.target.low
        rows.append(
            {
                "programme": goal.programme,
                "target": goal.measure,
                "due": str(goal.due) if goal.due else "",
                "goal": aim,
                "unit": goal.target.unit,
                "reached": goal.done.value,
                "verdict": goal.verdict,
                "the plan gives": given,
                "part of the goal": given / aim if given is not None and aim else None,
                "counted": "no measure of the plan is counted toward it" if link is None else link["note"],
            }
        )
    note = f"the plan gives: of what is in place in {done.terms.years[last]}; reached: as observed, without the plan"
    return Table.of(f"plan of {done.base.focus}: its own targets", rows, units={"part of the goal": "1"}, notes=(note,))


def _toward(done: PlanResult, measure: str, factor: float, last: int) -> float:
    """Return what the measures in place give toward a target, in its unit."""
    return factor * sum(
        float(placed[last]) * sum(effect.done[0] for effect in one.effects)
        for one, placed in zip(done.found, done.plan.in_place, strict=True)
        if one.option.id == measure
    )


def need(done: PlanResult) -> Table:
    """Return by how much need of each mineral grows to the last year of spending and of what counts, with its range."""
    growth, terms = done.terms.growth, done.terms
    if growth is None:
        return Table.of("need", [])
    years = {str(terms.to): terms.to} | (
        {str(terms.to + terms.beyond): terms.to + terms.beyond} if terms.beyond else {}
    )
    rows = []
    for m, material in enumerate(growth.materials):
        row: dict[str, Any] = {"material": material}
        for name, year in years.items():
            ends = (float(growth.of([material], [year], end)[0, 0]) for end in ENDS)
            low, best, high = (None, None, None) if material in growth.unknown else ends
            row |= {name: best, f"{name} low": low, f"{name} high": high}
        rows.append(row | {"rests on": growth.how[m], "confidence": "low"})
    units = {f"{name}{end}": "1" for name in years for end in ("", " low", " high")}
    note = (
        f"need of a year by that of {growth.first}; losses, and how much of a measure can stand, grow with it, while "
        "sellers, chances and prices stay; where nothing is known of its growth need is held, and the cell empty"
    )
    return Table.of(f"plan of {done.base.focus}: growth of need", rows, units=units, notes=(note,))
