"""A frozen table: named columns of equal length, ready to be drawn. It has no operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from khanij.core.errors import AlignmentError
from khanij.core.number import Cell, Link, Mark, Number, Trend


@dataclass(frozen=True, slots=True)
class Table:
    """What a person reads: a title, columns, and what must be said beside them.

    columns  name -> values; None = missing
    units    name -> unit of a numeric column, where it is the same for every row
    notes    sentences that belong under the table
    """

    title: str
    columns: Mapping[str, Sequence[Any]]
    units: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check lengths and freeze."""
        if len({len(column) for column in self.columns.values()}) > 1:
            sizes = {name: len(column) for name, column in self.columns.items()}
            raise AlignmentError(f"columns of unequal length: {sizes}", where=f"table {self.title!r}")
        frozen = {name: tuple(column) for name, column in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(frozen))
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one mapping a row."""
        names = tuple(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    @classmethod
    def of(cls, title: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> Table:
        """Return the table of these rows; the first row names the columns."""
        names = tuple(rows[0]) if rows else ()
        return cls(title, {name: [row[name] for row in rows] for name in names}, **more)


KINDS = ("text", "year", "number", "trend", "mark")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid: key (for data), name (for people), kind, and what it means."""

    key: str
    name: str
    kind: str = "number"
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose every number carries its source, range, confidence and note.

    id       anchor and sheet name, unique in a brief
    rows     one tuple of cells a row, as long as `columns`
    notes    sentences below the table
    long     true where a reader will want to filter it
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    long: bool = False

    def __post_init__(self) -> None:
        """Check that rows fit columns and that every number that is known says where it comes from."""
        for column in self.columns:
            if column.kind not in KINDS:
                raise AlignmentError(
                    f"column {column.key!r} has unknown kind {column.kind!r}", where=f"grid {self.id!r}"
                )
        for row in self.rows:
            if len(row) != len(self.columns):
                raise AlignmentError(
                    f"a row has {len(row)} cells, the grid {len(self.columns)} columns", where=f"grid {self.id!r}"
                )
            for column, cell in zip(self.columns, row, strict=True):
                known = isinstance(cell, Number) and cell.value is not None
                drawn = isinstance(cell, Trend) and any(v is not None for v in cell.values)
                if (known or drawn) and not cell.sources:  # type: ignore[union-attr]
                    raise AlignmentError(
                        f"a number without a source in column {column.key!r}", where=f"grid {self.id!r}"
                    )

    def numbers(self) -> Iterator[Number]:
        """Yield every number of the grid."""
        for row in self.rows:
            yield from (cell for cell in row if isinstance(cell, Number))

    def cited(self) -> Iterator[str]:
        """Yield the ids of the sources of every cell."""
        for row in self.rows:
            for cell in row:
                if isinstance(cell, Number | Trend | Mark):
                    yield from cell.sources

    def table(self) -> Table:
        """Return plain columns: a number becomes value, label, unit, low, high, confidence, note, how and sources."""
        columns: dict[str, list[Any]] = {}
        for k, column in enumerate(self.columns):
            cells = [row[k] for row in self.rows]
            columns[column.key] = [_plain(cell) for cell in cells]
            if column.kind == "number":
                columns |= _companions(column.key, cells)
            if column.kind == "trend":
                columns |= _yearly(column.key, cells)
        return Table(self.title, columns, notes=self.notes)


def _plain(cell: Cell) -> str | float | None:
    """Return a cell as data: the value of a number, the last of a line, yes or no of a mark, the address of a link."""
    if isinstance(cell, Number):
        return cell.value
    if isinstance(cell, Trend):
        return cell.values[-1] if cell.values else None
    if isinstance(cell, Mark):
        return cell.text or {True: "yes", False: "no", None: None}[cell.state]
    return cell.url if isinstance(cell, Link) else cell


def _yearly(key: str, cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """Return one column a year of the lines, their units, breaks and sources."""
    lines = [cell if isinstance(cell, Trend) else None for cell in cells]
    years = sorted({year for line in lines if line for year in line.years})
    found: dict[str, list[Any]] = {
        f"{key}_{year}": [dict(zip(n.years, n.values, strict=True)).get(year) if n else None for n in lines]
        for year in years
    }
    found[f"{key}_unit"] = [n.unit if n else None for n in lines]
    found[f"{key}_breaks"] = ["; ".join(f"{y}: {t}" for y, t in n.breaks) or None if n else None for n in lines]
    found[f"{key}_sources"] = ["; ".join(n.sources) or None if n else None for n in lines]
    return found


def _companions(key: str, cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """Return what belongs to a column of numbers, leaving out companions that no cell has."""
    numbers = [cell if isinstance(cell, Number) else None for cell in cells]
    found: dict[str, list[Any]] = {
        f"{key}_label": [(n and n.label) or None for n in numbers],
        f"{key}_unit": [(n and n.unit) or None for n in numbers],
        f"{key}_low": [n.low if n else None for n in numbers],
        f"{key}_high": [n.high if n else None for n in numbers],
        f"{key}_confidence": [n.confidence if n and n.value is not None else None for n in numbers],
        f"{key}_note": [(n and n.note) or None for n in numbers],
        f"{key}_how": [(n and n.how) or None for n in numbers],
        f"{key}_sources": ["; ".join(n.sources) or None if n else None for n in numbers],
    }
    needed = (f"{key}_unit", f"{key}_sources")
    return {name: column for name, column in found.items() if name in needed or any(v is not None for v in column)}
