"""USGS Mineral Commodity Summaries: the world tables of 2025 and the commodity tables of 2026.

The two data releases have different layouts; both are brought to one row a figure with the publisher's labels, and
from there share every step: labels -> quantity, material, stage and item (aliases.csv), cells -> figures (words.csv),
units (units.csv), oxides -> elements (contents.csv).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels
from khanij.data.sources.usgs_mcs import tables
from khanij.data.sources.usgs_mcs.figures import figures

COLUMNS_2025 = (
    "COMMODITY", "COUNTRY", "TYPE", "UNIT_MEAS", "PROD_2023", "PROD_EST_ 2024", "PROD_NOTES", "CAP_2023",
    "CAP_EST_ 2024", "CAP_NOTES", "RESERVES_2024", "RESERVE_NOTES",
)  # fmt: skip
COLUMNS_2026 = (
    "MCS chapter", "Section", "Commodity", "Country", "Statistics", "Statistics_detail", "Unit", "Year", "Value",
    "Notes",
)  # fmt: skip
CELLS_2025 = (
    # column of figures, column of notes, section, year, the column itself says that it is estimated
    ("PROD_2023", "PROD_NOTES", "production", 2023, False),
    ("PROD_EST_ 2024", "PROD_NOTES", "production", 2024, True),
    ("CAP_2023", "CAP_NOTES", "capacity", 2023, False),
    ("CAP_EST_ 2024", "CAP_NOTES", "capacity", 2024, True),
    ("RESERVES_2024", "RESERVE_NOTES", "reserves", 2024, False),
)
FACTS = (
    "quantity", "material", "stage", "item", "country", "partner", "year", "value", "low", "high", "unit", "basis",
    "status", "confidence", "row", "note",
)  # fmt: skip


def mcs_2025(paths: Sequence[Path], edition: Edition) -> pl.DataFrame:
    """Return the facts of the 2025 world tables: production 2023 and 2024, capacity, reserves, a row a country.

    An empty cell without a word in the column of notes is no figure and gives no fact.
    """
    where = edition.key
    wide = read(paths[0], "utf-8-sig", COLUMNS_2025, where).with_columns(pl.exclude("row").str.strip_chars())
    rows = pl.concat([_column_2025(wide, *cell) for cell in CELLS_2025])
    notes = tables.pairs("notes_2025", "label", "word")
    silent = rows.filter(pl.col("cell") == "")
    strange = silent.filter((pl.col("remark") != "") & ~pl.col("remark").is_in(list(notes)))
    if strange.height:
        first = strange.row(0, named=True)
        raise ParseError(
            f"a note beside an empty cell, line {first['row']}: {first['remark']!r}",
            where=where,
            hint="add to usgs_mcs/notes_2025.csv: <note>,<word of words.csv, or nothing>,<why>",
        )
    words = pl.col("remark").replace_strict(notes, default="")
    rows = rows.with_columns(cell=pl.when(pl.col("cell") == "").then(words).otherwise("cell")).filter(
        pl.col("cell") != ""
    )
    return finished(tables.named(rows, "2025", where), where)


def _column_2025(wide: pl.DataFrame, column: str, notes: str, section: str, year: int, estimated: bool) -> pl.DataFrame:
    """Return one column of figures with its labels as rows.

    `form` tells apart what the table tells apart only in the note of production or in brackets behind the country.
    """
    forms = tables.table("aliases").filter(pl.col("layout") == "2025", pl.col("form") != "").unique(["chapter", "form"])
    named = forms.select(pl.concat_str("chapter", "form", separator="|").implode()).to_series()
    known = pl.concat_str("COMMODITY", "form", separator="|").is_in(named)
    bracket = pl.col("COUNTRY").str.extract(r"\((.*)\)", 1).fill_null("")
    remark = pl.col(notes).fill_null("")
    firm = remark.str.contains(r"(?i)rep?o?r?o?ted")  # "reported", and as it is misspelt once
    said = pl.col("TYPE").str.contains("estimated") & ~firm
    noted = remark.str.contains(r"(?i)\bestimated\b") & (pl.lit(section) != "reserves")
    labelled = wide.with_columns(form=pl.col("PROD_NOTES"))
    labelled = labelled.with_columns(form=pl.when(known).then("form").otherwise(bracket))
    labelled = labelled.with_columns(form=pl.when(known).then("form").otherwise(pl.lit("")))
    return labelled.select(
        "row",
        section=pl.lit(section),
        chapter="COMMODITY",
        commodity=pl.lit(""),
        statistics=pl.lit(""),
        detail="TYPE",
        unit="UNIT_MEAS",
        form="form",
        nth=pl.lit("1"),
        country="COUNTRY",
        year=pl.lit(year),
        cell=pl.col(column),
        remark=remark,
        estimated=(pl.lit(estimated) & ~(firm & (pl.lit(section) == "capacity")))
        | noted
        | (said & (pl.lit(section) == "production")),
    )


def mcs_2026(paths: Sequence[Path], edition: Edition) -> pl.DataFrame:
    """Return the facts of the 2026 tables: world tables, national salient statistics and sources of imports.

    Statistics that are not carried are those of skipped.csv.
    """
    where = edition.key
    table = read(paths[0], "cp1252", COLUMNS_2026, where).with_columns(
        pl.col("Unit", "Country", "Notes", "Value").str.strip_chars()
    )
    rows = table.select(
        "row",
        section="Section",
        chapter="MCS chapter",
        commodity="Commodity",
        statistics="Statistics",
        detail="Statistics_detail",
        unit="Unit",
        form=pl.lit(""),
        country="Country",
        year=_year(pl.col("Year")),
        cell="Value",
        remark="Notes",
        estimated=pl.col("Notes").str.starts_with("Estimated")
        | pl.col("Notes").str.contains("-- Estimated", literal=True),
    )
    if rows["year"].null_count():
        raise ParseError(
            "a row without a year", where=where, hint=f"line {rows.filter(pl.col('year').is_null())['row'][0]}"
        )
    same = ("section", "chapter", "commodity", "statistics", "detail", "unit", "country", "year")
    rows = rows.with_columns(nth=pl.int_range(1, pl.len() + 1).over(same).cast(pl.String))
    rows = rows.filter(~tables.skipped(rows))
    return finished(tables.named(rows, "2026", where), where)


def _year(text: pl.Expr) -> pl.Expr:
    """Return the year as a number; of a span such as "2021–24" the last."""
    last = text.str.extract(r"(\d+)$", 1).cast(pl.Int32, strict=False)
    return pl.when(last < 100).then(last + 2000).otherwise(last)


def finished(rows: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return facts of rows whose labels are known: figures read, units and contents converted, countries coded."""
    rows = figures(rows, where)
    rows = tables.in_our_basis(tables.in_our_units(rows, where))
    coded = labels.countries(rows["country"], where)
    rows = rows.with_columns(
        country=pl.when(pl.col("country_right") != "").then("country_right").otherwise(coded),
        partner=_nothing("partner"),
        material=_nothing("material"),
        stage=_nothing("stage"),
        confidence=pl.lit("high"),
        span=pl.when(pl.col("quantity") == "import_source_share").then(pl.lit("mean of four years, 2021–24")),
        aggregate=pl.when(coded == "AGG").then(pl.col("country")),
        qualifier=pl.col("country").replace_strict(tables.pairs("qualifiers", "label", "note"), default=None),
    )
    parts = ("aggregate", "word_note", "qualifier", "remarks", "content_note", "span", "alias_note")
    rows = rows.with_columns(remarks=_remarks(), alias_note=_nothing("alias_note"))
    note = pl.concat_str(parts, separator="; ", ignore_nulls=True)
    return rows.with_columns(note=pl.when(note != "").then(note)).select(FACTS)


def _nothing(name: str) -> pl.Expr:
    """Return the column with "" as null."""
    return pl.when(pl.col(name) != "").then(name).alias(name)


def _remarks() -> pl.Expr:
    """Return our short wording of the parts of the publisher's note that change what a figure means."""
    found = [
        pl.when(pl.col("remark").str.contains(row["contains"], literal=True)).then(pl.lit(row["note"]))
        for row in tables.table("remarks").iter_rows(named=True)
    ]
    joined = pl.concat_list(found).list.drop_nulls().list.unique(maintain_order=True).list.join("; ")
    return pl.when(joined != "").then(joined)


def read(path: Path, encoding: str, columns: Sequence[str], where: str) -> pl.DataFrame:
    """Return a table of the publisher as text with `row`, the line of the file (the header is line 1).

    path      a CSV file, plain or packed by gzip
    encoding  the publisher's
    Raises SourceError if the file is empty, cut or of another encoding, ParseError if its columns are others.
    """
    if not path.is_file():
        raise SourceError(f"no file {path.name}", where=where, hint="see the source record's landing page")
    data = path.read_bytes()
    try:
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode(encoding)
    except (EOFError, OSError, zlib.error, UnicodeDecodeError) as broken:
        raise SourceError(
            f"{path.name} cannot be read: {broken}", where=where, hint="a broken download: fetch it again"
        ) from None
    if not text.strip():
        raise SourceError(f"{path.name} is empty", where=where, hint="a broken download: fetch it again")
    try:
        frame = pl.read_csv(io.BytesIO(text.encode()), infer_schema=False)
    except pl.exceptions.PolarsError as broken:
        raise ParseError(
            f"{path.name} is no table: {str(broken).splitlines()[0]}", where=where, hint="fetch it again"
        ) from None
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise ParseError(
            f"{path.name} lacks {', '.join(absent)}",
            where=where,
            hint="another layout: a new edition needs its own parser",
        )
    if text.rstrip("\r\n").count("\n") != frame.height:
        raise ParseError(
            f"{path.name}: a cell spans lines",
            where=where,
            hint="line numbers of facts would be wrong: repair the file",
        )
    if frame.height == 0:
        raise SourceError(
            f"{path.name} has a header and no rows", where=where, hint="a broken download: fetch it again"
        )
    return frame.select(columns).with_columns(pl.all().fill_null("")).with_row_index("row", offset=2)
