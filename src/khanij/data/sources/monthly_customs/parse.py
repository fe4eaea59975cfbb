"""Monthly customs of four offices in one table: value and weight by declarant, partner and national code."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

SYSTEMS = {"hmrc": "CN22", "eurostat": "CN22", "comexstat": "NCM8", "uscensus": "HS22"}
COLUMNS = ("source", "period", "reporter", "partner", "flow", "hs6", "native_code", "value_usd", "qty_kg")
FLOWS = ("import", "export")
SECRET = "n/a"


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return value, kUSD, and weight, t, of every line: country the seller, partner the buyer, whoever declares.

    The quantity says who declares: import_* the buyer, export_* the seller. A code of six digits stands as such, one of
    eight under its nomenclature. Raises ParseError for an office, flow or month that is none.
    """
    frame = _read(paths[0], edition.key)
    month = pl.col("period").str.slice(4).cast(pl.Int8, strict=False)
    sound = pl.col("source").is_in(list(SYSTEMS)) & pl.col("flow").is_in(FLOWS) & month.is_between(1, 12)
    wrong = frame.filter(~sound.fill_null(value=False))
    if wrong.height:
        raise ParseError(f"unknown office, flow or month: {wrong.row(0)}", where=edition.key, hint="look at SYSTEMS")
    places = pl.concat([frame["reporter"], frame["partner"]]).unique().sort()
    places = places.filter(places != SECRET)
    known = {SECRET: "AGG", **dict(zip(places, labels.coded_countries(places, "iso3", edition.key), strict=True))}
    buys, secret = pl.col("flow") == "import", pl.col("partner") == SECRET
    ends = [pl.col(name).replace_strict(known, return_dtype=pl.String) for name in ("partner", "reporter")]
    digits = pl.when(pl.col("source") == "uscensus").then(pl.col("hs6")).otherwise(pl.col("native_code"))
    same = frame.with_columns(
        item=pl.col("source").replace_strict(SYSTEMS) + ":" + digits,
        country=pl.when(buys).then(ends[0]).otherwise(ends[1]),
        partner=pl.when(buys).then(ends[1]).otherwise(ends[0]),
        year=pl.col("period").str.slice(0, 4).cast(pl.Int16),
        month=month,
        note=pl.when(secret).then(pl.lit("partner kept secret; ")).otherwise(pl.lit(""))
        + "declared to "
        + pl.col("source"),
    )
    kinds = (("value_usd", "value", "kUSD", None), ("qty_kg", "mass", "t", "gross"))
    return pl.concat(
        same.filter(pl.col(column).is_not_null()).select(
            *("item", "country", "partner", "year", "month", "note", "row"),
            quantity=pl.col("flow") + f"_{kind}",
            value=pl.col(column) / 1000,
            unit=pl.lit(unit),
            basis=pl.lit(basis, dtype=pl.String),
            status=pl.lit("reported"),
            confidence=pl.lit("medium"),
        )
        for column, kind, unit, basis in kinds
    )


def _read(path: Path, where: str) -> pl.DataFrame:
    """Return the table with the line of each row; a blank value or weight is null."""
    frame = tables.read_text(path, COLUMNS, where)
    figures = [tables.numbers(frame[name], ("",), f"{where}: {path.name}") for name in ("value_usd", "qty_kg")]
    return frame.with_columns(*figures)
