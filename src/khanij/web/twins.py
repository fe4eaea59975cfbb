"""The twins of a table, figure or whole answer: CSV, JSON, XLSX, SVG, PNG, and a ZIP with what must be said of them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from khanij.analyses.question import Answer
from khanij.core.errors import StudyError
from khanij.core.number import Number
from khanij.core.table import Table
from khanij.present import drawings, vectors, workbook
from khanij.present import table as drawing
from khanij.present.document import Figure
from khanij.reference import columns
from khanij.web.composed import sections

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "zip": "application/zip",
}
BARS = 40  # rows of a table that are drawn
STAMP = (2000, 1, 1, 0, 0, 0)  # a fixed date, so that equal data give equal bytes
STYLE = """<style>text{font:11px sans-serif;fill:#1c2833}.tick,.count,.end{fill:#5f6b74}.rule{stroke:#d5dbdf}
.bar{fill:#0f5c6e}.bar.hollow{fill:none;stroke:#0f5c6e}.range,.before{stroke:#9c4614;stroke-width:1.5}</style>"""


def write(answer: Answer, kind: str, key: str = "", figure: str = "") -> bytes:
    """Return a table by key, a figure by id, or all of an answer, in one of TYPES; raises StudyError for none such."""
    if kind not in TYPES:
        raise StudyError(f"nothing is written as {kind!r}", where="address", hint=", ".join(TYPES))
    if figure:
        return _figure(answer, _drawn(answer, figure), kind)
    if kind == "png":
        return _painted(write(answer, "svg", key).decode())
    tables = [answer.table(key)] if key else list(answer.tables)
    if kind == "csv":
        return drawing.csv(tables[0] if tables else of_findings(answer)).encode()
    if kind == "json":
        return dumped(drawing.record(tables[0]) if key else answer.record())
    if kind == "xlsx":
        return workbook.write(tables or [of_findings(answer)], sections.sources(answer, tables))
    if kind == "svg":
        return bars(tables[0] if tables else of_findings(answer)).encode()
    return archive(answer, tables)


def dumped(record: Any) -> bytes:
    """Return plain data as JSON."""
    return (json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def of_findings(answer: Answer) -> Table:
    """Return the sentences of an answer as a table."""
    rows = [{"finding": str(sentence)} for sentence in answer.findings]
    return columns.table("findings", "Findings", rows, ("finding",))


def _drawn(answer: Answer, id: str) -> Figure:
    """Return a figure by id."""
    for figure in answer.figures:
        if figure.id == id:
            return figure
    known = ", ".join(figure.id for figure in answer.figures) or "none"
    raise StudyError(f"no figure {id[:60]!r}", where=answer.request.question, hint=f"one of {known}")


def _figure(answer: Answer, figure: Figure, kind: str) -> bytes:
    """Return a figure: its drawing as Plotly has it, its points as data, or both."""
    points = vectors.points(figure)
    if kind == "json":
        return dumped({"id": figure.id, "caption": figure.caption, "alt": figure.alt, **figure.figure})
    if kind == "svg":
        return vectors.draw(figure).encode()
    if kind == "png":
        return _painted(vectors.draw(figure))
    if kind == "csv":
        return drawing.csv(points).encode()
    if kind == "xlsx":
        return workbook.write([points], sections.sources(answer))
    more = {f"{figure.id}.json": _figure(answer, figure, "json"), f"{figure.id}.svg": vectors.draw(figure).encode()}
    return archive(answer, [points], more, figure.sources)


def _painted(svg: str) -> bytes:
    """Return a drawing as PNG."""
    from khanij.present.vectors import raster  # Pillow is read when the first picture is asked for

    return raster.png(svg)


def archive(
    answer: Answer, tables: Sequence[Table], more: dict[str, bytes] | None = None, cited: Sequence[str] = ()
) -> bytes:
    """Return a ZIP of tables as CSV, what their columns mean, and a README with sources, licences and how to cite."""
    parts: dict[str, bytes] = {f"{safe(table.key)}.csv": drawing.csv(table).encode() for table in tables}
    parts |= more or {}
    described = [{k: v for k, v in drawing.record(table).items() if k != "rows"} for table in tables]
    parts["columns.json"] = dumped({"tables": described})
    parts["README.md"] = readme(answer, tables, cited).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def readme(answer: Answer, tables: Sequence[Table], cited: Sequence[str] = ()) -> str:
    """Return what must be said of data that leaves the page."""
    lines = [
        f"# {answer.request.command()}",
        "",
        *(f"{sentence}" for sentence in answer.findings[:3]),
        "",
        "## Files",
        "",
    ]
    lines += [f"- `{safe(table.key)}.csv`: {table.title}, {len(table)} rows" for table in tables]
    lines += ["- `columns.json`: what each column means, its kind and unit", "", "## Notes", ""]
    lines += [f"- {note}" for table in tables for note in table.notes] or ["- none"]
    lines += ["", "## Sources", ""]
    entries = [e for e in sections.sources(answer, tables) if not cited or e.id in cited]
    for entry in entries:
        tail = f" Licence: {entry.licence}." if entry.licence else ""
        lines.append(f"- {entry.citation}{tail} {entry.landing} `{entry.id}`".replace("  ", " "))
    lines += [] if entries else ["The answer names no source a number: it stands on the facts and tables named below."]
    lines += ["", "## How to cite", "", sections.cite(answer), ""]
    return "\n".join(lines)


def safe(key: str) -> str:
    """Return a key as the name of a file."""
    return re.sub("[^a-z0-9]+", "-", key.lower()).strip("-")[:60] or "table"


def bars(table: Table) -> str:
    """Return a table's most telling column as bars: the first of shares, else of numbers; of one unit, with ranges."""
    value = next((k for kind in ("share", "number") for k in _numeric(table, kind)), None)
    rows = []
    for row, name in zip(table.cells, _labels(table), strict=True):
        cell = row[value] if value is not None else None
        number = cell if isinstance(cell, Number) else Number(cell if isinstance(cell, int | float) else None)
        if number.value is not None:
            rows.append((name, number))
    units = [number.unit for _, number in rows]
    unit = max(dict.fromkeys(units), key=units.count, default="")
    rows = [row for row in rows if row[1].unit == unit][:BARS]
    most = max((abs(n.high if n.high is not None else n.value or 0.0) for _, n in rows), default=1.0) or 1.0
    told = [(name, number, _words(number, table, value)) for name, number in rows]
    shares = bool(told) and told[0][2].endswith("%")
    whole = 1.0 if shares else most
    drawn = [
        drawings.Bar(
            name,
            abs(number.value or 0.0) / whole,
            None if number.low is None else number.low / whole,
            None if number.high is None else number.high / whole,
            words=words,
            hollow=number.confidence == "low",
        )
        for name, number, words in told
    ]
    heading = table.columns[value].name if value is not None else "no numbers"
    left = len(units) - len(rows)
    alt = f"{table.title}: {heading}. " + "; ".join(f"{bar.name} {bar.words}" for bar in drawn)
    alt += f"; {left} rows are not drawn" if left else ""
    return standing(drawings.bars(drawn, alt, "t", most if shares else None))


def _labels(table: Table) -> list[str]:
    """Return a name a row: its texts and year, as few of the columns as tell the rows apart."""
    columns = [k for k, c in enumerate(table.columns) if c.kind in ("text", "year") and c.main] or [0]
    names = [""] * len(table)
    for k in columns:
        more = [str(row[k]) if row[k] is not None else "" for row in table.cells]
        codes = all(len(one) == 3 and one.isupper() for one in more if one)  # of countries, whose names follow
        if not codes and len(set(zip(names, more, strict=True))) > len(set(names)):
            names = [", ".join(filter(None, pair)) for pair in zip(names, more, strict=True)]
    return names if any(names) else [str(row[columns[0]]) for row in table.cells]


def _words(number: Number, table: Table, column: int | None) -> str:
    """Return a number with its unit."""
    unit = number.unit or (table.columns[column].unit if column is not None else "")
    share = unit == "1" or (column is not None and table.columns[column].kind == "share")
    value = number.value or 0.0
    return (
        f"{value * 100:.3g} %" if share else f"{format(value, ',.0f' if abs(value) >= 1e3 else '.4g')} {unit}".strip()
    )


def _numeric(table: Table, kind: str) -> list[int]:
    """Return the columns of a kind in which some row has a number."""

    def known(cell: Any) -> bool:
        value = cell.value if isinstance(cell, Number) else cell
        return isinstance(value, int | float) and not isinstance(value, bool)

    return [k for k, c in enumerate(table.columns) if c.kind == kind and any(known(row[k]) for row in table.cells)]


def standing(svg: str) -> str:
    """Return a drawing of a page as a file that stands by itself."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "</title>", f"</title>{STYLE}", 1
    )
