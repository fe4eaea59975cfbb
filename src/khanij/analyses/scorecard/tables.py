"""The scorecard as tables: targets, secured supply, coming need, advantage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from khanij.analyses.profile.forms import form
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.scorecard import secured
from khanij.analyses.scorecard.advantage import LEADS, MAY, Advantage
from khanij.analyses.scorecard.outlook import ComingNeed
from khanij.analyses.scorecard.relatedness import NearGood
from khanij.analyses.scorecard.secured import Supply, exposed_share, is_known
from khanij.analyses.scorecard.targets import NO_PROGRAMME, PLEDGED, Target
from khanij.core.number import Mark, Number
from khanij.core.table import Table
from khanij.present import text
from khanij.present.names import mineral
from khanij.reference import columns

LINES = "paces are straight lines, a year; mines and plants come late and at once, so a line flatters no one"
MISSING = "a missing part is missing and is no zero"
TARGETS = tuple(
    "programme target goal due done observed pace pace_needed on_track verdict planned confidence notes".split()
)
SUPPLY = tuple(
    "mineral form use_mass own_ore stakes_abroad contracts scrap stock exposed exposed_part material stage".split()
)
OUTLOOK = tuple("mineral need_stated need_modelled own_ore_announced need_exposed scrap_then material".split())
ADVANTAGE = tuple(
    "mineral form leads advantage advantage_all world_exports over_economy net_trade contained_value next_form "
    "next_times next_share"
    " material stage".split()
)
NEAR = tuple(
    "mineral form relatedness advantage_all product_complexity complexity_gap world_exports material stage".split()
)

IDS = columns.ids("material", "stage", "country")


def shown(n: Number, above: str = "at least") -> Number:
    """Return a number of which only ends are known as "at least" its low end, or "at most" its high one."""
    if n.value is not None or (n.low is None and n.high is None):
        return n
    if n.low or n.high is None:
        return replace(n, value=n.low, low=None, high=None, label=above)
    return replace(n, value=n.high, low=None, high=None, label="at most")


def targets(goals: Sequence[Target]) -> Table:
    """Return one row a target: goal, date, progress, paces, verdict."""
    rows = []
    for goal in goals:
        pace, needed = (
            replace(n, note=n.note or "not known") if n.value is None else n for n in (goal.pace, goal.needed)
        )
        rows.append(
            {
                "programme": goal.programme,
                "target": goal.measure,
                "goal": replace(shown(goal.target, "more than"), note=""),
                "due": goal.due.isoformat() if goal.due else "not set",
                "done": replace(goal.done, label="pledged" if goal.verdict == PLEDGED else ""),
                "observed": goal.observed,
                "pace": pace,
                "pace_needed": needed,
                "on_track": Mark(goal.on_track, goal.verdict, goal.note, goal.target.sources, goal.target.how),
                "verdict": goal.verdict,
                "planned": goal.planned,
                "confidence": goal.confidence,
                "notes": goal.note,
            }
        )
    notes = (LINES,) if rows else (NO_PROGRAMME,)
    return replace(
        columns.table("targets", "Targets of the programme", rows, TARGETS, notes=notes, more=IDS), long=True
    )


def supply(profile: CountryProfile, now: Sequence[Supply]) -> Table:
    """Return one row a mineral and stage: use, its secured parts and the rest."""
    rows = [
        {
            "mineral": mineral(row.material),
            "form": form((row.material, row.stage)) if row.stage else "not known",
            "use_mass": shown(row.use),
            "own_ore": shown(row.domestic),
            "stakes_abroad": shown(row.equity),
            "contracts": shown(row.offtake),
            "scrap": shown(row.recycled),
            "stock": shown(row.stock),
            "exposed": shown(row.exposed),
            "exposed_part": exposed_share(row),
            "material": row.material,
            "stage": row.stage,
        }
        for row in now
        if is_known(row.use)
    ]
    silent = text.joined(mineral(row.material).lower() for row in now if not is_known(row.use))
    notes = (MISSING, secured.ORE, *((f"use is not known of {silent}: they are not ranked here",) if silent else ()))
    title = f"Secured supply, {profile.year}"
    return replace(columns.table("supply", title, rows, SUPPLY, notes=notes, more=IDS), long=True)


def outlook(later: Sequence[ComingNeed], year: int, scenario: str) -> Table:
    """Return one row a mineral in a coming year: need by statement and model, own supply, the rest, scrap."""
    rows = [
        {
            "mineral": mineral(row.material),
            "need_stated": shown(row.stated),
            "need_modelled": shown(row.modelled),
            "own_ore_announced": shown(row.secured),
            "need_exposed": shown(row.exposed),
            "scrap_then": shown(row.recoverable),
            "material": row.material,
        }
        for row in later
        if is_known(row.stated) or is_known(row.modelled)
    ]
    silent = text.joined(
        mineral(row.material).lower() for row in later if not is_known(row.stated) and not is_known(row.modelled)
    )
    notes = (f"no statement or scenario of the need of {silent}",) if silent else ()
    note = f"modelled: scenario {scenario}; own supply as now, its high end with what is announced"
    title = f"Need and own supply, {year}"
    return replace(columns.table("outlook", title, rows, OUTLOOK, notes=(note, *notes), more=IDS), long=True)


def advantages(led: Sequence[Advantage]) -> Table:
    """Return one row a mineral and stage with exports, by advantage."""
    rows = [
        {
            "mineral": mineral(row.material),
            "form": form((row.material, row.stage)),
            "leads": Mark(
                {LEADS: True, MAY: None}.get(row.verdict, False),
                row.verdict,
                "",
                row.advantage.sources,
                row.advantage.how,
            ),
            "advantage": row.advantage,
            "advantage_all": row.among_all,
            "world_exports": row.world_share,
            "over_economy": row.per_economy,
            "net_trade": row.net_trade,
            "contained_value": row.unit_value,
            "next_form": form((row.material, row.above)) if row.above else "",
            "next_times": row.times,
            "next_share": row.share_above,
            "material": row.material,
            "stage": row.stage,
        }
        for row in led
    ]
    return replace(columns.table("leads", "Where it could lead", rows, ADVANTAGE, more=IDS), long=True)


def near(profile: CountryProfile, goods: Sequence[NearGood]) -> Table:
    """Return one row a good without an advantage, the nearest to what the country sells first."""
    rows = [
        {
            "mineral": mineral(one.material),
            "form": form((one.material, one.stage)),
            "relatedness": one.relatedness,
            "advantage_all": one.among_all,
            "product_complexity": one.complexity,
            "complexity_gap": one.gap,
            "world_exports": one.world_share,
            "material": one.material,
            "stage": one.stage,
        }
        for one in goods
    ]
    notes = (
        "relatedness: part of the mineral goods near to it, by proximity, that the country sells with an advantage "
        "among all goods (Hidalgo and others 2007); goods that hold no mineral are not in the sum",
        "the product space is that of 2022; of thirty trade codes alone it says what lies near",
    )
    return replace(columns.table("near", "What is near to what it sells", rows, NEAR, notes=notes, more=IDS), long=True)
