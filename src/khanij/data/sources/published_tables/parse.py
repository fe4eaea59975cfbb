"""Published scores and inputs of assessments, kept for agreement tests; every table is taken or skipped by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError
from khanij.core.units import factor
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import labels
from khanij.data.parsing.rows import Row, read_rows, read_table

HERE = Path(__file__).parent
COLUMNS = ("table_id", "jurisdiction", "material", "indicator", "value", "unit", "year", "source", "confidence", "note")
# Units as the tables print them -> ours; a rank, an index and a score have no dimension.
UNITS = {
    "score": "score",
    "%": "%",
    "% (more than)": "%",
    "0-1": "1",
    "0-10+": "score",
    "rank": "1",
    "t": "t",
    "Mt": "Mt",
}
UNITS |= {"M USD/yr": "MUSD", "bn USD": "GUSD", "Rs crore": "crore INR"}
PLACES = {"EU": "AGG", "EU28": "AGG", "US": "USA", "IN": "IND", "World": "WLD"}
WHOLE = ("-", "all", "strategic raw materials")  # labels that mean no single material
WORDS = ("bottleneck_stage", "supply_used")


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return the facts of the taken tables.

    Raises ParseError on a table, indicator, label, unit or year that is in none of this folder's rules.
    Source: the study named in each fact's note.
    """
    rows = [row for path in paths for row in read_rows(path, COLUMNS, edition.key)]
    actions = {rule["table"]: rule["action"] for rule in read_table(HERE / "tables.csv")}
    labels.match(
        pl.Series("table_id", [row["table_id"] for row in rows]), actions, "published_tables/tables.csv", edition.key
    )
    taken = [row for row in rows if actions[row["table_id"]] == "take"]
    words = _words(taken)
    aliases = labels.read_aliases(HERE / "aliases.csv")
    found = [fact for row in taken if (fact := _fact(row, words, aliases, edition.key)) is not None]
    return complete(pl.DataFrame(found, infer_schema_length=None), source=edition.source, edition=edition.id)


def _words(rows: list[Row]) -> dict[str, str]:
    """Return material label -> what its 2017 assessment says in words (bottleneck stage, supply used)."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["indicator"] in WORDS:
            found.setdefault(row["material"], []).append(f"{row['indicator'].replace('_', ' ')}: {row['value']}")
    return {label: "; ".join(texts) for label, texts in found.items()}


@cache
def _rules() -> dict[tuple[str, str, str], dict[str, str]]:
    """Return (table, indicator, unit as printed) -> what becomes of it."""
    return {(rule["table"], rule["indicator"], rule["from"]): rule for rule in read_table(HERE / "indicators.csv")}


@cache
def _ranges() -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return (table, label, indicator) -> low, high that the study gives in words."""
    rows = read_table(HERE / "ranges.csv")
    return {(r["table"], r["label"], r["indicator"]): (float(r["low"]), float(r["high"])) for r in rows}


def _rule(row: Row, where: str) -> dict[str, str]:
    """Return the rule of the row's indicator; raises ParseError that prints the row to add."""
    key = (row["table_id"], row["indicator"].split("|")[0], row["unit"])
    if key not in _rules():
        what = f"line {row.line}: unknown indicator {key[1]!r} in {key[2]!r} of {key[0]}"
        raise ParseError(
            what, where=where, hint=f"add to published_tables/indicators.csv: {key[0]},{key[1]},...,{key[2]},..."
        )
    return _rules()[key]


def _alias(row: Row, aliases: Mapping[str, dict[str, str]], where: str) -> dict[str, str]:
    """Return the alias of the row's material label; a table may have labels of its own ("INDIA_TRADE|Lithium")."""
    own = f"{row['table_id']}|{row['material']}"
    key = own if own in aliases or row["table_id"] == "INDIA_TRADE" else row["material"]
    labels.match(pl.Series("material", [key]), dict.fromkeys(aliases, ""), "published_tables/aliases.csv", where)
    return aliases[key]


def _fact(row: Row, words: dict[str, str], aliases: Mapping[str, dict[str, str]], where: str) -> dict[str, Any] | None:
    """Return the fact of one row, or None where a rule leaves it out."""
    rule = _rule(row, where)
    if not rule["quantity"]:
        return None
    alias = _alias(row, aliases, where)
    if alias["reason"]:
        return None
    year, period = _year(row, where)
    value, low, high, status = _bounds(_number(row, where) * factor(UNITS[row["unit"]], rule["unit"]), rule["status"])
    low, high = _ranges().get((row["table_id"], row["material"], row["indicator"]), (low, high))
    together = rule["item"] and not alias["material"] and row["material"] not in WHOLE
    recalled = "recalled; no range given" if row["confidence"] == "low" else ""
    notes = [
        recalled,
        period,
        words.get(row["material"], "") if row["table_id"] == "EU2017_INPUTS" else "",
        _citation(row),
    ]
    return {
        "quantity": rule["quantity"],
        "material": alias["material"] or None,
        "stage": alias["stage"] or None,
        "item": f"{rule['item']} | {row['material']}" if together else rule["item"] or alias["item"],
        "country": PLACES[row["jurisdiction"]],
        "year": year,
        "value": value,
        "low": low,
        "high": high,
        "unit": rule["unit"],
        "basis": "gross" if rule["unit"] == "t" else None,
        "status": status,
        "confidence": row["confidence"],
        "row": row.line,
        "note": "; ".join(text for text in notes if text),
    }


def _bounds(number: float, status: str) -> tuple[float | None, float | None, float | None, str]:
    """Return value, low, high and status; "at least" and "loss above" are bounds."""
    match status:
        case "at least":
            return None, number, None, "bound"
        case "loss above":
            return None, None, -number, "bound"
        case _:
            return number, None, None, status


def _year(row: Row, where: str) -> tuple[int, str]:
    """Return the year and what the note must say of it: "FY2024" is the year that ends in March 2024, so 2023."""
    found = re.fullmatch(r"(FY)?(\d{4})", row["year"])
    if not found:
        raise ParseError(
            f"line {row.line}: year {row['year']!r}", where=where, hint='years look like "2017" or "FY2024"'
        )
    year = int(found[2])
    return (year - 1, f"fiscal year April {year - 1} - March {year}") if found[1] else (year, "")


def _number(row: Row, where: str) -> float:
    """Return the figure of a row; raises ParseError if it is none."""
    try:
        return float(row["value"])
    except ValueError:
        raise ParseError(f"line {row.line}: {row['value']!r} is not a number", where=where) from None


def _citation(row: Row) -> str:
    """Return the underlying study, shortened to its first clause where the file repeats a long title."""
    return re.sub(r" \(file id \d+\)", "", row["source"].split(", Study on")[0])
