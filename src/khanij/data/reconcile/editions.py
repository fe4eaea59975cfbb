"""One trade code in two data sets for one year: totals and exporters, in tonnes and in value.

BACI has reconciled exporters' and importers' records into one figure a flow, so that the mirror gap itself cannot be
computed from it. What can be checked is whether its code editions and extracts agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.reconcile.figures import LIMIT

SAME = ("code", "year", "quantity")
NOTES = (
    "BACI gives one reconciled figure a flow: the mirror gap (what the exporter declares against what the importer "
    "declares) is not in it and cannot be computed from it; UN Comtrade by reporter is needed",
    "for scale, read elsewhere: a public atlas of 32 materials finds that 51 % of mirrored flows disagree by more than "
    "a factor of two (criticalmaterialsatlas.org, doi 10.5281/zenodo.21948855)",
    "same six digits in two code editions are mostly, not always, the same goods",
)

ORDER = ("code", "year", "quantity", "first", "second")  # of rows that are alike in all else
EXACT = 3  # decimals of a flow: digits behind them hang on the order in which threads add
Row = Mapping[str, Any]


def tables() -> list[Table]:
    """Return one row a code, year and quantity that two data sets give, the unexplained and largest gaps first."""
    rows = compare(flows())
    rows.sort(key=lambda row: (row["class"] != "UNEXPLAINED", -abs(row["gap"]), *(row[key] for key in ORDER)))
    off = [row for row in rows if row["flagged"]]
    few = f"{len(rows)} totals compared, {len(off)} off by more than {LIMIT:.0%}, "
    few += f"{sum(row['class'] == 'UNEXPLAINED' for row in off)} of them unexplained"
    return [
        Table.of("trade codes in two data sets: gaps over 5 %", off, notes=(few, *NOTES), key="code_gaps"),
        Table.of("trade codes in two data sets: every code", _by_code(rows), notes=NOTES[2:], key="codes"),
    ]


def _total(name: str) -> pl.Expr:
    """Return a sum to the decimals of a flow."""
    return pl.col(name).sum().round(EXACT)


def flows() -> pl.DataFrame:
    """Return exporters' totals of codes that two data sets give: source, revision, code, year, quantity, country."""
    sources = store.providers("trade_value")
    if not sources:
        return pl.DataFrame()
    wanted = pl.col("quantity").is_in(["trade_value", "trade_mass"]) & pl.col("value").is_not_null()
    facts = store.scan(*sources).filter(wanted)
    items = store.collect(facts.select("source", "item", "year").unique()).with_columns(
        code=pl.col("item").str.split(":").list.last()
    )
    twice = items.group_by("code", "year").agg(pl.col("source").n_unique().alias("n")).filter(pl.col("n") > 1)
    both = items.join(twice, on=["code", "year"], how="semi")
    kept = facts.join(both.lazy(), on=["source", "item", "year"])
    return store.collect(
        kept.group_by("source", "item", *SAME, "country").agg(
            _total("value"), pl.len().alias("flows"), leading=pl.col("note").str.contains("leading flows").any()
        )
    )


def compare(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return one row for each pair of data sets that give a code in a year.

    frame   exporters' totals (see flows)
    """
    if frame.is_empty():
        return []
    sides = frame.group_by("source", "item", *SAME).agg(_total("value"), pl.col("flows").sum(), pl.col("leading").any())
    pairs = sides.join(sides, on=list(SAME), suffix="_b").filter(pl.col("source") < pl.col("source_b"))
    worst = _exporters(frame)
    pairs = pairs.join(worst, on=["source", "source_b", "item", "item_b", *SAME], how="left")
    return [_row(row) for row in pairs.sort(*SAME, "item", "item_b", "source", "source_b").iter_rows(named=True)]


def _exporters(frame: pl.DataFrame) -> pl.DataFrame:
    """Return for each pair how many exporters are off, and the one with the largest gap."""
    named = frame.select("source", "item", *SAME, "country", "value")
    keys = frame.select("source", "item", *SAME).unique()
    pairs = keys.join(keys, on=list(SAME), suffix="_b").filter(pl.col("source") < pl.col("source_b"))
    both = ["source", "source_b", "item", "item_b", *SAME]
    first = pairs.join(named, on=["source", "item", *SAME])
    second = pairs.join(named, left_on=["source_b", "item_b", *SAME], right_on=["source", "item", *SAME])
    second = second.rename({"value": "value_b"})
    side = first.join(second, on=[*both, "country"], how="full", coalesce=True, suffix="_right")
    side = side.with_columns(pl.col("value", "value_b").fill_null(0.0))
    gap = (pl.col("value_b") - pl.col("value")).abs().round(EXACT)
    off = gap > LIMIT * pl.max_horizontal("value", "value_b")
    return (
        side.with_columns(delta=gap, off=off)
        .sort("delta", "country", descending=[True, False])
        .group_by(both, maintain_order=True)
        .agg(
            pl.len().alias("exporters"),
            pl.col("off").sum(),
            worst=pl.col("country").first(),
            delta=pl.col("delta").first(),
        )
    )


def _row(row: Row) -> dict[str, Any]:
    """Return the row of the table for one pair."""
    gap = round(row["value_b"] - row["value"], EXACT)
    larger = max(row["value"], row["value_b"])
    relative = gap / larger if larger else 0.0
    partial = [(row["leading"], row["value"]), (row["leading_b"], row["value_b"])]
    smaller_is_partial = any(leading and value <= larger - abs(gap) for leading, value in partial)
    revisions = {row["item"].split(":")[0], row["item_b"].split(":")[0]}
    if abs(relative) <= LIMIT:
        kind, text = "within 5 %", ""
    elif smaller_is_partial:
        kind, text = "leading flows", "the smaller holds the leading flows only"
    elif len(revisions) > 1:
        kind, text = "UNEXPLAINED", "candidate: another code edition, whose six digits may hold other goods"
    else:
        kind, text = "UNEXPLAINED", ""
    return {
        "code": row["code"],
        "year": row["year"],
        "quantity": row["quantity"],
        "first": f"{row['source']} {row['item']}",
        "first_value": row["value"],
        "second": f"{row['source_b']} {row['item_b']}",
        "second_value": row["value_b"],
        "unit": "t" if row["quantity"] == "trade_mass" else "kUSD",
        "gap": gap,
        "relative": relative,
        "exporters": row["exporters"],
        "exporters_off": row["off"],
        "largest_gap": row["worst"],
        "largest_gap_value": row["delta"],
        "flagged": abs(relative) > LIMIT,
        "class": kind,
        "explanation": text,
    }


def _by_code(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one line for each code, pair of data sets and quantity: years, flagged ones, worst gap."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["code"], row["quantity"], row["first"], row["second"]), []).append(row)
    out = []
    for (code, quantity, first, second), group in sorted(groups.items()):
        worst = max(group, key=lambda row: abs(row["relative"]))
        out.append(
            {
                "code": code,
                "quantity": quantity,
                "first": first,
                "second": second,
                "years": f"{min(row['year'] for row in group)}-{max(row['year'] for row in group)}",
                "flagged": sum(row["flagged"] for row in group),
                "worst_gap": worst["relative"],
                "worst_year": worst["year"],
            }
        )
    return out
