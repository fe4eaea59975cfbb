"""What a plan secures, as tables: need and supply by good and year, goals, targets, growth of need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isnan
from typing import Any

from khanij import reference
from khanij.analyses.measures.numbers import Numbers
from khanij.analyses.scorecard.targets import Target
from khanij.core.table import Column, Table
from khanij.plan.levers import supply_classes
from khanij.plan.planner.accounts.supply import GoodSupply, goal_progress, need_growth, output_of, secured_supply
from khanij.plan.planner.results import PlanResult
from khanij.present import names, text
from khanij.reference import columns
from khanij.reference.names import country_name

SUPPLY = "mineral form year need plant_feed home_output".split()
EXPOSED = "exposed_need exposed_share stock_held stock_days material stage".split()
GOALS = "goal_words year need_then home_output asked_of_measures given_by_measures share_reached".split()
TARGETS = "programme target goal verdict plan_gives plan_share counted due done".split()
IDS = tuple(columns.column(key, name=f"{columns.column(key).name} id", main=False) for key in ("material", "stage"))
SILENT = "nobody records what is made at home: need is net imports, at least"
TAKEN_FOR_NONE = "nobody records any: taken for none, so that measures must give all that is asked"


def class_columns() -> tuple[Column, ...]:
    """Return the columns of what measures give, by class of supply."""
    return tuple(
        Column(f"given_{re.sub('[^a-z0-9]+', '_', one.name)}", text.capital(one.name), "number", "by measures", "t")
        for one in supply_classes()
    )


def supply(done: PlanResult, numbers: Numbers) -> Table:
    """Return what is needed and what is secured of each good in each year of the plan, the most exposed goods first."""
    classes = class_columns()
    keys = (*SUPPLY, *(column.key for column in classes), *EXPOSED)
    rows = [
        _supply_row(one, y, classes, numbers)
        for one in sorted(secured_supply(done), key=_exposure)
        for y in range(len(one.years))
    ]
    notes = (
        "at home: output on record that is used at home, held; where it is not known nobody records any: need is then "
        "net imports, at least, and which part of it is exposed is not known",
        "exposed: need and feed of new plants less all that is secured; stock does not lower it, as it is used once",
        "need of years after the base year by its growth: see the table of need",
    )
    title = f"Plan of {country_name(done.base.focus)}: need and secured supply by year"
    main = ("mineral", "form", "year", "need", "home_output", "exposed_need", "exposed_share")
    more = (*classes, *IDS)
    return columns.table("supply", title, rows, keys, notes=notes, more=more, main=main)


def _exposure(one: GoodSupply) -> tuple[float, str, str]:
    """Return where a good stands: by its exposed share in the last year, those without one behind."""
    share = float(one.exposed_share[-1])
    return (1.0 if isnan(share) else -share, one.material, one.stage)


def _supply_row(one: GoodSupply, y: int, classes: Sequence[Column], numbers: Numbers) -> dict[str, Any]:
    """Return a good in one year."""
    silent = "" if one.recorded else SILENT
    return {
        "mineral": names.mineral(one.material),
        "form": names.form(one.material, one.stage),
        "year": int(one.years[y]),
        "need": numbers.of(one.need[y], "t"),
        "plant_feed": numbers.of(one.feed[y], "t"),
        "home_output": numbers.of(one.home if one.recorded else None, "t", note=silent),
        **{
            column.key: numbers.of(one.secured[supply][y], "t")
            for column, supply in zip(classes, supply_classes(), strict=True)
        },
        "exposed_need": numbers.of(one.exposed[y], "t"),
        "exposed_share": numbers.share(one.exposed_share[y], note=silent),
        "stock_held": numbers.of(one.stock[y], "t"),
        "stock_days": numbers.of(one.stock_days[y], "d"),
        "material": one.material,
        "stage": one.stage,
    }


def goals(done: PlanResult, numbers: Numbers) -> Table:
    """Return each goal of a plan, what it asks in the last year, and what measures give."""
    rows = [
        {
            "goal_words": text.capital(names.inside(one.goal.words)),
            "year": int(one.year),
            "need_then": numbers.of(one.need, "t"),
            "home_output": numbers.of(
                one.goal.home if one.goal.recorded else None, "t", note="" if one.goal.recorded else TAKEN_FOR_NONE
            ),
            "asked_of_measures": numbers.of(one.asked, "t"),
            "given_by_measures": numbers.of(one.given, "t"),
            "share_reached": numbers.share(one.part_reached),
        }
        for one in goal_progress(done)
    ]
    notes = ("measures give what is left after their chances and after the feed that they can get",)
    title = f"Plan of {country_name(done.base.focus)}: goals"
    main = ("goal_words", "year", "asked_of_measures", "given_by_measures", "share_reached")
    return columns.table("goals", title, rows, GOALS, notes=notes, main=main)


def targets(done: PlanResult, stated: Sequence[Target], numbers: Numbers) -> Table:
    """Return the country's own targets: the goal, what is reached by observation, and what the plan gives toward it.

    stated  the targets on record
    """
    links = {row["target"]: row for row in reference.rows("target_measures") if row["focal"] == done.base.focus}
    rows: list[dict[str, Any]] = []
    for one in stated:
        link = links.get(one.item)
        given = None if link is None else float(link["factor"]) * output_of(done, link["measure"])
        aim = one.target.value if one.target.value is not None else one.target.low
        rows.append(
            {
                "programme": one.programme,
                "target": one.measure,
                "goal": numbers.of(aim, one.target.unit, confidence="high"),
                "verdict": one.verdict,
                "plan_gives": "" if given is None else numbers.of(given, one.target.unit),
                "plan_share": "" if given is None or not aim else numbers.share(given / aim),
                "counted": "no measure of the plan is counted toward it" if link is None else link["note"],
                "due": str(one.due) if one.due else "",
                "done": numbers.of(one.done.value, one.target.unit, note=one.done.note),
            }
        )
    rows.sort(key=lambda row: row["plan_gives"] == "")
    last = done.terms.years[done.terms.count - 1]
    note = f"the plan gives: of what is in place in {last}; verdict and reached: as observed, without the plan"
    title = f"Plan of {country_name(done.base.focus)}: toward its own targets"
    return columns.table("targets", title, rows, TARGETS, notes=(note,), main=(*TARGETS[1:3], *TARGETS[4:6]))


def need(done: PlanResult, numbers: Numbers) -> Table:
    """Return by how much need of each mineral grows to the last year of spending and of what counts, with its range."""
    found, growth = need_growth(done), done.terms.growth
    years = [year for one in found[:1] for year in one.by_year]
    more = [
        Column(f"need_{year}", f"Need of {year}", "number", "by that of the base year", "times", main=True)
        for year in years
    ]
    rows = [
        {"mineral": names.mineral(one.material)}
        | {
            f"need_{year}": numbers.of(ends.best, "times", low=ends.low, high=ends.high)
            for year, ends in one.by_year.items()
        }
        | {"rests_on": one.rests_on, "material": one.material}
        for one in found
    ]
    base = growth.first if growth is not None else ""
    note = (
        f"need of a year by that of {base}; losses, and how much of a measure can stand, grow with it, while sellers, "
        "chances and prices stay; where nothing is known of its growth need is held, and the cell empty"
    )
    keys = ("mineral", *(column.key for column in more), "rests_on", "material")
    title = f"Plan of {country_name(done.base.focus)}: growth of need"
    return columns.table("need", title, rows, keys, notes=(note,), more=(*more, IDS[0]))
