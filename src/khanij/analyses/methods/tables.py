"""Methods and their values as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.core.registry import Method, Variable
from khanij.core.result import Result
from khanij.core.table import Column, Table
from khanij.reference import columns
from khanij.reference.names import country_name

METHODS = ("method", "method_kind", "what", "variables", "axes", "parameters", "needs", "method_reference")
LABELS = ("material", "stage", "focus", "partner", "year")
VALUES = (*LABELS, "value", "low", "high", "unit", "notes", "sources", "method")
AXES = {  # axis of a variable beside LABELS -> key of its column
    name: "end_use" if name == "use" else name
    for name in ("country", "month", "technology", "use", "route", "step", "flow", "sector", "dimension", "draw")
}
SHARES = frozenset(  # variables of the registry that are parts of a whole, and are told as per cent
    """
    companion_share exposure extraction import_reliance loss processing recycling re_export_share self_sufficiency share
    shortage third_country unknown unscored_share use_loss world_share used probability
    """.split()
)
TABLES = {"methods": {"methods": METHODS}, "run": {"values": VALUES}}


def named(method: Method, variable: Variable, focus: str = "") -> str:
    """Return what a variable of a method is in words, of a country where one alone is asked about."""
    title = method.title.rstrip(".").replace("a focus", country_name(focus)) if focus else method.title.rstrip(".")
    plain = len(method.variables) == 1 or (method.kind == "indicator" and variable is method.variables[0])
    return title if plain else f"{title}: {variable.name.replace('_', ' ')}"


def listing(methods: Iterable[Method]) -> Table:
    """Return one row a method."""
    rows = [
        {
            "method": m.id,
            "method_kind": m.kind,
            "what": m.title,
            "variables": ", ".join(f"{x.name} ({x.unit})" for x in m.variables),
            "axes": ", ".join(m.variables[0].axes),
            "parameters": ", ".join(f"{name}={default!r}" for name, default in m.parameters.items()),
            "needs": ", ".join(m.needs),
            "method_reference": m.reference,
        }
        for m in methods
    ]
    return columns.table("methods", "methods", rows, METHODS, main=("method", "method_kind", "what"))


def rows(result: Result, variable: str, own: str = "") -> list[dict[str, Any]]:
    """Return one row a value of a variable; one of several partners, the largest first; of countries, one's own first.

    own  the country that the question is about, "" = none
    """
    found = [{AXES.get(key, key): cell for key, cell in row.items()} for row in result.table(variable).rows()]
    if any(row["partner"] is not None for row in found):
        order = {key: at for at, key in enumerate(dict.fromkeys(map(_place, found)))}
        found.sort(key=lambda row: (order[_place(row)], row["value"] is None, -(row["value"] or 0.0)))
    if own and "country" in (found[0] if found else ()):
        found.sort(key=lambda row: row["country"] != own)
    return found


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the labels of a row but its partner."""
    return tuple(row[name] for name in LABELS if name != "partner")


def values(method: Method, variable: Variable, rows: Sequence[Mapping[str, Any]], notes: Iterable[str]) -> Table:
    """Return the values of one variable of a method."""
    extra = tuple(key for key in AXES.values() if rows and key in rows[0])
    keys = (*LABELS[:-1], *extra, *VALUES[VALUES.index("year") :])
    held = {key for key in (*LABELS, *extra) if any(row[key] is not None for row in rows)}
    many = {key for key in ("focus",) if len({row[key] for row in rows} - {None}) < 2}
    shown = [key for key in (*LABELS, *extra) if key in held - many] + ["value", "low", "high"]
    shown += ["notes"] if any(row["value"] is None and row["stage"] for row in rows) else []
    foci = {row["focus"] for row in rows}
    title = named(method, variable, foci.pop() or "" if len(foci) == 1 else "")
    title += f" ({variable.unit})" if variable.unit != "1" else ""
    more = [quantity(variable, "value"), *(quantity(variable, key) for key in ("low", "high"))]
    return columns.table("values", title, rows, keys, notes=notes, more=more, main=shown)


def quantity(variable: Variable, key: str, name: str = "") -> Column:
    """Return the column of a variable's values: with its unit, as per cent where it is a part of a whole."""
    kind = "share" if variable.name in SHARES else "number"
    unit = "" if variable.unit == "1" else variable.unit
    if key in columns.columns():
        meaning = variable.meaning if key == "value" else columns.columns()[key].meaning
        return columns.column(key, kind=kind, unit=unit, meaning=meaning)
    return Column(key, name or key, kind, variable.meaning, unit, True)
