"""What a study leaves on disk: tables as Parquet, traces, the study itself, and which facts it stood on."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from khanij.core.errors import StudyError
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.data.facts import store
from khanij.data.lookup import catalogue


def write(folder: Path, results: Mapping[str, Result], tables: Mapping[str, Table], study: Mapping[str, Any]) -> Path:
    """Write a bundle and return its folder; an older one of that name is replaced whole.

    folder   where the bundle goes
    results  name -> Result; written as NAME.parquet with its trace in trace.json
    tables   name -> Table; written as NAME.parquet
    study    the whole input of the run, written as study.yaml
    Raises StudyError if the folder holds something that is no bundle.
    """
    if folder.exists() and not (folder / "trace.json").is_file() and any(folder.iterdir()):
        raise StudyError("the folder holds something else", where=folder.name, hint="name an empty or new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        for name, result in results.items():
            for at, variable in enumerate(result.variables):
                file = f"{name}.parquet" if at == 0 else f"{name}.{variable}.parquet"
                (scratch / file).write_bytes(catalogue.parquet(result.table(variable)))
        for name, table in tables.items():
            (scratch / f"{name}.parquet").write_bytes(catalogue.parquet(table))
        traces = {name: result.trace.record() for name, result in results.items()}
        _text(scratch / "trace.json", json.dumps(traces, indent=1, sort_keys=True, default=str) + "\n")
        _text(scratch / "study.yaml", yaml.safe_dump(dict(study), sort_keys=False, allow_unicode=True))
        _text(scratch / "manifest.lock", json.dumps(store.manifest(), indent=1, sort_keys=True) + "\n")
        scratch.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _text(path: Path, text: str) -> None:
    """Write text with plain line ends."""
    path.write_text(text, encoding="utf-8", newline="\n")
