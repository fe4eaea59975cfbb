"""Known upstream errors as records: where, what to do, why, and an expectation that fails once it is repaired."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError

ACTIONS = ("drop", "override", "scale", "bound", "flag")


def apply(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return the facts with every [[correction]] of the file applied, in order.

    A correction has: where (column -> value), action (drop | override | scale | bound | flag), reason, expect (the
    publisher's figure, within 1e-6 relative), and value (override) or factor (scale). A corrected row's note says so.
    Raises ParseError if no row matches or the figure is no longer the expected one: the producer has repaired it.
    """
    if not path.is_file():
        return frame
    for record in tomllib.loads(path.read_text(encoding="utf-8")).get("correction", []):
        frame = _one(frame, record, f"{path.parent.name}/{path.name}")
    return frame


def published(path: Path, *columns: str) -> list[dict[str, Any]]:
    """Return the figures as the publisher has them of records that drop or change one: `columns` of where, and value.

    For those who must take the publisher's figures as they are. A record that names no single row is left out.
    """
    if not path.is_file():
        return []
    records = tomllib.loads(path.read_text(encoding="utf-8")).get("correction", [])
    return [
        {name: record["where"][name] for name in columns} | {"value": float(record["expect"])}
        for record in records
        if record["action"] != "flag" and "expect" in record and set(columns) <= set(record["where"])
    ]


def _one(frame: pl.DataFrame, record: dict[str, Any], where: str) -> pl.DataFrame:
    """Apply one correction."""
    mask = pl.all_horizontal(pl.col(name) == value for name, value in record["where"].items())
    hit = frame.filter(mask)
    if hit.is_empty():
        raise ParseError(
            f"a correction meets no row: {record['where']}",
            where=where,
            hint="the producer changed it: review the record",
        )
    if "expect" in record:
        found = hit["value"].to_list()
        if any(v is None or abs(v - record["expect"]) > 1e-6 * abs(record["expect"]) for v in found):
            raise ParseError(
                f"expected {record['expect']}, found {found[:3]} for {record['where']}",
                where=where,
                hint="the producer changed the figure: review or remove the correction",
            )
    note = pl.concat_str(
        pl.col("note"),
        pl.lit(f"corrected ({record['action']}): {record['reason']}"),
        separator=" | ",
        ignore_nulls=True,
    )
    noted = pl.when(mask).then(note).otherwise(pl.col("note")).alias("note")
    match record["action"]:
        case "drop":
            return frame.filter(~mask)
        case "override":
            value = pl.lit(float(record["value"]))
        case "scale":
            value = pl.col("value") * float(record["factor"])
        case "bound":  # the figure is an upper bound of what its row says
            return frame.with_columns(
                pl.when(mask).then("value").otherwise("high").alias("high"),
                pl.when(mask).then(None).otherwise(pl.col("value")).alias("value"),
                pl.when(mask).then(pl.lit("bound")).otherwise(pl.col("status")).alias("status"),
                noted,
            )
        case "flag":
            return frame.with_columns(noted)
        case other:
            raise ParseError(f"unknown action {other!r}", where=where, hint=f"one of {', '.join(ACTIONS)}")
    imputed = pl.when(mask).then(pl.lit("imputed")).otherwise(pl.col("status")).alias("status")
    return frame.with_columns(pl.when(mask).then(value).otherwise(pl.col("value")).alias("value"), noted, imputed)
