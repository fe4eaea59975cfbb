"""How much a country will need, how much of it can come back, and how that compares, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from khanij.core.cube import Cube
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.demand.agreement import BESIDE
from khanij.reference import columns
from khanij.reference.names import country_name

NEED = (
    *("material", "year", "technologies", "low", "high", "base", "base_low", "base_high", "recoverable"),
    *("base_scrap", "part_of_world", "need_growth", "missing"),
)
BY_TECHNOLOGY = ("material", "technology", "year", "demand", "low", "high", "retired", "recoverable", "missing")
STATED = (
    *("focus", "scenario", "technology", "stated", "year", "value", "low", "high", "unit", "source", "confidence"),
    "note",
)
TABLES = {"demand": {"demand": NEED, "agreement": BESIDE, "technologies": BY_TECHNOLOGY, "scenarios": STATED}}
ENDED = "the path of a technology that needs it has ended: no later figure of the scenario is on record"


def rows(found: Mapping[str, Result], years: Sequence[int]) -> list[dict[str, Any]]:
    """Return one row a material and year: need of technologies with range, base demand, scrap, the IEA's view.

    found  results of demand.run      years  those that are shown
    Materials without any figure are left out.
    """
    total, demand = found["demand"].variable("total"), found["demand"].value
    base, world = found["base"].value, found["world"].variable("total")
    melted, growth = found["base"].variable("scrap"), found["growth"].value
    recovered = _over_technologies(found["scrap"].value)
    made = []
    for m, material in enumerate(total.axis("material").codes):
        known = [cube.values[0, m] for cube in (total, base, world)] + [demand.values[0, :, m]]
        if all(np.isnan(values).all() for values in known):
            continue
        for year in years:
            y = total.axis("year").at(str(year))
            begun = not np.isnan(demand.values[0, :, m, : y + 1]).all()
            figures = (
                *(_at(end, m, y) for end in (total.values, total.low, total.high)),
                *(_at(end, m, y) for end in (base.values, base.low, base.high)),
                _at(recovered, m, y),
                _at(melted.values, m, y),
                _at(world.values, m, y),
                _at(growth.values, m, y),
            )
            why = ENDED if begun and figures[0] is None else ""
            made.append(dict(zip(NEED, (material, year, *figures, why), strict=True)))
    return made


def technology_rows(found: Mapping[str, Result], years: Sequence[int]) -> list[dict[str, Any]]:
    """Return one row a material, technology and year: need with range, retired and recoverable tonnes."""
    demand, scrap = found["demand"].value, found["scrap"]
    technologies = demand.axis("technology").codes
    made = []
    for k, m in np.argwhere(~np.isnan(demand.values[0]).all(axis=-1)):
        for year in years:
            y = demand.axis("year").at(str(year))
            made.append(
                {
                    "material": demand.axis("material").codes[m],
                    "technology": technologies[k],
                    "year": year,
                    "demand": _cell(demand.values[0, k, m, y]),
                    "low": None if demand.low is None else _cell(demand.low[0, k, m, y]),
                    "high": None if demand.high is None else _cell(demand.high[0, k, m, y]),
                    "retired": _cell(scrap.variable("retired").values[0, k, m, y]),
                    "recoverable": _cell(scrap.value.values[0, k, m, y]),
                    "missing": "",
                }
            )
    return sorted(made, key=lambda row: (row["material"], row["technology"], row["year"]))


def need(rows: Iterable[Mapping[str, Any]], focus: str, scenario: str, notes: Iterable[str]) -> Table:
    """Return the need of each material by year."""
    title = f"demand of {country_name(focus)}, scenario {scenario}, a year"
    shown = ("material", "year", "technologies", "low", "high", "base", "recoverable", "base_scrap", "need_growth")
    return columns.table("demand", title, rows, NEED, notes=notes, units={"low": "t", "high": "t"}, main=shown)


def agreement(rows: Iterable[Mapping[str, Any]], focus: str) -> Table:
    """Return how far the two ways part."""
    title = f"need of {country_name(focus)}, counted from its uses and as its part of the world's"
    shown = ("material", "year", "bottom_up", "part_of_world", "ways_ratio", "within", "reason")
    return columns.table("agreement", title, rows, BESIDE, main=shown)


def by_technology(rows: Iterable[Mapping[str, Any]], focus: str, scenario: str, notes: Iterable[str]) -> Table:
    """Return the need of each material and technology by year."""
    title = f"demand of {country_name(focus)} by technology, scenario {scenario}, a year"
    shown = ("material", "technology", "year", "demand", "low", "high", "recoverable")
    units = {"low": "t", "high": "t"}
    return columns.table("technologies", title, rows, BY_TECHNOLOGY, notes=notes, units=units, main=shown)


def stated(rows: Iterable[Mapping[str, str]]) -> Table:
    """Return every stated figure of every scenario with its source and how sure it is."""
    told = []
    for row in rows:
        figures = {name: float(row[name]) if row[name] else None for name in ("value", "low", "high")}
        told.append({**row, **figures, "year": int(row["year"]) if row["year"] else None, "stated": row["measure"]})
    told = [{key: row[key] for key in STATED} for row in told]
    shown = ("focus", "scenario", "technology", "stated", "year", "value", "unit", "source")
    return columns.table("scenarios", "what the scenarios of demand state", told, STATED, main=shown)


def _over_technologies(cube: Cube) -> np.ndarray:
    """Return (focus, material, year) sums over technologies of what is known; nan where nothing is."""
    known = ~np.isnan(cube.values)
    return np.where(known.any(axis=1), np.where(known, cube.values, 0.0).sum(axis=1), np.nan)


def _at(values: np.ndarray | None, material: int, year: int) -> float | None:
    """Return one figure of the only focus, None if there is none."""
    return None if values is None else _cell(values[0, material, year])


def _cell(value: float) -> float | None:
    """Return a figure, None for nan."""
    return None if np.isnan(value) else float(value)
