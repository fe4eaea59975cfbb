"""What the largest questions take: processor seconds and peak memory beside those of a tenth of the size.

    python benchmarks/limits.py [WORD ...] [--page]

Each runs in a process of its own. Time must not grow faster than the size, and memory must stay below MEMORY. WORD =
only rows whose name begins with it; --page writes docs/trust.md, and of other rows keeps what stands there.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "tools"))

MEMORY = 4e9  # bytes: the limit of khanij.analyses.fields
GROWTH = 13.0  # times the processor time, for ten times the size
LAND = ("Finland", "China", "COD", "Australia", "Chile", "Canada")
GOODS = ("cobalt", "nickel", "copper", "lithium carbonate")


def purchases(size: int) -> None:
    """Read a firm's purchases."""
    from khanij.data.own import purchases as own

    with Path("bought.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("material", "country", "tonnes", "year", "order"))
        rows.writerows((GOODS[k % 4], LAND[k % 6], f"{1 + k % 977}.5", 2018 + k % 6, k) for k in range(size))
    found, _ = own.read(Path("bought.csv"))
    assert sum(p.tonnes for p in found) > size


def workbook(size: int) -> None:
    """Read a firm's purchases from a workbook."""
    import xlsxwriter

    from khanij.data.own import purchases as own

    with xlsxwriter.Workbook("bought.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ("material", "country", "tonnes", "year"))
        for k in range(size):
            page.write_row(k + 1, 0, (GOODS[k % 4], LAND[k % 6], 1.5 + k % 977, 2018 + k % 6))
    found, _ = own.read(Path("bought.xlsx"))
    assert sum(p.tonnes for p in found) > size


def facts(size: int) -> None:
    """Read facts of one's own: trade by year, country and partner."""
    from khanij import reference
    from khanij.data.own import facts as own

    land = [row["iso3"] for row in reference.rows("countries") if not row["valid_from"] and not row["valid_to"]]
    with Path("facts.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("quantity", "item", "country", "partner", "year", "value", "unit"))
        n = len(land)
        pairs = ((k % n, k // n % n, k // n // n) for k in range(size))
        rows.writerows(
            ("trade_mass", "HS92:260300", land[a], land[b], 1995 + year % 30, 1 + k % 97, "t")
            for k, (a, b, year) in enumerate(pairs)
            if a != b
        )
    assert len(own.read(Path("facts.csv")).frame) > 0.98 * size


def asked(*words: str) -> Callable[[int], None]:
    """Return what asks a question of a size, which stands for N."""

    def ask(size: int) -> None:
        from khanij.cli import app

        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            code = app.launch([word.replace("N", str(size)) if word == "N" else word for word in words])
        assert code == 0, words

    return ask


def assess(size: int) -> None:
    """Ask how sure the EU's indicator of India is."""
    asked("assess", "IND", "--method", "eu-supply-risk", "--draws", "N", "--format", "json", "--quiet")(size)


LARGEST: dict[str, tuple[int, str, Callable[[int], None]]] = {
    "purchases, CSV": (1_000_000, "rows", purchases),
    "purchases, XLSX": (200_000, "rows", workbook),
    "facts of one's own": (1_000_000, "rows", facts),
    "assess --method eu-supply-risk": (100_000, "draws", assess),
    "process copper": (50_000, "draws", asked("process", "copper", "--draws", "N", "--format", "json", "--quiet")),
    "demand": (100_000, "draws", asked("demand", "IND", "--draws", "N", "--format", "json", "--quiet")),
    "stockpile": (50_000, "draws", asked("stockpile", "IND", "--draws", "N", "--format", "json", "--quiet")),
    "risk": (100_000, "years", asked("risk", "IND", "--years", "N", "--format", "json", "--quiet")),
}


PAGE = ROOT / "docs" / "trust.md"
HEAD = ("| what | size | processor | peak memory | a tenth of it | peak memory |", "|---|---|---|---|---|---|")
TEXT = (
    f"The largest sizes beside a tenth of them, each in a process of its own: none takes more than {MEMORY / 1e9:g} GB "
    "or grows faster than its size. More is refused before work begins: draws by the memory that each takes, years "
    "above a million, files above 500 MB, parts of a workbook above 300 MB unpacked; over the network 20,000 years and "
    "2,000 draws."
)
AGAIN = "Again by `make limits` (`python benchmarks/limits.py --page`)."


@dataclass(frozen=True, slots=True)
class Taken:
    """Processor seconds and peak bytes of one run."""

    seconds: float
    memory: float


def measured(name: str, size: int) -> Taken:
    """Return what one run takes, in a process of its own and an empty folder."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, __file__, "--run", name, str(size)]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}, {size:,}: {done.stderr[-600:]}")
    return Taken(*json.loads(done.stdout.splitlines()[-1]))


def standing() -> dict[str, str]:
    """Return the rows that stand in docs/trust.md by name."""
    section = PAGE.read_text(encoding="utf-8").partition("<!-- begin limits -->")[2].partition("<!-- end")[0]
    rows = (line for line in section.splitlines() if line.startswith("| "))
    return {row.split(" | ")[0][2:]: row for row in rows if row.split(" | ")[0][2:] in LARGEST}


def run(name: str, size: int) -> None:
    """Run one and print what it took."""
    LARGEST[name][2](size)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)]))


def main(words: list[str]) -> int:
    """Measure, print the table, and with --page write it; return 1 where something grows too fast or too large."""
    if words[:1] == ["--run"]:
        run(words[1], int(words[2]))
        return 0
    named = [word for word in words if not word.startswith("--")]
    rows: dict[str, str] = {}
    wrong: list[str] = []
    for name, (size, unit, _) in LARGEST.items():
        if named and not any(name.startswith(word) for word in named):
            continue
        small, whole = measured(name, size // 10), measured(name, size)
        rows[name] = (
            f"| {name} | {size:,} {unit} | {whole.seconds:.0f} s | {whole.memory / 1e6:,.0f} MB | "
            f"{small.seconds:.1f} s | {small.memory / 1e6:,.0f} MB |"
        )
        print(rows[name], file=sys.stderr, flush=True)
        if whole.seconds > GROWTH * small.seconds or whole.memory > MEMORY:
            wrong.append(f"{name}: {rows[name]}")
    print("\n".join(f"too fast or too large: {one}" for one in wrong))
    if "--page" in words and not wrong:
        import trust_page

        rows = standing() | rows  # what others have written meanwhile stays
        table = [*HEAD, *(rows[name] for name in LARGEST if name in rows)]
        trust_page.write("limits", "What the largest questions take", [TEXT, "", *table, "", AGAIN])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
