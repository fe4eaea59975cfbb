"""A long document as one HTML file that needs no network: styles, scripts, figures and outlines inside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from khanij.core.errors import StudyError
from khanij.present import text
from khanij.present.cells import DrawnGrid, References, unbroken
from khanij.present.document import Dossier, Figure, Sentence
from khanij.present.figures.worldmap import ASSET, outlines

FOLDER = Path(__file__).parent / "templates"


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
def shared(kind: str) -> str:
    """Return what every page that shows an answer shares; kind  css or js."""
    return (FOLDER / f"answer.{kind}").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Return the template environment: everything is escaped, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["capfirst"] = lambda note: text.capital(str(note).rstrip("."))
    return made


APART = re.compile(r"(<script\b.*?</script>|<style\b.*?</style>|<code\b.*?</code>|<pre\b.*?</pre>|<[^>]*>)", re.DOTALL)


def with_lakhs(html: str) -> str:
    """Return a page whose numbers are written the Indian way; scripts, commands and attributes stay as they are."""
    return "".join(part if part.startswith("<") else text.lakhs(part) for part in APART.split(html))


def embedded(data: Any) -> Markup:
    """Return data as JSON that may stand inside a script element."""
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(inert(dumped))


def inert(script: str) -> str:
    """Return JSON whose text cannot close the script element that holds it."""
    return script.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def figure_data(figures: Sequence[Figure]) -> Markup:
    """Return every figure as one JSON object: id -> {data, layout}."""
    return embedded(
        {figure.id: {"data": figure.figure["data"], "layout": figure.figure["layout"]} for figure in figures}
    )


def marked(item: Sentence, references: References) -> Markup:
    """Return a sentence with its bold start and its marks."""
    strong = Markup("<strong>{}</strong> ").format(item.emphasis) if item.emphasis else Markup("")
    return Markup('<span class="said" data-src="{}">{}{}{}</span>').format(
        references.numbers(item.sources), strong, unbroken(item.text), references.marks(item.sources)
    )


@dataclass(frozen=True, slots=True)
class Fragment:
    """The parts of a document as HTML, for whatever page stands around them.

    chapters  a section each                  sources   the numbered list to which the raised numbers point
    figures   JSON, id -> {data, layout}: what a script draws into the .plot elements; None = there are none
    outlines  JSON of the countries' outlines where a map needs them, else "null"
    """

    chapters: tuple[Markup, ...]
    sources: Markup
    figures: Markup | None
    outlines: Markup


def written(
    document: Dossier, references: References, links: Callable[[str, str], str] | None = None
) -> dict[str, Any]:
    """Return what the template of an answer needs of a document; links  of `DrawnGrid`."""
    return {
        "drawn": {
            grid.key: DrawnGrid(grid, references, chapter.sources, chapter.command, links)
            for chapter in document.chapters
            for grid in chapter.grids
        },
        "sentence": partial(marked, references=references),
        "references": references,
    }


def fragment(document: Dossier, context: Mapping[str, Any] | None = None) -> Fragment:
    """Return a document's chapters, sources and figures; context  of `written`, if it is at hand."""
    context = written(document, References(document)) if context is None else context
    figures = [figure for chapter in document.chapters for figure in chapter.figures]
    mapped = any(trace.get("geojson") == ASSET for figure in figures for trace in figure.figure["data"])
    parts = environment().get_template("answer.html.j2").make_module(dict(context))
    return Fragment(
        tuple(Markup(parts.section(chapter)) for chapter in document.chapters),  # type: ignore[attr-defined]
        Markup(parts.list_of_sources()),  # type: ignore[attr-defined]
        figure_data(figures) if figures else None,
        Markup(inert(outlines())) if mapped else Markup("null"),
    )


def render(document: Dossier) -> str:
    """Return the whole document as one HTML page that works without a network.

    plotly.js, styles and outlines are written into it once; a page without figures carries no plotly.js.
    """
    context = written(document, References(document))
    parts = fragment(document, context)
    return (
        environment()
        .get_template("dossier.html.j2")
        .render(
            document=document,
            fragment=parts,
            css=Markup(shared("css") + (FOLDER / "dossier.css").read_text(encoding="utf-8")),
            script=Markup(shared("js") + (FOLDER / "dossier.js").read_text(encoding="utf-8")),
            plotly=Markup(plotly_script().replace("</script", "<\\/script")) if parts.figures else None,
            **context,
        )
    )
