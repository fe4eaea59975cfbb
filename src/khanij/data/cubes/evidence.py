"""From a cell of a cube back to its facts: what is asked for, and the ways in which a builder finds what it chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import schema as facts
from khanij.data.facts import store

WITH = {**facts.SCHEMA, "factor": pl.Float64, "entered": pl.Float64}
CARRIED = 3  # years that a country's figure may be carried forward: publishers lag by one or two


@dataclass(frozen=True, slots=True)
class Cell:
    """Which facts are asked for: of these materials, stages (None = all), year, and flows of these countries.

    members    countries of the focus: flows in which one of them buys or sells (empty = every flow)
    countries  countries whose attributes count (empty = every one)
    """

    materials: tuple[str, ...]
    stages: tuple[str, ...] | None
    year: int
    members: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


Lineage = Callable[[Case, Cell], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Builder:
    """How one cube is built, and how its cells are followed back.

    build    Selection -> Cube
    lineage  (Case, Cell) -> the facts behind the cells, with `factor` and `entered`; or the sentence that says where
             the cube comes from, if no fact stands behind it
    """

    build: Callable[[Selection], Cube]
    lineage: Lineage | str

    def __call__(self, selection: Selection) -> Cube:
        """Return the cube of a selection."""
        return self.build(selection)


def narrowed(case: Case, cell: Cell, years: Sequence[int] = ()) -> Selection:
    """Return the selection of the cell's materials and year (or the given years) on the axes of a Case."""
    span = years or (cell.year,)
    axes = {"material": Axis("material", cell.materials), "year": Axis("year", tuple(map(str, span)))}
    return Selection({**case.axes, **axes})


def restored(frame: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Return the chosen facts as they stand in the store; value of `frame` becomes `entered`.

    frame  facts after conversion, with the key columns of a fact
    raw    facts as stored
    """
    keys = list(facts.KEY)
    chosen = frame.select(*keys, pl.col("value").alias("entered"))
    kept = raw.join(chosen, on=keys, nulls_equal=True, maintain_order="left")
    factor = pl.when(pl.col("value") != 0).then(pl.col("entered") / pl.col("value"))
    return kept.with_columns(factor=factor)


def unchanged(held: pl.DataFrame) -> pl.DataFrame:
    """Return facts that enter a cube as they are; a range without a value enters with its middle."""
    middle = pl.coalesce("value", (pl.col("low").fill_null(0.0) + pl.col("high")) / 2)
    return held.with_columns(factor=1.0, entered=middle)


def matched(
    quantity: str,
    fact: str | None = None,
    item: str | None = None,
    keep: pl.Expr | None = None,
    convert: Callable[[pl.DataFrame], pl.DataFrame] = unchanged,
    summed: bool = False,
) -> Lineage:
    """Return the lineage of an attribute: the facts of the cell's labels, from the source that the cube names.

    quantity  the cube              fact     the quantity of its facts, if it is named otherwise
    item      how their item begins keep     which of them count
    convert   facts -> the same with `factor` and `entered`, in the basis of the cube
    summed    whether several facts may add up to one cell; else a fact must have the cell's value
    """

    def find(case: Case, cell: Cell) -> pl.DataFrame:
        cube = case.cube(quantity)
        frame = _candidates(fact or quantity, item, cell, convert)
        if keep is not None:
            frame = frame.filter(keep)
        if cube.origin is None or cube.sparse or frame.is_empty():
            return frame.head(0)
        return _matched(cube, frame, cell, summed)

    return find


def _matched(cube: Cube, frame: pl.DataFrame, cell: Cell, summed: bool) -> pl.DataFrame:
    """Return the facts that have the labels and the source of a cell of the cube."""
    dims = [axis.name for axis in cube.axes]
    shared = [name for name in ("material", "country") if name in dims]
    cells = _labelled(cube, cell)
    if "sector" in dims:
        frame = frame.with_columns(sector=pl.col("item").str.split(" | ").list.first())
        shared.append("sector")
    wanted = cells.select(*shared, "key", *(["span"] if "span" in cells.columns else []), "cube")
    joined = frame.with_columns(KEY).join(wanted.unique(), on=[*shared, "key"], maintain_order="left")
    if "span" in cells.columns:
        near = pl.col("span") - pl.col("year")
        joined = joined.filter(near == 0 if "country" not in dims else near.is_between(0, CARRIED))
    if not summed:
        equal = (pl.col("entered") - pl.col("cube")).abs() <= 1e-9 * pl.col("cube").abs()
        joined = joined.filter(equal)
    return joined.unique(list(facts.KEY), keep="first", maintain_order=True)


def _candidates(
    quantity: str, item: str | None, cell: Cell, convert: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Return the facts of a quantity that may stand behind the cell, in the basis of the cube."""
    sources = store.providers(quantity)
    if not sources:
        return pl.DataFrame(schema=WITH)
    frame = store.scan(*sources).filter(pl.col("quantity") == quantity)
    frame = frame.filter(pl.col("material").is_in(list(cell.materials)) | pl.col("material").is_null())
    if item is not None:
        frame = frame.filter(pl.col("item").str.starts_with(item))
    if cell.countries:
        frame = frame.filter(pl.col("country").is_in([*cell.countries, *facts.PSEUDO]) | pl.col("country").is_null())
    return convert(store.collect(frame))


def _labelled(cube: Cube, cell: Cell) -> pl.DataFrame:
    """Return one row a cell of a dense cube: labels, source key, value `cube`, and its year as `span` if it has one."""
    assert cube.origin is not None
    rows = []
    for at in zip(*(cube.origin >= 0).nonzero(), strict=True):
        labels = {axis.name: axis.codes[p] for axis, p in zip(cube.axes, at, strict=True)}
        year = labels.get("year") or labels.get("history") or labels.get("month", "")[:4]
        fits = (
            labels.get("material", cell.materials[0]) in cell.materials,
            not cell.countries or labels.get("country", cell.countries[0]) in cell.countries,
            cell.stages is None or labels.get("stage", cell.stages[0]) in cell.stages,
            not year or (int(year) == cell.year if "year" in labels else int(year) <= cell.year),
        )
        if all(fits):
            row = {**labels, "key": cube.sources[cube.origin[at]], "cube": float(cube.values[at])}
            rows.append({**row, **({"span": int(year)} if year else {})})
    names = {axis.name: pl.String for axis in cube.axes}
    return pl.DataFrame(rows, schema=None if rows else {**names, "key": pl.String, "cube": pl.Float64})


def unfollowed(case: Case, cell: Cell) -> pl.DataFrame:
    """Return no facts: the cube is made of reference tables, or of facts of so many cells that none is told apart."""
    return pl.DataFrame(schema=WITH)
