"""The compiled price table: a row a mineral, form and year, with the original figure beside USD per tonne."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core import units
from khanij.core.errors import ParseError
from khanij.data.facts.record import Edition
from khanij.data.parsing import labels, stoichiometry, tables

ALIASES = Path(__file__).with_name("aliases.csv")
COLUMNS = (
    "mineral",
    "form",
    "year",
    "price_usd_per_t",
    "original_value",
    "original_unit",
    "note",
    "source",
    "confidence",
)
# Original unit -> ours; the content that some of them name (Mo, K2O, ...) is the basis in aliases.csv.
UNITS = {
    "US cents/lb": "cent/lb",
    "US cents/lb Si": "cent/lb",
    "USD/t": "USD/t",
    "USD/t K2O": "USD/t",
    "USD/lb": "USD/lb",
    "USD/kg": "USD/kg",
    "USD/kg Mo": "USD/kg",
    "USD/kg Re": "USD/kg",
    "USD/kg Be": "USD/kg",
    "USD/kg Ta2O5": "USD/kg",
    "USD/troy oz": "USD/troy oz",
    "USD/mtu WO3": "USD/mtu",
}
# "INR crore for 32,300 t (FY2022-23)": total value and mass of a fiscal year
TOTALS = re.compile(r"(INR crore|USD million) for ~?([\d.,]+) (t|Mt) \((FY\d{4}-\d{2})\)")
MONEY = {"INR crore": 1e7, "USD million": 1e6}
RATE = re.compile(r"INR ([\d.]+)/USD")
CONTENT = re.compile(r"derived: ([\d.]+) kg W per mtu")
# The table rounds to one decimal at least and to four figures at worst.
ROUNDING = 5e-4
# Figures from memory carry a range by this rule: a fifth either way for recalled USGS figures, a factor of two for
# orders of magnitude. The table says which is which.
RECALLED, INDICATIVE = ("recalled", 0.8, 1.2), ("order-of-magnitude", 0.5, 2.0)


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return prices and unit values in USD per tonne, recomputed from the original figure.

    Raises ParseError if the table's own USD per tonne differs from it by more than its rounding.
    """
    where = f"{edition.key}: {paths[0].name}"
    table = tables.read_text(paths[0], COLUMNS, edition.key)
    table = table.with_columns(item=pl.col("mineral") + " | " + pl.col("form"))
    aliases = labels.read_aliases(ALIASES)
    labels.match(table["item"], {label: row["material"] for label, row in aliases.items()}, ALIASES.name, where)
    facts = [_fact(row, aliases[row["item"]], where) for row in table.iter_rows(named=True)]
    contained = [_contained(fact, aliases[str(fact["item"])]["formula"]) for fact in facts]
    return pl.DataFrame([*facts, *(fact for fact in contained if fact)], infer_schema_length=None)


def _fact(row: dict[str, str], alias: dict[str, str], where: str) -> dict[str, object]:
    """Return one row of the table as a fact."""
    place = f"{where}, line {row['row']}"
    value = _price(row, place)
    low, high = _range(row, value, place)
    derived = "derived" in row["note"]
    estimated = row["confidence"] == "low" or "is a USGS estimate" in row["note"]
    return {
        "quantity": alias["quantity"],
        "item": row["item"],
        "material": alias["material"],
        "stage": alias["stage"],
        "country": alias["country"],
        "year": int(_number(row["year"], place)),
        "value": value,
        "low": low,
        "high": high,
        "unit": "USD/t",
        "basis": alias["basis"],
        "status": "derived" if derived else "estimated" if estimated else "reported",
        "confidence": row["confidence"],
        "row": row["row"],
        "note": _note(row),
    }


def _contained(fact: dict[str, object], formula: str) -> dict[str, object] | None:
    """Return the price per tonne of the material's basis where the price is that of a compound, else None."""
    if not formula:
        return None
    basis = reference.materials()[str(fact["material"])].basis
    share = stoichiometry.fraction(formula, basis)
    scaled = {name: fact[name] / share if fact[name] is not None else None for name in ("value", "low", "high")}  # type: ignore[operator]
    note = f"published per t {formula}; {fact['note']}"
    return {**fact, **scaled, "basis": basis, "status": "derived", "note": note}


def _price(row: dict[str, str], place: str) -> float:
    """Return USD per tonne from the original figure; raises ParseError if the table's own column disagrees."""
    given, original, unit = (
        _number(row["price_usd_per_t"], place),
        _number(row["original_value"], place),
        row["original_unit"],
    )
    totals, content = TOTALS.fullmatch(unit), CONTENT.search(row["note"])
    if totals:
        mass = _number(totals[2].replace(",", ""), place) * units.factor(totals[3], "t")
        price = original * MONEY[totals[1]] / mass / _exchange(row, totals[1], place)
    elif unit in UNITS:
        price = original * units.factor(UNITS[unit], "USD/t")
        price /= float(content[1]) / 10 if content else 1  # kg W in the 10 kg of WO3 of a metric ton unit
    else:
        raise ParseError(f"unknown unit {unit!r}", where=place, hint="add it to UNITS in parse.py")
    if abs(price - given) > ROUNDING * abs(price):
        what = f"{row['item']} {row['year']}: {original:g} {unit} is {price:.1f} USD/t, the table says {given:.1f}"
        raise ParseError(what, where=place, hint="see the cited source; record a correction")
    return price


def _exchange(row: dict[str, str], money: str, place: str) -> float:
    """Return rupees per dollar that the row's note names (1 for dollars); raises ParseError if it names none."""
    if money.startswith("USD"):
        return 1.0
    found = RATE.search(row["note"])
    if not found:
        raise ParseError("rupees without an exchange rate", where=place, hint="the note must say INR .../USD")
    return float(found[1])


def _number(text: str, place: str) -> float:
    """Return a cell as a number; raises ParseError."""
    try:
        return float(text)
    except ValueError:
        raise ParseError(f"{text!r} is not a figure", where=place, hint="see the table") from None


def _range(row: dict[str, str], value: float, place: str) -> tuple[float | None, float | None]:
    """Return low and high of a figure from memory by the rule above, nothing for others."""
    if row["confidence"] != "low":
        return None, None
    for word, down, up in (RECALLED, INDICATIVE):
        if word in row["note"]:
            return value * down, value * up
    raise ParseError(
        f"low confidence without a known reason: {row['note']!r}", where=place, hint="see RECALLED, INDICATIVE"
    )


def _note(row: dict[str, str]) -> str:
    """Return original figure, short source and the table's remark in one line."""
    source = re.sub(r"\s*\[.*\]", "", row["source"])
    source = re.sub(r"https?://\S+", "", source).replace("Mineral Commodity Summaries", "MCS").strip()
    remark = "order of magnitude" if INDICATIVE[0] in row["note"] else row["note"]
    figure = f"{row['original_value']} {row['original_unit']}" if row["original_unit"] != "USD/t" else ""
    return "; ".join(part for part in (figure, source, remark) if part)
