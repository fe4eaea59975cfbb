"""Expert chances from a CSV or XLSX file that a person wrote, as rows of plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from khanij import reference
from khanij.core.errors import CoverageError, StudyError
from khanij.data.own import sheets
from khanij.reference import country_labels

NEEDED = ("country", "material", "probability")
HINT = "a header line with country, material, probability and, if wanted, stage, weight, kind, cut, because"


def read(path: Path) -> list[dict[str, Any]]:
    """Return the chances of a file, one mapping a line: country, material, stage, probability, weight, kind, cut.

    What is blank is left out. Raises StudyError with file and line: no line at all, an unknown country, material or
    stage, a number that is none or lies outside 0 to 1, two chances of one thing.
    """
    sheet = sheets.read(Path(path), "priors", NEEDED)
    if sheet.unread:
        raise sheet.wrong(sheet.line, f"columns that mean nothing here: {', '.join(sheet.unread)}", HINT)
    found: list[dict[str, Any]] = []
    stated: dict[tuple[str, str, str], int] = {}
    for line, cells in sheet.rows():
        row: dict[str, Any] = {}
        try:
            row["country"] = country_labels.read(sheet.text(cells, "country", line))
            row["material"] = reference.material(sheet.text(cells, "material", line))
        except CoverageError as unknown:
            raise sheet.wrong(line, unknown.what, unknown.hint) from None
        row["stage"] = sheet.text(cells, "stage", line).lower()
        if row["stage"] and row["stage"] not in reference.STAGES:
            raise sheet.wrong(line, f"unknown stage {row['stage']!r}", f"one of {', '.join(reference.STAGES)}")
        for name in ("probability", "weight", "cut"):
            value = sheet.number(cells, name, line)
            if value is not None and not 0 <= value <= 1:
                raise sheet.wrong(line, f"{name} is {value:g}", "a number from 0 to 1")
            if value is not None:
                row[name] = value
        if "probability" not in row:
            raise sheet.wrong(line, "probability is blank", "a number from 0 to 1, or take the line out")
        if kind := sheet.text(cells, "kind", line):
            row["kind"] = kind
        key = (row["country"], row["material"], row["stage"])
        if key in stated:
            raise sheet.wrong(
                line, f"{' '.join(filter(None, key))} stands twice, first in line {stated[key]}", "keep one"
            )
        stated[key] = line
        found.append(row)
    if not found:
        raise StudyError("no line of chances", where=sheet.where, hint=HINT)
    return found
