"""Facts about countries, materials and sectors to cubes: membership, governance, prices, the EU's shares."""

from __future__ import annotations

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.cube import Cube
from khanij.data.cubes import production
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import store
from khanij.data.facts.schema import PSEUDO

CARRIED = 3  # years that a governance estimate may be carried forward; 1996-2002 had gaps of one year, editions lag one


def membership(selection: Selection) -> Cube:
    """Return 1 where a country belongs to a focus in a year; a single country is its own only member."""
    axes = tuple(selection.axes[name] for name in ("focus", "country", "year"))
    values = np.zeros(tuple(map(len, axes)))
    for f, focus in enumerate(axes[0].codes):
        for y, year in enumerate(selection.years):
            members = reference.members(focus, year) if focus in reference.groups() else (focus,)
            values[f, axes[1].positions(members), y] = 1.0
    return Cube("membership", "1", axes, values)


def governance(selection: Selection, quantity: str = "governance") -> Cube:
    """Return governance estimates; a year without any carries the latest earlier one, at most CARRIED years old."""
    facts = store.scan("wgi").filter(pl.col("quantity") == quantity)
    frame = store.collect(facts.select("item", "country", "year", "value", KEY))
    dims, countries = selection.axes["dimension"], selection.axes["country"]
    years = selection.years
    first = min([*years, int(frame["year"].min() or 0)])  # type: ignore[type-var, arg-type]
    span = max(years) - first + 1
    grid = np.full((len(dims), len(countries), span), np.nan)
    frame = frame.filter(pl.col("year") <= max(years), pl.col("country").is_in(list(countries.codes)))
    at = selection.positions(frame, item="dimension", country="country")
    grid[at[0], at[1], frame["year"].to_numpy() - first] = frame["value"].to_numpy()
    assessed = ~np.isnan(grid).all(axis=(0, 1))
    notes = []
    for step in range(1, span):
        if assessed[step]:
            continue
        earlier = [back for back in range(1, CARRIED + 1) if step - back >= 0 and assessed[step - back]]
        if earlier:
            grid[:, :, step] = grid[:, :, step - earlier[0]]
            if first + step in years:
                notes.append(f"governance of {first + step} carried from {first + step - earlier[0]}")
    values = grid[:, :, [year - first for year in years]]
    sources = tuple(frame["key"].unique().sort().to_list())
    return Cube(
        quantity, "score", (dims, countries, selection.axes["year"]), values, sources=sources, notes=tuple(notes)
    )


def price(selection: Selection) -> Cube:
    """Return the yearly price per tonne of the material's basis: the first series of price_benchmarks.csv that has it.

    A price of gross ore (`per` = ore) is divided by the ore's content factor; any other foreign basis is left out.
    """
    columns = ["material", "source", "item", "per", pl.col("order").cast(pl.Int64)]
    benchmarks = pl.DataFrame(reference.rows("price_benchmarks")).select(columns)
    frame = store.collect(selection.scan("price")).filter(pl.col("unit") == "USD/t", pl.col("value").is_not_null())
    frame = frame.with_columns(KEY).join(benchmarks, on=["material", "source", "item"])
    own = {id: m.basis for id, m in reference.materials().items()}
    content = {material: factors[1] for (material, _), factors in production.ore_content().items()}
    ore = pl.col("material").replace_strict(content, default=None, return_dtype=pl.Float64)
    frame = frame.with_columns(
        value=pl.when(pl.col("per") == "ore").then(pl.col("value") / ore).otherwise("value"),
        fits=(pl.col("per") == "ore") | (pl.col("basis") == pl.col("material").replace_strict(own, default=None)),
    ).filter("fits", pl.col("value").is_not_null())
    first = (
        frame.sort(["order", "edition", "row"], descending=[False, True, False])
        .group_by("material", "year", maintain_order=True)
        .agg(pl.col("value").first(), pl.col("key").first())
    )
    cube = selection.dense("price", "USD/t", first, "material", "year")
    ores = ", ".join(sorted(benchmarks.filter(pl.col("per") == "ore")["material"].unique()))
    note = f"price of gross ore divided by its content factor: {ores}"
    return Cube("price", "USD/t", cube.axes, cube.values, sources=cube.sources, origin=cube.origin, notes=(note,))


def shares(selection: Selection, quantity: str, item: str | None = None, name: str | None = None) -> Cube:
    """Return an assessment's figures by material, stage and country (supply shares, trade parameters).

    Several rows of one cell are an error upstream; a bound without a value counts as the middle of its range.
    """
    frame = _any_year(quantity).filter(pl.col("material").is_in(selection.materials), ~pl.col("country").is_in(PSEUDO))
    if item is not None:
        frame = frame.filter(pl.col("item") == item)
    middle = (pl.col("low").fill_null(0.0) + pl.col("high")) / 2
    frame = frame.with_columns(value=pl.coalesce("value", middle)).filter(pl.col("value").is_not_null())
    return selection.dense(name or quantity, "1", frame, "material", "stage", "country")


def by_material(selection: Selection, quantity: str, item: str | None = None, name: str | None = None) -> Cube:
    """Return one figure a material: of the preferred source, its newest year, a whole-chain figure before a stage's."""
    frame = _figures(selection, quantity, item)
    latest = (
        frame.sort(
            ["rank", "year", "edition", "stage", "row"], descending=[False, True, True, False, False], nulls_last=False
        )
        .group_by("material", maintain_order=True)
        .agg(pl.col("value").first(), pl.col("key").first())
    )
    unit = frame["unit"][0] if frame.height else "1"
    return selection.dense(name or quantity, unit, latest, "material")


def by_stage(
    selection: Selection, quantity: str, item: str | None = None, name: str | None = None, near: bool = False
) -> Cube:
    """Return one figure a material and stage: of the preferred source, its newest year.

    The stage's own figure goes before that of the whole chain; with `near`, a stage without either takes the figure of
    another stage of the material.
    """
    stages = pl.DataFrame({"wanted": selection.axes["stage"].codes})
    own = pl.col("stage") == pl.col("wanted")
    fit = pl.when(own.fill_null(False)).then(0).when(pl.col("stage").is_null()).then(1).otherwise(2)
    frame = _figures(selection, quantity, item)
    table = frame.join(stages, how="cross").with_columns(fit=fit).filter((pl.col("fit") < 2) | near)
    first = (
        table.sort(["rank", "year", "edition", "fit", "row"], descending=[False, True, True, False, False])
        .group_by("material", "wanted", maintain_order=True)
        .agg(pl.col("value").first(), pl.col("key").first())
        .rename({"wanted": "stage"})
    )
    unit = frame["unit"][0] if frame.height else "1"
    return selection.dense(name or quantity, unit, first, "material", "stage")


def _figures(selection: Selection, quantity: str, item: str | None) -> pl.DataFrame:
    """Return the figures of a quantity with a value, and the rank of each one's source where an order is stated."""
    frame = _any_year(quantity).filter(pl.col("material").is_in(selection.materials), pl.col("value").is_not_null())
    if item is not None:
        frame = frame.filter(pl.col("item").str.starts_with(item))
    order = selection.preferred.get(quantity, ())
    ranks = pl.DataFrame({"source": order, "rank": range(len(order))}, schema={"source": pl.String, "rank": pl.Int64})
    named = frame.with_columns(source=pl.col("key").str.split("@").list.first())
    return named.join(ranks, on="source", how="left", maintain_order="left").with_columns(
        pl.col("rank").fill_null(len(order))
    )


def use_share(selection: Selection) -> Cube:
    """Return the share of each sector in a material's use, applications of one sector added."""
    frame = _sectors("use_share").filter(pl.col("material").is_in(selection.materials))
    summed = frame.group_by("material", "sector").agg(pl.col("value").sum(), pl.col("key").first())
    return selection.dense("use_share", "1", summed, "material", "sector")


def use_share_by_stage(selection: Selection) -> Cube:
    """Return the same by stage: uses that the study gives for one stage of a material are those of no other."""
    frame = _sectors("use_share").filter(pl.col("material").is_in(selection.materials))
    stages = pl.DataFrame({"wanted": selection.axes["stage"].codes})
    spread = frame.join(stages, how="cross").filter(pl.col("stage").is_null() | (pl.col("stage") == pl.col("wanted")))
    summed = spread.group_by("material", "wanted", "sector").agg(pl.col("value").sum(), pl.col("key").first())
    named = summed.rename({"wanted": "stage"})
    return selection.dense("use_share_by_stage", "1", named, "material", "stage", "sector")


def value_added(selection: Selection) -> Cube:
    """Return the value added of each sector, as the EU study gives it."""
    frame = _sectors("value_added").filter(pl.col("unit") == "MEUR")
    one = frame.sort("row").group_by("sector", maintain_order=True).agg(pl.col("value").first(), pl.col("key").first())
    return selection.dense("value_added", "MEUR", one, "sector")


def sector_codes() -> tuple[str, ...]:
    """Return the sector codes that occur in use shares."""
    return tuple(_sectors("use_share")["sector"].unique().sort().to_list())


def _sectors(quantity: str) -> pl.DataFrame:
    """Return facts with the sector code that starts their item ("C27 | Batteries")."""
    frame = _any_year(quantity).filter(pl.col("value").is_not_null())
    return frame.with_columns(sector=pl.col("item").str.split(" | ").list.first())


def _any_year(quantity: str) -> pl.DataFrame:
    """Return the facts of a quantity, whatever their year: an assessment's figures stand for its reference period."""
    sources = store.providers(quantity)
    if not sources:
        schema = {**dict.fromkeys(("material", "stage", "country", "item", "unit", "edition", "key"), pl.String)}
        return pl.DataFrame(
            schema={
                **schema,
                "year": pl.Int16,
                "row": pl.Int32,
                "value": pl.Float64,
                "low": pl.Float64,
                "high": pl.Float64,
            }
        )
    frame = store.scan(*sources).filter(pl.col("quantity") == quantity)
    return store.collect(frame.with_columns(KEY))
