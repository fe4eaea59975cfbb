"""Single figures of material intensity from published works, as compiled: batteries, drive trains, aircraft."""

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
COLUMNS = ("table_id", "jurisdiction", "material", "indicator", "value", "unit", "year", "source", "confidence", "note")
PREFIX = "INTENSITY_"


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return the intensities of every table whose name begins with INTENSITY_; a printed range has its middle as value.

    Raises ParseError on an indicator or material that is not in this folder's rules, or a figure that is no number.
    Source: the work named in each fact's note.
    """
    rows = [row for path in paths for row in read_rows(path, COLUMNS, edition.key)]
    rows = [row for row in rows if row["table_id"].startswith(PREFIX)]
    rules = {(rule["table"], rule["indicator"]): rule for rule in read_table(HERE / "indicators.csv")}
    metals = labels.read_aliases(HERE / "aliases.csv")
    facts = []
    for row in rows:
        rule = rules.get((row["table_id"], row["indicator"]))
        if rule is None:
            what = f"unknown indicator {row['indicator']!r} of {row['table_id']}"
            add = (
                f"add to published_intensity/indicators.csv: {row['table_id']},{row['indicator']},<technology>,<unit>,"
            )
            raise ParseError(what, where=f"{edition.key}, line {row.line}", hint=add)
        if not rule["reason"]:
            facts.append(_fact(row, rule, metals, edition.key))
    if not facts:
        raise ParseError(f"no table {PREFIX}…", where=edition.key, hint="an empty or truncated file: fetch it again")
    return complete(pl.DataFrame(facts, infer_schema_length=None), source=edition.source, edition=edition.id)


def _fact(row: Row, rule: dict[str, str], metals: dict[str, dict[str, str]], where: str) -> dict[str, Any]:
    """Return the fact of one row."""
    place = f"{where}, line {row.line}"
    labels.match(
        pl.Series("material", [row["material"]]), dict.fromkeys(metals, ""), "published_intensity/aliases.csv", place
    )
    material = metals[row["material"]]["material"]
    own = intensities.unit(rule["technology"], place)
    per = intensities.per_unit(rule["as"], own, place)
    value, low, high = (None if figure is None else figure * per for figure in _figures(row["value"], place))
    label = row["indicator"].rpartition("=")[2]
    note = "; ".join(text for text in (row["source"], rule["note"], row["note"]) if text)
    if material in intensities.OXIDES:
        note += f"; printed as {row['material']}"
    common = intensities.fact(rule["technology"], label, material, int(row["year"]), (value, low, high))
    return common | {
        "unit": f"t/{own}",
        "basis": reference.materials()[material].basis,
        "status": "reported" if low is None else "derived",
        "confidence": row["confidence"],
        "row": row.line,
        "note": note if low is None else f"{note}; middle of the printed range",
    }


def _figures(text: str, where: str) -> tuple[float, float | None, float | None]:
    """Return value, low and high of "180" or "2200-4600"."""
    first, dash, second = text.partition("-")
    try:
        low, high = float(first), float(second) if dash else None
    except ValueError:
        raise ParseError(f"{text!r} is no figure or range", where=where, hint="correct the row") from None
    return (low, None, None) if high is None else ((low + high) / 2, low, high)
