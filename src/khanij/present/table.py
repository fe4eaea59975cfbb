"""A table as terminal text, CSV or JSON."""

from __future__ import annotations

import csv as csvfile
import io
import json as jsonfile
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from khanij.core.number import Number
from khanij.core.table import Column, Table
from khanij.present import text

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
WIDTH = 100  # of a table where nobody says how wide the terminal is
BROAD, LINES = 40, 3  # characters of a line, and lines of a cell, from which a text is folded and cut
WORD = 48  # characters of a word that is broken only when even that has no room
TALL = 1.5  # lines of a cell in the mean from which a side column is left out
ROWS, NOTES = 30, 6  # rows and notes from which a table is cut short
DOUBT = "†"  # behind a number of low confidence
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
    """Return the table as plain data: key, title, columns, notes, and a mapping a row."""
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

    width  characters of a line; None = no bound
    full   every column, row and note, one line a row however long
    Columns that are not main are left out before any other is folded; what is left out is said below. A column that is
    the same in every row is told once, below; one without any value is not told.
    """
    shown, same = (_without_empty(table), {}) if full or width is None else without_same(_without_empty(table))
    body = [[_heading(column) for column in shown.columns]]
    body += [[_written(c, v) for c, v in zip(shown.columns, row, strict=True)] for row in shown.cells]
    cut = 0 if full or len(table) <= ROWS else len(table) - ROWS + 5
    body = body[: len(body) - cut]
    columns = [_Drawn.of(column, [row[k] for row in body]) for k, column in enumerate(shown.columns)]
    kept = list(range(len(columns))) if full or width is None else _kept(columns, width)
    widths = _widths([columns[k] for k in kept], None if full else width)
    lines = [wrapped(table.title, None if full else width)]
    for at, row in enumerate(body):
        cells = [columns[k].folded(row[k], w, full or width is None) for k, w in zip(kept, widths, strict=True)]
        lines.append(_line(cells, [columns[k].right for k in kept], widths))
        if at == 0:
            lines.append(GAP.join("-" * w for w in widths) + "\n")
    if not len(table):
        lines.append("(no rows)\n")
    told = [f"… {cut} more rows: --full, or --format csv"] if cut else []
    told += [f"in every row: {'; '.join(f'{name} {value}' for name, value in same.items())}"] if same else []
    left = [column.name or column.key for k, column in enumerate(shown.columns) if k not in kept]
    told += [f"… with --full also: {', '.join(left)}"] if left else []
    lines += [wrapped(sentence, width) for sentence in told]
    return "".join(lines) + _notes(table, body, None if full else width, full)


def _notes(table: Table, body: Sequence[Sequence[str]], width: int | None, full: bool) -> str:
    """Return the notes of a table, the first of them where there are many."""
    notes = list(table.notes)
    if any(cell.endswith(DOUBT) for row in body for cell in row):
        notes.insert(0, f"{DOUBT} low confidence")
    few = notes if full or width is None or len(notes) <= NOTES + 1 else notes[:NOTES]
    lines = [wrapped(f"note: {note}", width) for note in few]
    return "".join(lines) + (f"… {len(notes) - len(few)} more notes: --full\n" if len(few) < len(notes) else "")


def _without_empty(table: Table) -> Table:
    """Return the table without columns that hold nothing."""
    used = [k for k in range(len(table.columns)) if not len(table) or any(_there(row[k]) for row in table.cells)]
    return _of(table, used)


def without_same(table: Table, without: Collection[str] = ()) -> tuple[Table, dict[str, str]]:
    """Return the table without side columns that are the same in every row, and heading -> what they hold.

    without  keys of columns of which nothing is told
    """
    same: dict[str, str] = {}
    used = []
    for k, column in enumerate(table.columns):
        held = {_written(column, row[k]) for row in table.cells} if len(table) > 1 and not column.main else set()
        if len(held) == 1 and column.kind in ("text", "year") and len(only := held.pop()) <= BROAD:
            same |= {} if column.key in without else {_heading(column): only}
        else:
            used.append(k)
    return _of(table, used), same


def _of(table: Table, used: Sequence[int]) -> Table:
    """Return the table with some of its columns."""
    cells = tuple(tuple(row[k] for k in used) for row in table.cells)
    return replace(table, columns=tuple(table.columns[k] for k in used), cells=cells)


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
        mark = DOUBT if cell.confidence == "low" and cell.value is not None else ""
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
        return "" if column.kind in ("text", "mark", "year") else text.SHORT_UNKNOWN
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
    if share and 0 < abs(value) < 0.0005:
        return f"{'<' if value > 0 else '>-'}0.1 %"
    if share and 0.995 <= abs(value) < 1:
        return f"{'>' if value > 0 else '<-'}99 %"
    if share:
        return f"{value * 100:,.1f} %" if abs(value) < 0.0995 and value else f"{value * 100:,.0f} %"
    if float(value).is_integer() or abs(value) >= 1e5:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How wide one column may be.

    least, wanted, most  below which it would break words; where it reads well; where nothing is folded
    right                stands to the right, as numbers do      lines  of a cell at most; None = all that it needs
    tall                 lines of a cell in the mean, where it reads well
    """

    main: bool
    least: int
    wanted: int
    most: int
    right: bool
    lines: int | None
    tall: float = 1.0

    @classmethod
    def of(cls, column: Column, cells: Sequence[str]) -> _Drawn:
        """Return the widths of a column from its heading and cells as they are written."""
        words = max((len(word) for word in cells[0].split()), default=1)
        if column.kind in ("number", "share", "year"):
            width = max([words, *map(len, cells[1:])])
            return cls(column.main, width, width, max(width, len(cells[0])), True, 1)
        longest = max(map(len, cells))
        least = min(max([words, *(len(word) for cell in cells[1:] for word in cell.split())]), WORD)
        wanted = min(longest, max(BROAD, least))
        tall = sum(-(-len(cell) // wanted) or 1 for cell in cells) / len(cells)
        return cls(column.main, least, wanted, longest, False, None if column.main else LINES, tall)

    def folded(self, cell: str, width: int, whole: bool) -> list[str]:
        """Return the lines of a cell; the last one of a text that is cut ends with three dots."""
        lines = textwrap.wrap(cell, width, break_on_hyphens=False) or [""]
        if whole or self.lines is None or len(lines) <= self.lines or self.right:
            return lines
        kept = lines[: self.lines]
        return [*kept[:-1], f"{kept[-1][: width - 2]} …"]


def _kept(columns: Sequence[_Drawn], width: int) -> list[int]:
    """Return the columns that fit: main ones first, then what has room beside them without folding them.

    A side column that would make the table half as long again is left out.
    """
    mains = [k for k, column in enumerate(columns) if column.main] or list(range(min(1, len(columns))))
    kept: list[int] = []
    left = width + len(GAP)
    for k in mains:
        if columns[k].least + len(GAP) <= left or not kept:
            kept.append(k)
            left -= columns[k].least + len(GAP)
    left -= sum(columns[k].wanted - columns[k].least for k in kept)
    for k, column in enumerate(columns):
        if k not in mains and column.wanted + len(GAP) <= left and column.tall <= TALL:
            kept.append(k)
            left -= column.wanted + len(GAP)
    return sorted(kept)


def _widths(columns: Sequence[_Drawn], width: int | None) -> list[int]:
    """Return the width of each column: as wide as its text where there is room, folded where there is not."""
    if width is None:
        return [column.most for column in columns]
    widths = [column.least for column in columns]
    spare = width - sum(widths) - len(GAP) * (len(columns) - 1)
    while spare > 0:
        growing = [k for k, column in enumerate(columns) if widths[k] < column.wanted]
        growing = growing or [k for k, column in enumerate(columns) if widths[k] < column.most]
        if not growing:
            break
        for k in growing[:spare]:
            widths[k] += 1
            spare -= 1
    return widths


def _line(cells: Sequence[Sequence[str]], right: Sequence[bool], widths: Sequence[int]) -> str:
    """Return one row over as many lines as its longest cell needs."""
    lines = []
    for at in range(max(map(len, cells), default=1)):
        parts = [cell[at] if at < len(cell) else "" for cell in cells]
        set_ = [p.rjust(w) if r else p.ljust(w) for p, r, w in zip(parts, right, widths, strict=True)]
        lines.append(GAP.join(set_).rstrip() + "\n")
    return "".join(lines)


def wrapped(sentence: str, width: int | None = WIDTH) -> str:
    """Return a sentence in lines of the width; None = one line."""
    lines = textwrap.wrap(sentence, width, break_on_hyphens=False) if width else [sentence]
    return "".join(f"{line}\n" for line in lines)
