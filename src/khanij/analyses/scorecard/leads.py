"""Where a country could lead instead of follow: what it sells more of than others, and what the next rung is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from khanij import reference
from khanij.analyses.profile.readings import CountryProfile
from khanij.core.number import Number
from khanij.core.table import Table

METHOD, LADDER = "revealed-advantage", "value-ladder"
LEADS, MAY, PASSES, FOLLOWS = "leads", "may lead", "sells much, buys more", "follows"
NO_RUNG = "no later stage in the data"
RUNGS = tuple(stage for stage in reference.STAGES if stage != "scrap")


@dataclass(frozen=True, slots=True)
class Lead:
    """One mineral at one stage.

    advantage    Balassa index among minerals, range = basket with and without gold
    part         share in the world's exports of the stage
    per_economy  that share over the country's share in the world's output
    net          exports less imports over both
    tonne        value of a contained tonne that it sells
    above        the next stage with a value of a tonne, "" where there is none
    gain         how many times a contained tonne is worth there
    held         share of the country in the world's exports there
    """

    material: str
    stage: str
    verdict: str
    advantage: Number
    part: Number
    per_economy: Number
    net: Number
    tonne: Number
    above: str
    gain: Number
    held: Number


def leads(r: CountryProfile) -> tuple[Lead, ...]:
    """Return every stage of a listed mineral with exports, by advantage; stages with shared codes are left out."""
    index, part = r.values(METHOD), r.values(METHOD, "world_share")
    net, economy = r.values(METHOD, "net_trade"), r.values(METHOD, "per_economy")
    tonne = r.values(LADDER, "unit_value")
    found = []
    for material in r.listed:
        for stage in RUNGS:
            key = (material, stage)
            known = index.get(key)
            if known is None or not known.value:
                continue
            above, gain = rung(r, material, stage)
            none = Number(None, "1", note="not known")
            found.append(
                Lead(
                    material,
                    stage,
                    judged(known, net.get(key, none)),
                    replace(known, unit="index"),
                    part.get(key, none),
                    replace(economy.get(key, none), unit="index"),
                    net.get(key, none),
                    tonne.get(key, Number(None, "USD/t", note="no tonnage of its own")),
                    above,
                    gain,
                    part.get((material, above), none)
                    if above
                    else Number(None, "1", note="no later stage in the data"),
                )
            )
    return tuple(sorted(found, key=lambda lead: (-(lead.advantage.value or 0.0), lead.material, lead.stage)))


def judged(advantage: Number, net: Number) -> str:
    """Return the verdict: leads where the whole range is above 1 and the country sells more than it buys."""
    low = advantage.value if advantage.low is None else advantage.low
    high = advantage.value if advantage.high is None else advantage.high
    if low is None or high is None or net.value is None or high <= 1:
        return FOLLOWS
    if net.value <= 0:
        return PASSES
    return LEADS if low > 1 else MAY


def rung(r: CountryProfile, material: str, stage: str) -> tuple[str, Number]:
    """Return the next stage with a value of a tonne, and how many times a contained tonne is worth there."""
    values, steps = r.values(LADDER, "world_unit_value"), r.values(LADDER, "step")
    if (material, stage) not in values:
        return "", Number(None, "times", note="no value of a tonne at this stage")
    for later in RUNGS[RUNGS.index(stage) + 1 :]:
        if (n := steps.get((material, later))) and n.value is not None:
            return later, replace(n, unit="times")
    return "", Number(None, "times", note="no later stage with a value of a tonne")


def table(r: CountryProfile) -> Table:
    """Return one row a mineral and stage with exports, by advantage."""
    rows = [
        {
            "material": lead.material,
            "stage": lead.stage,
            "verdict": lead.verdict,
            "advantage": lead.advantage.value,
            "advantage_low": lead.advantage.low,
            "advantage_high": lead.advantage.high,
            "world_share": lead.part.value,
            "per_economy": lead.per_economy.value,
            "net_trade": lead.net.value,
            "unit_value": lead.tonne.value,
            "unit_value_low": lead.tonne.low,
            "unit_value_high": lead.tonne.high,
            "next_stage": lead.above or None,
            "next_step": lead.gain.value,
            "next_share": lead.held.value,
            "sources": "; ".join(lead.advantage.sources),
        }
        for lead in leads(r)
    ]
    notes = tuple(dict.fromkeys(note for id in (METHOD, LADDER) for note in r.result(id).trace.notes[:2]))
    title = f"advantage of {r.focal} in {r.year}, by value of exports"
    units = {"unit_value": "USD/t", "unit_value_low": "USD/t", "unit_value_high": "USD/t"}
    return (
        Table.of(title, rows, units=units, notes=notes)
        if rows
        else Table.by_column(title, {"material": []}, notes=notes)
    )
