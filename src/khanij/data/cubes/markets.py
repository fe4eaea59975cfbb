"""Series that reach beyond the years of a Case, so that a trailing window does not depend on them; world reserves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.data.cubes import attributes, evidence, production
from khanij.data.cubes.evidence import Builder, Cell, matched
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import store

LEAST = 4  # yearly prices that a series must have to be the one of its material: three changes
FIRST = 1990  # year with which series begin


def production_series(selection: Selection) -> Cube:
    """Return world output by material, stage and year of every year on record, on the axis "history"."""
    span = Axis("year", _years(selection, "production"))
    whole = production.world_production(replace(selection, axes={**selection.axes, "year": span}))
    axes = (*whole.axes[:2], Axis("history", span.codes))
    return replace(whole, quantity="production_series", axes=axes)


def price_series(selection: Selection) -> Cube:
    """Return yearly prices of one series a material: the first benchmark with LEAST years, else the longest.

    Only changes within a series have a meaning: a series of ore or of an oxide is not converted.
    """
    frame = _benchmarked(selection).filter(pl.col("month").is_null())
    one = _one_series(frame, LEAST)
    axis = Axis("history", _years(selection, "price"))
    return _series(selection, "price_series", one, axis, pl.col("year").cast(pl.String))


def price_monthly(selection: Selection) -> Cube:
    """Return monthly prices of one series a material on the axis "month" (2024-05); materials without any are nan."""
    frame = _benchmarked(selection).filter(pl.col("month").is_not_null())
    one = _one_series(frame, 12 * LEAST)
    years = _years(selection, "price")
    axis = Axis("month", tuple(f"{year}-{month:02d}" for year in years for month in range(1, 13)))
    label = pl.col("year").cast(pl.String) + "-" + pl.col("month").cast(pl.String).str.zfill(2)
    return _series(selection, "price_monthly", one, axis, label)


def world_reserves(selection: Selection) -> Cube:
    """Return world reserves of each material: the newest edition's total, its parts added; ">" gives the low end.

    A bound stands as value and low with no high; the total is in the material's basis.
    """
    columns = ("material",)
    sources = store.providers("reserves")
    empty = Cube("world_reserves", "t", (selection.axes["material"],), np.full(len(selection.materials), np.nan))
    if not sources:
        return empty
    raw = store.scan(*sources).filter(
        pl.col("quantity") == "reserves",
        pl.col("country") == "WLD",
        pl.col("material").is_in(selection.materials),
        pl.col("value").is_not_null() | pl.col("low").is_not_null(),
    )
    frame, notes = production.in_basis(store.collect(raw))
    if frame.is_empty():
        return empty
    rank = selection.rank("reserves")
    frame = frame.with_columns(KEY, rank=pl.col("source").replace_strict(rank, return_dtype=pl.Int64))
    bound = pl.col("value").is_null()
    summed = (
        frame.group_by(*columns, "key", "rank", "edition", "year")
        .agg(pl.coalesce("value", "low").sum().alias("value"), bound.any().alias("bound"))
        .sort(["rank", "edition", "year"], descending=[False, True, True])
        .group_by(*columns, maintain_order=True)
        .agg(pl.col("value", "key", "bound").first())
        .with_columns(high=pl.when("bound").then(None).otherwise("value"))
    )
    cube = selection.dense("world_reserves", "t", summed, *columns)
    high = selection.dense("world_reserves", "t", summed, *columns, value="high").values
    newest = ("reserves: newest edition, whatever the year of the question",)
    return replace(cube, low=cube.values, high=high, notes=(*notes, *newest))


def companion_share(selection: Selection) -> Cube:
    """Return the share of output that comes as a by-product; a figure without a stage stands for every stage."""
    axes = (selection.axes["material"], selection.axes["stage"])
    values, origin = np.full(tuple(map(len, axes)), np.nan), np.full(tuple(map(len, axes)), -1, dtype=np.int16)
    providers = store.providers("companion_share")
    if not providers:
        return Cube("companion_share", "1", axes, values)
    kept = store.scan(*providers).filter(
        pl.col("quantity") == "companion_share",
        pl.col("material").is_in(selection.materials),
        pl.col("value").is_not_null(),
    )
    frame = store.collect(kept.with_columns(KEY)).sort("year", "edition", "row")
    sources = tuple(frame["key"].unique().sort().to_list())
    for row in frame.filter(pl.col("stage").is_null()).iter_rows(named=True):
        at = axes[0].at(row["material"])
        values[at], origin[at] = row["value"], sources.index(row["key"])
    for row in frame.filter(pl.col("stage").is_not_null()).iter_rows(named=True):
        cell = axes[0].at(row["material"]), axes[1].at(row["stage"])
        values[cell], origin[cell] = row["value"], sources.index(row["key"])
    notes = ("companion share: classes by expert judgement of one compilation, confidence medium",)
    return Cube("companion_share", "1", axes, values, None, None, None, sources, origin if sources else None, notes)


def _benchmarked(selection: Selection) -> pl.DataFrame:
    """Return the price facts of the benchmark series, with the order of each, in the basis that each ends with."""
    columns = ["material", "source", "item", pl.col("order").cast(pl.Int64)]
    benchmarks = pl.DataFrame(reference.rows("price_benchmarks")).select(columns)
    wanted = store.scan(*store.providers("price")).filter(
        pl.col("quantity") == "price",
        pl.col("unit") == "USD/t",
        pl.col("material").is_in(selection.materials),
        pl.col("value") > 0,
        pl.col("year") >= FIRST,
    )
    frame = store.collect(wanted.with_columns(KEY)).join(benchmarks, on=["material", "source", "item"])
    newest = frame.sort("year", "month").group_by("material", "source", "item").agg(pl.col("basis").last())
    keys = ["material", "source", "item", "basis"]
    return frame.join(newest, on=keys, nulls_equal=True)


def _one_series(frame: pl.DataFrame, least: int) -> pl.DataFrame:
    """Return the facts of one series a material, of the newest edition in each year: the first one long enough."""
    keys = ["material", "source", "item", "year", "month"]
    newest = frame.sort(["edition", "row"], descending=[True, False]).unique(keys, keep="first", maintain_order=True)
    long = newest.group_by("material", "source", "item", "order").len()
    ranked = long.with_columns(short=pl.col("len") < least).with_columns(
        place=pl.when("short").then(-pl.col("len").cast(pl.Int64)).otherwise("order")
    )
    first = ranked.sort("short", "place", "order").unique("material", keep="first", maintain_order=True)
    return newest.join(first, on=["material", "source", "item"], how="semi")


def _series(selection: Selection, quantity: str, frame: pl.DataFrame, axis: Axis, label: pl.Expr) -> Cube:
    """Return a series cube (material, axis) with the source of every value."""
    wide = replace(selection, axes={**selection.axes, axis.name: axis})
    return wide.dense(quantity, "USD/t", frame.with_columns(label.alias(axis.name)), "material", axis.name)


def _years(selection: Selection, quantity: str) -> tuple[str, ...]:
    """Return every year from FIRST, or the Case's first, to the newest with a fact or asked for, without a gap."""
    sources = store.providers(quantity)
    newest = max(selection.years)
    if sources:
        frame = store.scan(*sources).filter(pl.col("quantity") == quantity).select(pl.col("year").max())
        newest = max(newest, int(store.collect(frame)["year"][0] or newest))
    return tuple(str(year) for year in range(min(FIRST, *selection.years), newest + 1))


def _series_facts(case: Case, cell: Cell) -> pl.DataFrame:
    """Return the facts of world output of every year up to the one asked for."""
    cube = case.cube("production_series")
    span = [int(code) for code in cube.axes[2].codes if int(code) <= cell.year]
    selection = evidence.narrowed(case, cell, span)
    usable, raw = production.stored_output(selection)
    return evidence.restored(production.world_facts(selection, usable, cube), raw)


BUILDERS: dict[str, Builder] = {
    "production_series": Builder(production_series, _series_facts),
    "price_series": Builder(price_series, matched("price_series", "price", convert=attributes.priced)),
    "price_monthly": Builder(price_monthly, matched("price_monthly", "price", convert=attributes.priced)),
    "world_reserves": Builder(
        world_reserves,
        matched(
            "world_reserves",
            "reserves",
            keep=pl.col("country") == "WLD",
            convert=production.reserve_lineage,
            summed=True,
        ),
    ),
    "companion_share": Builder(companion_share, matched("companion_share")),
}
"""Cubes by name, each with its lineage."""
