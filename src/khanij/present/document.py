"""What a brief is made of: finished numbers with sources, sentences, figures, grids, chapters. It has no arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from khanij.core.errors import AlignmentError
from khanij.core.table import Table

KINDS = ("text", "year", "number", "trend", "mark")


@dataclass(frozen=True, slots=True)
class Number:
    """One finished number as a reader meets it.

    value       the number, None = not known
    unit        its unit ("t", "kUSD", "%", "1" for a share, "index", "years")
    sources     ids of the sources behind it ("baci-hs17@202601")
    low, high   range, where the publisher or a stated rule gives one
    confidence  high | medium | low
    note        what must be said beside it; for an unknown number, why it is not known
    label       a name that stands before it in the same cell (a supplier's before its share)
    how         the command that follows it down to its rows, "" if there is none
    """

    value: float | None
    unit: str = ""
    sources: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    confidence: str = "high"
    note: str = ""
    label: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A small line of one number a year, for a cell.

    years    of the line, in order       values  one a year, None = not known: the line is interrupted
    unit     of the values               sources  ids of the sources behind them
    breaks   (year, what changed): from this year the figures are of another kind
    how      the command that gives the series
    """

    years: tuple[int, ...]
    values: tuple[float | None, ...]
    unit: str
    sources: tuple[str, ...] = ()
    breaks: tuple[tuple[int, str], ...] = ()
    how: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An answer: yes, no, or open, with the few characters shown, what the pointer tells, and how to follow it."""

    state: bool | None
    text: str = ""
    hint: str = ""
    sources: tuple[str, ...] = ()
    how: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open: the words shown and the address. It is followed only when a reader does so."""

    text: str
    url: str


Cell = Number | Trend | Mark | Link | str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid: key (for data), name (for people), kind, and what it means."""

    key: str
    name: str
    kind: str = "number"
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose every number carries its source, range, confidence and note.

    id       anchor and sheet name, unique in a brief
    rows     one tuple of cells a row, as long as `columns`
    notes    sentences below the table
    long     true where a reader will want to filter it
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    long: bool = False

    def __post_init__(self) -> None:
        """Check that rows fit columns and that every number that is known says where it comes from."""
        for column in self.columns:
            if column.kind not in KINDS:
                raise AlignmentError(
                    f"column {column.key!r} has unknown kind {column.kind!r}", where=f"grid {self.id!r}"
                )
        for row in self.rows:
            if len(row) != len(self.columns):
                raise AlignmentError(
                    f"a row has {len(row)} cells, the grid {len(self.columns)} columns", where=f"grid {self.id!r}"
                )
            for column, cell in zip(self.columns, row, strict=True):
                known = isinstance(cell, Number) and cell.value is not None
                drawn = isinstance(cell, Trend) and any(v is not None for v in cell.values)
                if (known or drawn) and not cell.sources:  # type: ignore[union-attr]
                    raise AlignmentError(
                        f"a number without a source in column {column.key!r}", where=f"grid {self.id!r}"
                    )

    def numbers(self) -> Iterator[Number]:
        """Yield every number of the grid."""
        for row in self.rows:
            yield from (cell for cell in row if isinstance(cell, Number))

    def cited(self) -> Iterator[str]:
        """Yield the ids of the sources of every cell."""
        for row in self.rows:
            for cell in row:
                if isinstance(cell, Number | Trend | Mark):
                    yield from cell.sources

    def table(self) -> Table:
        """Return plain columns: a number becomes value, label, unit, low, high, confidence, note, how and sources."""
        columns: dict[str, list[Any]] = {}
        for k, column in enumerate(self.columns):
            cells = [row[k] for row in self.rows]
            columns[column.key] = [_plain(cell) for cell in cells]
            if column.kind == "number":
                columns |= _companions(column.key, cells)
            if column.kind == "trend":
                columns |= _yearly(column.key, cells)
        return Table(self.title, columns, notes=self.notes)


def _plain(cell: Cell) -> str | float | None:
    """Return a cell as data: the value of a number, the last of a line, yes or no of a mark, the address of a link."""
    if isinstance(cell, Number):
        return cell.value
    if isinstance(cell, Trend):
        return cell.values[-1] if cell.values else None
    if isinstance(cell, Mark):
        return cell.text or {True: "yes", False: "no", None: None}[cell.state]
    return cell.url if isinstance(cell, Link) else cell


def _yearly(key: str, cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """Return one column a year of the lines, their units, breaks and sources."""
    lines = [cell if isinstance(cell, Trend) else None for cell in cells]
    years = sorted({year for line in lines if line for year in line.years})
    found: dict[str, list[Any]] = {
        f"{key}_{year}": [dict(zip(n.years, n.values, strict=True)).get(year) if n else None for n in lines]
        for year in years
    }
    found[f"{key}_unit"] = [n.unit if n else None for n in lines]
    found[f"{key}_breaks"] = ["; ".join(f"{y}: {t}" for y, t in n.breaks) or None if n else None for n in lines]
    found[f"{key}_sources"] = ["; ".join(n.sources) or None if n else None for n in lines]
    return found


def _companions(key: str, cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """Return what belongs to a column of numbers, leaving out companions that no cell has."""
    numbers = [cell if isinstance(cell, Number) else None for cell in cells]
    found: dict[str, list[Any]] = {
        f"{key}_label": [(n and n.label) or None for n in numbers],
        f"{key}_unit": [(n and n.unit) or None for n in numbers],
        f"{key}_low": [n.low if n else None for n in numbers],
        f"{key}_high": [n.high if n else None for n in numbers],
        f"{key}_confidence": [n.confidence if n and n.value is not None else None for n in numbers],
        f"{key}_note": [(n and n.note) or None for n in numbers],
        f"{key}_how": [(n and n.how) or None for n in numbers],
        f"{key}_sources": ["; ".join(n.sources) or None if n else None for n in numbers],
    }
    needed = (f"{key}_unit", f"{key}_sources")
    return {name: column for name, column in found.items() if name in needed or any(v is not None for v in column)}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the sources of the numbers in it; emphasis is a few words that stand first in bold."""

    text: str
    sources: tuple[str, ...] = ()
    emphasis: str = ""


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
    grids: tuple[Grid, ...] = ()
    after: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
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
    sources: Mapping[str, Source] = field(default_factory=dict)
    evidence: tuple[Grid, ...] = ()

    def grids(self) -> tuple[Grid, ...]:
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
