"""Events that last beyond their year: how long each holds, what is left of it in later seasons, and what that costs.

A restriction, or one in force, still holds after t years with chance policy_persists^t; a stop lasts as those on record
with both dates did. In a later season a restriction takes the part later_year of what it took, one of all exports
holds. What a state costs in a later season is what it costs in a first one × what the full stop of its good's largest
seller costs in that season over its first: redesign and what is made up have begun. The first season is the twelve
months from the event's beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats, Positions
from khanij.reference.assumptions import assumed
from khanij.reference.chronicle.outages import outages
from khanij.simulate.loss import losses, monthly
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk import years as simulated
from khanij.simulate.risk.band import Alternative, by_good
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.risk.by_cause.cause_hazards import CAUSES, FIRST_STOP, IN_FORCE, RESTRICTION, STOP
from khanij.simulate.risk.by_record.dependence import latent_factor
from khanij.simulate.risk.ensemble import Simulation
from khanij.simulate.risk.years import BLOCK, EventSet
from khanij.simulate.supply import responses
from khanij.simulate.supply.disruption import Disruption

SEASONS, MOST, YEAR, MONTH = 3, 2_000, 12.0, 30.4375  # seasons told; years that later ones are drawn for; days
NAMES = tuple(f"season {n}" for n in range(2, SEASONS + 1))


@dataclass(frozen=True, slots=True)
class Season:
    """What the events of a year cost in their nth twelve months: mean USD, how many a year still hold."""

    number: int
    expected: float
    events: float


def months(base: Baseline) -> tuple[Positions, Floats]:
    """Return the month from 1 in which each event begins and for how many it holds (E,); no event of other causes.

    What takes a part of a year's exports holds for that part of a year at least.
    """
    given, drawn = base.hazards, base.drawn
    begins, lasts = np.ones(len(drawn.year), dtype=np.intp), np.zeros(len(drawn.year))
    persists, record = assumed("policy_persists", base.case), _record()
    for h in np.unique(drawn.hazard).tolist():
        here = np.flatnonzero(drawn.hazard == h)
        name, year = given.streams[h], drawn.year[here].astype(np.intp)
        u, v = _uniforms(base.seed, f"lasts {name}", year), _uniforms(base.seed, f"begins {name}", year)
        if given.kind[h] != IN_FORCE:
            begins[here] = 1 + (YEAR * v).astype(np.intp)
        if given.kind[h] == STOP and len(record):
            lasts[here] = np.quantile(record, 1.0 - u)
        elif given.kind[h] in (RESTRICTION, IN_FORCE):
            with np.errstate(divide="ignore"):
                lasts[here] = YEAR * np.log(u) / np.log(persists)
    return begins, np.where(lasts > 0, np.maximum(lasts, YEAR * given.levels[drawn.level]), 0.0)


def _record() -> Floats:
    """Return the months of every stop on record with both dates."""
    dated = [(one.begins.first, one.ended.last) for one in outages() if one.ended is not None]
    return np.sort([(ended - begun).days / MONTH for begun, ended in dated if begun.year >= FIRST_STOP])


def _uniforms(seed: int, name: str, year: Positions) -> Floats:
    """Return the uniform values of a named source in some years, which depend on these alone."""
    blocks = {block: latent_factor(seed, name, block, BLOCK)[1] for block in np.unique(year // BLOCK).tolist()}
    return np.array([blocks[at // BLOCK][at % BLOCK] for at in year.tolist()])


def later(base: Baseline) -> tuple[Alternative, ...]:
    """Return the later seasons of the years' events, not solved; nothing where hazards are not by cause."""
    given, drawn = base.hazards, base.drawn
    if not {*given.kind} <= {*CAUSES}:
        return ()
    kept, lasts = drawn.year < MOST, months(base)[1]
    restricted = np.array([kind == RESTRICTION for kind in given.kind])[drawn.hazard]
    level = np.where(restricted, _eased(given.levels, assumed("later_year", base.case))[drawn.level], drawn.level)
    out = []
    for n, name in enumerate(NAMES, 1):
        on = np.flatnonzero(kept & (lasts > n * YEAR))
        there = EventSet(
            drawn.first, min(drawn.years, MOST), drawn.year[on], drawn.hazard[on], level[on].astype(np.uint8),
            drawn.factor[on],
        )  # fmt: skip
        batches = simulated.distinct_scenarios(given, there)
        out.append(Alternative(name, "", Simulation(base.model, given, there, batches)))
    return tuple(out)


def _eased(levels: Floats, part: float) -> Positions:
    """Return the level to which each falls: the highest that takes no more than the part, the last one holds."""
    at = np.searchsorted(levels, levels * part + 1e-9, side="right") - 1
    return np.append(np.maximum(at[:-1], 0), len(levels) - 1)


def seasons(base: Baseline, solved: Sequence[Alternative]) -> tuple[Season, ...]:
    """Return what the events of a year cost in their first season and in each later one; nothing without later ones."""
    listed = [one for one in solved if one.structure in NAMES and one.losses is not None]
    if base.losses is None or not listed:
        return ()
    first = Alternative("", "", base.simulation, base.losses)
    goods = sorted(base.model.goods)
    aged = ageing(base.model, goods)
    out = []
    for n, one in enumerate((first, *listed)):
        assert one.losses is not None
        by_year = by_good(one, one.losses, goods) * aged[n]
        drawn = one.simulation.drawn
        out.append(Season(n + 1, float(by_year.sum(axis=1).mean()), len(drawn.year) / drawn.years))
    return tuple(out)


def ageing(model: LossModel, goods: Sequence[tuple[str, str]]) -> Floats:
    """Return (SEASONS, G) what each twelve months of the full stop of a good's largest seller cost over the first.

    From 0 to 1; 1 where the stop costs nothing in its first, or was not solved.
    """
    out = np.ones((SEASONS, len(goods)))
    for at, (material, stage) in enumerate(goods):
        network, exposure = model.networks[material], model.exposures[material]
        seller = next(iter(network.sellers(stage)), "")
        if not seller:
            continue
        stop = [[Disruption("exports", (material,), seller, (stage,))]]
        outcome = responses.respond(network, stop, model.behaviours[material])
        upto = [0.0]
        for n in range(SEASONS):
            parts = [(YEAR * (n + 1), outcome)]
            reached = monthly.supply(network, parts, exposure.members, model.parameters.choke)
            upto.append(-float(losses.channels_of(exposure, reached, model.parameters)[0].net[0]))
        step = np.diff(upto)
        if bool(outcome.converged.all()) and step[0] > 0:
            out[:, at] = np.clip(step / step[0], 0.0, 1.0)
    return out
