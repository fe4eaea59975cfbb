"""What a tonne takes, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.present import text

NAMED = 3  # routes and inputs named in a sentence


def footprints(rows: Sequence[Mapping[str, Any]], burden: str) -> list[str]:
    """Return the routes with the least and the most of a burden, and how many totals lack a figure."""
    mine = [row for row in rows if row["burden"] == burden]
    known = sorted((row for row in mine if row["value"] is not None), key=lambda row: row["value"])
    name = burden.replace("_", " ")
    whole = [row["without"] for row in rows if row["value"] is None]
    gap = [f"{len(whole)} of {len(rows)} totals lack the figure of a step and are not told."] if whole else []
    if not known:
        return [f"No route has a whole total of {name}.", *gap]
    shown = known if len(known) <= NAMED else [known[0], known[-1]]
    told = text.joined(f"{row['route']}{_place(row)} {amount(row)}" for row in shown)
    ends = "" if len(known) <= NAMED else f", the least and the most of {text.count(len(known), 'total')}"
    sure = text.joined(dict.fromkeys(row["confidence"] for row in shown))
    return [f"{text.capital(name)} of a tonne{ends}: {told}; confidence {sure}.", *gap]


def route(
    steps: Sequence[Mapping[str, Any]], swings: Sequence[Mapping[str, Any]], name: str, burden: str, unit: str
) -> list[str]:
    """Return the total of a route, how it is made, and which input moves it most."""
    what = burden.replace("_", " ")
    first = swings[0] if swings else None
    known = [(row["step"], row[burden]) for row in steps if row[burden]]
    largest = max(known, key=lambda item: item[1], default=None)
    made = f"{text.count(len(steps), 'step')}"
    made += (
        f", most in {largest[0]} ({text.digits(largest[1])} {unit})" if largest else f", none with a figure of {what}"
    )
    if first is None or first["at_best"] is None:
        return [f"{what.capitalize()} of {name}: no whole total; {made}."]
    moved = f"{first['moved']} moves it most: {text.digits(first['at_low'])} to {text.digits(first['at_high'])}"
    return [f"{what.capitalize()} of {name} {text.digits(first['at_best'])} {unit} in {made}; {moved}."]


def amount(row: Mapping[str, Any]) -> str:
    """Return "33.4 t/t (26.7–44.2)"."""
    band = text.span(row["low"], row["high"], "")
    return f"{text.digits(row['value'])} {row['unit']}" + (f" ({band})" if band else "")


def _place(row: Mapping[str, Any]) -> str:
    """Return " in IND" for plants of a named place."""
    return f" in {row['place']}" if len(row["place"]) == 3 else ""
