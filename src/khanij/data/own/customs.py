"""Trade of one's own: trade codes as people write them, and downloads of UN Comtrade."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import CoverageError, StudyError
from khanij.data.cubes.trade.flows import REVISIONS
from khanij.data.own import sheets
from khanij.data.own.sheets import Sheet
from khanij.data.own.workbooks import Cell
from khanij.reference import country_labels

NEEDED = ("year", "reporter", "partner", "code", "flow", "dollars")
WORLD = ("W00", "WLD", "0")
WHOLE = {"second": ("", "W00", "0"), "transport": ("", "0"), "procedure": ("", "C00"), "supply": ("", "0")}
FLOWS = {"M": ("partner", "reporter"), "X": ("reporter", "partner")}  # exporter, importer
SHORT = re.compile(r"(?:(H\d|HS\d\d)[: ]\s*)?(\d{6})", re.ASCII)
EDITIONS = {"H0": "HS92", "H1": "HS96", "H2": "HS02", "H3": "HS07", "H4": "HS12", "H5": "HS17", "H6": "HS22"}


@cache
def _held() -> dict[str, tuple[str, ...]]:
    """Return six-digit code -> editions under which the reference tables map it, the preferred one first."""
    found: dict[str, set[str]] = {}
    for code in reference.hs_codes():
        found.setdefault(code.code, set()).add(code.revision)
    order = {name: at for at, name in enumerate(REVISIONS)}
    return {code: tuple(sorted(those, key=lambda r: (order.get(r, 99), r))) for code, those in found.items()}


def item(text: str) -> str:
    """Return "HS92:282200" of a trade code with or without its edition; raises CoverageError for one that is unmapped.

    Of an edition under which the code is not mapped, the one under which it is stands for it: the six digits are told.
    """
    match = SHORT.fullmatch(text.strip())
    hint = "six digits, such as 282200 or HS92:282200; `khanij data list codes` shows them; or name material and stage"
    if not match or match[2] not in _held():
        raise CoverageError(f"no mapped trade code {text[:20]!r}", where="item", hint=hint)
    named = EDITIONS.get(match[1] or "", match[1])
    there = _held()[match[2]]
    return f"{named if named in there else there[0]}:{match[2]}"


def is_comtrade(path: Path) -> bool:
    """Return whether a file has the columns of a download of UN Comtrade; False where it cannot be read at all."""
    try:
        sheets.read(path, "comtrade", NEEDED)
    except StudyError:
        return False
    return True


def read(path: Path) -> tuple[list[dict[str, Any]], tuple[str, ...], str]:
    """Return the facts of a download of UN Comtrade, what is to be said of it, and the file for messages.

    Totals of all partners are left out, and parts of a flow by second partner, transport or procedure where the whole
    flow stands too; a part without its whole is an error. Weights of 0 are not known. Values of imports are CIF.
    """
    sheet = sheets.read(path, "comtrade", NEEDED)
    wholes: dict[tuple[str, ...], int] = {}
    parts: dict[tuple[str, ...], int] = {}
    left: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for line, cells in sheet.rows():
        told = {name: sheet.text(cells, name, line) for name in sheet.columns if name not in ("kilograms", "dollars")}
        key = tuple(told.get(name, "") for name in ("year", "reporter", "partner", "code", "flow"))
        if any(told.get(name, "") not in usual for name, usual in WHOLE.items()):
            parts.setdefault(key, line)
            left["parts of flows that stand whole too"] += 1
            continue
        wholes.setdefault(key, line)
        why = _unread(told)
        if why:
            left[why] += 1
            continue
        rows.extend(_flow(sheet, told, cells, line))
    if alone := sorted(set(parts) - set(wholes)):
        line = parts[alone[0]]
        raise sheet.wrong(
            line, f"a part of a flow whose whole is not in the file: {' '.join(alone[0])}", "add the totals"
        )
    notes = [f"lines of {sheet.where} left out: {why}: {count}" for why, count in sorted(left.items())]
    if any(row["quantity"] == "trade_value" for row in rows):
        notes.append("values of imports are CIF as customs record them; those of the publishers are FOB")
    return rows, (*sheet.notes, *notes), sheet.where


def _unread(told: dict[str, str]) -> str:
    """Return why a line is no flow between two countries under a mapped code, "" if it is one."""
    if told["partner"] in WORLD:
        return "totals of all partners"
    if told["flow"] not in FLOWS:
        return "flows that are neither imports (M) nor exports (X)"
    if not re.fullmatch(r"\d{6}", told["code"], re.ASCII):
        return "headings and totals instead of six-digit codes"
    if told["code"] not in _held():
        return "codes that no material is mapped to"
    if _partner(told) is None:
        return "partners that are no single country"
    return ""


def _partner(told: dict[str, str]) -> str | None:
    """Return the partner as ISO alpha-3, None for an aggregate."""
    for text in (told["partner"], told.get("described", "")):
        try:
            return country_labels.read(text)
        except CoverageError:
            continue
    return None


def _flow(sheet: Sheet, told: dict[str, str], cells: list[Cell], line: int) -> Iterator[dict[str, Any]]:
    """Yield value and weight of one flow."""
    try:
        reporter = country_labels.read(told["reporter"])
    except CoverageError as unknown:
        raise sheet.wrong(line, unknown.what, unknown.hint) from None
    if not (told["year"].isdigit() and 1990 <= int(told["year"]) <= 2100):
        raise sheet.wrong(line, f"year {told['year'][:20]!r} is none", "a calendar year")
    ends = {"reporter": reporter, "partner": _partner(told)}
    exporter, importer = (ends[name] for name in FLOWS[told["flow"]])
    edition = told.get("revision", "")
    same = {
        "item": item(f"{edition}:{told['code']}" if edition in EDITIONS else told["code"]),
        "country": exporter,
        "partner": importer,
        "year": int(told["year"]),
        "status": "reported",
        "confidence": "medium",
        "row": line,
    }
    dollars, kilograms = (sheet.number(cells, name, line) for name in ("dollars", "kilograms"))
    for name, value in (("dollars", dollars), ("kilograms", kilograms)):
        if value is not None and value < 0:
            raise sheet.wrong(line, f"{name} of {value:g}", f"an amount from 0 up; {sample(same)}")
    if dollars is not None:
        yield same | {"quantity": "trade_value", "value": dollars / 1e3, "unit": "kUSD"}
    if kilograms:
        yield same | {"quantity": "trade_mass", "value": kilograms / 1e3, "unit": "t", "basis": "gross"}
