"""How much of a good the products that a place makes hold: output times the part that holds it times how much."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from khanij.core import units
from khanij.core.errors import UnitError
from khanij.core.range import ENDS
from khanij.reference.industry.critical_inputs import CriticalInput, inputs_of, users_of
from khanij.reference.industry.product_output import ProductOutput, product_output

PIECES = ("unit", "vehicle", "aircraft")
RARE_EARTH_MAGNETS, FERRITES = ("rare-earths", "component"), ("ferrite-magnets", "component")
MAGNET = "magnet"  # the product whose inputs say what a tonne of magnets holds


@dataclass(frozen=True, slots=True)
class ProductNeed:
    """Tonnes a year of a good in what a place makes.

    low, best, high  t      year  newest of the outputs
    counted          products in the sum                      missing  products that hold the good and are not in it
    """

    low: float
    best: float
    high: float
    year: int
    counted: tuple[str, ...]
    missing: tuple[str, ...]


def product_need(material: str, stage: str, place: str, without: Collection[str] = ()) -> ProductNeed | None:
    """Return the tonnes of a good in the products of a place.

    d[m] = Σ_p o[p] · a[p, m] · k[p, m], o output, a the part of it that holds the good, k amount a unit

    material, stage  the good      place  ISO alpha-3
    without          products that are counted elsewhere
    Products err apart: the ends are √Σ (end - best)² from the best; within a product all three parts err together.
    A product without an output, or without an amount, in units that fit is left out and named. None where fewer than
    half of the products that hold the good are counted: a sum of few parts is no need.
    """
    counted: dict[str, tuple[float, ...]] = {}
    years, rows = [], [row for row in users_of(material, stage, place) if row.product not in without]
    for row in rows:
        made = _output(row, place)
        if made is None or row.intensity is None:
            continue
        output, factor = made
        ends = [(output.output, row.adoption, row.intensity)]
        counted[row.product] = tuple(o.at(end) * a.at(end) * k.at(end) * factor for o, a, k in ends for end in ENDS)
        years.append(output.year)
    if not counted or 2 * len(counted) < len(rows):
        return None
    best = sum(one[1] for one in counted.values())
    under, over = (sum((one[k] - one[1]) ** 2 for one in counted.values()) ** 0.5 for k in (0, 2))
    missing = tuple(row.product for row in rows if row.product not in counted)
    return ProductNeed(max(best - under, 0.0), best, best + over, max(years), tuple(counted), missing)


def magnet_content() -> dict[str, tuple[float, float, float]]:
    """Return element -> tonnes of it in a tonne of NdFeB magnets, low, best, high; of a pair told together its own."""
    rows = {row.material: row for row in inputs_of(MAGNET) if row.unit.endswith("/t") and row.intensity is not None}
    found = {id: tuple(_content(row, end) for end in ENDS) for id, row in rows.items()}
    both, second = found["neodymium"], found["praseodymium"]  # the row of neodymium counts praseodymium in
    own = (max(both[0] - second[2], 0.0), both[1] - second[1], both[2] - second[0])
    return {
        id: own if id == "neodymium" else (ends[0], ends[1], ends[2])
        for id, ends in found.items()
        if id in ("neodymium", "praseodymium", "dysprosium", "terbium")
    }


def _content(row: CriticalInput, end: str) -> float:
    """Return tonnes of a good in a mean tonne of a product."""
    assert row.intensity is not None
    return row.adoption.at(end) * row.intensity.at(end) * units.factor(row.unit.split("/")[0].split()[0], "t")


def _output(row: CriticalInput, place: str) -> tuple[ProductOutput, float] | None:
    """Return the newest output in units that an amount is told for, and what brings output times amount to tonnes."""
    mass, _, each = row.unit.partition("/")
    for output in sorted(
        (one for one in product_output() if (one.product, one.place) == (row.product, place)), key=lambda one: -one.year
    ):
        try:
            up = 1.0 if output.unit == "1" and each in PIECES else units.factor(output.unit, each)
            return output, up * units.factor(mass.split()[0], "t")
        except UnitError:
            continue
    return None
