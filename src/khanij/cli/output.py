"""Answers to the terminal, a pipe, files or a bundle."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from khanij.core.errors import StudyError
from khanij.core.table import Table
from khanij.jobs import files

if TYPE_CHECKING:
    from khanij.analyses.question import Answer, Job

TABLES = 3  # of an answer that a terminal shows before it tells of the others


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def emit(answer: Answer, format: Format, out: Path | None = None, only: Sequence[str] = (), full: bool = False) -> None:
    """Write an answer.

    out   file of one table, folder of several or of a document; None = standard output
    only  keys of the tables that are wanted; all if none is named
    full  every column, row and table on a terminal
    A document's files go to `out`, or to a folder named after the question and its arguments; what is printed is its
    findings and the list of its files, unless tables are asked for by key, --full or --format json.
    """
    tables = [answer.table(key) for key in only] or list(answer.tables)
    if answer.files:
        written = _document(answer.files, home(answer, out))
        out = None
        if not only and not full:
            tables = [written] if format is not Format.json else [written, *tables]
    if out is not None and (len(tables) > 1 or out.is_dir()):
        _into(tables, format, out)
    elif format is Format.json:
        _bytes(_dumped(answer.record(tables)), out)
    elif format is Format.table and out is None:
        _bytes(_terminal(answer, tables, full).encode(), None)
    elif format is Format.parquet and len(tables) > 1:
        raise StudyError("several tables are no single Parquet file", where="--format parquet", hint="--out FOLDER")
    else:
        for at, table in enumerate(tables):
            _bytes(b"\n" if at else b"", None) if out is None else None
            _bytes(_drawn(table, format), out)
        _aside(tables, format)


def home(answer: Answer, out: Path | None) -> Path:
    """Return the folder of a document's files: the one that was named, else question and arguments ("brief-IND")."""
    words = takewhile(lambda word: not word.startswith("-"), answer.request.command().split()[1:])
    return out or Path("-".join(words))


def _document(parts: Mapping[str, bytes], folder: Path) -> Table:
    """Write the files of a document below a folder, all of them or none, and return the list of them."""
    from khanij.reference import columns

    if folder.exists() and not folder.is_dir():
        raise StudyError(f"{folder} is no folder", where="--out", hint="name a folder for the document's files")
    files.write_into(folder, parts)
    rows = [{"written_to": str(folder / name), "size": len(data)} for name, data in parts.items()]
    return columns.table("files", "written", rows)


def _dumped(record: Any) -> bytes:
    """Return plain data as JSON."""
    return (json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _terminal(answer: Answer, tables: Sequence[Table], full: bool) -> str:
    """Return an answer as a person reads it: its sentence, then tables, then what else there is."""
    from khanij.present import table as drawing

    width = shutil.get_terminal_size((drawing.WIDTH, 40)).columns
    shown = tables if full or answer.request is None else tables[:TABLES]
    lines = [drawing.wrapped(str(sentence), width) for sentence in answer.findings]
    blocks = ["".join(lines)] if lines else []
    blocks += [drawing.terminal(table, width, full) for table in shown]
    left = [table.key for table in tables[len(shown) :]]
    if left:
        blocks.append(drawing.wrapped(f"… also: {', '.join(left)}. One of them: --table {left[0]}; all: --full", width))
    return "\n".join(blocks)


def _drawn(table: Table, format: Format) -> bytes:
    """Return one table in a format."""
    from khanij.present import table as drawing

    if format is Format.parquet:
        from khanij.analyses.inputs import facts

        return facts.parquet(table)
    if format is Format.json:
        return drawing.json(table).encode()
    return (drawing.csv(table) if format is Format.csv else drawing.terminal(table, None, full=True)).encode()


def _aside(tables: Sequence[Table], format: Format) -> None:
    """Tell on standard error what a format of bare rows cannot hold."""
    if format in (Format.csv, Format.parquet):
        for note in dict.fromkeys(note for table in tables for note in table.notes):
            print(f"note: {note}", file=sys.stderr)


def _into(tables: Sequence[Table], format: Format, folder: Path) -> None:
    """Write several tables into a folder, one file each, and tell their notes."""
    ending = "txt" if format is Format.table else format.value
    names = [re.sub("[^a-z0-9]+", "-", table.key.lower()).strip("-")[:60] for table in tables]
    drawn = [_drawn(table, format) for table in tables]
    numbered = [f"{number:02d}-{name}.{ending}" for number, name in enumerate(names, 1)]
    files.write_into(folder, dict(zip(numbered, drawn, strict=True)))
    _aside(tables, format)


def parts(bundle: Path | None) -> Path | None:
    """Return where the finished parts of a long run wait while its bundle is made."""
    return None if bundle is None else bundle.with_name(f"{bundle.name}.part")


def bundle(answer: Answer, folder: Path) -> None:
    """Write the bundle of an answer: tables, traces, the request, which facts it stood on."""
    from khanij.analyses import bundle as bundles
    from khanij.jobs import chunks

    taken = {name for result in answer.results for name in (result, result.partition(".")[0])}
    tables = {f"table-{t.key}" if t.key in taken else t.key: t for t in answer.tables}  # one name a file
    bundles.write(folder, answer.results, tables, answer.request.record())
    chunks.forget(parts(folder))


def check(out: Path | None, bundle: Path | None) -> None:
    """Raise StudyError where an answer could not be written in the end, before it is worked out."""
    if out is not None and not out.is_dir():
        files.check(out if out.suffix else out.parent / f"{out.name}.csv")  # without an ending it may be a folder to be
    if bundle is not None:
        from khanij.analyses import bundle as bundles

        bundles.check(bundle)


@contextmanager
def progress(quiet: bool) -> Iterator[Job]:
    """Yield a job that tells on standard error how far it is, unless it is to be quiet or nobody looks."""
    from khanij.analyses.question import Job

    if quiet or not sys.stderr.isatty():
        yield Job(say=(lambda _: None) if quiet else (lambda line: print(line, file=sys.stderr)))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading facts", total=None)
        yield Job(
            say=lambda line: bar.update(task, description=line),
            progress=lambda now: bar.update(
                task, total=1.0, completed=now.part, description=f"chunk {now.done} of {now.chunks}"
            ),
        )


def _bytes(data: bytes, out: Path | None) -> None:
    """Write to standard output, or to a file in one step so that nothing half-written is left."""
    if out is not None:
        files.write(out, data)
        return
    if sys.stdout is None:
        raise StudyError("standard output is closed", where="standard output", hint="--out FILE")
    if data[:4] == b"PAR1" and sys.stdout.isatty():
        raise StudyError("Parquet is no text for a terminal", where="--format parquet", hint="--out FILE.parquet")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise SystemExit(0) from None  # typer would make it a failure
    except OSError as refused:
        hush(sys.stdout)
        raise files.refusal(refused, Path("standard output"), "standard output") from None


def hush(stream: Any) -> None:
    """Let what a stream still holds go nowhere: its reader is gone, or its disk is full, and that was told."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        return


def told(broken: Exception) -> StudyError:
    """Return an error of the system, of a library or of ours in three lines."""
    if isinstance(broken, OSError):
        what = (broken.strerror or str(broken) or type(broken).__name__).lower()
        return StudyError(what, where=str(broken.filename or "the system"), hint="mend that and run it again")
    if isinstance(broken, MemoryError):
        return StudyError("no memory is left", where="memory", hint="fewer years, draws, materials or workers")
    last = traceback.extract_tb(broken.__traceback__)[-1]
    said = " ".join(str(broken).split())[:200]
    return StudyError(
        f"khanij failed, which it should not: {type(broken).__name__}{': ' if said else ''}{said}",
        where=f"{Path(last.filename).name}, line {last.lineno}",
        hint="please report this with the command; KHANIJ_DEBUG=1 shows the whole trace",
    )


def emit_tables(tables: Sequence[Table], format: Format, out: Path | None) -> None:
    """Write tables that are no answer yet; each command that still calls this waits for its request."""
    if out is not None and len(tables) > 1:
        _into(tables, format, out)
        return
    if format is Format.json:
        from khanij.present import table as drawing

        records = [drawing.record(table) for table in tables]
        _bytes(_dumped(records[0] if len(records) == 1 else records), out)
        return
    for table in tables:
        _bytes(_drawn(table, format), out)
