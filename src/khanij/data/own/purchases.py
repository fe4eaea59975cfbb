"""A firm's own purchases from a CSV or XLSX file that a person wrote: checked row by row, never trusted."""

from __future__ import annotations

import csv
import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from khanij import reference
from khanij.core.errors import CoverageError, StudyError

NEEDED = ("material", "country", "tonnes")
ALLOWED = (*NEEDED, "stage", "year", "share")
MOST = 50 * 2**20  # bytes of a file, unpacked
CELLS = 5_000_000  # of a sheet's rectangle: one far-off cell makes a small file large in memory
CORNER = re.compile(rb"""\b(?:r|ref)=["'](?:[A-Z]{1,3}[0-9]{1,7}:)?([A-Z]{0,3})([0-9]{1,7})["']""")
PREFERENCE = ("refined", "processed", "mined")  # the stage of a purchase that names none
HINT = "a header line with material, country, tonnes and, if wanted, stage, year, share (content, 0 to 1)"


@dataclass(frozen=True, slots=True)
class Purchase:
    """One row: what was bought, from where, in which year (None = in every year), contained tonnes, and its line."""

    material: str
    stage: str
    country: str
    year: int | None
    tonnes: float
    line: int


def read(path: Path) -> tuple[tuple[Purchase, ...], tuple[str, ...]]:
    """Return the purchases of a file, and sentences on what was assumed or not read.

    path  CSV (comma, semicolon or tab) or the first sheet of an XLSX; of a formula only its stored value counts
    Raises StudyError with file, line and what to do: an unreadable, empty or oversized file, an absent column, an
    unknown material, stage or country, a year or a number that is none, negative tonnes.
    """
    where = f"purchases {path.name}"
    try:
        large = path.stat().st_size > MOST
    except OSError as broken:
        raise StudyError(
            f"cannot be read: {broken.strerror}", where=where, hint="give an existing CSV or XLSX"
        ) from None
    if large:
        raise _oversized(where)
    lines = _sheet(path, where) if path.suffix.lower() in (".xlsx", ".xlsm") else _text(path, where)
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise StudyError("the file is empty", where=where, hint=HINT)
    header = [cell.lower() for cell in filled[0][1]]
    lost = [name for name in NEEDED if name not in header]
    if lost or len(set(filter(None, header))) < len([cell for cell in header if cell]):
        what = f"no column {', '.join(lost)}" if lost else "a column stands twice"
        raise StudyError(what, where=f"{where}, line {filled[0][0]}", hint=HINT)
    rows = [(n, dict(zip(header, cells, strict=False))) for n, cells in filled[1:]]
    found = tuple(_purchase(row, f"{where}, line {number}", number) for number, row in rows)
    if not any(purchase.tonnes > 0 for purchase in found):
        raise StudyError("no tonnes are bought", where=where, hint=HINT)
    notes = []
    if strange := [name for name in header if name and name not in ALLOWED]:
        notes.append(f"columns of {path.name} that were not read: {', '.join(strange)}")
    if assumed := sorted({p.material for p, (_, row) in zip(found, rows, strict=True) if not row.get("stage")}):
        notes.append(
            f"stage assumed for purchases that name none (the latest that the material has): {', '.join(assumed)}"
        )
    return found, tuple(notes)


def _purchase(row: dict[str, str], where: str, line: int) -> Purchase:
    """Return one row as a purchase; raises StudyError that names the cell."""
    try:
        material, country = reference.material(row.get("material", "")), reference.country(row.get("country", ""))
    except CoverageError as unknown:
        raise StudyError(unknown.what, where=where, hint=unknown.hint) from None
    stage = row.get("stage", "").lower() or _usual_stage(material)
    if stage not in reference.STAGES:
        raise StudyError(f"unknown stage {stage!r}", where=where, hint=f"one of {', '.join(reference.STAGES)}")
    year = row.get("year", "")
    whole = year.removesuffix(".0")
    if year and not (whole.isdecimal() and 1990 <= int(whole) <= 2100):
        raise StudyError(f"year {year!r} is none", where=where, hint="a calendar year such as 2023, or nothing")
    share = _number(row.get("share", "") or "1", "share", where)
    if share > 1:
        raise StudyError(f"share {share:g} is above 1", where=where, hint="the content of the goods, 0 to 1, or 60%")
    tonnes = _number(row.get("tonnes", ""), "tonnes", where)
    return Purchase(material, stage, country, int(whole) if year else None, tonnes * share, line)


def _number(text: str, name: str, where: str) -> float:
    """Return a number that is finite and not negative; "60%" is 0.6."""
    try:
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise StudyError(
            f"{name} {text!r} is no number", where=where, hint="digits and one point, as in 1250.5"
        ) from None
    if not math.isfinite(value) or value < 0:
        raise StudyError(f"{name} {text} is not an amount", where=where, hint="a number from 0 up")
    return value


def _usual_stage(material: str) -> str:
    """Return the latest of refined, processed and mined that the material has."""
    have = {stage for name, stage in reference.stage_names() if name == material}
    return next((stage for stage in PREFERENCE if stage in have), PREFERENCE[-1])


def _text(path: Path, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of a CSV file; the header tells the separator."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise StudyError("cannot be read as text", where=where, hint="save it as CSV in UTF-8, or as XLSX") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as broken:
        raise StudyError(
            f"broken CSV: {broken}", where=f"{where}, line {reader.line_num}", hint="save it again"
        ) from None


def _sheet(path: Path, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of the first sheet of a workbook, once it is known to unpack to a bearable size."""
    import python_calamine

    hint = "save it again as XLSX, without a password"
    try:
        _refuse_bomb(path, where)
        book = python_calamine.CalamineWorkbook.from_path(path)
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=1_000_000)
    except (python_calamine.CalamineError, OSError, ValueError, struct.error, zlib.error, zipfile.BadZipFile):
        raise StudyError("no readable workbook", where=where, hint=hint) from None
    except BaseException as panic:  # the reader's own crash is no Exception; anything of ours passes on
        if type(panic).__name__ != "PanicException":
            raise
        raise StudyError("no readable workbook", where=where, hint=hint) from None
    for number, cells in enumerate(rows, 1):
        yield number, [_cell(cell) for cell in cells]


def _cell(value: object) -> str:
    """Return a cell as text, whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _refuse_bomb(path: Path, where: str) -> None:
    """Raise if the parts of a workbook unpack to more than MOST bytes, whatever its directory says of their sizes."""
    total = 0
    with zipfile.ZipFile(path) as parts, path.open("rb") as raw:
        for part in parts.infolist():
            raw.seek(part.header_offset + 26)
            name, extra = struct.unpack("<HH", raw.read(4))
            raw.seek(name + extra, 1)
            total += _unpacked(raw.read(part.compress_size), part.compress_type, MOST - total)
            if max(total, part.file_size) > MOST:
                raise _oversized(where)
        for part in parts.infolist():
            corners = CORNER.findall(parts.read(part)) if part.filename.startswith("xl/worksheets/") else []
            tall = max((int(row) for _, row in corners), default=0)
            wide = max((sum((c - 64) * 26**k for k, c in enumerate(column[::-1])) for column, _ in corners), default=0)
            if tall * wide > CELLS:
                raise StudyError(f"a sheet of {tall} rows and {wide} columns", where=where, hint=HINT)


def _unpacked(packed: bytes, kind: int, most: int) -> int:
    """Return the unpacked size of a part, counted no further than just above `most`."""
    if kind == zipfile.ZIP_STORED:
        return len(packed)
    if kind != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("an unusual packing")
    stream, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while not stream.eof and size <= most:
        piece = stream.decompress(packed, 2**20)
        if not (piece or packed):
            break  # cut short
        size, packed = size + len(piece), stream.unconsumed_tail
    return size


def _oversized(where: str) -> StudyError:
    """Return the error of a file that is too large."""
    return StudyError(f"more than {MOST >> 20} MB unpacked", where=where, hint="keep the purchases alone in the file")


def suppliers(found: Sequence[Purchase]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the materials and the countries of purchases, each once."""
    return tuple(sorted({p.material for p in found})), tuple(sorted({p.country for p in found}))
