"""What a plan secures, as tables: need and supply by good and year, goals, targets, growth of need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from khanij import reference
from khanij.analyses.measures.tables import number
from khanij.analyses.scorecard import targets as scorecards
from khanij.core.table import Table
from khanij.plan.levers import supply_classes
from khanij.plan.planner.supply import goal_progress, need_growth, output_of, secured_supply

if TYPE_CHECKING:
    from khanij.plan.planner.results import PlanResult

RECYCLED = "recycled"


def columns() -> tuple[str, ...]:
    """Return the columns of what measures give, by class of supply."""
    return tuple(one.name for one in supply_classes())


def supply(done: PlanResult) -> Table:
    """Return what is needed and what is secured of each good in each year of the plan, t a year, and stocks, t."""
    rows = [
        {
            "material": one.material,
            "stage": one.stage,
            "year": year,
            "need": float(one.need[y]),
            "feed of new plants": float(one.feed[y]),
            "made at home now": one.home if one.recorded else None,
            **{supply.name: float(given[y]) for supply, given in one.secured.items()},
            "exposed": float(one.exposed[y]),
            "exposed part": number(float(one.exposed_share[y])),
            "stock": float(one.stock[y]),
            "stock lasts": float(one.stock_days[y]),
        }
        for one in secured_supply(done)
        for y, year in enumerate(one.years)
    ]
    names = ("need", "feed of new plants", "made at home now", *columns(), "exposed", "stock")
    notes = (
        "made at home now: output on record that is used at home, held; where it is empty nobody records any: need is "
        "then net imports, at least, and which part of it is exposed is not known",
        "exposed: need and feed less all that is secured; stock does not lower it, because it is used once",
        "need of years after the base year by its growth: see the table of need",
    )
    units = {**dict.fromkeys(names, "t"), "exposed part": "1", "stock lasts": "d"}
    return Table.of(f"plan of {done.base.focus}: secured supply by year", rows, units=units, notes=notes)


def goals(done: PlanResult) -> Table:
    """Return each goal of a plan, what it asks in the last year, and what measures give."""
    rows = [
        {
            "goal": one.goal.words,
            "year": one.year,
            "need": one.need,
            "made at home now": one.goal.home if one.goal.recorded else None,
            "asked of measures": one.asked,
            "given by measures": one.given,
            "part of need reached": number(one.part_reached),
        }
        for one in goal_progress(done)
    ]
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
        given = None if link is None else float(link["factor"]) * output_of(done, link["measure"])
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


def need(done: PlanResult) -> Table:
    """Return by how much need of each mineral grows to the last year of spending and of what counts, with its range."""
    found, growth = need_growth(done), done.terms.growth
    if growth is None:
        return Table.of("need", [])
    rows = []
    for one in found:
        row: dict[str, Any] = {"material": one.material}
        for year, ends in one.by_year.items():
            low, best, high = map(number, ends)
            row |= {str(year): best, f"{year} low": low, f"{year} high": high}
        rows.append(row | {"rests on": one.rests_on, "confidence": "low"})
    years = [str(year) for one in found[:1] for year in one.by_year]
    units = {f"{name}{end}": "1" for name in years for end in ("", " low", " high")}
    note = (
        f"need of a year by that of {growth.first}; losses, and how much of a measure can stand, grow with it, while "
        "sellers, chances and prices stay; where nothing is known of its growth need is held, and the cell empty"
    )
    return Table.of(f"plan of {done.base.focus}: growth of need", rows, units=units, notes=(note,))
