"""Material intensities of clean technologies: the literature table that the tool premise carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from khanij import reference
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import intensities, labels
from khanij.data.parsing.rows import Row, read_rows, read_table

HERE = Path(__file__).parent
WRONG = 10.0  # times; the farthest bound on the wrong side that the table of 2026 has is nearer
NEAR = 0.001  # part by which printed figures are rounded
COLUMNS = ("metal", "unit", "year", "mean", "median", "min", "max", "origin_var")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return intensities per unit of technology: value = median of the studies, low and high = least and most.

    The median, because single studies lie ten times above the others.

    A row whose bounds do not hold its median widens the range to it, and one whose bound lies WRONG times beyond it on
    the wrong side, or whose mean lies outside them, is refused. What is not taken stands with a reason in
    aliases_technologies.csv and aliases_metals.csv, and pairs of both in excluded.csv.
    Raises ParseError on an unknown technology, metal or unit, or a figure that is no number.
    Source: Schlichenmaier and Naegler 2022, Energy Reports, as shipped with premise.
    """
    rows = [row for path in paths for row in read_rows(path, COLUMNS, edition.key)]
    metals = labels.read_aliases(HERE / "aliases_metals.csv")
    technologies = {row["label"]: row for row in read_table(HERE / "aliases_technologies.csv")}
    for column, table, name in (("metal", metals, "metals"), ("origin_var", technologies, "technologies")):
        found = pl.Series(column, [row[column] for row in rows])
        labels.match(found, dict.fromkeys(table, ""), f"premise_intensity/aliases_{name}.csv", edition.key)
    excluded = {(rule["label"], rule["metal"]) for rule in read_table(HERE / "excluded.csv")}
    facts = [
        _fact(row, metals[row["metal"]], technologies[row["origin_var"]], edition.key)
        for row in rows
        if not metals[row["metal"]]["reason"]
        and not technologies[row["origin_var"]]["reason"]
        and (row["origin_var"], row["metal"]) not in excluded
    ]
    if not facts:
        raise ParseError("no intensities", where=edition.key, hint="an empty or truncated file: fetch it again")
    return complete(pl.DataFrame(facts, infer_schema_length=None), source=edition.source, edition=edition.id)


def _fact(row: Row, metal: dict[str, str], rule: dict[str, str], where: str) -> dict[str, Any]:
    """Return the fact of one row."""
    place = f"{where}, line {row.line}"
    if row["unit"] != rule["unit"]:
        what = f"{row['origin_var']} is per {row['unit']!r}, known is {rule['unit']!r}"
        raise ParseError(what, where=place, hint="correct premise_intensity/aliases_technologies.csv")
    own = intensities.unit(rule["technology"], place)
    per = intensities.per_unit(rule["as"], own, place) * float(rule["times"])
    median, mean, least, most = (_number(row, name, place) * per for name in ("median", "mean", "min", "max"))
    if least > WRONG * median or most * WRONG < median or not least * (1 - NEAR) <= mean <= most * (1 + NEAR):
        what = f"from {least:g} to {most:g} about a median of {median:g} and a mean of {mean:g}"
        raise ParseError(what, where=place, hint="a figure on another scale, or in another column: look into the file")
    year = int(_number(row, "year", place))
    later = year > int(rule["first"])
    notes = [rule["note"], rule["later_note"] if later else ""]
    if row["metal"].casefold() != metal["material"] or metal["material"] in intensities.OXIDES:
        notes.append(f"printed as {row['metal']}")
    common = intensities.fact(
        rule["technology"], row["origin_var"], metal["material"], year, (median, min(least, median), max(most, median))
    )
    return common | {
        "unit": f"t/{own}",
        "basis": reference.materials()[metal["material"]].basis,
        "status": "estimated",
        "confidence": rule["later_confidence"] if later else "high",
        "row": row.line,
        "note": "; ".join(note for note in notes if note) or None,
    }


def _number(row: Row, column: str, where: str) -> float:
    """Return a cell as a number."""
    try:
        return float(row[column])
    except ValueError:
        raise ParseError(
            f"{column} {row[column]!r} is no figure", where=where, hint="a new mark of the publisher"
        ) from None
