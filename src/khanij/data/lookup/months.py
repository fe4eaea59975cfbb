"""Shipments of the last months against the same months of the year before, as customs offices record them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import polars as pl

from khanij import reference
from khanij.core.number import Number
from khanij.data.facts import store

SPAN = 6  # months that are compared
YEAR = 12
SIDES = {"import": "partner", "export": "country"}  # prefix of the quantity -> who declares
GOOD = ["material", "stage", "country", "partner"]
AMOUNTS = {"value": ("shipped", "kUSD"), "mass": ("shipped_tonnes", "t")}


@cache
def _goods() -> pl.DataFrame:
    """Return digits -> material and stage: national codes, and six-digit codes that hold one material."""
    shared = {code.code for code in reference.hs_codes() if code.shared}
    rows = {(c.code, c.material, c.stage) for c in reference.hs_codes() if c.code not in shared}
    rows |= {(c.code, c.material, c.stage) for c in reference.national_codes()}
    return pl.DataFrame(sorted(rows), schema=["digits", "material", "stage"], orient="row")


def shipments(members: Collection[str]) -> list[dict[str, Any]]:
    """Return one row a good and seller of what some countries buy, the largest fall by value first.

    Keys: material, stage, country, partner (the buyer), declared_by, months_compared, shipped and shipped_before (kUSD)
    and the same in tonnes as Numbers, shipped_part: the seller's part of the buyer's months before, None where the
    seller declares. Months are the last SPAN of an office and those twelve earlier; an office with less on record, and
    a seller that sent nothing in the earlier months, are left out. A month without a line is one in which nothing was
    sent. What the buyer declares itself goes before what the seller says; partners kept secret are in the sum alone.
    """
    rows = [row for side in SIDES for row in _declared(side, members)]
    first: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        first.setdefault(tuple(row[name] for name in GOOD), row)
    return sorted(first.values(), key=lambda row: row["shipped"].value - row["shipped_before"].value)


def _declared(side: str, members: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows that buyers (import) or sellers (export) declare."""
    sources = store.providers(f"{side}_value")
    if not sources:
        return
    at = pl.col("year").cast(pl.Int32) * YEAR + pl.col("month") - 1
    frame = store.published(*sources).filter(
        pl.col("month").is_not_null(), pl.col("quantity").is_in([f"{side}_value", f"{side}_mass"])
    )
    digits = pl.col("item").str.slice(5)
    known = pl.when(digits.is_in(_goods()["digits"].to_list())).then(digits).otherwise(digits.str.slice(0, 6))
    lines = store.collect(frame.drop("material", "stage").with_columns(at=at, digits=known))
    spans = lines.group_by(SIDES[side]).agg(start=pl.col("at").min(), last=pl.col("at").max())
    bought = lines.join(spans, on=SIDES[side]).filter(
        pl.col("last") - pl.col("start") >= SPAN + YEAR - 1,
        pl.col("partner").is_in(list(members)) & ~pl.col("country").is_in(list(members)),
    )
    ago = pl.col("last") - pl.col("at")
    windows = {"": ago < SPAN, "_before": ago.is_between(YEAR, YEAR + SPAN, closed="left")}
    sums = [
        pl.col("value").filter(within, pl.col("quantity") == f"{side}_{kind}").sum().alias(f"{name}{when}")
        for kind, (name, _) in AMOUNTS.items()
        for when, within in windows.items()
    ]
    sent = bought.join(_goods(), on="digits").group_by(*GOOD, "last", "source", "edition").agg(sums)
    whole = pl.col("shipped_before").sum().over("material", "stage", "partner")
    told = sent.with_columns(part=pl.col("shipped_before") / whole)
    for row in told.filter(pl.col("country") != "AGG", pl.col("shipped_before") > 0).sort(GOOD).iter_rows(named=True):
        ids = (f"{row['source']}@{row['edition']}",)
        units = {f"{name}{when}": unit for name, unit in AMOUNTS.values() for when in windows}
        numbers = {name: Number(row[name], unit, ids, confidence="medium") for name, unit in units.items()}
        part = Number(row["part"], "1", ids, confidence="medium") if side == "import" else None
        months = f"{_month(row['last'] - SPAN + 1)} to {_month(row['last'])}"
        told_by = {"declared_by": row[SIDES[side]], "months_compared": months, "shipped_part": part}
        yield {**{name: row[name] for name in GOOD}, **told_by, **numbers}


def _month(at: int) -> str:
    """Return "2026-06" of months since the year 0."""
    return f"{at // YEAR}-{at % YEAR + 1:02d}"
