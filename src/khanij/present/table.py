"""A table as terminal text, CSV or JSON."""

from __future__ import annotations

import csv as csvfile
import io
import json as jsonfile
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from khanij.core.number import Number
from khanij.core.table import Column, Table
from khanij.present import text

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
WIDTH = 100  # of a table where nobody says how wide the terminal is
NARROW, BROAD = 10, 44  # characters that a column of text is folded to at least, and at most
ROWS = 30  # rows from which a table is cut short
GAP = "  "


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
    flat, out = table.plain(), io.StringIO()
    writer = csvfile.writer(out, lineterminator="\n")
    writer.writerow([guarded(key) for key in flat.keys])
    for row in flat.cells:
        values = [plain(value) for value in row]
        writer.writerow(["" if value is None else guarded(value) for value in values])
    return out.getvalue()


def record(table: Table) -> dict[str, Any]:
    """Return the table as plain data: key, title, columns with name, unit, kind and meaning, notes, mappings of rows."""
    flat = table.plain()
    return {
        "key": flat.key,
        "title": flat.title,
        "columns": [
            {"key": c.key, "name": c.name, "kind": c.kind, "unit": c.unit, "meaning": c.meaning} for c in flat.columns
        ],
        "notes": list(flat.notes),
        "rows": [{key: plain(value) for key, value in row.items()} for row in flat.rows()],
    }


def json(table: Table) -> str:
    """Return the table as JSON; missing values are null."""
    return jsonfile.dumps(record(table), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def terminal(table: Table, width: int | None = WIDTH, full: bool = False) -> str:
    """Return the table for a terminal.

    width  characters of a line: text is folded, then columns that are not main ones are left out; None = no bound
    full   every column and row, one line a row however long
    What is left out is said below, and columns without any value are.
    """
    shown = _without_empty(table)
    body = [list(map(str, (_heading(column) for column in shown.columns)))]
    body += [[_written(c, v) for c, v in zip(shown.columns, row, strict=True)] for row in shown.cells]
    cut = 0 if full or len(table) <= ROWS else len(table) - ROWS + 5
    body = body[: len(body) - cut]
    kept = list(range(len(shown.columns))) if full or width is None else _kept(shown.columns, body, width)
    widths = _widths(shown.columns, body, kept, None if full else width)
    lines = [f"{table.title}\n"]
    for at, row in enumerate(body):
        lines.append(_line(shown.columns, row, kept, widths))
        if at == 0:
            lines.append(GAP.join("-" * widths[k] for k in kept) + "\n")
    if not len(table):
        lines.append("(no rows)\n")
    lines += [f"… {cut} more rows: --full, or --format csv\n"] if cut else []
    left = [column.name or column.key for k, column in enumerate(shown.columns) if k not in kept]
    lines += [wrapped(f"… with --full also: {', '.join(left)}", width)] if left else []
    for note in table.notes:
        lines.append(wrapped(f"note: {note}", None if full else width))
    return "".join(lines)


def _without_empty(table: Table) -> Table:
    """Return the table without columns that hold nothing."""
    used = [k for k in range(len(table.columns)) if not len(table) or any(_there(row[k]) for row in table.cells)]
    return replace(
        table,
        columns=tuple(table.columns[k] for k in used),
        cells=tuple(tuple(row[k] for k in used) for row in table.cells),
    )


def _there(cell: Any) -> bool:
    """Return whether a cell holds anything."""
    return bool(cell.value is not None or cell.note) if isinstance(cell, Number) else plain(cell) not in (None, "")


def _heading(column: Column) -> str:
    """Return a column's name with its unit."""
    return f"{column.name} ({column.unit})" if column.unit not in ("", "1") else column.name or column.key


def _written(column: Column, cell: Any) -> str:
    """Return a cell as a person reads it; a share as per cent, years with their four digits together."""
    if isinstance(cell, Number):
        shown = _ranged(cell, column.kind == "share" or (cell.unit or column.unit) == "1")
        unit = f" {cell.unit}" if cell.unit not in ("", "1", "index", column.unit) and cell.value is not None else ""
        mark = "†" if cell.confidence == "low" and cell.value is not None else ""
        return f"{cell.label + ' ' if cell.label else ''}{shown}{unit}{mark}"
    if hasattr(cell, "years"):
        known = [value for value in cell.values if value is not None]
        return f"{_figure(known[0], False)} … {_figure(known[-1], False)}" if known else text.SHORT_UNKNOWN
    if hasattr(cell, "state"):
        return cell.text or {True: "yes", False: "no", None: "?"}[cell.state]
    if hasattr(cell, "url"):
        return str(cell.text)
    value = plain(cell)
    if value is None:
        return "" if column.kind in ("text", "mark") else text.SHORT_UNKNOWN
    if column.kind == "year":
        return f"{value:.0f}" if isinstance(value, float) else str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str) else _figure(value, column.kind == "share")


def _ranged(number: Number, share: bool) -> str:
    """Return a number with its range, "46 % (15–56 %)"; one whose ends read alike has none."""
    shown = _figure(number.value, share)
    if number.value is None or number.low is None or number.high is None:
        return shown
    low, high = (_figure(end, share) if share else text.digits(end) for end in (number.low, number.high))
    return shown if low == high else f"{shown} ({low.removesuffix(' %')}–{high})"


def _figure(value: float | None, share: bool) -> str:
    """Return a number to about four digits, a share as per cent."""
    if value is None or not isfinite(value):
        return text.SHORT_UNKNOWN
    if share:
        return f"{value * 100:,.1f} %" if abs(value) < 0.0995 and value else f"{value * 100:,.0f} %"
    if float(value).is_integer() or abs(value) >= 1e5:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"


def _numeric(column: Column) -> bool:
    """Return whether a column stands to the right and is never folded."""
    return column.kind in ("number", "share", "year")


def _longest(body: Sequence[Sequence[str]], k: int) -> int:
    """Return the length of the longest cell of a column, heading included."""
    return max(len(row[k]) for row in body)


def _least(column: Column, body: Sequence[Sequence[str]], k: int) -> int:
    """Return the width that a column cannot go below: numbers whole, words of text as far as they are short."""
    if _numeric(column):
        return max([*(len(row[k]) for row in body[1:]), *map(len, body[0][k].split())], default=NARROW)
    return min(_longest(body, k), NARROW)


def _kept(columns: Sequence[Column], body: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the columns that fit: main ones first, then the others in their order."""
    mains = [k for k, column in enumerate(columns) if column.main] or [0]
    kept: list[int] = []
    left = width + len(GAP)
    for k in (*mains, *(k for k in range(len(columns)) if k not in mains)):
        need = _least(columns[k], body, k) + len(GAP)
        if need <= left or not kept:
            kept.append(k)
            left -= need
    return sorted(kept)


def _widths(
    columns: Sequence[Column], body: Sequence[Sequence[str]], kept: Sequence[int], width: int | None
) -> dict[int, int]:
    """Return the width of each kept column: as wide as its text where there is room, folded where there is not."""
    natural = {k: _longest(body, k) for k in kept}
    if width is None:
        return natural
    least = {k: _least(columns[k], body, k) for k in kept}
    spare = width - sum(least.values()) - len(GAP) * (len(kept) - 1)
    widths = dict(least)
    while spare > 0:
        wanting = [k for k in kept if widths[k] < (natural[k] if _numeric(columns[k]) else min(natural[k], BROAD))]
        wanting = wanting or [k for k in kept if widths[k] < natural[k]]
        if not wanting:
            break
        for k in wanting[:spare]:
            widths[k] += 1
            spare -= 1
    return widths


def _line(columns: Sequence[Column], row: Sequence[str], kept: Sequence[int], widths: dict[int, int]) -> str:
    """Return one row, its text folded over as many lines as it needs."""
    folded = {k: textwrap.wrap(row[k], widths[k]) or [""] for k in kept}
    lines = []
    for at in range(max(map(len, folded.values()), default=1)):
        parts = []
        for k in kept:
            part = folded[k][at] if at < len(folded[k]) else ""
            parts.append(part.rjust(widths[k]) if _numeric(columns[k]) else part.ljust(widths[k]))
        lines.append(GAP.join(parts).rstrip() + "\n")
    return "".join(lines)


def wrapped(sentence: str, width: int | None = WIDTH) -> str:
    """Return a sentence in lines of the width; None = one line."""
    return "".join(f"{line}\n" for line in (textwrap.wrap(sentence, width) if width else [sentence]))
