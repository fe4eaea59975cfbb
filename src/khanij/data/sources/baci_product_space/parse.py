"""Complexity of countries and goods, and how near two goods are, of the goods that hold minerals."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import PSEUDO
from khanij.data.parsing import labels, tables

WORLD, SCHEME = PSEUDO[0], "HS17"
YEAR = 2022  # of the flows behind all three tables
COLUMNS = {
    "eci": {"iso2": "country", "eci": "value"},
    "pci": {"hs6": "one", "pci": "value"},
    "proximity": {"mineral_hs6": "one", "hs6": "other", "proximity": "value"},
}


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return economic complexity, product complexity and proximity; goods without a mineral in them are left out.

    Of a pair of goods that stands both ways round, as one has it and as the other has it, one row is taken.
    """
    held = pl.Series(sorted({code.code for code in reference.hs_codes()}))
    found = []
    for path in paths:
        kind = next((name for name in COLUMNS if path.name.startswith(name)), None)
        if kind is None:
            raise ParseError("no table of this name", where=f"{edition.key}: {path.name}", hint=", ".join(COLUMNS))
        where, named = f"{edition.key}: {path.name}", COLUMNS[kind]
        frame = tables.read_text(path, named, edition.key).rename(named)
        frame = frame.with_columns(value=tables.numbers(frame["value"], (), where))
        found.append({"eci": _countries, "pci": _goods, "proximity": _pairs}[kind](frame, held, where))
    return pl.concat(found).with_columns(
        year=pl.lit(YEAR, dtype=pl.Int16), status=pl.lit("estimated"), confidence=pl.lit("medium")
    )


def _countries(frame: pl.DataFrame, held: pl.Series, where: str) -> pl.DataFrame:
    """Return the complexity of each country's exports."""
    frame = frame.with_columns(pl.col("country").replace({"nan": "NA"}))  # Namibia, written as a missing figure
    distinct = frame["country"].unique()
    codes = frame["country"].replace_strict(distinct, labels.coded_countries(distinct, "iso2", where))
    return frame.select(
        "row",
        "value",
        country=codes,
        item=pl.lit("all goods"),
        quantity=pl.lit("economic_complexity"),
        unit=pl.lit("score"),
    )


def _goods(frame: pl.DataFrame, held: pl.Series, where: str) -> pl.DataFrame:
    """Return the complexity of each good that holds a mineral."""
    return frame.filter(pl.col("one").is_in(held)).select(
        "row",
        "value",
        country=pl.lit(WORLD),
        item=f"{SCHEME}:" + pl.col("one"),
        quantity=pl.lit("product_complexity"),
        unit=pl.lit("score"),
    )


def _pairs(frame: pl.DataFrame, held: pl.Series, where: str) -> pl.DataFrame:
    """Return the proximity of each two different goods that hold minerals."""
    ordered = pl.min_horizontal("one", "other"), pl.max_horizontal("one", "other")
    mine = frame.filter(pl.col("one").is_in(held), pl.col("other").is_in(held), pl.col("one") != pl.col("other"))
    mine = mine.with_columns(item=f"{SCHEME}:" + ordered[0] + f" and {SCHEME}:" + ordered[1])
    apart = mine.group_by("item").agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    if apart.height:
        what = f"proximity is not the same both ways: {apart.row(0)[0]}"
        raise ParseError(what, where=where, hint="it is the lesser of two parts, alike for both")
    return mine.unique("item", keep="first", maintain_order=True).select(
        "row",
        "value",
        country=pl.lit(WORLD),
        item="item",
        quantity=pl.lit("product_proximity"),
        unit=pl.lit("1"),
    )
