"""Installed capacity of solar and wind by country and year: one file a technology."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import labels, tables

KEYS = ("Entity", "Code", "Year")
SERIES = {"Solar capacity (total) (GW)": "solar", "Wind capacity (total) (GW)": "wind"}


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return gigawatts installed at the end of each year; a named aggregate keeps its label in the item.

    Raises ParseError if a file holds none or several of the known series, or an unknown place.
    Source: IRENA, Renewable Capacity Statistics 2024, via Our World in Data.
    """
    frames = [_series(path, edition) for path in paths]
    return complete(pl.concat(frames), source=edition.source, edition=edition.id)


def _series(path: Path, edition: Edition) -> pl.DataFrame:
    """Return the facts of one file."""
    table = tables.read_text(path, KEYS, edition.key)
    where = f"{edition.key}: {path.name}"
    known = [name for name in SERIES if name in table.columns]
    if len(known) != 1:
        what = f"{len(known)} of the columns {', '.join(SERIES)}"
        raise ParseError(what, where=where, hint="a new layout: name the column in the parser")
    item = f"{SERIES[known[0]]} | {known[0]}"
    country = labels.countries(table["Entity"], where)
    named = pl.concat_str(pl.lit(f"{item} | "), "Entity")
    return table.select(
        "row",
        quantity=pl.lit("installed_capacity"),
        item=pl.when(country == "AGG").then(named).otherwise(pl.lit(item)),
        country=country,
        year=tables.numbers(table["Year"], (), where).cast(pl.Int16),
        value=tables.numbers(table[known[0]], (), where),
        unit=pl.lit("GW"),
        status=pl.lit("reported"),
        confidence=pl.lit("high"),
    )
