"""Publishers' labels to our codes: exact, or an error that prints the row to add."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import ParseError


def read_aliases(path: Path) -> dict[str, dict[str, str]]:
    """Return label -> row of a source's own alias table; raises ParseError on a repeated label."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    table = {row["label"]: row for row in rows}
    if len(table) != len(rows):
        labels = [row["label"] for row in rows]
        raise ParseError(f"label stands twice: {sample({x for x in labels if labels.count(x) > 1})}", where=path.name)
    return table


def match(labels: pl.Series, table: Mapping[str, str | None], add_to: str, where: str) -> pl.Series:
    """Return the code of each label, null for null; every label must stand in the table.

    labels   publisher's text
    table    label -> code (None = known, and meant to be left without a code)
    add_to   name of the file in which a missing row belongs, for the message
    Raises ParseError that lists the unknown labels as rows to add.
    """
    unknown = [label for label in labels.unique(maintain_order=True).drop_nulls() if label not in table]
    if unknown:
        rows = "; ".join(f'"{label}",<code>' for label in unknown[:8])
        raise ParseError(f"unknown label {sample(map(repr, unknown))}", where=where, hint=f"add to {add_to}: {rows}")
    found = [None if label is None else table[label] for label in labels.to_list()]
    return pl.Series(labels.name, found, dtype=pl.String)


def countries(labels: pl.Series, where: str, own: Mapping[str, str | None] | None = None) -> pl.Series:
    """Return ISO alpha-3 (or WLD, ROW, AGG) of publishers' country labels.

    own   the source's own aliases, which win over the shared table
    """
    return match(labels, {**reference.country_aliases(), **(own or {})}, "reference/tables/country_aliases.csv", where)


def coded_countries(codes: pl.Series, scheme: str, where: str) -> pl.Series:
    """Return ISO alpha-3 of a publisher's country codes in a scheme ("baci", "worldbank")."""
    table: dict[str, str | None] = {**{iso3: iso3 for iso3 in reference.countries()}, **reference.country_codes(scheme)}
    return match(codes.cast(pl.String), table, f"reference/tables/country_codes.csv (scheme {scheme})", where)


def materials(labels: pl.Series, where: str, own: Mapping[str, str | None] | None = None) -> pl.Series:
    """Return material ids of publishers' labels; letter case and white space do not matter."""
    known = {**reference.material_aliases(), **{reference.fold(label): id for label, id in (own or {}).items()}}
    table: dict[str, str | None] = {}
    for label in labels.unique().drop_nulls():
        found = known.get(reference.fold(label))
        if reference.fold(label) in known:
            table[label] = found.material if isinstance(found, reference.Alias) else found
    return match(labels, table, "reference/tables/material_aliases.csv", where)
