"""The World Bank's long WGI table: a row an economy, year and dimension."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

SHEET = "Sheet1"
COLUMNS = ("code", "countryname", "year", "indicator", "estimate", "stddev", "nsource")
DIMENSIONS = ("va", "pv", "ge", "rq", "rl", "cc")
QUANTITIES = {"estimate": "governance", "stddev": "governance_error"}
NOT_ASSESSED = ".."


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return governance estimates and their standard errors; a cell ".." (economy not assessed) gives no fact."""
    where = f"{edition.key}: {paths[0].name}"
    table = _table(tables.read_sheet(paths[0], SHEET, edition.key), where)
    labels.match(table["item"], {name: name for name in DIMENSIONS}, "DIMENSIONS in parse.py", where)
    codes = table["code"].unique()
    iso = labels.coded_countries(codes, "worldbank", where)
    table = table.with_columns(country=pl.col("code").replace_strict(codes, iso, return_dtype=pl.String))
    keep = ("item", "country", "year", "row", "note")
    frames = [
        table.select(*keep, value=tables.numbers(table[column], (NOT_ASSESSED,), where), quantity=pl.lit(quantity))
        for column, quantity in QUANTITIES.items()
    ]
    return (
        pl.concat(frames)
        .drop_nulls("value")
        .with_columns(unit=pl.lit("score"), status=pl.lit("estimated"), confidence=pl.lit("high"))
    )


def _table(cells: list[list[object]], where: str) -> pl.DataFrame:
    """Return the sheet below its header as text columns, with year, line number and number of sources."""
    header = [str(name) for name in cells[0]]
    absent = [name for name in COLUMNS if name not in header]
    if absent or len(cells) == 1:
        what = f"columns {absent} are absent" if absent else "the table has no rows"
        raise ParseError(what, where=where, hint=f"expected {', '.join(COLUMNS)}")
    columns = {name: [_text(line[header.index(name)]) for line in cells[1:]] for name in COLUMNS}
    frame = pl.DataFrame(columns, schema={name: pl.String for name in COLUMNS}).with_row_index("row", offset=2)
    sources = pl.col("nsource")
    return frame.select(
        "row",
        "code",
        "estimate",
        "stddev",
        item="indicator",
        year=tables.numbers(frame["year"], (), where).cast(pl.Int16),
        note=pl.when(sources != NOT_ASSESSED).then(sources + " data sources"),
    )


def _text(cell: object) -> str:
    """Return a cell as text; whole numbers without a decimal point, others with every digit."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
