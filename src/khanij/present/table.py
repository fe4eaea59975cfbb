"""A table as terminal text, CSV or JSON."""

from __future__ import annotations

import csv as csvfile
import io
import json as jsonfile
from collections.abc import Sequence
from math import isfinite
from typing import Any

from khanij.core.table import Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula


def plain(value: Any) -> Any:
    """Return the value as data: nan and infinity become None, NumPy scalars become Python ones."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value


def guarded(value: Any) -> Any:
    """Return text that no spreadsheet will run: a leading = + - @ tab or return gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv(table: Table) -> str:
    """Return the table as CSV: numbers unrounded, missing values empty, text guarded against formulas."""
    out = io.StringIO()
    writer = csvfile.writer(out, lineterminator="\n")
    writer.writerow([guarded(name) for name in table.columns])
    for row in zip(*table.columns.values(), strict=True):
        values = [plain(value) for value in row]
        writer.writerow(["" if value is None else guarded(value) for value in values])
    return out.getvalue()


def record(table: Table) -> dict[str, Any]:
    """Return the table as plain data: title, columns, units, notes and one mapping a row."""
    return {
        "title": table.title,
        "columns": list(table.columns),
        "units": dict(table.units),
        "notes": list(table.notes),
        "rows": [{name: plain(value) for name, value in row.items()} for row in table.rows()],
    }


def json(table: Table) -> str:
    """Return the table as JSON; missing values are null."""
    return jsonfile.dumps(record(table), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _written(name: str, value: Any) -> str:
    """Return a value as a person reads it on a terminal; years keep their four digits together."""
    value = plain(value)
    if value is None:
        return "n/k"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if name == "year" or name.endswith("_year"):
        return f"{value:.0f}"
    if float(value).is_integer() or abs(value) >= 1e5:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"


def _heading(table: Table, name: str) -> str:
    """Return a column's name with its unit."""
    unit = table.units.get(name, "")
    return f"{name} ({unit})" if unit else name


def _cells(table: Table) -> tuple[list[str], list[list[str]], list[bool]]:
    """Return headings, rows of text, and which columns hold numbers."""
    empty = {
        name for name, column in table.columns.items() if len(table) and all(plain(v) in (None, "") for v in column)
    }
    names = [name for name in table.columns if name not in empty]
    numeric = [
        any(isinstance(plain(v), int | float) for v in table.columns[n])
        and not any(isinstance(v, str) and v for v in table.columns[n])
        for n in names
    ]
    kinds = dict(zip(names, numeric, strict=True))
    rows = [
        ["" if row[name] is None and not number else _written(name, row[name]) for name, number in kinds.items()]
        for row in table.rows()
    ]
    return [_heading(table, name) for name in names], rows, numeric


def terminal(table: Table, width: int | None = None) -> str:
    """Return the table for a terminal; columns without any value are left out.

    width  columns of the terminal: text is folded to fit; None: one line a row, however long (for pipes)
    """
    headings, rows, numeric = _cells(table)
    body = _folded(headings, rows, numeric, width) if width else _aligned(headings, rows, numeric)
    notes = "".join(f"note: {note}\n" for note in table.notes)
    return f"{table.title}\n{body}{'' if len(table) else '(no rows)' + chr(10)}{notes}"


def _aligned(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Return plain columns, two spaces apart."""
    widths = [max(len(line[k]) for line in (headings, *rows)) for k in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        padded = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(cells, widths, numeric, strict=True)]
        return "  ".join(padded).rstrip() + "\n"

    return line(headings) + line(["-" * w for w in widths]) + "".join(map(line, rows))


def _folded(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], width: int) -> str:
    """Return columns folded by rich to the width of a terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Drawn

    drawn = Drawn(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, number in zip(headings, numeric, strict=True):
        drawn.add_column(heading, justify="right" if number else "left", overflow="fold", no_wrap=number)
    for row in rows:
        drawn.add_row(*(cell.replace("[", r"\[") for cell in row))
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(drawn)
    return out.getvalue()
