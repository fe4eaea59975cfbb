"""Tables as one XLSX workbook: the same tables, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from khanij.core.table import Table
from khanij.present.document import Citation, Dossier
from khanij.present.table import plain

CREATED = datetime(2000, 1, 1)  # a fixed date, so that equal tables give equal bytes
FORMATS = {"1": "0.0%", "index": "0.00", "score": "0.00", "t": "#,##0.###", "kUSD": "#,##0"}
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write(tables: Sequence[Table], sources: Iterable[Citation] = (), names: Sequence[str] = ()) -> bytes:
    """Return an XLSX workbook with one sheet a table and a last sheet that lists the sources.

    names  a sheet name for each table; made from the titles if absent
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": tables[0].title if tables else "khanij", "author": "khanij", "created": CREATED})
    styles = {"head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})}
    styles |= {unit: book.add_format({"num_format": code}) for unit, code in FORMATS.items()}
    styles["number"] = book.add_format({"num_format": "#,##0.######"})
    styles["title"] = book.add_format({"bold": True, "font_size": 13})
    styles["note"] = book.add_format({"italic": True, "font_color": "#555555"})
    taken: set[str] = set()
    for k, table in enumerate(tables):
        _sheet(book, sheet_name(names[k] if names else table.title, taken), table, styles)
    listed = list(sources)
    if listed:
        _sheet(book, sheet_name("Sources", taken), _listing(listed), styles)
    book.close()
    return out.getvalue()


def of_dossier(document: Dossier) -> bytes:
    """Return the workbook of a document: its findings, every grid as a sheet, and the numbered sources."""
    grids = document.grids()
    summary = Table.by_column(
        document.title,
        {
            "finding": [" ".join(filter(None, (s.emphasis, s.text))) for s in document.findings],
            "sources": ["; ".join(s.sources) for s in document.findings],
        },
        notes=tuple(f"{label}: {value}" for label, value in document.meta.items()),
    )
    sources = [document.sources.get(id, Citation(id, id)) for id in document.cited()]
    return write([summary, *(grid.plain() for grid in grids)], sources, ["Findings", *(grid.key for grid in grids)])


def sheet_name(title: str, taken: set[str]) -> str:
    """Return a sheet name that a spreadsheet accepts: at most 31 plain characters, used once; `taken` is added to."""
    base = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "Table"
    name, k = base, 2
    while name.casefold() in taken or name.casefold() == "history":
        name, k = f"{base[:27]} {k}", k + 1
    taken.add(name.casefold())
    return name


def _listing(sources: Sequence[Citation]) -> Table:
    """Return the sources as a table, numbered as in the document."""
    rows = [
        {
            "no": k,
            "source": s.id,
            "citation": s.citation,
            "licence": s.licence,
            "page": s.landing,
            "accessed": s.accessed,
            "note": s.note,
        }
        for k, s in enumerate(sources, 1)
    ]
    return Table.of("Sources", rows)


def _sheet(book: Any, name: str, table: Table, styles: dict[str, Any]) -> None:
    """Write one table: title, headings (frozen), rows, notes. Text is never taken for a formula or a link."""
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, table.title, styles["title"])
    flat = table.plain()
    for k, column in enumerate(flat.columns):
        heading = f"{column.key} ({column.unit})" if column.unit else column.key
        sheet.write_string(1, k, heading, styles["head"])
        values = flat.column(column.key)
        units = flat.column(f"{column.key}_unit") if f"{column.key}_unit" in flat.keys else ()
        for r, value in enumerate(map(plain, values)):
            _cell(sheet, r + 2, k, value, _style(styles, column.key, column.unit or (units[r] if units else "")))
        longest = max([len(heading), *(len(str(plain(v))) if v is not None else 0 for v in values[:200])])
        sheet.set_column(k, k, min(max(8, longest + 1), 48))
    sheet.freeze_panes(2, 1)
    if len(table):
        sheet.autofilter(1, 0, len(table) + 1, len(flat.columns) - 1)
    for k, note in enumerate(table.notes):
        sheet.write_string(len(table) + 3 + k, 0, note, styles["note"])


def _style(styles: dict[str, Any], key: str, unit: str | None) -> Any:
    """Return the number format of a column; years and ranks stay plain."""
    if key in ("year", "no", "rank") or key.endswith("_year"):
        return None
    return styles.get(unit or "", styles["number"])


def _cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """Write one cell by its type; a missing value leaves the cell empty."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value))
