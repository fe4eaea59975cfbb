"""Questions put to the command line, and their answers read as plain tables whatever the headings are.

A command of `commands.toml` becomes an Answer: exit code, first line of a refusal, and tables. A table is told by its
numbers: a cell that holds a number with its range ({"value": .., "low": ..}) is one column a part, a number in text
counts as a number too, and of sentences only the numbers in them are kept.
"""

from __future__ import annotations

import io
import json
import lzma
import math
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FROZEN = HERE / "frozen"
TOLERANCE = 1e-9  # relative difference that is none
NOTHING = 1e-14  # what is left where numbers cancel out: it differs from processor to processor
SHORT = 60  # characters from which text is a sentence, and no key of a row
NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Command:
    """One question.

    id         its name, also in the frozen file
    old        argv that was frozen
    new        argv of today, one list or several whose tables are taken together; the old one if not given
    fast       asked in every run of the tests
    elsewhere  relative difference that is none on another kind of processor; inf = not to be compared there
    sparse     "table / column" (with * and ?): rows in which it is nothing but rounding are left out
    unsettled  "table / column" that differs between two runs of one commit: left out
    """

    id: str
    old: tuple[str, ...]
    new: tuple[tuple[str, ...], ...]
    fast: bool = False
    elsewhere: float = TOLERANCE
    sparse: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """Return the file that holds the answer: the first word."""
        return self.id.split()[0]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an answer.

    numbers  column -> values, nan = missing (a column of nan alone is kept: it is missing throughout)
    texts    column -> short texts, None = missing
    told     column -> numbers in its sentences, sorted, each once
    """

    title: str
    rows: int
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    texts: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    told: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave: exit code, first line of what it refused, tables."""

    code: int
    refusal: str = ""
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Frozen:
    """An answer as it was: what was asked, of which commit, on which kind of processor."""

    answer: Answer
    argv: tuple[str, ...]
    commit: str
    processor: str


def commands(path: Path = HERE / "commands.toml") -> tuple[Command, ...]:
    """Return the questions; an entry with `each` is one question a line of it, whose words stand for {0}, {1}, …"""
    found: list[Command] = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["command"]:
        for line in entry.get("each", [""]):
            words = line.split()

            def fill(argv: Sequence[str], words: Sequence[str] = words) -> tuple[str, ...]:
                return tuple(_filled(word, words) for word in argv)

            new = entry.get("new", [])
            lists = new if new and isinstance(new[0], list) else [new] if new else [entry["old"]]
            found.append(
                Command(
                    _filled(entry["id"], words),
                    fill(entry["old"]),
                    tuple(fill(argv) for argv in lists),
                    entry.get("fast", False) or line in entry.get("fast_each", []),
                    entry.get("elsewhere", TOLERANCE),
                    tuple(entry.get("sparse", ())),
                    tuple(entry.get("unsettled", ())),
                )
            )
    if twice := {one.id for one in found if sum(other.id == one.id for other in found) > 1}:
        raise ValueError(f"commands of one name: {sorted(twice)}")
    return tuple(found)


def _filled(word: str, words: Sequence[str]) -> str:
    """Return a word with {0}, {1} replaced; {out}, {root} and {here} are left for later."""
    for k, value in enumerate(words):
        word = word.replace(f"{{{k}}}", value)
    return word


@contextmanager
def _streams(argv: Sequence[str]) -> Iterator[tuple[io.TextIOWrapper, io.StringIO]]:
    """Catch what a command writes."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    kept = sys.stdout, sys.stderr, sys.argv
    sys.stdout, sys.stderr, sys.argv = out, err, ["khanij", *argv]
    try:
        yield out, err
    finally:
        sys.stdout, sys.stderr, sys.argv = kept


def ask(argvs: Sequence[Sequence[str]]) -> Answer:
    """Return the answer of the command line that is on the path to one question, asked in one or several commands."""
    from khanij.cli import main

    code, refusal, tables = 0, "", []
    for argv in argvs:
        with tempfile.TemporaryDirectory() as scratch:
            places = {"out": scratch, "root": str(ROOT), "here": str(HERE)}
            words = [re.sub(r"\{(out|root|here)\}", lambda hit: places[hit[1]], word) for word in argv]  # noqa: B023
            ended: Any = 0
            with _streams(words) as (out, err):
                try:
                    main()
                except SystemExit as end:
                    ended = end.code or 0
                except Exception as broken:  # a crash is an answer too, and a wrong one
                    ended = 1
                    print(f"{type(broken).__name__}: {broken}", file=err)
                out.flush()
                written, said = out.buffer.getvalue(), err.getvalue()  # type: ignore[attr-defined]
            if ended:
                code, refusal = int(ended), refusal or (said.strip().splitlines() or [""])[0]
            elif any("{out}" in word for word in argv):
                tables += files(Path(scratch))
            else:
                tables += list(read(json.loads(written)))
    return Answer(code, refusal, tuple(tables))


def files(folder: Path) -> list[Table]:
    """Return the tables below a folder: Parquet, JSON, and of workbooks what is in no other file."""
    import polars as pl
    from python_calamine import load_workbook

    paths = sorted(folder.rglob("*.parquet"))
    found = [table(path.stem.removeprefix("table-"), pl.read_parquet(path).to_dicts()) for path in paths]
    held = {one.title for one in found}
    for path in sorted(folder.rglob("*.xlsx")):
        book = load_workbook(str(path))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python()[1:]  # below the title
            if name not in held and rows:
                heads = [str(head) for head in rows[0]]
                found.append(table(name, [dict(zip(heads, row, strict=True)) for row in rows[1:]]))
    return found


def read(node: Any, title: str = "") -> Iterator[Table]:
    """Yield the tables in plain data: whatever has `rows`, or is a list of records."""
    if isinstance(node, dict):
        title = str(node.get("title") or node.get("name") or title)
        if isinstance(node.get("rows"), list):
            rows = node["rows"]
            if rows and isinstance(rows[0], list):
                heads = [str(c.get("key", c.get("name"))) if isinstance(c, dict) else str(c) for c in node["columns"]]
                rows = [dict(zip(heads, row, strict=True)) for row in rows]
            yield table(title, rows, node.get("notes") or ())
        else:
            for key, value in node.items():
                yield from read(value, str(key))
    elif isinstance(node, list) and node and all(isinstance(one, dict) for one in node):
        if any("rows" in one or "tables" in one for one in node):
            for one in node:
                yield from read(one, title)
        else:
            yield table(title, node)


def table(title: str, records: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()) -> Table:
    """Return a table of records."""
    flat = [dict(_flat(record)) for record in records]
    numbers: dict[str, tuple[float, ...]] = {}
    texts: dict[str, tuple[str | None, ...]] = {}
    told: dict[str, tuple[float, ...]] = {}
    for name in dict.fromkeys(name for record in flat for name in record):
        column = [record.get(name) for record in flat]
        values = tuple(map(_number, column))
        words = [value for value in column if isinstance(value, str)]
        if not words or any(math.isfinite(value) for value in values):
            numbers[name] = values
        if any(len(word) > SHORT for word in words):
            told[name] = _told(words)
        elif any(math.isnan(_number(word)) for word in words):
            texts[name] = tuple(v if isinstance(v, str) and math.isnan(_number(v)) else None for v in column)
    if notes:
        told["notes"] = _told([str(note) for note in notes])
    return Table(title, len(flat), numbers, texts, {name: values for name, values in told.items() if values})


def _flat(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield cells with the parts of a composed cell apart; an empty text is missing."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            yield f"{before}{name}", "; ".join(map(str, value)) or None
        elif isinstance(value, bool):
            yield f"{before}{name}", str(value).lower()
        else:
            yield f"{before}{name}", None if value == "" else value


def _number(value: Any) -> float:
    """Return a number, or the number that a text is; nan for what is none."""
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        return math.nan
    try:
        return float(value.strip().replace(",", "").replace("−", "-") if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return math.nan


def _told(sentences: Sequence[str]) -> tuple[float, ...]:
    """Return the numbers in sentences, each once."""
    found = {_number(hit.rstrip(",")) for sentence in sentences for hit in NUMBER.findall(sentence)}
    return tuple(sorted(value for value in found if math.isfinite(value)))


def settled(one: Table, command: Command) -> Table:
    """Return a table without what a command's `sparse` and `unsettled` leave out."""

    def named(name: str, patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(f"{one.title} / {name}", pattern) for pattern in patterns)

    thin = [column for name, column in one.numbers.items() if named(name, command.sparse)]
    kept = [k for k in range(one.rows) if not any(abs(column[k]) < NOTHING for column in thin)]
    numbers, texts = (
        {name: tuple(column[k] for k in kept) for name, column in each.items() if not named(name, command.unsettled)}
        for each in (one.numbers, one.texts)
    )
    return Table(one.title, len(kept), numbers, texts, one.told)


def record(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain data."""
    tables = [
        {
            "title": one.title,
            "rows": one.rows,
            "numbers": {name: [_plain(v) for v in column] for name, column in one.numbers.items()},
            "texts": {name: list(column) for name, column in one.texts.items()},
            "told": {name: [_plain(v) for v in column] for name, column in one.told.items()},
        }
        for one in answer.tables
    ]
    return {"code": answer.code, "refusal": answer.refusal, "tables": tables}


def _plain(value: float) -> float | int | None:
    """Return a value for JSON: whole numbers short, nan as null."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def answer(entered: Mapping[str, Any]) -> Answer:
    """Return an answer from plain data."""
    tables = tuple(
        Table(
            one["title"],
            one["rows"],
            {
                name: tuple(math.nan if v is None else float(v) for v in column)
                for name, column in one["numbers"].items()
            },
            {name: tuple(column) for name, column in one["texts"].items()},
            {name: tuple(map(float, column)) for name, column in one["told"].items()},
        )
        for one in entered["tables"]
    )
    return Answer(entered["code"], entered["refusal"], tables)


def save(answers: Mapping[str, Answer], seconds: Mapping[str, float], folder: Path = FROZEN) -> None:
    """Write answers, one packed file a group; answers of a group that were not asked stay."""
    folder.mkdir(exist_ok=True)
    known = {one.id: one for one in commands()}
    for group in sorted({id.split()[0] for id in answers}):
        path = folder / f"{group}.json.xz"
        held = _held(path)
        held["answers"] |= {
            id: {
                "argv": list(known[id].old),
                "commit": commit(),
                "processor": processor(),
                "seconds": round(seconds[id], 2),
                **record(one),
            }
            for id, one in answers.items()
            if id.split()[0] == group
        }
        held["answers"] = {id: held["answers"][id] for id in sorted(held["answers"]) if id in known}
        text = json.dumps(held, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def _held(path: Path) -> dict[str, Any]:
    """Return the content of a frozen file."""
    return json.loads(lzma.decompress(path.read_bytes())) if path.exists() else {"answers": {}}


def load(folder: Path = FROZEN) -> dict[str, Frozen]:
    """Return the frozen answers by the id of their command."""
    held = {id: one for path in sorted(folder.glob("*.json.xz")) for id, one in _held(path)["answers"].items()}
    return {id: Frozen(answer(one), tuple(one["argv"]), one["commit"], one["processor"]) for id, one in held.items()}


def processor() -> str:
    """Return what the last digits of sums depend on: NumPy's version, and the instructions it uses here."""
    import numpy as np

    extensions: Any = np.show_config(mode="dicts")
    return f"{np.__version__} {' '.join(extensions.get('SIMD Extensions', {}).get('found', []))}"


def commit() -> str:
    """Return the commit of the package on the path, "" where it is under no git."""
    import khanij

    folder = Path(khanij.__file__).parent
    asked = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def timed(command: Command, *, old: bool = False) -> tuple[Answer, float]:
    """Return the answer to a command, and the processor time it took."""
    start = time.process_time()
    given = ask((command.old,) if old else command.new)
    given = replace(given, tables=tuple(settled(one, command) for one in given.tables))
    return given, time.process_time() - start
