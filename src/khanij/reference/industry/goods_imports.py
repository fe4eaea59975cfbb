"""What a country buys of goods of which no trade table is held: one figure a good, as somebody told it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from khanij import reference
from khanij.core.range import Range
from khanij.reference.industry.checked_rows import read_good, read_interval, read_number, read_source, wrong

TABLE = "goods_imports"


@dataclass(frozen=True, slots=True)
class GoodsImport:
    """One good and buyer.

    good      (material, stage)      year  as told, a financial year or a calendar year
    value     million USD      quantity, unit  as told, None and "" where nobody says
    supplier  ISO-3 of who sends most      share  its part
    """

    good: tuple[str, str]
    place: str
    year: str
    value: Range | None
    quantity: float | None
    unit: str
    supplier: str
    share: Range | None
    source: str
    kind: str
    confidence: str
    note: str


@cache
def goods_imports() -> tuple[GoodsImport, ...]:
    """Return every row; raises ParseError for an unknown good, country or source, and for a range out of order."""
    return tuple(_parse(row, f"{TABLE}.csv:{n}") for n, row in enumerate(reference.rows(TABLE), start=2))


def told_imports(place: str) -> tuple[GoodsImport, ...]:
    """Return what is told of a country, the largest value first."""
    rows = (row for row in goods_imports() if row.place == place)
    return tuple(sorted(rows, key=lambda row: -(row.value.best if row.value else 0.0)))


def _parse(row: dict[str, str], where: str) -> GoodsImport:
    """Return a row."""
    good = read_good(row, where)
    for column in ("place", "supplier"):
        if row[column] not in reference.countries():
            raise wrong(f"unknown {column} {row[column]!r}", where, "ISO alpha-3")
    return GoodsImport(
        good,
        row["place"],
        row["year"],
        read_interval(row, "value", where),
        read_number(row["quantity"], where),
        row["unit"],
        row["supplier"],
        read_interval(row, "share", where, 1.0),
        **read_source(row, where),
    )
