"""The table of substitution elasticities: a row an importing country and three-digit heading."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels
from khanij.data.sources.broda_weinstein import stata

COLUMNS = ("ccode", "cname", "hs_3digit", "sigma")
ALIASES = Path(__file__).parent / "aliases.csv"
HEADING = "HS three-digit "  # before the heading, in a fact's item
FIRST, LAST = 1994, 2003


def headings() -> frozenset[str]:
    """Return the three-digit headings of our trade codes, the only ones that are taken."""
    return frozenset(code.code[:3] for code in reference.hs_codes())


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return sigma of each importing country and heading of ours; `row` is the observation of the file."""
    where = f"{edition.key}: {paths[0].name}"
    table = stata.read(paths[0], COLUMNS, edition.key)
    numeric = ("hs_3digit", "sigma")
    if table.schema["cname"] != pl.String or not all(table.schema[name].is_numeric() for name in numeric):
        raise ParseError("a country that is no text, or a figure that is", where=where, hint="see parse.py")
    own: dict[str, str | None] = {label: row["iso3"] for label, row in labels.read_aliases(ALIASES).items()}
    frame = table.select(
        "row",
        "sigma",
        country=labels.countries(table["cname"], where, own),
        heading=pl.col("hs_3digit").cast(pl.Int64).cast(pl.String).str.zfill(3),
        whole=pl.col("hs_3digit").is_between(10, 999) & (pl.col("hs_3digit") == pl.col("hs_3digit").floor()),
    )
    _refuse(frame.filter(~pl.col("whole").fill_null(False)), "no three-digit heading", where)
    _refuse(frame.filter(~(pl.col("sigma") > 1.0).fill_null(False)), "sigma is above 1 by construction", where)
    _refuse(frame.filter(pl.struct("country", "heading").is_duplicated()), "a pair stands twice", where)
    return frame.filter(pl.col("heading").is_in(list(headings()))).select(
        "row",
        "country",
        quantity=pl.lit("substitution_elasticity"),
        item=HEADING + pl.col("heading"),
        year=pl.lit(LAST, dtype=pl.Int16),
        value="sigma",
        unit=pl.lit("1"),
        status=pl.lit("estimated"),
        confidence=pl.lit("high"),
        note=pl.lit(f"estimated on {FIRST}-{LAST}, between source countries"),
    )


def _refuse(rows: pl.DataFrame, what: str, where: str) -> None:
    """Raise ParseError if there are rows, showing the first."""
    if rows.height:
        raise ParseError(f"{what}: {rows.row(0, named=True)}", where=where, hint=f"{rows.height} such rows")
