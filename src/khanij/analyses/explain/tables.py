"""One number followed down: its equation, what entered, the fact rows behind it, and the works that they cite."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.data.lookup import lineage
from khanij.data.lookup.lineage import Cell

PLACES = ("country", "exporter", "importer")
ADDITIVE = ("production", "trade", "trade_value", "trade_massless", "reserves", "use_share")
NEWEST = 2024  # the latest year for which trade in tonnes and output are both in the store
ASSESSED = range(2016, NEWEST + 1)  # years of the governance scores that measures without years look at
SHARES = "_supply_share"
UNCORRECTED = "peer_"


def _value(cube: Cube, place: Mapping[str, tuple[str, int]]) -> float:
    """Return the value of a dense cube at a place."""
    return float(cube.values[tuple(place[axis.name][1] for axis in cube.axes)])


def _cell(case: Case, place: Mapping[str, tuple[str, int]], material: str, year: int) -> Cell:
    """Return which facts lie under the number: a group's members with it, the chain's stages if it has no stage."""
    known = reference.materials()
    members = [id for id, m in known.items() if m.parent == material]
    codes, axis = case.axis("country").codes, case.axis("year").at(str(year))
    focal = case.array("membership", "focus", "country", "year")[0, :, axis] > 0
    countries = tuple(code for code, is_member in zip(codes, focal, strict=True) if is_member)
    stages = (place["stage"][0],) if "stage" in place else None
    return Cell((material, *members), stages, year, countries)


def _places(case: Case, quantities: Iterable[str], cell: Cell) -> tuple[str, ...]:
    """Return the countries whose attributes count: producers, suppliers and buyers of the cell, and the focus."""
    found: set[str] = set(cell.members)
    for quantity in quantities:
        if quantity not in case.cubes or not {"country", "exporter"} & {a.name for a in case.cube(quantity).axes}:
            continue
        if quantity in ("production", "reserves", *lineage.FLOWS) or quantity.endswith("_share"):
            for row in _entered(case, quantity, cell, [cell.year]):
                found |= {row[name] for name in PLACES if row.get(name)}
    return tuple(sorted(found))


def _weights(case: Case, quantities: Iterable[str], cell: Cell) -> dict[str, float]:
    """Return country -> its largest share in an amount of the cell: how much its attributes weigh."""
    weight: dict[str, float] = {}
    for quantity in quantities:
        if quantity in ADDITIVE or quantity.endswith(SHARES):
            for row in _entered(case, quantity, cell, [cell.year]):
                share = row.get("share", row["value"]) or 0.0
                for name in PLACES:
                    if row.get(name):
                        weight[row[name]] = max(weight.get(row[name], 0.0), share)
    return weight


def _ordered(rows: list[dict[str, Any]], own: Sequence[str], weight: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the rows quantity by quantity: own output first, amounts by size, attributes by their country's weight."""

    def rank(row: Mapping[str, Any]) -> tuple[bool, float]:
        country, value = row.get("country") or "", row.get("entered", row["value"])
        if row["quantity"] in ADDITIVE or row["quantity"].endswith(SHARES):
            return not (row["quantity"] == "production" and country in own), -abs(value or 0.0)
        return False, -weight.get(country, 0.0)

    order = {quantity: k for k, quantity in enumerate(dict.fromkeys(row["quantity"] for row in rows))}
    return sorted(rows, key=lambda row: (order[row["quantity"]], *rank(row)))


def _entered(case: Case, quantity: str, cell: Cell, years: Sequence[int]) -> list[dict[str, Any]]:
    """Return the values of a quantity in the cell, largest first, with their share of the sum where there is one."""
    cube = case.cube(quantity)
    if quantity in lineage.WITHOUT:
        return []
    names = [axis.name for axis in cube.axes]
    entries = np.nonzero(~np.isnan(cube.values)) if cube.at is None else tuple(cube.at)
    fits = np.ones(len(entries[0]), dtype=bool)
    wanted: dict[str, Iterable[str]] = {"material": cell.materials, "year": tuple(map(str, years))}
    wanted |= {"stage": cell.stages} if cell.stages is not None else {}
    if cell.countries:
        wanted |= {"country": cell.countries}
    for k, name in enumerate(names):
        if name in wanted:
            here = np.isin(np.array(cube.axes[k].codes), list(wanted[name]))
            fits &= here[entries[k]]
    if "exporter" in names:
        focal = np.isin(np.array(cube.axes[names.index("exporter")].codes), cell.members)
        fits &= focal[entries[names.index("exporter")]] | focal[entries[names.index("importer")]]
    rows = []
    for at in np.nonzero(fits)[0]:
        position = tuple(k[at] for k in entries) if cube.at is None else (at,)
        labels = {name: cube.axes[k].codes[entries[k][at]] for k, name in enumerate(names)}
        rows.append(_value_row(cube, quantity, labels, position))
    rows = [row for row in rows if row["value"] != 0 or "country" not in row] or rows[:1]
    rows.sort(key=lambda row: -abs(row["value"]))
    if quantity in ADDITIVE:
        whole = sum(row["value"] for row in rows)
        for row in rows:
            row["share"] = row["value"] / whole if whole else None
    return rows


def _value_row(cube: Cube, quantity: str, labels: Mapping[str, str], at: tuple[Any, ...]) -> dict[str, Any]:
    """Return one value with its labels, range and source."""
    row: dict[str, Any] = {"quantity": quantity, **labels, "value": float(cube.values[at])}
    for name, bound in (("low", cube.low), ("high", cube.high)):
        row[name] = None if bound is None or np.isnan(bound[at]) else float(bound[at])
    source = cube.origin[at] if cube.origin is not None else -1
    known = cube.sources[source] if source >= 0 else "; ".join(cube.sources) if cube.origin is None else ""
    return {**row, "unit": cube.unit, "source": known}


def _built(case: Case, quantities: Iterable[str]) -> tuple[str, ...]:
    """Return what was decided while the cubes were built."""
    return tuple(dict.fromkeys(note for q in quantities if q in case.cubes for note in case.cube(q).notes))


def _cut(title: str, rows: list[dict[str, Any]], top: int | None, notes: tuple[str, ...]) -> Table:
    """Return the rows as a table, at most `top` a quantity, and a note on what is not shown."""
    if not rows:
        return Table.by_column(title, {}, notes=notes)
    names = list(dict.fromkeys(name for row in rows for name in row))
    held: dict[str, int] = {}
    kept = []
    for row in rows:
        held[row["quantity"]] = held.get(row["quantity"], 0) + 1
        if top is None or held[row["quantity"]] <= top:
            kept.append({name: row.get(name) for name in names})
    cut = ", ".join(f"{quantity} {count:,}" for quantity, count in held.items() if top is not None and count > top)
    more = (f"the largest {top} of each are shown; in all {cut}",) if cut else ()
    return Table.of(title, kept, notes=(*more, *notes))


def equation(method: Method) -> str:
    """Return the equation of a method: the paragraph after the first line of its docstring."""
    parts = (inspect.getdoc(method.function) or "").split("\n\n")
    return " ".join(parts[1].split()) if len(parts) > 1 else ""


def _number(
    method: Method, result: Result, cube: Cube, place: Mapping[str, tuple[str, int]], notes: tuple[str, ...]
) -> Table:
    """Return what the number is: its value, equation, parameters, other measures of the cell and remarks."""
    at = tuple(place[axis.name][1] for axis in cube.axes)
    rows: list[tuple[str, Any]] = [("method", method.id), ("what", method.title), ("measure", cube.quantity)]
    meaning = next((m.meaning for m in method.measures if m.name == cube.quantity), "")
    rows += [("meaning", meaning), *((name, label) for name, (label, _) in place.items())]
    rows += [("value", _shown(cube.values[at])), ("unit", cube.unit)]
    for name, bound in (("low", cube.low), ("high", cube.high)):
        rows += [(name, _shown(bound[at]))] if bound is not None and not np.isnan(bound[at]) else []
    rows += [("equation", equation(method)), ("reference", method.reference)]
    rows += [(f"parameter {name}", str(value)) for name, value in result.trace.parameters.items()]
    for name, other in result.measures.items():
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
    rows.append(("facts and tables", result.trace.manifest))
    title = " ".join((method.id, *(label for label, _ in place.values())))
    return Table.by_column(title, {"field": [r[0] for r in rows], "value": [r[1] for r in rows]}, notes=notes)


def _others(cube: Cube, place: Mapping[str, tuple[str, int]]) -> str:
    """Return the values at the other stages, as text."""
    if "stage" not in place:
        return ""
    stages = cube.axis("stage").codes
    line = {code: _value(cube, {**place, "stage": (code, k)}) for k, code in enumerate(stages)}
    return ", ".join(f"{s} {_shown(v)}" for s, v in line.items() if s != place["stage"][0] and not np.isnan(v))


def _shown(value: Any) -> str:
    """Return a figure with six digits, text as it is."""
    return str(value) if isinstance(value, str) else "not known" if np.isnan(value) else f"{float(value):.6g}"
