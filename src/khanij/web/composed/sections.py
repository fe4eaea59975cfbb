"""An answer as a part of a page: sentences, figures, tables with their twins, sources, and how to ask and cite it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from khanij import reference
from khanij.analyses import asked, runner
from khanij.analyses.profile.readings import citations
from khanij.analyses.question import Answer, Request, find
from khanij.core.registry import package_version
from khanij.core.table import Table
from khanij.present import answers, page
from khanij.present.cells import References, is_there
from khanij.present.document import Citation
from khanij.reference.chronicle import events

FOLDER = Path(__file__).parents[1]
ROWS = 60  # rows of a table that a page shows at once
KINDS = ("csv", "json", "xlsx", "svg", "png", "zip")
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
    findings         so many sentences at most          remarks  what is said beside the tables too
    full             every row        heading  above it, "" for the question's line
    """

    tables: tuple[str, ...] | None = None
    figures: tuple[str, ...] | None = None
    findings: int = 50
    remarks: bool = True
    full: bool = False
    heading: str = ""


def chosen(names: Sequence[str] | None, key: str) -> bool:
    """Return whether a key is among names, of which one may end with "*"."""
    if names is None:
        return True
    return any(key == name or (name.endswith("*") and key.startswith(name[:-1])) for name in names)


def render(answer: Answer, id: str, shown: Shown) -> Markup:
    """Return an answer as HTML; id  before every anchor in it."""
    question, query = find(answer.request.question), asked.query(answer.request)
    without = [table.key for table in answer.tables if not chosen(shown.tables, table.key)]
    chapter = answers.chapter(answer, id, shown.heading, without=without, prefix=True)
    figures = tuple(f for f in chapter.figures if chosen(shown.figures, f.id.removeprefix(f"{id}-")))
    cut = {} if shown.full else {grid.key: len(grid) - ROWS for grid in chapter.grids if len(grid) > ROWS + 10}
    grids = tuple(first(grid) if grid.key in cut else grid for grid in chapter.grids)
    chapter = replace(chapter, figures=figures, grids=grids, after=chapter.after if shown.remarks else ())
    findings = answers.sentences(answer)[: shown.findings]
    whole = answers.document(shown.heading, [replace(chapter, lead=())], findings=findings)
    whole = replace(whole, sources=citations(whole.cited()))
    references = References(whole, f"{id}-src-")

    def twins(kind: str, key: str) -> Markup:
        """Return the links to the twins of a table, a figure, or the whole answer."""
        tail = {"table": f"/{key.removeprefix(f'{id}-')}", "figure": f"/figure/{key.removeprefix(f'{id}-')}"}
        path = f"/q/{question.slug}{tail.get(kind, '')}"
        told = {"path": path, "query": query, "kinds": KINDS, "slug": question.slug, "all": kind == "whole"}
        return Markup(environment().get_template("twins.html.j2").render(**told, cut=cut.get(key, 0)))

    context = {
        **page.written(whole, references, partial(address, str(getattr(answer.request, "focus", "")))),
        "id": id,
        "heading": shown.heading or question.line.rstrip("."),
        "answer": answer,
        "question": question,
        "query": query,
        "findings": findings,
        "chapter": chapter,
        "data": page.figure_data(chapter.figures),
        "snippets": snippets(answer.request),
        "cite": cite(answer),
        "twins": twins,
        "hidden": len(without),
    }
    return Markup(environment().get_template("part.html.j2").render(**context))


def address(focus: str, key: str, id: str) -> str:
    """Return the address of the page of what an id in a column names, of the country in question; "" for none."""
    match key:
        case "method" if id in runner.methods():
            return f"/method?{urlencode({'id': id, 'focus': focus})}" if focus else f"/method?id={id}"
        case "material" if id in reference.materials():
            return f"/mineral?{urlencode({'material': id, 'focus': focus})}" if focus else f"/mineral?material={id}"
        case "country" | "partner" if id in reference.countries() and id != focus:
            return f"/partner?{urlencode({'focus': focus, 'partner': id})}" if focus else f"/country?focus={id}"
        case "event" if id in events.catalogue():
            return f"/forecasts?event={id}"
    return ""


def first(grid: Table) -> Table:
    """Return the first rows of a table: what is the same in these alone, or empty, is not said of it."""
    cells, kept = grid.cells[:ROWS], []
    for k, column in enumerate(grid.columns):
        varies = any(row[k] != grid.cells[0][k] for row in grid.cells)
        if any(is_there(row[k]) for row in cells) or not any(is_there(row[k]) for row in grid.cells):
            kept.append((k, replace(column, main=column.main or varies)))
    return replace(
        grid, columns=tuple(c for _, c in kept), cells=tuple(tuple(row[k] for k, _ in kept) for row in cells)
    )


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
