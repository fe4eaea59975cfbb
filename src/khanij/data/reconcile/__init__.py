"""Checks of the store against itself: totals, publishers, code editions, balances, coverage; no gap is hidden."""

from __future__ import annotations

from pathlib import Path

from khanij.core.table import Table
from khanij.data.reconcile import balances, coverage, editions, sources, units, world


def report(raw: Path | None = None) -> list[Table]:
    """Return every check as a table; unexplained gaps stand first in each.

    raw   folder of publishers' files; if given, also whether they are the recorded ones
    """
    tables = [
        *world.tables(),
        *sources.tables(),
        *editions.tables(),
        *balances.tables(),
        *units.tables(),
        *coverage.tables(),
    ]
    if raw is not None:
        tables.append(coverage.files(raw))
    return tables
