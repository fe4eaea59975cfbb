"""The cells of a table as HTML: numbers with their sources on hover, small lines, marks, lettered notes."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from khanij.core.number import Cell, Link, Mark, Number, Trend
from khanij.core.table import Column, Table
from khanij.present import text
from khanij.present.document import Brief, Citation
from khanij.present.figures.spark import spark

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class References:
    """Numbers the sources in the order of first mention and writes the marks that point to them."""

    def __init__(self, brief: Brief) -> None:
        """Give every source of a brief its number."""
        self.entries = [brief.sources.get(id, Citation(id, id)) for id in brief.cited()]
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


class DrawnGrid:
    """One grid as the template wants it: heads, rows of cells, and the lettered notes of its cells."""

    def __init__(self, grid: Table, references: References) -> None:
        """Write every cell once."""
        self.grid, self.references = grid, references
        self.notes: dict[str, str] = {}
        self.shared = [self._shared(k) for k in range(len(grid.columns))]
        self.unit = [self._unit(k) for k in range(len(grid.columns))]
        self.heads = [self._head(k, column) for k, column in enumerate(grid.columns)]
        self.rows = [Markup("").join(self._cell(k, cell) for k, cell in enumerate(row)) for row in grid.cells]
        self.daggers = any(n.confidence == "low" and n.value is not None for n in grid.numbers())

    def _numbers(self, k: int) -> list[Number]:
        """Return the known numbers of a column."""
        return [row[k] for row in self.grid.cells if isinstance(row[k], Number) and row[k].value is not None]  # type: ignore[union-attr,misc]

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
            {"number": "num", "trend": "num trend", "mark": "num mark"}.get(column.kind, column.kind),
            meaning,
            label,
            self.references.marks(self.shared[k]),
        )

    def _cell(self, k: int, cell: Cell) -> Markup:
        """Return one cell."""
        if isinstance(cell, Number):
            return self._number(k, cell)
        if isinstance(cell, Trend):
            return self._trend(cell)
        if isinstance(cell, Mark):
            return self._mark(cell)
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
        band = text.span(number.low, number.high, number.unit)
        broad = weak and not number.label and text.broad(number.low, number.high, number.unit)
        shown = escape(band if broad else text.cell(number.value, number.unit))
        if number.label:
            shown = Markup('<span class="name">{}</span> {}').format(number.label, shown)
        if (
            number.unit
            and not self.unit[k]
            and number.value is not None
            and number.unit not in ("1", "%", "index", "score")
        ):
            shown += Markup(' <span class="unit">{}</span>').format(number.unit)
        shown += Markup("<sup>†</sup>") if weak else Markup("")
        under = Markup(' <span class="span">({})</span>').format(band) if band and weak and not broad else Markup("")
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
        if number.how:
            parts.append(f"How: {number.how}")
        return " · ".join(parts)

    def _trend(self, trend: Trend) -> Markup:
        """Return a small line with its first and last known value, its breaks marked."""
        known = [(y, v) for y, v in zip(trend.years, trend.values, strict=True) if v is not None]
        if not known:
            return Markup('<td class="trend nk" title="not known in any year">{}</td>').format(text.SHORT_UNKNOWN)
        told = [f"{year}: {text.cell(value, trend.unit)}" for year, value in known]
        told += [f"break {year}: {words}" for year, words in trend.breaks]
        told.append(f"Source: {self.references.told(trend.sources)}")
        told += [f"How: {trend.how}"] if trend.how else []
        ends = tuple(text.cell(value, trend.unit) for _, value in (known[0], known[-1]))
        drawing = spark(trend.years, trend.values, [year for year, _ in trend.breaks], (0.0, None))
        return Markup(
            '<td class="trend{}" data-v="{}" data-src="{}" title="{}"><span class="from">{}</span>{}'
            '<span class="to">{}</span></td>'
        ).format(
            "" if trend.unit in ("1", "index") else " wide",
            repr(float(known[-1][1])),
            self.references.numbers(trend.sources),
            " · ".join(told),
            ends[0] if len(known) > 1 else "",
            Markup(drawing),
            ends[1],
        )

    def _mark(self, mark: Mark) -> Markup:
        """Return an answer as a coloured field with a sign that needs no colour."""
        name = {True: "yes", False: "no", None: "open"}[mark.state]
        hint = mark.hint + (f" · Source: {self.references.told(mark.sources)}" if mark.sources else "")
        hint += f" · How: {mark.how}" if mark.how else ""
        order = {True: 2, None: 1, False: 0}[mark.state]
        return Markup('<td class="mark {}" data-v="{}" data-src="{}" title="{}">{}</td>').format(
            name,
            order,
            self.references.numbers(mark.sources),
            hint,
            mark.text or {True: "●", False: "", None: "?"}[mark.state],
        )
