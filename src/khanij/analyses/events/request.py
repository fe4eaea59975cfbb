"""What can be asked of documented disruptions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from khanij.analyses.fields import AnyMaterial, Country
from khanij.analyses.question import CLI, Request
from khanij.reference.chronicle import events

EventId = Annotated[str, AfterValidator(lambda id: events.find(id).id)]


class EventsRequest(Request):
    """Documented disruptions since 2009: kind, country, materials, dates, and their part in testing models.

    >>> EventsRequest.of({"material": "gallium"}).command()
    'khanij events list --material gallium'
    """

    material: AnyMaterial = ""
    country: Country | None = Field(None, description="country that acts, ISO alpha-3 or name")
    role: Literal["", "fit", "test", "negative-control", "context"] = Field(
        "", description="part in testing models; default all"
    )


class EventRequest(Request):
    """One documented disruption: its size over time and every figure with source and confidence.

    >>> EventRequest.of({"event": "china-gallium-2023"}).command()
    'khanij events show china-gallium-2023'
    """

    event: EventId = Field(
        description="id of an event; `khanij events list` gives them", json_schema_extra={CLI: "argument"}
    )
