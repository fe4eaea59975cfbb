"""How markets answer prices, and how long stocks last: sourced ranges, and the most special row for a question.

A "*" in a table stands for every material, stage, horizon or place. The row that is found is that of the material, else
of the group it belongs to (neodymium: light rare earths, rare earths), else "*"; for one material that of the stage
before that of every stage, then that of the horizon before both. A place comes before all of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from khanij import reference
from khanij.core.errors import CoverageError
from khanij.core.range import Range
from khanij.reference import records
from khanij.reference.records import column

ALL = "*"
HORIZONS = ("year", "long")  # within a year; after about twenty years
# Parameter -> what it is; all without unit.
PARAMETERS = {
    "sigma": "substitution between sources: percent of relative tonnes by percent of relative price",
    "demand": "fall of use by percent of the price that users pay, as a positive number",
    "supply": "rise of output by percent of its own price",
    "spare": "output that idle capacity can add, as part of output",
    "pooled": "part of trade that buyers draw from one world market, not from sellers of their own",
}
# What a figure of stock cover is; planned ones are told, never drawn.
KINDS = ("held", "policy", "planned", "prior")


def _materials() -> tuple[str, ...]:
    """Return what may stand for a material."""
    return (ALL, *reference.materials())


def _stages() -> tuple[str, ...]:
    """Return what may stand for a stage."""
    return (ALL, *reference.STAGES)


def _places() -> tuple[str, ...]:
    """Return what may stand for a place."""
    return (ALL, *reference.countries())


@dataclass(frozen=True, slots=True)
class Elasticity:
    """One row of elasticities.csv; without unit, none below 0."""

    material: str = column(among=_materials)
    stage: str = column(among=_stages)
    parameter: str = column(among=lambda: PARAMETERS)
    horizon: str = column(among=lambda: (ALL, *HORIZONS))
    range: Range


@dataclass(frozen=True, slots=True)
class StockDays:
    """One row of stock_days.csv: days of use that stocks in a place last, place = ISO alpha-3 or "*"."""

    material: str = column(among=_materials)
    stage: str = column(among=_stages)
    place: str = column(among=_places)
    kind: str = column(among=lambda: KINDS)
    range: Range


@cache
def elasticities() -> dict[tuple[str, str, str, str], Elasticity]:
    """Return (parameter, material, stage, horizon) -> row; raises ParseError on a broken or repeated row."""
    return records.keyed(Elasticity, "elasticities", "parameter", "material", "stage", "horizon")


@cache
def stocks() -> dict[tuple[str, str, str], StockDays]:
    """Return (place, material, stage) -> row, planned ones included; raises ParseError on a broken or repeated row."""
    return records.keyed(StockDays, "stock_days", "place", "material", "stage")


def kin(material: str) -> tuple[str, ...]:
    """Return a material, the groups it belongs to from the nearest, and "*"; raises CoverageError if unknown."""
    known = reference.materials()
    if material not in known:
        raise CoverageError(f"unknown material {material!r}", where="material", hint="`khanij data list materials`")
    found = [material]
    while known[found[-1]].parent:
        found.append(known[found[-1]].parent)
    return (*found, ALL)


def _pairs(material: str, stage: str) -> Iterator[tuple[str, str]]:
    """Yield (material, stage) from the most special to the most general."""
    if stage not in reference.STAGES:
        raise CoverageError(f"unknown stage {stage!r}", where="stage", hint=f"one of {', '.join(reference.STAGES)}")
    for name in kin(material):
        yield name, stage
        yield name, ALL


@cache
def elasticity(parameter: str, material: str, stage: str, horizon: str = "year") -> Elasticity:
    """Return the row that answers a question; `spare` and `pooled` are of the year alone.

    parameter  one of PARAMETERS      horizon  one of HORIZONS
    Raises CoverageError for an unknown code, or where no row answers.
    """
    _known("parameter", parameter, tuple(PARAMETERS))
    _known("horizon", horizon, HORIZONS)
    table = elasticities()
    for name, step in _pairs(material, stage):
        for span in (horizon, ALL):
            if (parameter, name, step, span) in table:
                return table[parameter, name, step, span]
    what = f"no {parameter} of {material}, {stage}, {horizon}"
    raise CoverageError(what, where="elasticities.csv", hint="add a row, or one with * in its place")


@cache
def stock_days(material: str, stage: str, country: str) -> StockDays:
    """Return days of cover in a country: its own row, else the prior of everybody; planned stocks do not count.

    country   ISO alpha-3, or any other label (such as "rest") for which the prior holds
    Raises CoverageError for an unknown material or stage.
    """
    table = stocks()
    for place in (country, ALL):
        for name, step in _pairs(material, stage):
            row = table.get((place, name, step))
            if row is not None and row.kind != "planned":
                return row
    raise CoverageError(f"no days of {material}, {stage}", where="stock_days.csv", hint="add a row of *,*,*")


def planned(material: str, country: str) -> tuple[StockDays, ...]:
    """Return the stocks that a country plans to hold of a material or its group."""
    names = kin(material)
    return tuple(
        row for row in stocks().values() if (row.kind, row.place) == ("planned", country) and row.material in names
    )


def _known(what: str, code: str, allowed: tuple[str, ...]) -> None:
    """Raise CoverageError unless the code is one of a vocabulary."""
    if code not in allowed:
        raise CoverageError(f"unknown {what} {code!r}", where=what, hint=f"one of {', '.join(allowed)}")
