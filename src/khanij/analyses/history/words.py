"""An indicator through the years in sentences: what moved most, from what to what, and what moved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from khanij.analyses.history.tables import PARTS
from khanij.analyses.methods.tables import named
from khanij.analyses.methods.words import figure
from khanij.core.registry import Method, Variable
from khanij.present import text

NAMED = 3  # series named in a sentence


def series(method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return from what to what the series went that moved most, their extremes, and over how many breaks."""
    lines: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault((row["material"], row["stage"]), []).append(row)
    known = {key: [row for row in line if row["value"] is not None] for key, line in lines.items()}
    ranked = sorted(known.items(), key=lambda item: -abs(item[1][-1]["value"] - item[1][0]["value"]))
    told = []
    for key, line in ranked[:NAMED]:
        first, last, top = line[0], line[-1], max(line, key=lambda row: row["value"])
        said = f"{' '.join(filter(None, key))} {figure(first, variable)} in {first['year']}"
        said += f", {figure(last, variable)} in {last['year']}" if len(line) > 1 else ""
        said += f", highest {figure(top, variable)} in {top['year']}" if top not in (first, last) else ""
        breaks = sum(bool(row["break"]) for row in lines[key])
        told.append(said + (f" over {text.count(breaks, 'break')} of the data" if breaks else ""))
    rest = len(ranked) - len(told)
    more = f"; {text.count(rest, 'other series', 'other series')} moved less" if rest else ""
    return [f"{named(method, variable, focus)}: {'; '.join(told)}{more}."]


def changes(method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how far the indicator went where it moved most, and which part did most of it."""
    told = []
    for row in sorted(rows, key=lambda row: -abs(row["change"]))[:NAMED]:
        before, after = ({"value": row[key], "low": None, "high": None} for key in ("value_before", "value_after"))
        parts = {name: row[name] for name in PARTS if row[name]}
        most = max(parts, key=lambda name: abs(parts[name]), default="")
        why = f", most of it by {most} ({parts[most]:+.2g})" if most else f" ({row['notes']})" if row["notes"] else ""
        good = " ".join(filter(None, (row["material"], row["stage"])))
        told.append(f"{good} {figure(before, variable)} to {figure(after, variable)}{why}")
    span = f"{rows[0]['from_year']} to {rows[0]['to_year']}"
    return [f"{named(method, variable, focus)}, {span}: {'; '.join(told)}."]
