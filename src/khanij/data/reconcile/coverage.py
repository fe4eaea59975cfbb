"""What the store holds and lacks: sources and records, statuses, years, tonnes, content factors, publishers' files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from khanij import reference
from khanij.core.table import Table
from khanij.data.facts import record, store


def tables() -> list[Table]:
    """Return what every fact stands on and what is lacking."""
    return [orphans(), statuses(), years(), tonnes(), contents()]


def orphans() -> Table:
    """Return facts without a source record, or without source, edition, unit or status; must be empty."""
    known = {edition.key for source in record.sources().values() for edition in source.editions}
    lacking = pl.any_horizontal(pl.col("source", "edition", "unit", "status").is_null())
    counts = store.collect(
        store.scan().group_by("source", "edition").agg(pl.len().alias("facts"), lacking=lacking.sum())
    )
    rows = [
        {"source": source, "edition": edition, "facts": facts, "without_record": facts * unknown, "incomplete": lacking}
        for source, edition, facts, lacking in counts.sort("source", "edition").iter_rows()
        if (unknown := f"{source}@{edition}" not in known) or lacking
    ]
    total = int(counts["facts"].sum())
    note = f"{total:,} facts, {sum(row['without_record'] for row in rows):,} of them without a source record"
    return Table.of("facts without a source record", rows, notes=(note,), key="unsourced")


def statuses() -> Table:
    """Return the number of facts of each source, quantity, status and confidence."""
    by = ["source", "quantity", "status", "confidence"]
    counts = store.collect(store.scan().group_by(by).agg(pl.len().alias("facts"))).sort(by)
    return Table.of("facts by source, status and confidence", counts.to_dicts(), key="statuses")


def years() -> Table:
    """Return the years, countries and materials of each source and quantity."""
    by = ["source", "quantity"]
    frame = (
        store.scan()
        .group_by(by)
        .agg(
            first=pl.col("year").min(),
            last=pl.col("year").max(),
            years=pl.col("year").drop_nulls().n_unique(),
            countries=pl.col("country").drop_nulls().n_unique(),
            materials=pl.col("material").drop_nulls().n_unique(),
            items=pl.col("item").drop_nulls().n_unique(),
            facts=pl.len(),
        )
    )
    return Table.of("years by source and quantity", store.collect(frame).sort(by).to_dicts(), key="coverage")


def tonnes() -> Table:
    """Return for each trade code the flows and the value whose tonnage is not known; the worst first."""
    title = "trade codes: flows and value without tonnes"
    sources = store.providers("trade_value")
    if not sources:
        return Table.of(title, [], key="massless")
    flow = ["source", "item", "country", "partner", "year"]
    facts = store.scan(*sources)
    value = facts.filter(pl.col("quantity") == "trade_value").select(*flow, v="value")
    mass = facts.filter(pl.col("quantity") == "trade_mass", pl.col("value").is_not_null()).select(*flow, t="value")
    lacking = pl.col("t").is_null()
    counts = (
        value.join(mass, on=flow, how="left")
        .group_by("source", "item")
        .agg(
            first=pl.col("year").min(),
            last=pl.col("year").max(),
            flows=pl.len(),
            without_tonnes=lacking.sum(),
            part_of_flows=lacking.mean(),
            part_of_value=pl.col("v").filter(lacking).sum().round(3) / pl.col("v").sum().round(3),
        )
        .sort("part_of_value", "source", "item", descending=[True, False, False])
    )
    note = "a data set that gives values only has no tonnes at all: 1 throughout"
    return Table.of(title, store.collect(counts).to_dicts(), notes=(note,), key="massless")


def contents() -> Table:
    """Return the mapped codes whose content factor is not known or not in the material's basis, or that are shared."""
    held = {id: sources for id, sources in _items().items()}
    rows: list[dict[str, Any]] = []
    for code in reference.hs_codes():
        basis = reference.materials()[code.material].basis
        why = []
        if code.content is None:
            why.append("no content factor")
        elif code.basis != basis:
            why.append(f"content in {code.basis or 'no basis'}, the material is counted in {basis or 'nothing'}")
        if code.shared:
            why.append(f"shared with {code.shared}")
        if why:
            rows.append(
                {
                    "item": code.item,
                    "material": code.material,
                    "stage": code.stage,
                    "why": "; ".join(why),
                    "data": ", ".join(held.get(code.item, ())) or "none",
                    "description": code.description,
                }
            )
    rows.sort(key=lambda row: (row["data"] == "none", row["material"], row["item"]))
    unmapped = sorted(set(held) - {code.item for code in reference.hs_codes()})
    notes = (
        f"{len(rows)} of {len(reference.hs_codes())} rows of the code table do not enter contained trade",
        f"codes with data that no row maps: {', '.join(unmapped) or 'none'}",
    )
    return Table.of("trade codes without a usable content factor", rows, notes=notes, key="contents")


def _items() -> dict[str, list[str]]:
    """Return trade code -> sources that hold data of it."""
    sources = store.providers("trade_value")
    if not sources:
        return {}
    frame = store.scan(*sources).filter(pl.col("quantity").is_in(["trade_value", "trade_mass"]))
    pairs = store.collect(frame.select("item", "source").unique().sort("item", "source"))
    held: dict[str, list[str]] = {}
    for item, source in pairs.iter_rows():
        held.setdefault(item, []).append(source)
    return held


def files(raw: Path) -> Table:
    """Return every recorded file of the publishers: recorded, absent or different; those in trouble first.

    raw   folder laid out as the source records say
    """
    rows = []
    for source in record.sources().values():
        for edition in source.editions:
            for file in edition.files:
                path = raw / file.path
                if not path.is_file():
                    state = "absent"
                else:
                    found = hashlib.sha256(path.read_bytes()).hexdigest()
                    state = "as recorded" if found == file.sha256 else "different"
                rows.append({"source": edition.key, "file": file.path, "bytes": file.bytes, "state": state})
    rows.sort(key=lambda row: (row["state"] == "as recorded", row["source"], row["file"]))
    return Table.of("publishers' files against the records", rows, key="files")
