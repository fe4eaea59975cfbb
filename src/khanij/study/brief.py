"""A country's brief: from Readings to one page, one workbook and a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from khanij import reference
from khanij.core.errors import CoverageError
from khanij.core.registry import package_version
from khanij.core.table import Table
from khanij.present import page, text, workbook
from khanij.present.document import Brief, Source
from khanij.study import bundle
from khanij.study.chapters import bilateral, chains, gaps, glance, minerals, notes, suppliers
from khanij.study.findings import findings
from khanij.study.readings import Readings, citations, place

YEAR = 2024  # the latest year for which trade in tonnes and output are both in the store


def list_name(id: str, focal: str) -> str:
    """Return an official list in words."""
    if id == "all":
        own = f"{place(focal)} has published no list of critical minerals known to the store"
        return f"all official lists together, because {own}"
    row = next(row for row in reference.lists() if row.list == id)
    area = place(row.jurisdiction) if row.jurisdiction in reference.countries() else row.jurisdiction
    return f"the official list of {area} of {row.date} ({id})"


def compose(country: str, year: int = YEAR, partner: str | None = None) -> tuple[Brief, Readings]:
    """Return a country's brief and the readings that it was made from.

    country, partner  ISO alpha-3 codes or names
    Raises CoverageError for an unknown country or year, or a partner that is the country itself.
    """
    focal = reference.country(country)
    other = reference.country(partner) if partner else None
    if other == focal:
        raise CoverageError("the partner is the country itself", where="--partner", hint="name another country")
    r = Readings(focal, year)
    chosen, materials = r.listed
    scores = dict(r.values("geopolrisk"))
    parts = [
        glance.chapter(r, list_name(chosen, focal)),
        suppliers.chapter(r),
        minerals.chapter(r, scores),
        chains.chapter(r),
    ]
    about = bilateral.chapter(r, other) if other else None
    parts += [about] if about else []
    parts += [gaps.chapter(r), notes.chapter(r)]
    meta = {
        "Country": f"{r.name} ({focal})",
        "Year": str(year),
        "Minerals": f"{len(materials)}, {'all lists' if chosen == 'all' else chosen}",
        **({"Partner": f"{place(other)} ({other})"} if other else {}),
        "Editions": ", ".join((*r.case.cube("trade").sources, *r.case.cube("production").sources)),
        "Facts": f"store {r.case.manifest}",
        "Made by": f"khanij {package_version()}",
    }
    brief = Brief(
        title=f"{r.name}: dependence on critical minerals",
        subtitle=f"Whom the country depends on, for what, and how sure that is, {year}"
        + (f"; with a chapter on {place(other)}" if other else ""),
        meta=meta,
        findings=findings(r, about.lead[0] if about else ()),
        chapters=tuple(parts),
    )
    return replace(brief, sources=_sources(brief)), r


def _sources(brief: Brief) -> dict[str, Source]:
    """Return the entries of all sources that the brief cites."""
    return citations(brief.cited())


def write(country: str, folder: Path, year: int = YEAR, partner: str | None = None) -> dict[str, Path]:
    """Write a country's brief as HTML, XLSX and bundle below `folder`; return what was written by kind."""
    brief, r = compose(country, year, partner)
    stem = f"brief-{r.focal}-{year}" + (f"-{reference.country(partner)}" if partner else "")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"html": folder / f"{stem}.html", "xlsx": folder / f"{stem}.xlsx", "bundle": folder / stem}
    tables: dict[str, Table] = {f"table-{grid.id}": grid.table() for grid in brief.grids()}
    paths["html"].write_text(page.render(brief), encoding="utf-8", newline="\n")
    paths["xlsx"].write_bytes(workbook.of_brief(brief))
    study: dict[str, Any] = {
        "study": "brief",
        "country": r.focal,
        "year": year,
        "partner": partner and reference.country(partner),
        "version": package_version(),
    }
    bundle.write(paths["bundle"], r.results, tables, study)
    return paths


def summary(brief: Brief) -> str:
    """Return the findings as plain text, for a terminal."""
    lines = [f"{k}. {' '.join(filter(None, (s.emphasis, s.text)))}" for k, s in enumerate(brief.findings, 1)]
    return "\n".join([brief.title, *lines]).replace(text.THIN, " ") + "\n"
