"""Lead times, odds and costs of exploration, plants and stocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from khanij.core.errors import ParseError
from khanij.data.parsing import labels
from khanij.data.parsing.rows import read_rows, read_table
from khanij.data.sources.india_facts import figures

HERE = Path(__file__).parent
COLUMNS = (
    "topic",
    "mineral",
    "stage",
    "metric",
    "value_low",
    "value_typical",
    "value_high",
    "unit",
    "basis_year",
    "confidence",
)


def read(path: Path, where: str) -> list[dict[str, Any]]:
    """Return the facts of the table of costs; raises ParseError on an unknown topic, mineral or unit."""
    rows = read_rows(path, COLUMNS, where)
    topics = {(rule["topic"], rule["metric"]): rule["quantity"] for rule in read_table(HERE / "topics.csv")}
    aliases = labels.read_aliases(HERE / "aliases_costs.csv")
    labels.match(
        pl.Series("mineral", [row["mineral"] for row in rows]),
        dict.fromkeys(aliases, ""),
        "india_facts/aliases_costs.csv",
        where,
    )
    facts = []
    for row in rows:
        key = (row["topic"], row["metric"])
        if key not in topics:
            what = f"line {row.line}: unknown topic {key}"
            raise ParseError(
                what, where=where, hint=f"add to india_facts/topics.csv: {row['topic']},{row['metric']},<quantity>"
            )
        alias = aliases[row["mineral"]]
        unit, scale, basis = figures.unit(row["unit"], f"{where}, line {row.line}")
        found = figures.span(row["value_low"], row["value_typical"], row["value_high"], "estimated").times(scale)
        guessed = f"{row['topic']}|{row['mineral']}|{row['stage']}" in figures.recalled("costs")
        level, remark = figures.doubt(row["confidence"], guessed, found.low, found.high)
        year, period = figures.fiscal(row["basis_year"])
        when = f" | {row['basis_year']}" if period else ""
        facts.append(
            {
                "quantity": topics[key],
                "material": alias["material"] or None,
                "stage": alias["stage"] or None,
                "item": f"{row['topic']} | {row['mineral']} | {row['stage']}{when}",
                "country": alias["country"],
                "year": year,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "unit": unit,
                "basis": basis,
                "status": found.status,
                "confidence": level,
                "row": row.line,
                "note": figures.note(remark, period),
            }
        )
    return facts
