"""Technologies that need minerals, what is said of them ahead, and what of them is recovered at the end of life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from khanij import reference
from khanij.core.range import ENDS, Range
from khanij.reference import records
from khanij.reference.records import column


def _ends(row: Mapping[str, str], name: str) -> Range | None:
    """Return the range of the columns NAME_low, NAME_best and NAME_high; None where they are empty."""
    cells = [row[f"{name}_{end}"] for end in ENDS]
    return Range(*map(float, cells), row["source"], row["confidence"]) if any(cells) else None


def _range(row: Mapping[str, str]) -> Range:
    """Return the range of a row whose best figure is `value`; an end that is not given is the value."""
    value = row["value"]
    ends = (float(row["low"] or value), float(value), float(row["high"] or value))
    return Range(*ends, row["source"], row["confidence"], row["note"])


@dataclass(frozen=True, slots=True)
class Technology:
    """One row of technologies.csv.

    unit       in which it is counted      parent  of whose market it is a part, "" for none
    intensity  technology whose figures of material by unit it shares, "" for its own
    material   material of which it is counted in tonnes, "" for none
    products   products of products.csv that it counts
    lifetime   years, and shape of its Weibull distribution; None where the parent's holds, or none is known
    """

    id: str
    name: str
    family: str
    unit: str
    parent: str
    intensity: str
    material: str
    products: tuple[str, ...]
    lifetime: Range | None = column(made=lambda row: _ends(row, "lifetime"))
    shape: Range | None = column(made=lambda row: _ends(row, "shape"))


@dataclass(frozen=True, slots=True)
class ScenarioFigure:
    """One row of demand_scenarios.csv: a figure of a technology or of the economy in a year, "*" = any.

    material  whose figure it is, "" for all of them      year  None for a figure that holds in every year
    """

    focus: str
    scenario: str
    technology: str
    material: str
    measure: str
    year: int | None = column(made=lambda row: int(row["year"]) if row["year"] else None)
    range: Range = column(made=_range)


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """One row of end_of_life.csv: the part of what leaves use that is collected, and of that what is recovered."""

    family: str
    material: str = column(among=reference.materials)
    case: str
    collection: float
    recovery: float


@cache
def technologies() -> dict[str, Technology]:
    """Return every technology by id."""
    return records.keyed(Technology, "technologies", "id")


@cache
def scenario_figures() -> tuple[ScenarioFigure, ...]:
    """Return every figure of the scenarios, in the order of the table."""
    return records.read(ScenarioFigure, "demand_scenarios")


def default_scenario(focus: str) -> str:
    """Return the scenario that holds for a focus where none is asked: the state's own, else the IEA's."""
    stated = [row.scenario for row in scenario_figures() if row.focus == focus and row.measure == "default"]
    return stated[0] if stated else "steps"


def paths_to(focus: str, year: int) -> dict[str, int]:
    """Return scenario -> technologies of a focus whose path it states up to a year, or beyond; none without any."""
    found: dict[str, set[str]] = {}
    for row in scenario_figures():
        if row.focus == focus and row.measure in ("stock", "inflow", "sales-share") and (row.year or 0) >= year:
            found.setdefault(row.scenario, set()).add(row.technology)
    return {scenario: len(named) for scenario, named in found.items()}


@cache
def end_of_life() -> tuple[EndOfLife, ...]:
    """Return every row on the end of life, in the order of the table."""
    return records.read(EndOfLife, "end_of_life")
