"""What a Case asks for: its axes, its foci, and which source goes before which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.data.facts import store

# order of preference where several sources give the same quantity; sources not named come last, by name
PREFERRED: dict[str, tuple[str, ...]] = {
    "production": ("world-mining-data", "usgs-mcs", "iea-critical-minerals"),
    "trade": ("baci-hs92", "baci-hs17", "baci-value-series", "baci-hs22"),
    "price": ("pinksheet", "usgs-prices", "usgs-mcs"),
    "reserves": ("usgs-mcs",),
    "recycling_input_rate": ("eu-crm", "published-tables", "geopolrisk-inputs"),  # the study before its restatement
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Axes of a Case and the order of its sources."""

    axes: Mapping[str, Axis]
    preferred: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: PREFERRED)

    @property
    def years(self) -> list[int]:
        """Return the years as numbers."""
        return [int(code) for code in self.axes["year"].codes]

    @property
    def materials(self) -> list[str]:
        """Return the material ids."""
        return list(self.axes["material"].codes)

    def rank(self, quantity: str) -> dict[str, int]:
        """Return source -> rank (0 first) among the sources in the store that provide the quantity."""
        order = self.preferred.get(quantity, ())
        others = [id for id in store.manifest()["sources"] if id not in order]
        return {id: at for at, id in enumerate((*order, *others))}

    def scan(self, quantity: str) -> pl.LazyFrame:
        """Return the annual facts of a quantity for the selected materials and years, from every source that has it."""
        sources = store.providers(quantity)
        if not sources:
            return pl.LazyFrame(schema=dict(facts_schema()))
        return store.scan(*sources).filter(
            pl.col("quantity") == quantity,
            pl.col("month").is_null(),
            pl.col("year").is_in(self.years),
            pl.col("material").is_in(self.materials),
        )

    def positions(self, frame: pl.DataFrame, **columns: str) -> NDArray[np.intp]:
        """Return (k, rows) positions of the frame's columns on this selection's axes, `column=axis` in order."""
        out = []
        for column, axis in columns.items():
            codes = self.axes[axis].codes
            table = pl.Series(codes, dtype=pl.String)
            ids = frame[column].cast(pl.String).replace_strict(table, pl.Series(range(len(codes)), dtype=pl.Int64))
            out.append(ids.to_numpy())
        return np.stack(out).astype(np.intp) if out else np.empty((0, frame.height), dtype=np.intp)

    def dense(self, quantity: str, unit: str, frame: pl.DataFrame, *axes: str, value: str = "value") -> Cube:
        """Return a dense cube of a frame with one row a cell and columns named like the axes, `value` and `key`."""
        shape = tuple(len(self.axes[axis]) for axis in axes)
        values, origin = np.full(shape, np.nan), np.full(shape, -1, dtype=np.int16)
        sources = tuple(frame["key"].unique().sort().to_list()) if "key" in frame.columns else ()
        at = tuple(self.positions(frame, **{axis: axis for axis in axes}))
        values[at] = frame[value].to_numpy()
        if sources:
            origin[at] = frame["key"].replace_strict(sources, range(len(sources))).to_numpy()
        named = tuple(self.axes[axis] for axis in axes)
        return Cube(quantity, unit, named, values, sources=sources, origin=origin if sources else None)


def facts_schema() -> dict[str, type[pl.DataType]]:
    """Return the schema of facts (imported late: facts checks against reference tables)."""
    from khanij.data.facts.schema import SCHEMA

    return SCHEMA


KEY = pl.concat_str("source", "edition", separator="@").alias("key")
