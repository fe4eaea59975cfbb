"""From the cells of a Case back to the fact rows that its builder chose: what was published, by whom, on which row."""

from __future__ import annotations

import polars as pl

from khanij.core.case import Case
from khanij.core.table import Table
from khanij.data.cubes.build import BUILDERS
from khanij.data.cubes.evidence import Cell, narrowed
from khanij.data.cubes.trade.flows import FLOWS

__all__ = ["FLOWS", "SHOWN", "WITHOUT", "Cell", "follow", "narrowed"]

SHOWN = (
    *("quantity", "material", "stage", "country", "partner", "item", "year", "month", "value", "low", "high", "unit"),
    *("basis", "factor", "entered", "status", "confidence", "source", "edition", "row", "note"),
)
WITHOUT = {name: builder.lineage for name, builder in BUILDERS.items() if isinstance(builder.lineage, str)}
"""Cubes behind which no fact stands -> where they come from."""


def follow(case: Case, quantity: str, cell: Cell) -> Table:
    """Return the facts behind the cells of one quantity of a Case, one row a fact, as its builder tells them.

    value     as published, in the publisher's unit as the store keeps it
    factor    what it was multiplied by (content of a trade code, ore, density)
    entered   what of it is in the cube, in the cube's unit; facts of one cell add up to the cell
    Quantities that are no facts (coverage, membership) have no rows and a note that says where they come from; a cube
    that a user has added has neither.
    """
    lineage = BUILDERS[quantity].lineage if quantity in BUILDERS else ""
    if isinstance(lineage, str):
        notes = (f"{quantity}: {lineage}",) if lineage else ()
        return Table.by_column(quantity, {name: () for name in SHOWN}, notes=notes)
    frame = lineage(case, cell).with_columns(quantity=pl.lit(quantity))
    if cell.stages is not None:
        frame = frame.filter(pl.col("stage").is_in(list(cell.stages)) | pl.col("stage").is_null())
    ties = [pl.col(name) for name in SHOWN]  # equal flows come from a threaded join in another order each time
    down = [True, *(False for _ in ties)]
    frame = frame.sort(pl.col("entered").abs(), *ties, descending=down, nulls_last=True)
    return Table.by_column(quantity, {name: frame[name].to_list() for name in SHOWN})
