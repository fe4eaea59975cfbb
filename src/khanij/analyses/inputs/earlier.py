"""The same focus in earlier years, as far as the store holds them: imports by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from khanij.analyses.inputs.cases import case as build
from khanij.core.case import Case
from khanij.core.errors import KhanijError

Flow = tuple[str, str, str]  # material, stage, exporter


def earlier(case: Case, years: Sequence[int], materials: Sequence[str]) -> Case | None:
    """Return the Case of the same foci in other years; None for a Case made by hand or where the store lacks them."""
    if not case.manifest or not materials:
        return None
    try:
        return build(case.axis("focus").codes, tuple(years), tuple(materials))
    except KhanijError:
        return None


def by_exporter(case: Case, year: int = -1) -> Mapping[Flow, float]:
    """Return the imports of a Case's one focus in one of its years by material, stage and exporter, kUSD.

    year  position on the axis of years; the last one if not given. What members of a group send each other is left out
    """
    cube = case.cube("trade_value")
    assert cube.at is not None
    year %= len(case.axis("year"))
    inside = case.array("membership", "focus", "country", "year")[0] > 0
    material, stage, exporter, importer, when = cube.at
    mine = (when == year) & inside[importer, year] & ~inside[exporter, year]
    axes = [axis.codes for axis in cube.axes]
    table: dict[Flow, float] = {}
    for e in np.nonzero(mine)[0]:
        key = (axes[0][material[e]], axes[1][stage[e]], axes[2][exporter[e]])
        table[key] = table.get(key, 0.0) + float(cube.values[e])
    return table


def is_covered(case: Case, key: tuple[str, str]) -> bool:
    """Return whether trade by value of a material and stage has data in every year of a Case."""
    place = tuple(case.axis(name).at(code) for name, code in zip(("material", "stage"), key, strict=True))
    held = case.array("trade_value_covered", "material", "stage", "year") > 0
    return bool(held[place].all())
