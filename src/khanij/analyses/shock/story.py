"""story"""

from __future__ import annotations

from functools import cache

import numpy as np

from khanij.analyses.inputs import cases
from khanij.reference import events
from khanij.reference.events import Event
from khanij.simulate.supply.networks import Network, members, networks
from khanij.simulate.supply.timeline import MONTHS, EventTimeline, _Stake, _told


def story(focus: str, event: Event, material: str, stage: str, year: int, months: int = 12) -> EventTimeline | None:
    """Return the months of one event for one good, or None where its trade or the focus's use is not recorded.

    year  base year of trade
    """
    stake = _stake(focus, event, material, stage, year)
    return _told(event, stage, stake, months) if stake else None


@cache
def _network(focus: str, material: str, country: str, year: int) -> tuple[Network, tuple[int, ...]] | None:
    """Return the network of a material and the nodes of the focus, or None."""
    case = cases.case(focus, year)
    found = networks(case, [material], str(year), named=(country,))
    if not found:
        return None
    code = case.axis("focus").codes[0]
    inside = set(members(case, code, str(year)))
    return found[0], tuple(i for i, node in enumerate(found[0].nodes) if node in inside)


def _stake(focus: str, event: Event, material: str, stage: str, year: int) -> _Stake | None:
    """Return what is at stake, or None where nothing is known to be."""
    found = _network(focus, material, event.country, year)
    if found is None or stage not in found[0].stages or event.country not in found[0].nodes:
        return None
    network, at = found
    flow = network.flow[network.stages.index(stage)][:, list(at)]
    use = float(flow.sum())
    return _Stake(network, at, use, float(flow[network.nodes.index(event.country)].sum()) / use) if use > 0 else None


def latest(focus: str, year: int, materials: tuple[str, ...]) -> EventTimeline | None:
    """Return the story of the newest documented event on one of the materials that the focus's use leans on most.

    Of the events since three years before the base year whose size is known, the one whose seller stands behind the
    largest part of the focus's use, times the part that was cut; only cuts of exports in force for at least a month.
    """
    best: tuple[float, Event, str, _Stake] | None = None
    for event in events.catalogue().values():
        if event.start.year < year - 2 or event.size.cut is None or event.size.of != "exports":
            continue
        deepest = float(np.clip(1.0 - np.array(events.path(event, 0, MONTHS - 1)), 0, 1).max())
        for material in (m for m in event.materials if m in materials):
            for stage in event.stages:
                stake = _stake(focus, event, material, stage, year)
                if stake is None:
                    continue
                worth = np.nan_to_num(stake.network.value[stake.network.stages.index(stage)])
                weight = stake.share * deepest * stake.use * float(worth)
                if weight > 0 and (best is None or weight > best[0]):
                    best = (weight, event, stage, stake)
    return _told(best[1], best[2], best[3], MONTHS) if best else None
