"""The one table: typed columns with a key each, cells that may be Numbers. It has no operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from khanij.core.errors import AlignmentError
from khanij.core.number import Cell, Link, Mark, Number, Trend

KINDS = ("text", "year", "number", "share", "trend", "mark", "flag")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what code calls it, what people read, and what it means.

    key      for look-ups and for data; never a heading
    name     for people
    kind     text, year, number, share (1 = all, told as per cent), trend, mark, flag (yes or no)
    meaning  in one sentence
    unit     of every number in it; "" where the numbers say it themselves, or have none
    main     a column that a narrow terminal keeps
    """

    key: str
    name: str
    kind: str = "number"
    meaning: str = ""
    unit: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What a person reads: columns, cells, and what must be said beside them.

    key      anchor, sheet and file name; unique in an answer      title  what a person reads above it
    cells    one tuple a row, as long as `columns`; None = not known, "" among numbers = there is none
    notes    sentences that belong under the table
    long     true where a reader will want to filter it

    >>> Table.of("Output", [{"country": "IND", "output": 2.0}], units={"output": "t"}).unit("output")
    't'
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    long: bool = False

    def __post_init__(self) -> None:
        """Check that rows fit columns and that every Number that is known says where it comes from."""
        where = f"table {self.key!r}"
        if len(set(self.keys)) < len(self.keys):
            raise AlignmentError(f"two columns of one key among {', '.join(self.keys)}", where=where)
        for column in self.columns:
            if column.kind not in KINDS:
                raise AlignmentError(f"column {column.key!r} has unknown kind {column.kind!r}", where=where)
        for row in self.cells:
            if len(row) != len(self.columns):
                raise AlignmentError(f"a row has {len(row)} cells for {len(self.columns)} columns", where=where)
            for column, cell in zip(self.columns, row, strict=True):
                known = isinstance(cell, Number) and cell.value is not None
                drawn = isinstance(cell, Trend) and any(v is not None for v in cell.values)
                if (known or drawn) and not cell.sources:  # type: ignore[union-attr]
                    raise AlignmentError(f"a number without a source in column {column.key!r}", where=where)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.cells)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one mapping a row: key -> cell."""
        for row in self.cells:
            yield dict(zip(self.keys, row, strict=True))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the columns."""
        return tuple(column.key for column in self.columns)

    def column(self, key: str) -> tuple[Any, ...]:
        """Return the cells of one column; raises AlignmentError for a key that the table has not."""
        if key not in self.keys:
            hint = f"it has {', '.join(self.keys)}"
            raise AlignmentError(f"no column {key!r}", where=f"table {self.key!r}", hint=hint)
        at = self.keys.index(key)
        return tuple(row[at] for row in self.cells)

    def unit(self, key: str) -> str:
        """Return the unit of the column of a key, "" where it has none or there is no such column."""
        return next((column.unit for column in self.columns if column.key == key), "")

    def numbers(self) -> Iterator[Number]:
        """Yield every Number."""
        for row in self.cells:
            yield from (cell for cell in row if isinstance(cell, Number))

    def cited(self) -> Iterator[str]:
        """Yield the ids of the sources of every cell."""
        for row in self.cells:
            for cell in row:
                if isinstance(cell, Number | Trend | Mark):
                    yield from cell.sources

    def plain(self) -> Table:
        """Return the table as data: a Number becomes value, label, unit, low, high, confidence, note, how, sources."""
        columns: list[Column] = []
        values: list[Sequence[Any]] = []
        for column, cells in zip(self.columns, self._by_column(), strict=True):
            more: dict[str, list[Any]] = {}
            if any(isinstance(cell, Number) for cell in cells):
                more = _companions(column.key, cells)
            elif column.kind == "trend":
                more = _yearly(column.key, cells)
            kind = "text" if column.kind in ("mark", "trend") else column.kind
            columns += [replace(column, kind="number" if column.kind == "trend" else kind)]
            columns += [Column(key, key, "text", f"of {column.name}") for key in more]
            values += [[_plain(cell, column.kind != "text") for cell in cells], *more.values()]
        cells_of = tuple(zip(*values, strict=True)) if values else ()
        return replace(self, columns=tuple(columns), cells=cells_of)

    def _by_column(self) -> list[tuple[Cell, ...]]:
        """Return the cells column by column."""
        return [tuple(row[k] for row in self.cells) for k in range(len(self.columns))]

    @classmethod
    def of(
        cls,
        title: str,
        rows: Iterable[Mapping[str, Any]],
        *,
        key: str = "",
        columns: Sequence[Column] = (),
        units: Mapping[str, str] | None = None,
        notes: Iterable[str] = (),
    ) -> Table:
        """Return the table of these rows under a title; key, notes as of the class.

        rows     key -> cell; each has every key
        columns  what the keys mean, in order; taken from the first row's keys where none are given
        units    key -> unit, where a column's own is not the one
        """
        listed = list(rows)
        told = tuple(columns) or tuple(
            Column(name, name, _kind(name, listed)) for name in (listed[0] if listed else ())
        )
        named = units or {}
        told = tuple(replace(column, unit=named.get(column.key, column.unit)) for column in told)
        cells = tuple(tuple(row[column.key] for column in told) for row in listed)
        return cls(key or title, title, told, cells, tuple(notes))

    @classmethod
    def by_column(cls, title: str, values: Mapping[str, Sequence[Any]], **more: Any) -> Table:
        """Return the table of these columns under a title.

        values  key -> cells of equal length      more  key, columns, units, notes as of `of`
        """
        if len({len(cells) for cells in values.values()}) > 1:
            sizes = {key: len(cells) for key, cells in values.items()}
            raise AlignmentError(f"columns of unequal length: {sizes}", where=f"table {title!r}")
        rows = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
        if not rows:
            more["columns"] = more.get("columns") or tuple(Column(key, key, "text") for key in values)
        return cls.of(title, rows, **more)


def _kind(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the kind of a column whose rows alone are known."""
    if name == "year" or name.endswith("_year"):
        return "year"
    known = [row[name] for row in rows if row[name] is not None]
    return "number" if known and all(isinstance(v, int | float | Number) for v in known) else "text"


def _plain(cell: Cell, blank: bool = False) -> Any:
    """Return a cell as data: the value of a number, the last of a line, yes or no of a mark, the address of a link.

    blank  an empty text is no value: of a column of numbers that has none here
    """
    if blank and cell == "":
        return None
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
