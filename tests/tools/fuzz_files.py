"""Spoils files that a person brings and reads them: `make fuzz-files`.

    python tests/tools/fuzz_files.py [COUNT [SEED]] [--page]

Purchases, facts of one's own, chances and studies, as CSV, XLSX and YAML, with bytes changed, put in, cut out and
repeated, also inside the parts of a workbook. A reader gives what it read or an error of three lines, in time.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xlsxwriter

LIMIT = 5.0  # seconds of one file
BOUGHT = (
    b"material,country,tonnes,year,stage,share,unit\n"
    b"cobalt,Finland,1250.5,2023,refined,,t\ncobalt,China,300,2023,,0.5,kg\n"
)
FACTS = b"quantity,material,stage,country,year,value,unit\nproduction,copper,mined,CHL,2023,13,t\n"
TRADE = b"refYear,reporterISO,partnerISO,cmdCode,flowCode,netWgt,primaryValue\n2023,IND,CHL,260300,M,300000,7000000\n"
STUDY = (
    b"title: x\ndefaults: {focus: IND, year: 2023}\n"
    b"ask:\n- {question: trade, hs: '270900'}\n- {question: risk, years: 10}\n"
)
PIECES = (
    *(b'"', b",", b";", b"\n", b"\r", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"e9", b"=1", b"-", b"%", b"1.250"),
    *(b"<c r='ZZZ999'/>", b"<row r='99999999'>", b"<v>1e999</v>", b" t='s'", b"&a;", b"[", b"{", b"&a ", b"*a", b": "),
)


@dataclass
class Found:
    """What came of the files: how many were read and refused, and what should not have been."""

    read: int = 0
    refused: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)


def spoil(data: bytes, draw: np.random.Generator) -> bytes:
    """Return data with one to thirty changes."""
    made = bytearray(data)
    for _ in range(int(draw.choice((1, 1, 2, 5, 30)))):
        kind, at = draw.random(), int(draw.integers(len(made) + 1))
        if kind < 0.4 and made:
            made[at % len(made)] = int(draw.integers(256))
        elif kind < 0.6:
            made[at:at] = PIECES[int(draw.integers(len(PIECES)))]
        elif kind < 0.8:
            del made[at : at + int(draw.choice((1, 3, 50)))]
        else:
            made[at:at] = made[max(0, at - 20) : at] * int(draw.choice((1, 3)))
    return bytes(made)


def workbook(table: bytes) -> bytes:
    """Return a table as a workbook with a merged cell and a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for r, line in enumerate(table.decode().splitlines()):
            for c, cell in enumerate(line.split(",")):
                page.write(r, c, cell)
        page.merge_range(5, 0, 7, 0, "cobalt")
        page.write_formula(5, 2, "=1+1", None, 2)
    return out.getvalue()


def spoil_within(book: bytes, draw: np.random.Generator) -> bytes:
    """Return a workbook with its parts spoilt, packed well."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = {names[int(draw.integers(len(names)))], "xl/worksheets/sheet1.xml"}
        for name in names:
            data = old.read(name)
            new.writestr(name, spoil(data, draw) if name in chosen and draw.random() < 0.7 else data)
    return out.getvalue()


def readers() -> dict[str, Callable[[Path], object]]:
    """Return the readers of a person's files, by ending of the file."""
    from khanij.analyses.simulated import entries
    from khanij.analyses.study.request import read
    from khanij.data.own import facts, purchases

    return {"purchases": purchases.read, "facts": facts.read, "entries": lambda p: entries([p]), "study": read}


def run(count: int, seed: int = 0) -> Found:
    """Spoil and read `count` files."""
    from khanij.core.errors import KhanijError

    draw, found, all_ = np.random.default_rng(seed), Found(), readers()
    tables = (BOUGHT, FACTS, TRADE)
    books = [workbook(table) for table in tables]
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(count):
            kind, which = draw.random(), int(draw.integers(len(tables)))
            if kind < 0.25:
                path, data, names = Path(scratch) / "f.yaml", spoil(STUDY, draw), ("study", "entries")
            elif kind < 0.6:
                path, data, names = (
                    Path(scratch) / "f.csv",
                    spoil(tables[which], draw),
                    ("purchases", "facts", "entries"),
                )
            else:
                whole = spoil if kind < 0.7 else spoil_within
                path, data = Path(scratch) / "f.xlsx", whole(books[which], draw)
                names = ("purchases", "facts", "entries")
            path.write_bytes(data)
            for name in names:
                start = time.monotonic()
                try:
                    all_[name](path)
                    found.read += 1
                except KhanijError as refused:
                    found.refused += 1
                    if not all(len(line) > len("hint:  -") for line in refused.lines()):
                        found.wrong["without three lines"] += 1
                        found.told.append(f"{name}: {refused.lines()}")
                except Exception as broken:
                    found.wrong["tracebacks"] += 1
                    found.told.append(f"{name}: {type(broken).__name__} {str(broken)[:80]}: {data[:200]!r}")
                if time.monotonic() - start > LIMIT:
                    found.wrong["beyond the limit"] += 1
                    found.told.append(f"{name}: {time.monotonic() - start:.1f} s: {data[:200]!r}")
    return found


def main(words: list[str]) -> int:
    """Spoil files, print what came of them, and with --page write it into docs/trust.md."""
    numbers = [int(word) for word in words if word.isdigit()]
    count, seed = [*numbers, *(5_000, 0)[len(numbers) :]][:2]
    found = run(count, seed)
    lines = [
        f"{count:,} spoilt files of purchases, facts, chances and studies (CSV, XLSX, YAML; seed {seed}), each given "
        f"to every reader that takes its kind: {found.read:,} read, {found.refused:,} refused in three lines, "
        f"{found.wrong['tracebacks']} tracebacks, {found.wrong['beyond the limit']} beyond {LIMIT:g} s, "
        f"{found.wrong['without three lines']} refused without saying what to do.",
        "",
        f"Again by `make fuzz-files` (`python tests/tools/fuzz_files.py {count} {seed} --page`).",
    ]
    print("\n".join([*lines, *found.told[:20]]))
    if "--page" in words:
        import trust_page

        trust_page.write("fuzz-files", "Files that a person brings", lines)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
