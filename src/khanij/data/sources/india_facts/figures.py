"""How the India tables write figures, years and doubts, read by stated rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from khanij.core.errors import ParseError
from khanij.data.parsing.rows import read_table

HERE = Path(__file__).parent
NUMBER = r"\d[\d,]*(?:\.\d+)?"
RECALLED = "recalled; no range given"


@dataclass(frozen=True, slots=True)
class FactFigure:
    """A figure as written: value, or bounds without a value, and its status."""

    value: float | None
    low: float | None
    high: float | None
    status: str

    def times(self, factor: float) -> FactFigure:
        """Return the figure in another unit."""
        value, low, high = (None if x is None else x * factor for x in (self.value, self.low, self.high))
        return FactFigure(value, low, high, self.status)


def figure(text: str) -> FactFigure | None:
    """Return the figure of a cell, None if it holds words only.

    "27404" is reported, "~100" estimated, "400-500" and "~10,000-15,000" are bounds, "<1" and ">16" one bound.
    """
    plain = text.strip()
    if found := re.fullmatch(rf"~?({NUMBER})-({NUMBER})", plain):
        return FactFigure(None, _number(found[1]), _number(found[2]), "bound")
    if found := re.fullmatch(rf"([~<>]?)({NUMBER})", plain):
        number = _number(found[2])
        match found[1]:
            case "<":
                return FactFigure(None, None, number, "bound")
            case ">":
                return FactFigure(None, number, None, "bound")
            case mark:
                return FactFigure(number, None, None, "estimated" if mark else "reported")
    return None


def _number(text: str) -> float:
    """Return a number written with or without thousands separators."""
    return float(text.replace(",", ""))


def span(low: str, value: str, high: str, status: str = "reported") -> FactFigure:
    """Return a figure given in three cells, some of them empty; ">16" in the middle is a lower bound."""
    middle = figure(value) if value else None
    if middle is not None and middle.value is None:
        return middle
    centre = middle.value if middle else None
    ends = [float(end) if end else None for end in (low, high)]
    return FactFigure(centre, ends[0], ends[1], status if centre is not None else "bound")


def fiscal(text: str, first: bool = False) -> tuple[int | None, str]:
    """Return the year of a period and what a note must say of it.

    "FY2023-24" is 2023: the fiscal year runs from April 2023 to March 2024; "FS2023-24" is the field season, 2023.
    Of a span such as "2002-2023" or "FY2024-25 to FY2030-31" it is the last year, or the first if `first`.
    A text without a year gives None.
    """
    seasons = [int(year) for year in re.findall(r"F[YS](\d{4})-\d{2}\b", text)]
    plain = [int(year) for year in re.findall(r"(?<![\d.])(\d{4})(?!\d)", re.sub(r"F[YS]\d{4}-\d{2}\b", "", text))]
    years = seasons or plain
    if not years:
        return None, text and f"period: {text}"
    year = years[0] if first else years[-1]
    if not seasons:
        return year, "" if text in (str(year), f"{year}e") else f"period: {text}"
    if "FS" in text:
        return year, f"field season {text.removeprefix('FS')}"
    said = f"fiscal year April {year} - March {year + 1}"
    return year, said if re.fullmatch(r"FY\d{4}-\d{2}", text) else f"{said}; period: {text}"


def doubt(confidence: str, recalled: bool, low: float | None, high: float | None) -> tuple[str, str]:
    """Return the confidence of a figure and the remark that a recalled one without a range needs.

    confidence   as the row states it
    recalled     the cell is among the row's unverified fields
    """
    level = "low" if recalled else confidence
    return level, RECALLED if level == "low" and low is None and high is None else ""


def note(*texts: str) -> str | None:
    """Return the remarks that are not empty, joined."""
    return "; ".join(text for text in texts if text) or None


@cache
def units() -> dict[str, tuple[str, float, str | None]]:
    """Return unit as written -> our unit, factor, basis."""
    rows = read_table(HERE / "units.csv")
    return {row["label"]: (row["unit"], float(row["factor"]), row["basis"] or None) for row in rows}


def unit(label: str, where: str) -> tuple[str, float, str | None]:
    """Return our unit, the factor and the basis of a written unit; raises ParseError that prints the row to add."""
    if label not in units():
        raise ParseError(
            f"unknown unit {label!r}",
            where=where,
            hint=f"add to india_facts/units.csv: {label},<unit>,<factor>,<basis>",
        )
    return units()[label]


@cache
def recalled(table: str) -> dict[str, frozenset[str]]:
    """Return label -> columns that the compiler recalled though the row as a whole is better than that."""
    rows = read_table(HERE / "recalled.csv")
    return {row["label"]: frozenset(row["columns"].split(";")) for row in rows if row["table"] == table}
