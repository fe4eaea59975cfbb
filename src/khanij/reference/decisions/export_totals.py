"""What countries and the world export of all goods, where a total is held: for an advantage among all goods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij.core.range import Range
from khanij.reference import records
from khanij.reference.records import column, sourced_range

WORLD = "WLD"


@dataclass(frozen=True, slots=True)
class ExportTotal:
    """One row of export_totals.csv: merchandise exports of a place in a year, billion USD."""

    place: str
    year: int
    value: Range = column(made=lambda row: sourced_range(row, "export_totals.csv"))
    source: str
    confidence: str
    note: str


@cache
def _totals() -> dict[tuple[str, int], ExportTotal]:
    """Return (place, year) -> total."""
    return records.keyed(ExportTotal, "export_totals", "place", "year")


def export_share(place: str, year: int) -> Range | None:
    """Return a country's part in the world's exports of all goods; None where a total of either is not held."""
    own, world = _totals().get((place, year)), _totals().get((WORLD, year))
    if own is None or world is None:
        return None
    one, all_ = own.value, world.value
    source = ";".join(dict.fromkeys((own.source, world.source)))
    return Range(one.low / all_.high, one.best / all_.best, one.high / all_.low, source, "low", own.note)
