"""Make and use tables of the United States: industries by products, million dollars at producer prices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from khanij.core.axis import sample
from khanij.core.cube import Floats
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

HERE = Path(__file__).parent
PLACE = "USA"  # whose accounts these are
PURCHASES, ADDED, OUTPUT = "T005", "T006", "T008"  # totals that the use table prints under each industry
PARTS = ("V00100", "V00200", "V00300")  # compensation, taxes less subsidies, surplus: value added is their sum
BALANCE = 50.0  # MUSD by which a column of rounded figures may miss its total
PRICES = "producer prices, current USD"


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A table of figures: labels of its rows and columns, and the line of each row."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats
    lines: np.ndarray
    where: str

    def at(self, labels: list[str]) -> list[int]:
        """Return the places of rows; raises ParseError if one is absent."""
        absent = [label for label in labels if label not in self.rows]
        if absent:
            raise ParseError(f"no row {sample(absent)}", where=self.where, hint=f"rows are {sample(self.rows)}")
        place = {label: at for at, label in enumerate(self.rows)}
        return [place[label] for label in labels]

    def of(self, rows: list[str], columns: list[str]) -> Floats:
        """Return the figures of some rows and columns."""
        place = {label: at for at, label in enumerate(self.columns)}
        return self.values[np.ix_(self.at(rows), [place[label] for label in columns])]

    def block(self, rows: list[str], columns: list[str], heads: list[str] | None = None) -> pl.DataFrame:
        """Return the cells that are not 0: item, value, row (line of the file).

        heads  what stands before the other label: one a column (item = head + row's label), or one for all rows
               (item = head + column's label); None: item = "row > column"
        """
        values = self.of(rows, columns)
        i, j = np.nonzero(values)
        if heads is None:
            items = [f"{rows[a]} > {columns[b]}" for a, b in zip(i, j, strict=True)]
        elif len(heads) == len(columns):
            items = [f"{heads[b]}{rows[a]}" for a, b in zip(i, j, strict=True)]
        else:
            items = [f"{heads[0]}{columns[b]}" for b in j]
        lines = self.lines[self.at(rows)][i]
        return pl.DataFrame({"item": items, "value": values[i, j], "row": pl.Series(lines, dtype=pl.Int32)})


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return purchases, make, output, value added, exports and imports; cells of nothing are left out.

    paths   the use table, the make table
    Raises SourceError or ParseError where a file cannot be read, has a label that no rule names, or does not balance.
    """
    use_path, make_path = paths
    use, make = (_sheet(path, edition.key) for path in (use_path, make_path))
    table = labels.read_aliases(HERE / "columns.csv")
    industries = [name for name in use.columns if name not in table]
    products = [name for name in make.columns if name not in table]
    if set(industries) - set(make.rows) or set(products) - set(use.rows):
        strange = sorted({*industries} - {*make.rows} | {*products} - {*use.rows})
        raise ParseError(
            f"use and make tables part at {sample(strange)}", where=use.where, hint="a new total? add it to columns.csv"
        )
    totals = [name for name in (*use.rows, *make.rows) if name not in {*products, *industries}]
    strange = sorted(set(totals) - {PURCHASES, ADDED, OUTPUT, *PARTS} - set(table))
    if strange:
        raise ParseError(f"unknown row {sample(strange)}", where=use.where, hint="say in the parser what it is")
    _balance(use, industries, products)
    year = re.search(r"(?:19|20)\d\d", use_path.name)
    if year is None:
        raise ParseError("no year in the file's name", where=use.where, hint="files are named like Detail_Use_2017_…")
    outside = [name for name in use.columns if name in table and table[name]["what"]]
    sold = use.block(products, outside, [f"{table[name]['what']} | " for name in outside])
    frames = [
        _facts("intermediate_use", use.block(products, industries)),
        _facts("make", make.block(industries, products)),
        _facts("final_demand", sold),
        _facts("gross_output", use.block([OUTPUT], industries, [""])),
        _facts("industry_value_added", use.block([ADDED], industries, [""])),
    ]
    return pl.concat(frames).with_columns(
        country=pl.lit(PLACE),
        year=pl.lit(int(year[0]), pl.Int16),
        unit=pl.lit("MUSD"),
        basis=pl.lit(PRICES),
        status=pl.lit("reported"),
        confidence=pl.lit("high"),
    )


def _facts(quantity: str, block: pl.DataFrame) -> pl.DataFrame:
    """Return a block of cells as facts of a quantity."""
    return block.select(pl.lit(quantity).alias("quantity"), "item", "value", "row")


def _sheet(path: Path, key: str) -> TableSheet:
    """Return a table of figures; its first column holds the labels of the rows."""
    frame = tables.read_text(path, (), key)
    where = f"{key}: {path.name}"
    first, *columns = [name for name in frame.columns if name != "row"]
    numbers = [tables.numbers(frame[name], (), where) for name in columns]
    rows = tuple(frame[first].to_list())
    for names in (rows, tuple(columns)):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ParseError(f"label stands twice: {sample(twice)}", where=where)
    values = np.stack([column.to_numpy() for column in numbers], axis=1)
    if not np.isfinite(values).all():
        i, j = np.argwhere(~np.isfinite(values))[0]
        raise ParseError(f"no figure at {rows[i]}, {columns[j]}", where=where, hint="a truncated table")
    return TableSheet(rows, tuple(columns), values, frame["row"].to_numpy(), where)


def _balance(use: TableSheet, industries: list[str], products: list[str]) -> None:
    """Raise ParseError where purchases and value added of an industry miss its output."""
    inputs = use.of(products, industries).sum(axis=0)
    output, added = use.of([OUTPUT, ADDED], industries)
    gap = np.abs(output - added - inputs)
    if gap.max(initial=0.0) > BALANCE:
        worst = int(gap.argmax())
        what = f"{industries[worst]}: purchases and value added miss output by {gap[worst]:,.0f} million USD"
        raise ParseError(what, where=use.where, hint="a damaged table")
