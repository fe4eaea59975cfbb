"""What entered a number: the values that a method read of the countries and years that count, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.inputs.lineage import FLOWS, WITHOUT, Cell
from khanij.core.case import Case
from khanij.core.cube import Cube

PLACES = ("country", "exporter", "importer")
ADDITIVE = ("production", "trade", "trade_value", "trade_massless", "reserves", "use_share")
SHARES = "_supply_share"


def value_at(cube: Cube, place: Mapping[str, tuple[str, int]]) -> float:
    """Return the value of a dense cube at a place."""
    return float(cube.values[tuple(place[axis.name][1] for axis in cube.axes)])


def cell_of(case: Case, place: Mapping[str, tuple[str, int]], material: str, year: int) -> Cell:
    """Return which facts lie under the number: a group's members with it, the chain's stages if it has no stage."""
    known = reference.materials()
    members = [id for id, m in known.items() if m.parent == material]
    codes, axis = case.axis("country").codes, case.axis("year").at(str(year))
    focal = case.array("membership", "focus", "country", "year")[0, :, axis] > 0
    countries = tuple(code for code, is_member in zip(codes, focal, strict=True) if is_member)
    stages = (place["stage"][0],) if "stage" in place else None
    return Cell((material, *members), stages, year, countries)


def places(case: Case, quantities: Iterable[str], cell: Cell) -> tuple[str, ...]:
    """Return the countries whose attributes count: producers, suppliers and buyers of the cell, and the focus."""
    found: set[str] = set(cell.members)
    for quantity in quantities:
        if quantity not in case.cubes or not {"country", "exporter"} & {a.name for a in case.cube(quantity).axes}:
            continue
        if quantity in ("production", "reserves", *FLOWS) or quantity.endswith("_share"):
            for row in entered(case, quantity, cell, [cell.year]):
                found |= {row[name] for name in PLACES if row.get(name)}
    return tuple(sorted(found))


def weights(case: Case, quantities: Iterable[str], cell: Cell) -> dict[str, float]:
    """Return country -> its largest share in an amount of the cell: how much its attributes weigh."""
    weight: dict[str, float] = {}
    for quantity in quantities:
        if quantity in ADDITIVE or quantity.endswith(SHARES):
            for row in entered(case, quantity, cell, [cell.year]):
                share = row.get("share", row["value"]) or 0.0
                for name in PLACES:
                    if row.get(name):
                        weight[row[name]] = max(weight.get(row[name], 0.0), share)
    return weight


def ordered(rows: list[dict[str, Any]], own: Sequence[str], weight: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the rows quantity by quantity: own output first, amounts by size, attributes by their country's weight."""

    def rank(row: Mapping[str, Any]) -> tuple[bool, float]:
        country, value = row.get("country") or "", row.get("entered", row["value"])
        if row["quantity"] in ADDITIVE or row["quantity"].endswith(SHARES):
            return not (row["quantity"] == "production" and country in own), -abs(value or 0.0)
        return False, -weight.get(country, 0.0)

    order = {quantity: k for k, quantity in enumerate(dict.fromkeys(row["quantity"] for row in rows))}
    return sorted(rows, key=lambda row: (order[row["quantity"]], *rank(row)))


def entered(case: Case, quantity: str, cell: Cell, years: Sequence[int]) -> list[dict[str, Any]]:
    """Return the values of a quantity in the cell, largest first, with their share of the sum where there is one."""
    cube = case.cube(quantity)
    if quantity in WITHOUT:
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
