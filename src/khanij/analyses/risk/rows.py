"""What the tables of a risk share: how one is made, and how a number is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from khanij.analyses.risk.numbers import RiskNumbers
from khanij.core.table import Table
from khanij.reference import columns

SEE = "goods in the table not_priced"
NOTHING = 1e-9  # of a million USD: less than a cent


def table(
    key: str,
    title: str,
    rows: Iterable[dict[str, Any]],
    keys: Sequence[str],
    notes: Iterable[str] = (),
    ids: tuple[str, ...] = (),
    side: tuple[str, ...] = (),
) -> Table:
    """Return a table; neither its ids nor the columns in `side` are kept by a narrow terminal."""
    more = (*columns.ids(*ids), *(columns.column(name, main=False) for name in side))
    return columns.table(key, title, rows, keys, notes=tuple(dict.fromkeys(notes)), more=more)


def some(value: float, scale: float = 1.0) -> float | None:
    """Return a number, None where there is none; what rounding leaves of sums that cancel is 0."""
    return (0.0 if abs(value) < NOTHING * scale else float(value) / scale) if isfinite(value) else None


def without(found: RiskNumbers) -> tuple[str, ...]:
    """Return what a loss leaves out where goods are not priced."""
    return (f"without what is not priced of {SEE}",) if found.unknown else ()
