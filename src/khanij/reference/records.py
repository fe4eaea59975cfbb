"""Rows of reference tables as typed records: columns to fields of a dataclass, every fault told with its place."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, field, fields
from functools import cache
from importlib.resources import files
from math import isfinite, nan
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from khanij.core.errors import ParseError
from khanij.core.range import ENDS, Range

FOLDER = Path(str(files("khanij"))) / "reference"
CONFIDENCES = ("high", "medium", "low")
TRUE, FALSE = ("1", "yes"), ("0", "no", "")
Record = TypeVar("Record")
Among = Callable[[], Iterable[str]]
Made = Callable[[Mapping[str, str]], Any]


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of one reference table as text."""
    with (FOLDER / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def column(name: str = "", among: Among | None = None, made: Made | None = None) -> Any:
    """Return a field of a record that is read in a way of its own.

    name  the column, if it is not called like the field      among  the codes that may stand in it
    made  the value, made of the whole row
    """
    return field(metadata={"column": name, "among": among, "made": made})


def read(kind: type[Record], table: str) -> tuple[Record, ...]:
    """Return the rows of a table as records.

    kind   a dataclass: text, whole numbers, numbers (an empty cell is nan, or None where that is allowed), yes and no,
           tuples of text (parts joined by semicolons), and Range, whose cells are low, best, high, source, confidence
           and note
    Raises ParseError, with table, line and column, for an absent column, a cell that is not of the type of its field, a
    code that is not known, a range out of order or without a source.
    """
    return tuple(record(kind, row, f"{table}.csv line {line}") for line, row in enumerate(rows(table), 2))


def keyed(kind: type[Record], table: str, *names: str) -> dict[Any, Record]:
    """Return key -> record; raises ParseError as read() does, and where a key stands twice.

    names  fields that make the key: the value of one, the tuple of several
    """
    found: dict[Any, Record] = {}
    for line, row in enumerate(rows(table), 2):
        where = f"{table}.csv line {line}"
        one = record(kind, row, where)
        parts = tuple(getattr(one, name) for name in names)
        key = parts[0] if len(parts) == 1 else parts
        if key in found:
            raise ParseError(f"{' '.join(map(str, parts))!r} stands twice", where=where, hint="one row a key")
        found[key] = one
    return found


def record(kind: type[Record], row: Mapping[str, str], where: str) -> Record:
    """Return one row as a record; raises ParseError as read() does.

    where  the table and the line, for the errors
    """
    return kind(**{each.name: _cell(each, hint, row, where) for each, hint in _layout(kind)})


@cache
def _layout(kind: type) -> tuple[tuple[Field[Any], Any], ...]:
    """Return each field of a dataclass with its type."""
    hints = get_type_hints(kind)
    return tuple((each, hints[each.name]) for each in fields(kind))


def _cell(each: Field[Any], hint: Any, row: Mapping[str, str], where: str) -> Any:
    """Return the value of one field of a row."""
    made = each.metadata.get("made")
    if made is not None:
        try:
            return made(row)
        except ParseError as wrong:
            raise ParseError(wrong.what, where=where, hint=wrong.hint) from None
        except (ValueError, KeyError) as wrong:
            raise ParseError(f"{each.name}: {wrong}", where=where, hint="correct the row") from None
    if hint is Range:
        return sourced_range(row, where)
    name = each.metadata.get("column") or each.name
    text = row.get(name)
    if text is None:
        raise ParseError(f"no column {name!r}", where=where, hint=f"it has {', '.join(filter(None, row))}")
    value = _value(hint, text, name, where)
    among = each.metadata.get("among")
    if among is not None:
        allowed = tuple(among())
        for code in value if isinstance(value, tuple) else (value,):
            if code not in allowed:
                what = f"unknown {name} {code!r}"
                raise ParseError(what, where=f"{where}, column {name}", hint=f"one of {', '.join(allowed[:9])}")
    return value


def _value(hint: Any, text: str, name: str, where: str) -> Any:
    """Return a cell as the type of its field."""
    if hint is str:
        return text
    if get_origin(hint) is tuple:
        return tuple(part.strip() for part in text.split(";") if part.strip())
    if get_origin(hint) is UnionType:
        if text == "":
            return None
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint is float and text == "":
        return nan
    if hint is bool and text in TRUE + FALSE:
        return text in TRUE
    try:
        if hint in (int, float):
            return hint(text)
    except ValueError:
        pass
    what = {int: "whole number", float: "number", bool: "yes or no"}.get(hint, str(hint))
    raise ParseError(f"{text!r} is no {what}", where=f"{where}, column {name}", hint="correct the cell")


def sourced_range(row: Mapping[str, str], where: str) -> Range:
    """Return the range of a row; raises ParseError if it is out of order, below 0, or without source or confidence."""
    try:
        low, best, high = (float(row[name]) for name in ENDS)
    except ValueError:
        raise ParseError(f"not a figure: {dict(row)}", where=where, hint="low, best and high are all needed") from None
    if not (0 <= low <= best <= high and isfinite(high)):
        raise ParseError(f"a range out of order: {dict(row)}", where=where, hint="0 <= low <= best <= high")
    sourced(row, where)
    return Range(low, best, high, row["source"], row["confidence"], row.get("note", ""))


def sourced(row: Mapping[str, str], where: str) -> None:
    """Raise ParseError for a row without source, or of unknown confidence."""
    if not row["source"] or row["confidence"] not in CONFIDENCES:
        what = f"a row without source or confidence: {dict(row)}"
        raise ParseError(what, where=where, hint=f"an id of bibliography.csv; one of {', '.join(CONFIDENCES)}")
