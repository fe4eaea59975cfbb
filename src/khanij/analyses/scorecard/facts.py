"""The facts of a country's own programme: targets, progress, projections, announced plants, and their dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from khanij import reference
from khanij.analyses import commands
from khanij.analyses.inputs import facts as queries
from khanij.core.errors import SourceError
from khanij.core.number import Number

FISCAL = re.compile(r"fiscal year April \d{4} - March (\d{4})")

COUNTED = re.compile(r"counts ([^;(]+)")

SEASON = re.compile(r"field season (\d{4})")

LIMIT = 2000  # facts asked for at once

Span = tuple[date, date]


def span(text: str) -> Span:
    """Return the first and last day of "2026-03-22", "2026-03" or "2026"."""
    year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
    if day:
        return date(year, month, day), date(year, month, day)
    if month:
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), after - timedelta(days=1)
    return date(year, 1, 1), date(year, 12, 31)


def due(fact: Mapping[str, Any]) -> date | None:
    """Return the last day of a target: of its fiscal year or season where the note names one, else of its year."""
    note = fact["note"] or ""
    if found := FISCAL.search(note):
        return date(int(found[1]), 3, 31)
    if found := SEASON.search(note):
        return date(int(found[1]) + 1, 3, 31)
    return date(fact["year"], 12, 31) if fact["year"] else None


def facts(quantity: str, focal: str) -> list[dict[str, Any]]:
    """Return the stored facts of a quantity of a country; none for a group, and none without a store."""
    if focal not in reference.countries():
        return []
    try:
        return [dict(row) for row in queries.facts(LIMIT, quantity=quantity, country=focal).rows()]
    except SourceError:
        return []


def number(fact: Mapping[str, Any], unit: str = "") -> Number:
    """Return a fact as a Number with its source and the command that shows it; a count has what it counts as unit."""
    how = commands.facts(fact["quantity"], None, country=fact["country"], item=fact["item"])
    found = COUNTED.search(fact["note"] or "")
    plain = (found[1].strip() if found else "count") if fact["unit"] == "1" else fact["unit"]
    source = f"{fact['source']}@{fact['edition']}"
    return Number(
        fact["value"],
        unit or plain,
        (source,),
        fact["low"],
        fact["high"],
        fact["confidence"],
        fact["note"] or "",
        how=how,
    )


def as_of(found: Iterable[Mapping[str, Any]]) -> date | None:
    """Return the last day to which the facts reach, as their editions are named by month; None if they are not."""
    editions = [fact["edition"] for fact in found if re.fullmatch(r"\d{4}-\d{2}", fact["edition"] or "")]
    return span(max(editions))[1] if editions else None
