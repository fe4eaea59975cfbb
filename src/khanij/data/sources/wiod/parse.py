"""World input-output table to national tables: who buys what at home and from abroad, region by region."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from khanij import reference
from khanij.core.cube import Floats
from khanij.core.errors import ParseError, SourceError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels

HERE = Path(__file__).parent
ARRAYS = ("Z", "F", "x", "countries", "industries")
UNIT = "MUSD"
BALANCE = 200.0  # MUSD by which a row of rounded figures may miss its output
SUMMED = "sum over the other regions of the table"
RESIDUAL = "output less purchases: with taxes less subsidies on products and international transport margins"
PRICES = "basic prices, current USD"


@dataclass(frozen=True, slots=True)
class WorldTable:
    """The table: purchases (region, industry, region, industry), final use (region, industry, region), output."""

    purchases: Floats
    final: Floats
    output: Floats
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    year: int


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return the national tables of a world table; flows of nothing are left out, every region's table being whole.

    Raises SourceError where the archive cannot be read, ParseError where arrays do not fit or do not balance.
    """
    where = f"{edition.key}: {paths[0].name}"
    world = _read(paths[0], where)
    table = labels.read_aliases(HERE / "aliases.csv")
    codes = {**{iso: iso for iso in reference.countries()}, **{label: row["country"] for label, row in table.items()}}
    places = labels.match(pl.Series("country", world.regions), codes, "wiod/aliases.csv", where).to_list()
    count = len(world.regions)
    inside = np.stack([world.purchases[c, :, c, :] for c in range(count)])
    outside = world.purchases.sum(axis=0).transpose(1, 0, 2) - inside
    bought = np.stack([world.final[c, :, c] for c in range(count)])
    abroad = world.final.sum(axis=0).T - bought
    sent = world.output - inside.sum(axis=2) - bought
    added = world.output - world.purchases.sum(axis=(0, 1))
    names = world.industries
    flows = [f"{i} > {j}" for i in names for j in names]
    lines = np.arange(count * len(names)).reshape(count, -1) + 1
    each = lines.repeat(len(names), axis=1)
    frames = [
        _facts("intermediate_use", "domestic", flows, places, inside, each, "reported", None),
        _facts("intermediate_use", "imported", flows, places, outside, None, "derived", SUMMED),
        _facts("final_demand", "domestic", names, places, bought, lines, "reported", None),
        _facts("final_demand", "imported", names, places, abroad, None, "derived", SUMMED),
        _facts("final_demand", "exports", names, places, sent, None, "derived", "output less sales at home"),
        _facts("gross_output", "", names, places, world.output, lines, "reported", None),
        _facts("industry_value_added", "", names, places, added, None, "derived", RESIDUAL),
    ]
    return pl.concat(frames).with_columns(
        year=pl.lit(world.year, pl.Int16), unit=pl.lit(UNIT), basis=pl.lit(PRICES), confidence=pl.lit("high")
    )


def _facts(
    quantity: str,
    kind: str,
    items: tuple[str, ...] | list[str],
    places: list[str],
    values: Floats,
    lines: np.ndarray | None,
    status: str,
    note: str | None,
) -> pl.DataFrame:
    """Return facts of values (region, ...) whose last axes are the items; zeros are left out."""
    flat = values.reshape(len(places), -1)
    region, item = np.nonzero(flat)
    text = [f"{kind} | {name}" if kind else name for name in items]
    return pl.DataFrame(
        {
            "quantity": pl.Series([quantity] * len(region), dtype=pl.String),
            "item": pl.Series(text, dtype=pl.String).gather(item),
            "country": pl.Series(places, dtype=pl.String).gather(region),
            "value": flat[region, item],
            "status": pl.Series([status] * len(region), dtype=pl.String),
            "row": pl.Series([None] * len(region) if lines is None else lines[region, item], dtype=pl.Int32),
            "note": pl.Series([note] * len(region), dtype=pl.String),
        }
    )


def _read(path: Path, where: str) -> WorldTable:
    """Return the arrays of the archive, checked against each other."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            absent = [name for name in ARRAYS if name not in archive.files]
            if absent:
                raise ParseError(f"no array {', '.join(absent)}", where=where, hint=f"expected {', '.join(ARRAYS)}")
            found = {name: archive[name] for name in ARRAYS}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as broken:
        raise SourceError(f"cannot be read: {broken}", where=where, hint="fetch the file again") from None
    year = re.search(r"(?:19|20)\d\d", path.name)
    if year is None:
        raise ParseError("no year in the file's name", where=where, hint="files are named like wiot_2011.npz")
    regions, industries = (tuple(map(str, found[name])) for name in ("countries", "industries"))
    r, n = len(regions), len(industries)
    shapes = {"Z": (r * n, r * n), "x": (r * n,)}
    final = found["F"]
    wrong = [f"{name} {found[name].shape}" for name, shape in shapes.items() if found[name].shape != shape]
    if wrong or final.ndim != 2 or final.shape[0] != r * n or final.shape[1] % r:
        what = f"{r} regions by {n} industries, but {', '.join(wrong) or f'F {final.shape}'}"
        raise ParseError(what, where=where, hint="a truncated table")
    purchases = found["Z"].astype(np.float64).reshape(r, n, r, n)
    used = final.astype(np.float64).reshape(r, n, r, -1).sum(axis=3)
    output = found["x"].astype(np.float64).reshape(r, n)
    gap = np.abs(output - purchases.sum(axis=(2, 3)) - used.sum(axis=2))
    if not np.isfinite(gap).all() or gap.max(initial=0.0) > BALANCE:
        c, i = np.unravel_index(int(np.nanargmax(gap)), gap.shape)
        what = f"output of {regions[c]} {industries[i]} is missed by {gap[c, i]:,.0f} million USD"
        raise ParseError(what, where=where, hint="sales must add up to output: a damaged table")
    return WorldTable(purchases, used, output, regions, industries, int(year[0]))
