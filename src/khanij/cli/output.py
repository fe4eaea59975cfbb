"""Tables to the terminal, a pipe or a file."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from enum import StrEnum
from pathlib import Path

from khanij.core.errors import StudyError
from khanij.core.table import Table


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def emit(table: Table, format: Format, out: Path | None) -> None:
    """Write one table to a file, or to standard output."""
    from khanij.present import table as drawn

    if format is Format.parquet:
        from khanij.study import queries

        data = queries.parquet(table)
        if out is None and sys.stdout.isatty():
            raise StudyError("Parquet is no text for a terminal", where="--format parquet", hint="--out FILE.parquet")
        _bytes(data, out)
        return
    width = shutil.get_terminal_size().columns if out is None and sys.stdout.isatty() else None
    makers = {Format.table: lambda: drawn.terminal(table, width), Format.csv: lambda: drawn.csv(table)}
    text = makers.get(format, lambda: drawn.json(table))()
    _bytes(text.encode(), out)


def _bytes(data: bytes, out: Path | None) -> None:
    """Write to standard output, or to a file in one step so that nothing half-written is left."""
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if not out.parent.is_dir():
        raise StudyError(f"no folder {out.parent}", where="--out", hint="make it first, or name another file")
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        os.replace(name, out)
    except OSError as refused:
        Path(name).unlink(missing_ok=True)
        raise StudyError(f"cannot write {out}: {refused.strerror}", where="--out", hint="name another file") from None
