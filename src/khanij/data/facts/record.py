"""Source records: producer, editions, licence, files with hashes. One source.toml a folder."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import SourceError

FOLDER = Path(str(files("khanij"))) / "data" / "sources"


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file of the publisher: path below the raw folder, sha256 and size."""

    path: str
    sha256: str
    bytes: int

    def locate(self, raw: Path, where: str) -> Path:
        """Return the file below `raw` after checking its hash; raises SourceError if absent or different."""
        path = raw / self.path
        if not path.is_file():
            raise SourceError(
                f"no file {self.path}", where=f"{where}: --raw folder", hint="see the source record's landing page"
            )
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise SourceError(
                f"{self.path} is not the recorded file (sha256 {found[:12]}…, recorded {self.sha256[:12]}…)",
                where=where,
                hint="a broken download, or a newer edition: add an [[edition]] to source.toml",
            )
        return path


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a source: what was published when, and the files that hold it."""

    source: str
    id: str
    published: date | None
    accessed: date | None
    citation: str
    landing: str
    files: tuple[RawFile, ...]
    parser: str
    note: str

    @property
    def key(self) -> str:
        """Return "source@edition", the id that facts and results carry."""
        return f"{self.source}@{self.id}"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One publisher's data set: who, under which licence, what it gives, and its editions."""

    id: str
    producer: str
    title: str
    licence: str
    licence_note: str
    redistribute: bool
    provides: tuple[str, ...]
    editions: tuple[Edition, ...]
    folder: Path

    def parse(self, edition: Edition, raw: Path) -> pl.DataFrame:
        """Return the facts of one edition, read from the publisher's files below `raw`."""
        module = import_module(f"khanij.data.sources.{self.folder.name}.parse")
        paths = [file.locate(raw, edition.key) for file in edition.files]
        parsed: pl.DataFrame = getattr(module, edition.parser)(paths, edition)
        return parsed


def read(folder: Path) -> SourceRecord:
    """Return the record in a source folder; raises SourceError if a required field is absent."""
    text = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))
    try:
        editions = tuple(_edition(text["id"], row) for row in text["edition"])
        return SourceRecord(
            id=text["id"],
            producer=text["producer"],
            title=text["title"],
            licence=text["licence"],
            licence_note=text.get("licence_note", ""),
            redistribute=text["redistribute"],
            provides=tuple(text["provides"]),
            editions=editions,
            folder=folder,
        )
    except KeyError as absent:
        raise SourceError(f"source record lacks {absent}", where=f"{folder.name}/source.toml") from None


def _edition(source: str, row: dict[str, Any]) -> Edition:
    """Return one [[edition]] of a record."""
    return Edition(
        source=source,
        id=str(row["id"]),
        published=row.get("published"),
        accessed=row.get("accessed"),
        citation=row["citation"],
        landing=row.get("landing", ""),
        files=tuple(RawFile(f["path"], f["sha256"], f["bytes"]) for f in row["file"]),
        parser=row.get("parser", "parse"),
        note=row.get("note", ""),
    )


@cache
def sources() -> dict[str, SourceRecord]:
    """Return every source by id, found by walking the folder: adding one needs no other change."""
    folders = sorted(path.parent for path in FOLDER.glob("*/source.toml"))
    return {source.id: source for source in map(read, folders)}


def find(id: str) -> SourceRecord:
    """Return one source; raises SourceError with the known ids."""
    if id not in sources():
        raise SourceError(f"unknown source {id!r}", where="source", hint=f"one of {', '.join(sources())}")
    return sources()[id]
