"""Countries, remainder and named aggregates of a publisher against the world total that it prints itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from khanij.core.table import Table
from khanij.data.reconcile import figures
from khanij.data.reconcile.figures import LIMIT, SILENT, TOTAL

BLOCK = ("key", "material", "stage", "basis", "year")
EXACT = 1e-6  # relative; a gap below it is arithmetic
ROUNDED = 3  # a total of more digits than this was not rounded
NOTES = (
    "gap = world total - (countries + other countries + named aggregates); relative to the world total",
    "rounding is a class only where the total is printed with three digits or fewer; half of each last digit bounds it",
    "overlap = the parts exceed the total by exactly one listed country: the remainder was taken without it",
    "later rows = countries that stand below the total in the publisher's file and were added after it was made",
)

Row = Mapping[str, Any]


def tables() -> list[Table]:
    """Return the flagged gaps and one line for each material, stage and edition."""
    rows = sorted(gaps(figures.in_published_basis(figures.annual())), key=_order)
    flagged = [row for row in rows if row["flagged"]]
    few = f"{len(rows)} totals compared, {len(flagged)} off by more than {LIMIT:.0%}, "
    few += f"{sum(row['class'] == 'UNEXPLAINED' for row in flagged)} of them unexplained"
    return [
        Table.of("world totals: gaps over 5 %", flagged, notes=(few, *NOTES), key="world_gaps"),
        Table.of("world totals: every material, stage and edition", _summary(rows), notes=NOTES, key="world_totals"),
    ]


def gaps(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield one row a world total: what the parts add up to, the gap, its class and what is known about it.

    frame   output facts in one basis an item, with `key` (see figures.in_published_basis)
    """
    blocks: dict[tuple[Any, ...], list[Row]] = {}
    for row in frame.sort(*BLOCK, "item", "country", "row", nulls_last=True).iter_rows(named=True):
        blocks.setdefault(tuple(row[name] for name in BLOCK), []).append(row)
    for rows in blocks.values():
        for total in rows:
            if total["country"] == "WLD":
                yield _compare(total, _parts(total, rows))


def _parts(total: Row, rows: Sequence[Row]) -> list[Row]:
    """Return what a total adds up: its item's rows; for the total of a chapter, the rows of the other items.

    An item of which only the world figure is printed enters with that figure.
    """
    if not total["item"].startswith(TOTAL):
        return [row for row in rows if row["item"] == total["item"] and row["country"] != "WLD"]
    others = [row for row in rows if not row["item"].startswith(TOTAL)]
    by_country = {row["item"] for row in others if row["country"] != "WLD"}
    return [row for row in others if (row["country"] == "WLD") != (row["item"] in by_country)]


def _compare(total: Row, parts: Sequence[Row]) -> dict[str, Any]:
    """Return the row of the table for one total."""
    value = total["value"]
    added = sum(part["value"] for part in parts if part["value"] is not None)
    gap = None if value is None else value - added
    relative = gap / value if value and gap is not None else None
    kind, text = _explain(total, parts, gap)
    flagged = relative is not None and abs(relative) > LIMIT and kind != "no parts"
    return {
        "material": total["material"],
        "stage": total["stage"],
        "item": total["item"],
        "year": total["year"],
        "source": total["key"],
        "countries": added,
        "world": value,
        "gap": gap,
        "relative": relative,
        "unit": total["unit"],
        "basis": total["basis"],
        "flagged": flagged,
        "class": kind,
        "explanation": text,
    }


def _explain(total: Row, parts: Sequence[Row], gap: float | None) -> tuple[str, str]:
    """Return the class of a gap and the facts that give it; the first class that holds."""
    value = total["value"]
    if gap is None or not value:
        return "no world total", total["note"] or total["status"]
    if not parts:
        return "no parts", "only the world figure is printed"
    if abs(gap) <= EXACT * value:
        return "agrees", ""
    absent = figures.left_out(total["note"])
    home = sum(part["value"] or 0.0 for part in parts if absent and part["country"] == absent)
    half = figures.half_unit(value, total["basis"], total["note"])
    if home and abs(gap + home) <= half + EXACT * value:
        return "scope", f"the total leaves out {absent}"
    digits = figures.significant(value, total["basis"], total["note"])
    if digits <= ROUNDED:
        half += sum(figures.half_unit(p["value"], p["basis"], p["note"]) for p in parts if p["value"])
        if abs(gap) <= half:
            return "rounding", f"the total is printed to {digits} digits"
    later = [part for part in parts if part["row"] > total["row"] and part["value"]]
    if later and abs(gap + sum(part["value"] for part in later)) <= EXACT * value:
        return "later rows", "added after the total was made: " + _names(later)
    rest = any(part["country"] == "ROW" and part["value"] for part in parts)
    twice = [part for part in parts if rest and part["value"] and abs(gap + part["value"]) <= EXACT * value]
    if twice:
        return "overlap", "the other countries hold it too: " + _names(twice)
    return _unquantified(total, parts, gap)


def _unquantified(total: Row, parts: Sequence[Row], gap: float) -> tuple[str, str]:
    """Return the class of a gap that rows without a figure may fill, or UNEXPLAINED."""
    bounded = [part for part in parts if part["status"] == "bound"]
    silent = [part for part in parts if part["status"] in SILENT]
    least = sum(part["low"] or 0.0 for part in bounded)
    most = float("inf") if any(part["high"] is None for part in bounded) else sum(part["high"] for part in bounded)
    if bounded and least <= gap <= most:
        return "bounds", "only bounds are given for " + _names(bounded)
    if gap > 0 and silent:
        return "withheld", "no figure for " + _names(silent, "status")
    if total["item"].startswith(TOTAL) and gap > 0 and len({part["item"] for part in parts}) < 2:
        return "mixed items", "the total covers items that are not listed by country"
    return "UNEXPLAINED", total["note"] or ""


def _names(rows: Sequence[Row], *more: str) -> str:
    """Return the countries of rows, each once, with other columns in brackets."""
    texts = [row["country"] + "".join(f" ({row[name]})" for name in more) for row in rows]
    return ", ".join(dict.fromkeys(texts))


def _order(row: Row) -> tuple[Any, ...]:
    """Return the sorting key: unexplained first, then the largest relative gap."""
    size = abs(row["relative"] or 0.0)
    return (row["class"] != "UNEXPLAINED", -size, row["material"], row["stage"], row["source"], row["year"])


def _summary(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return one line for each material, stage, item and edition: years, worst gap, classes."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["material"], row["stage"], row["item"], row["source"]), []).append(row)
    out = []
    for (material, stage, item, source), group in sorted(groups.items()):
        known = [row for row in group if row["relative"] is not None]
        worst = max(known, key=lambda row: abs(row["relative"]), default=None)
        classes = dict.fromkeys(sorted(row["class"] for row in group))
        out.append(
            {
                "material": material,
                "stage": stage,
                "item": item,
                "source": source,
                "years": len(group),
                "flagged": sum(row["flagged"] for row in group),
                "worst_gap": worst and worst["relative"],
                "worst_year": worst and worst["year"],
                "classes": ", ".join(classes),
            }
        )
    return out
