"""The source's own tables: what each label of the publisher means, in which unit and of what content."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core.errors import ParseError, UnitError
from khanij.core.units import factor
from khanij.data.parsing.stoichiometry import fraction

FOLDER = Path(__file__).parent
KEY = ("section", "chapter", "commodity", "statistics", "detail", "unit", "form", "nth")


@cache
def table(name: str) -> pl.DataFrame:
    """Return one table of this folder as text, an empty cell as ""."""
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema=False).with_columns(pl.all().fill_null(""))


def pairs(name: str, label: str, value: str) -> dict[str, str]:
    """Return label -> value of one table of this folder."""
    rows = table(name)
    return dict(zip(rows[label].to_list(), rows[value].to_list(), strict=True))


def named(rows: pl.DataFrame, layout: str, where: str) -> pl.DataFrame:
    """Return the publisher's rows with what aliases.csv says of their labels; rows that it marks `skip` are left out.

    rows    one row a figure, with the columns of KEY
    layout  "2025" or "2026", the publisher's layout
    Raises ParseError that prints the row to add when a combination of labels is unknown.
    """
    aliases = table("aliases").filter(pl.col("layout") == layout).drop("layout")
    known = rows.join(aliases.rename({"note": "alias_note"}), on=KEY, how="left", maintain_order="left")
    strange = known.filter(pl.col("quantity").is_null())
    if strange.height:
        first = strange.row(0, named=True)
        add = ",".join(_quoted(text) for text in (layout, *(first[name] for name in KEY)))
        raise ParseError(
            f"unknown labels in line {first['row']} ({strange.select(KEY).unique().height} combinations in all)",
            where=where,
            hint=f"add to usgs_mcs/aliases.csv: {add},<quantity>,<material>,<stage>,<item>,<basis>,,,,",
        )
    return known.filter(pl.col("quantity") != "skip")


def _quoted(text: str) -> str:
    """Return a CSV cell."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text


def skipped(layout_rows: pl.DataFrame) -> pl.Series:
    """Return which rows skipped.csv leaves out; `*` in a cell of it stands for anything."""
    drop = pl.lit(False)
    for rule in table("skipped").iter_rows(named=True):
        tests = [
            pl.col(name) == rule[name]
            for name in ("section", "chapter", "statistics", "detail", "unit")
            if rule[name] != "*"
        ]
        drop = drop | pl.all_horizontal(tests)
    return layout_rows.select(drop.alias("skip"))["skip"]


def in_our_units(rows: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the rows with value, low and high in the canonical unit of their quantity, and that unit as `unit`.

    The unit is the publisher's, or the one that aliases.csv says to read it as.
    Raises ParseError if units.csv lacks the unit, or if it does not measure the quantity.
    """
    read = pl.when(pl.col("read_as") != "").then("read_as").otherwise("unit").alias("unit")
    rows = rows.with_columns(read)
    found = rows.select("quantity", "unit").unique(maintain_order=True)
    known = {row["label"]: row for row in table("units").iter_rows(named=True)}
    scales: list[tuple[str, str, str, float]] = []
    for quantity, unit in found.iter_rows():
        if unit not in known:
            raise ParseError(
                f"unknown unit {unit!r}", where=where, hint=f"add to usgs_mcs/units.csv: {unit},<unit>,<factor>,"
            )
        ours, scale = _canonical(quantity, known[unit]["unit"], where)
        scales.append((quantity, unit, ours, scale * float(known[unit]["factor"])))
    frame = pl.DataFrame(
        scales, schema={"quantity": pl.String, "unit": pl.String, "ours": pl.String, "scale": pl.Float64}, orient="row"
    )
    joined = rows.join(frame, on=("quantity", "unit"), how="left", maintain_order="left")
    return joined.with_columns(pl.col("value", "low", "high") * pl.col("scale"), unit=pl.col("ours")).drop(
        "ours", "scale"
    )


def _canonical(quantity: str, unit: str, where: str) -> tuple[str, float]:
    """Return the unit in which the quantity is kept and what a value in `unit` is multiplied by."""
    units = reference.quantities()[quantity].units
    for ours in units:
        try:
            return ours, factor(unit, ours)
        except UnitError:
            continue
    raise ParseError(
        f"{unit} does not measure {quantity}, kept in {' or '.join(units)}",
        where=where,
        hint="see usgs_mcs/aliases.csv",
    )


def in_our_basis(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with tonnes of an oxide as tonnes of its element (contents.csv), `basis`, and content_note.

    Only amounts change: a price stays a price per tonne of what the publisher names, a share has no basis.
    """
    oxides = table("contents")
    factors = oxides.select(
        published_basis="published",
        element="basis",
        content=pl.Series(map(fraction, oxides["published"], oxides["basis"]), dtype=pl.Float64),
    )
    joined = rows.join(factors, on="published_basis", how="left", maintain_order="left")
    converted = pl.col("unit").is_in(["t", "m3"]) & pl.col("content").is_not_null()
    named = pl.when(pl.col("published_basis") != "").then("published_basis")
    return joined.with_columns(
        pl.col("value", "low", "high") * pl.when(converted).then("content").otherwise(1.0),
        basis=pl.when(converted).then("element").otherwise(named),
        content_note=pl.when(converted).then(pl.format("published as {}", "published_basis")),
    )
