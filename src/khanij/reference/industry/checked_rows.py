"""Rows of reference tables, checked: ranges, codes, sources; an error names file and line and says what to write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf, isfinite
from typing import TypeVar

from khanij import reference
from khanij.core.errors import ParseError
from khanij.core.range import Range

ALL, WORLD, REST = "*", "WLD", "ROW"  # everywhere; the whole world; what a source leaves to all others
CONFIDENCES = ("high", "medium", "low")
KINDS = ("read", "second-hand", "recalled")
Row = TypeVar("Row")


def wrong(what: str, where: str, hint: str) -> ParseError:
    """Return the error of a row: what is wrong, file and line, what to write."""
    return ParseError(what, where=where, hint=hint)


def read_number(text: str, where: str, least: float = 0.0) -> float | None:
    """Return a cell as a number, None if it is empty; raises ParseError below the least."""
    try:
        found = float(text) if text else None
    except ValueError:
        raise wrong(f"{text!r} is not a number", where, "a figure, or an empty cell where it is unknown") from None
    if found is not None and not (isfinite(found) and found >= least):
        raise wrong(f"{text!r} is not a figure of {least:g} or more", where, "what is known, or an empty cell")
    return found


def read_interval(row: dict[str, str], name: str, where: str, most: float = inf, least: float = 0.0) -> Range | None:
    """Return low, best and high of a row (columns "name_low" ...), None if all are empty; raises ParseError."""
    low, best, high = (
        read_number(row[f"{name}_{end}" if name else end], where, least) for end in ("low", "best", "high")
    )
    if low is None and best is None and high is None:
        return None
    if low is None or best is None or high is None or not low <= best <= high <= most:
        hint = f"low <= best <= high{f' <= {most:g}' if isfinite(most) else ''}, all three or none"
        raise wrong(f"{name or 'range'} {low}, {best}, {high} is out of order", where, hint)
    return Range(low, best, high)


def check_code(row: dict[str, str], column: str, allowed: Iterable[str], where: str) -> str:
    """Return a cell that must be of a vocabulary; raises ParseError."""
    allowed = tuple(allowed)
    if row[column] not in allowed:
        raise wrong(f"unknown {column} {row[column]!r}", where, f"one of {', '.join(allowed[:9])}")
    return row[column]


def read_source(row: dict[str, str], where: str) -> dict[str, str]:
    """Return source, kind, confidence and note; what was not read is of low confidence."""
    check_code(row, "confidence", CONFIDENCES, where)
    check_code(row, "kind", KINDS, where)
    unknown = [id for id in row["source"].split(";") if id not in reference.bibliography()]
    if unknown:
        raise wrong(f"unknown source {', '.join(unknown)!r}", where, "add it to bibliography.csv")
    if row["kind"] != "read" and row["confidence"] != "low":
        raise wrong(f"{row['kind']} and yet of {row['confidence']} confidence", where, "low, with a range")
    return {name: row[name] for name in ("source", "kind", "confidence", "note")}


def read_good(row: dict[str, str], where: str) -> tuple[str, str]:
    """Return material and stage of a row; raises ParseError if stages.csv does not have the pair."""
    pair = row["material"], row["stage"]
    if pair not in reference.stage_names():
        raise wrong(f"unknown good {':'.join(pair)}", where, "add it to stages.csv, or correct the name")
    return pair


def read_place(row: dict[str, str], where: str, *more: str) -> str:
    """Return the place of a row: a country, a group or one of the codes given."""
    return check_code(row, "place", (*more, *reference.groups(), *reference.countries()), where)


def read_table(name: str, parse: Callable[[dict[str, str], str], Row], key: Callable[[Row], object]) -> tuple[Row, ...]:
    """Return the rows of a table, each parsed, none twice; raises ParseError that names file and line."""
    found: dict[object, Row] = {}
    for line, row in enumerate(reference.rows(name), 2):
        where = f"{name}.csv line {line}"
        item = parse(row, where)
        if key(item) in found:
            raise wrong(f"{key(item)} stands twice", where, "one row a key: keep one of the two")
        found[key(item)] = item
    return tuple(found.values())
