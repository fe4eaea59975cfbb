"""Straits and canals that ships pass: where they are, and how many pass them a day, year by year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij.reference import records


@dataclass(frozen=True, slots=True)
class Chokepoint:
    """One strait or canal in one year.

    latitude, longitude  degrees      calls, bulk_calls  ships a day on average, all and those of dry bulk (ore too)
    """

    id: str
    name: str
    latitude: float
    longitude: float
    year: int
    calls: float
    bulk_calls: float
    source: str
    confidence: str
    note: str


@cache
def chokepoints() -> tuple[Chokepoint, ...]:
    """Return every one of every year; raises ParseError for a row that is wrong."""
    return records.read(Chokepoint, "chokepoints")


def of_year(year: int) -> tuple[Chokepoint, ...]:
    """Return those of a year, none where nobody counted."""
    return tuple(one for one in chokepoints() if one.year == year)
