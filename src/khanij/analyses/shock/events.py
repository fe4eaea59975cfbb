"""Documented events as tables: all of them, and one with every figure."""

from __future__ import annotations

from typing import Any

from khanij.core.table import Table
from khanij.reference import events


def listing() -> Table:
    """Return one row an event."""
    rows = [
        {
            "event": e.id,
            "kind": e.kind,
            "role": e.role,
            "country": e.country,
            "materials": ", ".join(e.materials),
            "stages": ", ".join(e.stages),
            "destinations": e.destinations if e.destinations == events.EVERYBODY else ", ".join(e.destinations),
            "announced": e.announced.isoformat() if e.announced else None,
            "start": e.start.isoformat(),
            "end": e.end.isoformat() if e.end else None,
            "figures": len(e.measured),
            "name": e.name,
        }
        for e in events.catalogue().values()
    ]
    note = "role: parameters may be fitted to `fit` alone; `negative-control` must not look like a physical shortage"
    return Table.of("documented events", rows, notes=(note,))


def details(id: str) -> Table:
    """Return what is known of one event: its size over time and every measured figure, each with its source."""
    event = events.find(id)
    rows = [_row(part, event) for _, part in event.sourced()]
    head = f"{event.name} ({event.id}): {event.kind}, {event.country}, from {event.start}"
    spans = [f"announced {event.announced}"] if event.announced else []
    spans += [f"to {event.end}"] if event.end else []
    whom = event.destinations if event.destinations == events.EVERYBODY else ", ".join(event.destinations)
    notes = (
        f"{', '.join(event.materials)} ({', '.join(event.stages)}); destinations: {whom}; role: {event.role}",
        *([event.note] if event.note else []),
        *(f"{key}: {s.title}, {s.publisher}{', ' + s.date if s.date else ''}" for key, s in event.sources.items()),
    )
    empty = {name: [] for name in ROW}
    title = "; ".join([head, *spans])
    return Table.of(title, rows, notes=notes) if rows else Table.by_column(title, empty, notes=notes)


ROW = ("part", "side", "when", "figure", "material", "value", "low", "high", "unit", "source", "confidence", "note")


def _row(part: events.Sourced, event: events.Event) -> dict[str, Any]:
    """Return one row of the details."""
    row: dict[str, Any] = dict.fromkeys(ROW)
    row |= {"source": part.source, "confidence": part.confidence, "note": part.note}
    match part:
        case events.Measured():
            row |= {name: getattr(part, name) for name in ("side", "when", "material", "value", "low", "high", "unit")}
            row |= {"part": "measured", "figure": f"{part.what}: {part.of}"}
        case events.ExportCut():
            row |= {"part": "cut", "figure": f"share of {event.size.of} lost", "value": part.best, "unit": "1"}
            row |= {"low": part.low, "high": part.high}
        case events.FrontLoading():
            text = f"extra in the {part.months} months before, in usual months"
            row |= {"part": "before", "figure": text, "value": part.extra, "unit": "1"}
        case events.Recovery():
            row |= {"part": "recovery", "figure": f"flow in month {part.month}", "value": part.share, "unit": "1"}
    return row
