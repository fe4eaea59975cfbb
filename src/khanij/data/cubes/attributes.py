"""Facts about countries, materials and sectors to cubes: membership, governance, prices, the EU's shares."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.data.cubes import evidence, production
from khanij.data.cubes.evidence import CARRIED, Builder, Cell, matched
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.facts import overlay, store
from khanij.data.facts.schema import PSEUDO


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
    """Return governance estimates; a year without any carries the latest earlier one, at most CARRIED years old.

    Scores of several publishers do not compare: those of the source that is preferred for "governance" are taken, and
    their errors with them.
    """
    every = _of_the_publisher(selection, quantity).select("item", "country", "year", "value", KEY)
    mine, frame = every.filter(overlay.own("key")), every.filter(~overlay.own("key"))
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
    mine = mine.filter(pl.col("year").is_in(years))
    values[tuple(selection.positions(mine, item="dimension", country="country", year="year"))] = mine[
        "value"
    ].to_numpy()
    sources = tuple(pl.concat([frame, mine])["key"].unique().sort().to_list())
    return Cube(
        quantity, "score", (dims, countries, selection.axes["year"]), values, sources=sources, notes=tuple(notes)
    )


def _of_the_publisher(selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the facts of a governance quantity of the one publisher whose scores are taken."""
    source = selection.sources("governance")[:1] or (selection.one("governance"),)
    return store.collect(store.scan(*source).filter(pl.col("quantity") == quantity))


def _scores(quantity: str) -> evidence.Lineage:
    """Return the lineage of governance: figures of the countries; of the latest earlier year where one has none."""

    def find(case: Case, cell: Cell) -> pl.DataFrame:
        every = _of_the_publisher(evidence.narrowed(case, cell), quantity)
        frame = every.filter(pl.col("year").is_between(cell.year - CARRIED, cell.year), pl.col("value").is_not_null())
        frame = frame.filter(pl.col("year") == frame["year"].max())
        if cell.countries:
            frame = frame.filter(pl.col("country").is_in(list(cell.countries)))
        return frame.with_columns(factor=1.0, entered="value")

    return find


def price(selection: Selection) -> Cube:
    """Return the yearly price per tonne of the material's basis: the first series of price_benchmarks.csv that has it.

    A price of gross ore (`per` = ore) is divided by the ore's content factor; any other foreign basis is left out.
    """
    columns = ["material", "source", "item", "per", pl.col("order").cast(pl.Int64)]
    benchmarks = pl.DataFrame(reference.rows("price_benchmarks")).select(columns)
    frame = store.collect(selection.scan("price")).filter(pl.col("unit") == "USD/t", pl.col("value").is_not_null())
    mine = frame.filter(overlay.own(), pl.col("month").is_null()).with_columns(KEY, per=pl.lit(""), order=pl.lit(-1))
    frame = frame.with_columns(KEY).join(benchmarks, on=["material", "source", "item"])
    frame = pl.concat([mine.cast({"order": pl.Int64}).select(frame.columns), frame])
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


def priced(held: pl.DataFrame) -> pl.DataFrame:
    """Return price facts of the benchmark series as they enter: those of gross ore divided by its content."""
    per = pl.DataFrame(reference.rows("price_benchmarks")).select("material", "source", "item", "per")
    ores = [(m, 1.0 / factors[1]) for (m, _), factors in production.ore_content().items()]
    ore = pl.DataFrame(ores, schema={"material": pl.String, "ore": pl.Float64}, orient="row")
    frame = held.join(per, on=["material", "source", "item"]).join(ore, on="material", how="left")
    frame = frame.filter(pl.col("unit") == "USD/t")
    factor = pl.when(pl.col("per") == "ore").then("ore").otherwise(1.0)
    return frame.with_columns(factor=factor).with_columns(entered=pl.col("value") * pl.col("factor"))


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


def _entry(build: Callable[..., Cube], name: str, quantity: str, item: str | None = None, **settings: bool) -> Builder:
    """Return the entry of a cube of one figure a label, built from the facts of a quantity whose item begins so."""
    made = partial(build, quantity=quantity, item=item, name=name, **settings)
    return Builder(made, matched(name, quantity, item))


def _sectoral(build: Callable[[Selection], Cube], name: str) -> Builder:
    """Return the entry of a cube of uses by sector, in which several applications of one sector are added."""
    return Builder(build, matched(name, "use_share", summed=True))


BUILDERS: dict[str, Builder] = {
    "membership": Builder(membership, "who belongs to the focus: reference table groups"),
    "governance": Builder(governance, _scores("governance")),
    "governance_error": Builder(partial(governance, quantity="governance_error"), _scores("governance_error")),
    "price": Builder(price, matched("price", convert=priced)),
    "global_supply_share": _entry(shares, "global_supply_share", "global_supply_share"),
    "eu_supply_share": _entry(shares, "eu_supply_share", "eu_supply_share"),
    "global_trade_restriction": _entry(shares, "global_trade_restriction", "trade_restriction", "global"),
    "eu_trade_restriction": _entry(shares, "eu_trade_restriction", "trade_restriction", "eu"),
    "use_share": _sectoral(use_share, "use_share"),
    "use_share_by_stage": _sectoral(use_share_by_stage, "use_share_by_stage"),
    "value_added": Builder(value_added, matched("value_added")),
    "recycling_input_rate": _entry(by_material, "recycling_input_rate", "recycling_input_rate"),
    "recycling_by_stage": _entry(by_stage, "recycling_by_stage", "recycling_input_rate", near=True),
    "importance_before": _entry(by_stage, "importance_before", "economic_importance", "eu-2020"),
    "substitution_sr_by_stage": _entry(by_stage, "substitution_sr_by_stage", "substitution_index", "sr"),
    "substitution_sr": _entry(by_material, "substitution_sr", "substitution_index", "sr"),
    "substitution_ei": _entry(by_material, "substitution_ei", "substitution_index", "ei"),
    "eu_import_reliance": _entry(by_material, "eu_import_reliance", "import_reliance", "eu"),
}
"""Cubes by name, each with its lineage."""
