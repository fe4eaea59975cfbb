"""The months of a documented event for a focus, and which event is the one to tell."""

from __future__ import annotations

from functools import cache

import numpy as np

from khanij.analyses.inputs import cases
from khanij.reference import events
from khanij.reference.events import Event
from khanij.simulate.supply.networks import Network, networks
from khanij.simulate.supply.timeline import MONTHS, EventTimeline, event_timeline


def story(focus: str, event: Event, material: str, stage: str, year: int, months: int = 12) -> EventTimeline | None:
    """Return the months of one event for one good, or None where its trade or the focus's use is not recorded.

    year  base year of trade
    """
    network = _network(focus, material, event.country, year)
    return event_timeline(network, event, stage, months) if network else None


@cache
def _network(focus: str, material: str, country: str, year: int) -> Network | None:
    """Return the network of a material, which names a country and knows its focus, or None."""
    return next(iter(networks(cases.case(focus, year), [material], str(year), named=(country,))), None)


def latest(focus: str, year: int, materials: tuple[str, ...]) -> EventTimeline | None:
    """Return the story of the newest documented event on one of the materials that the focus's use leans on most.

    Of the events since three years before the base year whose size is known, the one whose seller stands behind the
    largest part of the focus's use, times the part that was cut; only cuts of exports in force for at least a month.
    """
    best: tuple[float, Event, str, Network] | None = None
    for event in events.catalogue().values():
        if event.start.year < year - 2 or event.size.cut is None or event.size.of != "exports":
            continue
        deepest = float(np.clip(1.0 - np.array(events.path(event, 0, MONTHS - 1)), 0, 1).max())
        for material in (m for m in event.materials if m in materials):
            network = _network(focus, material, event.country, year)
            for stage in event.stages if network is not None and event.country in network.nodes else ():
                if stage not in network.stages:
                    continue
                value = float(np.nan_to_num(network.value[network.stages.index(stage)]))
                weight = network.share(event.country, stage) * deepest * network.consumption(stage) * value
                if weight > 0 and (best is None or weight > best[0]):
                    best = (weight, event, stage, network)
    return event_timeline(best[3], best[1], best[2]) if best else None
