"""An answer as a part of a page: sentences, figures, tables with their twins, sources, and how to ask and cite it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from khanij.analyses import asked
from khanij.analyses.profile.readings import citations
from khanij.analyses.question import Answer, Request, find
from khanij.core.registry import package_version
from khanij.core.table import Table
from khanij.present import page
from khanij.present.cells import DrawnGrid, References
from khanij.present.document import Chapter, Citation, Dossier, Figure, Sentence
from khanij.present.figures.worldmap import ASSET

FOLDER = Path(__file__).parent
ROWS = 60  # rows of a table that a page shows at once
EDITION = "khanij: sourced facts on critical minerals"


@cache
def environment() -> Environment:
    """Return the templates of pages beside those of documents; everything is escaped, an unknown name is an error."""
    loaders = [FileSystemLoader(FOLDER / "templates"), FileSystemLoader(page.FOLDER)]
    return page.environment().overlay(loader=ChoiceLoader(loaders))


@dataclass(frozen=True, slots=True)
class Shown:
    """What of an answer a part of a page shows.

    tables, figures  keys and ids, or their beginnings with "*"; None = all of them
    full             every row        heading  above it, "" for the question's line
    """

    tables: tuple[str, ...] | None = None
    figures: tuple[str, ...] | None = None
    full: bool = False
    heading: str = ""


def chosen(names: Sequence[str] | None, key: str) -> bool:
    """Return whether a key is among names, of which one may end with "*"."""
    if names is None:
        return True
    return any(key == name or (name.endswith("*") and key.startswith(name[:-1])) for name in names)


def sentences(listed: Sequence[Any]) -> tuple[Sentence, ...]:
    """Return texts and sentences as sentences."""
    return tuple(one if isinstance(one, Sentence) else Sentence(str(one)) for one in listed)


def document(answer: Answer, shown: Shown) -> Dossier:
    """Return what is shown of an answer as a document of one chapter, for the numbers of its sources."""
    tables = tuple(table for table in answer.tables if chosen(shown.tables, table.key))
    figures = tuple(figure for figure in answer.figures if chosen(shown.figures, figure.id))
    chapter = Chapter("answer", shown.heading, figures=figures, grids=tables)
    made = Dossier(shown.heading, "", {}, sentences(answer.findings), (chapter,))
    return replace(made, sources=citations(made.cited()))


def render(answer: Answer, id: str, shown: Shown, level: int = 2) -> Markup:
    """Return an answer as HTML; id  before every anchor in it, level  of its heading."""
    whole = document(answer, shown)
    references = References(whole, f"{id}-src-")
    chapter = whole.chapters[0]
    drawn = [grid(table, references, shown.full) for table in chapter.grids]
    question = find(answer.request.question)
    return Markup(
        environment()
        .get_template("answer.html.j2")
        .render(
            id=id,
            level=level,
            heading=shown.heading or question.line.rstrip("."),
            answer=answer,
            question=question,
            query=asked.query(answer.request),
            sentence=partial(page.marked, references=references),
            findings=whole.findings,
            figures=chapter.figures,
            data=page.figure_data(chapter.figures),
            grids=drawn,
            references=references,
            snippets=snippets(answer.request),
            cite=cite(answer),
        )
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is drawn: all of it in data, its first rows on the page."""

    table: Table
    drawn: DrawnGrid
    cut: int


def grid(table: Table, references: References, full: bool = False) -> Grid:
    """Return a table as it is drawn, its first rows where it is long."""
    cut = 0 if full or len(table) <= ROWS else len(table) - ROWS
    shown = replace(table, cells=table.cells[: len(table) - cut])
    return Grid(table, DrawnGrid(shown, references), cut)


def is_mapped(figures: Sequence[Figure]) -> bool:
    """Return whether a figure is drawn on the outlines of countries."""
    return any(trace.get("geojson") == ASSET for figure in figures for trace in figure.figure["data"])


def snippets(request: Request) -> dict[str, str]:
    """Return how the same is asked elsewhere: label -> line; "{base}" stands for the address of the server."""
    question, query = find(request.question), asked.query(request)
    path = f"{{base}}/q/{question.slug}.csv" + (f"?{query}" if query else "")
    given = ", ".join(f"{name}={value!r}" for name, value in _given(request))
    words = f'"{question.name}"' + (f", {given}" if given else "")
    return {
        "Command line": request.command(),
        "Python": f"from khanij.analyses.question import ask, request\nanswer = ask(request({words}))",
        "Python, over the network": f'import pandas\ntable = pandas.read_csv("{path}")',
        "R": f'table <- read.csv("{path}")',
        "Spreadsheet": f'=IMPORTDATA("{path}")',
    }


def _given(request: Request) -> list[tuple[str, Any]]:
    """Return the fields that are given, as Python has them."""
    return [(name, value) for name, value in request.given().items() if name.isidentifier()]


def cite(answer: Answer) -> str:
    """Return how the answer is cited: version, facts and hash pin it."""
    return (
        f"{EDITION}, version {package_version()}, facts {answer.manifest or 'of the reference tables'}, "
        f"answer {answer.hash} to: {answer.request.command()}"
    )


def sources(answer: Answer, tables: Sequence[Table] = ()) -> tuple[Citation, ...]:
    """Return the sources of an answer, or of some of its tables, as entries."""
    ids = dict.fromkeys(id for table in tables for id in table.cited()) if tables else dict.fromkeys(answer.sources)
    ids = ids or dict.fromkeys(answer.sources)
    held = citations(ids)
    return tuple(held.get(id, Citation(id, id)) for id in ids)
