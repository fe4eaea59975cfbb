"""Stata data files of versions 8 to 12 (formats 113 to 115): a fixed header, then rows of fixed width."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from struct import error, unpack_from

import numpy as np
import polars as pl

from khanij.core.errors import ParseError, SourceError

FORMATS = {113: 12, 114: 49, 115: 49}  # format -> bytes of a display format
ORDERS = {1: ">", 2: "<"}
HEADER, NAME, LABEL, VARIABLE = 109, 33, 33, 81  # bytes of the header, of a name, of value and variable labels
NUMBERS = {251: ("i1", 100), 252: ("i2", 32740), 253: ("i4", 2147483620)}  # type -> kind, largest that is not missing
FLOATS = {254: ("f4", 2.0**127), 255: ("f8", 2.0**1023)}  # type -> kind, least that is missing
LONGEST = 244  # type 1..244: text of so many bytes


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the rows begin and what they hold."""

    start: int
    rows: int
    names: tuple[str, ...]
    types: tuple[int, ...]
    order: str


def read(path: Path, columns: tuple[str, ...], where: str) -> pl.DataFrame:
    """Return a Stata file as a table, missing as null, with the number of the observation (first = 1) in column `row`.

    columns   names that must be there; others are kept
    Raises SourceError if the file cannot be read, ParseError if it is no such file, is cut short or lacks a column.
    """
    place = f"{where}: {path.name}"
    try:
        data = path.read_bytes()
    except OSError as broken:
        raise SourceError(f"cannot be read: {broken.strerror}", where=place, hint="fetch the file again") from None
    if not data:
        raise ParseError("the file is empty", where=place, hint="fetch the file again")
    try:
        layout = _layout(data, place)
    except (error, UnicodeDecodeError, IndexError):
        raise ParseError("the file ends within its header", where=place, hint="fetch the file again") from None
    absent = [name for name in columns if name not in layout.names]
    if absent:
        raise ParseError(f"columns {absent} are absent", where=place, hint=f"it has {', '.join(layout.names)}")
    kinds = [_kind(type, layout.order, place) for type in layout.types]
    table = np.dtype(list(zip(layout.names, kinds, strict=True)))
    if len(data) < layout.start + layout.rows * table.itemsize or not layout.rows:
        what = f"the header promises {layout.rows:,} rows of {table.itemsize} bytes, the file holds fewer"
        raise ParseError(what if layout.rows else "the file has no rows", where=place, hint="fetch the file again")
    cells = np.frombuffer(data, table, layout.rows, layout.start)
    found = [_column(name, cells[name], type) for name, type in zip(layout.names, layout.types, strict=True)]
    return pl.DataFrame(found).with_row_index("row", offset=1)


def _layout(data: bytes, where: str) -> _Layout:
    """Return the layout that the header states."""
    version, order = data[0], ORDERS.get(data[1])
    if version not in FORMATS or order is None:
        what = f"no Stata file of formats {min(FORMATS)} to {max(FORMATS)}: it begins with {data[:2].hex()}"
        raise ParseError(what, where=where, hint="save it as a Stata 12 file, or add the format to the reader")
    width, rows = unpack_from(f"{order}HI", data, 4)
    types = tuple(data[HEADER : HEADER + width])
    at = HEADER + width
    names = tuple(data[at + NAME * i : at + NAME * (i + 1)].split(b"\0")[0].decode("ascii") for i in range(width))
    at += width * NAME + 2 * (width + 1) + width * (FORMATS[version] + LABEL + VARIABLE)
    while True:  # notes and characteristics, up to an empty one
        kind, length = unpack_from(f"{order}BI", data, at)
        at += 5 + length
        if not kind:
            return _Layout(at, rows, names, types, order)


def _kind(type: int, order: str, where: str) -> str:
    """Return the NumPy type of a Stata type."""
    if 0 < type <= LONGEST:
        return f"S{type}"
    known = {**NUMBERS, **FLOATS}
    if type not in known:
        raise ParseError(f"unknown type {type} of a column", where=where, hint="a broken file: fetch it again")
    return f"{order}{known[type][0]}"


def _column(name: str, cells: np.ndarray, type: int) -> pl.Series:
    """Return one column; a float keeps the shortest decimal that it stands for, so that 2.79 stays 2.79."""
    if type <= LONGEST:
        return pl.Series(name, [cell.split(b"\0")[0].decode("latin-1") for cell in cells.tolist()], dtype=pl.String)
    if type in NUMBERS:
        found = [int(cell) if cell <= NUMBERS[type][1] else None for cell in cells]
        return pl.Series(name, found, dtype=pl.Int64)
    return pl.Series(name, [float(str(cell)) if cell < FLOATS[type][1] else None for cell in cells], dtype=pl.Float64)
