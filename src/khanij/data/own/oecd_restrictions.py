"""A user's download of the OECD inventory of export restrictions as instruments, and joined with the register."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import groupby
from pathlib import Path

import polars as pl

from khanij import reference
from khanij.core.axis import sample
from khanij.core.errors import ParseError, SourceError, StudyError
from khanij.data.own import workbooks
from khanij.data.parsing import labels
from khanij.reference.chronicle import instruments
from khanij.reference.chronicle.instruments import Instrument

NEEDED = ("country", "code", "measure")
SOURCE = "oecd-export-restrictions-2024"
UNNAMED = "as listed by the OECD"
HEADER = 20  # lines in which the header must stand
MOST = 200 * 2**20  # bytes of a file


@dataclass(frozen=True, slots=True)
class Restriction:
    """One row of the inventory: one measure of one country on one HS subheading, with the line it stands on."""

    country: str
    code: str
    product: str
    kind: str
    start: str
    end: str
    size: str
    unit: str
    terms: str
    act: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a file held: instruments, how many rows of codes without a material were left out, columns not read."""

    instruments: tuple[Instrument, ...]
    left_out: dict[str, int]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """An instrument and who lists it: "khanij", "oecd" or "both"."""

    instrument: Instrument
    origin: str


@cache
def meanings(what: str) -> dict[str, str]:
    """Return folded label -> meaning of columns, measures or units, from oecd_labels.csv."""
    return {reference.fold(r["label"]): r["meaning"] for r in reference.rows("oecd_labels") if r["what"] == what}


def read(path: Path) -> Inventory:
    """Return the instruments of a CSV or XLSX file of the inventory.

    path  the download: a header within the first lines, a row per country, code and measure with days of beginning and
          end, or a row per year in which the measure held (a run of years with one value is then one instrument)
    Column headings are those of oecd_labels.csv; letter case and white space do not matter.
    Raises SourceError if the file cannot be read, ParseError if a column is absent or a country, measure, code or date
    is unknown, with file and line.
    """
    where = f"oecd-restrictions: {path.name}"
    top, columns, lines = _table(path, where)
    rows = [(top + n, cells) for n, cells in enumerate(lines, 1) if any(cells)]
    if not rows:
        raise ParseError("no rows", where=where, hint="a truncated file: fetch it again")
    places: dict[str, int] = {}
    for at, heading in enumerate(columns):
        if (meaning := _meaning(heading)) is not None:
            places.setdefault(meaning, at)  # of two revisions of the HS the first is read
    unread = tuple(heading for at, heading in enumerate(columns) if heading and at not in places.values())
    cells = [(n, {name: _cell(line, at) for name, at in places.items()}) for n, line in rows]
    known = _countries([row["country"] for _, row in cells], where)
    left, kept = Counter[str](), []
    for line, row in cells:
        code = _code(row["code"], f"{where}, line {line}")
        if _goods(code, row.get("product", "")):
            kept.append(_restriction(row, known[row["country"]], code, f"{where}, line {line}", line))
        else:
            left[code] += 1
    spells = kept if "start" in places else _spells(kept)
    return Inventory(_grouped(spells, where), dict(sorted(left.items())), unread)


def _table(path: Path, where: str) -> tuple[int, list[str], list[list[str]]]:
    """Return line number of the header, its headings, and the lines below it."""
    for lines in _sheets(path, where):
        for at, line in enumerate(lines[:HEADER]):
            found = {_meaning(heading) for heading in line}
            if set(NEEDED) <= found:
                if not found & {"start", "year"}:
                    raise ParseError("no column of days or years", where=where, hint=_headings("start", "year"))
                return at + 1, line, lines[at + 1 :]
    raise ParseError(f"no header with {', '.join(NEEDED)}", where=where, hint=_headings(*NEEDED))


def _headings(*names: str) -> str:
    """Return the headings that are known for some columns, as a hint."""
    known = [r for r in reference.rows("oecd_labels") if r["what"] == "column" and r["meaning"] in names]
    return f"one of {', '.join(r['label'] for r in known)}; others into oecd_labels.csv"


def _meaning(heading: str) -> str | None:
    """Return what a column holds, None if it is not known."""
    return meanings("column").get(reference.fold(heading))


def _cell(line: Sequence[str], at: int) -> str:
    """Return one cell, "" past the end of a short line."""
    return line[at] if at < len(line) else ""


def _sheets(path: Path, where: str) -> Iterable[list[list[str]]]:
    """Yield the cells of each sheet as text; of a CSV file there is one."""
    try:
        if path.stat().st_size > MOST:
            raise SourceError(f"more than {MOST >> 20} MB", where=where, hint="the inventory alone is far smaller")
        if path.suffix.lower() == ".csv":
            text = path.read_text(encoding="utf-8-sig")
            first = text.partition("\n")[0]
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
            yield [[" ".join(cell.split()) for cell in line] for line in reader]
            return
        book = workbooks.read(path, where)
        for page in book.pages:
            lines: list[list[str]] = []
            for number, cells in book.rows(page):
                lines.extend([] for _ in range(number - 1 - len(lines)))
                lines.append([_text(cell) for cell in cells])
            yield lines
    except StudyError as broken:
        raise SourceError(f"cannot be read: {broken.what}", where=where, hint=broken.hint) from None
    except (OSError, UnicodeDecodeError, csv.Error) as broken:
        what = f"cannot be read: {str(broken).splitlines()[0]}"
        raise SourceError(what, where=where, hint="save it as CSV in UTF-8, or as XLSX") from None


def _text(cell: object) -> str:
    """Return a workbook's cell as text, whole numbers without a point; days are in ISO form already."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _countries(names: Sequence[str], where: str) -> dict[str, str]:
    """Return label -> ISO alpha-3 or group of the countries; raises ParseError with the rows to add."""
    unique = pl.Series("country", list(dict.fromkeys(names)))
    own = {label: label for label in unique if label in reference.groups() or label in reference.countries()}
    found = labels.countries(unique, where, own)
    strange = [name for name, iso in zip(unique, found, strict=True) if iso in ("WLD", "ROW", "AGG", None)]
    if strange:
        raise ParseError(f"no single country: {sample(strange)}", where=where, hint="take the aggregates out")
    return dict(zip(unique.to_list(), found.to_list(), strict=True))


def _code(text: str, where: str) -> str:
    """Return an HS code of four or six digits, national digits cut off; raises ParseError."""
    digits = re.sub(r"[.\s]", "", text)
    if not digits.isdecimal() or len(digits) not in (4, 6, 8, 9, 10):
        raise ParseError(f"code {text!r} is none", where=where, hint="an HS code of 4 or 6 digits, or a national one")
    return digits[:6]


@cache
def _goods(code: str, product: str) -> tuple[tuple[str, str], ...]:
    """Return the (material, stage) pairs of a code, by code, else by heading, else by the product's name."""
    exact = {(c.material, c.stage) for c in reference.hs_codes() if c.code == code or c.code.startswith(code)}
    if not exact:
        heads = [r for r in reference.rows("instrument_headings") if r["heading"] == code[:4]]
        exact = {(r["material"], r["stage"]) for r in heads}
    alias = reference.material_aliases().get(reference.fold(product))
    if not exact and alias is not None and alias.stage and code[:4] in instruments.headings():
        exact = {(alias.material, alias.stage)}
    return tuple(sorted(exact))


def _restriction(row: dict[str, str], country: str, code: str, where: str, line: int) -> Restriction:
    """Return one row in our terms; raises ParseError for an unknown measure."""
    kind = meanings("measure").get(reference.fold(row["measure"]))
    if kind is None:
        hint = f'add to reference/tables/oecd_labels.csv: measure,"{row["measure"]}",<kind>'
        raise ParseError(f"unknown measure {row['measure']!r}", where=where, hint=hint)
    if "start" not in row and not re.fullmatch(r"\d{4}", row["year"]):
        raise ParseError(f"year {row['year']!r} is none", where=where, hint="a calendar year such as 2023")
    value, unit = row.get("value", ""), row.get("unit", "")
    if value.endswith("%") and not unit:
        value, unit = value[:-1].strip(), "%"
    known = meanings("unit").get(reference.fold(unit), "")
    plain = bool(known) and re.fullmatch(r"\d+(\.\d+)?", value) is not None
    return Restriction(
        country=country,
        code=code,
        product=row.get("product", ""),
        kind=kind,
        start=_day(row["start"] if "start" in row else row["year"]),
        end=_day(row.get("end", "")),
        size=value if plain else "",
        unit=known if plain else "",
        terms=" ".join(part for part in (value, unit) if part),
        act=row.get("act", "") or UNNAMED,
        note="",
        line=line,
    )


def _day(text: str) -> str:
    """Return a day in ISO form where it is written as 31/12/2020 or 31.12.2020, else the text."""
    found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def _spells(rows: Sequence[Restriction]) -> list[Restriction]:
    """Return rows of single years as runs of years with one value; a run that reaches the last year has no end."""

    def key(row: Restriction) -> tuple[str, ...]:
        return (row.country, row.code, row.kind, row.terms, row.act)

    years = [int(row.start) for row in rows]
    spells = []
    for _, same in groupby(sorted(rows, key=lambda row: (key(row), row.start, row.line)), key):
        run: list[Restriction] = []
        for row in same:
            if run and int(row.start) > int(run[-1].start) + 1:
                spells.append(_spell(run, min(years), max(years)))
                run = []
            run.append(row)
        spells.append(_spell(run, min(years), max(years)))
    return spells


def _spell(run: Sequence[Restriction], first: int, last: int) -> Restriction:
    """Return one run of years as one restriction; `first` and `last` are the file's own years."""
    start, end = run[0].start, run[-1].start
    note = "held in the file's first year, may be older" if start == str(first) else ""
    return replace(run[0], end="" if end == str(last) else end, note=note)


def _grouped(rows: Sequence[Restriction], where: str) -> tuple[Instrument, ...]:
    """Return rows that differ by code alone as one instrument each, checked like a row of the register."""

    def key(row: Restriction) -> tuple[str, ...]:
        return (row.country, row.kind, row.start, row.end, row.size, row.unit, row.terms, row.act, row.note)

    found, used = [], Counter[str]()
    for _, same in groupby(sorted(rows, key=lambda row: (key(row), row.code)), key):
        group = list(same)
        one = group[0]
        stem = f"oecd-{one.country.lower()}-{one.kind}-{one.start[:4]}"
        used[stem] += 1
        goods = {pair for row in group for pair in _goods(row.code, row.product)}
        cells = dict.fromkeys((field.name for field in fields(Instrument)), "") | {
            "id": f"{stem}-{used[stem]}",
            "country": one.country,
            "act": one.act,
            "materials": ";".join(sorted({material for material, _ in goods})),
            "stages": ";".join(stage for stage in reference.STAGES if stage in {s for _, s in goods}),
            "codes": ";".join(sorted({row.code for row in group})),
            "kind": one.kind,
            "scope": "goods",
            "destinations": instruments.EVERYBODY,
            "in_force": one.start,
            "ended": one.end,
            "size": one.size,
            "unit": one.unit,
            "terms": one.terms,
            "note": one.note,
            "source": SOURCE,
            "confidence": "high",
        }
        found.append(instruments.check(cells, f"{where}, line {one.line}"))
    return tuple(found)


def join(ours: Iterable[Instrument], theirs: Iterable[Instrument]) -> tuple[Registered, ...]:
    """Return both lists as one, by id, each with who lists it.

    What has the same country and kind, a code that holds the other, and beginnings that may be the same day is one: it
    keeps our row, and takes their codes, their source and, where ours has none, their end.
    """
    merged = {i.id: Registered(i, "khanij") for i in ours}
    alike: dict[tuple[str, str], list[str]] = {}
    for id, registered in merged.items():
        alike.setdefault((registered.instrument.country, registered.instrument.kind), []).append(id)
    alone = []
    for their in theirs:
        rest, near = [], alike.get((their.country, their.kind), [])
        for code in their.codes:
            twins = [merged[id].instrument for id in near if _same(merged[id].instrument, their, code)]
            merged |= {twin.id: Registered(_taken(twin, their, code), "both") for twin in twins}
            if not twins:
                rest.append(code)
        if rest or not their.codes:
            alone.append(Registered(replace(their, codes=tuple(rest)), "oecd"))
    return tuple(sorted((*merged.values(), *alone), key=lambda r: r.instrument.id))


def _same(our: Instrument, their: Instrument, code: str) -> bool:
    """Return whether an instrument of ours is theirs, of like country and kind, for one code."""
    if not any(code.startswith(own) or own.startswith(code) for own in our.codes):
        return False
    one, other = our.in_force or our.announced, their.in_force or their.announced
    return one is not None and other is not None and one.first <= other.last and other.first <= one.last


def _taken(our: Instrument, their: Instrument, code: str) -> Instrument:
    """Return our instrument with what theirs adds."""
    known = any(code.startswith(own) for own in our.codes)
    cited = dict.fromkeys((*our.source.split(";"), *their.source.split(";")))
    return replace(
        our,
        codes=our.codes if known else (*our.codes, code),
        source=";".join(cited),
        ended=our.ended or their.ended,
    )
