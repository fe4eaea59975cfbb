"""Gives khanij the inputs of known kinds of fault, one by one: `make kinds`.

    python tests/tools/kinds.py [WORD ...] [--page]

kinds.toml names the kinds: a command, a reader of a person's files, an address of the server, a line of a shell. What
comes back must be as it says there: refused in three lines, or answered with the right value. WORD = only kinds whose
name has it.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import xlsxwriter

HERE = Path(__file__).resolve().parent
HEAD = ("material", "country", "tonnes", "year")
SOUND = [["cobalt", "Finland", 5, 2023]]
SHELL = 'khanij() { "$PYTHON" -m khanij "$@"; }; '
PART = 2**20


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of kinds.toml."""

    group: str
    kind: str
    input: str
    right: str
    files: dict[str, str]
    shell: bool = False

    @property
    def shown(self) -> str:
        """Return the input as a table shows it: the content of a small file where that is what was given."""
        reader = self.input.partition(" ")[0] in ("purchases", "facts", "study", "risk", "run")
        texts = [text for text in self.files.values() if text and not text.startswith("made:")] if reader else []
        text = f"{self.input} ← {texts[0]}" if texts else self.input
        text = text.replace("\ufeff", "").replace("\r", "").strip().replace("\n", "⏎").replace("|", "\\|")
        return text if len(text) <= 150 else f"{text[:149]}…"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the exit code (2 = refused), what was written and what was said."""

    code: int
    out: str
    said: str
    seconds: float


def kinds() -> tuple[Kind, ...]:
    """Return the known kinds in their order."""
    listed = tomllib.loads((HERE / "kinds.toml").read_text(encoding="utf-8"))["case"]
    return tuple(Kind(**{"files": {}, **one}) for one in listed)


# ---- files that are made


def book(*sheets: Sequence[Sequence[Any]], far: bool = False) -> bytes:
    """Return a workbook; a text with "=" at its head is a formula, with "@" a day."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for rows in sheets:
            page = made.add_worksheet()
            for r, row in enumerate([HEAD, *rows]):
                for c, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("@"):
                        page.write_number(r, c, float(cell[1:]), day)
                    elif isinstance(cell, str) and cell.startswith("#"):
                        page.write_formula(r, c, "=NA()", None, cell)
                    else:
                        page.write(r, c, cell)
            if far:
                page.write(1, 16_000, "x")
    return out.getvalue()


def bomb() -> bytes:
    """Return a workbook of half a megabyte that unpacks to more than half a gigabyte."""
    whole, out = book(SOUND), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w") as sheet:
            head, tail = old.read("xl/worksheets/sheet1.xml").split(b"</sheetData>")
            sheet.write(head)
            for _ in range(550):
                sheet.write(b" " * PART)
            sheet.write(b"</sheetData>" + tail)
    return out.getvalue()


TABLE = ",".join(HEAD) + "\n"
MADE: dict[str, Callable[[], bytes]] = {
    "utf16": lambda: (TABLE + "cobalt,Finland,1250.5,2023\n").replace(",", "\t").encode("utf-16"),
    "latin1": lambda: (TABLE + "cobalt,C\u00f4te d'Ivoire,12,2023\n").encode("latin-1"),
    "formula": lambda: book([["cobalt", "Finland", "=A1+1", 2023]]),
    "error": lambda: book([["cobalt", "Finland", "#N/A", 2023]]),
    "date": lambda: book([["cobalt", "Finland", 5, "@45107"]]),
    "serial": lambda: book([["cobalt", "Finland", 5, 45107]]),
    "sheets": lambda: book(SOUND, SOUND),
    "far": lambda: book(SOUND, far=True),
    "bomb": bomb,
    "gzip": lambda: gzip.compress((TABLE + "cobalt,Finland,5,2023\n").encode(), mtime=0),
    "brackets": lambda: b"[" * 200_000,
    "digits": lambda: b"title: x\nask:\n- risk: {focus: IND, years: " + b"9" * 5_000 + b"}\n",
}


# ---- what no command line says


def own_case(pv: Sequence[float] = (0.5, -0.5, -1.5), made: float = 20.0, traded: float = 30.0, unit: str = "t") -> Any:
    """Return a Case of three countries by hand: one buys cobalt of the two others."""
    from khanij.core.axis import Axis
    from khanij.core.case import Case
    from khanij.core.cube import Cube

    land = ("CHL", "CHN", "COD")
    axes = {name: Axis(name, codes) for name, codes in (
        ("material", ("cobalt",)), ("stage", ("mined",)), ("country", land), ("partner", land),
        ("focus", ("CHL",)), ("year", ("2024",)), ("dimension", ("pv",)),
    )}  # fmt: skip

    def dense(quantity: str, of: str, names: tuple[str, ...], values: Any) -> Cube:
        shape = tuple(len(axes[name]) for name in names)
        return Cube(quantity, of, tuple(axes[name] for name in names), np.reshape(values, shape).astype(float))

    sides = (axes["material"], axes["stage"], Axis("exporter", land), Axis("importer", land), axes["year"])
    at = np.array([[0, 0], [0, 0], [1, 2], [0, 0], [0, 0]])
    flows = Cube("trade", unit, sides, np.array([traded, 70.0 / 30.0 * traded]), at)
    cubes = {
        "production": dense("production", "t", ("material", "stage", "country", "year"), [0.0, made, 80.0]),
        "membership": dense("membership", "1", ("focus", "country", "year"), [1.0, 0.0, 0.0]),
        "governance": dense("governance", "score", ("dimension", "country", "year"), pv),
        "trade": flows,
    }
    return Case(axes, cubes)


def padded() -> str:
    """Read a year of BACI as its publisher pads it."""
    from khanij.data.sources.baci_hs92 import parse

    Path("BACI.csv").write_text("t,i,j,k,v,q\n2023,152,699,260300, 120345.120,   60172.500\n")
    frame = parse.parse([Path("BACI.csv")], SimpleNamespace(key="baci-hs92@own"))  # type: ignore[arg-type]
    return str(frame["value"].to_list())


def money(text: str) -> str:
    """Read money."""
    from khanij.reference.money import read

    amount, unit = read(text)
    return f"{amount * unit.scale:g} {unit.code}"


def launched(words: Sequence[str]) -> int:
    """Run a command."""
    from khanij.cli import app

    return app.launch(list(words))


def readonly() -> int:
    """Write into a folder in which nobody may write: as root, in the files that the system shows."""
    Path("closed").mkdir(mode=0o555)
    place = "/proc/x.csv" if os.geteuid() == 0 else "closed/x.csv"
    return launched(["trade", "IND", "--hs", "270900", "--year", "2023", "--format", "csv", "--out", place])


def spoilt() -> int:
    """Ask a store of which one file has another content than its manifest says."""
    from khanij.data.facts import manifest

    shutil.copytree(manifest.folder(), "store", ignore=shutil.ignore_patterns(".*"))
    path = next(Path("store").glob("baci-hs92*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    before = os.environ.get("KHANIJ_STORE")
    os.environ["KHANIJ_STORE"] = "store"
    try:
        return launched(["trade", "IND", "--hs", "270900", "--year", "2023"])
    finally:
        del os.environ["KHANIJ_STORE"]
        if before is not None:
            os.environ["KHANIJ_STORE"] = before


LONG = ["trade", "IND", "--hs", "270900", "--year", "2023", "--format", "csv", "--out", f"{'n' * 300}.csv"]
CALLS: dict[str, Callable[[], Any]] = {
    "padded": padded,
    "nines": lambda: money("9" * 400 + " USD"),
    "lakh": lambda: money("1,00,000 crore INR"),
    "kilograms": lambda: f"{own_case(traded=30_000.0, unit='kg').cube('trade').values[0]:g} t",
    "dollars": lambda: own_case(unit="USD"),
    "banana": lambda: own_case(unit="banana"),
    "scale": lambda: own_case(pv=(61.0, 40.0, 10.0)),
    "negative": lambda: own_case(made=-20.0),
    "infinite": lambda: own_case(made=float("inf")),
    "longname": lambda: launched(LONG),
    "readonly": readonly,
    "spoilt": spoilt,
}


# ---- how each is given


def reader(words: Sequence[str]) -> str:
    """Return what a reader of a person's files finds."""
    from khanij.data.own import facts, purchases

    if words[0] == "facts":
        found = facts.read(Path(words[1]))
        return "; ".join([*(f"{row['value']:g}" for row in found.frame.iter_rows(named=True)), *found.notes])
    bought, notes = purchases.read(Path(words[1]))
    return "; ".join([*(f"{p.material} {p.stage} {p.country} {p.year} {p.tonnes:.8g} t" for p in bought), *notes])


@cache
def client() -> Any:
    """Return a client of a server in this process, whose worker takes no run."""
    from fastapi.testclient import TestClient

    from khanij.web import app

    made = app.create()
    made.state.site.worker.start = lambda: None
    return TestClient(made, base_url="http://localhost").__enter__()


def over_the_network(text: str) -> int:
    """Ask the server; print its answer, or its refusal in three lines."""
    method, _, rest = text.partition(" ")
    address, _, body = rest.partition(" ")
    kind = {"content-type": "application/json"} if body else {}
    got = client().request(method, address, content=body or None, headers=kind)
    if got.status_code < 400:
        print(got.text)
        return 0
    told = got.json()["error"]
    print(f"error: {told['what']}\nwhere: {told['where']}\nhint:  {told['hint']}", file=sys.stderr)
    return 2 if got.status_code < 500 else 1


def give(text: str) -> int:
    """Give one input in this process and return its exit code."""
    from khanij.core.errors import KhanijError

    head, _, rest = text.partition(" ")
    if head in ("GET", "POST"):
        return over_the_network(text)
    if head not in ("call", "purchases", "facts"):
        return launched([*shlex.split(text), "--quiet"])
    try:
        found = CALLS[rest]() if head == "call" else reader(text.split(" ", 1))
    except KhanijError as refused:
        print("\n".join(refused.lines()), file=sys.stderr)
        return 2
    if isinstance(found, int):
        return found
    print(found)
    return 0


def ask(one: Kind) -> Reply:
    """Give one input, in a folder of its own, and return what comes back."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        for name, text in one.files.items():
            if text == "made:pipe":
                os.mkfifo(name)
            else:
                Path(name).write_bytes(MADE[text[5:]]() if text.startswith("made:") else text.encode())
        if one.shell:
            path = os.pathsep.join(filter(None, (str(HERE.parents[1] / "src"), os.environ.get("PYTHONPATH"))))
            surroundings = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": path}
            done = subprocess.run(
                ["bash", "-c", SHELL + one.input], env=surroundings, capture_output=True, check=False, text=True
            )
            return Reply(done.returncode, done.stdout, placeless(done.stderr, scratch), time.monotonic() - start)
        said, out = io.StringIO(), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stderr(said), redirect_stdout(out):
            code = give(one.input)
        out.flush()
        return Reply(
            code, out.buffer.getvalue().decode(), placeless(said.getvalue(), scratch), time.monotonic() - start
        )  # type: ignore[attr-defined]


def placeless(text: str, scratch: str) -> str:
    """Return what was said without the folder in which it was tried, which has another name each time."""
    return text.replace(os.path.realpath(scratch) + os.sep, "").replace(scratch + os.sep, "")


def judge(one: Kind, reply: Reply) -> tuple[bool, str]:
    """Return whether a reply is as is right, and what it is in a few words."""
    how, _, words = one.right.partition(" ")
    plain = " ".join(f"{reply.out}\n{reply.said}".split())
    match = re.search(words, plain)
    errors = [line for line in reply.said.splitlines() if line.startswith("error: ")]
    if how == "refused":
        told = reply.said.splitlines()
        at = told.index(errors[0]) if errors else -1
        three = bool(errors) and len(told) >= at + 3 and told[at + 1].startswith("where: ") and told[at + 2][6:].strip()
        right = reply.code == 2 and bool(three) and match is not None and "khanij failed" not in reply.said
        return right, f"refused: {errors[0][7:]}" if errors else f"exit {reply.code}"
    if how == "stopped":
        right = reply.code == 130 and "Traceback" not in reply.said and not reply.out.strip()
        return right, "exit 130, nothing written" if right else f"exit {reply.code}: {plain[:80]}"
    right = reply.code == 0 and match is not None and "Traceback" not in reply.said
    around = plain[max(0, match.start() - 40) : match.end() + 60] if match else plain[:100]
    return right, f"answers: {around}" if reply.code == 0 else f"exit {reply.code}: {errors[:1]}"


def cell(text: str, most: int = 150) -> str:
    """Return a text as a cell of the page."""
    plain = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def rows(chosen: Sequence[Kind], progress: bool = False) -> tuple[list[str], list[str]]:
    """Return the rows of the page by group, and what is not right."""
    lines: list[str] = []
    wrong: list[str] = []
    group = ""
    for one in chosen:
        if one.group != group:
            group = one.group
            lines += ["", f"### {group}", "", "| kind | input | now |", "|---|---|---|"]
        reply = ask(one)
        right, now = judge(one, reply)
        lines.append(f"| {one.kind} | `{one.shown}` | {cell(now)} |")
        if not right:
            wrong.append(f"{one.group}: {one.kind}: {one.input}: {now} | {reply.said[:300]}")
        if progress:
            print(f"{reply.seconds:5.1f} s {'right' if right else 'WRONG'} {one.kind}: {now[:110]}", file=sys.stderr)
    return lines, wrong


def main(words: list[str]) -> int:
    """Give the inputs, print what is not right, and with --page write the table into docs/trust.md."""
    named = [word for word in words if not word.startswith("--")]
    chosen = [one for one in kinds() if not named or any(word in f"{one.group} {one.kind}" for word in named)]
    lines, wrong = rows(chosen, progress=True)
    refused = sum(one.right.startswith("refused") for one in chosen)
    head = [
        f"{len(chosen)} inputs of kinds that were once accepted wrongly, lost or ended in a traceback: {refused} are "
        f"refused in three lines, {len(chosen) - refused} answered or stopped as they should be, {len(wrong)} wrong.",
    ]
    print("\n".join([*head, *wrong]))
    if "--page" in words and not named:
        import trust_page

        again = ["", "Again by `make kinds` (`python tests/tools/kinds.py --page`)."]
        trust_page.write("kinds", "Known kinds, one by one", [*head, *lines, *again])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
