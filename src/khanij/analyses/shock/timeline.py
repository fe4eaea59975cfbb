"""The months of a documented event for the good that a focus's use leans on most."""

from __future__ import annotations

import numpy as np

from khanij.core.case import Case
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.supply.networks import Network, networks
from khanij.simulate.supply.timeline import MONTHS, EventTimeline, event_timeline


def of_event(case: Case, event: Event, year: int) -> EventTimeline | None:
    """Return the months of an event for the good of which most of what the focus uses was cut, by value, else tonnes.

    None for one whose size is not known, of the focus's own, not of exports, or without recorded use.
    """
    if event.size.cut is None or event.size.of != "exports":
        return None
    deepest = float(np.clip(1.0 - np.array(events.path(event, 0, MONTHS - 1)), 0, 1).max())
    best: tuple[tuple[float, float], str, Network] | None = None
    held = [material for material in event.materials if material in case.axis("material")]
    for network in networks(case, held, str(year), named=(event.country,)) if held else ():
        if event.country in network.members:
            return None
        for stage in (stage for stage in event.stages if stage in network.stages):
            gone = network.share(event.country, stage) * deepest * network.consumption(stage)
            weight = (gone * float(np.nan_to_num(network.value[network.stages.index(stage)])), gone)
            if gone > 0 and (best is None or weight > best[0]):
                best = (weight, stage, network)
    return event_timeline(best[2], event, best[1], case=case) if best else None
