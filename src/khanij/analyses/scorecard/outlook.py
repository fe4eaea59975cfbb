"""What a country will need in a coming year, by its own statement and by the demand model, against its own supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.profile.readings import CountryProfile
from khanij.analyses.runner import find, run
from khanij.analyses.scorecard.facts import facts, number
from khanij.analyses.scorecard.secured import (
    Supply,
    is_known,
    join_sources,
    lower,
    spread,
    supply,
    unknown,
    upper,
    weakest,
)
from khanij.core.cube import Cube
from khanij.core.number import Number, graded, total
from khanij.reference import agreements
from khanij.reference.industry.technologies import default_scenario

COMING = ("in progress", "ramping up", "planned", "prototype", "tender", "funded")
OWN_FEED = ("mine", "by-product plant")  # kinds of projects whose feed is the country's own
ALONE = "technologies alone, other use not known: at least this"
HORIZON = 2030
DRAWS = 50  # behind the range of the model


@dataclass(frozen=True, slots=True)
class ComingNeed:
    """One mineral in a coming year: what is needed by statement and by model, what own sources may give, the rest."""

    material: str
    stated: Number
    modelled: Number
    secured: Number
    exposed: Number
    recoverable: Number


def outlooks(
    profile: CountryProfile, year: int = HORIZON, scenario: str = "", now: tuple[Supply, ...] | None = None
) -> tuple[ComingNeed, ...]:
    """Return need and secured supply of every listed mineral in a coming year.

    scenario  as khanij demand has it, "" for its default; the model gives technologies and other use where it is known
    now       supply(profile), if it is at hand
    """
    model = modelled(profile, year, scenario or default_scenario(profile.focal))
    last = {row.material: row for row in now or supply(profile)}  # the last stage of each
    stated = [f for f in facts("demand", profile.focal) if f["year"] == year and f["material"]]
    coming = [f for f in facts("project_capacity", profile.focal) if f["value"] is not None]
    found = []
    for material in profile.listed:
        said, more = _stated(material, stated), model.get(material, {})
        made = more.get("need", unknown("no scenario for it"))
        mine = secured(profile.focal, last[material].domestic, material, coming, year)
        back = more.get("recoverable", unknown("no technology in the scenario gives scrap of it"))
        found.append(ComingNeed(material, said, made, mine, gap(needed(said, made), mine), back))
    return tuple(found)


def needed(stated: Number, made: Number) -> Number:
    """Return the need that exposure is reckoned against: the whole of the model, else what is stated; range over both.

    A model of technologies alone is a need from below: it widens the range and stands for no whole.
    """
    both = [n for n in (stated, made) if is_known(n)]
    if not both:
        return unknown("no need on record")
    low, high = min(map(lower, both)), max(map(upper, both))
    whole = made.value is not None and ALONE not in made.note
    if not whole and not is_known(stated):
        return Number(None, "t", made.sources, low=low, confidence=made.confidence, note=ALONE)
    best = made if whole else stated
    value = best.value if best.value is not None else (lower(best) + upper(best)) / 2
    return spread(value, low, high, join_sources(*both), weakest(*both))


def gap(need: Number, mine: Number) -> Number:
    """Return need less own supply, with the ends of both; a need from below gives a gap from below."""
    if not is_known(need) or not is_known(mine):
        return unknown(mine.note if is_known(need) else need.note)
    low = max(lower(need) - upper(mine), 0.0)
    sources, level = join_sources(need, mine), weakest(need, mine)
    if need.value is None:
        return Number(None, "t", sources, low=low, confidence=level, note=need.note) if low else unknown(need.note)
    high = max(upper(need) - lower(mine), 0.0)
    if mine.value is None:
        return Number(None, "t", sources, low, high, "low", mine.note)
    return spread(max(need.value - mine.value, 0.0), low, high, sources, level)


def members(material: str) -> tuple[str, ...]:
    """Return a material and all that belong to it, groups within groups too."""
    own = [m.id for m in reference.materials().values() if m.parent == material]
    return (material, *(deeper for id in own for deeper in members(id)))


def _stated(material: str, stated: list[dict[str, Any]]) -> Number:
    """Return the need that the country's own projection states; of a member of a group with its name."""
    for fact in stated:
        if fact["material"] in members(material):
            about = f"{fact['material']} alone" if fact["material"] != material else ""
            said = "; ".join(filter(None, (about, fact["item"].rpartition(" | ")[2], fact["note"] or "")))
            return replace(number(fact, "t"), note=said)
    return unknown("no projection of the country on record")


def modelled(profile: CountryProfile, year: int, scenario: str) -> Mapping[str, dict[str, Number]]:
    """Return material -> "need" and "recoverable" in a year by the demand model, members of a group added up."""
    methods = ("material-demand", "base-demand", "scrap-supply")
    if not all(quantity in profile.case.cubes for id in methods for quantity in find(id).needs):
        return {}
    span = {"scenario": scenario, "since": year - 1, "to": year, "draws": DRAWS}
    made, rest, back = (run(id, profile.case, **span) for id in methods)
    need, other = made.variable("total"), rest.value
    scrap = np.nansum(back.value.values, axis=1) + np.nan_to_num(rest.variable("scrap").values)
    axis = need.axis("material")
    found: dict[str, dict[str, Number]] = {}
    for material in profile.listed:
        at = [axis.at(m) for m in members(material) if m in axis.codes]
        tech = [_model(need, k, made.trace.sources) for k in at]
        base = [_model(other, k, rest.trace.sources) for k in at]
        known = [n for n in (*tech, *base) if n.value is not None]
        if not known:
            continue
        alone = all(n.value is None for n in base)
        said = f"scenario {scenario}" + (f"; {ALONE}" if alone else "")
        found[material] = {"need": replace(total(known), note=said)}
        if (tonnes := float(scrap[0, at, -1].sum())) > 0:
            keys, note = back.trace.sources, "could be recovered; no plant is meant"
            found[material]["recoverable"] = Number(tonnes, "t", keys, confidence="medium", note=note)
    return found


def _model(cube: Cube, material: int, sources: tuple[str, ...]) -> Number:
    """Return the last year of one material of a result of the demand model."""
    at = (0, material, -1)
    low, high = (None if end is None or np.isnan(end[at]) else float(end[at]) for end in (cube.low, cube.high))
    value = float(cube.values[at])
    return graded(Number(None if np.isnan(value) else value, "t", sources, low, high, "medium"))


def secured(focal: str, now: Number, material: str, coming: list[dict[str, Any]], year: int) -> Number:
    """Return own supply in a coming year: as now; its high end adds announced own mines and by-product plants.

    now     own output that counts as secured in the latest year; it is held as it is
    coming  facts of project_capacity of the country
    """
    if not is_known(now):
        return now
    basis = reference.materials()[material].basis
    plants = {
        p.item: p
        for p in agreements.projects(focal, focal, material)
        if p.kind in OWN_FEED and p.status in COMING and p.end and int(p.end[:4]) <= year
    }
    own = [f for f in coming if f["material"] == material and f["basis"] == basis]
    added = [(plants[name], f) for f in own if (name := f["item"].partition(" | ")[0]) in plants]
    if not added:
        return replace(now, note="; ".join(filter(None, ("as in the latest year", now.note))))
    named = "; ".join(f"{p.name} ({p.status}), {f['value']:,.0f} t" for p, f in added)
    more = sum(f["value"] for _, f in added)
    sources = join_sources(now, *(number(f) for _, f in added))
    note = f"high end adds what is announced: {named}"
    return Number(now.value, "t", sources, lower(now), upper(now) + more, "low", note)
