"""Value over weight of every flow against the code's median: a flag on data quality, never a price."""

from __future__ import annotations

import polars as pl

from khanij import reference
from khanij.core.table import Table
from khanij.data.facts import store

FAR = 100.0  # a unit value this many times above or below the median of its code and year is an outlier
NEAR = 10.0  # for single flows that weigh on a total: this far below the median the tonnage is worth a look
WEIGHTY = 0.05  # part of a code's tonnage in a year from which a flow weighs on the total
FLOW = ("source", "item", "country", "partner", "year")
NOTES = (
    f"outlier = a flow whose kUSD per tonne is more than {FAR:g} times above or below the median by value of its code "
    "and year; below the median the tonnage is suspect, above it the value or the code",
    "unit values mix grades and contracts: they are no prices, and an outlier is no proof of an error",
    "heaviest = the outlier with the most tonnes; its part is that of the code's tonnage in its year",
)


def tables() -> list[Table]:
    """Return outliers by trade code, and the single flows whose suspect tonnage weighs on a code's total."""
    sources = store.providers("trade_mass")
    if not sources:
        return []
    marked = mark(flows(sources))
    return [outliers(marked), weighty(marked)]


def weighty(marked: pl.DataFrame) -> Table:
    """Return flows far below the median unit value that make a large part of a code's tonnage; the newest year first.

    marked   flows with medians (see mark)
    """
    suspect = (pl.col("unit") * NEAR < pl.col("median")) & (pl.col("t") >= WEIGHTY * pl.col("year_t"))
    rows = (
        marked.filter(suspect)
        .with_columns(part=pl.col("t") / pl.col("year_t"), times_below=pl.col("median") / pl.col("unit"))
        .sort("year", "part", *FLOW[:4], descending=[True, True, *[False] * 4])
        .select(*FLOW, "t", "v", "unit", "median", "times_below", "part")
    )
    notes = (
        f"flows of {WEIGHTY:.0%} of the code's tonnage or more, at less than 1/{NEAR:g} of the median unit value: "
        "low-grade ore, or tonnes that are wrong; they decide shares by weight",
        *NOTES[1:2],
    )
    units = {"t": "t", "v": "kUSD", "unit": "kUSD/t", "median": "kUSD/t"}
    return Table.of(
        "unit values: single flows with suspect tonnage", rows.to_dicts(), units=units, notes=notes, key="suspect_flows"
    )


def outliers(marked: pl.DataFrame) -> Table:
    """Return one row a code and data set: flows, outliers on either side, their part of tonnage and value.

    marked   flows with medians (see mark)
    """
    off = pl.col("low") | pl.col("high")
    heavy = (
        marked.filter(off)
        .sort("t", *FLOW, descending=[True, *[False] * len(FLOW)])
        .group_by("source", "item", maintain_order=True)
        .agg(
            heaviest=pl.concat_str([pl.col("country").first(), pl.col("partner").first()], separator=">")
            + " "
            + pl.col("year").first().cast(pl.String),
            heaviest_t=pl.col("t").first(),
            part=(pl.col("t") / pl.col("year_t")).first(),
        )
    )
    names: dict[str, list[str]] = {}
    for code in reference.hs_codes():
        names.setdefault(code.item, []).append(code.material)
    table = (
        marked.group_by("source", "item")
        .agg(
            flows=pl.len(),
            below=pl.col("low").sum(),
            above=pl.col("high").sum(),
            of_tonnes=pl.col("t").filter(off).sum() / pl.col("t").sum(),
            of_value=pl.col("v").filter(off).sum() / pl.col("v").sum(),
        )
        .join(heavy, on=["source", "item"], how="left")
        .sort("of_tonnes", "source", "item", descending=[True, False, False])
        .with_columns(
            material=pl.col("item").map_elements(lambda item: ", ".join(dict.fromkeys(names.get(item, []))), pl.String)
        )
    )
    return Table.of(
        "unit values: outliers by trade code",
        table.to_dicts(),
        units={"heaviest_t": "t"},
        notes=NOTES,
        key="unit_values",
    )


def flows(sources: tuple[str, ...]) -> pl.DataFrame:
    """Return flows that have both a value above zero (v, kUSD) and a weight above zero (t)."""
    facts = store.scan(*sources).filter(pl.col("value") > 0)
    mass = facts.filter(pl.col("quantity") == "trade_mass").select(*FLOW, t="value")
    value = facts.filter(pl.col("quantity") == "trade_value").select(*FLOW, v="value")
    return store.collect(mass.join(value, on=list(FLOW)))


def mark(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the flows with `low` and `high` (outliers below and above) and the tonnage of the code's year.

    frame   columns source, item, country, partner, year, t, v
    The median is that of value: half of a code's trade value changes hands at less. A median of flows would be that of
    parcels and samples, a mean would follow wrong tonnes.
    """
    group = ["source", "item", "year"]
    ordered = frame.with_columns(unit=pl.col("v") / pl.col("t")).sort(*group, "unit", "country", "partner")
    half = pl.col("v").cum_sum().over(group) >= pl.col("v").sum().over(group) / 2
    median = ordered.filter(half).group_by(group, maintain_order=True).agg(median=pl.col("unit").first())
    return ordered.join(median, on=group, maintain_order="left").with_columns(
        year_t=pl.col("t").sum().over(group),
        low=pl.col("unit") < pl.col("median") / FAR,
        high=pl.col("unit") > pl.col("median") * FAR,
    )
