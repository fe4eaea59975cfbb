"""Two printed pages hold so much and no more: what matters least is left to the dossier before a page overflows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from khanij.present.document import Section, Sentence

LINES = 72.5  # lines of body type on a page of A4
FIRST, SECOND = LINES - 1.0, LINES - 3.5  # the same as `height` counts them, which was held against printed pages
HEAD, FOOT = 13.5, 4.0  # lines of the head of the first page, and of the small print that ends the second
NARROW, WIDE, THIRD = 60, 122, 36  # characters of a line in a column beside a figure, across the page, in a third of it
BAR, NOTE = 1.4, 3.0  # lines of a row of bars, and of what is written around and below a figure
SOURCES = 2.1  # lines of three entries of the list of sources


def lines(text: object, width: int) -> float:
    """Return about how many lines a text fills, the space below it included."""
    return ceil(len(str(text)) / width) + 0.45


def height(section: Section) -> float:
    """Return about how many lines a section fills: its words beside its figure, its table below."""
    width = NARROW if section.drawings else WIDE
    words = sum(lines(f"{item.sentence}{item.sure}", width - 6) + 0.2 for item in section.findings)
    words += sum(lines(item, width) for item in section.sentences)
    drawn = sum(drawing.svg.count('class="name"') * BAR + NOTE + 2.0 for drawing in section.drawings)
    table = 0.0 if section.table is None else 2.6 + 1.35 * len(section.table.cells)
    return 2.3 + max(words, drawn) + table


def shorter(section: Section, sentences: int, findings: int, rows: int) -> Section | None:
    """Return a section without what stands last in it; None where no more can go.

    sentences, findings, rows  how many are kept in any case
    """
    if len(section.sentences) > sentences:
        return replace(section, sentences=section.sentences[:-1])
    if len(section.findings) > findings:
        return replace(section, findings=section.findings[:-1])
    if section.table is not None and len(section.table.cells) > rows:
        return replace(section, table=replace(section.table, cells=section.table.cells[:-1]))
    return None


def fitted(sections: Sequence[Section], room: float, order: Sequence[str]) -> tuple[Section, ...]:
    """Return the sections of a page, shortened until they fit.

    room   lines that they may fill
    order  ids of the sections in which something may go, the first to give way first
    """
    kept = list(sections)
    while sum(map(height, kept)) > room:
        for id in order:
            at = next((k for k, section in enumerate(kept) if section.id == id), None)
            less = None if at is None else shorter(kept[at], 1, 3, 3)
            if at is not None and less is not None and height(less) < height(kept[at]):  # a figure may be taller
                kept[at] = less
                break
        else:
            return tuple(kept)
    return tuple(kept)


def tail(advice: Mapping[str, Sequence[Sentence]], sources: int) -> float:
    """Return about how many lines the advice and the list of sources fill."""
    columns = [sum(lines(item, THIRD) for item in listed) for listed in advice.values()]
    return 3.0 + max(columns, default=0.0) + FOOT + ceil(sources / 3) * SOURCES
