"""National statements to cubes: what a country says it imports, exports, uses and holds, and who its suppliers are.

For materials that share their trade code with others this is all there is. A figure without a stage stands under the
last stage up to refined that the material has; the sum of forms that a publisher adds up itself ("total | ...") is
left out, for its parts are there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.cube import Cube
from khanij.data.cubes import production
from khanij.data.cubes.evidence import CARRIED, Builder, matched, unfollowed
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import store
from khanij.data.facts.schema import PSEUDO

TOTAL = "total |"
LAST = ("refined", "processed", "mined")  # the stage of a figure that names none: the first of these that there is
SPAN = re.compile(r"(\d{4})–(\d{2})(?!\d)")
CELL = ("material", "stage", "country", "year")


def _facts(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the annual facts of a quantity of any year, each at a stage, without the publisher's own sums."""
    sources = store.providers(quantity)
    if not sources:
        return pl.DataFrame()
    frame = store.collect(
        store.scan(*sources).filter(
            pl.col("quantity") == quantity,
            pl.col("month").is_null(),
            pl.col("year").is_not_null(),
            pl.col("material").is_in(selection.materials),
            ~pl.col("item").str.starts_with(TOTAL),
        )
    )
    names = reference.stage_names()
    last = {
        material: next((stage for stage in LAST if (material, stage) in names), None)
        for material in selection.materials
    }
    stage = pl.col("material").replace_strict(last, return_dtype=pl.String)
    return frame.with_columns(KEY, stage=pl.coalesce("stage", stage)).filter(pl.col("stage").is_not_null())


def _empty(selection: Selection, quantity: str, unit: str, axes: tuple[str, ...]) -> Cube:
    """Return a cube without a figure."""
    named = tuple(selection.axes[name] for name in axes)
    return Cube(quantity, unit, named, np.full(tuple(map(len, named)), np.nan))


def tonnes(selection: Selection, quantity: str, name: str, carried: int = 0) -> Cube:
    """Return tonnes of the material's basis by stage and country: the forms of a stage added up.

    A form that is not given (withheld, not available) makes the sum a least figure: `low` holds it, `high` is nan.
    carried  years that a figure may stand in for a later one that is not given
    """
    frame = _facts(selection, quantity)
    if frame.is_empty():
        return _empty(selection, name, "t", CELL)
    frame, converted = production.in_basis(frame.filter(~pl.col("country").is_in(PSEUDO)))
    known = (
        frame.group_by(*CELL, "key")
        .agg(
            value=pl.col("value").drop_nulls().sum(),
            whole=pl.col("value").is_not_null().all(),
            some=pl.col("value").is_not_null().any(),
        )
        .filter("some")
        .sort(*CELL, "key", descending=[False, False, False, False, True])
        .unique(CELL, keep="first", maintain_order=True)
    )
    rows, notes = [], list(converted)
    for year in selection.years:
        usable = known.filter(pl.col("year") <= year, pl.col("year") >= year - carried).sort("year", descending=True)
        usable = usable.unique(["material", "stage", "country"], keep="first", maintain_order=True)
        old = usable.filter(pl.col("year") < year).sort("material", "stage", "country")
        notes += [
            f"{name} of {row['country']}, {row['material']} in {year}: as in {row['year']}"
            for row in old.iter_rows(named=True)
        ]
        rows.append(usable.with_columns(year=pl.lit(year, dtype=pl.Int16)))
    table = pl.concat(rows).with_columns(year=pl.col("year").cast(pl.String))
    parts = table.filter(~pl.col("whole")).select("material", "stage").unique().sort("material", "stage").rows()
    notes += [f"{name}: not every form of {stage} {material} is given, a least figure" for material, stage in parts]
    cube = selection.dense(name, "t", table, *CELL)
    high = selection.dense(name, "t", table.with_columns(top=pl.when("whole").then("value")), *CELL, value="top").values
    return Cube(name, "t", cube.axes, cube.values, None, cube.values, high, cube.sources, cube.origin, tuple(notes))


def source_share(selection: Selection) -> Cube:
    """Return the share of each supplier (country) in the imports of a country (partner), by stage.

    A mean of several years, which the publisher gives with its last year, stands in each of them. Where a stage has
    several forms, each with its own shares, they cannot be added up: left out.
    """
    axes = ("material", "stage", "country", "partner", "year")
    frame = _facts(selection, "import_source_share")
    if frame.is_empty():
        return _empty(selection, "import_source_share", "1", axes)
    cell = ["material", "stage", "partner", "year", "key"]
    frame = frame.filter(~pl.col("country").is_in(PSEUDO), pl.col("value").is_not_null())
    several = frame.filter(pl.col("item").n_unique().over(cell) > 1)
    alone = frame.filter(pl.col("item").n_unique().over(cell) == 1)
    spans = [_span(row["note"], row["year"]) for row in alone.iter_rows(named=True)]
    wide = alone.with_columns(year=pl.Series(spans, dtype=pl.List(pl.Int16))).explode("year")
    wide = wide.filter(pl.col("year").is_in(selection.years)).sort("key", descending=True)
    wide = wide.unique(list(axes), keep="first", maintain_order=True).with_columns(year=pl.col("year").cast(pl.String))
    cube = selection.sparse("import_source_share", "1", wide, *axes)
    notes = tuple(
        f"shares of suppliers of {stage} {material}: several forms, left out"
        for material, stage in several.select("material", "stage").unique().sort("material", "stage").rows()
    )
    means = sorted({f"{span[0]}-{span[-1]}" for span in spans if len(span) > 1})
    said = (f"shares of suppliers are means of {', '.join(means)}",) if means else ()
    return replace(cube, notes=(*said, *notes))


def _span(note: str | None, year: int) -> list[int]:
    """Return the years that a figure is the mean of, as its note says; its own year where it says none."""
    found = SPAN.search(note or "")
    if found is None:
        return [year]
    first = int(found[1])
    last = first // 100 * 100 + int(found[2])
    return list(range(first, last + 1)) if first <= last == year else [year]


def reliance(selection: Selection) -> Cube:
    """Return net imports as a part of use, as a country states it; a bound (more than half) stands in `low` alone."""
    axes = ("material", "country", "year")
    frame = _facts(selection, "import_reliance")
    if frame.is_empty():
        return _empty(selection, "reported_reliance", "1", axes)
    frame = frame.filter(~pl.col("country").is_in(PSEUDO), pl.col("year").is_in(selection.years))
    one = frame.filter(pl.col("item").n_unique().over(*axes, "key") == 1).sort("key", descending=True)
    one = one.unique(list(axes), keep="first", maintain_order=True).with_columns(
        pl.col("year").cast(pl.String), low=pl.coalesce("low", "value"), high=pl.coalesce("high", "value")
    )
    cube = selection.dense("reported_reliance", "1", one, *axes)
    low, high = (selection.dense("reported_reliance", "1", one, *axes, value=end).values for end in ("low", "high"))
    return Cube(cube.quantity, "1", cube.axes, cube.values, None, low, high, cube.sources, cube.origin)


def unit_value(selection: Selection) -> Cube:
    """Return the value of a tonne imported, by stage and country; a stage with several forms is left out."""
    frame = _facts(selection, "unit_value")
    if frame.is_empty():
        return _empty(selection, "import_unit_value", "USD/t", CELL)
    frame = frame.filter(
        ~pl.col("country").is_in(PSEUDO),
        pl.col("unit") == "USD/t",
        pl.col("value") > 0,
        pl.col("item").str.contains("import"),
        pl.col("year").is_in(selection.years),
    )
    one = frame.filter(pl.col("item").n_unique().over(*CELL, "key") == 1).sort("key", descending=True)
    one = one.unique(list(CELL), keep="first", maintain_order=True).with_columns(year=pl.col("year").cast(pl.String))
    return selection.dense("import_unit_value", "USD/t", one, *CELL)


def _tonnes(name: str, quantity: str, carried: int = 0) -> Builder:
    """Return the entry of a cube of tonnes that a country states."""
    return Builder(partial(tonnes, quantity=quantity, name=name, carried=carried), matched(name, quantity))


BUILDERS: dict[str, Builder] = {
    "reported_imports": _tonnes("reported_imports", "imports_mass"),
    "reported_exports": _tonnes("reported_exports", "exports_mass"),
    "reported_use": _tonnes("reported_use", "reported_consumption", CARRIED),
    "reported_stock": _tonnes("reported_stock", "stocks"),
    "reported_reliance": Builder(reliance, unfollowed),
    "import_source_share": Builder(source_share, matched("import_source_share")),
    "import_unit_value": Builder(unit_value, unfollowed),
}
"""Cubes by name, each with its lineage."""
