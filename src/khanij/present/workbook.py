"""Tables as one XLSX workbook: contents, a sheet a table with headings for people, the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from khanij.core.number import Link, Mark, Number, Trend
from khanij.core.table import Column, Table
from khanij.present.document import Citation, Dossier
from khanij.present.table import plain

CREATED = datetime(2000, 1, 1)  # a fixed date, so that equal tables give equal bytes
FORMATS = {"1": "0.0%", "index": "0.00", "score": "0.00", "t": "#,##0.###", "kUSD": "#,##0"}
UNITS = {"kUSD": "USD thousand", "1": "", "index": "", "score": ""}
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
FIRST = 3  # row of the first figures: title, empty line and headings stand above


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a sheet: heading, unit of its numbers ("" if they have none), values."""

    heading: str
    unit: str
    values: tuple[Any, ...]
    kind: str = "number"


def write(tables: Sequence[Table], sources: Iterable[Citation] = (), names: Sequence[str] = ()) -> bytes:
    """Return an XLSX workbook: contents, one sheet a table, and a last sheet that lists the sources.

    names  a sheet name for each table; made from the titles if absent
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": tables[0].title if tables else "khanij", "author": "khanij", "created": CREATED})
    styles = _styles(book)
    listed = list(sources)
    shown = [*tables, _listing(listed)] if listed else list(tables)
    taken: set[str] = {"contents"}
    given = [*(names or [table.title for table in tables]), *(["Sources"] if listed else [])]
    called = [sheet_name(name, taken) for name in given]
    if len(shown) > 1:
        _contents(book, called, shown, styles)
    for name, table in zip(called, shown, strict=True):
        _sheet(book, name, table, styles)
    book.close()
    return out.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    """Return the formats of cells: by unit, and by what they are."""
    styles = {unit: book.add_format({"num_format": code}) for unit, code in FORMATS.items()}
    styles["number"] = book.add_format({"num_format": "#,##0.######"})
    styles["head"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    styles["title"] = book.add_format({"bold": True, "font_size": 13})
    styles["note"] = book.add_format({"italic": True, "font_color": "#555555"})
    styles["text"] = book.add_format({"text_wrap": True, "valign": "top"})
    styles["link"] = book.add_format({"font_color": "#0f5c6e", "underline": 1})
    return styles


def of_dossier(document: Dossier, more: Sequence[Table] = ()) -> bytes:
    """Return the workbook of a document: its findings, every table as a sheet, and the numbered sources.

    more  tables that are too long for the document
    """
    grids = (*document.grids(), *more)
    summary = Table.of(
        document.title,
        [{"finding": str(sentence), "sources": "; ".join(sentence.sources)} for sentence in document.findings],
        columns=(Column("finding", "Finding", "text"), Column("sources", "Sources", "text")),
        notes=tuple(f"{label}: {value}" for label, value in document.meta.items()),
    )
    ids = dict.fromkeys((*document.cited(), *(source for table in more for source in table.cited())))
    sources = [document.sources.get(id, Citation(id, id)) for id in ids]
    return write([summary, *grids], sources, ["Findings", *(grid.key for grid in grids)])


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
    names = {
        "no": "No.",
        "source": "Source",
        "citation": "Citation",
        "licence": "Licence",
        "page": "Page",
        "note": "Note",
    }
    rows = [
        {"no": k, "source": s.id, "citation": s.citation, "licence": s.licence, "page": s.landing, "note": s.note}
        for k, s in enumerate(sources, 1)
    ]
    columns = tuple(Column(key, name, "year" if key == "no" else "text") for key, name in names.items())
    return Table.of("Sources", rows, columns=columns)


def fields(table: Table) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """Return the columns of a sheet, and notes on what is the same in every row: the sources of a column."""
    made: list[Field] = []
    notes: list[str] = []
    for k, column in enumerate(table.columns):
        cells = [row[k] for row in table.cells]
        if any(isinstance(cell, Trend) for cell in cells):
            made += _years(column, cells)
        elif any(isinstance(cell, Number) for cell in cells):
            more, said = _number(column, cells)
            made += more
            notes += said
        else:
            made.append(Field(column.name or column.key, "", tuple(map(_told, cells)), column.kind))
    return tuple(made), tuple(notes)


def _number(column: Column, cells: Sequence[Any]) -> tuple[list[Field], list[str]]:
    """Return a column of numbers, what belongs to it where some row has it, and what is the same in every row."""
    numbers = [cell if isinstance(cell, Number) else None for cell in cells]
    name, known = column.name or column.key, [n for n in numbers if n is not None and n.value is not None]
    units = {n.unit for n in known}
    unit = units.pop() if len(units) == 1 else ""
    values = tuple(n.value if n is not None else _told(cell) for n, cell in zip(numbers, cells, strict=True))
    made = []
    if any(n.label for n in known):
        made.append(
            Field(f"{name}: who", "", tuple(n.label if n and n.value is not None else None for n in numbers), "text")
        )
    made.append(Field(name, unit, values))
    if len({n.unit for n in known}) > 1:
        made.append(Field(f"{name}: unit", "", tuple(n.unit if n else None for n in numbers), "text"))
    for end in ("low", "high"):
        ends = tuple(getattr(n, end) if n else None for n in numbers)
        made += [Field(f"{name}: {end}", unit, ends)] if any(e is not None for e in ends) else []
    if any(n.confidence != "high" for n in known):
        levels = tuple(n.confidence if n and n.value is not None else None for n in numbers)
        made.append(Field(f"{name}: confidence", "", levels, "text"))
    if any(n is not None and n.note for n in numbers):
        made.append(Field(f"{name}: note", "", tuple((n.note or None) if n else None for n in numbers), "text"))
    cited = {n.sources for n in known}
    if len(cited) == 1:
        return made, [f"{name}: {'; '.join(cited.pop())}"]
    sources = tuple("; ".join(n.sources) if n and n.value is not None else None for n in numbers)
    return [*made, Field(f"{name}: sources", "", sources, "text")], []


def _years(column: Column, cells: Sequence[Any]) -> list[Field]:
    """Return one column a year of the small lines, and where they break."""
    lines = [cell if isinstance(cell, Trend) else None for cell in cells]
    units = {line.unit for line in lines if line}
    unit = units.pop() if len(units) == 1 else ""
    years = sorted({year for line in lines if line for year in line.years})
    tables = [dict(zip(line.years, line.values, strict=True)) if line else {} for line in lines]
    made = [Field(f"{column.name} {year}", unit, tuple(table.get(year) for table in tables)) for year in years]
    breaks = tuple("; ".join(f"{y}: {words}" for y, words in line.breaks) or None if line else None for line in lines)
    return [*made, Field(f"{column.name}: breaks", "", breaks, "text")] if any(breaks) else made


def _told(cell: Any) -> Any:
    """Return a cell that is no number as a spreadsheet holds it."""
    if isinstance(cell, Mark):
        return cell.text or cell.hint.partition(" · ")[0] or {True: "yes", False: "no", None: None}[cell.state]
    return cell.url if isinstance(cell, Link) else plain(cell)


def _contents(book: Any, names: Sequence[str], tables: Sequence[Table], styles: dict[str, Any]) -> None:
    """Write the first sheet: every other sheet by name, what it holds, and how many rows."""
    sheet = book.add_worksheet("Contents")
    sheet.write_string(0, 0, "Contents", styles["title"])
    for k, heading in enumerate(("Sheet", "What it holds", "Rows")):
        sheet.write_string(FIRST - 1, k, heading, styles["head"])
    for row, (name, table) in enumerate(zip(names, tables, strict=True), FIRST):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", styles["link"], name)
        sheet.write_string(row, 1, table.title)
        sheet.write_number(row, 2, len(table))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 70)


def _sheet(book: Any, name: str, table: Table, styles: dict[str, Any]) -> None:
    """Write one table: title, headings (frozen), rows, notes. Text is never taken for a formula or a link."""
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, table.title, styles["title"])
    made, said = fields(table)
    for k, field in enumerate(made):
        unit = UNITS.get(field.unit, field.unit)
        heading = f"{field.heading} ({unit})" if unit else field.heading
        sheet.write_string(FIRST - 1, k, heading, styles["head"])
        style = None if field.kind == "year" else styles.get(field.unit, styles["number"])
        for r, value in enumerate(field.values):
            _cell(sheet, r + FIRST, k, value, style, styles["text"])
        longest = max(
            [len(part) for part in heading.split()] + [len(str(plain(v))) for v in field.values[:200] if v is not None]
        )
        sheet.set_column(k, k, min(max(8, longest + 1), 40))
    sheet.freeze_panes(FIRST, 1)
    if len(table):
        sheet.autofilter(FIRST - 1, 0, len(table) + FIRST - 1, len(made) - 1)
    notes = [*table.notes, *(f"source of {line}" for line in said)]
    for k, note in enumerate(notes):
        sheet.write_string(len(table) + FIRST + 1 + k, 0, note, styles["note"])


def _cell(sheet: Any, row: int, column: int, value: Any, style: Any, text: Any) -> None:
    """Write one cell by its type; a missing value leaves the cell empty."""
    value = plain(value)
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no")
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), text)
