"""BACI as CEPII lays it out: t year, i exporter, j importer, k code, v thousand USD, q tonnes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels

COLUMNS = ("t", "i", "j", "k", "v", "q")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return two facts a row, value and mass; a null mass becomes a fact with status unavailable."""
    frame = read(paths[0], edition.key)
    codes = {side: labels.coded_countries(frame[side].unique(), "baci", edition.key) for side in ("i", "j")}
    named = {
        side: frame[side].replace_strict(frame[side].unique(), codes[side], return_dtype=pl.String)
        for side in ("i", "j")
    }
    return flows(
        frame.select(
            item=pl.lit("HS92:") + pl.col("k"), country=named["i"], partner=named["j"], year=pl.col("t"), v="v", q="q"
        )
    )


def read(path: Path, where: str) -> pl.DataFrame:
    """Return the rows of a BACI file, Parquet or CEPII's own CSV; raises SourceError or ParseError."""
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise SourceError(
            f"cannot be read: {str(broken).splitlines()[0]}", where=f"{where}: {path.name}", hint="fetch the file again"
        ) from None
    absent = [name for name in COLUMNS if name not in frame.columns]
    if absent or frame.is_empty():
        what = f"columns {absent} are absent" if absent else "the table is empty"
        raise ParseError(what, where=f"{where}: {path.name}", hint=f"BACI has columns {', '.join(COLUMNS)}")
    frame = _typed(frame, f"{where}: {path.name}")
    odd = frame.filter(~pl.col("k").fill_null("").str.contains(r"^\d{6}$"))
    if odd.height:
        raise ParseError(f"{odd['k'][0]!r} is no HS6 code", where=f"{where}: {path.name}", hint="six digits, as text")
    return frame


def _typed(frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return years and countries as whole numbers, amounts as numbers: CEPII pads them, and writes NA for unknown.

    Raises ParseError with the first cell that is none.
    """
    texts = [name for name in COLUMNS if frame.schema[name] == pl.String]
    frame = frame.with_columns(pl.col(texts).str.strip_chars().replace(["NA", ""], None))
    made = frame.with_columns(
        pl.col("t", "i", "j").cast(pl.Int64, strict=False),
        pl.col("v", "q").cast(pl.Float64, strict=False),
        pl.col("k").cast(pl.String),
    )
    for name in COLUMNS:
        wrong = frame.filter(pl.Series(made[name].is_null() & (frame[name].is_not_null() | (name in "tijk"))))
        if wrong.height:
            shown = "a blank" if wrong[name][0] is None else repr(wrong[name][0])
            raise ParseError(f"column {name}: {shown} is no number", where=where, hint="fetch the file again")
    return made


def flows(frame: pl.DataFrame) -> pl.DataFrame:
    """Return facts of columns item, country, partner, year, v (thousand USD), q (tonnes, null = not known)."""
    value = frame.filter(pl.col("v").is_not_null()).select(
        pl.lit("trade_value").alias("quantity"),
        *_SHARED,
        pl.col("v").alias("value"),
        pl.lit("kUSD").alias("unit"),
        pl.lit("reported").alias("status"),
    )
    mass = frame.select(
        pl.lit("trade_mass").alias("quantity"),
        *_SHARED,
        pl.col("q").alias("value"),
        pl.lit("t").alias("unit"),
        pl.when(pl.col("q").is_null()).then(pl.lit("unavailable")).otherwise(pl.lit("reported")).alias("status"),
    )
    return pl.concat([value, mass]).with_columns(
        pl.lit("high").alias("confidence"),
        pl.when(pl.col("quantity") == "trade_mass").then(pl.lit("gross")).alias("basis"),
    )


_SHARED = ("item", "country", "partner", "year")
