"""A brief as one HTML file that needs no network: styles, scripts, figures and outlines inside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from khanij.core.errors import StudyError
from khanij.present import text
from khanij.present.document import Brief, Cell, Column, Figure, Grid, Link, Number, Sentence, Source
from khanij.present.figures.worldmap import ASSET, outlines

FOLDER = Path(__file__).parent / "templates"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def plotly_script() -> str:
    """Return plotly.min.js of the installed plotly package, found without importing it; raises StudyError if absent."""
    spec = find_spec("plotly")
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise StudyError("plotly.min.js is not installed", where="plotly", hint="pip install plotly")


@cache
def environment() -> Environment:
    """Return the template environment: everything is escaped, an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def embedded(data: Any) -> Markup:
    """Return data as JSON that may stand inside a script element."""
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(inert(dumped))


def inert(script: str) -> str:
    """Return JSON whose text cannot close the script element that holds it."""
    return script.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class References:
    """Numbers the sources in the order of first mention and writes the marks that point to them."""

    def __init__(self, brief: Brief) -> None:
        """Give every source of a brief its number."""
        self.entries = [brief.sources.get(id, Source(id, id)) for id in brief.cited()]
        self.number = {entry.id: k for k, entry in enumerate(self.entries, 1)}
        self.short = {entry.id: entry.citation for entry in self.entries}

    def marks(self, sources: Iterable[str]) -> Markup:
        """Return the raised numbers of these sources, as links to the list."""
        numbers = sorted({self.number[id] for id in sources})
        links = Markup(",").join(Markup('<a href="#src-{0}">{0}</a>').format(k) for k in numbers)
        return Markup('<sup class="ref">{}</sup>').format(links) if numbers else Markup("")

    def told(self, sources: Iterable[str]) -> str:
        """Return the sources in words, for the pointer."""
        numbers = sorted({self.number[id] for id in sources})
        return "; ".join(f"[{k}] {self.entries[k - 1].citation}" for k in numbers)

    def numbers(self, sources: Iterable[str]) -> str:
        """Return the sources' numbers, for data attributes."""
        return " ".join(str(k) for k in sorted({self.number[id] for id in sources}))


class Drawn:
    """One grid as the template wants it: heads, rows of cells, and the lettered notes of its cells."""

    def __init__(self, grid: Grid, references: References) -> None:
        """Write every cell once."""
        self.grid, self.references = grid, references
        self.notes: dict[str, str] = {}
        self.shared = [self._shared(k) for k in range(len(grid.columns))]
        self.unit = [self._unit(k) for k in range(len(grid.columns))]
        self.heads = [self._head(k, column) for k, column in enumerate(grid.columns)]
        self.rows = [Markup("").join(self._cell(k, cell) for k, cell in enumerate(row)) for row in grid.rows]
        self.daggers = any(n.confidence == "low" and n.value is not None for n in grid.numbers())

    def _numbers(self, k: int) -> list[Number]:
        """Return the known numbers of a column."""
        return [row[k] for row in self.grid.rows if isinstance(row[k], Number) and row[k].value is not None]  # type: ignore[union-attr,misc]

    def _shared(self, k: int) -> tuple[str, ...]:
        """Return the sources of a column where every number has the same, so that the head carries the mark once."""
        found = {tuple(sorted(set(n.sources))) for n in self._numbers(k)}
        return found.pop() if len(found) == 1 else ()

    def _unit(self, k: int) -> str:
        """Return the unit of a column where every number has the same."""
        found = {n.unit for n in self._numbers(k)}
        return found.pop() if len(found) == 1 else ""

    def _head(self, k: int, column: Column) -> Markup:
        """Return a column's heading: a button that sorts."""
        unit = {"1": "", "%": "", "index": "", "score": "", "kUSD": "USD thousand"}.get(self.unit[k], self.unit[k])
        label = escape(column.name) + (Markup(' <span class="unit">{}</span>').format(unit) if unit else Markup(""))
        meaning = Markup(' title="{}"').format(column.meaning) if column.meaning else Markup("")
        return Markup('<th scope="col" class="{}" aria-sort="none"><button type="button"{}>{}</button>{}</th>').format(
            "num" if column.kind == "number" else column.kind, meaning, label, self.references.marks(self.shared[k])
        )

    def _cell(self, k: int, cell: Cell) -> Markup:
        """Return one cell."""
        if isinstance(cell, Number):
            return self._number(k, cell)
        if isinstance(cell, Link):
            return Markup('<td class="text"><a href="{}" rel="noreferrer">{}</a></td>').format(cell.url, cell.text)
        kind = self.grid.columns[k].kind
        body = Markup("") if cell is None else escape(cell)
        if k == 0:
            return Markup('<th scope="row">{}</th>').format(body)
        return Markup('<td class="{}">{}</td>').format("num" if kind == "number" else kind, body)

    def _number(self, k: int, number: Number) -> Markup:
        """Return a number with its source on hover, its mark, its range when it is weak, and its note's letter."""
        if number.value is None and not number.note:
            return Markup('<td class="num nk" title="not known">{}</td>').format(text.SHORT_UNKNOWN)
        weak = number.confidence == "low" and number.value is not None
        shown = escape(text.cell(number.value, number.unit))
        if number.label:
            shown = Markup('<span class="name">{}</span> {}').format(number.label, shown)
        if (
            number.unit
            and not self.unit[k]
            and number.value is not None
            and number.unit not in ("1", "%", "index", "score")
        ):
            shown += Markup(' <span class="unit">{}</span>').format(number.unit)
        band = text.span(number.low, number.high, number.unit) if weak else ""
        shown += Markup("<sup>†</sup>") if weak else Markup("")
        under = Markup(' <span class="span">({})</span>').format(band) if band else Markup("")
        letter = self._letter(number.note)
        mark = self.references.marks(number.sources) if not self.shared[k] and number.value is not None else Markup("")
        return Markup('<td class="num{}" data-v="{}" data-src="{}" title="{}">{}{}{}{}</td>').format(
            " named" if number.label else " nk" if number.value is None else "",
            "" if number.value is None else repr(float(number.value)),
            self.references.numbers(number.sources) if number.value is not None else "",
            self._hint(number),
            shown,
            mark,
            letter,
            under,
        )

    def _letter(self, note: str) -> Markup:
        """Return the letter under which a note is printed; equal notes share one."""
        if not note:
            return Markup("")
        if note not in self.notes:
            k = len(self.notes)
            self.notes[note] = LETTERS[k] if k < 26 else LETTERS[k // 26 - 1] + LETTERS[k % 26]
        return Markup('<sup class="note">{}</sup>').format(self.notes[note])

    def _hint(self, number: Number) -> str:
        """Return what the pointer tells: exact value, range, confidence, note, sources."""
        if number.value is None:
            return f"not known: {number.note}"
        parts = [text.exact(number.value, number.unit)]
        band = text.span(number.low, number.high, number.unit)
        if band:
            parts.append(f"range {band}")
        if number.confidence != "high":
            parts.append(f"confidence {number.confidence}")
        if number.note:
            parts.append(number.note)
        parts.append(f"Source: {self.references.told(number.sources)}")
        return " · ".join(parts)


def figure_data(figures: Sequence[Figure]) -> Markup:
    """Return every figure as one JSON object: id -> {data, layout}."""
    return embedded(
        {figure.id: {"data": figure.figure["data"], "layout": figure.figure["layout"]} for figure in figures}
    )


def render(brief: Brief) -> str:
    """Return the whole brief as one HTML page that works without a network.

    plotly.js, styles and outlines are written into it once; a page without figures carries no plotly.js.
    """
    references = References(brief)
    figures = [figure for chapter in brief.chapters for figure in chapter.figures]
    mapped = any(trace.get("geojson") == ASSET for figure in figures for trace in figure.figure["data"])

    def sentence(item: Sentence) -> Markup:
        """Return a sentence with its bold start and its marks."""
        strong = Markup("<strong>{}</strong> ").format(item.emphasis) if item.emphasis else Markup("")
        return Markup('<span class="said" data-src="{}">{}{}{}</span>').format(
            references.numbers(item.sources), strong, item.text, references.marks(item.sources)
        )

    return (
        environment()
        .get_template("brief.html.j2")
        .render(
            brief=brief,
            drawn={grid.id: Drawn(grid, references) for grid in brief.grids()},
            sentence=sentence,
            references=references,
            css=Markup((FOLDER / "brief.css").read_text(encoding="utf-8")),
            script=Markup((FOLDER / "brief.js").read_text(encoding="utf-8")),
            plotly=Markup(plotly_script().replace("</script", "<\\/script")) if figures else None,
            outlines=Markup(inert(outlines())) if mapped else Markup("null"),
            figures=figure_data(figures),
        )
    )
