"""IEA critical minerals dataset: supply by country, demand by sector and scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from khanij.core.errors import ParseError, SourceError
from khanij.core.units import factor
from khanij.data.facts.record import Edition
from khanij.data.facts.schema import complete
from khanij.data.parsing import labels, tables
from khanij.data.parsing.rows import read_table

HERE = Path(__file__).parent
SCENARIOS = {
    "Stated Policies Scenario": "STEPS",
    "Announced Pledges Scenario": "APS",
    "Net Zero Emissions by 2050 Scenario": "NZE",
}
BASE_YEAR = 2024  # the only year that is an estimate of what was, not a projection
LAYOUT = "each scenario has each year once: a column or its head is lost"
BASE_CASE = "Base case"
TOTALS = ("Total", "Total clean technologies")  # the second is the publisher's slip in the table of cobalt refining
RATIO = "Top 3 share"
KT = factor("kt", "t")
TITLE, HEADER, YEARS, SUPPLY_YEARS = 1, 3, 4, 3  # line of each, counted from 0
SAME = 1e-3  # relative difference up to which a repeated figure is the same: some sheets round
Cells = list[list[Any]]


def parse(paths: list[Path], edition: Edition) -> pl.DataFrame:
    """Return production, projected production and demand in tonnes.

    A figure that several sheets repeat is taken once, from the first; figures that differ raise ParseError.
    Raises ParseError on an unknown sheet, section, sector or country, SourceError on an unreadable workbook.
    Source: IEA, Critical Minerals Data Explorer, edition of May 2025.
    """
    facts: list[dict[str, Any]] = []
    for path in paths:
        place = f"{edition.key}: {path.name}"
        known = {rule["sheet"]: rule for rule in read_table(HERE / "sheets.csv")}
        names = _sheets(path, place)
        if strange := [name for name in names if name not in known]:
            raise ParseError(f"unknown sheets {strange}", where=place, hint="add to iea_critical_minerals/sheets.csv")
        for name in names:
            rule = known[name]
            if rule["layout"] != "skip":
                cells = tables.read_sheet(path, name, edition.key)
                facts += _sheet(cells, rule, f"{place}, sheet {name}")
    if not facts:
        raise ParseError("no figures", where=edition.key, hint="none of the sheets that hold figures is in the file")
    return complete(
        pl.DataFrame(_once(facts, edition.key), infer_schema_length=None), source=edition.source, edition=edition.id
    )


def _sheets(path: Path, place: str) -> list[str]:
    """Return the names of the workbook's sheets; raises SourceError if it cannot be read."""
    try:
        return list(python_calamine.CalamineWorkbook.from_path(path).sheet_names)
    except (python_calamine.CalamineError, OSError) as broken:
        raise SourceError(
            f"cannot be read: {str(broken).splitlines()[0]}", where=place, hint="fetch it again"
        ) from None


def _sheet(cells: Cells, rule: dict[str, str], where: str) -> list[dict[str, Any]]:
    """Return the facts of one sheet."""
    title = _text(cells[TITLE][0]) if len(cells) > YEARS else ""
    if "(kt)" not in title:
        raise ParseError(f"title {title!r} does not say kt", where=where, hint="check the unit of the new edition")
    if rule["layout"] == "supply":
        return _supply(cells, where)
    return _demand(cells, rule, where)


def _text(cell: Any) -> str:
    """Return a cell as text without needless blanks, "" if it is a number."""
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _material(label: str, where: str) -> dict[str, str]:
    """Return the alias of a material or section label."""
    aliases = labels.read_aliases(HERE / "aliases.csv")
    labels.match(pl.Series("mineral", [label]), dict.fromkeys(aliases, ""), "iea_critical_minerals/aliases.csv", where)
    return aliases[label]


def _columns(cells: Cells, where: str) -> list[tuple[int, str, int]]:
    """Return (column, scenario, year) of a demand sheet from its two header lines."""
    found, scenario = [], "base"
    for column in range(1, len(cells[YEARS])):
        name = _text(cells[HEADER][column])
        if name and name not in SCENARIOS:
            raise ParseError(f"unknown scenario {name!r}", where=where, hint=f"one of {', '.join(SCENARIOS)}")
        scenario = SCENARIOS.get(name, scenario)
        if isinstance(cells[YEARS][column], float):
            found.append((column, scenario, int(cells[YEARS][column])))
    if not found or found[0][1:] != ("base", BASE_YEAR):
        raise ParseError("the header lines hold no base year and scenarios", where=where, hint="the layout has changed")
    by: dict[str, list[int]] = {}
    for _, name, year in found[1:]:
        by.setdefault(name, []).append(year)
    unlike = [name for name, years in by.items() if years != next(iter(by.values())) or len(set(years)) < len(years)]
    if unlike:  # a column that is lost, or the head of one: nothing else in the sheet tells
        raise ParseError(f"{unlike[-1]} has other years than {next(iter(by))}", where=where, hint=LAYOUT)
    return found


def _demand(cells: Cells, rule: dict[str, str], where: str) -> list[dict[str, Any]]:
    """Return the demand of one sheet: rows are sectors below a mineral, minerals below a case, or minerals."""
    columns, sheet = _columns(cells, where), where.rsplit(", sheet ", 1)[1]
    sectors = {row["label"]: row for row in read_table(HERE / "sectors.csv")}
    facts: list[dict[str, Any]] = []
    section = ""
    for line, row in enumerate(cells[YEARS + 1 :], YEARS + 2):
        label, empty = _text(row[0]), not any(isinstance(cell, float) for cell in row[1:])
        if not label or label.startswith("Notes:"):
            continue
        if empty:
            section = label
            continue
        name = section if rule["layout"] == "sections" else label
        alias = _material(name, f"{where}, line {line}")
        sector = rule["sector"]
        if rule["layout"] == "sections":
            labels.match(
                pl.Series("sector", [label]), dict.fromkeys(sectors, ""), "iea_critical_minerals/sectors.csv", where
            )
            sector = sectors[label]["sector"]
        if alias["reason"] or not sector:
            continue
        case = f" | {section}" if rule["layout"] == "cases" and section != BASE_CASE else ""
        note = "; ".join(text for text in (f"sheet {sheet}", alias["note"]) if text)
        for column, scenario, year in columns:
            if not isinstance(row[column], float):
                what = f"line {line}: {label} has no figure for {scenario} {year}"
                raise ParseError(what, where=where, hint="a truncated or changed sheet")
            fact = _fact("demand", alias, f"{scenario} | {sector}{case}", "WLD", year, row[column] * KT, line, note)
            facts.append(fact)
    return facts


def _supply(cells: Cells, where: str) -> list[dict[str, Any]]:
    """Return production of the base year and projected production by country; two tables stand side by side."""
    starts = [column for column in range(len(cells[SUPPLY_YEARS])) if isinstance(cells[SUPPLY_YEARS][column], float)]
    blocks = [starts[:4], starts[4:]]
    facts: list[dict[str, Any]] = []
    for years in blocks:
        if len(years) != 4 or int(cells[SUPPLY_YEARS][years[0]]) != BASE_YEAR:
            raise ParseError(
                "the header line has other years", where=where, hint="two tables of 2024, 2030, 2035, 2040"
            )
        facts += _countries(cells, years, where)
    return facts


def _countries(cells: Cells, years: list[int], where: str) -> list[dict[str, Any]]:
    """Return the facts of one of the two tables: sections of countries below "Mineral - Stage"."""
    facts: list[dict[str, Any]] = []
    alias: dict[str, str] = {}
    for line, row in enumerate(cells[SUPPLY_YEARS + 1 :], SUPPLY_YEARS + 2):
        label = _text(row[years[0] - 1])
        if not label or label == RATIO:
            continue
        if not isinstance(row[years[0]], float):
            if " - " in label and not label.startswith("Notes:"):
                alias = _material(label, f"{where}, line {line}")
            continue  # the notes below the tables
        country = "WLD" if label in TOTALS else labels.countries(pl.Series("country", [label]), where)[0]
        note = "; ".join(text for text in ("sheet 2", alias["note"]) if text)
        for column in years:
            if not isinstance(row[column], float):
                raise ParseError(
                    f"line {line}: {label} lacks a figure", where=where, hint="a truncated or changed sheet"
                )
            year = int(cells[SUPPLY_YEARS][column])
            quantity, item = ("production", "base case") if year == BASE_YEAR else ("projected_production", "base case")
            facts.append(_fact(quantity, alias, item, country, year, row[column] * KT, line, note))
    return facts


def _fact(
    quantity: str, alias: dict[str, str], item: str, country: str, year: int, tonnes: float, line: int, note: str
) -> dict[str, Any]:
    """Return one fact in tonnes."""
    return {
        "quantity": quantity,
        "material": alias["material"],
        "stage": alias["stage"] or None,
        "item": item,
        "country": country,
        "year": year,
        "value": tonnes,
        "unit": "t",
        "basis": alias["basis"],
        "status": "estimated",
        "confidence": "high",
        "row": line,
        "note": note,
    }


def _once(facts: list[dict[str, Any]], where: str) -> list[dict[str, Any]]:
    """Return the facts without repeats; raises ParseError if a repeated figure differs."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for fact in facts:
        key = tuple(fact[name] for name in ("quantity", "material", "stage", "item", "country", "year"))
        first = seen.setdefault(key, fact)
        if abs(first["value"] - fact["value"]) > SAME * max(abs(first["value"]), abs(fact["value"])) + 0.1:
            what = f"{key} is {first['value']:g} ({first['note']}) and {fact['value']:g} ({fact['note']})"
            raise ParseError(what, where=where, hint="the sheets disagree: decide in the parser which one counts")
    return list(seen.values())
