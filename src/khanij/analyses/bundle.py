"""What a study leaves on disk: tables as Parquet, traces, the study itself, and which facts it stood on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from khanij.core.errors import StudyError
from khanij.core.registry import package_version
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.lookup import catalogue
from khanij.jobs import files

LIST = "bundle.json"  # names every file of a bundle with its hash


def write(folder: Path, results: Mapping[str, Result], tables: Mapping[str, Table], study: Mapping[str, Any]) -> Path:
    """Write a bundle and return its folder; an older one of that name is replaced whole, in one step.

    folder   where the bundle goes
    results  name -> Result; written as NAME.parquet with its trace in trace.json
    tables   name -> Table; written as NAME.parquet with its title and notes in tables.json
    study    the whole input of the run, written as study.yaml
    Raises StudyError if the folder holds anything that an earlier bundle does not list, or the system refuses.
    """
    folder = folder.resolve()
    check(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        files.sweep(folder.parent)
        scratch = files.temporary(folder.parent)
        scratch.mkdir()
        try:
            hashes = {}
            for name, data in _contents(results, tables, study):
                hashes[name] = sha256(data).hexdigest()
                files.put(scratch / name, data)
            files.put(scratch / LIST, _json({"made by": f"khanij {package_version()}", "files": hashes}))
            check(folder)
            files.swap(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as refused:
        raise files.refusal(refused, folder, "--bundle") from None
    return folder


def check(folder: Path) -> None:
    """Raise StudyError unless a bundle may go there: a new or empty folder, or an earlier bundle as it was written."""
    where = f"--bundle {folder}"
    if folder.exists() and not folder.is_dir():
        raise StudyError("a file stands in the way of the bundle", where=where, hint="name another folder")
    files.check_folder(folder, where)
    if not folder.exists() or not any(folder.iterdir()):
        return
    listed = _listed(folder)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    others = sorted(there - {*listed, LIST})
    if others or not listed:
        what = f"the folder holds something else: {', '.join((others or sorted(there))[:3])}"
        raise StudyError(what, where=where, hint="name an empty or new folder")
    changed = [name for name in sorted(there & {*listed}) if _hash(folder / name) != listed[name]]
    if changed:
        what = f"the bundle there was changed by hand: {', '.join(changed[:3])}"
        raise StudyError(what, where=where, hint="name another folder, or move that one away first")


def _listed(folder: Path) -> dict[str, str]:
    """Return file -> hash of the bundle in a folder; nothing where there is no list that can be read."""
    try:
        found = json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _hash(path: Path) -> str:
    """Return the hash of a file, "" of what is none."""
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _contents(
    results: Mapping[str, Result], tables: Mapping[str, Table], study: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file of a bundle but its list."""
    for name, result in results.items():
        for at, variable in enumerate(result.variables):
            file = f"{name}.parquet" if at == 0 else f"{name}.{variable}.parquet"
            yield file, catalogue.parquet(result.table(variable))
    for name, table in tables.items():
        yield f"{name}.parquet", catalogue.parquet(table)
    about = {name: {"title": table.title, "notes": list(table.notes)} for name, table in tables.items()}
    yield "tables.json", _json(about)  # what rows alone cannot hold
    yield "trace.json", _json({name: result.trace.record() for name, result in results.items()})
    yield "study.yaml", yaml.safe_dump(dict(study), sort_keys=False, allow_unicode=True).encode()
    yield "manifest.lock", _json(store.manifest())


def _json(value: Any) -> bytes:
    """Return plain data as JSON."""
    return (json.dumps(value, indent=1, sort_keys=True, default=str) + "\n").encode()
