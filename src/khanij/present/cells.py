"""The cells of a table as HTML: numbers with their sources on hover, small lines, marks, lettered notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

from khanij.core.number import Cell, Link, Mark, Number, Trend
from khanij.core.table import Column, Table
from khanij.present import text
from khanij.present.document import Brief, Citation, Dossier
from khanij.present.figures.spark import spark
from khanij.present.names import mineral, minerals
from khanij.present.table import without_same
from khanij.reference.names import country_name

IDS = {
    "material": ("mineral", "made_goods"),
    "stage": ("form", "made_goods"),
    "country": ("country_name", "acting", "mineral", "name"),
    "partner": ("name", "partner_name"),
    "product": ("product_name",),
    "measure": ("measure_name", "figure"),
    "line": ("figure",),
    "verdict": ("on_track",),
}
DAY = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d[\d.,]* (?:million|billion)\b")  # no line ends inside these
REST = "rest"  # what models call the countries that they do not name one by one
COUNTRIES = ("country", "partner", "focus", "exporter", "importer", "acting", "jurisdiction")
LONG = 60  # letters from which a text wants a broad column
NAME = 28  # and from which it wants some room, as the name of a row does
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def unbroken(words: str) -> Markup:
    """Return a text whose dates and amounts stay on one line."""
    return Markup(DAY.sub(r'<span class="nb">\g<0></span>', str(escape(words))))


def _is_id(key: str, keys: Collection[str]) -> bool:
    """Return whether a column holds ids whose names stand in another column."""
    return any(name in keys for name in IDS.get(key, ()))


def _for_people(key: str, cell: str) -> str:
    """Return the name of what an id stands for, where a column holds ids of minerals, countries or kinds."""
    if key == "material":
        return text.capital(mineral(cell))
    if key == "materials":
        return minerals(cell)
    if key.endswith(("_kind", "_state")):
        return cell.replace("-", " ")
    return ("all others" if cell == REST else country_name(cell)) if key in COUNTRIES else cell


def is_there(cell: Cell) -> bool:
    """Return whether a cell tells anything."""
    if isinstance(cell, Number):
        return cell.value is not None
    if isinstance(cell, Trend):
        return any(value is not None for value in cell.values)
    return cell is not None and cell != ""


class References:
    """Numbers the sources in the order of first mention and writes the marks that point to them."""

    def __init__(self, document: Dossier | Brief, anchor: str = "src-") -> None:
        """Give every source of a document its number; anchor  before which the list's entries are found."""
        self.anchor = anchor
        self.entries = [document.sources.get(id, Citation(id, id)) for id in document.cited()]
        self.number = {entry.id: k for k, entry in enumerate(self.entries, 1)}

    def places(self, sources: Iterable[str]) -> list[int]:
        """Return the numbers of these sources, in order."""
        return sorted({self.number[id] for id in sources})

    def marks(self, sources: Iterable[str]) -> Markup:
        """Return the raised numbers of these sources, as links to the list; runs of three or more by their ends."""
        listed = self.listed(sources)
        return Markup('<sup class="ref">{}</sup>').format(listed) if listed else Markup("")

    def listed(self, sources: Iterable[str]) -> Markup:
        """Return the numbers of these sources as links to the list: "1,3–5"."""
        runs: list[list[int]] = []
        for k in self.places(sources):
            if runs and k == runs[-1][-1] + 1:
                runs[-1].append(k)
            else:
                runs.append([k])
        link = Markup('<a href="#{1}{0}">{0}</a>')
        parts = []
        for run in runs:
            ends = [run[0], run[-1]] if len(run) > 2 else run
            parts.append(Markup("–" if len(run) > 2 else ",").join(link.format(k, self.anchor) for k in ends))
        return Markup(",").join(parts)

    def named(self, sources: Iterable[str]) -> Markup:
        """Return sources as links where they are in the list, else by their ids."""
        ids = list(sources)
        known = self.listed(id for id in ids if id in self.number)
        return Markup("; ").join([*([known] if known else []), *(id for id in ids if id not in self.number)])

    def told(self, sources: Iterable[str]) -> str:
        """Return the sources in words, for the pointer."""
        return "; ".join(f"[{k}] {self.entries[k - 1].citation}" for k in self.places(sources))

    def numbers(self, sources: Iterable[str]) -> str:
        """Return the sources' numbers, for data attributes."""
        return " ".join(map(str, self.places(sources)))


class DrawnGrid:
    """One table as the template wants it: heads, rows of cells, the lettered notes of its cells, its sources.

    Columns of ids beside names are left out, and so are columns of which nothing is known: `blank` says which and why.
    Side columns that are the same in every row are told once: `same`.
    """

    def __init__(
        self,
        grid: Table,
        references: References,
        cited: Collection[str] = (),
        how: str = "",
        links: Callable[[str, str], str] | None = None,
    ) -> None:
        """Write every cell once.

        cited, how  sources and command of the answer, on which bare numbers rest
        links       (key of a column, id) -> address of the page of what the id names, "" = none
        """
        self.links = links or (lambda key, id: "")
        self.cited, self.how = [id for id in cited if id in references.number], how
        grid, self.same = without_same(grid, without={key for key in grid.keys if _is_id(key, grid.keys)})
        self.grid, self.references = grid, references
        self.notes: dict[str, str] = {}
        told = [k for k, column in enumerate(grid.columns) if not _is_id(column.key, grid.keys)]
        self.kept = [k for k in told if not grid.cells or any(is_there(row[k]) for row in grid.cells)]
        self.blank = [self._blank(k) for k in told if k not in self.kept]
        self.unit = {k: self._unit(k) for k in self.kept}
        self.heads = [self._head(k, grid.columns[k]) for k in self.kept]
        self.rows = [
            Markup("").join(self._cell(k, row[k], self._cited(row), first=k == self.kept[0]) for k in self.kept)
            for row in grid.cells
        ]
        self.sources = references.listed(grid.cited())

    def _numbers(self, k: int) -> list[Number]:
        """Return the known numbers of a column."""
        cells = (row[k] for row in self.grid.cells)
        return [cell for cell in cells if isinstance(cell, Number) and cell.value is not None]

    def _blank(self, k: int) -> str:
        """Return the name of a column of which nothing is known, with the reason where it is one."""
        cells = [row[k] for row in self.grid.cells]
        why = {cell.note for cell in cells if isinstance(cell, Number) and cell.note}
        return self.grid.columns[k].name + (f" ({why.pop()})" if len(why) == 1 else "")

    def _unit(self, k: int) -> str:
        """Return the unit of a column where every number, or every small line, has the same."""
        lines = {cell.unit for row in self.grid.cells if isinstance(cell := row[k], Trend)}
        found = lines or {n.unit for n in self._numbers(k)}
        return found.pop() if len(found) == 1 else ""

    def _head(self, k: int, column: Column) -> Markup:
        """Return a column's heading: a button that sorts."""
        plain = {"1": "", "%": "", "index": "", "score": "", "kUSD": "USD million"}
        unit = plain.get(self.unit[k], self.unit[k])
        label = escape(column.name) + (Markup(' <span class="unit">{}</span>').format(unit) if unit else Markup(""))
        meaning = Markup(' title="{}"').format(column.meaning) if column.meaning else Markup("")
        kinds = {
            "number": "num",
            "share": "num",
            "trend": "num trend",
            "mark": "num mark",
            "year": "num year",
            "flag": "mark",
        }
        return Markup('<th scope="col" class="{}" aria-sort="none"><button type="button"{}>{}</button></th>').format(
            "text" if k == self.kept[0] else kinds.get(column.kind, column.kind), meaning, label
        )

    def _cited(self, row: Sequence[Cell]) -> list[str]:
        """Return the sources on which the bare numbers of a row rest: those that it names itself, else the answer's."""
        keys = self.grid.keys
        own = str(row[keys.index("sources")] or "").split("; ") if "sources" in keys else []
        return [id for id in own if id in self.references.number] or self.cited

    def _cell(self, k: int, cell: Cell, cited: Collection[str], first: bool = False) -> Markup:
        """Return one cell; the first of a row is its heading."""
        if isinstance(cell, Number):
            return self._number(k, cell)
        if isinstance(cell, Trend):
            return self._trend(cell)
        if isinstance(cell, Mark):
            return self._mark(cell)
        if isinstance(cell, Link):
            return Markup('<td class="text"><a href="{}" rel="noreferrer">{}</a></td>').format(cell.url, cell.text)
        return self._plain(self.grid.columns[k], cell, cited, first)

    def _plain(self, column: Column, cell: Any, cited: Collection[str], first: bool) -> Markup:
        """Return a cell that is text or a bare number: an id as the name for people, sources as marks."""
        if isinstance(cell, bool):
            cell = "yes" if cell else "no"
        if isinstance(cell, int | float) and column.kind in ("number", "share"):
            unit = "1" if column.kind == "share" else column.unit
            places = self.references.numbers(cited)
            hint = [text.exact(cell, column.unit), *([f"Source: [{places.replace(' ', ', ')}]"] if places else [])]
            hint += [f"How: {self.how}"] if self.how else []
            return Markup('<td class="num" data-v="{}" data-src="{}" title="{}">{}</td>').format(
                repr(float(cell)), places, " · ".join(hint), text.cell(cell, unit)
            )
        if column.key in ("source", "sources") and cell:
            ids = str(cell).replace("; ", ";").split(";")
            return Markup('<td class="text">{}</td>').format(self.references.named(ids))
        body = Markup("") if cell is None else unbroken(_for_people(column.key, str(cell)))
        size = len(body)
        if isinstance(cell, str) and (address := self.links(column.key, cell)):
            body = Markup('<a href="{}">{}</a>').format(address, body)
        if first:
            return Markup('<th scope="row"{}>{}</th>').format(Markup(' class="broad"' if size > NAME else ""), body)
        name = {"number": "num", "share": "num", "year": "num year"}.get(column.kind, column.kind)
        if name == "text":
            name += " long" if size > LONG else " some" if size > NAME else ""
        return Markup('<td class="{}">{}</td>').format(name, body)

    def _number(self, k: int, number: Number) -> Markup:
        """Return a number with its source on hover, its mark, its range when it is weak, and its note's letter."""
        if number.value is None and not number.note:
            return Markup('<td class="num nk" title="not known">{}</td>').format(text.SHORT_UNKNOWN)
        weak = number.confidence == "low" and number.value is not None
        size = 1e-3 if number.unit == "kUSD" else 1.0  # money is told in millions
        low, high = (None if end is None else end * size for end in (number.low, number.high))
        value = None if number.value is None else number.value * size
        band = text.span(low, high, number.unit)
        broad = weak and not number.label and text.broad(number.low, number.high, number.unit)
        shown = escape(band if broad else text.cell(value, number.unit))
        if number.label:
            shown = Markup('<span class="name">{}</span> {}').format(number.label, shown)
        if (
            number.unit
            and not self.unit[k]
            and number.value is not None
            and number.unit not in ("1", "%", "index", "score")
        ):
            unit = "USD million" if number.unit == "kUSD" else number.unit
            shown += Markup(' <span class="unit">{}</span>').format(unit)
        shown += Markup("<sup>†</sup>") if weak else Markup("")
        under = Markup(' <span class="span">({})</span>').format(band) if band and weak and not broad else Markup("")
        letter = self._letter(number.note)
        return Markup('<td class="num{}" data-v="{}" data-src="{}" title="{}">{}{}{}</td>').format(
            " named" if number.label else " nk" if number.value is None else "",
            "" if number.value is None else repr(float(number.value)),
            self.references.numbers(number.sources) if number.value is not None else "",
            self._hint(number),
            shown,
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
        size = 1e-3 if trend.unit == "kUSD" else 1.0  # money is told in millions
        known = [(y, v * size) for y, v in zip(trend.years, trend.values, strict=True) if v is not None]
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
