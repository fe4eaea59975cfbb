"""The mission: budget, targets, progress and rules of its schemes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from khanij.core.errors import ParseError
from khanij.data.parsing import labels
from khanij.data.parsing.rows import Row, read_rows
from khanij.data.sources.india_facts import figures

HERE = Path(__file__).parent
KINDS = {"budget": "budget", "derived": "budget", "target": "target", "progress": "progress", "rule": "policy_rule"}
GROUPS = {"magnets": ("rare-earths", "component")}  # the other groups concern many materials
COLUMNS = ("group", "component", "item", "value", "unit", "period_or_date", "kind", "confidence")
FOCUS = "IND"


def read(path: Path, where: str) -> list[dict[str, Any]]:
    """Return the facts of the mission table.

    Rows without one figure are named in mission_rules.csv: left out with a reason, or split ("55 / 34").
    Raises ParseError on any other row that has no figure, and on an unknown kind or unit.
    """
    rules = labels.read_aliases(HERE / "mission_rules.csv")
    facts: list[dict[str, Any]] = []
    for row in read_rows(path, COLUMNS, where):
        key = f"{row['group']}|{row['component']}|{row['item']}"
        rule = rules.get(key)
        if rule is None:
            facts.append(_fact(row, row["item"], row["value"], where))
        elif not rule["reason"]:
            parts = row["value"].split(" / ")
            if len(parts) != 2:
                raise ParseError(
                    f"line {row.line}: {row['value']!r} is no pair", where=where, hint="see mission_rules.csv"
                )
            facts += [
                _fact(row, rule[name], part, where) for name, part in zip(("first", "second"), parts, strict=True)
            ]
    return facts


def _fact(row: Row, item: str, text: str, where: str) -> dict[str, Any]:
    """Return the fact of one figure of a row."""
    if row["kind"] not in KINDS:
        raise ParseError(
            f"line {row.line}: unknown kind {row['kind']!r}", where=where, hint=f"one of {', '.join(KINDS)}"
        )
    found = figures.figure(text)
    if found is None:
        what = f"line {row.line}: {text!r} is no figure"
        raise ParseError(
            what,
            where=where,
            hint=f"add to india_facts/mission_rules.csv: {row['group']}|{row['component']}|{row['item']}",
        )
    unit, scale, basis = figures.unit(row["unit"], f"{where}, line {row.line}")
    found = found.times(scale)
    quantity, status = KINDS[row["kind"]], "derived" if row["kind"] == "derived" else found.status
    if "(more than)" in row["unit"]:
        found, status = figures.FactFigure(None, found.value, None, "bound"), "bound"
    if "(about)" in row["unit"]:
        status = "estimated"
    year, period = figures.fiscal(row["period_or_date"], first=quantity == "budget")
    level, remark = figures.doubt(row["confidence"], False, found.low, found.high)
    counted = row["unit"] if unit == "1" and not row["unit"].startswith("%") else ""
    material, stage = GROUPS.get(row["group"], (None, None))
    month = re.fullmatch(r"\d{4}-(\d{2})(?:-\d{2})?", row["period_or_date"])
    return {
        "quantity": quantity,
        "material": material,
        "stage": stage,
        "item": f"{row['group']} | {row['component']} | {item}",
        "country": FOCUS,
        "year": year,
        "month": int(month[1]) if month else None,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "unit": unit,
        "basis": basis,
        "status": status,
        "confidence": level,
        "row": row.line,
        "note": figures.note(remark, period, f"counts {counted}" if counted else row["unit"] if unit == "1" else ""),
    }
