"""The Pink Sheet's wide tables: a column a series (name, unit and code in the heading), a row a year or month."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core import units
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, tables

ALIASES = Path(__file__).with_name("aliases.csv")
ANNUAL, MONTHLY = "Annual Prices (Nominal)", "Monthly Prices"
UNITS = {
    "($/mt)": ("USD/t", "USD/t"),
    "($/troy oz)": ("USD/troy oz", "USD/t"),
    "($/bbl)": ("USD/bbl", "USD/bbl"),
    "($/mmbtu)": ("USD/MMBtu", "USD/MMBtu"),
}
MISSING = ("…", "...", "..", "")
# The sheet heads iron ore "$/dmtu" throughout; by its Description the figures are US cents per dry metric ton unit
# (10 kg Fe) of annual contracts to 2005, which is USD per tonne of contained Fe, and USD per dry tonne of ore since.
IRON_ORE, IRON_UNIT = "IRON_ORE", "($/dmtu)"
IRON_PERIODS = (
    (date.min, "cent/mtu", "Fe", "annual contracts, cents per dry metric ton unit of Fe"),
    (date(2006, 1, 1), "USD/t", "gross", "spot cfr China, per dry tonne of fines with 63.5 % Fe"),
    (date(2008, 12, 1), "USD/t", "gross", "spot cfr China, per dry tonne of fines with 62 % Fe"),
)
# The Description names the grade, so that a dry tonne of ore is kept per tonne of contained Fe too.
IRON_GRADE = re.compile(r"fines with ([\d.]+) % Fe")


def parse_annual(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return yearly mean prices in nominal US dollars."""
    return _facts(tables.read_sheet(paths[0], ANNUAL, edition.key), f"{edition.key}: {paths[0].name}")


def parse_monthly(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return monthly mean prices in nominal US dollars."""
    return _facts(tables.read_sheet(paths[0], MONTHLY, edition.key), f"{edition.key}: {paths[0].name}")


def _facts(cells: list[list[Any]], where: str) -> pl.DataFrame:
    """Return the taken series in fact columns; gaps after a series has begun are unavailable, what is before is not."""
    top = _heading(cells, where)
    names, marks, codes = (cells[top + i] for i in range(3))
    periods = [_period(line[0], where) for line in cells[top + 3 :]]
    aliases = labels.read_aliases(ALIASES)
    series = pl.Series("series", [str(code) for code in codes[1:] if code != ""])
    labels.match(series, {code: row["take"] for code, row in aliases.items()}, ALIASES.name, where)
    absent = [code for code, row in aliases.items() if row["take"] == "yes" and code not in series]
    if absent:
        raise ParseError(f"no series {', '.join(absent)}", where=where, hint=f"known series stand in {ALIASES.name}")
    frames = []
    for column, code in enumerate(codes):
        if column == 0 or code == "" or aliases[code]["take"] != "yes":
            continue
        texts = pl.Series(str(names[column]), [str(line[column]) for line in cells[top + 3 :]])
        values = tables.numbers(texts, MISSING, where)
        frames.append(_series(code, str(marks[column]), values, periods, top + 4, aliases[code], where))
    return pl.concat(
        [*frames, *(_per_iron(frame) for frame in frames if frame["item"].str.starts_with(IRON_ORE).any())]
    )


def _per_iron(ore: pl.DataFrame) -> pl.DataFrame:
    """Return the prices of iron ore by dry tonne once more per tonne of contained Fe, by the grade in their note."""
    grade = pl.col("note").str.extract(IRON_GRADE.pattern).cast(pl.Float64) / 100
    rows = ore.filter((pl.col("basis") == "gross") & pl.col("value").is_not_null())
    return rows.with_columns(
        value=pl.col("value") / grade,
        basis=pl.lit("Fe"),
        status=pl.lit("derived"),
        note=pl.lit("divided by the grade: ") + pl.col("note"),
    )


def _heading(cells: list[list[Any]], where: str) -> int:
    """Return the index of the line of names: two above the first line whose codes are in the heading."""
    for index, line in enumerate(cells[:20]):
        if "COPPER" in line and index >= 2 and index + 1 < len(cells):
            return index - 2
    raise ParseError("no line of series codes in the first twenty", where=where, hint="expected a cell COPPER")


def _period(cell: object, where: str) -> tuple[int, int | None]:
    """Return year and month (None in the annual sheet) of a line's first cell, 2024.0 or "2024M10"."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell), None
    found = re.fullmatch(r"(\d{4})M(\d{2})", str(cell))
    if not found:
        raise ParseError(f"{cell!r} is no year or month", where=where, hint="expected 2024 or 2024M10")
    return int(found[1]), int(found[2])


def _series(
    code: str,
    mark: str,
    values: pl.Series,
    periods: list[tuple[int, int | None]],
    first: int,
    alias: dict[str, str],
    where: str,
) -> pl.DataFrame:
    """Return the facts of one series.

    code, mark   series code and unit as printed in the heading
    values       figures as printed, one a period
    first        line number of the first period
    """
    rules = [_rule(code, mark, period, alias, where) for period in periods]
    frame = pl.DataFrame(
        {
            "item": f"{code} | {alias['name']}",
            "material": alias["material"],
            "stage": alias["stage"],
            "country": alias["country"],
            "year": pl.Series([year for year, _ in periods], dtype=pl.Int16),
            "month": pl.Series([month for _, month in periods], dtype=pl.Int8),
            "value": values * pl.Series([units.factor(source, target) for source, target, _, _ in rules]),
            "unit": [target for _, target, _, _ in rules],
            "basis": pl.Series([basis or None for _, _, basis, _ in rules], dtype=pl.String),
            "row": range(first, first + len(periods)),
            "note": [note for *_, note in rules],
        }
    )
    begun = pl.col("value").is_not_null().cum_max()
    status = pl.when(pl.col("value").is_null()).then(pl.lit("unavailable")).otherwise(pl.lit("reported"))
    constants = {"quantity": pl.lit("price"), "confidence": pl.lit("high"), "status": status}
    return frame.filter(begun).with_columns(**constants)


def _rule(
    code: str, mark: str, period: tuple[int, int | None], alias: dict[str, str], where: str
) -> tuple[str, str, str, str]:
    """Return printed unit, canonical unit, basis and note of a series in a period; raises ParseError if unknown."""
    if code == IRON_ORE and mark == IRON_UNIT:
        day = date(period[0], period[1] or 1, 1)
        _, unit, basis, note = max(rule for rule in IRON_PERIODS if rule[0] <= day)
        mixed = " (11 months) and 62 % (December)" if period == (2008, None) else ""
        return unit, "USD/t", basis, note + mixed
    if mark not in UNITS:
        hint = "add it to UNITS in parse.py"
        raise ParseError(f"unknown unit {mark!r} of {code}", where=where, hint=hint)
    return *UNITS[mark], alias["basis"], alias["note"]
