"""Stockpiles of states: what they aim at, hold, bought and sold, and when they release."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij.reference import records
from khanij.reference.records import CONFIDENCES, column


@dataclass(frozen=True, slots=True)
class StockpileCase:
    """One row of stockpile_record.csv: a programme, a material in it, or an act; rows do not add up.

    countries  that hold it          subject  what it is of, in words      materials  ids of those of them we know
    target_days, target_tonnes, held_days, held_tonnes, moved_tonnes (sold below 0)  nan where not known
    cost       million of the currency      read  read, second-hand or recalled      recalled  columns that are memory
    """

    id: str
    countries: tuple[str, ...]
    programme: str
    subject: str
    materials: tuple[str, ...]
    form: str
    target_days: float
    target_tonnes: float
    held_days: float
    held_tonnes: float
    moved_tonnes: float
    cost: float
    currency: str
    year: str
    status: str
    release_rule: str
    read: str
    recalled: tuple[str, ...]
    note: str
    url: str
    source: str
    confidence: str = column(among=lambda: CONFIDENCES)


@cache
def stockpile_cases(country: str | None = None) -> tuple[StockpileCase, ...]:
    """Return every row, or those of one country; raises ParseError on a broken one."""
    listed = tuple(records.keyed(StockpileCase, "stockpile_record", "id").values())
    return tuple(row for row in listed if country in (None, *row.countries))
