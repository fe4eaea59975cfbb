"""Small CSV files of publishers, read row by row together with the line on which each row begins."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from khanij.core.errors import ParseError, SourceError


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a CSV file: the line it begins on (1 = first line of the file) and its cells by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text of one cell, without blanks around it and with inner line breaks as single blanks."""
        return " ".join(self.cells[column].split())


def read_rows(path: Path, columns: Sequence[str], where: str, encoding: str = "utf-8") -> list[Row]:
    """Return the records of a CSV file with a header.

    path      the publisher's file
    columns   columns that must be there
    where     edition, for messages
    encoding  text encoding of the file
    Raises SourceError if the file cannot be read as text or holds no row, ParseError if a column is absent or a record
    has another number of cells than the header (a truncated file).
    """
    place = f"{where}: {path.name}"
    try:
        with path.open(encoding=encoding, newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            lost = [name for name in columns if name not in header]
            if lost:
                raise ParseError(f"no column {', '.join(lost)}", where=place, hint=f"the file has {', '.join(header)}")
            found, line = [], reader.line_num + 1
            for cells in reader:
                if len(cells) != len(header):
                    what = f"line {line} has {len(cells)} cells, the header {len(header)}"
                    raise ParseError(what, where=place, hint="a truncated file, or a comma without quotes")
                found.append(Row(line, dict(zip(header, cells, strict=True))))
                line = reader.line_num + 1
    except (OSError, UnicodeDecodeError, csv.Error) as broken:
        raise SourceError(
            f"cannot be read: {broken}", where=place, hint="a broken download: fetch the file again"
        ) from None
    if not found:
        raise SourceError("no rows", where=place, hint="an empty or truncated file: fetch it again")
    return found


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of one of our own small tables (a source's rules and aliases)."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
