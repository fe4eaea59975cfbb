"""One number followed down, table by table: what it is, what entered, facts, reference rows, sources."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from khanij.core.cube import Cube
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.core.table import Column, Table
from khanij.reference import columns

NUMBER = ("field", "text")
ENTERED = (
    *("quantity", "material", "stage", "country", "exporter", "importer", "year", "dimension", "value", "share"),
    *("unit", "low", "high", "source"),
)
FACTS = (
    *("quantity", "material", "stage", "country", "partner", "item", "year", "month", "value", "unit", "factor"),
    *("entered", "low", "high", "basis", "status", "confidence", "source", "edition", "row", "note"),
)
REFERENCE = ("table", "key", "what", "value", "low", "high", "unit", "confidence", "cites", "citation", "note")
SOURCES = ("source", "title", "producer", "citation", "licence", "landing", "note")
TABLES = {
    "explain": {
        "number": NUMBER,
        "entered": ENTERED,
        "facts": FACTS,
        "reference_rows": REFERENCE,
        "sources": SOURCES,
    }
}


def entered(rows: Sequence[Mapping[str, Any]], top: int | None) -> Table:
    """Return the values that entered, at most `top` a quantity; those on other axes than usual with these axes too."""
    used = {name for row in rows for name in row}
    others = sorted(used - set(ENTERED))
    keys = (*(key for key in ENTERED if key in used), *others)
    kept, notes = _cut(rows, top)
    told = [{**dict.fromkeys(keys), **row, "year": _year(row.get("year"))} for row in kept]
    more = [Column(key, key.replace("_", " ").capitalize(), "text", f"code on the axis {key}") for key in others]
    more = [column for column in more if column.key not in columns.columns()]
    shown = ("quantity", "stage", "country", "exporter", "importer", "value", "share", "unit")
    told = [{key: row[key] for key in (*keys, *(("year",) if "year" not in keys else ()))} for row in told]
    return columns.table("entered", "what entered", told, keys, notes=notes, more=more, main=shown)


def _year(code: str | None) -> int | None:
    """Return a year as a number."""
    return None if code is None else int(code)


def facts(rows: Sequence[Mapping[str, Any]], top: int | None, notes: Iterable[str]) -> Table:
    """Return the fact rows, at most `top` a quantity."""
    kept, cut = _cut(rows, top)
    shown = ("quantity", "stage", "country", "partner", "year", "value", "unit", "source", "row")
    return columns.table("facts", "facts", kept, FACTS, notes=(*cut, *notes), main=shown)


def reference_rows(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return the rows of reference tables that the facts went through."""
    shown = ("table", "key", "what", "value", "unit")
    return columns.table("reference_rows", "reference tables", rows, REFERENCE, main=shown)


def sources(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return the records of the sources."""
    return columns.table("sources", "sources", rows, SOURCES, main=("source", "title", "citation"))


def _cut(rows: Sequence[Mapping[str, Any]], top: int | None) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """Return at most `top` rows a quantity, and a note on what is not shown."""
    held: dict[str, int] = {}
    kept = []
    for row in rows:
        held[row["quantity"]] = held.get(row["quantity"], 0) + 1
        if top is None or held[row["quantity"]] <= top:
            kept.append(row)
    cut = ", ".join(f"{quantity} {count:,}" for quantity, count in held.items() if top is not None and count > top)
    return kept, (f"the largest {top} of each are shown; in all {cut}",) if cut else ()


def equation(method: Method) -> str:
    """Return the equation of a method: the paragraph after the first line of its docstring."""
    parts = (inspect.getdoc(method.function) or "").split("\n\n")
    return " ".join(parts[1].split()) if len(parts) > 1 else ""


def number(
    method: Method, result: Result, cube: Cube, place: Mapping[str, tuple[str, int]], notes: Iterable[str]
) -> Table:
    """Return what the number is: its value, equation, parameters, other variables of the cell and remarks."""
    at = tuple(place[axis.name][1] for axis in cube.axes)
    rows: list[tuple[str, Any]] = [("method", method.id), ("what", method.title), ("variable", cube.quantity)]
    meaning = next((v.meaning for v in method.variables if v.name == cube.quantity), "")
    rows += [("meaning", meaning), *((name, label) for name, (label, _) in place.items())]
    rows += [("value", _shown(cube.values[at])), ("unit", cube.unit)]
    for name, bound in (("low", cube.low), ("high", cube.high)):
        rows += [(name, _shown(bound[at]))] if bound is not None and not np.isnan(bound[at]) else []
    rows += [("equation", equation(method)), ("reference", method.reference)]
    rows += [(f"parameter {name}", str(value)) for name, value in result.trace.parameters.items()]
    for name, other in result.variables.items():
        axes = {axis.name for axis in other.axes}
        if other is not cube and other.at is None and axes <= set(place):
            value = other.values[tuple(place[axis.name][1] for axis in other.axes)]
            rows.append((f"{name} ({other.unit})", _shown(value)))
    primary = [axis.name for axis in result.value.axes]
    if result.value.at is None and set(primary) <= set(place):
        here = tuple(place[name][1] for name in primary)
        for text, mask in result.remarks.items():
            if mask[here]:
                detail = result.details.get(text)
                rows.append(("remark", text if detail is None else f"{text}: {_shown(detail[here])}"))
    stages = _others(cube, place)
    rows += [("other stages", stages)] if stages else []
    rows += [("facts and tables", result.trace.manifest)] if result.trace.manifest else []
    title = " ".join((method.id, *(label for label, _ in place.values())))
    told = [{"field": field, "text": text} for field, text in rows if text != ""]
    return columns.table("number", title, told, NUMBER, notes=notes)


def _others(cube: Cube, place: Mapping[str, tuple[str, int]]) -> str:
    """Return the values at the other stages, as text."""
    if "stage" not in place:
        return ""
    line = {}
    for k, code in enumerate(cube.axis("stage").codes):
        line[code] = cube.values[tuple(k if a.name == "stage" else place[a.name][1] for a in cube.axes)]
    return ", ".join(f"{s} {_shown(v)}" for s, v in line.items() if s != place["stage"][0] and not np.isnan(v))


def _shown(value: Any) -> str:
    """Return a figure with six digits, text as it is."""
    return str(value) if isinstance(value, str) else "not known" if np.isnan(value) else f"{float(value):.6g}"
