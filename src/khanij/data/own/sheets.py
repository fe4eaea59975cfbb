"""Tables that a person wrote, CSV or XLSX: the header is found, each line checked against it, nothing is guessed."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import StudyError, UnitError
from khanij.core.units import factor
from khanij.data.own import workbooks
from khanij.data.own.workbooks import Cell, Merged, Unstored
from khanij.reference import numerals

MOST = 500 * 2**20  # bytes of a file
ABOVE = 20  # lines in which the header must stand
SEPARATORS = ",;\t|"
UNITS = {
    "tonne": "t", "tonnes": "t", "metric ton": "t", "metric tons": "t", "metric tonne": "t", "metric tonnes": "t",
    "kilogram": "kg", "kilograms": "kg", "kgs": "kg", "gram": "g", "grams": "g", "pound": "lb", "pounds": "lb",
    "lbs": "lb", "kilotonne": "kt", "kilotonnes": "kt", "thousand tonnes": "kt", "million tonnes": "Mt",
}  # fmt: skip
Known = Mapping[str, str] | None
DOUBTFUL = ("ton", "tons", "mt", "m.t.", "to")  # short, long or metric; metric or million


@dataclass(slots=True)
class Sheet:
    """A table whose header was found.

    where    the file, for messages            line     number of the header's line
    columns  meaning -> position               units    meaning -> unit that the heading tells ("Quantity (kg)")
    unread   headings that mean nothing here   point    whether a single point must be a decimal one
    notes    what was passed over                     last    gives what is known once every line was read
    """

    where: str
    line: int
    columns: dict[str, int]
    units: dict[str, str]
    unread: tuple[str, ...]
    point: bool
    lines: Iterator[tuple[int, list[Cell]]]
    width: int
    notes: list[str] = field(default_factory=list)
    last: Callable[[], list[str]] = list
    others: frozenset[int] = frozenset()  # positions of headings that mean nothing here

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield line number and cells of each line below the header that holds anything, as long as the header.

        Raises StudyError for cells that stand under no heading.
        """
        blank = [""] * self.width
        headed = self.others.union(self.columns.values())
        for number, cells in self.lines:
            if len(cells) < self.width:
                cells = cells + blank[len(cells) :]
            elif len(cells) > self.width or len(headed) < self.width:
                surplus = [cell for at, cell in enumerate(cells) if cell != "" and at not in headed]
                if surplus:
                    raise self.wrong(
                        number,
                        f"{sample(map(repr, map(str, surplus)))} stands under no heading",
                        "a decimal comma or a comma in a name needs quotes, a column a heading",
                    )
            if any(cell != "" for cell in cells):
                yield number, cells
        self.notes += self.last()

    def wrong(self, line: int, what: str, hint: str) -> StudyError:
        """Return the error of one line."""
        return StudyError(what, where=f"{self.where}, line {line}", hint=hint)

    def text(self, cells: Sequence[Cell], meaning: str, line: int) -> str:
        """Return a cell as text, "" where the column lacks; whole numbers without a point."""
        at = self.columns.get(meaning)
        cell = "" if at is None else cells[at]
        if type(cell) is str:
            return cell
        if isinstance(cell, Unstored):
            raise self.wrong(line, f"{meaning}: {UNSTORED.format(cell.place)}", STORE)
        if isinstance(cell, float):
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        return str(cell)

    def number(self, cells: Sequence[Cell], meaning: str, line: int) -> float | None:
        """Return a cell as a number, None where it is blank; raises StudyError for what is none, or may be two."""
        at = self.columns.get(meaning)
        cell = "" if at is None else cells[at]
        if isinstance(cell, float):
            return cell
        if isinstance(cell, Unstored):
            raise self.wrong(line, f"{meaning}: {UNSTORED.format(cell.place)}", STORE)
        if isinstance(cell, Merged) and cell:
            raise self.wrong(
                line, f"{meaning} is merged with a line above: {cell}", "one figure a line, cells unmerged"
            )
        if cell == "":
            return None
        part = cell.endswith("%") and meaning == "share"
        try:
            value = numerals.read(cell.removesuffix("%") if part else cell, point=self.point)
        except ValueError as no:
            raise self.wrong(line, f"{meaning}: {no}", "digits and one point, as in 1250.5") from None
        return value / 100 if part else value


UNSTORED = "{} holds a formula without a stored value, or one of 0"
STORE = "open the file in a spreadsheet, let it calculate, save it; or put the value in place of the formula"


def entries(path: Path) -> list[tuple[int, dict[str, str | float]]]:
    """Return line number and heading -> cell of each line of a table whose first line is its header.

    Blank cells are left out; headings are taken in lower case. Raises StudyError as read() does, and for a table
    without a line below its header.
    """
    sheet = _read(path, "", (), None)
    found = []
    for line, cells in sheet.rows():
        held = {key: cells[at] for key, at in sheet.columns.items()}
        row = {k: v if isinstance(v, float) else sheet.text(cells, k, line) for k, v in held.items()}
        found.append((line, {key: value for key, value in row.items() if value != ""}))
    if not found:
        raise StudyError("no line below the header", where=sheet.where, hint="one line an entry")
    return found


@cache
def meanings(what: str) -> Mapping[str, str]:
    """Return folded heading -> meaning of the columns of a kind of file, from own_labels.csv."""
    return {reference.fold(r["label"]): r["meaning"] for r in reference.rows("own_labels") if r["what"] == what}


def read(path: Path, what: str, needed: Sequence[str]) -> Sheet:
    """Return the table of a CSV file (comma, semicolon, tab or bar; UTF-8 or UTF-16) or of an XLSX workbook.

    what    kind of the file in own_labels.csv: "purchases", "facts", "priors"
    needed  meanings that a header must have; "amount" may stand for "tonnes"
    Raises StudyError where it cannot be read, no header is found within the first lines, or in several sheets one is.
    """
    return _read(path, what, needed, meanings(what))


def _read(path: Path, what: str, needed: Sequence[str], known: Known) -> Sheet:
    """Return the table of a file; known: folded heading -> meaning, None = every heading means itself."""
    where = f"{what} {path.name}".strip()
    try:
        if not path.is_file():
            what_ = "is no plain file" if path.exists() else "is not there"
            raise StudyError(f"{path.name} {what_}", where=where, hint="give an existing CSV or XLSX")
        if path.stat().st_size > MOST:
            raise StudyError(f"more than {MOST >> 20} MB", where=where, hint="keep the table alone in the file")
        with path.open("rb") as file:
            packed = workbooks.is_workbook(file)
    except OSError as refused:
        raise StudyError(
            f"cannot be read: {refused.strerror}", where=where, hint="give an existing CSV or XLSX"
        ) from None
    if packed or path.suffix.lower() in (".xlsx", ".xlsm"):
        return _of_workbook(path, where, known, needed)
    return _of_text(path, where, known, needed)


# Headers


def _header(cells: Sequence[Cell], known: Known) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """Return what the cells of a line mean: meaning -> position, meaning -> unit of the heading, what means nothing."""
    found: dict[str, int] = {}
    units: dict[str, str] = {}
    unread = []
    for at, cell in enumerate(cells):
        if not isinstance(cell, str) or not cell:
            continue
        heading = reference.fold(cell)
        told = re.fullmatch(r"(.*?)\s*[(\[]\s*([^()\[\]]+?)\s*[)\]]", " ".join(cell.split()))
        meaning = heading if known is None else known.get(heading)
        if meaning is None and told and known is not None:
            meaning = known.get(reference.fold(told[1]))
            if meaning is not None:
                units[meaning] = told[2]
        if meaning is None and known is not None and "amount" in known.values() and _is_mass(cell):
            meaning, units["amount"] = "amount", cell
        if meaning is None:
            unread.append(cell)
        elif meaning in found:
            raise StudyError(f"a column stands twice: {cell}", where="", hint="keep one of them")
        else:
            found[meaning] = at
    return found, units, unread


def _is_mass(text: str) -> bool:
    """Return whether a heading is a unit of mass by itself ("kg")."""
    try:
        return factor(UNITS.get(reference.fold(text), text.strip()), "t") > 0
    except UnitError:
        return False


def _find(lines: Sequence[tuple[int, Sequence[Cell]]], known: Known, needed: Sequence[str]) -> int | None:
    """Return which of the first lines is the header, None if none has what is needed."""
    for at, (_, cells) in enumerate(lines):
        if _lacking(_header_or_none(cells, known), needed) == []:
            return at
    return None


def _header_or_none(cells: Sequence[Cell], known: Known) -> dict[str, int]:
    """Return meaning -> position of a line, a heading that stands twice taken once."""
    seen: dict[str, Cell] = {}
    for cell in cells:
        if isinstance(cell, str) and cell:
            seen.setdefault(reference.fold(cell), cell)
    try:
        return _header(list(seen.values()), known)[0]
    except StudyError:
        return {}


def _lacking(found: Mapping[str, int], needed: Sequence[str]) -> list[str]:
    """Return which of the needed meanings lack."""
    return [name for name in needed if name not in found and not (name == "tonnes" and "amount" in found)]


def _no_header(
    lines: Sequence[tuple[int, Sequence[Cell]]], where: str, known: Known, needed: Sequence[str]
) -> StudyError:
    """Return the error of a file without a header: what was found instead, and what to rename."""
    if not any(str(cell).strip(SEPARATORS + " ") for _, cells in lines for cell in cells):
        return StudyError("the file is empty", where=where, hint=f"a header line with {', '.join(needed)}")
    best = max(lines, key=lambda line: len(_header_or_none(line[1], known)))
    lost = _lacking(_header_or_none(best[1], known), needed)
    cells = [str(cell) for cell in best[1] if cell != ""]
    return StudyError(
        f"no column {', '.join(lost)}; found: {sample(cells)}"[:300],
        where=f"{where}, line {best[0]}",
        hint=f"a header line with {', '.join(needed)}; rename what holds {', '.join(lost)}",
    )


def _opened(
    ahead: list[tuple[int, list[Cell]]],
    at: int,
    rest: Iterator[tuple[int, list[Cell]]],
    where: str,
    known: Known,
    point: bool,
) -> Sheet:
    """Return the sheet whose header is one of the lines read ahead."""
    line, cells = ahead[at]
    try:
        found, units, unread = _header(cells, known)
    except StudyError as wrong:
        raise StudyError(wrong.what, where=f"{where}, line {line}", hint=wrong.hint) from None
    width = max((k for k, cell in enumerate(cells, 1) if cell != ""), default=0)

    def lines() -> Iterator[tuple[int, list[Cell]]]:
        yield from ahead[at + 1 :]
        yield from rest

    sheet = Sheet(where, line, found, units, tuple(unread), point, lines(), width)
    sheet.others = frozenset(k for k, cell in enumerate(cells) if cell != "" and k not in found.values())
    if above := [str(c) for _, skipped in ahead[:at] for c in skipped if c != "" and not isinstance(c, Merged)]:
        sheet.notes.append(f"lines above the header, not read: {sample(above, 3)}")
    if unread:
        sheet.notes.append(f"columns that were not read: {', '.join(unread)}")
    return sheet


# Text


def _of_text(path: Path, where: str, known: Known, needed: Sequence[str]) -> Sheet:
    """Return the sheet of a CSV file."""
    with path.open("rb") as file:
        start = file.read(4)
    encoding = "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    first = list(islice(_decoded(path, encoding, where), ABOVE + 1))
    told = re.fullmatch(r'"?sep=(.)"?', first[0].strip()) if first else None
    skipped = 1 if told else 0
    top = next((line for line in first[skipped:] if line.strip()), "")
    candidates = told[1] if told else sorted(SEPARATORS, key=top.count, reverse=True)
    tried = []
    for mark in candidates:
        # a quote may stay open behind the last of these lines: what is there is looked at, and told when it is read
        ahead = list(_records(iter(first[skipped : skipped + ABOVE]), mark, where, skipped, strict=False))
        at = _find(ahead, known, needed)
        if at is not None:
            whole = _decoded(path, encoding, where)
            records = _records(islice(whole, skipped, None), mark, where, skipped)
            read_ahead = list(islice(records, at + 1))
            return _opened(read_ahead, at, records, where, known, point=mark == ",")
        tried.append(ahead)
    raise _no_header(max(tried, key=lambda lines: max((len(c) for _, c in lines), default=0)), where, known, needed)


def _decoded(path: Path, encoding: str, where: str) -> Iterator[str]:
    """Yield the lines of a text file with their ends; raises StudyError that names a line that is no such text."""
    try:
        with path.open(encoding=encoding, newline="") as lines:
            yield from lines
    except UnicodeError:
        place = f"{where}, line {_no_text(path)}" if encoding != "utf-16" else where
        hint = "save it as CSV in UTF-8, or as XLSX"
        raise StudyError("cannot be read as text", where=place, hint=hint) from None
    except OSError as refused:
        raise StudyError(f"cannot be read: {refused.strerror}", where=where, hint="give a CSV or XLSX") from None


def _no_text(path: Path) -> int:
    """Return the first line of a file that is no UTF-8."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _records(
    lines: Iterator[str], mark: str, where: str, skipped: int, strict: bool = True
) -> Iterator[tuple[int, list[Cell]]]:
    """Yield number of its first line and cells of each record that holds anything."""
    reader = csv.reader(lines, delimiter=mark, strict=strict)
    begun = skipped + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            what = "a quote is opened and never closed" if "end of data" in str(broken) else f"broken CSV: {broken}"
            raise StudyError(
                what, where=f"{where}, line {begun}", hint="mend that line, or save the file again"
            ) from None
        stripped: list[Cell] = [cell.strip() for cell in cells]
        if any(stripped):
            yield begun, stripped
        begun = skipped + reader.line_num + 1


# Workbooks


def _of_workbook(path: Path, where: str, known: Known, needed: Sequence[str]) -> Sheet:
    """Return the sheet of a workbook in which the header stands."""
    book = workbooks.read(path, where)
    found, looked = [], []
    for page in book.pages:
        ahead = [(n, _stripped(cells)) for n, cells in islice(book.rows(page), ABOVE)]
        ahead = [(n, cells) for n, cells in ahead if any(cell != "" for cell in cells)]
        at = _find(ahead, known, needed)
        looked.append(ahead)
        if at is not None:
            found.append((page, ahead[at][0]))
    if len(found) > 1:
        named = ", ".join(page.name for page, _ in found)
        raise StudyError(f"several sheets hold such a table: {named}", where=where, hint="keep one of them in the file")
    if not found:
        raise _no_header(max(looked, key=len), where, known, needed)
    page, line = found[0]
    rows = ((number, _stripped(cells)) for number, cells in book.rows(page))
    filled = ((number, cells) for number, cells in rows if any(cell != "" for cell in cells))
    ahead = []
    for row in filled:
        ahead.append(row)
        if row[0] == line:
            break
    sheet = _opened(ahead, len(ahead) - 1, filled, where, known, point=False)
    sheet.last = lambda: [f"rows that are hidden in the workbook, read too: {book.hidden}"] if book.hidden else []
    if len(book.pages) > 1:
        others = [other.name for other in book.pages if other is not page]
        sheet.notes.append(f"sheet {page.name} was read, not {sample(others)}")
    if not page.shown:
        sheet.notes.append(f"sheet {page.name} is hidden in the workbook")
    return sheet


def _stripped(cells: list[Cell]) -> list[Cell]:
    """Return cells without blanks around their text."""
    return [
        Merged(cell.strip()) if isinstance(cell, Merged) else cell.strip() if isinstance(cell, str) else cell
        for cell in cells
    ]
