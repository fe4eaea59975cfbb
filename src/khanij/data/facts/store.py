"""The embedded store: one Parquet file a source and a manifest with hashes, rebuilt byte for byte.

A rebuild writes new files beside the old ones and then replaces the manifest in one rename: killed at any point, the
store is the old one or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import SourceError
from khanij.data.facts import corrections, record
from khanij.data.facts import schema as facts

FOLDER = Path(str(files("khanij"))) / "data" / "store"
MANIFEST = "manifest.json"


def folder() -> Path:
    """Return the folder of the store in use: the embedded one, or the one named by KHANIJ_STORE."""
    return Path(os.environ.get("KHANIJ_STORE", FOLDER))


@cache
def _manifest(path: Path, stamp: int) -> dict[str, Any]:
    """Return a parsed manifest; the stamp makes a rebuilt store visible."""
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def manifest() -> dict[str, Any]:
    """Return the store's manifest: source -> file, sha256, rows, editions; raises SourceError if there is none."""
    path = folder() / MANIFEST
    if not path.is_file():
        raise SourceError("the store is empty", where=str(folder()), hint="khanij data build --raw DIR")
    try:
        return _manifest(path, path.stat().st_mtime_ns)
    except json.JSONDecodeError as broken:
        raise SourceError(f"broken manifest: {broken}", where=MANIFEST, hint="khanij data build --raw DIR") from None


def fingerprint(sources: Iterable[str] | None = None) -> str:
    """Return one hash of the named sources' files (all if None)."""
    table = manifest()["sources"]
    chosen = sorted(table if sources is None else sources)
    return hashlib.sha256("\n".join(f"{id} {table[id]['sha256']}" for id in chosen).encode()).hexdigest()


def scan(*sources: str) -> pl.LazyFrame:
    """Return the facts of these sources (all of the store if none is named), not yet read."""
    table = manifest()["sources"]
    chosen = sources or tuple(table)
    for id in chosen:
        if id not in table:
            raise SourceError(
                f"no facts of {id!r} in the store", where=str(folder()), hint=f"it has {', '.join(table)}"
            )
    paths = [folder() / table[id]["file"] for id in chosen]
    absent = [path.name for path in paths if not path.is_file()]
    if absent:
        raise SourceError(
            f"the store lacks {', '.join(absent)}", where=str(folder()), hint="khanij data build --raw DIR"
        )
    return pl.scan_parquet(paths)


def collect(frame: pl.LazyFrame) -> pl.DataFrame:
    """Return the frame read into memory; a broken file becomes a SourceError."""
    try:
        return frame.collect()
    except (pl.exceptions.ComputeError, OSError) as broken:
        first = str(broken).splitlines()[0]
        raise SourceError(
            f"a store file cannot be read: {first}", where=str(folder()), hint="khanij data build --raw DIR"
        ) from None


def providers(quantity: str) -> tuple[str, ...]:
    """Return the sources in the store whose record says that they provide this quantity."""
    return tuple(id for id in manifest()["sources"] if quantity in manifest()["sources"][id]["provides"])


def parse_source(source: record.SourceRecord, raw: Path) -> pl.DataFrame:
    """Return the checked, corrected and ordered facts of a source, read from publishers' files below `raw`."""
    frames = [source.parse(edition, raw) for edition in source.editions]
    frame = pl.concat(
        [facts.complete(f, source=source.id, edition=e.id) for f, e in zip(frames, source.editions, strict=True)]
    )
    frame = corrections.apply(frame, source.folder / "corrections.toml")
    facts.check(frame, source.id)
    return facts.ordered(frame)


def rebuild(raw: Path, only: Iterable[str] = (), say: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Rebuild the store from publishers' files and return its manifest.

    raw    folder that holds the publishers' files, laid out as the source records say
    only   sources to rebuild; the others are kept (all if empty)
    say    called with one line a source
    """
    if not raw.is_dir():
        raise SourceError(f"no folder {raw.name!r}", where="--raw", hint="the folder that holds the publishers' files")
    chosen = [record.find(id) for id in only] or list(record.sources().values())
    target = folder()
    for source in chosen:
        if target == FOLDER and not source.redistribute:
            say(f"{source.id}: left out of the package by its terms; KHANIJ_STORE names a store of your own")
    chosen = [source for source in chosen if target != FOLDER or source.redistribute]
    target.mkdir(parents=True, exist_ok=True)
    old = json.loads((target / MANIFEST).read_text())["sources"] if (target / MANIFEST).is_file() else {}
    entries = {id: old[id] for id in old if id in record.sources()}
    with tempfile.TemporaryDirectory(dir=target, prefix=".build-") as scratch:
        for source in chosen:
            frame = parse_source(source, raw)
            path = Path(scratch) / f"{source.id}.parquet"
            write(frame, path)
            entries[source.id] = _entry(source, frame, path)
            os.replace(path, target / entries[source.id]["file"])
            say(f"{source.id}: {frame.height:,} facts, {entries[source.id]['bytes'] / 1e6:.2f} MB")
        text = json.dumps({"sources": dict(sorted(entries.items()))}, indent=1, sort_keys=True) + "\n"
        (Path(scratch) / MANIFEST).write_text(text, encoding="utf-8")
        os.replace(Path(scratch) / MANIFEST, target / MANIFEST)
    kept = {entry["file"] for entry in entries.values()}
    for path in target.glob("*.parquet"):
        if path.name not in kept:
            path.unlink()
    return manifest()


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write facts as Parquet: same facts, same bytes."""
    frame.write_parquet(path, compression="zstd", compression_level=19, statistics=True, row_group_size=131_072)


def _entry(source: record.SourceRecord, frame: pl.DataFrame, path: Path) -> dict[str, Any]:
    """Return the manifest entry of one source; the file name holds its hash, so that none overwrites another."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "file": f"{source.id}.{digest[:8]}.parquet",
        "sha256": digest,
        "bytes": path.stat().st_size,
        "rows": frame.height,
        "editions": [edition.id for edition in source.editions],
        "provides": sorted(frame["quantity"].unique().to_list()),
    }
