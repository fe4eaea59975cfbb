"""Documented events in the terms of the models: what they cut of a calendar year's flow."""

from __future__ import annotations

from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.supply.disruption import ACTS, Disruption

LEAST_MONTHS = 3  # in force in its first year for the event to be seen in yearly trade
LAST_MONTHS = 11  # an event from this month on leaves its own year as good as untouched


def lost(event: Event, year: int, end: events.End = "best") -> float:
    """Return the part of a year's usual flow that the event takes away, by its monthly path; 0 before it starts.

    end  "low", "best" or "high" of the cut's range
    """
    start = event.start.year * 12 + event.start.month - 1
    first = year * 12 - start
    if first + 11 < 0:
        return 0.0
    before = max(-first, 0)
    flow = events.path(event, before, max(first + 11, 0), end)
    months = flow[before + first : before + first + 12] if first >= 0 else flow[:12]
    return max(0.0, 1.0 - sum(min(share, 1.0) for share in months) / 12.0)


def disruption(event: Event, year: int, end: events.End = "best", base: int | None = None) -> Disruption:
    """Return what the event does to a calendar year as one disruption, its months of effect spread over the year.

    base  the year that flows are compared with; what the event took from it already is not taken again
    """
    acts = ACTS[event.kind] if event.size.of == "exports" else "output"
    gone = lost(event, year, end)
    early = lost(event, base, end) if base is not None else 0.0
    return Disruption(
        acts=acts,
        materials=event.materials,
        country=event.country,
        stages=event.stages,
        destinations=event.affected(year),
        cut=max(0.0, 1.0 - (1.0 - gone) / (1.0 - early)) if early < 1.0 else 0.0,
    )


def tested_years(event: Event) -> tuple[int, int]:
    """Return the year before an event and the year in which its effect is looked for.

    The year of the start where at least three months are left of it, else the next; the base is the year before the
    start, or the start's own where it begins in November or December.
    """
    late = event.start.month > 12 - LEAST_MONTHS + 1
    base = event.start.year - (0 if event.start.month >= LAST_MONTHS else 1)
    return base, event.start.year + (1 if late else 0)
