"""India's minerals by stage: production, imports, dependence, and the figures that stand in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from khanij import reference
from khanij.core.errors import ParseError
from khanij.core.units import factor
from khanij.data.parsing import labels, stoichiometry
from khanij.data.parsing.rows import Row, read_rows, read_table
from khanij.data.sources.india_facts import figures

HERE = Path(__file__).parent
FOCUS = "IND"
WORDED = ("india_reserve_or_resource", "consumption_or_need")  # every such text has a row in statements_minerals.csv
OPTIONAL = ("main_suppliers", "note")  # only the figures listed there are taken
CANONICAL = {"kt": "t", "Mt": "t", "Gt": "t", "%": "1"}
COLUMNS: tuple[str, ...] = (
    *("mineral", "stage", "form", "india_production", "production_unit", "production_year", "import_dependence_pct"),
    *("import_quantity_t", "import_value_inr_crore", "import_year", "unverified_fields", "confidence"),
    *(*WORDED, *OPTIONAL),
)


def read(path: Path, where: str) -> list[dict[str, Any]]:
    """Return the facts of the table of minerals.

    Raises ParseError on an unknown form, or on a text that no longer holds the phrase its restatement rests on.
    """
    rows = read_rows(path, COLUMNS, where)
    forms = labels.read_aliases(HERE / "aliases_forms.csv")
    said: dict[tuple[str, str], list[dict[str, str]]] = {}
    for statement in read_table(HERE / "statements_minerals.csv"):
        said.setdefault((statement["label"], statement["column"]), []).append(statement)
    facts: list[dict[str, Any]] = []
    for row in rows:
        key = f"{row['mineral']}|{row['stage']}|{row['form']}"
        labels.match(pl.Series("form", [key]), dict.fromkeys(forms, ""), "india_facts/aliases_forms.csv", where)
        facts += _columns(row, forms[key])
        for column in (*WORDED, *OPTIONAL):
            facts += _worded(row, column, forms[key], said.get((key, column), []), where)
    return facts


def _columns(row: Row, form: dict[str, str]) -> list[dict[str, Any]]:
    """Return the facts of the columns that hold one figure: production and imports."""
    taken = (
        ("production", "india_production", "production_year", "t", 1.0, form["production_basis"] or None),
        ("import_reliance", "import_dependence_pct", "import_year", "1", 0.01, None),
        ("imports_mass", "import_quantity_t", "import_year", "t", 1.0, "gross"),
        ("imports_value_inr", "import_value_inr_crore", "import_year", "crore INR", 1.0, None),
    )
    facts = []
    for quantity, column, when, unit, scale, basis in taken:
        if not row[column]:
            continue
        year, period = figures.fiscal(row[when])
        found = figures.figure(row[column])
        fact = _base(row, form, quantity, unit, basis) | {"year": year}
        if found is None:
            level, _ = figures.doubt(row["confidence"], _recalled(row, column), 0.0, None)
            fact |= {"status": "unquantified", "confidence": level, "note": figures.note(row[column], period)}
        else:
            found = found.times(scale)
            level, remark = figures.doubt(row["confidence"], _recalled(row, column), found.low, found.high)
            status = "estimated" if row[when].endswith("e") and found.status == "reported" else found.status
            fact |= {"value": found.value, "low": found.low, "high": found.high, "status": status, "confidence": level}
            fact |= {"note": figures.note(remark, period or ("" if year else "year not stated"))}
        facts.append(fact)
    return facts


def _base(row: Row, form: dict[str, str], quantity: str, unit: str, basis: str | None) -> dict[str, Any]:
    """Return what all facts of a row share."""
    return {
        "quantity": quantity,
        "material": form["material"],
        "stage": form["stage"] or None,
        "item": f"{row['stage']}: {row['form']}",
        "country": FOCUS,
        "unit": unit,
        "basis": basis,
        "row": row.line,
    }


def _recalled(row: Row, column: str) -> bool:
    """Return whether the compiler marks the cell as recalled or inferred."""
    return column in row["unverified_fields"].split(";")


def _worded(
    row: Row, column: str, form: dict[str, str], statements: list[dict[str, str]], where: str
) -> list[dict[str, Any]]:
    """Return the facts restated from one text."""
    if column in WORDED and row[column] and not statements:
        what = f"line {row.line}: no restatement of {column} {row[column]!r}"
        raise ParseError(what, where=where, hint="add rows to india_facts/statements_minerals.csv")
    facts = []
    for said in statements:
        if said["phrase"] not in row[column]:
            what = f"line {row.line}: {column} no longer says {said['phrase']!r}"
            raise ParseError(what, where=where, hint="review india_facts/statements_minerals.csv")
        if said["quantity"]:
            facts.append(_statement(row, column, form, said))
    return facts


def _statement(row: Row, column: str, form: dict[str, str], said: dict[str, str]) -> dict[str, Any]:
    """Return one restated figure in the unit and, where stoichiometry allows, the basis of its material."""
    material, unit = said["material"] or form["material"], CANONICAL.get(said["unit"], said["unit"])
    basis, ours, scale = said["basis"], reference.materials()[material].basis, factor(said["unit"], unit)
    published = ""
    if basis in ("WO3", "V2O5"):
        scale, basis, published = scale * stoichiometry.fraction(basis, ours), ours, f"published as {basis}"
    found = figures.span(said["low"], said["value"], said["high"]).times(scale)
    if said["note"] == "derived":
        found = figures.FactFigure(found.value, found.low, found.high, "derived")
    recalled = _recalled(row, column) or said["confidence"] == "low"
    level, remark = figures.doubt(said["confidence"] or row["confidence"], recalled, found.low, found.high)
    year, period = figures.fiscal(said["year"])
    words = "" if said["note"] == "derived" else said["note"]
    fact = _base(row, form, said["quantity"], unit, basis or None)
    item = f"{fact['item']} | {said['item']}" if said["item"] else fact["item"]
    return fact | {
        "material": material,
        "stage": said["stage"] or (form["stage"] if material == form["material"] else "") or None,
        "item": item,
        "country": said["country"],
        "partner": said["partner"] or None,
        "year": year,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "status": found.status,
        "confidence": level,
        "note": figures.note(remark, published, words, period or ("" if year else "year not stated")),
    }
