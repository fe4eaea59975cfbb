"""The store's manifest: which file holds a source, the hash of each file, and a hash of the manifest itself.

Whoever opens the store has every file compared with its hash first: one flipped bit anywhere is an error, not another
fact. A file is read once a process, and again when its place, size or times have changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from khanij.core.axis import sample
from khanij.core.errors import SourceError

EMBEDDED = Path(str(files("khanij"))) / "data" / "store"
NAME = "manifest.json"
REMEDY = "khanij data build --raw DIR, or install khanij again"

Entries = dict[str, dict[str, Any]]
Stamp = tuple[int, ...]


def folder() -> Path:
    """Return the folder of the store in use: the embedded one, or the one named by KHANIJ_STORE."""
    return Path(os.environ.get("KHANIJ_STORE", EMBEDDED))


def write(entries: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return the bytes of a manifest; the same entries give the same bytes, and no others are taken for them."""
    ordered = {id: entries[id] for id in sorted(entries)}
    return (json.dumps({"sources": ordered, "whole": _whole(ordered)}, indent=1, sort_keys=True) + "\n").encode()


def _whole(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the hash of the entries."""
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()


def read(store: Path) -> Entries:
    """Return source -> file, sha256, bytes, rows, editions, provides, once all of it is known to be as it was stored.

    Raises SourceError where there is no manifest, it is not what was written, or a file lacks, is spoilt or foreign.
    """
    stamps = _stamps(store)
    if NAME not in stamps:
        raise SourceError("the store is empty", where=str(store), hint="khanij data build --raw DIR")
    return _opened(store, tuple(sorted(stamps.items())))


@lru_cache(maxsize=8)
def _opened(store: Path, stamps: tuple[tuple[str, Stamp], ...]) -> Entries:
    """Return the entries of a manifest, all files checked; a change of any of them is another state of the store."""
    entries = _parsed(store / NAME)
    check(store, entries.values())
    _refuse_foreign(store, [name for name, _ in stamps], {entry["file"] for entry in entries.values()})
    return entries


def _parsed(path: Path) -> Entries:
    """Return the entries of a manifest that is byte for byte what was written."""
    try:
        data = path.read_bytes()
        loaded = json.loads(data)
        entries: Entries = loaded["sources"]
        genuine = "whole" in loaded and write(entries) == data
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as broken:
        what = " ".join(str(broken).split())[:120]
        raise SourceError(f"broken manifest: {what}", where=str(path), hint=REMEDY) from None
    if not genuine:
        raise SourceError("the manifest is not what was written", where=str(path), hint=REMEDY)
    return entries


def check(store: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Raise SourceError unless the files of these entries are there with the bytes that were stored."""
    absent = []
    for entry in entries:
        path = store / entry["file"]
        try:
            found = _hash(path, _stamp(path.stat()))
        except (FileNotFoundError, IsADirectoryError):
            absent.append(entry["file"])
            continue
        except OSError as refused:
            what = f"{path.name} cannot be read: {refused.strerror}"
            raise SourceError(
                what, where=str(store), hint="mend the permission, or name another KHANIJ_STORE"
            ) from None
        if found != entry["sha256"]:
            raise SourceError(f"{path.name} is spoilt: not what was stored", where=str(store), hint=REMEDY)
    if absent:
        raise SourceError(f"the store lacks {sample(absent)}", where=str(store), hint=REMEDY)


def _refuse_foreign(store: Path, there: Iterable[str], named: set[str]) -> None:
    """Raise SourceError for facts that the manifest does not name, but for whole ones of a build that was stopped."""
    for name in there:
        if name in named or not name.endswith(".parquet"):
            continue
        told = re.fullmatch(r".+\.([0-9a-f]{8})\.parquet", name)
        try:
            if told and _hash(store / name, _stamp((store / name).stat())).startswith(told[1]):
                continue
        except FileNotFoundError:
            continue  # a build is removing it
        what = f"the manifest does not name {name}"
        raise SourceError(what, where=str(store), hint="move it away: facts of your own come in with --own FILE")


def _stamps(store: Path) -> dict[str, Stamp]:
    """Return name -> stamp of every file of a store, nothing where there is no such folder."""
    found = {}
    with suppress(OSError), os.scandir(store) as there:
        for each in there:
            if each.name == NAME or each.name.endswith(".parquet"):
                with suppress(FileNotFoundError):  # a build has removed it meanwhile
                    found[each.name] = _stamp(each.stat())
    return found


def _stamp(found: os.stat_result) -> Stamp:
    """Return by what a file is taken for the same as before."""
    return found.st_mtime_ns, found.st_size, found.st_ctime_ns, found.st_ino


@lru_cache(maxsize=256)
def _hash(path: Path, stamp: Stamp) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
