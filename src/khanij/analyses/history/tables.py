"""An indicator through the years: its series with every break of the data, and what moved it between two years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from khanij.analyses.methods.tables import SHARES, named, quantity
from khanij.core.number import Trend
from khanij.core.registry import Method, Variable
from khanij.core.table import Table
from khanij.reference import columns

PARTS = ("concentration", "governance", "reliance", "other")
SERIES = ("material", "stage", "focus", "year", "value", "low", "high", "break", "notes", "unit", "sources")
CHANGES = (
    "material",
    "stage",
    "from_year",
    "to_year",
    "value_before",
    "value_after",
    "change",
    "notes",
    *PARTS,
    "break",
    "focus",
)
LINES = ("material", "stage", "series_line", "change", "break")
TABLES = {"history": {"series": SERIES, "lines": LINES, "changes": CHANGES}}
BREAK = "break: the year whose facts are of another kind than those of the year before"
SHAPLEY = "parts: Shapley values, mean over every order in which the inputs could have changed; they add up"


def series(
    method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]], notes: Iterable[str]
) -> Table:
    """Return the series of an indicator."""
    more = [quantity(variable, key) for key in ("value", "low", "high")]
    shown = ["material", "stage", "year", "value", "break"]
    shown += ["notes"] if any(row["value"] is None and row["stage"] for row in rows) else []
    title = named(method, variable, focus)
    return columns.table("series", title, rows, SERIES, notes=(BREAK, *notes), more=more, main=shown)


def lines(method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]], how: str) -> Table:
    """Return the series as small lines with their breaks: one row a mineral and stage, what moved most first.

    rows  of the series      how  the command that gives them
    """
    held: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in rows:
        held.setdefault((row["material"], row["stage"]), []).append(row)
    made = []
    for (material, stage), line in held.items():
        known = [row["value"] for row in line if row["value"] is not None]
        broken = [(row["year"], row["break"]) for row in line if row["break"]]
        sources = tuple(dict.fromkeys(s for row in line for s in (row["sources"] or "").split("; ") if s))
        if not known or not sources:
            continue
        years, values = tuple(row["year"] for row in line), tuple(row["value"] for row in line)
        drawn = Trend(years, values, "index" if method.defaults.index else variable.unit, sources, tuple(broken), how)
        row = {"material": material, "stage": stage, "series_line": drawn, "change": known[-1] - known[0]}
        made.append(row | {"break": "; ".join(str(year) for year, _ in broken)})
    made.sort(key=lambda row: -abs(row["change"]))
    more = [quantity(variable, "change")]
    title = f"{named(method, variable, focus)}: each series as a line"
    return columns.table("lines", title, made, LINES, notes=(BREAK,), more=more, main=LINES)


def changes(
    method: Method,
    variable: Variable,
    focus: str,
    span: tuple[int, int],
    rows: Sequence[Mapping[str, Any]],
    meanings: Iterable[tuple[str, str]],
    notes: Iterable[str],
) -> Table:
    """Return what moved an indicator between two years."""
    kind = "share" if variable.name in SHARES else "number"
    unit = "" if variable.unit == "1" else variable.unit
    more = [
        replace(columns.column(key), kind=kind, unit=unit) for key in ("value_before", "value_after", "change", *PARTS)
    ]
    shown = ["material", "stage", "value_before", "value_after", "change", *PARTS]
    shown += ["notes"] if any(row["notes"] and row["stage"] for row in rows) else []
    title = f"{named(method, variable, focus)}: change {span[0]} to {span[1]}"
    told = (SHAPLEY, *(f"{name}: {words}" for name, words in meanings), *notes)
    return columns.table("changes", title, rows, CHANGES, notes=told, more=more, main=shown)
