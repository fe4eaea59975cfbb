"""Publishers' CSV and workbook files as text or cells with line numbers; every defect is a KhanijError."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from khanij.core.axis import sample
from khanij.core.errors import ParseError, SourceError


def read_text(path: Path, columns: Iterable[str], where: str) -> pl.DataFrame:
    """Return a CSV file with every cell as text ("" if empty) and its line number in column `row` (header = line 1).

    columns   names that must be there; others are kept
    Raises SourceError if the file cannot be read, ParseError if it is empty or lacks a column.
    """
    place = f"{where}: {path.name}"
    try:
        frame = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except pl.exceptions.NoDataError:
        raise ParseError("the file is empty", where=place, hint="fetch the file again") from None
    except (pl.exceptions.PolarsError, OSError) as broken:
        what = f"cannot be read: {str(broken).splitlines()[0]}"
        raise SourceError(what, where=place, hint="fetch the file again") from None
    absent = [name for name in columns if name not in frame.columns]
    if absent or frame.is_empty():
        what = f"columns {absent} are absent" if absent else "the table has no rows"
        raise ParseError(what, where=place, hint=f"expected {', '.join(columns)}")
    return frame.fill_null("").with_row_index("row", offset=2)


def read_sheet(path: Path, sheet: str, where: str) -> list[list[Any]]:
    """Return the cells of a worksheet, row by row from its first line (numbers as float, empty as "").

    Raises SourceError if the workbook cannot be read, ParseError if the sheet is absent or empty.
    """
    place = f"{where}: {path.name}"
    try:
        book = python_calamine.load_workbook(path)
        names = book.sheet_names
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) if sheet in names else None
    except (python_calamine.CalamineError, OSError) as broken:
        what = f"cannot be read: {str(broken).splitlines()[0]}"
        raise SourceError(what, where=place, hint="fetch the file again") from None
    if cells is None:
        raise ParseError(f"no sheet {sheet!r}", where=place, hint=f"it has {', '.join(names)}")
    if not cells:
        raise ParseError(f"sheet {sheet!r} is empty", where=place, hint="fetch the file again")
    return cells


def numbers(texts: pl.Series, missing: Iterable[str], where: str) -> pl.Series:
    """Return texts as float64, null for the publisher's marks of a missing figure.

    missing   marks such as "", "..", "nan"
    Raises ParseError that shows texts which are neither a figure nor a known mark.
    """
    known = texts.is_in(list(missing))
    found = texts.set(known, None).cast(pl.Float64, strict=False)
    wrong = texts.filter(~known & texts.is_not_null() & ~found.is_finite().fill_null(False))
    if len(wrong):
        what = f"column {texts.name}: not a figure: {sample(map(repr, wrong.unique(maintain_order=True)))}"
        raise ParseError(what, where=where, hint="a new mark of the publisher: say in the parser what it means")
    return found
