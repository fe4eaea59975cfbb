"""How markets answer prices, and how long stocks last: sourced ranges, and the most special row for a question.

A "*" in a table stands for every material, stage, horizon or place. The row that is found is that of the material, else
of the group it belongs to (neodymium: light rare earths, rare earths), else "*"; for one material that of the stage
before that of every stage, then that of the horizon before both. A place comes before all of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import isfinite

from khanij import reference
from khanij.core.errors import CoverageError, ParseError

ALL = "*"
HORIZONS = ("year", "long")  # within a year; after about twenty years
CONFIDENCES = ("high", "medium", "low")
# Parameter -> what it is; all without unit.
PARAMETERS = {
    "sigma": "substitution between sources: percent of relative tonnes by percent of relative price",
    "demand": "fall of use by percent of the price that users pay, as a positive number",
    "supply": "rise of output by percent of its own price",
    "spare": "output that idle capacity can add, as part of output",
}
# What a figure of stock cover is; planned ones are told, never drawn.
KINDS = ("held", "policy", "planned", "prior")


@dataclass(frozen=True, slots=True)
class ElasticityRange:
    """One sourced range, low <= best <= high, none below 0; days for stocks, else without unit."""

    low: float
    best: float
    high: float
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Elasticity:
    """One row of elasticities.csv."""

    material: str
    stage: str
    parameter: str
    horizon: str
    range: ElasticityRange


@dataclass(frozen=True, slots=True)
class StockDays:
    """One row of stock_days.csv: days of use that stocks in a place last, place = ISO alpha-3 or "*"."""

    material: str
    stage: str
    place: str
    kind: str
    range: ElasticityRange


def _range(row: dict[str, str], where: str) -> ElasticityRange:
    """Return the range of a row; raises ParseError if it is out of order, or without source."""
    try:
        low, best, high = (float(row[name]) for name in ("low", "best", "high"))
    except ValueError:
        raise ParseError(f"not a figure: {row}", where=where, hint="low, best and high are all needed") from None
    if not (0 <= low <= best <= high and isfinite(high)):
        raise ParseError(f"a range out of order: {row}", where=where, hint="0 <= low <= best <= high")
    if not row["source"] or row["confidence"] not in CONFIDENCES:
        what = f"a row without source or confidence: {row}"
        raise ParseError(what, where=where, hint=f"an id of bibliography.csv; one of {', '.join(CONFIDENCES)}")
    return ElasticityRange(low, best, high, row["source"], row["confidence"], row["note"])


def _check(row: dict[str, str], vocabularies: dict[str, tuple[str, ...]], where: str) -> None:
    """Raise ParseError if a cell holds a code of no vocabulary."""
    for column, allowed in vocabularies.items():
        if row[column] not in allowed:
            raise ParseError(f"unknown {column} {row[column]!r}", where=where, hint=f"one of {', '.join(allowed[:9])}")


@cache
def elasticities() -> dict[tuple[str, str, str, str], Elasticity]:
    """Return (parameter, material, stage, horizon) -> row; raises ParseError on a broken or repeated row."""
    codes = {
        "material": (ALL, *reference.materials()),
        "stage": (ALL, *reference.STAGES),
        "parameter": tuple(PARAMETERS),
        "horizon": (ALL, *HORIZONS),
    }
    found: dict[tuple[str, str, str, str], Elasticity] = {}
    for line, row in enumerate(reference.rows("elasticities"), 2):
        where = f"elasticities.csv line {line}"
        _check(row, codes, where)
        key = (row["parameter"], row["material"], row["stage"], row["horizon"])
        spread = _range(row, where)
        if key in found:
            raise ParseError(f"{' '.join(key)} stands twice", where=where, hint="one row a key")
        found[key] = Elasticity(row["material"], row["stage"], row["parameter"], row["horizon"], spread)
    return found


@cache
def stocks() -> dict[tuple[str, str, str], StockDays]:
    """Return (place, material, stage) -> row, planned ones included; raises ParseError on a broken or repeated row."""
    codes = {
        "material": (ALL, *reference.materials()),
        "stage": (ALL, *reference.STAGES),
        "place": (ALL, *reference.countries()),
        "kind": KINDS,
    }
    found: dict[tuple[str, str, str], StockDays] = {}
    for line, row in enumerate(reference.rows("stock_days"), 2):
        where = f"stock_days.csv line {line}"
        _check(row, codes, where)
        key = (row["place"], row["material"], row["stage"])
        spread = _range(row, where)
        if key in found:
            raise ParseError(f"{' '.join(key)} stands twice", where=where, hint="one row a key")
        found[key] = StockDays(row["material"], row["stage"], row["place"], row["kind"], spread)
    return found


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
    """Return the row that answers a question; `spare` is of the year alone: in the long run capacity is built.

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
