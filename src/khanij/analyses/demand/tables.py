"""How much a country will need, how much of it can come back, and how that compares: demand for every face."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

import khanij.demand  # noqa: F401  (registers its methods)
from khanij.analyses.demand.run import milestones, results
from khanij.core.cube import Cube
from khanij.core.table import Table

COLUMNS = (
    "material",
    "year",
    "technologies",
    "low",
    "high",
    "base",
    "base_low",
    "base_high",
    "recoverable",
    "part_of_world",
    "missing",
)
TONNES = ("technologies", "low", "high", "base", "base_low", "base_high", "recoverable", "part_of_world")
ENDED = "the path of a technology that needs it has ended"


def table(
    focus: str,
    scenario: str,
    since: int = 2025,
    to: int = 2047,
    materials: Iterable[str] | None = None,
    every: int = 5,
    **settings: Any,
) -> Table:
    """Return one row a material and year: need of technologies with range, base demand, scrap, the IEA's view.

    Materials without any figure are left out and named in the notes; a cell without a figure is empty, never 0.
    """
    found = results(focus, scenario, since, to, materials, **settings)
    total, demand = found["demand"].measure("total"), found["demand"].value
    base, world = found["base"].value, found["world"].measure("total")
    scrap = found["scrap"].value
    recovered = _over_technologies(scrap)
    rows, silent = [], []
    for m, material in enumerate(total.axis("material").codes):
        if (
            all(np.isnan(values[0, m]).all() for values in (total.values, base.values, world.values))
            and np.isnan(demand.values[0, :, m]).all()
        ):
            silent.append(material)
            continue
        for year in milestones(since, to, every):
            y = total.axis("year").at(str(year))
            begun = not np.isnan(demand.values[0, :, m, : y + 1]).all()
            figures = (
                *(_at(end, m, y) for end in (total.values, total.low, total.high)),
                *(_at(end, m, y) for end in (base.values, base.low, base.high)),
                _at(recovered, m, y),
                _at(world.values, m, y),
            )
            why = ENDED if begun and figures[0] is None else ""
            rows.append(dict(zip(COLUMNS, (material, year, *figures, why), strict=True)))
    texts = [note for result in found.values() for note in result.trace.notes]
    if silent:
        texts.append(f"no figure for {len(silent)} materials: {', '.join(silent)}")
    title = f"demand of {focus}, scenario {scenario}, t a year"
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    return Table.by_column(title, columns, units=dict.fromkeys(TONNES, "t"), notes=tuple(dict.fromkeys(texts)))


def by_technology(
    focus: str,
    scenario: str,
    since: int = 2025,
    to: int = 2047,
    materials: Iterable[str] | None = None,
    every: int = 5,
    **settings: Any,
) -> Table:
    """Return one row a material, technology and year: need with range, retired and recoverable tonnes."""
    found = results(focus, scenario, since, to, materials, **settings)
    demand, scrap = found["demand"].value, found["scrap"]
    rows = []
    technologies, years = demand.axis("technology").codes, demand.axis("year")
    for k, m in np.argwhere(~np.isnan(demand.values[0]).all(axis=-1)):
        for year in milestones(since, to, every):
            y = years.at(str(year))
            rows.append(
                {
                    "material": demand.axis("material").codes[m],
                    "technology": technologies[k],
                    "year": year,
                    "demand": _cell(demand.values[0, k, m, y]),
                    "low": None if demand.low is None else _cell(demand.low[0, k, m, y]),
                    "high": None if demand.high is None else _cell(demand.high[0, k, m, y]),
                    "retired": _cell(scrap.measure("retired").values[0, k, m, y]),
                    "recoverable": _cell(scrap.value.values[0, k, m, y]),
                }
            )
    rows.sort(key=lambda row: (row["material"], row["technology"], row["year"]))
    units = dict.fromkeys(("demand", "low", "high", "retired", "recoverable"), "t")
    title = f"demand of {focus} by technology, scenario {scenario}, t a year"
    return Table.of(title, rows, units=units, notes=found["demand"].trace.notes)


def listing() -> Table:
    """Return every stated figure of every scenario with its source and how sure it is."""
    from khanij import reference

    return Table.of("demand scenarios", reference.rows("demand_scenarios"))


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
