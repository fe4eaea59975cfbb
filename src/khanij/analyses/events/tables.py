"""Documented events as tables: all of them, and one with every figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.chronicle import events

EVENTS = (
    *("event", "event_kind", "country", "materials", "start", "end", "name", "stages", "destinations", "announced"),
    *("role", "figures"),
)
FIGURES = (
    *("part", "side", "when", "measured", "material", "value", "unit", "low", "high", "confidence", "source", "note"),
)
TABLES = {"events list": {"events": EVENTS}, "events show": {"events": EVENTS, "figures": FIGURES}}
ROLES = "role: parameters may be fitted to `fit` alone; `negative-control` must not look like a physical shortage"


def listing(chosen: Iterable[events.Event]) -> Table:
    """Return one row an event."""
    rows = [
        {
            "event": e.id,
            "event_kind": e.kind,
            "country": e.country,
            "materials": ", ".join(e.materials),
            "start": e.start.isoformat(),
            "end": e.end.isoformat() if e.end else None,
            "name": e.name,
            "stages": ", ".join(e.stages),
            "destinations": whom(e),
            "announced": e.announced.isoformat() if e.announced else None,
            "role": e.role,
            "figures": len(e.measured),
        }
        for e in chosen
    ]
    shown = ("event", "event_kind", "country", "materials", "start")
    return columns.table("events", "documented events", rows, EVENTS, notes=(ROLES,), main=shown)


def whom(event: events.Event) -> str:
    """Return who is cut off."""
    return event.destinations if event.destinations == events.EVERYBODY else ", ".join(event.destinations)


def details(event: events.Event) -> Table:
    """Return what is known of one event: its size over time and every measured figure, each with its source."""
    rows = [_row(part, event) for _, part in event.sourced()]
    head = f"{event.name} ({event.id}): {event.kind}, {event.country}, from {event.start}"
    spans = [f"announced {event.announced}"] if event.announced else []
    spans += [f"to {event.end}"] if event.end else []
    notes = (
        f"{', '.join(event.materials)} ({', '.join(event.stages)}); destinations: {whom(event)}; role: {event.role}",
        *([event.note] if event.note else []),
        *(f"{key}: {s.title}, {s.publisher}{', ' + s.date if s.date else ''}" for key, s in event.sources.items()),
    )
    shown = ("part", "when", "measured", "value", "unit", "confidence")
    return columns.table("figures", "; ".join([head, *spans]), rows, FIGURES, notes=notes, main=shown)


def _row(part: events.Sourced, event: events.Event) -> dict[str, Any]:
    """Return one row of the details."""
    row: dict[str, Any] = dict.fromkeys(FIGURES)
    row |= {"source": part.source, "confidence": part.confidence, "note": part.note}
    match part:
        case events.Measured():
            row |= {name: getattr(part, name) for name in ("side", "when", "material", "value", "low", "high", "unit")}
            row |= {"part": "measured", "measured": f"{part.what}: {part.of}"}
        case events.ExportCut():
            row |= {"part": "cut", "measured": f"share of {event.size.of} lost", "value": part.best, "unit": "1"}
            row |= {"low": part.low, "high": part.high}
        case events.FrontLoading():
            text = f"extra in the {part.months} months before, in usual months"
            row |= {"part": "before", "measured": text, "value": part.extra, "unit": "1"}
        case events.RecoveryStep():
            row |= {"part": "recovery", "measured": f"flow in month {part.month}", "value": part.share, "unit": "1"}
    return row
