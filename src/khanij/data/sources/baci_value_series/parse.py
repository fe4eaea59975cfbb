"""Leading flows by material and year, one JSON a year; several labels can stand for one trade code."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels

# The crosswalk names two codes of later editions: (revision or "", its code) -> the code that the flows can hold.
REPAIRED = {("", "811231"): "811292", ("HS02", "252800"): "252890"}
REVISION = re.compile(r"BACI (HS\d\d)")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return value facts by trade code; the first path is the crosswalk label -> code, the others one year each.

    Labels that share a code (gallium, germanium and hafnium are one) must hold the same flows and give one fact.
    """
    codes = {label: row["title_code"] for label, row in _read(paths[0], edition.key).items()}
    return pl.concat([_year(_read(path, edition.key), codes, f"{edition.key}: {path.name}") for path in paths[1:]])


def _year(file: dict[str, Any], codes: dict[str, str], where: str) -> pl.DataFrame:
    """Return the facts of one file."""
    revision = REVISION.search(str(file.get("source")))
    if revision is None or not isinstance(file.get("materials"), dict) or not file["materials"]:
        raise ParseError("no code edition or no materials", where=where, hint="a file has source, year, materials")
    unknown = [label for label in file["materials"] if label not in codes]
    if unknown:
        raise ParseError(f"labels without a code: {unknown}", where=where, hint="the crosswalk must name them")
    frame = pl.DataFrame(
        [
            (f"{revision[1]}:{_code(revision[1], codes[label])}", label, flow["from"], flow["to"], float(flow["value"]))
            for label, flows in file["materials"].items()
            for flow in flows
        ],
        schema={"item": pl.String, "label": pl.String, "from": pl.String, "to": pl.String, "value": pl.Float64},
        orient="row",
    )
    merged = frame.group_by("item", "from", "to").agg(
        pl.col("value").min(), pl.col("value").n_unique().alias("figures"), pl.col("label").sort().str.join(", ")
    )
    split = merged.filter(pl.col("figures") > 1)
    if split.height:
        row = split.sort("item", "from", "to").row(0, named=True)
        raise ParseError(
            f"labels of one code disagree: {row}", where=where, hint="they are not the same flow: split the crosswalk"
        )
    return merged.select(
        quantity=pl.lit("trade_value"),
        item="item",
        country=_codes(merged["from"], where),
        partner=_codes(merged["to"], where),
        year=pl.lit(int(file["year"])),
        value=pl.col("value") / 1000,
        unit=pl.lit("kUSD"),
        status=pl.lit("reported"),
        confidence=pl.lit("medium"),
        note=pl.lit("leading flows only; labelled ") + pl.col("label"),
    )


def _code(revision: str, code: str) -> str:
    """Return the code that exists in this edition of the HS."""
    return REPAIRED.get(("", code)) or REPAIRED.get((revision, code)) or code


def _codes(column: pl.Series, where: str) -> pl.Series:
    """Return ISO alpha-3 of ISO alpha-2 codes."""
    distinct = column.unique()
    return column.replace_strict(distinct, labels.coded_countries(distinct, "iso2", where), return_dtype=pl.String)


def _read(path: Path, where: str) -> dict[str, Any]:
    """Return a parsed JSON file, gzipped or plain."""
    try:
        raw = path.read_bytes()
        loaded = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except (OSError, EOFError, ValueError) as broken:
        raise SourceError(
            f"cannot be read: {broken}", where=f"{where}: {path.name}", hint="fetch the file again"
        ) from None
    if not isinstance(loaded, dict) or not loaded:
        raise ParseError("the table is empty", where=f"{where}: {path.name}", hint="expected a JSON object")
    return loaded
