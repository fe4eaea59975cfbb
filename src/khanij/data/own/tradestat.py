"""Trade by heading, partner and financial year, as collected from the Export Import Data Bank."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from khanij import reference
from khanij.core.errors import CoverageError, StudyError
from khanij.core.number import Key
from khanij.data.own import sheets
from khanij.reference import country_labels

NEEDED = ("code", "flow", "partner", "year", "millions")
REPORTER = "tradestat reporter"  # kind in own_labels.csv whose meaning is the country that declares
YEARS = re.compile(r"(\d{4})-\d{2,4}")


def is_tradestat(path: Path) -> bool:
    """Return whether a file has the columns of the data bank; False where it cannot be read at all."""
    try:
        sheets.read(path, "tradestat", NEEDED)
    except StudyError:
        return False
    return True


@cache
def _good(heading: str) -> Key | None:
    """Return the one good that every mapped code of a heading holds, None where it holds several or none."""
    inside = [code for code in reference.hs_codes() if code.code.startswith(heading)]
    goods = {(code.material, code.stage) for code in inside}
    return next(iter(goods)) if len(goods) == 1 and not any(code.shared for code in inside) else None


def read(path: Path) -> tuple[list[dict[str, Any]], tuple[str, ...], str]:
    """Return the facts of the file, kUSD by good, partner and the year in which the financial year begins.

    Headings that hold several of our goods, and partners that are no country, are left out and counted in a note.
    Raises StudyError, with the line, for a flow, year or value that is none.
    """
    sheet = sheets.read(path, "tradestat", NEEDED)
    (reporter,) = sheets.meanings(REPORTER).values()
    left: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for line, cells in sheet.rows():
        told = {name: sheet.text(cells, name, line) for name in sheet.columns if name != "millions"}
        millions, years = sheet.number(cells, "millions", line), YEARS.fullmatch(told["year"])
        flow, good = told["flow"].lower(), _good(told["code"])
        if flow not in ("import", "export") or years is None or millions is None or millions < 0:
            raise sheet.wrong(line, "flow, year or value is none", "Import or Export, 2024-2025, million USD from 0 up")
        if good is None:
            left[f"heading {told['code']} holds no good or several"] += 1
            continue
        try:
            other = country_labels.read(told["partner"])
        except CoverageError:
            left["partners that are no single country"] += 1
            continue
        seller, buyer = (other, reporter) if flow == "import" else (reporter, other)
        same = {"quantity": "trade_value", "unit": "kUSD", "status": "reported", "confidence": "medium", "row": line}
        where = {"material": good[0], "stage": good[1], "item": f"own {told['code']}", "country": seller}
        if millions:
            rows.append({**same, **where, "partner": buyer, "year": int(years[1]), "value": millions * 1e3})
    notes = [f"lines of {sheet.where} left out: {why}: {count}" for why, count in sorted(left.items())]
    notes.append("financial years from April, at the year in which they begin; values of imports are CIF")
    return rows, (*sheet.notes, *notes), sheet.where
