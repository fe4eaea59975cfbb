# ruff: noqa: E501 - sentences of the page
"""Plants errors in publishers' files and reads them: `make planted`.

    python tests/tools/planted.py [COUNT [SEED]] [--page]

Columns swapped, a column or a figure × 1000, a whole table on another scale, a year left out, a label renamed: each in a
copy of a real file, one at a time, the recorded hash of the file set aside as for a new edition. An error is caught where
the parser or the check of facts refuses the file, or where the check against the figures held of the same source does.
One that changes no fact (in a column that nobody reads) is none.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import pickle
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np
import polars as pl

RAW = Path(__file__).resolve().parents[3] / "shared" / "data"
KINDS = ("columns swapped", "a column × 1000", "a figure × 1000", "another scale", "a year missing", "a label renamed")
SLOW = {"baci-hs92", "baci-value-series"}  # parses of seconds; baci-hs17 has the layout of the first
SLICES = 4
YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?")
Rows = list[list[str]]


@dataclass
class Found:
    """By kind: planted, caught by parser and schema, caught by the figures that are held, without effect."""

    planted: Counter[str] = field(default_factory=Counter)
    parsed: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    idle: int = 0
    sources: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    @property
    def caught(self) -> int:
        """Return how many were caught at all."""
        return sum(self.parsed.values()) + sum(self.held.values())


# Tables as rows of text: read, changed, written again in the same format


def number(text: str) -> bool:
    """Tell whether a cell is a number that is no year."""
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return bool(text.strip()) and not YEAR.fullmatch(text.strip())


def times(text: str, by: float) -> str:
    """Return a number multiplied."""
    return repr(float(text.replace(",", "")) * by) if number(text) else text


def change(rows: Rows, kind: str, draw: np.random.Generator) -> str:
    """Plant one error of a kind in place; return what it is, "" where the table has no place for it."""
    width = max(map(len, rows), default=0)
    body = rows[1:]
    if len(body) < 2 or width < 2:
        return ""
    columns = [
        c for c in range(width) if sum(len(r) > c and number(r[c]) for r in body[:400]) > min(len(body), 400) * 0.2
    ]
    pick = lambda names: names[int(draw.integers(len(names)))]  # noqa: E731
    if kind == "columns swapped":
        pairs = [(a, b) for a in columns for b in columns if a < b] or [(a, a + 1) for a in range(width - 1)]
        a, b = pick(pairs)
        for row in body:
            if len(row) > b:
                row[a], row[b] = row[b], row[a]
        return f"columns {a + 1} and {b + 1}"
    if kind in ("a column × 1000", "a figure × 1000", "another scale"):
        if not columns:
            return ""
        chosen = columns if kind == "another scale" else [pick(columns)]
        by = float(pick([1000.0, 0.001])) if kind == "another scale" else 1000.0
        lines = (
            body
            if kind != "a figure × 1000"
            else [pick([r for r in body if len(r) > chosen[0] and number(r[chosen[0]])])]
        )
        for row in lines:
            for c in chosen:
                if len(row) > c:
                    row[c] = times(row[c], by)
        return f"column {', '.join(str(c + 1) for c in chosen[:3])}"
    if kind == "a year missing":
        return drop_year(rows, draw)
    labels = sorted({cell for row in rows for cell in row if re.search(r"[A-Za-z]{3}", cell) and len(cell) < 60})
    if not labels:
        return ""
    label = pick(labels)
    for row in rows:
        row[:] = [label[:-1] + "x" + label[-1:] if cell == label else cell for cell in row]
    return f"label {label!r}"


def of_years(body: Rows, column: int) -> bool:
    """Tell whether a column holds years: a figure of 1955 tonnes is none."""
    cells = [row[column].strip() for row in body[:400] if len(row) > column]
    return bool(cells) and sum(YEAR.fullmatch(cell) is not None for cell in cells) > 0.9 * len(cells)


def drop_year(rows: Rows, draw: np.random.Generator) -> str:
    """Leave out a year: its column where years head columns, else its rows."""
    for row in rows[:12]:
        heads = [c for c, cell in enumerate(row) if re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", cell) and len(cell) < 30]
        if len(heads) >= 2:
            at = heads[int(draw.integers(len(heads)))]
            told = row[at]
            for other in rows:
                if len(other) > at:
                    del other[at]
            return f"column {told!r}"
    at = next((c for c in range(max(map(len, rows))) if of_years(rows[1:], c)), -1)
    years = sorted({row[at] for row in rows[1:] if len(row) > at}) if at >= 0 else []
    if len(years) < 2:
        return ""
    year = years[int(draw.integers(len(years)))]
    rows[1:] = [row for row in rows[1:] if len(row) <= at or row[at] != year]
    return f"rows of {year}"


def of_csv(path: Path) -> tuple[Rows, Callable[[Rows], bytes]]:
    """Return the rows of a CSV file, packed or not, and how it is written again."""
    packed = path.suffix == ".gz"
    data = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    try:
        text, encoding = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = data.decode("cp1252"), "cp1252"
    delimiter = max(",;\t", key=text[:5000].count)

    def write(rows: Rows) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
        made = out.getvalue().encode(encoding)
        return gzip.compress(made, 1) if packed else made

    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), write


def of_parquet(path: Path) -> tuple[Rows, Callable[[Rows], bytes]]:
    """Return the rows of a Parquet file as text, and how it is written again in its types."""
    frame = pl.read_parquet(path)

    def write(rows: Rows) -> bytes:
        made = pl.DataFrame(rows[1:], schema=dict.fromkeys(rows[0], pl.String), orient="row")
        kinds = dict(zip(frame.columns, frame.dtypes, strict=True))
        casts = []
        for name in made.columns:
            kind = kinds.get(name, pl.String)
            cell = pl.when(pl.col(name) == "").then(None).otherwise(pl.col(name))
            casts.append((cell.cast(pl.Float64).cast(kind) if kind.is_numeric() else cell.cast(kind)).alias(name))
        out = io.BytesIO()
        made.with_columns(casts).write_parquet(out)
        return out.getvalue()

    texts = frame.with_columns(pl.all().cast(pl.String).fill_null(""))
    return [frame.columns, *map(list, texts.rows())], write


def of_workbook(path: Path, draw: np.random.Generator) -> tuple[Rows, Callable[[Rows], bytes]]:
    """Return one sheet of a workbook as rows of text, and how the workbook is written again with it."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    strings = ["".join(part.itertext()) for part in ElementTree.fromstring(parts["xl/sharedStrings.xml"])]
    sheets = sorted(
        (n for n in parts if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)), key=lambda n: -len(parts[n])
    )[:6]
    name = sheets[int(draw.integers(len(sheets)))]
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    rows: Rows = []
    for line in ElementTree.fromstring(parts[name]).iter(f"{space}row"):
        cells: list[str] = []
        for one in line:
            letters, value = one.get("r", "A").rstrip("0123456789"), one.findtext(f"{space}v") or ""
            at = sum((ord(sign) - 64) * 26**k for k, sign in enumerate(reversed(letters))) - 1
            cells += [""] * (at - len(cells) + 1)
            cells[at] = strings[int(value)] if one.get("t") == "s" and value else value
        rows.append(cells)

    def write(made: Rows) -> bytes:
        def cell(r: int, c: int, text: str) -> str:
            letters, at = "", c + 1
            while at:
                at, rest = divmod(at - 1, 26)
                letters = chr(65 + rest) + letters
            try:
                float(text)
                return f'<c r="{letters}{r}"><v>{text}</v></c>'
            except ValueError:
                return f'<c r="{letters}{r}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'

        body = "".join(
            f'<row r="{r}">{"".join(cell(r, c, text) for c, text in enumerate(row) if text)}</row>'
            for r, row in enumerate(made, 1)
        )
        xml = re.sub(
            r"<sheetData>.*</sheetData>", lambda _: f"<sheetData>{body}</sheetData>", parts[name].decode(), flags=re.S
        )
        xml = re.sub(r"<mergeCells.*?</mergeCells>|<autoFilter[^>]*/>|<dimension[^>]*/>", "", xml, flags=re.S)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            for part, data in parts.items():
                book.writestr(part, xml.encode() if part == name else data)
        return out.getvalue()

    return rows, write


def table(path: Path, draw: np.random.Generator) -> tuple[Rows, Callable[[Rows], bytes]] | None:
    """Return the rows of a file and how it is written again; None of a format in which no error is planted."""
    if path.suffix == ".csv" or path.name.endswith(".csv.gz"):
        return of_csv(path)
    if path.suffix == ".parquet":
        return of_parquet(path)
    return of_workbook(path, draw) if path.suffix == ".xlsx" else None


# One error in one file of one source


def facts_of(source: Any, raw: Path) -> pl.DataFrame:
    """Return the facts of a source from files below a folder, whatever their hashes are: as of a new edition."""
    from khanij.data.facts import store

    def fresh(edition: Any) -> Any:
        files = []
        for file in edition.files:
            data = (raw / file.path).read_bytes()
            files.append(file.model_copy(update={"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}))
        return edition.model_copy(update={"files": tuple(files)})

    editions = tuple(fresh(edition) for edition in source.editions)
    return store.parse_source(source.model_copy(update={"editions": editions}), raw)


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Tell whether two frames hold the same facts, wherever they stand in the file."""
    drop = [name for name in ("row", "note") if name in one.columns]
    return one.drop(drop).equals(other.drop(drop))


SOUND: dict[tuple[str, int, int], bool] = {}  # table of a file -> whether it can be written again as it was


def sound(
    source: Any, held: pl.DataFrame, place: Path, key: tuple[str, int, int], data: bytes, scratch: Path, whole: bytes
) -> bool:
    """Tell whether a table that is written again without any error gives the same facts: else nothing is told by it."""
    if key not in SOUND:
        place.write_bytes(data)
        try:
            SOUND[key] = same(held, facts_of(source, scratch))
        except Exception:
            SOUND[key] = False
        place.write_bytes(whole)
    return SOUND[key]


def plant(source: Any, held: pl.DataFrame, kind: str, scratch: Path, found: Found, draw: np.random.Generator) -> None:
    """Plant one error in one file of a source and see whether it is caught."""
    from khanij.core.errors import KhanijError
    from khanij.data.facts import succession

    files = [file for edition in source.editions for file in edition.files]
    file = files[int(draw.integers(len(files)))]
    whole = (RAW / file.path).read_bytes()
    read = table(RAW / file.path, draw)
    if read is None:
        return
    rows, write = read
    place = scratch / file.path
    if not sound(source, held, place, (file.path, len(rows), sum(map(len, rows))), write(rows), scratch, whole):
        return
    what = change(rows, kind, draw)
    if not what:
        return
    try:
        place.write_bytes(write(rows))
        new = facts_of(source, scratch)
    except KhanijError:
        found.planted[kind] += 1
        found.parsed[kind] += 1
        return
    except Exception as broken:  # a library's words instead of ours
        found.planted[kind] += 1
        found.told.append(
            f"raised: {source.id} {file.path}: {kind}, {what}: {type(broken).__name__} {str(broken)[:80]}"
        )
        return
    finally:
        place.write_bytes(whole)
    if same(held, new):
        found.idle += 1
        return
    found.planted[kind] += 1
    try:
        succession.check(held, new, source.id)
    except KhanijError:
        found.held[kind] += 1
        return
    found.told.append(f"missed: {source.id} {file.path}: {kind}, {what}")


def run(count: int, seed: int = 0, only: tuple[str, ...] = ()) -> Found:
    """Plant `count` errors that change a fact; nothing where the publishers' files are not there."""
    from khanij.data.facts import record

    draw, found = np.random.default_rng(seed), Found()
    sources = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "shared" / "data"
        for source in record.sources().values():
            files = [file for edition in source.editions for file in edition.files]
            readable = all((RAW / file.path).is_file() for file in files)
            if source.id in SLOW or not readable or (only and source.id not in only):
                continue
            for file in files:
                (scratch / file.path).parent.mkdir(parents=True, exist_ok=True)
                (scratch / file.path).write_bytes((RAW / file.path).read_bytes())
            sources.append((source, facts_of(source, scratch)))
        tries = 0
        while sources and found.planted.total() < count and tries < 6 * count:
            source, held = sources[tries % len(sources)]
            before = found.planted.total()
            plant(source, held, KINDS[int(draw.integers(len(KINDS)))], scratch, found, draw)
            found.sources |= {source.id} if found.planted.total() > before else set()
            tries += 1
            if tries % 50 == 0:
                print(
                    tries, found.planted.total(), found.caught, *found.told[-9:], sep="\n", file=sys.stderr, flush=True
                )
    return found


def sliced(count: int, seed: int) -> Found:
    """Plant in SLICES processes with seeds of their own."""
    found = Found()
    with tempfile.TemporaryDirectory() as scratch:
        children = []
        for number in range(SLICES):
            into = Path(scratch) / f"{number}.pickle"
            command = [sys.executable, __file__, str(-(-count // SLICES)), str(seed + number), "--into", str(into)]
            children.append((into, subprocess.Popen(command)))
        for into, child in children:
            child.wait()
            part = pickle.loads(into.read_bytes())
            for name in ("planted", "parsed", "held", "idle", "told"):
                setattr(found, name, getattr(found, name) + part[name])
            found.sources |= part["sources"]
    return found


def main(words: list[str]) -> int:
    """Plant errors, print what was caught, and with --page write it into docs/trust.md."""
    numbers = [int(word) for word in words if word.isdigit()]
    count, seed = [*numbers, *(400, 0)[len(numbers) :]][:2]
    if "--into" in words:
        Path(words[words.index("--into") + 1]).write_bytes(pickle.dumps(vars(run(count, seed))))
        return 0
    found = sliced(count, seed)
    whole = found.planted.total()
    lines = [
        f"{whole} errors planted one by one in files of {len(found.sources)} sources (seeds {seed} to {seed + SLICES - 1}), as in a new edition: "
        f"{found.caught} caught ({found.caught / max(whole, 1):.1%}), {sum(found.parsed.values())} by parsers and the check "
        f"of facts, {sum(found.held.values())} more by the figures that are held of the same source. {found.idle} others "
        "changed no fact. In an edition that is recorded every one of them is caught by the hash of the file.",
        "",
        "| error | planted | caught by the parser | by what is held | missed |",
        "|---|---|---|---|---|",
        *(
            f"| {kind} | {n} | {found.parsed[kind]} | {found.held[kind]} | {n - found.parsed[kind] - found.held[kind]} |"
            for kind, n in sorted(found.planted.items())
        ),
        "",
        f"Again by `make planted` (`python tests/tools/planted.py {count} {seed} --page`), where the publishers' files are.",
    ]
    print("\n".join([*lines, *found.told[:80]]))
    if "--page" in words:
        import trust_page

        trust_page.write("planted", "Errors in publishers' files", lines)
    return 1 if found.caught < 0.95 * whole else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
