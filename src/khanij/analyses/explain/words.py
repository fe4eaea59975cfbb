"""What a number is and what it stands on, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from khanij.analyses.methods.words import figure
from khanij.core.cube import Cube
from khanij.core.registry import Method
from khanij.present import text
from khanij.reference.names import country_name

NAMED = 3  # countries named in a sentence


def number(method: Method, cube: Cube, place: Mapping[str, tuple[str, int]]) -> str:
    """Return the number with its range and what it means."""
    at = tuple(place[axis.name][1] for axis in cube.axes)
    low, high = (None if end is None or np.isnan(end[at]) else float(end[at]) for end in (cube.low, cube.high))
    chosen = next(v for v in method.variables if v.name == cube.quantity)
    good = " ".join(place[name][0] for name in ("material", "stage") if name in place)
    where = [
        good,
        *(country_name(place["focus"][0]) if n == "focus" else place[n][0] for n in ("focus", "year") if n in place),
    ]
    told = figure({"value": float(cube.values[at]), "low": low, "high": high}, chosen)
    meaning = f": {chosen.meaning.rstrip('.')}" if chosen.meaning else ""
    return f"{method.id}, {chosen.name.replace('_', ' ')} of {', '.join(where)}: {told}{meaning}."


def stands_on(read: Sequence[Mapping[str, Any]], facts: Sequence[Mapping[str, Any]], handed: str) -> str:
    """Return how many values of which quantities entered, from whom, and the weightiest of the first."""
    counts: dict[str, int] = {}
    for row in read:
        counts[row["quantity"]] = counts.get(row["quantity"], 0) + 1
    parts = text.joined(f"{count} of {quantity.replace('_', ' ')}" for quantity, count in counts.items())
    first = [row for row in read if row.get("share")][:NAMED]
    named = text.joined(f"{_whose(row)} {text.percent(row['share'])}" for row in first)
    led = f"; first {named} of {first[0]['quantity'].replace('_', ' ')}" if first else ""
    sources = text.joined(sorted({f"{row['source']}@{row['edition']}" for row in facts}), 4)
    return f"It stands on {parts or 'no value'}{led}. {f'Facts of {sources}.' if facts else f'{text.capital(handed)}.'}"


def _whose(row: Mapping[str, Any]) -> str:
    """Return whose value it is, by name."""
    if row.get("exporter"):
        return f"{country_name(row['exporter'])} to {country_name(row['importer'])}"
    return country_name(row["country"]) if row.get("country") else row.get("stage") or ""
