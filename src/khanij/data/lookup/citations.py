"""Reference-table rows behind a number: content factors, densities, aliases, benchmarks, members, with their works."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij import reference
from khanij.core.case import Case
from khanij.core.table import Table
from khanij.data.cubes import production
from khanij.data.cubes.trade import flows as trade
from khanij.data.lookup import lineage
from khanij.data.lookup.lineage import Cell

COLUMNS = ("table", "key", "what", "low", "value", "high", "unit", "confidence", "cites", "citation", "note")


def rows_behind(case: Case, quantities: Iterable[str], cell: Cell, facts: Sequence[Mapping[str, Any]]) -> Table:
    """Return the reference-table rows that the facts of a cell went through, each with the work that it cites.

    quantities  cubes that the number rests on
    facts       rows of lineage.follow, all quantities together
    """
    wanted = set(quantities)
    rows: list[dict[str, Any]] = []
    for quantity, names in (("trade_mass", ("trade", "trade_massless")), ("trade_value", ("trade_value",))):
        if wanted & set(names):
            rows += _codes(case, quantity, cell)
    rows += _conversions(facts, cell)
    rows += _aliases(facts)
    rows += _benchmarks(facts)
    rows += _members(case, cell)
    unique = {tuple(row.items()): row for row in rows}
    return Table.by_column("reference tables", {name: [row[name] for row in unique.values()] for name in COLUMNS})


def _row(
    table: str, key: str, what: str, source: str, confidence: str, note: str = "", **figures: Any
) -> dict[str, Any]:
    """Return one row; the citation holds every work of the cell `source`."""
    works = reference.works(source)
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"table": table, "key": key, "what": what, "confidence": confidence, "cites": source, "note": note}
    row["citation"] = "; ".join(" ".join(filter(None, (work.citation, work.url))) for work in works)
    return row | figures


def _codes(case: Case, quantity: str, cell: Cell) -> list[dict[str, Any]]:
    """Return the trade codes that enter, with the content of each."""
    chosen = trade.chosen(lineage.narrowed(case, cell), quantity)
    entering = {(r["item"], r["material"], r["stage"]) for r in chosen.iter_rows(named=True)}
    rows = []
    for code in reference.hs_codes():
        if (code.item, code.material, code.stage) not in entering:
            continue
        if cell.stages is not None and code.stage not in cell.stages:
            continue
        what = f"{code.description}: {code.material}, {code.stage}" + (
            f", shared with {code.shared}" if code.shared else ""
        )
        low, best, high = code.content or (None, None, None)
        figures = {"low": low, "value": best, "high": high, "unit": f"t {code.basis} per t"}
        rows.append(_row("hs_codes", code.item, what, code.source, code.confidence, code.note, **figures))
    return rows


def _conversions(facts: Sequence[Mapping[str, Any]], cell: Cell) -> list[dict[str, Any]]:
    """Return densities and ore contents by which a fact of output or reserves was multiplied."""
    outputs = ("production", "world_production", "production_series", "reserves", "world_reserves")
    scaled = [f for f in facts if f["quantity"] in outputs and f["factor"] not in (None, 1.0)]
    rows = []
    for material in sorted({f["material"] for f in scaled}):
        if material in reference.gas_densities():
            gas = reference.gas_densities()[material]
            figures = {"low": gas.low, "value": gas.best, "high": gas.high, "unit": "kg/m3"}
            about = (gas.source, gas.confidence, gas.note)
            rows.append(_row("gas_densities", material, "density", *about, **figures))
        for (ore, stage), factors in production.ore_content().items():
            if ore == material and any(f["stage"] == stage and f["unit"] == "t" for f in scaled):
                own = (c for c in reference.hs_codes() if (c.material, c.stage) == (ore, stage) and c.content)
                code = next(own, None)
                figures = dict(zip(("low", "value", "high"), factors, strict=True))
                what = f"content of gross output: {ore}, {stage}"
                more = {**figures, "unit": f"t {reference.materials()[ore].basis} per t"}
                if code is not None:
                    rows.append(_row("hs_codes", code.item, what, code.source, code.confidence, code.note, **more))
                    continue
                said = next(r for r in reference.rows("ore_contents") if (r["material"], r["stage"]) == (ore, stage))
                about = (said["source"], said["confidence"], said["note"])
                rows.append(_row("ore_contents", ore, what, *about, **more))
    return rows


def _aliases(facts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that say which material a publisher's label is."""
    named = [f for f in facts if f["material"] and f["item"] and f["partner"] is None]
    labels = {(reference.fold(re.split(r" ?[|]", f["item"])[0]), f["material"]) for f in named}
    rows = []
    for r in reference.rows("material_aliases"):
        if (reference.fold(r["label"]), r["material"]) in labels:
            what = f"is {r['material']}" + (f", {r['stage']}" if r["stage"] else "")
            rows.append(_row("material_aliases", r["label"], what, r["source"], r["confidence"], r["item_note"]))
    return rows


def _benchmarks(facts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that say which price series stands for a material; they name sources of facts, not works."""
    used = {(f["material"], f["source"], f["item"]) for f in facts if str(f["quantity"]).startswith("price")}
    return [
        _row(
            "price_benchmarks",
            f"{r['material']} {r['order']}",
            f"{r['source']}: {r['item']}, per {r['per']}",
            "",
            r["confidence"],
            r["note"],
        )
        for r in reference.rows("price_benchmarks")
        if (r["material"], r["source"], r["item"]) in used
    ]


def _members(case: Case, cell: Cell) -> list[dict[str, Any]]:
    """Return the memberships of a focus that is a group, in the year."""
    rows = []
    for focus in case.axis("focus").codes:
        for r in reference.rows("groups"):
            if r["group"] == focus and r["iso3"] in cell.members:
                span = f"member from {r['valid_from']}" + (f" to {r['valid_to']}" if r["valid_to"] else "")
                rows.append(_row("groups", f"{focus} {r['iso3']}", span, r["source"], r["confidence"]))
    return rows
