"""A study as one page and one workbook: what was found in words first, then every table with its units and notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from khanij import reference
from khanij.analyses.partner import figures as partner_figures
from khanij.analyses.plan import figures as drawings
from khanij.analyses.profile.readings import citations
from khanij.analyses.study.run import StudyAnswer
from khanij.core.number import Cell, Number
from khanij.core.registry import package_version
from khanij.core.table import Column, Table
from khanij.present import names, page, text, workbook
from khanij.present.document import Chapter, Dossier, Figure, Sentence

WORDS = "in-words"
HEADINGS = {
    "partner": "The partnership: what is signed, with and without, dependence",
    "agreements": "What each agreement adds among all",
    "measures": "Measures by themselves",
    "plan": "The plan",
    "": "What was assumed, and what is not counted",
}
BLANK = ("standard error", "loss if left out", "ceiling")  # columns of which some rows have no use
LONG = 12  # rows from which a table is folded


def compose(found: StudyAnswer) -> Dossier:
    """Return the page of a study's outcome."""
    study = found.study
    known = names.measures(found.tables.values())
    groups: dict[str, list[Table]] = {}
    for name, table in found.tables.items():
        if name != WORDS:
            part = next((key for key in HEADINGS if key and name.startswith(key)), "")
            groups.setdefault(part, []).append(grid(name, table, found.sources, known))
    drawn = figures(found, known)
    chapters = [
        Chapter(f"study-{key or 'rest'}", heading, figures=drawn.get(key, ()), grids=tuple(groups[key]))
        for key, heading in HEADINGS.items()
        if key in groups
    ]
    said = [row["finding"] for row in found.tables[WORDS].rows()] if WORDS in found.tables else []
    document = Dossier(
        title=study.title,
        subtitle=study.question,
        meta={
            "Focus": study.focus,
            "Base year": str(study.year),
            "Simulated years": f"{study.years}, seed {study.seed}",
            "Money": study.currency,
            "Made by": f"khanij {package_version()}",
        },
        findings=tuple(Sentence(line, found.sources) for line in said),
        chapters=tuple(chapters),
    )
    return replace(document, sources=citations(document.cited()))


def figures(found: StudyAnswer, known: Mapping[str, str]) -> dict[str, tuple[Figure, ...]]:
    """Return chapter -> its figures, for a partnership and a plan; known  id -> name of measures."""
    study, tables, sources = found.study, found.tables, found.sources
    made: dict[str, list[Figure | None]] = {"partner": [], "plan": []}
    if study.partner is not None:
        other = reference.country(study.partner.country)
        for table in (table for name, table in tables.items() if name.startswith("partner")):
            if {"scenario", "averted"} <= set(table.keys):
                made["partner"].append(partner_figures.paired(table, other, sources))
            if "share after" in table.keys:
                made["partner"].append(partner_figures.dumbbell(table, other, sources))
    if study.plan is not None and "plan-plan" in tables:
        made["plan"].append(drawings.gantt(tables["plan-plan"], known, study.plan.to, study.plan.beyond, sources))
    if "plan-frontier" in tables and "plan-account" in tables:
        made["plan"].append(drawings.frontier(tables["plan-frontier"], tables["plan-account"], sources))
    return {key: tuple(figure for figure in listed if figure) for key, listed in made.items()}


def grid(name: str, table: Table, sources: tuple[str, ...], known: Mapping[str, str] | None = None) -> Table:
    """Return a table as a grid; numbers carry their unit and the sources of the Case behind them.

    known  id -> name of measures; countries and minerals are told by name too
    """
    known = known or {}
    kinds = {key: _kind(table.column(key)) for key in table.keys}
    columns = tuple(Column(_key(key), key, kind) for key, kind in kinds.items())
    rows = tuple(
        tuple(_named(key, _cell(row[key], _shown(key, row, kinds), table.unit(key), sources), known) for key in kinds)
        for row in table.rows()
    )
    title = text.capital(names.countries(table.title))
    return Table(_key(name), title, columns, rows, tuple(map(names.countries, table.notes)), long=len(table) > LONG)


def _named(column: str, cell: Cell, known: Mapping[str, str]) -> Cell:
    """Return a cell of text with names in place of ids and codes."""
    return names.told(column, cell, known) if isinstance(cell, str) else cell


def _shown(key: str, row: Mapping[str, Any], kinds: Mapping[str, str]) -> str:
    """Return the kind of a cell: what a row has no use for, such as an error of what is counted out, is left blank."""
    return "text" if key in BLANK and row[key] is None else kinds[key]


def _kind(values: tuple[Any, ...] | Any) -> str:
    """Return "number" for a column of floats, "text" for any other, years and counts as text among them."""
    known = [value for value in values if value is not None]
    return "number" if known and all(isinstance(value, float) for value in known) else "text"


def _cell(value: Any, kind: str, unit: str, sources: tuple[str, ...]) -> Cell:
    """Return one cell."""
    if kind == "number":
        return Number(value, unit, sources, note="" if value is not None else "not known")
    return "" if value is None else str(value)


def _key(text: str) -> str:
    """Return a name that can be an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def write(found: StudyAnswer, folder: Path, stem: str = "study") -> dict[str, Path]:
    """Write the page and the workbook of a study below a folder; return what was written by kind."""
    folder.mkdir(parents=True, exist_ok=True)
    document = compose(found)
    paths = {"html": folder / f"{stem}.html", "xlsx": folder / f"{stem}.xlsx"}
    paths["html"].write_text(page.render(document), encoding="utf-8", newline="\n")
    paths["xlsx"].write_bytes(workbook.of_dossier(document))
    return paths
