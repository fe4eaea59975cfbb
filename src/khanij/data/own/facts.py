"""Facts of a firm or ministry from its own file, in the schema of the store, to be laid over it for one question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from khanij import reference
from khanij.core.errors import CoverageError, ParseError, StudyError, UnitError
from khanij.core.units import factor
from khanij.data.facts import overlay, schema, store
from khanij.data.facts.overlay import Overlay
from khanij.data.own import customs, sheets, tradestat
from khanij.data.own.sheets import UNITS, Sheet
from khanij.data.own.workbooks import Cell
from khanij.data.parsing import contents
from khanij.reference import country_labels
from khanij.reference.chronicle import instruments

YEARS = (1990, 2060)
BEYOND = 2.0  # times the world's output from which a country's is no other opinion
DIMENSIONS = ("va", "pv", "ge", "rq", "rl", "cc")
BLOCK = 20_000  # rows that are taken into a frame at a time
OWN = "own"  # item of a fact that names none


@dataclass(frozen=True, slots=True)
class Template:
    """What a fact of a quantity must name, and an example; `unit` is that of the store."""

    needed: tuple[str, ...]
    unit: str
    example: dict[str, str]


TEMPLATES = {
    "production": Template(
        ("material", "stage", "country", "year", "value", "unit"),
        "t",
        {"material": "cobalt", "stage": "refined", "year": "2023", "value": "1250.5", "unit": "t"},
    ),
    "reserves": Template(
        ("material", "country", "value", "unit"), "t", {"material": "cobalt", "value": "40", "unit": "kt"}
    ),
    "trade_mass": Template(
        ("country", "partner", "year", "value", "unit"),
        "t",
        {"item": "HS92:810510", "year": "2023", "value": "250", "unit": "t"},
    ),
    "trade_value": Template(
        ("country", "partner", "year", "value", "unit"),
        "kUSD",
        {"material": "gallium", "stage": "refined", "year": "2023", "value": "900", "unit": "kUSD"},
    ),
    "price": Template(
        ("material", "year", "value", "unit"),
        "USD/t",
        {"material": "cobalt", "year": "2023", "value": "34000", "unit": "USD/t"},
    ),
    "governance": Template(
        ("item", "country", "year", "value"), "score", {"item": "pv", "year": "2023", "value": "0.4", "unit": "score"}
    ),
    "gdp": Template(("country", "year", "value", "unit"), "USD", {"year": "2023", "value": "3.6e12", "unit": "USD"}),
}
"""Quantities that one's own facts may be of: those whose cubes take them before the publishers'."""


def read(path: Path) -> Overlay:
    """Return the facts of a file, checked line by line.

    path  CSV or XLSX with the columns of `khanij data template QUANTITY`, or a download of UN Comtrade
    Raises StudyError with file and line: an unknown quantity, name, unit or code, a number that is none or outside
    what its quantity can be, a fact that stands twice.
    """
    try:
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else ""
    except OSError as refused:
        raise StudyError(f"cannot be read: {refused.strerror}", where=f"--own {path}", hint="a CSV or XLSX") from None
    return _read(Path(path), digest)


@lru_cache(maxsize=16)
def _read(path: Path, digest: str) -> Overlay:
    """Return the facts of a file, read once for each content."""
    notes: tuple[str, ...]
    known = customs.read if customs.is_comtrade(path) else tradestat.read if tradestat.is_tradestat(path) else None
    if known:
        rows, notes, where = known(path)
        told = _framed(rows)
    else:
        sheet = sheets.read(path, "facts", ("quantity", "value"))
        where = sheet.where
        if sheet.unread:
            raise sheet.wrong(sheet.line, f"columns that mean nothing here: {', '.join(sheet.unread)}", _columns())
        reader = _FactReader(sheet)
        told = _framed(reader.fact(line, cells) for line, cells in sheet.rows())
        notes = tuple(sheet.notes)  # what is passed over is known once every line was read
    if told.is_empty():
        raise StudyError("no facts", where=where, hint=_columns())
    _refuse_twice(told, where)
    _refuse_beyond_the_world(told, where)
    source, edition = f"{overlay.PREFIX}{path.name}", digest[:8]
    frame = told.with_columns(
        source=pl.lit(source),
        edition=pl.lit(edition),
        note=pl.coalesce("note", pl.lit("a fact of one's own")),
    )
    try:
        schema.check(frame, where)
    except ParseError as wrong:
        raise StudyError(wrong.what, where=where, hint="mend the line, or take it out") from None
    return Overlay(source, edition, digest, schema.ordered(frame), notes)


def _columns() -> str:
    """Return which columns a file may have, as a hint."""
    return f"columns quantity, value and {', '.join(n for n in dict.fromkeys(sheets.meanings('facts').values()))}"


def template(quantity: str) -> list[dict[str, str]]:
    """Return a line to fill in for a quantity: its columns with an example; raises CoverageError for another one."""
    if quantity not in TEMPLATES:
        raise CoverageError(
            f"no facts of one's own of {quantity!r}", where="quantity", hint=f"one of {', '.join(TEMPLATES)}"
        )
    about = TEMPLATES[quantity]
    somewhere, elsewhere = sorted(reference.current_countries())[:2]
    places = {"country": somewhere, **({"partner": elsewhere} if "partner" in about.needed else {})}
    shown = {name: "" for name in dict.fromkeys(sheets.meanings("facts").values())}
    if "country" not in about.needed:
        places = {}
    return [shown | {"quantity": quantity} | places | about.example]


def _framed(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame, block by block: a row as a mapping takes twenty times its room."""
    blocks, ahead = [pl.DataFrame(schema=schema.SCHEMA)], iter(rows)
    while block := [[row.get(name) for name in schema.SCHEMA] for row in islice(ahead, BLOCK)]:
        blocks.append(pl.DataFrame(block, schema=schema.SCHEMA, orient="row"))
    return pl.concat(blocks, rechunk=True)


def _refuse_twice(frame: pl.DataFrame, where: str) -> None:
    """Raise StudyError where two lines state the same fact."""
    twice = frame.filter(pl.len().over(overlay.CELL) > 1).sort(*overlay.CELL, "row", nulls_last=True)
    if twice.height:
        first, second = twice.head(2).iter_rows(named=True)
        told = " ".join(str(first[name]) for name in overlay.CELL if first[name] is not None)
        what = f"two statements of one fact: {told}"
        raise StudyError(what, where=f"{where}, lines {first['row']} and {second['row']}", hint="keep one of them")


def _refuse_beyond_the_world(frame: pl.DataFrame, where: str) -> None:
    """Raise StudyError where a country makes more than BEYOND times what publishers give for the whole world."""
    cell = ["material", "stage", "year", "unit"]
    made = frame.filter(pl.col("quantity") == "production", ~pl.col("country").is_in(schema.PSEUDO))
    if made.is_empty():
        return
    world = store.scan(*store.providers("production")).filter(
        pl.col("quantity") == "production",
        pl.col("country") == "WLD",
        pl.col("month").is_null(),
        pl.col("material").is_in(made["material"].unique().to_list()),
    )
    most = store.collect(world.group_by(cell).agg(most=pl.col("value").max()))
    beyond = made.join(most, on=cell, how="inner").filter(pl.col("value") > BEYOND * pl.col("most")).sort("row")
    if beyond.height:
        first = beyond.row(0, named=True)
        what = f"{first['country']} makes {first['value']:,.6g} t of {first['stage']} {first['material']}"
        hint = "a wrong unit or scale: tonnes, not kilograms; 1200.5, not 1,200,500"
        told = f"{what} in {first['year']}, and all the world {first['most']:,.6g} t"
        raise StudyError(told, where=f"{where}, line {first['row']}", hint=hint)


class _FactReader:
    """Reads lines of one sheet as facts."""

    def __init__(self, sheet: Sheet) -> None:
        """Keep the sheet."""
        self.sheet = sheet

    def fact(self, line: int, cells: Sequence[Cell]) -> dict[str, Any]:
        """Return one line as a fact; raises StudyError that names the cell."""
        sheet = self.sheet
        told = {name: sheet.text(cells, name, line) for name in sheet.columns if name not in ("value", "low", "high")}
        quantity = told.get("quantity", "").lower()
        if quantity not in TEMPLATES:
            what = f"no facts of one's own of quantity {quantity!r}"
            raise sheet.wrong(line, what, f"one of {', '.join(TEMPLATES)}")
        lost = [n for n in TEMPLATES[quantity].needed if n != "value" and not told.get(n)]
        if lost:
            raise sheet.wrong(line, f"{quantity} without {', '.join(lost)}", f"khanij data template {quantity}")
        row: dict[str, Any] = {"quantity": quantity, "row": line, "item": told.get("item") or OWN}
        row |= self._places(told, line)
        row["year"], row["month"] = self._date(told, line)
        self._present(row, told, line)
        share = self._goods(row, told, cells, line)
        row["unit"], scale = self._unit(quantity, told.get("unit", ""), line)
        for name in ("value", "low", "high"):
            number = sheet.number(cells, name, line)
            row[name] = None if number is None else number * scale * share
        row["status"] = self._among(told, "status", schema.STATUSES, "reported", line)
        row["confidence"] = self._among(told, "confidence", ("high", "medium", "low"), "medium", line)
        row["note"] = told.get("note") or None
        self._happened(row, line)
        self._possible(row, line)
        return row

    def _known(self, read: Callable[[str], str], text: str, line: int) -> str:
        """Return a name as its code; an unknown one is an error of the line."""
        try:
            return read(text)
        except CoverageError as unknown:
            raise self.sheet.wrong(line, unknown.what, unknown.hint) from None

    def _places(self, told: dict[str, str], line: int) -> dict[str, str | None]:
        """Return the countries of a fact."""
        return {
            name: self._known(country_labels.read, told[name], line) if told.get(name) else None
            for name in ("country", "partner")
        }

    def _date(self, told: dict[str, str], line: int) -> tuple[int | None, int | None]:
        """Return year and month, None where they are blank."""
        found: list[int | None] = []
        for name, (least, most) in (("year", YEARS), ("month", (1, 12))):
            text = told.get(name, "")
            whole = text.isascii() and text.isdigit()
            if text and not (whole and least <= int(text) <= most):
                raise self.sheet.wrong(line, f"{name} {text[:20]!r} is none", f"a whole number from {least} to {most}")
            found.append(int(text) if text else None)
        return found[0], found[1]

    def _present(self, row: dict[str, Any], told: dict[str, str], line: int) -> None:
        """Refuse a country that was no more in the year."""
        for name in ("country", "partner"):
            last = country_labels.ended(row[name])[0] if row[name] else ""
            if last and row["year"] and row["year"] > int(last[:4]):
                what = f"{told[name]} was no country any more after {last[:4]}"
                raise self.sheet.wrong(line, what, "the country of that year")

    def _goods(self, row: dict[str, Any], told: dict[str, str], cells: Sequence[Cell], line: int) -> float:
        """Fill in material, stage, item and basis; return the part of the amount that counts as the material."""
        sheet, quantity = self.sheet, row["quantity"]
        row["material"] = row["stage"] = row["basis"] = None
        if quantity == "governance":
            row["item"] = self._among(told, "item", DIMENSIONS, "", line)
        trade = quantity.startswith("trade_")
        if trade and told.get("item"):
            if told.get("material"):
                raise sheet.wrong(line, "a trade code and a material", "one of them; a code holds its own materials")
            row["item"] = self._known(customs.item, told["item"], line)
            row["basis"] = "gross" if quantity == "trade_mass" else None
            return 1.0
        if trade and not (told.get("material") and told.get("stage")):
            raise sheet.wrong(line, "trade of neither a code nor a material and stage", "item, or material and stage")
        if not told.get("material"):
            return 1.0
        return self._material(row, told, cells, line)

    def _material(self, row: dict[str, Any], told: dict[str, str], cells: Sequence[Cell], line: int) -> float:
        """Fill in what a named material tells; return its content in a tonne of the goods."""
        sheet, quantity = self.sheet, row["quantity"]
        goods = self._known_goods(told["material"], line)
        material = reference.materials()[goods.material]
        row["material"], row["basis"] = material.id, material.basis
        stage = told.get("stage", "").lower()
        if stage and stage not in reference.STAGES:
            raise sheet.wrong(line, f"unknown stage {stage!r}", f"one of {', '.join(reference.STAGES)}")
        row["stage"] = stage or None
        if row["item"] == OWN and quantity.startswith("trade_"):
            row["item"] = f"{OWN} {material.id} {stage}"
        basis, share = told.get("basis", ""), sheet.number(cells, "share", line)
        if share is not None and not 0 < share <= 1:
            raise sheet.wrong(line, f"share {share:g} is none", "the content of the goods, above 0 to 1, or 60%")
        if quantity == "price":  # a price of goods is one of their content: it grows as that falls
            return 1.0 / (share or self._content(goods, told, line))
        if quantity == "trade_value":
            return 1.0
        if basis and basis != material.basis and share is None:
            what = f"basis {basis!r}: {material.id} is counted in {material.basis}"
            raise sheet.wrong(line, what, f"a column share, t of {material.basis} in a tonne; or convert it")
        return share if share is not None else self._content(goods, told, line)

    def _known_goods(self, label: str, line: int) -> contents.Goods:
        """Return what a name of goods stands for."""
        try:
            return contents.read(label)
        except CoverageError as unknown:
            raise self.sheet.wrong(line, unknown.what, unknown.hint) from None

    def _content(self, goods: contents.Goods, told: dict[str, str], line: int) -> float:
        """Return the content that the name of the goods tells."""
        if goods.content is None:
            name = reference.materials()[goods.material].name.lower()
            what = f"{told['material']!r} holds a part of {name} that its name does not tell"
            raise self.sheet.wrong(line, what, f"a column share, tonnes of {name} in a tonne, 0 to 1")
        return goods.content

    def _unit(self, quantity: str, text: str, line: int) -> tuple[str, float]:
        """Return the unit of the store and what the figures are multiplied by to stand in it."""
        kept = TEMPLATES[quantity].unit
        name = UNITS.get(reference.fold(text), text) or kept
        others = [unit for unit in reference.quantities()[quantity].units if unit != kept]
        for unit in (kept, *others):
            try:
                return unit, factor(name, unit)
            except UnitError:
                continue
        raise self.sheet.wrong(line, f"unit {text[:40]!r} is none of {quantity}", f"{kept}, or a unit of it")

    def _among(self, told: dict[str, str], name: str, known: Sequence[str], usual: str, line: int) -> str:
        """Return a cell that must be one of some words; blank means the usual one."""
        text = told.get(name, "").lower() or usual
        if text not in known:
            raise self.sheet.wrong(line, f"unknown {name} {text!r}", f"one of {', '.join(known)}")
        return text

    def _happened(self, row: dict[str, Any], line: int) -> None:
        """Refuse what is said to be reported of a year that has not come."""
        newest = instruments.known_to().year
        if row["year"] and row["year"] > newest and row["status"] == "reported":
            what = f"{row['quantity']} of {row['year']} is reported, and that year has not come"
            raise self.sheet.wrong(line, what, "status estimated for what is expected, or another year")

    def _possible(self, row: dict[str, Any], line: int) -> None:
        """Refuse figures that cannot be."""
        low, high = reference.quantities()[row["quantity"]].range
        for name in ("value", "low", "high"):
            value = row[name]
            if value is not None and not low <= value <= high:
                hint = f"{low:g} to {high:g} {row['unit']}; a wrong unit, scale or sign"
                raise self.sheet.wrong(line, f"{row['quantity']}: {name} of {value:g} {row['unit']} cannot be", hint)
        if row["value"] is None:
            raise self.sheet.wrong(line, "the value is blank", "a figure, or take the line out")
        ends = [row[name] for name in ("low", "value", "high") if row[name] is not None]
        if ends != sorted(ends):
            raise self.sheet.wrong(line, "low, value and high are out of order", "low <= value <= high")
