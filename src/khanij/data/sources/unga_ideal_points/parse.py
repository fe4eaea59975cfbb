"""The table of ideal points: a row a country and session."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

VALUES = {"IdealPointAll": "value", "Q5%All": "low", "Q95%All": "high"}
COLUMNS = ("session", "NVotesAll", "Countryname", *VALUES)
ALIASES = Path(__file__).parent / "aliases.csv"
OPENED = 1945  # session n opens in the autumn of 1945 + n


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return the ideal point of each country and session, with its 5 % and 95 % quantiles as low and high."""
    where = f"{edition.key}: {paths[0].name}"
    table = tables.read_text(paths[0], COLUMNS, edition.key)
    session = tables.numbers(table["session"], (), where)
    votes = tables.numbers(table["NVotesAll"], (), where)
    own: dict[str, str | None] = {label: row["iso3"] for label, row in labels.read_aliases(ALIASES).items()}
    frame = table.select(
        "row",
        country=labels.countries(table["Countryname"], where, own),
        year=(session + OPENED).cast(pl.Int16),
        note=votes.cast(pl.Int64).cast(pl.String) + " votes",
        **{name: tables.numbers(table[column], (), where) for column, name in VALUES.items()},
    )
    twice = frame.filter(pl.struct("country", "year").is_duplicated())
    if twice.height:
        what = f"a country stands twice in a session: {twice.row(0, named=True)}"
        raise ParseError(what, where=where, hint="two labels of one country: see reference/tables/country_aliases.csv")
    return frame.with_columns(
        quantity=pl.lit("ideal_point"),
        item=pl.lit("all votes"),
        unit=pl.lit("score"),
        status=pl.lit("estimated"),
        confidence=pl.lit("high"),
    )
