"""Tables to the terminal, a pipe or a file."""

from __future__ import annotations

import json
import os
import re
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


def emit_all(tables: list[Table], format: Format, out: Path | None) -> None:
    """Write several tables: one file a table into the folder `out`, or one after the other to standard output."""
    from khanij.present import table as drawn

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for number, table in enumerate(tables, 1):
            emit(
                table,
                format,
                out / f"{number:02d}-{re.sub('[^a-z0-9]+', '-', table.title.lower())[:60]}.{format.value}",
            )
    elif format is Format.json:
        records = [drawn.record(table) for table in tables]
        _bytes(json.dumps(records, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n", None)
    elif format is Format.parquet:
        raise StudyError("several tables are no single Parquet file", where="--format parquet", hint="--out FOLDER")
    else:
        for table in tables:
            emit(table, format, None)
            _bytes(b"\n", None)


def emit(table: Table, format: Format, out: Path | None) -> None:
    """Write one table to a file, or to standard output."""
    from khanij.present import table as drawn

    if format is Format.parquet:
        from khanij.analyses.inputs import facts as queries

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
