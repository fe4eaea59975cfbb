"""What the model assumes: one table, each row a range with a reason, and each row open to a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from math import isfinite
from types import MappingProxyType

from khanij import reference
from khanij.core.case import Case
from khanij.core.errors import StudyError
from khanij.core.range import ENDS, Range

TABLE = "assumptions.csv"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One row of assumptions.csv.

    range        what is plausible, with its source or "ours" and its confidence
    least, most  what is possible at all; a request beyond them is refused
    used         modules that read it, relative to the package
    tornado      whether a sensitivity run moves it to its ends
    """

    id: str
    meaning: str
    range: Range
    unit: str
    least: float
    most: float
    used: tuple[str, ...]
    tornado: bool


@cache
def assumptions() -> Mapping[str, Assumption]:
    """Return every assumption by id; raises StudyError on a row that contradicts itself or stands twice."""
    found = {}
    for row in reference.rows(TABLE.removesuffix(".csv")):
        low, best, high, least, most = (float(row[name]) for name in (*ENDS, "least", "most"))
        if not least <= low <= best <= high <= most:
            raise StudyError(f"{row['id']}: least <= low <= best <= high <= most does not hold", where=TABLE)
        if row["id"] in found:
            raise StudyError(f"{row['id']} stands twice", where=TABLE)
        span = Range(low, best, high, row["source"], row["confidence"], row["note"])
        used = tuple(row["used"].split())
        found[row["id"]] = Assumption(
            row["id"], row["meaning"], span, row["unit"], least, most, used, row["tornado"] == "yes"
        )
    return MappingProxyType(found)


def assumption(id: str) -> Assumption:
    """Return one assumption; raises StudyError with the nearest names for an unknown one."""
    table = assumptions()
    if id not in table:
        near = get_close_matches(id, table, 3, 0.5)
        raise StudyError(f"no assumption {id!r}", where="--assume", hint=f"such as {', '.join(near or sorted(table))}")
    return table[id]


def assumed(id: str, case: Case | None = None, end: str = "best") -> float:
    """Return the value of an assumption: what the Case was asked with, else the given end of its range.

    id    a row of assumptions.csv      case  whose `assumptions` win; None = nobody asked otherwise
    end   low, best or high
    """
    row = assumption(id)
    if case is not None and id in case.assumptions:
        return case.assumptions[id]
    return row.range.at(end)


def assumed_range(id: str, case: Case | None = None) -> Range:
    """Return low, best and high of an assumption; a value that was asked for is all three."""
    row = assumption(id)
    if case is not None and id in case.assumptions:
        value = case.assumptions[id]
        return replace(row.range, low=value, best=value, high=value, source="user", confidence="", note="as asked")
    return row.range


def read(texts: Iterable[str]) -> dict[str, float]:
    """Return id -> value of texts such as "offtake=0.2"; raises StudyError on what is no assumption or not possible."""
    found: dict[str, float] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        row = assumption(name) if sign else None
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if row is None or not isfinite(number):
            raise StudyError(f"{text!r} is no assumption", where="--assume", hint="ID=NUMBER such as offtake=0.2")
        if name in found:
            raise StudyError(f"{name} is given twice", where="--assume", hint="once each")
        found[name] = checked(row, number)
    return found


def checked(row: Assumption, value: float) -> float:
    """Return the value; raises StudyError where it is not possible."""
    if not row.least <= value <= row.most:
        what = f"{row.id} = {value:g} is not possible"
        raise StudyError(what, where="--assume", hint=f"{row.least:g} to {row.most:g} {row.unit}: {row.meaning}")
    return value


def with_assumptions(case: Case, values: Mapping[str, float]) -> Case:
    """Return the Case asked with other values; its notes say which.

    values  id -> value, in the unit of the row
    """
    if not values:
        return case
    for id, value in values.items():
        checked(assumption(id), value)
    said = tuple(f"assumed: {id} = {value:g} in place of {assumption(id).range.best:g}" for id, value in values.items())
    merged = MappingProxyType({**case.assumptions, **values})
    return replace(case, assumptions=merged, notes=(*case.notes, *said))
