"""What lies under a number: breaks of its series, the fact rows, the reference rows they went through, and the sources.

Facts lie under a Case that was made of them. One that was made by hand, or changed, has a manifest of "": its numbers
are its own, and no row of the store is shown as if it stood behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from khanij.analyses.inputs import cases
from khanij.core.case import Case
from khanij.core.table import Table
from khanij.data.lookup import breaks as kinds
from khanij.data.lookup import catalogue, citations, lineage
from khanij.data.lookup.breaks import Break
from khanij.data.lookup.lineage import FLOWS, WITHOUT, Cell

__all__ = ["FLOWS", "WITHOUT", "Break", "Cell", "breaks", "building_notes", "facts", "reference_rows", "sources"]


def breaks(case: Case, quantities: Iterable[str], years: Iterable[int]) -> tuple[Break, ...]:
    """Return where the series of some quantities change in kind; see data.lookup.breaks."""
    return kinds.breaks(case, quantities, years) if case.manifest else ()


def facts(case: Case, quantity: str, cell: Cell) -> Table:
    """Return the facts behind the cells of one quantity; see data.lookup.lineage.follow."""
    return lineage.follow(case, quantity, cell)


def building_notes(case: Case, quantities: Iterable[str], materials: Sequence[str]) -> tuple[str, ...]:
    """Return what was decided while the cubes of a few materials were built, or those of the Case itself."""
    few = case
    if case.manifest:
        foci, years = case.axis("focus").codes, tuple(map(int, case.axis("year").codes))
        few = cases.case(foci, years if len(years) > 1 else years[0], materials)
    return tuple(dict.fromkeys(note for q in quantities if q in few.cubes for note in few.cube(q).notes))


def reference_rows(
    case: Case, quantities: Iterable[str], cell: Cell, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the reference-table rows that the facts of a cell went through, each with the work that it cites."""
    return list(citations.rows_behind(case, quantities, cell, rows).rows())


def sources(keys: Iterable[str]) -> list[dict[str, Any]]:
    """Return the records of sources, "source@edition" each."""
    return list(catalogue.citations(tuple(keys)).rows())
