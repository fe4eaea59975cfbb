"""The table of gross domestic product: a row an economy and year."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

COLUMNS = ("Country Name", "Country Code", "Year", "Value")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return gross domestic product in current US dollars; a named aggregate keeps its label as item."""
    where = f"{edition.key}: {paths[0].name}"
    table = tables.read_text(paths[0], COLUMNS, edition.key)
    country = labels.countries(table["Country Name"], where)
    frame = table.select(
        "row",
        "Country Name",
        country=country,
        year=tables.numbers(table["Year"], (), where).cast(pl.Int16),
        value=tables.numbers(table["Value"], (), where),
    )
    named = pl.when(pl.col("country") == "AGG").then(pl.concat_str(pl.lit("current USD | "), "Country Name"))
    return frame.select(
        "row",
        "country",
        "year",
        "value",
        quantity=pl.lit("gdp"),
        item=named.otherwise(pl.lit("current USD")),
        unit=pl.lit("USD"),
        status=pl.lit("reported"),
        confidence=pl.lit("high"),
    )
