"""An indicator through the years: its series with every break of the data, and what moved it between two years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from khanij.analyses.methods.tables import SHARES, quantity
from khanij.core.registry import Method, Variable
from khanij.core.table import Table
from khanij.reference import columns
from khanij.reference.names import country_name

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
TABLES = {"history": {"series": SERIES, "changes": CHANGES}}
BREAK = "break: the year whose facts are of another kind than those of the year before"
SHAPLEY = "parts: Shapley values, mean over every order in which the inputs could have changed; they add up"


def series(
    method: Method, variable: Variable, focus: str, rows: Sequence[Mapping[str, Any]], notes: Iterable[str]
) -> Table:
    """Return the series of an indicator."""
    more = [quantity(variable, key) for key in ("value", "low", "high")]
    shown = ["material", "stage", "year", "value", "break"]
    shown += ["notes"] if any(row["value"] is None and row["stage"] for row in rows) else []
    title = f"{method.id} of {country_name(focus)}: {variable.name.replace('_', ' ')}"
    return columns.table("series", title, rows, SERIES, notes=(BREAK, *notes), more=more, main=shown)


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
    title = f"{method.id} of {country_name(focus)}: change {span[0]} to {span[1]}"
    told = (SHAPLEY, *(f"{name}: {words}" for name, words in meanings), *notes)
    return columns.table("changes", title, rows, CHANGES, notes=told, more=more, main=shown)
