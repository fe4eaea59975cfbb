"""Thirty years of exports by trade code, and what was known of codes and exporters each year: a model's raw matter.

Every cube reaches over all years on record, on the axis "history", and over all codes, whatever the Case asks for: a
model of rare events needs all of them. Codes of one edition only, so that no goods change their code on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.cube import Cube, Positions
from khanij.data.cubes import attributes, markets, relations
from khanij.data.cubes.evidence import Builder, unfollowed
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.trade.flows import FAR, WEIGHTY, code_table
from khanij.data.facts import overlay, record, store

NAME = "code_trade"  # under which a source says in its record that it has every flow of every year in one edition
FLOW = ["item", "country", "partner", "year"]


def span(selection: Selection) -> Axis:
    """Return the axis "history": every year for which the trade source has flows."""
    years = _flows(*_source(selection))["year"]
    return Axis("history", tuple(map(str, range(int(years.min()), int(years.max()) + 1))))  # type: ignore[arg-type]


def _source(selection: Selection) -> tuple[str, str]:
    """Return the source of the flows, and the fingerprint of its facts."""
    source = selection.one(NAME)
    return source, store.fingerprint([source])


@cache
def _flows(source: str, fingerprint: str) -> pl.DataFrame:
    """Return every flow of the source: item, country, partner, year, v kUSD, t gross tonnes (null = not known)."""
    frame = store.scan(source).filter(
        pl.col("quantity").is_in(["trade_value", "trade_mass"]), pl.col("country") != pl.col("partner")
    )
    parts = [
        frame.filter(pl.col("quantity") == quantity).select(*FLOW, pl.col("value").alias(name))
        for quantity, name in (("trade_value", "v"), ("trade_mass", "t"))
    ]
    flows = store.collect(parts[0].join(parts[1], on=FLOW, how="full", coalesce=True)).sort(*FLOW)
    if not overlay.laid():
        return flows
    held = store.collect(store.published(source).select("item").unique())  # codes of one edition only
    return flows.filter(pl.col("item").is_in(held["item"].to_list()))


@cache
def _weighed(source: str, fingerprint: str) -> pl.DataFrame:
    """Return the flows with `w`: tonnes, or value over the code's median value per tonne where they are not usable.

    Not usable are unknown tonnages and suspect ones: value per tonne below 1/FAR of the median of code and year, in a
    flow that makes WEIGHTY of the code's world trade or of its exporter's. In a year in which no flow of a code has a
    tonnage, w is null.
    """
    frame = _flows(source, fingerprint).with_columns(unit=pl.col("v") / pl.when(pl.col("t") > 0).then("t"))
    group = ["item", "year"]
    known = frame.filter(pl.col("unit") > 0).sort(*group, "unit")
    half = pl.col("v").cum_sum().over(group) >= pl.col("v").sum().over(group) / 2
    median = known.filter(half).group_by(group, maintain_order=True).agg(median=pl.col("unit").first())
    world, exporter = pl.col("t").sum().over(group), pl.col("t").sum().over(*group, "country")
    weighty = (pl.col("t") >= WEIGHTY * world) | (pl.col("t") >= WEIGHTY * exporter)
    usable = (pl.col("t") > 0) & ~((pl.col("unit") * FAR < pl.col("median")) & weighty).fill_null(value=False)
    joined = frame.join(median, on=group, how="left", maintain_order="left")
    return joined.with_columns(
        usable=usable.fill_null(value=False),
        w=pl.when(usable.fill_null(value=False)).then("t").otherwise(pl.col("v") / pl.col("median")),
    )


def prepare() -> None:
    """Read and weigh the flows of all years, so that the cubes of this module are there at once when asked for."""
    _weighed(*_source(Selection({})))


def _axes(selection: Selection) -> tuple[Axis, Axis, Axis, Axis]:
    """Return the axes code, exporter, importer, history."""
    items = _flows(*_source(selection))["item"].unique().sort().to_list()
    countries = selection.axes["country"].codes
    return Axis("code", tuple(items)), Axis("exporter", countries), Axis("importer", countries), span(selection)


@lru_cache(maxsize=2)
def _places(source: str, fingerprint: str, axes: tuple[Axis, ...]) -> Positions:
    """Return where each flow stands on the axes code, exporter, importer and history (4, E), for several cubes."""
    wide = Selection(dict(zip(FLOW, axes, strict=True)), {})
    return wide.positions(_flows(source, fingerprint), **{name: name for name in FLOW})


def _cube(selection: Selection, quantity: str, unit: str, column: str, notes: tuple[str, ...]) -> Cube:
    """Return a sparse cube of one column of the flows; weighing keeps their order, and only tonnes need it."""
    source = _source(selection)
    frame, axes = (_weighed if column == "w" else _flows)(*source), _axes(selection)
    at = _places(*source, axes)
    values = frame[column].fill_null(float("nan")).to_numpy()
    edition = store.manifest()["sources"][source[0]]["editions"][-1]
    return Cube(quantity, unit, axes, values, at, sources=(f"{source[0]}@{edition}",), notes=notes)


def code_trade(selection: Selection) -> Cube:
    """Return gross tonnes by code, exporter, importer and year; nan in years without any tonnage of a code."""
    frame = _weighed(*_source(selection))
    replaced = frame.filter(~pl.col("usable"), pl.col("w").is_not_null()).height
    text = f"{replaced} of {frame.height} flows: tonnage unknown or suspect, value over the code's median taken instead"
    return _cube(selection, "code_trade", "t", "w", (text,))


def code_trade_recorded(selection: Selection) -> Cube:
    """Return gross tonnes as recorded, the entries in the order of code_trade; nan where none is recorded."""
    return _cube(selection, "code_trade_recorded", "t", "t", ())


def code_trade_value(selection: Selection) -> Cube:
    """Return thousand USD by code, exporter, importer and year, the entries in the order of code_trade."""
    return _cube(selection, "code_trade_value", "kUSD", "v", ())


def code_material(selection: Selection) -> Cube:
    """Return, for each code and a material and stage in it, 1 where it holds this material alone, else 0."""
    codes = _axes(selection)[0]
    axes = (codes, selection.axes["material"], selection.axes["stage"])
    table = code_table().filter(pl.col("item").is_in(list(codes.codes)), pl.col("material").is_in(selection.materials))
    table = table.group_by("item", "material", "stage").agg(pl.col("shared").any()).sort("item", "material", "stage")
    wide = replace(selection, axes=dict(zip(("item", "material", "stage"), axes, strict=True)))
    at = wide.positions(table, item="item", material="material", stage="stage")
    return Cube("code_material", "1", axes, (~table["shared"]).cast(pl.Float64).to_numpy(), at)


def _own_materials(selection: Selection) -> tuple[Selection, dict[str, tuple[str, str]]]:
    """Return a selection of every material, and code -> (material, stage) of codes that hold one material alone."""
    every = replace(
        selection, axes={**selection.axes, "material": Axis("material", tuple(sorted(reference.materials())))}
    )
    alone = code_table().group_by("item").agg(pl.len(), pl.col("material", "stage").first(), pl.col("shared").any())
    rows = alone.filter(~pl.col("shared"), pl.col("len") == 1).select("item", "material", "stage").iter_rows()
    return every, {item: (material, stage) for item, material, stage in rows}


def code_price(selection: Selection) -> Cube:
    """Return the yearly price of a code's material, one series a material (USD/t); nan where there is none."""
    every, own = _own_materials(selection)
    series, codes, years = markets.price_series(every), _axes(selection)[0], span(selection)
    history = series.axis("history")
    columns = history.positions(years.codes)
    values = np.full((len(codes), len(years)), np.nan)
    for row, code in enumerate(codes.codes):
        if code in own:
            values[row] = series.values[series.axis("material").at(own[code][0])][columns]
    return Cube("code_price", "USD/t", (codes, years), values, sources=series.sources)


def code_companion(selection: Selection) -> Cube:
    """Return the share of a code's material that comes as a by-product; nan if not known or mixed."""
    every, own = _own_materials(selection)
    share, codes = markets.companion_share(every), _axes(selection)[0]
    values = np.full(len(codes), np.nan)
    for row, code in enumerate(codes.codes):
        if code in own:
            material, stage = own[code]
            values[row] = share.values[share.axis("material").at(material), share.axis("stage").at(stage)]
    return Cube("code_companion", "1", (codes,), values, sources=share.sources, notes=share.notes)


def territory_break(selection: Selection) -> Cube:
    """Return 1 for a country and year after which its trade records stand for another territory, or end."""
    countries, years = selection.axes["country"], span(selection)
    values, scheme = np.zeros((len(countries), len(years))), record.find(selection.one(NAME)).scheme
    for row in reference.rows("country_codes"):
        last = row["valid_to"][:4]
        if row["scheme"] == scheme and last in years:
            values[countries.at(row["iso3"]), years.at(last)] = 1.0
    return Cube("territory_break", "1", (countries, years), values)


def _over_history(selection: Selection, build: Callable[[Selection], Cube], quantity: str) -> Cube:
    """Return a yearly cube over all years on record instead of those of the Case."""
    years = span(selection)
    cube = build(replace(selection, axes={**selection.axes, "year": Axis("year", years.codes)}))
    axes = tuple(years if axis.name == "year" else axis for axis in cube.axes)
    return replace(cube, quantity=quantity, axes=axes)


def governance_history(selection: Selection) -> Cube:
    """Return governance by dimension, country and every year on record."""
    return _over_history(selection, attributes.governance, "governance_history")


def ideal_point_history(selection: Selection) -> Cube:
    """Return ideal points in votes of nations by country and every year on record."""
    return _over_history(selection, lambda wide: relations.yearly(wide, "ideal_point", "score"), "ideal_point_history")


BUILDERS: dict[str, Builder] = {
    "code_trade": Builder(code_trade, unfollowed),
    "code_trade_recorded": Builder(code_trade_recorded, unfollowed),
    "code_trade_value": Builder(code_trade_value, unfollowed),
    "code_material": Builder(code_material, unfollowed),
    "code_price": Builder(code_price, unfollowed),
    "code_companion": Builder(code_companion, unfollowed),
    "territory_break": Builder(territory_break, unfollowed),
    "governance_history": Builder(governance_history, unfollowed),
    "ideal_point_history": Builder(ideal_point_history, unfollowed),
}
