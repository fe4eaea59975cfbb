"""What is documented of disruptions, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from khanij.present import text
from khanij.reference.chronicle.events import Event
from khanij.reference.names import country_name

NAMED = 4


def listing(chosen: Sequence[Event]) -> str:
    """Return how many events of which kinds there are, since when."""
    kinds: dict[str, int] = {}
    for event in chosen:
        kinds[event.kind] = kinds.get(event.kind, 0) + 1
    most = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    parts = text.joined([f"{number} {kind}" for kind, number in most], NAMED)
    figures = sum(len(event.measured) for event in chosen)
    first = min(event.start for event in chosen)
    return (
        f"{text.capital(text.count(len(chosen), 'event'))} since {first.year} with {figures} measured figures: {parts}."
    )


def event(one: Event) -> str:
    """Return what happened, how much was cut, and how many figures there are."""
    cut = one.size.cut
    lost = ""
    if cut is not None:
        band = text.span(cut.low, cut.high, "1")
        lost = f" {text.percent(cut.best)} ({band}) of {one.size.of} lost, confidence {cut.confidence};"
    until = f" to {one.end}" if one.end else ""
    figures = text.count(len(one.measured), "measured figure")
    return f"{one.name}: {country_name(one.country)}, {one.kind} from {one.start}{until};{lost} {figures}."
