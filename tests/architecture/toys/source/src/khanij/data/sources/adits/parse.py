"""Output of mines: a row a country, a column a year, W where it is withheld."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

ALIASES = Path(__file__).with_name("aliases.csv")
COLUMNS = ("Country", "Mineral")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return output in tonnes of contained lithium; a withheld figure is a fact without a value."""
    where = f"{edition.key}: {paths[0].name}"
    table = tables.read_text(paths[0], COLUMNS, edition.key)
    own = labels.read_aliases(ALIASES)
    places: dict[str, str | None] = {label: row["country"] for label, row in own.items() if row["country"]}
    minerals = {label: row["material"] for label, row in own.items() if row["material"]}
    years = [name for name in table.columns if name.isdigit()]
    long = table.unpivot(years, index=["row", *COLUMNS], variable_name="year", value_name="figure")
    return long.select(
        "row",
        material=labels.match(long["Mineral"], minerals, ALIASES.name, where),
        stage=pl.lit("mined"),
        item="Mineral",
        country=labels.countries(long["Country"], where, places),
        year=pl.col("year").cast(pl.Int16),
        value=tables.numbers(long["figure"], ("W",), where),
        unit=pl.lit("t"),
        basis=pl.lit("Li"),
        quantity=pl.lit("production"),
        status=pl.when(pl.col("figure") == "W").then(pl.lit("withheld")).otherwise(pl.lit("reported")),
        confidence=pl.lit("low"),
    )
