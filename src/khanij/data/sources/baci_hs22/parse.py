"""BACI HS22 by four-digit heading: the largest flows of each year, and how much trade lies beyond them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import labels
from khanij.data.sources.baci_hs92.parse import flows

HEADINGS = {"potash": "3104", "lead": "7801", "zinc": "7901", "tin": "8001"}
"""The file's commodity -> its heading. The other twelve have finer codes over more years in the long series."""
FLOW = ("e", "i", "v", "w")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return value and mass of the listed flows, and world trade less what is listed, for each heading and year.

    A weight of 0 beside a value of millions is a weight that is not known.
    """
    where = f"{edition.key}: {paths[0].name}"
    file = _read(paths[0], where)
    named = {row.get("id"): row.get("hs4") for row in file["meta"].get("commodities", ())}
    frames = []
    for commodity, heading in HEADINGS.items():
        if named.get(commodity) != heading:
            raise ParseError(
                f"{commodity} is {named.get(commodity)!r}", where=where, hint=f"expected heading {heading}"
            )
        for year in sorted(file["flows"].get(commodity, {})):
            listed = _listed(file["flows"][commodity][year], where)
            total = file["totals"].get(commodity, {}).get(year, {})
            frames += [
                _flows(listed, heading, int(year), where),
                _beyond(listed, total, heading, int(year), where),
            ]
    if not frames:
        raise ParseError("no flows", where=where, hint="flows: {commodity: {year: [{e, i, v, w}]}}")
    return pl.concat([complete(frame, source=edition.source, edition=edition.id) for frame in frames])


def _listed(rows: list[dict[str, Any]], where: str) -> pl.DataFrame:
    """Return the listed flows of one heading and year."""
    if not rows or any(set(FLOW) - set(row) for row in rows):
        raise ParseError("a flow lacks a column, or there is none", where=where, hint=f"expected {', '.join(FLOW)}")
    return pl.DataFrame(
        [(row["e"], row["i"], row["v"], row["w"]) for row in rows],
        schema={"e": pl.String, "i": pl.String, "v": pl.Float64, "w": pl.Float64},
        orient="row",
    )


def _flows(listed: pl.DataFrame, heading: str, year: int, where: str) -> pl.DataFrame:
    """Return two facts a flow, in thousand USD and gross tonnes."""
    rows = listed.select(
        item=pl.lit(f"HS22:{heading}"),
        country=_codes(listed["e"], where),
        partner=_codes(listed["i"], where),
        year=pl.lit(year, dtype=pl.Int16),
        v=pl.col("v") / 1000,
        q=pl.when(pl.col("w") > 0).then("w"),
    )
    return flows(rows)


def _beyond(listed: pl.DataFrame, total: dict[str, Any], heading: str, year: int, where: str) -> pl.DataFrame:
    """Return world trade of a heading less the flows listed, in tonnes and thousand USD."""
    try:
        pairs, shown = int(total["pairs"]), int(total["shown"])
        whole = (float(total["tonnes"]), float(total["value_usd"]) / 1000)
    except (KeyError, TypeError, ValueError) as lacking:
        raise ParseError(
            f"{heading}, {year}: no total ({lacking})", where=where, hint="totals: value_usd, tonnes, shown, pairs"
        ) from None
    parts = (float(listed["w"].sum()), float(listed["v"].sum()) / 1000)
    if shown != listed.height or any(part > all_ * (1 + 1e-6) for part, all_ in zip(parts, whole, strict=True)):
        raise ParseError(f"{heading}, {year}: the flows do not fit their total", where=where, hint="another layout")
    note = f"world total of {pairs:,} flows less the {shown} listed, the largest by value; who trades it is not told"
    return pl.DataFrame(
        {
            "quantity": ["trade_mass_unlisted", "trade_value_unlisted"],
            "item": f"HS22:{heading}",
            "country": "WLD",
            "year": year,
            "value": [all_ - part for part, all_ in zip(parts, whole, strict=True)],
            "unit": ["t", "kUSD"],
            "basis": ["gross", None],
            "status": "derived",
            "confidence": "high",
            "note": note,
        }
    )


def _codes(column: pl.Series, where: str) -> pl.Series:
    """Return ISO alpha-3; BACI's own spellings stand in the code table."""
    distinct = column.unique()
    return column.replace_strict(distinct, labels.coded_countries(distinct, "baci-iso3", where), return_dtype=pl.String)


def _read(path: Path, where: str) -> dict[str, Any]:
    """Return the file after checking its parts."""
    try:
        file: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as broken:
        raise SourceError(f"cannot be read: {broken}", where=where, hint="fetch the file again") from None
    absent = [name for name in ("meta", "totals", "flows") if not isinstance(file.get(name), dict)]
    if absent:
        raise ParseError(f"parts {absent} are absent", where=where, hint="expected meta, totals, flows")
    return file
