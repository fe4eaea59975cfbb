"""A frozen table: named columns of equal length, ready to be drawn. It has no operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from khanij.core.errors import AlignmentError


@dataclass(frozen=True, slots=True)
class Table:
    """What a person reads: a title, columns, and what must be said beside them.

    columns  name -> values; None = missing
    units    name -> unit of a numeric column, where it is the same for every row
    notes    sentences that belong under the table
    """

    title: str
    columns: Mapping[str, Sequence[Any]]
    units: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check lengths and freeze."""
        if len({len(column) for column in self.columns.values()}) > 1:
            sizes = {name: len(column) for name, column in self.columns.items()}
            raise AlignmentError(f"columns of unequal length: {sizes}", where=f"table {self.title!r}")
        frozen = {name: tuple(column) for name, column in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(frozen))
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one mapping a row."""
        names = tuple(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    @classmethod
    def of(cls, title: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> Table:
        """Return the table of these rows; the first row names the columns."""
        names = tuple(rows[0]) if rows else ()
        return cls(title, {name: [row[name] for row in rows] for name in names}, **more)
