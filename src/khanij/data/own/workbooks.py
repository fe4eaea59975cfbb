"""A person's XLSX workbook, read row by row in flat memory: nothing in it is run, opened or believed.

Of each part no more than MOST bytes are unpacked, whatever the archive says; parts are found by the names that the
archive itself holds. The cells tell what they are: text, a number, the copy that a merged cell spreads, or a formula
whose value was never stored.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from khanij.core.errors import StudyError

MOST = 300 * 2**20  # bytes of a part, unpacked
COLUMNS = 1_000  # of a sheet
CHUNK = 2**20
MERGE = re.compile(rb'mergeCell\s[^>]*?ref\s*=\s*["\']([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})["\']')
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # number formats of dates that have no code
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    LookupError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    OSError,
)


class Merged(str):
    """The text of a merged cell, in every other place that it covers."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unstored:
    """A formula without a stored value, or with the 0 that programs write before it is calculated."""

    place: str


Cell = str | float | Unstored


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of a workbook: its name and whether it is shown; `part` is where the archive holds it."""

    name: str
    shown: bool
    part: str


@dataclass(slots=True)
class Workbook:
    """A workbook: its sheets, the texts that they share, and which cell styles are dates."""

    path: Path
    where: str
    pages: tuple[Page, ...] = ()
    shared: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    since: datetime = datetime(1899, 12, 30)
    hidden: int = 0  # rows that a person does not see, of the sheet read last

    def rows(self, page: Page) -> Iterator[tuple[int, list[Cell]]]:
        """Yield number and cells of each row of a sheet; raises StudyError for one that cannot be read."""
        self.hidden = 0
        try:
            merged = _merged(self, page.part)
            yield from _spread(_rows(self, page.part), merged)
        except BROKEN as broken:
            raise _unreadable(self.where, broken) from None


def read(path: Path, where: str) -> Workbook:
    """Return a workbook; raises StudyError for what is none, is locked by a password, or unpacks to too much."""
    try:
        book = Workbook(path, where)
        names = _relations(book)
        _frame(book, names)
        for target in names.values():
            if target.endswith("sharedStrings.xml"):
                book.shared = list(_texts(book, target))
            elif target.endswith("styles.xml"):
                book.dates = _date_styles(book, target)
    except BROKEN as broken:
        raise _unreadable(where, broken) from None
    if not book.pages:
        raise StudyError("no sheet in the workbook", where=where, hint="save it again as XLSX")
    return book


def _unreadable(where: str, broken: BaseException) -> StudyError:
    """Return the error of a workbook that cannot be read."""
    if isinstance(broken, _TooLarge):
        return StudyError(f"more than {MOST >> 20} MB unpacked", where=where, hint="keep the table alone in the file")
    return StudyError("no readable workbook", where=where, hint="save it again as XLSX, without a password, or as CSV")


class _TooLarge(ValueError):
    """A part that unpacks to more than MOST bytes."""


def _chunks(book: Workbook, part: str) -> Iterator[bytes]:
    """Yield a part, unpacked piece by piece and no further than MOST bytes."""
    left = MOST
    with zipfile.ZipFile(book.path) as archive, archive.open(part) as file:
        while piece := file.read(CHUNK):
            left -= len(piece)
            if left < 0:
                raise _TooLarge(part)
            yield piece


def _parse(book: Workbook, part: str, **handlers: Any) -> Iterator[None]:
    """Parse a part, calling the handlers, and yield after each piece; a document type is refused, it can be a bomb."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    for piece in _chunks(book, part):
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def _elements(book: Workbook, part: str) -> list[tuple[str, dict[str, str]]]:
    """Return name and attributes of every element of a small part, prefixes left out."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.append((_bare(tag), {_bare(name): value for name, value in attributes.items()}))
        if len(found) > 500_000:
            raise _TooLarge(part)

    for _ in _parse(book, part, StartElementHandler=start):
        pass
    return found


def _bare(name: str) -> str:
    """Return a name without its prefix."""
    return name.rpartition(":")[2]


def _relations(book: Workbook) -> dict[str, str]:
    """Return id -> part of what the workbook names; raises KeyError for a part that the archive lacks."""
    with zipfile.ZipFile(book.path) as archive:
        held = set(archive.namelist())
    found = {}
    for tag, attributes in _elements(book, "xl/_rels/workbook.xml.rels"):
        target = attributes.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if tag == "Relationship" and part in held:
            found[attributes["Id"]] = part
    return found


def _frame(book: Workbook, parts: dict[str, str]) -> None:
    """Read the list of sheets and the day from which dates count."""
    pages = []
    for tag, attributes in _elements(book, "xl/workbook.xml"):
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            book.since = datetime(1904, 1, 1)
        if tag == "sheet" and attributes.get("id") in parts:
            shown = attributes.get("state", "visible") == "visible"
            pages.append(Page(attributes.get("name", ""), shown, parts[attributes["id"]]))
    book.pages = tuple(pages)


def _texts(book: Workbook, part: str) -> Iterator[str]:
    """Yield the shared texts in their order, their readings for the eye left out."""
    ready: list[str] = []
    at: dict[str, Any] = {"inside": False, "phonetic": 0, "text": []}

    def start(tag: str, _: Any) -> None:
        name = _bare(tag)
        if name == "si":
            at["text"] = []
        at["phonetic"] += name == "rPh"
        at["inside"] = name == "t" and not at["phonetic"]

    def end(tag: str) -> None:
        name = _bare(tag)
        at["phonetic"] -= name == "rPh"
        at["inside"] = False
        if name == "si":
            ready.append("".join(at["text"]))

    def text(data: str) -> None:
        if at["inside"]:
            at["text"].append(data)

    for _ in _parse(book, part, StartElementHandler=start, EndElementHandler=end, CharacterDataHandler=text):
        yield from ready
        ready.clear()


def _date_styles(book: Workbook, part: str) -> list[bool]:
    """Return which of the cell styles show a number as a date."""
    codes: dict[str, str] = {}
    styles: list[bool] = []
    inside = False
    for tag, attributes in _elements(book, part):
        if tag == "numFmt":
            codes[attributes["numFmtId"]] = attributes.get("formatCode", "")
        if tag in ("cellXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        if tag == "xf" and inside:
            id = attributes.get("numFmtId", "0")
            code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", codes.get(id, "")).lower()
            styles.append(int(id) in DATES or bool(re.search(r"y|d", code)))
    return styles


def _merged(book: Workbook, part: str) -> list[tuple[int, int, int, int]]:
    """Return first row, first column, last row, last column of each merged cell, in the order of first rows."""
    found, rest = [], b""
    for piece in _chunks(book, part):
        seen = rest + piece
        found += MERGE.findall(seen)
        rest = seen[seen.rfind(b"<") :][-200:]
    return sorted({(*_place(one.decode()), *_place(other.decode())) for one, other in found})


def _place(text: str) -> tuple[int, int]:
    """Return row and column, from 1, of "B7"."""
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(text[len(letters) :]), column


def _spread(
    rows: Iterator[tuple[int, list[Cell]]], merged: list[tuple[int, int, int, int]]
) -> Iterator[tuple[int, list[Cell]]]:
    """Yield rows with the text of a merged cell in each place that it covers."""
    ahead, active = list(reversed(merged)), []
    for number, cells in rows:
        while ahead and ahead[-1][0] <= number:
            top, left, bottom, right = ahead.pop()
            text = str(cells[left - 1]) if top == number and left <= len(cells) else ""
            active.append((top, left, bottom, min(right, COLUMNS), Merged(text)))
        active = [span for span in active if span[2] >= number]
        for top, left, _, right, text in active:
            cells.extend([""] * (right - len(cells)))
            for column in range(left, right + 1):
                if (number, column) != (top, left) and cells[column - 1] == "":
                    cells[column - 1] = text
        yield number, cells


class _WorkbookReader:
    """What the parser hears of a sheet, put together to rows."""

    def __init__(self, book: Workbook) -> None:
        """Begin above the first row."""
        self.book = book
        self.ready: list[tuple[int, list[Cell]]] = []
        self.row, self.column = 0, 0
        self.cells: list[Cell] = []
        self.kind, self.style, self.formula = "n", 0, False
        self.text: list[str] = []
        self.inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear the beginning of an element."""
        name = _bare(tag)
        if name == "c":
            place = attributes.get("r")
            row, column = _place(place) if place else (self.row, self.column + 1)
            if row != self.row or column <= self.column:
                raise ValueError("cells out of order")
            if column > COLUMNS:
                raise StudyError(
                    f"a cell in column {column}, row {row}",
                    where=self.book.where,
                    hint="keep the table alone in the sheet, its columns beside each other",
                )
            self.column = column
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self.formula, self.text = False, []
        elif name == "row":
            row = int(attributes.get("r", self.row + 1))
            if row <= self.row:
                raise ValueError("rows out of order")
            self.book.hidden += attributes.get("hidden") in ("1", "true")
            self.row, self.column, self.cells = row, 0, []
        elif name in ("v", "t"):
            self.inside = True
        elif name == "f":
            self.formula = True

    def end(self, tag: str) -> None:
        """Hear the end of an element."""
        name = _bare(tag)
        self.inside = False
        if name == "c":
            self.cells.extend([""] * (self.column - 1 - len(self.cells)))
            self.cells.append(self._cell("".join(self.text)))
        elif name == "row":
            self.ready.append((self.row, self.cells))

    def hear(self, data: str) -> None:
        """Hear text."""
        if self.inside:
            self.text.append(data)

    def _cell(self, text: str) -> Cell:
        """Return the value of the cell that ends."""
        if self.formula and text.strip() in ("", "0"):
            return Unstored(f"row {self.row}, column {self.column}")
        if self.kind == "s":
            return self.book.shared[int(text)]
        if self.kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if self.kind != "n" or not text:
            return text
        value = float(text)
        if self.style < len(self.book.dates) and self.book.dates[self.style] and 0 < value < 2_958_466:
            return (self.book.since + timedelta(days=value)).date().isoformat()
        return value


def _rows(book: Workbook, part: str) -> Iterator[tuple[int, list[Cell]]]:
    """Yield number and cells of each row, as the sheet holds them."""
    heard = _WorkbookReader(book)
    handlers = {"StartElementHandler": heard.start, "EndElementHandler": heard.end, "CharacterDataHandler": heard.hear}
    for _ in _parse(book, part, **handlers):
        yield from heard.ready
        heard.ready.clear()


def is_workbook(file: IO[bytes]) -> bool:
    """Return whether an open file begins as a workbook, old and locked ones included."""
    return file.read(8).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
