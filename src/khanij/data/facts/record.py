"""Source records: producer, editions, licence, files with hashes, preference. One source.toml a folder."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from khanij.core.errors import ParseError, SourceError

FOLDER = Path(str(files("khanij"))) / "data" / "sources"


class RecordPart(BaseModel):
    """What every part of a record has in common: it is frozen, and a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class RawFile(RecordPart):
    """One file of the publisher: path below the raw folder, sha256 and size."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: PositiveInt

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


class Edition(RecordPart):
    """One edition of a source: what was published when, and the files that hold it."""

    source: str
    id: str
    published: date | None = None
    accessed: date | None = None
    citation: str
    landing: str = ""
    files: tuple[RawFile, ...] = Field(alias="file")
    parser: str = "parse"
    note: str = ""

    @property
    def key(self) -> str:
        """Return "source@edition", the id that facts and results carry."""
        return f"{self.source}@{self.id}"


class SourceRecord(RecordPart):
    """One publisher's data set: who, under which licence, what it gives, and its editions.

    provides    quantities of its facts
    preference  quantity, or cube that asks for sources of its own -> place among the sources, 1 first; a source
                without a place comes after all that have one
    scheme      scheme of its country codes in country_codes.csv, "" if it uses none
    """

    id: str
    producer: str
    title: str
    licence: str
    licence_note: str = ""
    redistribute: bool
    provides: tuple[str, ...]
    preference: dict[str, PositiveInt] = Field(default_factory=dict)
    scheme: str = ""
    editions: tuple[Edition, ...] = Field(alias="edition", min_length=1)
    folder: Path

    @model_validator(mode="before")
    @classmethod
    def named(cls, values: dict[str, object]) -> dict[str, object]:
        """Tell each edition whose it is."""
        editions = values.get("edition")
        if isinstance(editions, list):
            own = [{**row, "source": values.get("id")} if isinstance(row, dict) else row for row in editions]
            return {**values, "edition": own}
        return values

    def parse(self, edition: Edition, raw: Path) -> pl.DataFrame:
        """Return the facts of one edition, read from the publisher's files below `raw`."""
        module = import_module(f"khanij.data.sources.{self.folder.name}.parse")
        paths = [file.locate(raw, edition.key) for file in edition.files]
        try:
            parsed: pl.DataFrame = getattr(module, edition.parser)(paths, edition)
        except (ValueError, LookupError, TypeError, ArithmeticError, pl.exceptions.PolarsError) as broken:
            said = " ".join(str(broken).split())[:200]
            hint = "another layout than the parser knows: compare the file with the edition before"
            raise ParseError(f"{type(broken).__name__}: {said}", where=edition.key, hint=hint) from broken
        return parsed


def read(folder: Path) -> SourceRecord:
    """Return the record in a source folder; raises SourceError with the key path of the first fault."""
    text = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))
    try:
        return SourceRecord.model_validate({**text, "folder": folder})
    except ValidationError as wrong:
        faults = wrong.errors(include_url=False)
        path = ".".join(map(str, faults[0]["loc"]))
        hint = f"{len(faults) - 1} more to mend" if len(faults) > 1 else "see the record of another source"
        raise SourceError(f"{path}: {faults[0]['msg']}", where=f"{folder.name}/source.toml", hint=hint) from None


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


def preferences() -> dict[str, tuple[str, ...]]:
    """Return quantity or cube -> the sources whose records give them a place for it, in order; ties by id."""
    names = dict.fromkeys(name for source in sources().values() for name in source.preference)
    return {
        name: tuple(
            sorted(
                (id for id, source in sources().items() if name in source.preference),
                key=lambda id: (sources()[id].preference[name], id),
            )
        )
        for name in names
    }
