"""Straits and canals that ships pass: where they are.

How many ships pass them is not held: the terms of the publisher's counts are not confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij.reference import records


@dataclass(frozen=True, slots=True)
class Chokepoint:
    """One strait or canal; latitude, longitude in degrees."""

    id: str
    name: str
    latitude: float
    longitude: float
    source: str
    confidence: str


@cache
def chokepoints() -> tuple[Chokepoint, ...]:
    """Return every one; raises ParseError for a row that is wrong."""
    return records.read(Chokepoint, "chokepoints")
