"""Facts of output and reserves to cubes: one source a cell, unlisted countries bounded, withheld ones unknown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.data.cubes import evidence
from khanij.data.cubes.evidence import Builder, Cell, matched
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import overlay, store
from khanij.data.facts.schema import PSEUDO, SCHEMA

UNDATED_FROM = 2023  # the fact bases that hold statements without a year were compiled from sources of 2023-2026
CELL = ("material", "stage", "year")


@cache
def ore_content() -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return (material, "mined") -> content low, best, high of gross ore: that of its one ore code in HS92.

    A material whose ores have several codes, or other stages, have no single factor and are not converted; of an ore
    that no code tells apart the content stands in ore_contents.csv.
    """
    table: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for code in reference.hs_codes():
        own = code.basis == reference.materials()[code.material].basis
        if code.revision == "HS92" and code.stage == "mined" and not code.shared and code.content and own:
            table.setdefault((code.material, code.stage), []).append(code.content)
    apart = {
        (row["material"], row["stage"]): (float(row["low"]), float(row["best"]), float(row["high"]))
        for row in reference.rows("ore_contents")
    }
    return apart | {key: factors[0] for key, factors in table.items() if len(factors) == 1}


def in_basis(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the facts in tonnes of their material's basis, with low and high, and notes on what was converted.

    Cubic metres of a gas are multiplied by its density, a gross figure of a material that is counted by content by
    the content of its trade code. A fact in any other foreign basis is left out: its source holds it in the
    material's basis too, or nobody can convert it.
    """
    basis = {id: m.basis for id, m in reference.materials().items()}
    own = pl.col("material").replace_strict(basis, return_dtype=pl.String, default=None)
    frame = frame.with_columns(own=own)
    solid = pl.col("unit") == "t"
    fits = pl.col("basis").is_null() | (pl.col("basis") == pl.col("own"))
    densities = {
        (material, None): (row.low / 1e3, row.best / 1e3, row.high / 1e3)
        for material, row in reference.gas_densities().items()
    }
    gases, gas_notes = _scaled(frame.filter(~solid), densities, "cubic metres turned into tonnes with a density")
    ores, ore_notes = _scaled(
        frame.filter(solid & ~fits & (pl.col("basis") == "gross")),
        ore_content(),
        "gross output turned into content with the factor of its trade code",
    )
    return pl.concat([frame.filter(solid & fits), gases, ores]).drop("own"), (*gas_notes, *ore_notes)


def _scaled(
    frame: pl.DataFrame, factors: Mapping[Any, tuple[float, ...]], what: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the facts that have a factor, multiplied by it, and a note that names the factors.

    factors  (material, stage or None) -> low, best, high; None holds for every stage
    """
    stages = {key for _, key in factors}
    keys = ["material"] if stages == {None} else ["material", "stage"]
    rows = [(*key[: len(keys)], *values) for key, values in factors.items()]
    table = pl.DataFrame(rows, schema=[*keys, "f_low", "f_best", "f_high"], orient="row")
    scaled = frame.join(table, on=keys).with_columns(
        low=pl.coalesce("low", "value") * pl.col("f_low"),
        high=pl.coalesce("high", "value") * pl.col("f_high"),
        value=pl.col("value") * pl.col("f_best"),
    )
    used = scaled.select("material", "stage", "f_low", "f_best", "f_high").unique().sort("material", "stage").rows()
    text = ", ".join(f"{m} {s} x {best:.4g} ({low:.4g}-{high:.4g})" for m, s, low, best, high in used)
    return scaled.drop("f_low", "f_best", "f_high"), (f"{what}: {text}",) if used else ()


def usable(selection: Selection) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return every production fact of a stage in its material's basis, with `key` and the `rank` of its source."""
    rank = selection.rank("production")
    dated = store.collect(selection.scan("production").filter(pl.col("stage").is_not_null()))
    frame, notes = in_basis(pl.concat([dated, undated(selection)]))
    return frame.with_columns(KEY, rank=pl.col("source").replace_strict(rank, return_dtype=pl.Int64)), notes


def undated(selection: Selection) -> pl.DataFrame:
    """Return statements without a year ("nothing is made"), taken for every year asked from UNDATED_FROM on."""
    years = [year for year in selection.years if year >= UNDATED_FROM]
    facts = store.scan(*store.providers("production")).filter(
        pl.col("quantity") == "production",
        pl.col("year").is_null(),
        pl.col("value").is_not_null(),
        pl.col("stage").is_not_null(),
        pl.col("material").is_in(selection.materials),
    )
    repeated = facts.drop("year").join(pl.LazyFrame({"year": pl.Series(years, dtype=pl.Int16)}), how="cross")
    return store.collect(repeated.select(list(SCHEMA)))


def of_the_world(selection: Selection, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the facts of one source and edition a (material, stage, year): the preferred one that lists a country.

    Only the sources named in the order of preference cover the world; what they do not list, they do not know of. A
    source that gives a single country and no world total (a national statistic) does not.
    """
    world = frame.filter(pl.col("source").is_in(list(selection.stated("production"))))
    cell = [*CELL, "key"]
    named = pl.when(~pl.col("country").is_in(PSEUDO)).then("country").drop_nulls().n_unique()
    total = ((pl.col("country") == "WLD") & pl.col("value").is_not_null()).any()
    world = world.filter((named.over(cell) > 1) | total.over(cell))
    best = (
        world.filter(~pl.col("country").is_in(PSEUDO))
        .sort("rank", "edition", descending=[False, True])
        .group_by(CELL, maintain_order=True)
        .agg(pl.col("key").first())
    )
    return world.join(best, on=[*CELL, "key"], how="semi")


def _by_country(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row a (material, stage, year, country): items summed; null where one of them is not known.

    A figure given as a range ("400 to 500") counts with its middle.
    """
    middle = (pl.col("low") + pl.col("high")) / 2
    return (
        frame.with_columns(value=pl.coalesce("value", middle))
        .filter(~pl.col("country").is_in(PSEUDO))
        .group_by(*CELL, "country", "key")
        .agg(
            value=pl.when(pl.col("value").is_null().any()).then(None).otherwise(pl.col("value").sort().sum()),
            low=pl.coalesce("low", "value").sum(),
            high=pl.when(pl.coalesce("high", "value").is_null().any())
            .then(None)
            .otherwise(pl.coalesce("high", "value").sum()),
        )
        .sort(*CELL, "country", "key")
    )


def _doubtful(frame: pl.DataFrame, filled: pl.DataFrame) -> tuple[str, ...]:
    """Return a note that names the cells whose figure is of low confidence."""
    low = frame.filter(pl.col("confidence") == "low").join(filled, on=[*CELL, "country", "key"], how="semi")
    cells = (
        low.select("country", "material", "stage", "year").unique().sort("country", "material", "stage", "year").rows()
    )
    return (
        (f"output known at low confidence only: {', '.join(' '.join(map(str, cell)) for cell in cells)}",)
        if cells
        else ()
    )


def production(selection: Selection) -> Cube:
    """Return the production cube of a Case.

    A country that the chosen source does not list has 0, between 0 and the source's remainder. One whose figure the
    source withholds or does not know takes that of the next source, or stays unknown. A national source fills only
    cells of its own countries that are still open; where no world source covers a stage, the others stay unknown.
    """
    frame, notes = usable(selection)
    world = of_the_world(selection, frame)
    listed = _by_country(world)
    cells = [*CELL, "country"]
    world_sources = pl.col("source").is_in(list(selection.stated("production")))
    silent = listed.filter(pl.col("value").is_null())
    every = _by_country(frame.filter(world_sources)).filter(pl.col("value").is_not_null())
    others = pl.concat([every.join(silent, on=cells, how="semi"), every.join(listed, on=CELL, how="anti")])
    filled = _by_country(frame.filter(~world_sources))
    rank = pl.col("key").str.split("@").list.first().replace_strict(selection.rank("production"))
    filled = (
        pl.concat([others, filled])
        .join(listed.filter(pl.col("value").is_not_null()), on=cells, how="anti")
        .sort(rank, *cells, "key", descending=[False, *[False] * len(cells), True])
        .unique(cells, keep="first", maintain_order=True)
    )
    table = pl.concat([listed.join(filled, on=cells, how="anti"), filled])
    notes = (*notes, *_doubtful(frame, filled))
    axes = ("material", "stage", "country", "year")
    cube = selection.dense("production", "t", table, *axes)
    values, origin = cube.values.copy(), cube.origin
    low = selection.dense("production", "t", table, *axes, value="low").values.copy()
    high = selection.dense("production", "t", table, *axes, value="high").values.copy()
    if origin is not None:
        unknown = pl.col("value").is_null().any()  # a remainder that the source does not know is no zero
        rest = world.filter(pl.col("country") == "ROW").group_by(CELL)
        rest = rest.agg(pl.when(unknown).then(None).otherwise(pl.col("value").sort().sum()).alias("value"))
        at = {"material": "material", "stage": "stage", "year": "year"}
        remainder, covered = (np.zeros((values.shape[0], values.shape[1], values.shape[3])) for _ in range(2))
        remainder[tuple(selection.positions(rest, **at))] = rest["value"]
        covered[tuple(selection.positions(listed.select(CELL).unique(), **at))] = 1
        unlisted = (covered[:, :, None, :] > 0) & (origin < 0)
        values[unlisted], low[unlisted] = 0.0, 0.0
        high = np.where(unlisted, np.broadcast_to(remainder[:, :, None, :], high.shape), high)
    return Cube("production", "t", cube.axes, values, None, low, high, cube.sources, origin, notes)


def world_production(selection: Selection) -> Cube:
    """Return the world totals: as the chosen source reports them, else the sum of its countries and its remainder.

    A reported total that is more than 0.5 % (rounding) below the sum of its own parts is out of date: the sum is taken.
    """
    every, notes = usable(selection)
    frame = of_the_world(selection, every)
    moved = replaced(selection, every)
    reported = frame.filter(pl.col("country") == "WLD", pl.col("value").is_not_null())
    parts = frame.filter(~pl.col("country").is_in(["WLD", "AGG"]))
    summed = parts.group_by(*CELL, "key").agg(sum=pl.col("value").sum())
    said = reported.group_by(*CELL, "key").agg(said=pl.col("value").sum())
    summed = summed.join(moved, on=[*CELL, "key"], how="left").with_columns(pl.col("was", "now").fill_null(0.0))
    outdated = pl.col("said").is_null() | (pl.col("sum") + pl.col("was") > 1.005 * pl.col("said"))
    total = summed.join(said, on=[*CELL, "key"], how="left").with_columns(
        value=pl.when(outdated).then(pl.col("sum") + pl.col("was")).otherwise("said") - pl.col("was") + pl.col("now")
    )
    if moved.height:
        notes = (*notes, "world totals moved by what one's own output differs from the published figure it replaces")
    cube = selection.dense("world_production", "t", total, "material", "stage", "year")
    return Cube("world_production", "t", cube.axes, cube.values, sources=cube.sources, origin=cube.origin, notes=notes)


def replaced(selection: Selection, every: pl.DataFrame) -> pl.DataFrame:
    """Return, by cell and source key, the published output that facts of one's own replace, and those: was, now.

    every  usable()
    What the publisher of the world total does not give is in its remainder already, and moves nothing.
    """
    cells = [*CELL, "country"]
    schema = {**dict.fromkeys(("material", "stage", "key"), pl.String), "year": pl.Int16}
    own = every.filter(overlay.own(), pl.col("value").is_not_null())
    if own.is_empty():
        return pl.DataFrame(schema={**schema, "was": pl.Float64, "now": pl.Float64})
    raw = store.published(*selection.stated("production")).filter(
        pl.col("quantity") == "production", pl.col("material").is_in(selection.materials), pl.col("month").is_null()
    )
    mine = own.group_by(*cells).agg(now=pl.col("value").sum())
    theirs, _ = in_basis(store.collect(raw.join(mine.lazy(), on=cells, how="semi")))
    was = theirs.with_columns(KEY).group_by(*cells, "key").agg(was=pl.col("value").sum(), known=pl.len())
    both = was.filter(pl.col("was") > 0).join(mine, on=cells)
    return both.group_by(*CELL, "key").agg(pl.col("was", "now").sum())


def reserves(selection: Selection) -> Cube:
    """Return reserves by country as the newest edition of the preferred source gives them, whatever its year."""
    frame = reserve_facts(selection)
    return selection.dense("reserves", "t", frame, "material", "country")


def reserve_facts(selection: Selection) -> pl.DataFrame:
    """Return one reserve figure a material and country, in the material's basis."""
    rank = selection.rank("reserves")
    raw = store.scan(*store.providers("reserves")) if store.providers("reserves") else None
    if raw is None:
        return pl.DataFrame(schema={"material": pl.String, "country": pl.String, "value": pl.Float64, "key": pl.String})
    frame = raw.filter(
        pl.col("quantity") == "reserves",
        pl.col("material").is_in(selection.materials),
        ~pl.col("country").is_in(PSEUDO),
        pl.col("value").is_not_null(),
    ).collect()
    frame, _ = in_basis(frame)
    frame = frame.with_columns(KEY, rank=pl.col("source").replace_strict(rank, return_dtype=pl.Int64))
    summed = frame.group_by("material", "country", "key", "rank", "edition", "year").agg(pl.col("value").sum())
    return (
        summed.sort(["rank", "edition", "year", "key"], descending=[False, True, True, False])
        .group_by("material", "country", maintain_order=True)
        .agg(pl.col("value").first(), pl.col("key").first())
        .sort("material", "country")
    )


def stored_output(selection: Selection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return production facts in the material's basis with their key, and the same as stored."""
    chosen, _ = usable(selection)
    return chosen, selection.scan("production").collect()


def _origins(cube: Cube, cell: Cell, *names: str) -> pl.DataFrame:
    """Return the labels and the source key of every cell of a dense cube that a fact stands behind."""
    assert cube.origin is not None
    keep = {"material": cell.materials, "year": (str(cell.year),)}
    codes = [[c for c in axis.codes if axis.name not in keep or c in keep[axis.name]] for axis in cube.axes]
    picked = cube.origin[np.ix_(*(axis.positions(kept) for axis, kept in zip(cube.axes, codes, strict=True)))]
    at = (picked >= 0).nonzero()
    columns = {axis.name: [kept[p] for p in where] for axis, kept, where in zip(cube.axes, codes, at, strict=True)}
    schema = {**dict.fromkeys(columns, pl.String), "key": pl.String}
    frame = pl.DataFrame({**columns, "key": [cube.sources[p] for p in picked[at]]}, schema=schema)
    return frame.select(*names, "key").with_columns(pl.col("year").cast(pl.Int16))


def _output_facts(case: Case, cell: Cell) -> pl.DataFrame:
    """Return the figures of each producer, from the source that the cube names for it, and the chosen remainder."""
    chosen, raw = stored_output(evidence.narrowed(case, cell))
    names = ("material", "stage", "country", "year")
    cells = _origins(case.cube("production"), cell, *names)
    return evidence.restored(chosen.join(cells, on=[*names, "key"], how="semi"), raw)


def _world_output_facts(case: Case, cell: Cell) -> pl.DataFrame:
    """Return the reported world total where the cube takes it, else the parts that it adds up."""
    selection = evidence.narrowed(case, cell)
    chosen, raw = stored_output(selection)
    return evidence.restored(world_facts(selection, chosen, case.cube("world_production")), raw)


def world_facts(selection: Selection, frame: pl.DataFrame, cube: Cube) -> pl.DataFrame:
    """Return the facts that make up the world totals of a selection."""
    of_it = of_the_world(selection, frame)
    total = pl.col("country") == "WLD"
    kept = []
    for (material, stage, year), group in of_it.group_by(*CELL, maintain_order=True):
        if str(year) not in cube.axes[2]:
            continue
        at = (cube.axes[0].at(str(material)), cube.axes[1].at(str(stage)), cube.axes[2].at(str(year)))
        said = group.filter(total, pl.col("value").is_not_null())
        same = said.height and abs(said["value"].sum() - cube.values[at]) <= 1e-9 * abs(cube.values[at])
        kept.append(said if same else group.filter(~pl.col("country").is_in(["WLD", "AGG"])))
    return pl.concat(kept) if kept else of_it.head(0)


def reserve_lineage(held: pl.DataFrame) -> pl.DataFrame:
    """Return reserve facts with what of them enters, in the basis of their material."""
    return evidence.restored(in_basis(held)[0], held)


BUILDERS: dict[str, Builder] = {
    "production": Builder(production, _output_facts),
    "world_production": Builder(world_production, _world_output_facts),
    "reserves": Builder(reserves, matched("reserves", convert=reserve_lineage, summed=True)),
}
"""Cubes by name, each with its lineage."""
