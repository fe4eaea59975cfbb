"""Stops that nobody decreed: accidents, strikes, floods, want of power, war, and straits and ports that were shut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import ParseError
from khanij.reference.chronicle.instruments import CONFIDENCES, RECALLED
from khanij.reference.chronicle.partial_dates import PartialDate

OUTAGES = ("accident", "flood-drought-power", "outage", "strike")
ROUTES = ("chokepoint", "war")


@dataclass(frozen=True, slots=True)
class Outage:
    """One stop of mines, plants, power or a route.

    country       ISO alpha-3 or id of groups.csv: where the plant or the strait lies
    destinations  those cut off, empty = all      begins, ended  first and last day; None = no end was found
    size, note    in words
    """

    id: str
    country: str
    materials: tuple[str, ...]
    stages: tuple[str, ...]
    kind: str
    destinations: tuple[str, ...]
    begins: PartialDate
    ended: PartialDate | None
    size: str
    note: str
    url: str
    source: str
    confidence: str


def check(row: Mapping[str, str], where: str) -> Outage:
    """Return the outage of one row of text; raises ParseError that names row and field."""
    lists = {name: tuple(filter(None, row[name].split(";"))) for name in ("materials", "stages")}
    hit = () if row["destinations"] == "all" else tuple(row["destinations"].split(";"))
    known = {
        "country": ((row["country"],), {*reference.countries(), *reference.groups()}),
        "materials": (lists["materials"], reference.materials()),
        "stages": (lists["stages"], reference.STAGES),
        "destinations": (hit, {*reference.countries(), *reference.groups()}),
        "kind": ((row["kind"],), (*OUTAGES, *ROUTES)),
        "confidence": ((row["confidence"],), CONFIDENCES),
        "source": (row["source"].split(";"), reference.bibliography()),
    }
    for name, (labels, allowed) in known.items():
        if strange := [label for label in labels if label not in allowed]:
            raise ParseError(f"unknown {name} {sample(map(repr, strange))}", where=f"{where}: {name}", hint="see docs")
    if not lists["materials"] or not lists["stages"]:
        raise ParseError("no material or no stage", where=where, hint="ids of materials.csv and stages.csv")
    if row["source"] == RECALLED and row["confidence"] != "low":
        raise ParseError("recalled and not of low confidence", where=f"{where}: confidence", hint="low, or a source")
    try:
        days = [PartialDate.read(row[name]) if row[name] else None for name in ("begins", "ended")]
    except ValueError as wrong:
        raise ParseError(str(wrong), where=where, hint="2011, 2011-04 or 2011-04-30") from None
    begins, ended = days
    if begins is None or (ended is not None and begins.first > ended.last):
        raise ParseError("no beginning, or an end before it", where=f"{where}: begins", hint="dates in their order")
    plain = ("id", "country", "kind", "size", "note", "url", "source", "confidence")
    return Outage(**{name: row[name] for name in plain}, **lists, destinations=hit, begins=begins, ended=ended)


@cache
def outages() -> tuple[Outage, ...]:
    """Return every outage by id."""
    return tuple(check(row, f"outages.csv, {row['id']}") for row in reference.rows("outages"))
