"""What is disrupted: an event or short texts in, disruptions in the terms of the models out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from khanij.analyses import fields
from khanij.core.errors import StudyError
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.supply import disruption
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply.disruption import Disruption

YEARS = 3  # from its start, in which an event's worst year is looked for


@dataclass(frozen=True, slots=True)
class Disrupted:
    """What is disrupted, all at once.

    event  documented or from a file, and the calendar year whose loss is taken; None for texts
    """

    disruptions: tuple[Disruption, ...]
    event: Event | None = None
    year: int = 0


def disruptions(event: str = "", ban: str = "", outage: str = "", tariff: str = "", year: int = 2024) -> Disrupted:
    """Return what an event (a YAML file, or the id of a documented one) or texts disrupt; see disruption.FORM.

    Raises StudyError for both, for neither, and for what is impossible, with the key path.
    """
    if event and any((ban, outage, tariff)):
        raise StudyError("a file and a ban at once", where="shock", hint="one of them")
    if event:
        return _of_event(event)
    listed = disruption.several(ban, outage, tariff, where="--", year=year)
    _refuse_overlap(listed)
    return Disrupted(tuple(listed))


def _of_event(text: str) -> Disrupted:
    """Return what an event takes away in its worst calendar year."""
    path = Path(text)
    is_file = fields.are_files_allowed() and (path.suffix or path.exists())
    event = events.read(path) if is_file else events.find(text)
    if event.kind == "tariff":
        raise StudyError(
            "an event tells who raises a tariff, not whose exports bear which rate",
            where=f"{text}: kind",
            hint="--tariff CHN:graphite>USA=0.5",
        )
    first = event.start.year
    worst = max(range(first, first + YEARS), key=lambda y: scenarios.lost(event, y))
    cut = scenarios.disruption(event, worst)
    if not cut.lost:
        raise StudyError(
            "the event's size is not known, so nothing is cut",
            where=f"{text}: size.cut",
            hint="give low, best and high",
        )
    return Disrupted((cut,), event, worst)


def _refuse_overlap(listed: Sequence[Disruption]) -> None:
    """Refuse two cuts of one flow: only the larger would count."""
    for one, other in combinations(listed, 2):
        both = one.acts == other.acts and one.country == other.country and set(one.materials) & set(other.materials)
        stages = not one.stages or not other.stages or set(one.stages) & set(other.stages)
        buyers = not one.destinations or not other.destinations or set(one.destinations) & set(other.destinations)
        if both and stages and buyers:
            shared = ", ".join(sorted(set(one.materials) & set(other.materials)))
            what = f"two cuts of one flow: {shared} of {one.country}"
            option = {"exports": "--ban", "output": "--outage", "tariff": "--tariff"}[one.acts]
            raise StudyError(what, where=option, hint="one of them, with the part that both cut together")
