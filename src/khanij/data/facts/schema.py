"""The one schema of facts, and what every row must satisfy."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import ParseError

STATUSES = (
    "reported",  # the publisher gives it as a figure
    "estimated",  # the publisher marks it as an estimate
    "withheld",  # the publisher knows it and does not say (W): no value
    "unavailable",  # the publisher does not know it (NA): no value
    "unquantified",  # words instead of a figure ("Large"): no value
    "bound",  # only a bound: low or high without a value
    "imputed",  # filled by the publisher's or our stated rule
    "derived",  # calculated from other facts
)

SCHEMA: dict[str, type[pl.DataType]] = {
    "quantity": pl.String,  # id in reference/quantities.toml
    "material": pl.String,  # id in reference materials; null where the item decides (trade codes)
    "stage": pl.String,
    "item": pl.String,  # exactly what: trade code "HS92:270900", publisher's own label, technology …
    "country": pl.String,  # ISO 3166-1 alpha-3 or a pseudo-country: WLD world, ROW rest, AGG named aggregate
    "partner": pl.String,  # importer of a flow
    "year": pl.Int16,
    "month": pl.Int8,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "basis": pl.String,  # what the tonnes are: "Cu", "REO", "gross"
    "status": pl.String,
    "confidence": pl.String,  # high | medium | low
    "source": pl.String,
    "edition": pl.String,
    "row": pl.Int32,  # line of the publisher's file (1 = first line)
    "note": pl.String,
}

KEY = ("quantity", "item", "material", "stage", "country", "partner", "year", "month", "source", "edition", "row")
PSEUDO = ("WLD", "ROW", "AGG")


def complete(frame: pl.DataFrame, **constants: object) -> pl.DataFrame:
    """Return the frame with every column of the schema, in order and type; absent columns become `constants` or null.

    Raises ParseError if the frame has a column the schema lacks.
    """
    strange = [name for name in frame.columns if name not in SCHEMA]
    if strange:
        raise ParseError(f"unknown fact columns {strange}", where="facts", hint=f"columns are {', '.join(SCHEMA)}")
    added = [
        pl.lit(constants.get(name), dtype=kind).alias(name)
        for name, kind in SCHEMA.items()
        if name not in frame.columns
    ]
    return frame.with_columns(added).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the facts in the one order in which they are stored, so that a repeated build gives the same bytes."""
    return frame.sort(KEY, nulls_last=True, maintain_order=True)


def check(frame: pl.DataFrame, where: str) -> None:
    """Raise ParseError on the first promise of a fact that a row breaks."""
    quantities = reference.quantities()
    _known(frame, "quantity", quantities, where)
    _known(frame, "material", reference.materials(), where, nullable=True)
    _known(frame, "stage", reference.STAGES, where, nullable=True)
    _known(frame, "status", STATUSES, where)
    _known(frame, "confidence", ("high", "medium", "low"), where)
    places = {*reference.countries(), *PSEUDO}
    _known(frame, "country", places, where, nullable=True)
    _known(frame, "partner", places, where, nullable=True)
    for name in ("unit", "source", "edition"):
        _refuse(frame.filter(pl.col(name).is_null()), f"a fact without {name}", where)
    for quantity in frame["quantity"].unique():
        units = quantities[quantity].units
        wrong = frame.filter((pl.col("quantity") == quantity) & ~pl.col("unit").is_in(units))
        _refuse(wrong, f"{quantity} is kept in {' or '.join(units)}", where)
    for name in ("value", "low", "high"):
        _refuse(frame.filter(~pl.col(name).is_finite()), f"a {name} that is not a number", where)
    signed = [q.id for q in quantities.values() if q.signed]
    least = pl.min_horizontal("value", "low", "high")
    _refuse(frame.filter((least < 0) & ~pl.col("quantity").is_in(signed)), "a negative amount", where)
    _in_range(frame, quantities, where)
    silent = pl.col("status").is_in(["withheld", "unavailable", "unquantified"])
    _refuse(frame.filter(silent & pl.col("value").is_not_null()), "a withheld or unknown figure with a value", where)
    _refuse(
        frame.filter(~silent & pl.all_horizontal(pl.col("value", "low", "high").is_null())),
        "a fact without a figure",
        where,
    )
    _refuse(frame.filter(pl.col("low") > pl.col("high")), "low above high", where)


def _in_range(frame: pl.DataFrame, quantities: Mapping[str, reference.Quantity], where: str) -> None:
    """Raise if a figure or an end of it lies outside what its quantity can be."""
    for quantity in frame["quantity"].unique():
        low, high = quantities[quantity].range
        own = frame.filter(pl.col("quantity") == quantity)
        strange = (pl.min_horizontal("value", "low", "high") < low) | (pl.max_horizontal("value", "low", "high") > high)
        unit = quantities[quantity].units[0]
        _refuse(own.filter(strange), f"{quantity} lies from {low:g} to {high:g} {unit}", where)


def _known(frame: pl.DataFrame, column: str, allowed: object, where: str, nullable: bool = False) -> None:
    """Raise if the column holds a code that is not allowed."""
    found = frame[column].unique().to_list()
    unknown = sorted(
        str(code) for code in found if (code is None and not nullable) or (code is not None and code not in allowed)
    )  # type: ignore[operator]
    if unknown:
        raise ParseError(
            f"unknown {column}: {sample(unknown)}", where=where, hint=f"add it to the reference table of {column}"
        )


def _refuse(rows: pl.DataFrame, what: str, where: str) -> None:
    """Raise if there are rows, showing the first."""
    if rows.height:
        first = {name: value for name, value in rows.row(0, named=True).items() if value is not None}
        raise ParseError(
            f"{what}: {first}", where=where, hint=f"{rows.height} such rows; repair the parser or add a correction"
        )
