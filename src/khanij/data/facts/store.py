"""The embedded store: one Parquet file a source and a manifest with hashes, rebuilt byte for byte.

A rebuild writes new files beside the old ones and then replaces the manifest in one rename: killed at any point, the
store is the old one or the new one. Facts of one's own may be laid over it (data.facts.overlay).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import SourceError
from khanij.data.facts import corrections, overlay, record, succession
from khanij.data.facts import manifest as manifests
from khanij.data.facts import schema as facts
from khanij.data.facts.manifest import folder
from khanij.jobs import files

FOLDER = manifests.EMBEDDED
MANIFEST = manifests.NAME


def manifest() -> dict[str, Any]:
    """Return the store's manifest: source -> file, sha256, rows, editions, provides; own facts laid over it included.

    Raises SourceError if there is none, or anything in the store is not what was written.
    """
    return {"sources": {**manifests.read(folder()), **overlay.entries()}}


def fingerprint(sources: Iterable[str] | None = None) -> str:
    """Return one hash of the named sources' files (all if None), and of all facts laid over them."""
    table = manifest()["sources"]
    chosen = sorted({*(table if sources is None else sources), *overlay.entries()})
    return hashlib.sha256("\n".join(f"{id} {table[id]['sha256']}" for id in chosen).encode()).hexdigest()


def scan(*sources: str) -> pl.LazyFrame:
    """Return the facts of these sources (all of the store if none is named), not yet read.

    Facts of one's own that are laid over the store take the place of the publishers' for what they name, whichever
    sources are asked for.
    """
    publishers = tuple(id for id in sources if not overlay.is_own(id))
    if sources and not publishers:
        return overlay.laid_over(pl.LazyFrame(schema=facts.SCHEMA))
    return overlay.laid_over(published(*publishers))


def published(*sources: str) -> pl.LazyFrame:
    """Return the facts of these sources (all if none is named) as published, nothing laid over them."""
    table = manifests.read(folder())
    chosen = sources or tuple(table)
    for id in chosen:
        if id not in table:
            raise SourceError(
                f"no facts of {id!r} in the store", where=str(folder()), hint=f"it has {', '.join(table)}"
            )
    return pl.scan_parquet([folder() / table[id]["file"] for id in chosen])


def collect(frame: pl.LazyFrame) -> pl.DataFrame:
    """Return the frame read into memory; a broken file becomes a SourceError."""
    try:
        return frame.collect()
    except (pl.exceptions.ComputeError, OSError) as broken:
        first = str(broken).splitlines()[0]
        hint = "another process may have rebuilt it meanwhile: ask again; else khanij data build --raw DIR"
        raise SourceError(f"a store file cannot be read: {first}", where=str(folder()), hint=hint) from None


def providers(quantity: str) -> tuple[str, ...]:
    """Return the sources in the store whose record says that they provide this quantity."""
    held = manifest()["sources"]
    return tuple(id for id in held if quantity in held[id]["provides"])


def parse_source(source: record.SourceRecord, raw: Path) -> pl.DataFrame:
    """Return the checked, corrected and ordered facts of a source, read from publishers' files below `raw`."""
    frames = [source.parse(edition, raw) for edition in source.editions]
    frame = pl.concat(
        [facts.complete(f, source=source.id, edition=e.id) for f, e in zip(frames, source.editions, strict=True)]
    )
    frame = corrections.apply(frame, source.folder / "corrections.toml")
    facts.check(frame, source.id)
    return facts.ordered(frame)


def rebuild(
    raw: Path, only: Iterable[str] = (), say: Callable[[str], None] = lambda line: None, accept: bool = False
) -> dict[str, Any]:
    """Rebuild the store from publishers' files and return its manifest.

    raw    folder that holds the publishers' files, laid out as the source records say
    only   sources to rebuild; the others are kept (all if empty)
    say    called with one line a source
    accept take facts that break with those held of the same source; see succession.check
    Raises SourceError that names the holder where another process builds this store.
    """
    if not raw.is_dir():
        raise SourceError(f"no folder {raw.name!r}", where="--raw", hint="the folder that holds the publishers' files")
    chosen = [record.find(id) for id in only] or list(record.sources().values())
    target = folder()
    for source in chosen:
        if target == FOLDER and not source.redistribute:
            say(f"{source.id}: left out of the package by its terms; KHANIJ_STORE names a store of your own")
    chosen = [source for source in chosen if target != FOLDER or source.redistribute]
    try:
        target.mkdir(parents=True, exist_ok=True)
        with files.lock(target, "data build", SourceError):
            _rebuild(target, chosen, raw, say, accept)
    except OSError as refused:
        raise files.refusal(refused, target, "data build", SourceError) from None
    return manifest()


def _rebuild(
    target: Path, chosen: list[record.SourceRecord], raw: Path, say: Callable[[str], None], accept: bool
) -> None:
    """Write the files of these sources and then the manifest; the files that it no longer names go last."""
    old = {} if accept else _entries(target)
    entries = _kept(target, {source.id for source in chosen})
    files.sweep(target)
    with files.Staged(target, "data build", ours=True) as staged:
        for source in chosen:
            frame = parse_source(source, raw)
            data = parquet(frame)
            if source.id in old and old[source.id]["sha256"] != hashlib.sha256(data).hexdigest():
                succession.check(pl.read_parquet(target / old[source.id]["file"]), frame, source.id)
            entries[source.id] = _entry(source, frame, data)
            staged.add(entries[source.id]["file"], data)
            say(f"{source.id}: {frame.height:,} facts, {len(data) / 1e6:.2f} MB")
        staged.add(MANIFEST, manifests.write(entries))
        staged.publish()
    named = {entry["file"] for entry in entries.values()}
    for path in target.glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _entries(target: Path) -> manifests.Entries:
    """Return the entries of a store whose files are as they were written; nothing of one that is absent or spoilt."""
    try:
        return manifests.read(target)
    except SourceError:
        return {}


def _kept(target: Path, anew: set[str]) -> manifests.Entries:
    """Return the entries of sources that stay as they are; raises SourceError if the file of one is spoilt."""
    try:
        old = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["sources"]
        kept = {id: dict(old[id]) for id in old if id in record.sources() and id not in anew}
        manifests.check(target, kept.values())
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        if anew >= set(record.sources()):
            return {}
        hint = "khanij data build --raw DIR, all sources"
        raise SourceError("broken manifest: what to keep is not known", where=str(target), hint=hint) from None
    return kept


def parquet(frame: pl.DataFrame) -> bytes:
    """Return facts as Parquet: same facts, same bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=19, statistics=True, row_group_size=131_072)
    return buffer.getvalue()


def _entry(source: record.SourceRecord, frame: pl.DataFrame, data: bytes) -> dict[str, Any]:
    """Return the manifest entry of one source; the file name holds its hash, so that none overwrites another."""
    digest = hashlib.sha256(data).hexdigest()
    return {
        "file": f"{source.id}.{digest[:8]}.parquet",
        "sha256": digest,
        "bytes": len(data),
        "rows": frame.height,
        "editions": [edition.id for edition in source.editions],
        "provides": sorted(frame["quantity"].unique().to_list()),
    }
