"""An answer as a chapter of a document: the one way in which every page shows what was asked and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from khanij.core.table import Table
from khanij.present import page
from khanij.present.document import Chapter, Citation, Dossier, Figure, Sentence
from khanij.present.figures import worldmap

LONG = 12  # rows from which a table can be filtered


class Asked(Protocol):
    """A question that was asked."""

    def command(self) -> str:
        """Return the line that asks it again."""


class Answered(Protocol):
    """What came of a question, whoever answered it: see analyses.question.Answer."""

    @property
    def request(self) -> Asked:
        """Return what was asked."""

    @property
    def findings(self) -> tuple[Any, ...]:
        """Return sentences, the first of them the answer in one; text or Sentence."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return the tables in the order in which they are read."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Return the drawings."""

    @property
    def words(self) -> Mapping[str, tuple[Sentence, ...]]:
        """Return part -> sentences that stand beside the tables."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the ids of the sources cited."""


def sentences(answer: Answered) -> tuple[Sentence, ...]:
    """Return the findings of an answer as sentences; one without sources of its own rests on those of the answer."""
    return tuple(s if isinstance(s, Sentence) else Sentence(str(s), answer.sources) for s in answer.findings)


def chapter(
    answer: Answered,
    id: str = "answer",
    heading: str = "",
    *,
    without: Collection[str] = (),
    prefix: bool = False,
) -> Chapter:
    """Return an answer as a chapter: what was found, what is said beside the tables, figures, tables, the command.

    without  keys of tables that are left out: too long for a page
    prefix   put the id of the chapter before the keys of tables and the ids of figures, where answers share a page
    """
    start = f"{id}-" if prefix else ""
    found = sentences(answer)
    told = {str(sentence) for sentence in found}
    beside = [s for part in answer.words.values() for s in part if str(s) not in told]
    shown = [table for table in answer.tables if table.key not in without]
    return Chapter(
        id,
        heading,
        tuple((sentence,) for sentence in found),
        tuple(replace(figure, id=f"{start}{figure.id}") for figure in answer.figures),
        tuple(replace(t, key=f"{start}{t.key}", long=t.long or len(t) > LONG) for t in shown),
        tuple(dict.fromkeys(beside)),
        answer.request.command(),
        answer.sources,
    )


def document(
    title: str,
    chapters: Iterable[Chapter],
    *,
    subtitle: str = "",
    meta: Mapping[str, str] | None = None,
    findings: Iterable[Sentence] = (),
    sources: Mapping[str, Citation] | None = None,
    kind: str = "Answer",
) -> Dossier:
    """Return chapters as a document; sources  id -> entry of the numbered list."""
    return Dossier(title, subtitle, meta or {}, tuple(findings), tuple(chapters), sources or {}, kind=kind)


def html(answer: Answered, rows: int = 20) -> str:
    """Return an answer as HTML for a notebook: findings, first rows of each table, sources; no script, no style."""
    whole = chapter(answer)
    grids = tuple(
        replace(grid, cells=grid.cells[:rows], notes=(*grid.notes, f"{len(grid) - rows} more rows are not shown"))
        if len(grid) > rows
        else replace(grid, long=False)
        for grid in whole.grids
    )
    parts = page.fragment(document("", [replace(whole, grids=grids, figures=())]))
    return f'<div class="khanij">{"".join(parts.chapters)}{parts.sources}</div>'


def plot(figure: Figure) -> Any:
    """Return a figure as plotly draws it in a notebook, with the outlines of countries inside where it is a map."""
    import json

    import plotly.graph_objects as drawn

    data = [
        {**trace, "geojson": json.loads(worldmap.outlines())} if trace.get("geojson") == worldmap.ASSET else trace
        for trace in figure.figure["data"]
    ]
    return drawn.Figure({"data": data, "layout": figure.figure["layout"]}, skip_invalid=True)
