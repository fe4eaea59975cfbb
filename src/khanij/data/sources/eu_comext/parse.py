"""Comext: what each member of the EU buys from each partner under 8-digit codes, one table for all years."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

COLUMNS = ("DECLARANT_ISO", "PARTNER_ISO", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_IN_EUROS")
BLANK = "NA"  # Namibia's code, which the extraction read as a missing value
EDITION = "CN22"  # the Combined Nomenclature since 2022; a code that came later has no row before


@cache
def rates() -> dict[int, float]:
    """Return year -> US dollars for a euro."""
    return dict(pl.read_csv(Path(__file__).with_name("rates.csv")).select("year", "usd_per_eur").iter_rows())


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return values of imports, kUSD, country the partner and partner the declarant, as flows go from maker to buyer.

    A value of 0 stands for one that is secret as well as for nothing: it is unknown. Raises ParseError for a code that
    is not eight digits, a flow that is no import, and a year without a rate; SourceError for a file that is broken.
    """
    frame = _read(paths[0], edition.key)
    wrong = frame.filter(~pl.col("PRODUCT_NC").str.contains(r"^\d{8}$") | (pl.col("FLOW") != 1))
    if wrong.height:
        raise ParseError(f"no import of an 8-digit code: {wrong.row(0)}", where=edition.key, hint="FLOW is 1")
    if unpriced := sorted(set(frame["PERIOD"]) - set(rates())):
        raise ParseError(f"no rate of the euro for {unpriced}", where=edition.key, hint="add it to rates.csv")
    euros = pl.col("VALUE_IN_EUROS")
    dollars = euros / 1000 * pl.col("PERIOD").replace_strict(rates(), return_dtype=pl.Float64)
    told, blank = euros > 0, pl.col("PARTNER_ISO").is_null()
    return frame.select(
        quantity=pl.lit("import_value"),
        item=pl.lit(f"{EDITION}:") + pl.col("PRODUCT_NC"),
        country=_codes(frame["PARTNER_ISO"].fill_null(BLANK), edition.key),
        partner=_codes(frame["DECLARANT_ISO"], edition.key),
        year=pl.col("PERIOD").cast(pl.Int16),
        value=pl.when(told).then(dollars),
        unit=pl.lit("kUSD"),
        status=pl.when(told).then(pl.lit("reported")).otherwise(pl.lit("unavailable")),
        confidence=pl.when(blank).then(pl.lit("low")).otherwise(pl.lit("medium")),
        row=pl.col("row"),
        note=pl.when(blank).then(pl.lit("partner blank in the file: Namibia, whose code is NA")),
    )


def _codes(column: pl.Series, where: str) -> pl.Series:
    """Return ISO alpha-3 of ISO alpha-2 codes and Eurostat's own."""
    distinct = column.unique()
    return column.replace_strict(distinct, labels.coded_countries(distinct, "iso2", where), return_dtype=pl.String)


def _read(path: Path, where: str) -> pl.DataFrame:
    """Return the table with the line of each row; a blank cell is null."""
    frame = tables.read_text(path, COLUMNS, where)
    place = f"{where}: {path.name}"
    whole = [tables.numbers(frame[name], (), place).cast(pl.Int64) for name in ("FLOW", "PERIOD")]
    euros = tables.numbers(frame["VALUE_IN_EUROS"], ("",), place)
    return frame.with_columns(*whole, euros, pl.col("PARTNER_ISO").replace("", None))
