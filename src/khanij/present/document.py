"""What documents are made of: sentences, numbers, figures, tables; a long one and one of two pages. No arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from khanij.core.number import Number
from khanij.core.table import Table


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the sources of the numbers in it; emphasis is a few words that stand first in bold."""

    text: str
    sources: tuple[str, ...] = ()
    emphasis: str = ""

    def __str__(self) -> str:
        """Return the whole sentence."""
        return f"{self.emphasis} {self.text}" if self.emphasis else self.text


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing: Plotly data and layout, what it shows, and the same in words for those who cannot see it.

    least  width in pixels below which it cannot be read; a narrower screen scrolls it sideways
    """

    id: str
    figure: Mapping[str, Any]
    caption: str
    alt: str
    sources: tuple[str, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading with paragraphs, figures and grids, printed in this order; an answer as a page shows it.

    lead     what was found            after    what is said of how to read it
    command  the line that asks it again, "" for what is no answer
    sources  ids of the sources that its tables name in words
    """

    id: str
    heading: str
    lead: tuple[tuple[Sentence, ...], ...] = ()
    figures: tuple[Figure, ...] = ()
    grids: tuple[Table, ...] = ()
    after: tuple[Sentence, ...] = ()
    command: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """One entry of the numbered list of sources."""

    id: str
    citation: str
    licence: str = ""
    landing: str = ""
    accessed: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A long document: findings, then chapters with every table.

    meta      label -> value of the title block, in order ("Year", "Facts as of", …)
    findings  the headline sentences
    sources   id -> entry, for every id that a sentence, figure or number names
    kind      what it is, above the title
    links     heading -> (text -> address) of pages beside it      home  address of the page that leads to it, "" = none
    """

    title: str
    subtitle: str
    meta: Mapping[str, str]
    findings: tuple[Sentence, ...]
    chapters: tuple[Chapter, ...]
    sources: Mapping[str, Citation] = field(default_factory=dict)
    kind: str = "Critical-minerals brief"
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    home: str = ""

    def grids(self) -> tuple[Table, ...]:
        """Return every grid, in order."""
        return tuple(grid for chapter in self.chapters for grid in chapter.grids)

    def cited(self) -> tuple[str, ...]:
        """Return the ids of all sources in the order in which a reader first meets them."""
        seen: dict[str, None] = {}
        for sentence in self.findings:
            seen |= dict.fromkeys(sentence.sources)
        for chapter in self.chapters:
            for sentence in (s for paragraph in chapter.lead for s in paragraph):
                seen |= dict.fromkeys(sentence.sources)
            for figure in chapter.figures:
                seen |= dict.fromkeys(figure.sources)
            for grid in chapter.grids:
                seen |= dict.fromkeys(grid.cited())
            for sentence in chapter.after:
                seen |= dict.fromkeys(sentence.sources)
            seen |= dict.fromkeys(chapter.sources)
        return tuple(seen)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with the one number that carries it.

    number  shown large beside the sentence with its range; None for a finding in words
    sure    what the number rests on, in a few words
    """

    sentence: Sentence
    number: Number | None = None
    sure: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number at the head of a page: the number, what it is, and the same number before, in words."""

    number: Number
    words: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A small figure as SVG that needs no script: what it shows, and the same in words."""

    id: str
    svg: str
    caption: str
    alt: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One question of a short document and its answer: findings, sentences, figures, a small table."""

    id: str
    heading: str
    findings: tuple[Finding, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """A document of two printed pages.

    title     the verdict
    meta      label -> value, the small print at its head
    pages     sections of the first and of the second page
    advice    heading -> what to decide, to watch, to find out
    dossier   file with all the tables, beside it
    """

    kind: str
    title: Sentence
    subtitle: str
    meta: Mapping[str, str]
    tiles: tuple[Tile, ...]
    pages: tuple[tuple[Section, ...], ...]
    advice: Mapping[str, tuple[Sentence, ...]]
    dossier: str = ""
    sources: Mapping[str, Citation] = field(default_factory=dict)

    def cited(self) -> tuple[str, ...]:
        """Return the ids of all sources in the order in which a reader first meets them."""
        seen: dict[str, None] = dict.fromkeys(self.title.sources)
        for tile in self.tiles:
            seen |= dict.fromkeys(tile.number.sources)
        for section in (section for page in self.pages for section in page):
            for finding in section.findings:
                seen |= dict.fromkeys((*finding.sentence.sources, *(finding.number.sources if finding.number else ())))
            for sentence in section.sentences:
                seen |= dict.fromkeys(sentence.sources)
            for drawing in section.drawings:
                seen |= dict.fromkeys(drawing.sources)
            seen |= dict.fromkeys(section.table.cited() if section.table else ())
        for sentence in (sentence for listed in self.advice.values() for sentence in listed):
            seen |= dict.fromkeys(sentence.sources)
        return tuple(seen)
