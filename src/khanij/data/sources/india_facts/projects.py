"""Projects: cost, capacity and area as announced; who owns them and how they stand is a reference table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError
from khanij.core.units import factor
from khanij.data.parsing import labels
from khanij.data.parsing.rows import Row, read_rows, read_table
from khanij.data.sources.india_facts import figures

HERE = Path(__file__).parent
WORDED = ("scale", "cost_original", "expected_output")
COLUMNS = ("project", "cost_usd_million", "confidence", *WORDED)
CANONICAL = {"kt": "t", "Mt": "t"}


def read(path: Path, where: str) -> list[dict[str, Any]]:
    """Return the facts of the table of projects.

    Raises ParseError on an unknown project, or on a text without a restatement or that no longer holds its phrase.
    """
    rows = read_rows(path, COLUMNS, where)
    aliases = labels.read_aliases(HERE / "aliases_projects.csv")
    labels.match(
        pl.Series("project", [row["project"] for row in rows]),
        dict.fromkeys(aliases, ""),
        "india_facts/aliases_projects.csv",
        where,
    )
    said: dict[tuple[str, str], list[dict[str, str]]] = {}
    for statement in read_table(HERE / "statements_projects.csv"):
        said.setdefault((statement["label"], statement["column"]), []).append(statement)
    facts: list[dict[str, Any]] = []
    for row in rows:
        alias = aliases[row["project"]]
        if found := figures.figure(row["cost_usd_million"]):
            facts.append(
                _fact(row, alias, "project_cost", "MUSD", found, row["confidence"])
                | {"note": "converted by the compiler"}
            )
        for column in WORDED:
            facts += _worded(row, column, alias, said.get((row["project"], column), []), where)
    return facts


def _worded(
    row: Row, column: str, alias: dict[str, str], statements: list[dict[str, str]], where: str
) -> list[dict[str, Any]]:
    """Return the facts restated from one text."""
    if row[column] and not statements:
        what = f"line {row.line}: no restatement of {column} {row[column]!r}"
        raise ParseError(what, where=where, hint="add rows to india_facts/statements_projects.csv")
    facts = []
    for text in statements:
        if text["phrase"] not in row[column]:
            what = f"line {row.line}: {column} no longer says {text['phrase']!r}"
            raise ParseError(what, where=where, hint="review india_facts/statements_projects.csv")
        if not text["quantity"]:
            continue
        unit = CANONICAL.get(text["unit"], text["unit"])
        scale = 1.0 if unit == text["unit"] else factor(text["unit"], unit)
        found = figures.span(text["low"], text["value"], text["high"]).times(scale)
        fact = _fact(row, alias, text["quantity"], unit, found, text["confidence"] or row["confidence"])
        fact |= {
            "item": f"{fact['item']} | {text['item']}" if text["item"] else fact["item"],
            "basis": text["basis"] or None,
        }
        facts.append(fact | {"year": figures.fiscal(text["year"])[0]})
    return facts


def _fact(
    row: Row, alias: dict[str, str], quantity: str, unit: str, found: figures.FactFigure, confidence: str
) -> dict[str, Any]:
    """Return one fact of a project."""
    level, remark = figures.doubt(confidence, False, found.low, found.high)
    return {
        "quantity": quantity,
        "material": alias["material"] or None,
        "stage": alias["stage"] or None,
        "item": row["project"],
        "country": alias["country"],
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "unit": unit,
        "status": found.status,
        "confidence": level,
        "row": row.line,
        "note": remark or None,
    }
