"""Where a country could lead instead of follow: what it sells more of than others, and what the next stage is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from khanij import reference
from khanij.analyses.profile.readings import CountryProfile
from khanij.core.number import Number
from khanij.reference.decisions.export_totals import export_share

METHOD, LADDER = "revealed-advantage", "value-ladder"
LEADS, MAY, PASSES, FOLLOWS = "leads", "may lead", "sells much, buys more", "follows"
NO_LATER = "no later stage in the data"
STAGES = tuple(stage for stage in reference.STAGES if stage != "scrap")


@dataclass(frozen=True, slots=True)
class Advantage:
    """One mineral at one stage.

    advantage    Balassa index among minerals, range = basket with and without gold
    world_share  share in the world's exports of the stage
    among_all    the same index among all goods; not known where no total of the country's exports is held
    per_economy  that share over the country's share in the world's output
    net_trade    exports less imports over both
    unit_value   value of a contained tonne that it sells
    above        the next stage with a value of a tonne, "" where there is none
    times        how many times a contained tonne is worth there
    share_above  share of the country in the world's exports there
    """

    material: str
    stage: str
    verdict: str
    advantage: Number
    world_share: Number
    among_all: Number
    per_economy: Number
    net_trade: Number
    unit_value: Number
    above: str
    times: Number
    share_above: Number


def advantages(profile: CountryProfile) -> tuple[Advantage, ...]:
    """Return every stage of a listed mineral with exports, by advantage; stages with shared codes are left out."""
    index, part = profile.values(METHOD), profile.values(METHOD, "world_share")
    net, economy = profile.values(METHOD, "net_trade"), profile.values(METHOD, "per_economy")
    tonne = profile.values(LADDER, "unit_value")
    found = []
    for material in profile.listed:
        for stage in STAGES:
            key = (material, stage)
            known = index.get(key)
            if known is None or not known.value:
                continue
            above, gain = next_stage(profile, material, stage)
            none = Number(None, "1", note="not known")
            found.append(
                Advantage(
                    material,
                    stage,
                    verdict_of(known, net.get(key, none)),
                    replace(known, unit="index"),
                    part.get(key, none),
                    among_all_goods(part.get(key, none), profile.focal, profile.year),
                    replace(economy.get(key, none), unit="index"),
                    net.get(key, none),
                    tonne.get(key, Number(None, "USD/t", note="no tonnage of its own")),
                    above,
                    gain,
                    part.get((material, above), none) if above else Number(None, "1", note=NO_LATER),
                )
            )
    return tuple(sorted(found, key=lambda lead: (-(lead.advantage.value or 0.0), lead.material, lead.stage)))


def among_all_goods(share: Number, focus: str, year: int) -> Number:
    """Return the Balassa index among all goods: (x / w) / (X / W), the part in a good over the part in all goods."""
    whole = export_share(focus, year)
    if whole is None:
        return Number(None, "index", note="no total of its exports of all goods is held")
    if share.value is None:
        return Number(None, "index", note="not known")
    low, high = share.value / whole.high, share.value / whole.low
    sources = (*share.sources, *whole.source.split(";"))
    return Number(share.value / whole.best, "index", low=low, high=high, sources=sources, confidence="low")


def verdict_of(advantage: Number, net: Number) -> str:
    """Return the verdict: leads where the whole range is above 1 and the country sells more than it buys."""
    low = advantage.value if advantage.low is None else advantage.low
    high = advantage.value if advantage.high is None else advantage.high
    if low is None or high is None or net.value is None or high <= 1:
        return FOLLOWS
    if net.value <= 0:
        return PASSES
    return LEADS if low > 1 else MAY


def next_stage(profile: CountryProfile, material: str, stage: str) -> tuple[str, Number]:
    """Return the next stage with a value of a tonne, and how many times a contained tonne is worth there."""
    values, steps = profile.values(LADDER, "world_unit_value"), profile.values(LADDER, "step")
    if (material, stage) not in values:
        return "", Number(None, "times", note="no value of a tonne at this stage")
    for later in STAGES[STAGES.index(stage) + 1 :]:
        if (n := steps.get((material, later))) and n.value is not None:
            return later, replace(n, unit="times")
    return "", Number(None, "times", note="no later stage with a value of a tonne")
