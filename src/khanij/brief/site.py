"""The dossier as a static site: a page a mineral, country, product and agreement, gaps, sources, and the way to each.

A page holds the rows of every table of the dossier that are about its subject, by the same templates; nothing is
asked again and nothing computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from khanij import reference
from khanij.core.table import Table
from khanij.present import names, page, text
from khanij.present.document import Chapter, Dossier, Sentence
from khanij.reference.industry.product_output import products
from khanij.reference.names import country_name

FOLDER, INDEX = "dossier", "index.html"
MOST = 60  # pages of a kind: those with most rows
MISSING = ("gaps", "missing", "unseen", "unlinked", "not-priced", "lower-bounds", "untold")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page: the columns whose cells name its subjects, who they are, and how they are called."""

    id: str
    heading: str
    columns: tuple[str, ...]
    known: Callable[[], Collection[str]]
    called: Callable[[str], str]


KINDS = (
    Kind("minerals", "Minerals", ("material",), reference.materials, names.mineral),
    Kind("products", "Products", ("product",), products, lambda id: products()[id].name),
    Kind("countries", "Countries", ("country", "partner"), reference.countries, country_name),
    Kind("agreements", "Agreements", ("agreement", "scenario"), dict, str),
)


def files(document: Dossier, focus: Collection[str], indian: bool = False) -> dict[str, bytes]:
    """Return the pages of a dossier, path below its folder -> bytes.

    focus  countries that the dossier is of, which have no page of their own      indian  digits in lakh and crore
    """
    written = page.with_lakhs if indian else str
    pages = {INDEX: _index(document, focus)}
    for kind in KINDS:
        for subject in _subjects(document, kind, focus):
            pages[_path(kind, subject)] = _page(document, kind.called(subject), kind.columns, {subject})
    pages["gaps.html"] = _gaps(document)
    every = Chapter("every", "Every source of the dossier", sources=tuple(document.sources))
    title = f"Sources: {document.title}"
    pages["sources.html"] = replace(document, title=title, findings=(), chapters=(every,), home=INDEX)
    return {f"{FOLDER}/{path}": written(page.render(_cited(one))).encode() for path, one in pages.items()}


def _cited(document: Dossier) -> Dossier:
    """Return a page with the sources of its own numbers alone."""
    named = set(document.cited())
    return replace(document, sources={id: one for id, one in document.sources.items() if id in named})


def _path(kind: Kind, subject: str) -> str:
    """Return where a page stands; agreements are numbered by their names, which may hold any sign."""
    return f"{kind.id}/{''.join(sign if sign.isalnum() else '-' for sign in subject)}.html"


def _subjects(document: Dossier, kind: Kind, focus: Collection[str]) -> list[str]:
    """Return whom a kind has pages of, those with most rows first."""
    counted: Counter[str] = Counter()
    known = kind.known()
    for grid in document.grids():
        for name in set(kind.columns) & set(grid.keys):
            counted.update(cell for cell in grid.column(name) if isinstance(cell, str) and cell)
    listed = [s for s, _ in counted.most_common() if (s in known or not known) and s not in focus]
    return sorted(listed[:MOST], key=kind.called)


def _page(document: Dossier, title: str, columns: tuple[str, ...], subjects: Collection[str]) -> Dossier:
    """Return the rows of every table that are about a subject as a document."""
    chapters = tuple(_about(document, columns, subjects))
    count = sum(len(grid) for chapter in chapters for grid in chapter.grids)
    tables = text.count(sum(len(c.grids) for c in chapters), "table")
    said = Sentence(
        f"{text.capital(text.count(count, 'row'))} of {tables} of the dossier {'is' if count == 1 else 'are'} about it."
    )
    kind = f"{document.kind} · {document.title}"
    return replace(
        document, title=text.capital(title), findings=(said,), chapters=chapters, kind=kind, home=f"../{INDEX}"
    )


def _about(document: Dossier, columns: tuple[str, ...], subjects: Collection[str]) -> Iterator[Chapter]:
    """Yield the chapters with the rows about some subjects alone, without those that have none."""
    for chapter in document.chapters:
        grids = []
        for grid in chapter.grids:
            at = [grid.keys.index(name) for name in columns if name in grid.keys]
            cells = tuple(row for row in grid.cells if any(row[k] in subjects for k in at if isinstance(row[k], str)))
            if cells:
                grids.append(replace(grid, cells=cells, long=False))
        if grids:
            yield replace(chapter, lead=(), figures=(), grids=tuple(grids), after=(), command="", sources=())


def _gaps(document: Dossier) -> Dossier:
    """Return what cannot be told: tables of what is missing, and questions without an answer."""
    chapters = []
    for chapter in document.chapters:
        grids = tuple(grid for grid in chapter.grids if _is_gap(grid))
        silent = not chapter.grids and any(s.emphasis == "Not known." for part in chapter.lead for s in part)
        if grids or silent:
            chapters.append(replace(chapter, lead=chapter.lead if silent else (), figures=(), grids=grids))
    said = Sentence("What no source tells is listed, and is never counted as nothing.")
    title = f"What cannot be told: {document.title}"
    return replace(document, title=text.capital(title), findings=(said,), chapters=tuple(chapters), home=INDEX)


def _is_gap(grid: Table) -> bool:
    """Return whether a table lists what is missing."""
    return any(grid.key.replace("_", "-").endswith(word) for word in MISSING)


def _index(document: Dossier, focus: Collection[str]) -> Dossier:
    """Return the page that leads to the others."""
    links: dict[str, Mapping[str, str]] = {
        kind.heading: {kind.called(s): _path(kind, s) for s in _subjects(document, kind, focus)} for kind in KINDS
    }
    links["The whole"] = {
        "What cannot be told": "gaps.html",
        "Sources": "sources.html",
        "The dossier on one page": "../dossier.html",
        "The two pages": "../brief.html",
    }
    return replace(document, chapters=(), links={name: told for name, told in links.items() if told})
