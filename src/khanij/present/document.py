"""What a brief is made of: finished numbers with sources, sentences, figures, grids, chapters. It has no arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """A heading with paragraphs, figures and grids, printed in this order."""

    id: str
    heading: str
    lead: tuple[tuple[Sentence, ...], ...] = ()
    figures: tuple[Figure, ...] = ()
    grids: tuple[Table, ...] = ()
    after: tuple[Sentence, ...] = ()


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
class Brief:
    """A whole document.

    meta      label -> value of the title block, in order ("Year", "Facts as of", …)
    findings  the headline sentences
    sources   id -> entry, for every id that a sentence, figure or number names
    evidence  rows behind headline numbers, folded away below the findings
    """

    title: str
    subtitle: str
    meta: Mapping[str, str]
    findings: tuple[Sentence, ...]
    chapters: tuple[Chapter, ...]
    sources: Mapping[str, Citation] = field(default_factory=dict)
    evidence: tuple[Table, ...] = ()

    def grids(self) -> tuple[Table, ...]:
        """Return every grid, in order."""
        return (*self.evidence, *(grid for chapter in self.chapters for grid in chapter.grids))

    def cited(self) -> tuple[str, ...]:
        """Return the ids of all sources in the order in which a reader first meets them."""
        seen: dict[str, None] = {}
        for sentence in self.findings:
            seen |= dict.fromkeys(sentence.sources)
        for grid in self.evidence:
            seen |= dict.fromkeys(grid.cited())
        for chapter in self.chapters:
            for sentence in (s for paragraph in chapter.lead for s in paragraph):
                seen |= dict.fromkeys(sentence.sources)
            for figure in chapter.figures:
                seen |= dict.fromkeys(figure.sources)
            for grid in chapter.grids:
                seen |= dict.fromkeys(grid.cited())
            for sentence in chapter.after:
                seen |= dict.fromkeys(sentence.sources)
        return tuple(seen)
