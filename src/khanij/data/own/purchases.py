"""A firm's own purchases from a CSV or XLSX file that a person wrote: checked row by row, never trusted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import CoverageError, StudyError, UnitError
from khanij.core.units import factor
from khanij.data.own import sheets
from khanij.data.own.sheets import DOUBTFUL, UNITS, Sheet
from khanij.data.own.workbooks import Cell
from khanij.data.parsing import contents
from khanij.data.parsing.contents import Goods
from khanij.reference import country_labels

NEEDED = ("material", "country", "tonnes")
PREFERENCE = ("refined", "processed", "mined")  # the stage of a purchase that names none
HINT = "a header line with material, country, tonnes and, if wanted, stage, year, share (content, 0 to 1), unit"
YEARS = (1990, 2100)
LARGEST = 1e11  # tonnes of one purchase: more than the world digs in a year
REPEATED = 100_000  # rows among which equal ones are counted
TOTALS = ("total", "totals", "sum", "subtotal", "grand total", "all")
YEAR = re.compile(r"(\d{4})(?:\.0)?|(\d{4})-\d\d-\d\d(?:[T ].*)?|\d{1,2}[./]\d{1,2}[./](\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought of one kind, from where, in which year (None = in every year): contained tonnes, first line."""

    material: str
    stage: str
    country: str
    year: int | None
    tonnes: float
    line: int


@dataclass(slots=True)
class _Tally:
    """What was met while the lines were read."""

    sums: dict[tuple[str, str, str, int | None], list[float]] = field(default_factory=dict)
    zeros: list[int] = field(default_factory=list)
    assumed: set[str] = field(default_factory=set)
    told: dict[str, None] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    rows: int = 0
    repeated: int = 0


def read(path: Path) -> tuple[tuple[Purchase, ...], tuple[str, ...]]:
    """Return the purchases of a file, equal ones added, and sentences on what was assumed, converted or not read.

    path  CSV (comma, semicolon, tab or bar) or an XLSX; of a formula only its stored value counts
    Names of compounds bring their content (compounds.csv); of ores and alloys a share is asked for. A unit of mass, in
    a column or in the heading, is honoured. Rows of 0 t count for nothing and are told.
    Raises StudyError with file, line and what to do: an unreadable, empty or oversized file, an absent column, an
    unknown material, stage or country, a country that was no more, a year or a number that is none or may be two,
    negative tonnes.
    """
    sheet = sheets.read(Path(path), "purchases", NEEDED)
    reader = _Reader(sheet)
    tally = _Tally()
    for line, cells in sheet.rows():
        reader.take(line, cells, tally)
    found = tuple(
        Purchase(*key, tonnes=total, line=int(line)) for key, (total, line) in tally.sums.items() if total > 0
    )
    if not found:
        raise StudyError("no tonnes are bought", where=sheet.where, hint=HINT)
    return found, (*sheet.notes, *_notes(tally, {p.material for p in found}))


def _notes(tally: _Tally, materials: set[str]) -> list[str]:
    """Return what must be said of the rows."""
    notes = list(tally.told)
    oxides = sorted(f"{m} in {b}" for m in materials if (b := reference.materials()[m].basis) in ("REO", "P2O5", "K2O"))
    if oxides:
        notes.append(f"tonnes are taken in the material's basis: {', '.join(oxides)}")
    if tally.zeros:
        notes.append(f"rows of 0 t, which count for nothing: {len(tally.zeros)} (line {sample(map(str, tally.zeros))})")
    if tally.repeated:
        among = f" among the first {REPEATED:,}" if tally.rows > REPEATED else ""
        notes.append(f"rows that say the same as an earlier one, counted each time: {tally.repeated}{among}")
    if tally.assumed:
        listed = ", ".join(sorted(tally.assumed))
        notes.append(f"stage assumed for purchases that name none (the latest that the material has): {listed}")
    return notes


class _Reader:
    """Reads lines of one sheet; what a name, a stage or a unit means is looked up once."""

    def __init__(self, sheet: Sheet) -> None:
        """Check that the heading tells in what the amounts are."""
        self.sheet = sheet
        self.amount = "tonnes" if "tonnes" in sheet.columns else "amount"
        self.goods: dict[str, Goods] = {}
        self.countries: dict[tuple[str, str], str] = {}
        self.stages: dict[tuple[str, str], str] = {}
        self.years: dict[str, int | None] = {"": None}
        self.units: dict[str, float] = {}
        told = sheet.units.get(self.amount)
        if self.amount == "tonnes" and told is not None and self._factor(told, sheet.line) != 1.0:
            raise sheet.wrong(sheet.line, f"a column of tonnes in {told!r}", "name it quantity, or convert it")
        if self.amount == "amount" and told is None and "unit" not in sheet.columns:
            raise sheet.wrong(
                sheet.line, "the unit of the amounts is not told", "a heading such as quantity (kg), or a column unit"
            )
        if told is not None and "unit" in sheet.columns:
            raise sheet.wrong(sheet.line, f"a unit in the heading ({told}) and a column of units", "keep one of them")
        self.factor = 1.0 if told is None else self._factor(told, sheet.line)

    def take(self, line: int, cells: Sequence[Cell], tally: _Tally) -> None:
        """Add one line to the tally; raises StudyError that names the cell."""
        sheet = self.sheet
        label, place, year = (sheet.text(cells, name, line) for name in ("material", "country", "year"))
        goods = self._goods(label, line)
        stage = sheet.text(cells, "stage", line).lower() or goods.stage
        if (key := (goods.material, stage)) not in self.stages:
            self.stages[key] = self._stage(goods.material, stage, line)
        when = self._year(year, line)
        if (named := (place, year)) not in self.countries:
            self.countries[named] = self._country(place, when, line)
        amount = self._amount(cells, line) * self._content(goods, label, cells, line, tally)
        tally.rows += 1
        if tally.rows <= REPEATED:
            same = hash(tuple(cells))
            tally.repeated += same in tally.seen
            tally.seen.add(same)
        if not stage:
            tally.assumed.add(goods.material)
        if amount == 0:
            tally.zeros.append(line) if len(tally.zeros) < REPEATED else None
            return
        cell = (goods.material, self.stages[key], self.countries[named], when)
        tally.sums.setdefault(cell, [0.0, line])[0] += amount

    def _goods(self, label: str, line: int) -> Goods:
        """Return what a name of goods stands for."""
        if label not in self.goods:
            if not label:
                raise self.sheet.wrong(line, "the material is blank", "name it, or take the line out")
            if label.casefold() in TOTALS:
                raise self.sheet.wrong(line, f"{label!r} is a sum of other lines", "take the totals out")
            try:
                self.goods[label] = contents.read(label)
            except CoverageError as unknown:
                raise self.sheet.wrong(line, unknown.what, unknown.hint) from None
        return self.goods[label]

    def _country(self, place: str, year: int | None, line: int) -> str:
        """Return a country that was there in the year."""
        if not place:
            raise self.sheet.wrong(line, "the country is blank", "name it, or take the line out")
        try:
            found = country_labels.read(place)
        except CoverageError as unknown:
            raise self.sheet.wrong(line, unknown.what, unknown.hint) from None
        last, successors = country_labels.ended(found)
        if last and (year is None or year > int(last[:4])):
            after = f"one of {', '.join(successors)}" if successors else "the country of today"
            raise self.sheet.wrong(line, f"{place} was no country any more after {last[:4]}", after)
        return found

    def _stage(self, material: str, stage: str, line: int) -> str:
        """Return a stage: the one that is named, or the latest of refined, processed and mined that there is."""
        if stage and stage not in reference.STAGES:
            raise self.sheet.wrong(line, f"unknown stage {stage!r}", f"one of {', '.join(reference.STAGES)}")
        have = {name for of, name in reference.stage_names() if of == material}
        return stage or next((name for name in PREFERENCE if name in have), PREFERENCE[-1])

    def _year(self, text: str, line: int) -> int | None:
        """Return the year of a cell, a whole date included; None where it is blank."""
        if text not in self.years:
            match = YEAR.fullmatch(text)
            year = int(next(filter(None, match.groups()))) if match else 0
            if not YEARS[0] <= year <= YEARS[1]:
                hint = f"a calendar year from {YEARS[0]} to {YEARS[1]}, or nothing"
                raise self.sheet.wrong(line, f"year {text[:40]!r} is none", hint)
            self.years[text] = year
        return self.years[text]

    def _amount(self, cells: Sequence[Cell], line: int) -> float:
        """Return tonnes, as the unit of the line or of the heading says."""
        value = self.sheet.number(cells, self.amount, line)
        if value is None:
            raise self.sheet.wrong(line, f"{self.amount} is blank", "an amount, or take the line out")
        scale = self.factor
        if "unit" in self.sheet.columns:
            scale = self._factor(self.sheet.text(cells, "unit", line), line)
        if not isfinite(value) or value < 0 or value * scale > LARGEST:
            hint = (
                "subtract what was given back from its purchase" if value < 0 else "an amount of mass in the unit told"
            )
            raise self.sheet.wrong(line, f"{self.amount} {value:g} is not an amount", hint)
        return value * scale

    def _factor(self, text: str, line: int) -> float:
        """Return tonnes in one of a unit of mass."""
        if text not in self.units:
            name = UNITS.get(reference.fold(text), text)
            if text in ("", "MT") or (text not in ("Mt",) and reference.fold(text) in DOUBTFUL):
                what = f"unit {text!r} may be several" if text else "the unit is blank"
                raise self.sheet.wrong(line, what, "t for metric tons, kt, Mt for million tonnes, short ton, long ton")
            try:
                self.units[text] = factor(name, "t")
            except UnitError as wrong:
                raise self.sheet.wrong(
                    line, f"unit {text[:40]!r} is no mass: {wrong.what}", "t, kg, g, lb, kt"
                ) from None
            if self.units[text] != 1.0:
                self.sheet.notes.append(f"{text} converted to tonnes")
        return self.units[text]

    def _content(self, goods: Goods, label: str, cells: Sequence[Cell], line: int, tally: _Tally) -> float:
        """Return what part of the tonnes counts: the share of the line, else what the name of the goods tells."""
        share = self.sheet.number(cells, "share", line)
        if share is not None:
            if not 0 <= share <= 1:
                hint = "the content of the goods, 0 to 1, or 60%"
                raise self.sheet.wrong(line, f"share {share:g} is {'above 1' if share > 1 else 'below 0'}", hint)
            return share
        if goods.content is None:
            name = reference.materials()[goods.material].name.lower()
            what = f"{label!r} holds a part of {name} that its name does not tell"
            raise self.sheet.wrong(line, what, f"a column share, tonnes of {name} in a tonne, 0 to 1")
        if goods.how:
            tally.told[goods.how] = None
        return goods.content


def suppliers(found: Sequence[Purchase]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the materials and the countries of purchases, each once."""
    return tuple(sorted({p.material for p in found})), tuple(sorted({p.country for p in found}))
