"""What the store and the reference tables hold, as tables."""

from __future__ import annotations

import io

import polars as pl

from khanij import reference
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.data.facts import overlay, record, store
from khanij.data.lookup import query

LISTS = ("sources", "quantities", "materials", "countries", "groups", "codes", "lists", "stages")


def listing(what: str) -> Table:
    """Return one of the lists: sources, quantities, materials, countries, groups, codes, lists, stages."""
    makers = {
        "sources": sources,
        "quantities": _quantities,
        "materials": lambda: _reference("materials"),
        "countries": lambda: _reference("countries"),
        "groups": lambda: _reference("groups"),
        "codes": _codes,
        "lists": lambda: _reference("lists"),
        "stages": lambda: _reference("stages"),
    }
    if what not in makers:
        raise CoverageError(f"no list {what!r}", where="data list", hint=f"one of {', '.join(LISTS)}")
    return makers[what]()


def sources() -> Table:
    """Return every source: producer, editions, licence, facts and size in the store."""
    held = store.manifest()["sources"]
    rows = [
        {
            "source": source.id,
            "title": source.title,
            "producer": source.producer,
            "editions": ", ".join(edition.id for edition in source.editions),
            "licence": source.licence,
            "redistributed": "yes" if source.redistribute else "no",
            "facts": held.get(source.id, {}).get("rows"),
            "bytes": held.get(source.id, {}).get("bytes"),
            "quantities": ", ".join(held.get(source.id, {}).get("provides", source.provides)),
        }
        for source in record.sources().values()
    ]
    return Table.of("sources", rows)


def citations(keys: tuple[str, ...]) -> Table:
    """Return source@edition -> title, producer, citation, licence, landing page, note of the given keys."""
    rows = []
    for key in keys:
        id, _, edition_id = key.rpartition("@")
        if overlay.is_own(id):
            rows.append(_own(key, id, edition_id))
            continue
        source = record.find(id)
        edition = next((e for e in source.editions if e.id == edition_id), source.editions[-1])
        rows.append(
            {
                "source": key,
                "title": source.title,
                "producer": source.producer,
                "citation": edition.citation,
                "licence": source.licence,
                "landing": edition.landing,
                "note": edition.note,
            }
        )
    return Table.of("sources", rows)


def _own(key: str, id: str, edition: str) -> dict[str, str]:
    """Return the citation of a file of one's own."""
    name = id.removeprefix(overlay.PREFIX)
    return {
        "source": key,
        "title": f"Facts of one's own, {name}",
        "producer": "the one who asks",
        "citation": f"{name}, sha256 {edition}…",
        "licence": "",
        "landing": "",
        "note": "laid over the store for this question alone",
    }


def show(id: str) -> Table:
    """Return the record of one source: every edition with its files and hashes, and its facts by quantity."""
    source = record.find(id)
    rows = [("producer", source.producer), ("title", source.title), ("licence", source.licence)]
    rows += [("licence note", source.licence_note), ("redistributed", "yes" if source.redistribute else "no")]
    for edition in source.editions:
        rows.append((f"edition {edition.id}", edition.citation))
        rows.append((f"edition {edition.id} note", edition.note))
        rows += [(f"file {file.path}", f"sha256 {file.sha256}, {file.bytes:,} bytes") for file in edition.files]
    if id in store.manifest()["sources"]:
        counted = (
            store.scan(id)
            .group_by("quantity", "status")
            .agg(pl.len(), pl.col("year").min().alias("first"), pl.col("year").max().alias("last"))
        )
        for quantity, status, n, first, last in store.collect(counted.sort("quantity", "status")).iter_rows():
            rows.append((f"facts {quantity}, {status}", f"{n:,} ({first}-{last})"))
    return Table.by_column(f"source {id}", {"field": [r[0] for r in rows], "value": [r[1] for r in rows]})


def _quantities() -> Table:
    """Return every quantity and which sources in the store give it."""
    rows = [
        {
            "quantity": q.id,
            "name": q.name,
            "unit": " or ".join(q.units),
            "sources": ", ".join(store.providers(q.id)),
            "description": q.description,
        }
        for q in reference.quantities().values()
    ]
    return Table.of("quantities", rows)


def _codes() -> Table:
    """Return every mapped trade code with the years that the store covers."""
    there = query.coverage()
    spans: dict[str, dict[str, str]] = {}
    for item, quantity, first, last in there.select("item", "quantity", "first", "last").iter_rows():
        spans.setdefault(item, {})[quantity] = f"{first}-{last}"
    rows = [
        {
            "revision": c.revision,
            "code": c.code,
            "description": c.description,
            "material": c.material,
            "stage": c.stage,
            "shared_with": c.shared,
            "content_low": c.content[0] if c.content else None,
            "content": c.content[1] if c.content else None,
            "content_high": c.content[2] if c.content else None,
            "basis": c.basis,
            "confidence": c.confidence,
            "value_years": spans.get(c.item, {}).get("trade_value", ""),
            "mass_years": spans.get(c.item, {}).get("trade_mass", ""),
        }
        for c in reference.hs_codes()
    ]
    return Table.of("trade codes", rows)


def _reference(name: str) -> Table:
    """Return a reference table as it stands."""
    return Table.of(name, reference.rows(name))


def parquet(table: Table) -> bytes:
    """Return a table as Parquet bytes, with our name in its footer so that we know it again."""
    buffer, flat = io.BytesIO(), table.plain()
    frame = pl.DataFrame({key: pl.Series(key, list(flat.column(key)), strict=False) for key in flat.keys})
    frame.write_parquet(buffer, compression="zstd", metadata={"made by": "khanij"})
    return buffer.getvalue()
