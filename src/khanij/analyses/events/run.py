"""Documented disruptions, and one of them with every figure."""

from __future__ import annotations

from khanij import reference
from khanij.analyses.events import tables, words
from khanij.analyses.events.request import EventRequest, EventsRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.reference.chronicle import events


def answer_list(request: EventsRequest, case: Case | None, job: Job) -> Answer:
    """Return one row an event; raises CoverageError where none is of the material, country and role asked."""
    chosen = [
        event
        for event in events.catalogue().values()
        if (not request.material or request.material in event.materials)
        and request.country in (None, event.country)
        and request.role in ("", event.role)
    ]
    if not chosen:
        asked = ", ".join(filter(None, (request.material, request.country, request.role)))
        raise CoverageError(f"no event of {asked} is on record", where="events list", hint="khanij events list")
    return Answer(request, (tables.listing(chosen),), (words.listing(chosen),), manifest=reference.fingerprint()[:16])


def answer_show(request: EventRequest, case: Case | None, job: Job) -> Answer:
    """Return what is known of one event."""
    event = events.find(request.event)
    return Answer(
        request,
        (tables.listing([event]), tables.details(event)),
        (words.event(event),),
        sources=tuple(event.sources),
        manifest=reference.fingerprint()[:16],
    )
