"""The publisher's cells: figures, bounds, ranges, signs and words."""

from __future__ import annotations

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.sources.usgs_mcs.tables import table

PLAIN = r"^\d+(?:\.\d+)?$"
BOUND = r"^([<>])(\d+(?:\.\d+)?)$"
RANGE = r"^(\d+(?:\.\d+)?) ?[–-] ?(\d+(?:\.\d+)?)$"


def figures(rows: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the rows with value, low, high, status and word_note read from `cell`.

    rows   columns cell (text), remark (the publisher's note, which says what the sign `s` means), estimated (bool), row
    A figure is `reported` or `estimated`; "<5" has only a high, "5–10" only low and high (`bound`); words and signs are
    looked up in words.csv by the cell, and by a part of the note where the table names one; a row whose figure stands
    with another item (`elsewhere`) is left out.
    Raises ParseError that prints the row to add for any other cell.
    """
    text = pl.col("cell").str.replace_all(",", "").str.strip_chars()
    rows = rows.with_columns(
        text=text,
        value=text.str.extract(PLAIN, 0).cast(pl.Float64),
        sign=text.str.extract(BOUND, 1),
        bound=text.str.extract(BOUND, 2).cast(pl.Float64),
        low=text.str.extract(RANGE, 1).cast(pl.Float64),
        high=text.str.extract(RANGE, 2).cast(pl.Float64),
        word_note=pl.lit(None, pl.String),
    ).with_columns(
        low=pl.when(pl.col("sign") == ">").then("bound").otherwise("low"),
        high=pl.when(pl.col("sign") == "<").then("bound").otherwise("high"),
    )
    status = (
        pl.when(pl.col("value").is_not_null())
        .then(pl.when("estimated").then(pl.lit("estimated")).otherwise(pl.lit("reported")))
        .when(pl.any_horizontal(pl.col("low", "high").is_not_null()))
        .then(pl.lit("bound"))
    )
    rows = _words(rows.with_columns(status=status))
    strange = rows.filter(pl.col("status").is_null())
    if strange.height:
        cells = strange["cell"].unique(maintain_order=True).to_list()
        first = strange.row(0, named=True)
        raise ParseError(
            f"unknown cell {cells[0]!r} in line {first['row']} ({len(cells)} such words in all)",
            where=where,
            hint=f"add to usgs_mcs/words.csv: {cells[0]},<part of its note>,<status>,<value>,<low>,<high>,<note>; "
            f"the note begins {first['remark'][:80]!r}",
        )
    return rows.filter(pl.col("status") != "elsewhere").drop("text", "sign", "bound")


def _words(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with words and signs of words.csv read where no figure was."""
    for word in table("words").iter_rows(named=True):
        hit = pl.col("status").is_null() & (pl.col("text") == word["label"])
        if word["contains"]:
            hit = hit & pl.col("remark").str.contains(word["contains"], literal=True)
        filled = {
            name: pl.lit(float(word[name])) if word[name] else pl.lit(None, pl.Float64)
            for name in ("value", "low", "high")
        }
        filled |= {"word_note": pl.lit(word["note"]), "status": pl.lit(word["status"])}
        rows = rows.with_columns(pl.when(hit).then(new).otherwise(name).alias(name) for name, new in filled.items())
    return rows
