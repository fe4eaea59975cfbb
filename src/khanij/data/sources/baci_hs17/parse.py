"""BACI HS17: one table of 2024 with tonnes, one of 2022 with values only, both keyed by ISO alpha-3."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels
from khanij.data.sources.baci_hs92.parse import flows


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return value and mass of the first file and, where there is a second, its values."""
    table = _read(paths[0], edition.key, ("year", "exporter", "importer", "hs6", "value_kusd", "qty_t"))
    full = flows(
        table.select(
            item=pl.lit("HS17:") + pl.col("hs6"),
            country=_codes(table["exporter"], edition.key),
            partner=_codes(table["importer"], edition.key),
            year=pl.col("year").cast(pl.Int16),
            v="value_kusd",
            q="qty_t",
        )
    )
    return pl.concat([full, *(_value_only(path, edition.key) for path in paths[1:])])


def _value_only(path: Path, where: str) -> pl.DataFrame:
    """Return the value facts of a slice whose year stands in its file name and whose values are in USD."""
    table = _read(path, where, ("i", "j", "cmd", "value"))
    year = int("".join(ch for ch in path.name if ch.isdigit())[:4])
    rows = table.select(
        item=pl.lit("HS17:") + pl.col("cmd"),
        country=_codes(table["i"], where),
        partner=_codes(table["j"], where),
        year=pl.lit(year, dtype=pl.Int16),
        v=pl.col("value") / 1000,
        q=pl.lit(None, dtype=pl.Float64),
    )
    return flows(rows).filter(pl.col("quantity") == "trade_value")


def _codes(column: pl.Series, where: str) -> pl.Series:
    """Return ISO alpha-3; BACI's own spellings (S19 = Other Asia) stand in the code table."""
    distinct = column.unique()
    return column.replace_strict(distinct, labels.coded_countries(distinct, "baci-iso3", where), return_dtype=pl.String)


def _read(path: Path, where: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the table after checking its columns."""
    try:
        frame = (
            pl.read_parquet(path)
            if path.suffix == ".parquet"
            else pl.read_csv(path, schema_overrides={"cmd": pl.String, "hs6": pl.String}, null_values=[""])
        )
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise SourceError(
            f"cannot be read: {str(broken).splitlines()[0]}", where=f"{where}: {path.name}", hint="fetch the file again"
        ) from None
    absent = [name for name in columns if name not in frame.columns]
    if absent or frame.is_empty():
        what = f"columns {absent} are absent" if absent else "the table is empty"
        raise ParseError(what, where=f"{where}: {path.name}", hint=f"expected {', '.join(columns)}")
    return frame
