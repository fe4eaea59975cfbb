"""Products: families, output by place, worth of a unit; and who makes what part of a stage of a material.

products.csv says which family a product is part of, which industry makes it and how soon it is back after a stop;
product_output.csv holds output in units and money by place and year; stage_shares.csv holds shares of world output of
stages, as vectors of several sources that are never added.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from khanij.core import units
from khanij.core.errors import UnitError
from khanij.core.range import Range
from khanij.reference.industry.checked_rows import (
    ALL,
    REST,
    WORLD,
    check_code,
    read_good,
    read_interval,
    read_number,
    read_place,
    read_source,
    read_table,
    wrong,
)

PERIODS = ("calendar", "fiscal", "estimate")
MEASURES = ("output", "capacity")
MONEY, MILLION = "MUSD", 1e6  # output that is told in money is its own worth


@dataclass(frozen=True, slots=True)
class Product:
    """One row of products.csv.

    short        the name as it stands inside a sentence
    family       product of which this one is a part ("car"), "" if none
    nace         industry that makes it; `industry` is that of the detailed input-output table
    stock_weeks  stocks of that industry over its output, None where unknown
    recovery     months from the day on which an input is back to normal output
    """

    id: str
    name: str
    short: str
    family: str
    nace: str
    industry: str
    stock_weeks: float | None
    recovery: Range
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class ProductOutput:
    """Output of a product in a place and year; "1" counts pieces, `value_added` is the part made at home."""

    product: str
    place: str
    year: int
    period: str
    output: Range
    unit: str
    basis: str
    value_added: float | None
    source: str
    kind: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class ProductValue:
    """What a unit of a product is worth at the gate of the works in a place, USD; "*": everywhere else."""

    product: str
    place: str
    unit: str
    value: Range
    source: str
    kind: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class StageShare:
    """A place's part of world output (or capacity) of a stage; rows of one source, year and form make one vector.

    form    what of the stage is counted ("carbonate"), "" if all of it; `period` "mean of 2016-2020" for an average
    world   world output in `unit`, None if unknown
    """

    material: str
    stage: str
    form: str
    measure: str
    place: str
    year: int
    period: str
    share: Range
    world: float | None
    unit: str
    basis: str
    source: str
    kind: str
    confidence: str
    note: str


def parse_product(row: dict[str, str], where: str) -> Product:
    """Return one row of products.csv; raises ParseError."""
    recovery = read_interval(row, "recovery", where)
    if not row["id"] or not row["name"] or recovery is None:
        raise wrong("a product without id, name or months of recovery", where, "all three are needed")
    plain = {name: row[name] for name in ("id", "name", "family", "nace", "industry", "source", "confidence")}
    return Product(
        **plain,
        short=row["short"] or row["name"],
        stock_weeks=read_number(row["stock_weeks"], where),
        recovery=recovery,
    )


@cache
def products() -> dict[str, Product]:
    """Return every product by id."""
    return {row.id: row for row in read_table("products", parse_product, lambda row: row.id)}


def _read_year_and_unit(row: dict[str, str], where: str) -> tuple[int, str, str]:
    """Return year, unit and basis of a row; raises ParseError on a unit that core does not know."""
    if not (row["year"].isdigit() and len(row["year"]) == 4) or not (
        row["period"] in PERIODS or row["period"].startswith("mean of ")
    ):
        raise wrong(f"year {row['year']!r}, {row['period']!r}", where, f"four digits; one of {', '.join(PERIODS)}")
    try:
        units.factor(row["unit"] or "1", row["unit"] or "1")
    except UnitError as unknown:
        raise wrong(unknown.what, where, unknown.hint) from None
    return int(row["year"]), row["unit"], row["basis"]


def parse_output(row: dict[str, str], where: str) -> ProductOutput:
    """Return one row of product_output.csv; raises ParseError."""
    product = check_code(row, "product", products(), where)
    year, unit, basis = _read_year_and_unit(row, where)
    output, added = read_interval(row, "", where), read_number(row["value_added"], where)
    if output is None or not unit:
        raise wrong("an output without figure or unit", where, 'low, best and high; "1" for pieces')
    if added is not None and added > 1:
        raise wrong(f"value_added {added:g} is more than all of it", where, "a part of output, 0 to 1")
    place, period = read_place(row, where, WORLD), row["period"]
    return ProductOutput(product, place, year, period, output, unit, basis, added, **read_source(row, where))


def parse_value(row: dict[str, str], where: str) -> ProductValue:
    """Return one row of product_values.csv; raises ParseError."""
    product, value = check_code(row, "product", products(), where), read_interval(row, "", where)
    if value is None or not row["unit"]:
        raise wrong("a worth without figure or unit", where, 'low, best and high in USD; "1" for pieces')
    return ProductValue(product, read_place(row, where, ALL), row["unit"], value, **read_source(row, where))


def parse_share(row: dict[str, str], where: str) -> StageShare:
    """Return one row of stage_shares.csv; raises ParseError."""
    year, unit, basis = _read_year_and_unit(row, where)
    share, world = read_interval(row, "", where, 1.0), read_number(row["world"], where)
    if share is None or (world is None) != (not unit):
        raise wrong("a share without figure, or world output without unit", where, "0 <= low <= best <= high <= 1")
    material, stage = read_good(row, where)
    return StageShare(
        material=material,
        stage=stage,
        form=row["form"],
        measure=check_code(row, "measure", MEASURES, where),
        place=read_place(row, where, REST),
        year=year,
        period=row["period"],
        share=share,
        world=world,
        unit=unit,
        basis=basis,
        **read_source(row, where),
    )


@cache
def product_output() -> tuple[ProductOutput, ...]:
    """Return output of products by place and year."""
    return read_table(
        "product_output", parse_output, lambda row: (row.product, row.place, row.year, row.period, row.unit)
    )


@cache
def stage_shares() -> tuple[StageShare, ...]:
    """Return every share of every vector; vectors of several sources stand side by side and are never added."""
    names = ("material", "stage", "form", "measure", "place", "year", "period", "source")
    return read_table("stage_shares", parse_share, lambda row: tuple(getattr(row, name) for name in names))


def largest_share(material: str, stage: str, places: Collection[str]) -> float:
    """Return the largest part of world output of a form of a stage that one of some places makes, newest year first.

    nan where no share of the stage is on record at all, 0 where shares are and none is of these places.
    """
    rows = [row for row in stage_shares() if (row.material, row.stage, row.measure) == (material, stage, "output")]
    newest: dict[tuple[str, str], StageShare] = {}
    for row in sorted(rows, key=lambda row: row.year):
        newest[row.form, row.place] = row
    return max((row.share.best for row in newest.values() if row.place in places), default=0.0 if rows else math.nan)


@cache
def product_values() -> dict[tuple[str, str], ProductValue]:
    """Return (product, place) -> what a unit is worth."""
    rows = read_table("product_values", parse_value, lambda row: (row.product, row.place))
    return {(row.product, row.place): row for row in rows}


def output_worth(product: str, place: str) -> Range | None:
    """Return the output of a product in a place, USD a year; None where units or their worth are not on record."""
    made = newest_output(product, place)
    worth = product_values().get((product, place)) or product_values().get((product, ALL))
    if made is not None and made.unit == MONEY:
        return Range(*(MILLION * end for end in made.output), source=made.source, confidence=made.confidence)
    if made is None or worth is None or worth.unit != made.unit:
        return None
    return Range(*(made.output.best * end for end in worth.value), source=worth.source, confidence=worth.confidence)


@cache
def newest_output(product: str, place: str = WORLD) -> ProductOutput | None:
    """Return the newest row of a product's output in a place, None if there is none."""
    rows = [row for row in product_output() if (row.product, row.place) == (product, place)]
    return max(rows, key=lambda row: row.year, default=None)
