"""What a Case asks for: its axes, its foci, and which source goes before which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.core.errors import SourceError
from khanij.data.facts import overlay, record, store


@dataclass(frozen=True, slots=True)
class Selection:
    """Axes of a Case and the order of its sources: quantity -> ids, that of the source records if none is given."""

    axes: Mapping[str, Axis]
    preferred: Mapping[str, tuple[str, ...]] = field(default_factory=record.preferences)

    @property
    def years(self) -> list[int]:
        """Return the years as numbers."""
        return [int(code) for code in self.axes["year"].codes]

    @property
    def materials(self) -> list[str]:
        """Return the material ids."""
        return list(self.axes["material"].codes)

    def rank(self, quantity: str) -> dict[str, int]:
        """Return source -> rank (0 first) among the sources in the store that provide the quantity; one's own first."""
        order = self.preferred.get(quantity, ())
        held = store.manifest()["sources"]
        own = [id for id in held if overlay.is_own(id)]
        others = [id for id in held if id not in order and id not in own]
        return {id: at for at, id in enumerate((*own, *order, *others))}

    def stated(self, name: str) -> tuple[str, ...]:
        """Return the sources in the store that have a place for a quantity or cube, the preferred one first."""
        held = store.manifest()["sources"]
        return tuple(id for id in self.preferred.get(name, ()) if id in held)

    def sources(self, quantity: str) -> tuple[str, ...]:
        """Return the sources in the store that provide a quantity: those with a place first, the others by name."""
        given, stated = store.providers(quantity), self.stated(quantity)
        return (*(id for id in stated if id in given), *(id for id in given if id not in stated))

    def one(self, name: str) -> str:
        """Return the source that is preferred for a quantity or cube; raises SourceError if the store has none."""
        found = self.stated(name)
        if not found:
            what, hint = f"the store has no source for {name}", "a source whose source.toml gives it a preference"
            raise SourceError(what, where=str(store.folder()), hint=hint)
        return found[0]

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

    def sparse(self, quantity: str, unit: str, frame: pl.DataFrame, *axes: str) -> Cube:
        """Return a sparse cube of a frame as dense() takes it: one entry a row, in the order of the axes."""
        at = self.positions(frame, **{axis: axis for axis in axes})
        order = np.lexsort(at[::-1])
        sources = tuple(frame["key"].unique().sort().to_list())
        origin = frame["key"].replace_strict(sources, range(len(sources))).to_numpy().astype(np.int16)
        named = tuple(self.axes[axis] for axis in axes)
        values = frame["value"].to_numpy()[order]
        return Cube(quantity, unit, named, values, at[:, order], sources=sources, origin=origin[order])


def facts_schema() -> dict[str, type[pl.DataType]]:
    """Return the schema of facts (imported late: facts checks against reference tables)."""
    from khanij.data.facts.schema import SCHEMA

    return SCHEMA


KEY = pl.concat_str("source", "edition", separator="@").alias("key")
