"""Facts of output and reserves to cubes: one source a cell, unlisted countries bounded, withheld ones unknown."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.cube import Cube
from khanij.data.facts import PSEUDO
from khanij.data.selection import KEY, Selection

CELL = ("material", "stage", "year")


@cache
def ore_content() -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return (material, "mined") -> content low, best, high of its one ore code in HS92, for figures in gross ore.

    A material whose ores have several codes, or other stages, have no single factor and are not converted.
    """
    table: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for code in reference.hs_codes():
        own = code.basis == reference.materials()[code.material].basis
        if code.revision == "HS92" and code.stage == "mined" and not code.shared and code.content and own:
            table.setdefault((code.material, code.stage), []).append(code.content)
    return {key: factors[0] for key, factors in table.items() if len(factors) == 1}


def in_basis(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the facts in their material's basis, with low and high, and notes on what was converted or left out.

    A gross figure of a material that is counted by content is multiplied by the content of its trade code; a fact in
    any other foreign basis is left out (the same source holds it in the material's basis too, or nobody can convert it).
    """
    content = ore_content()
    basis = {id: m.basis for id, m in reference.materials().items()}
    rows = [(m, s, *factors) for (m, s), factors in content.items()]
    factors = pl.DataFrame(rows, schema=["material", "stage", "c_low", "c_best", "c_high"], orient="row")
    own = pl.col("material").replace_strict(basis, return_dtype=pl.String, default=None)
    frame = frame.with_columns(own=own).join(factors, on=["material", "stage"], how="left")
    fits = pl.col("basis").is_null() | (pl.col("basis") == pl.col("own"))
    gross = (pl.col("basis") == "gross") & ~fits & pl.col("c_best").is_not_null()
    scaled = frame.filter(gross).with_columns(
        low=pl.coalesce("low", "value") * pl.col("c_low"),
        high=pl.coalesce("high", "value") * pl.col("c_high"),
        value=pl.col("value") * pl.col("c_best"),
    )
    kept = pl.concat([frame.filter(fits), scaled]).drop("own", "c_low", "c_best", "c_high")
    notes = []
    if scaled.height:
        which = sorted(set(zip(scaled["material"], scaled["stage"], strict=True)))
        text = ", ".join(
            f"{m} {s} x {content[m, s][1]:g} ({content[m, s][0]:g}-{content[m, s][2]:g})" for m, s in which
        )
        notes.append(f"gross output turned into content with the factor of its trade code: {text}")
    return kept, tuple(notes)


def chosen(selection: Selection, quantity: str, basis: str = "material") -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the facts of one source and edition a (material, stage, year): the preferred one that lists a country."""
    rank = selection.rank(quantity)
    frame = selection.scan(quantity).filter(pl.col("stage").is_not_null()).collect()
    notes: tuple[str, ...] = ()
    if basis == "material":
        frame, notes = in_basis(frame)
    frame = frame.with_columns(KEY, rank=pl.col("source").replace_strict(rank, return_dtype=pl.Int64))
    listed = frame.filter(~pl.col("country").is_in(PSEUDO))
    best = (
        listed.sort("rank", "edition", descending=[False, True])
        .group_by(CELL, maintain_order=True)
        .agg(pl.col("key").first())
    )
    return frame.join(best, on=[*CELL, "key"], how="semi"), notes


def production(selection: Selection, quantity: str = "production") -> Cube:
    """Return the production cube; see the Case: 0 with bounds for a country its source does not list."""
    frame, notes = chosen(selection, quantity)
    cells = (
        frame.filter(~pl.col("country").is_in(PSEUDO))
        .group_by(*CELL, "country", "key")
        .agg(
            pl.col("value").sum(),
            low=pl.coalesce("low", "value").sum(),
            high=pl.coalesce("high", "value").sum(),
            unknown=pl.coalesce("value", "high").is_null().any() | pl.col("value").is_null().any(),
        )
        .with_columns(value=pl.when("unknown").then(None).otherwise("value"))
    )
    rest = frame.filter(pl.col("country") == "ROW").group_by(CELL).agg(pl.col("value").sum().alias("rest"))
    cube = selection.dense(quantity, "t", cells, "material", "stage", "country", "year")
    low = selection.dense(quantity, "t", cells, "material", "stage", "country", "year", value="low").values.copy()
    high = selection.dense(quantity, "t", cells, "material", "stage", "country", "year", value="high").values.copy()
    values, origin = cube.values.copy(), cube.origin
    assert origin is not None or not cube.sources
    if origin is not None:
        remainder = np.zeros((values.shape[0], values.shape[1], values.shape[3]))
        remainder[tuple(selection.positions(rest, material="material", stage="stage", year="year"))] = rest["rest"]
        covered = (origin >= 0).any(axis=2, keepdims=True)
        unlisted = covered & (origin < 0)
        values[unlisted], low[unlisted] = 0.0, 0.0
        high = np.where(unlisted, np.broadcast_to(remainder[:, :, None, :], high.shape), high)
    return Cube(quantity, "t", cube.axes, values, None, low, high, cube.sources, origin, notes)


def world_production(selection: Selection) -> Cube:
    """Return the world totals: as the chosen source reports them, else the sum of its countries and its remainder."""
    frame, notes = chosen(selection, "production")
    reported = frame.filter(pl.col("country") == "WLD", pl.col("value").is_not_null())
    parts = frame.filter(~pl.col("country").is_in(["WLD", "AGG"]))
    total = (
        pl.concat([reported.with_columns(first=0), parts.with_columns(first=1)])
        .group_by(*CELL, "key", "first")
        .agg(pl.col("value").sum())
        .sort("first")
        .group_by(*CELL, maintain_order=True)
        .agg(pl.col("value").first(), pl.col("key").first())
    )
    cube = selection.dense("world_production", "t", total, "material", "stage", "year")
    return Cube("world_production", "t", cube.axes, cube.values, sources=cube.sources, origin=cube.origin, notes=notes)


def reserves(selection: Selection) -> Cube:
    """Return reserves by country as the newest edition of the preferred source gives them, whatever its year."""
    frame = reserve_facts(selection)
    return selection.dense("reserves", "t", frame, "material", "country")


def reserve_facts(selection: Selection) -> pl.DataFrame:
    """Return one reserve figure a material and country, in the material's basis."""
    from khanij.data import store

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
