"""The months of a documented event for a focus, and which event is the one to tell."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from khanij.core.case import Case
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.supply.networks import Network, networks
from khanij.simulate.supply.timeline import MONTHS, EventTimeline, event_timeline

BACK = 2  # years before the base year in which an event that is told may have begun


def of_event(case: Case, event: Event, year: int) -> EventTimeline | None:
    """Return the months of an event for the good that the focus's use leans on most; None where none is recorded."""
    return _largest(case, [event], year, event.materials)


def latest(case: Case, year: int, materials: Iterable[str]) -> EventTimeline | None:
    """Return the months of the newest documented event on one of the materials that the focus's use leans on most.

    Of the events since three years before the base year whose size is known, the one whose seller stands behind the
    largest part of the focus's use, times the part that was cut; only cuts of exports in force for at least a month,
    and none of the focus's own.
    """
    recent = [e for e in events.catalogue().values() if e.start.year >= year - BACK]
    return _largest(case, recent, year, tuple(materials))


def _largest(case: Case, told: Iterable[Event], year: int, materials: tuple[str, ...]) -> EventTimeline | None:
    """Return the months of that event and good of which most of what the focus uses was cut, by value, else tonnes."""
    known: dict[tuple[str, str], Network | None] = {}
    best: tuple[tuple[float, float], Event, str, Network] | None = None
    for event in told:
        if event.size.cut is None or event.size.of != "exports":
            continue
        deepest = float(np.clip(1.0 - np.array(events.path(event, 0, MONTHS - 1)), 0, 1).max())
        for material in (m for m in event.materials if m in materials and m in case.axis("material")):
            key = (material, event.country)
            if key not in known:
                known[key] = next(iter(networks(case, [material], str(year), named=(event.country,))), None)
            network = known[key]
            if network is None or event.country in network.members:
                continue
            for stage in (stage for stage in event.stages if stage in network.stages):
                gone = network.share(event.country, stage) * deepest * network.consumption(stage)
                weight = (gone * float(np.nan_to_num(network.value[network.stages.index(stage)])), gone)
                if gone > 0 and (best is None or weight > best[0]):
                    best = (weight, event, stage, network)
    return event_timeline(best[3], best[1], best[2], case=case) if best else None
