"""What the columns of all tables are: one row a key, so that one key means one thing everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from khanij import reference
from khanij.core.errors import CoverageError
from khanij.core.table import Column, Table


@cache
def columns() -> Mapping[str, Column]:
    """Return every column by key, as columns.csv has it."""
    rows = reference.rows("columns")
    made = [Column(r["key"], r["name"], r["kind"], r["meaning"], r["unit"], r["main"] == "yes") for r in rows]
    found = {column.key: column for column in made}
    if len(found) < len(made):
        keys = [column.key for column in made]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise CoverageError(
            f"columns that stand twice: {', '.join(twice)}", where="columns.csv", hint="one key, one row"
        )
    return MappingProxyType(found)


def column(key: str, **other: Any) -> Column:
    """Return one column, with another name, unit or meaning if given; raises CoverageError for an unknown key."""
    if key not in columns():
        raise CoverageError(f"no column {key!r}", where="columns.csv", hint="add a row: key, name, kind, unit, meaning")
    return replace(columns()[key], **other)


def table(
    key: str,
    title: str,
    rows: Iterable[Mapping[str, Any]],
    keys: Sequence[str] = (),
    *,
    units: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
    more: Sequence[Column] = (),
    main: Iterable[str] | None = None,
) -> Table:
    """Return a table whose columns are those of columns.csv.

    key    of the table        rows  key -> cell
    keys   of the columns in order; the first row's where none are given (a table that may be empty gives them)
    units  key -> unit, where it is not the one of columns.csv (money of a currency)
    more   columns whose key hangs on the question (a year, an input), besides those of columns.csv
    main   keys that a narrow terminal keeps in this table; those of columns.csv if None
    Raises CoverageError for a key that columns.csv has not.
    """
    listed, own = list(rows), {column.key: column for column in more}
    wanted = keys or tuple(listed[0] if listed else ())
    told = [own[name] if name in own else column(name) for name in wanted]
    if main is not None:
        kept = set(main)
        told = [replace(one, main=one.key in kept) for one in told]
    return Table.of(title, listed, key=key, columns=told, units=units, notes=notes)


def ids(*keys: str) -> tuple[Column, ...]:
    """Return columns of ids beside a name for people: no narrow terminal keeps them, and pages leave them out."""
    return tuple(column(key, name=f"{column(key).name} id", main=False) for key in keys)
