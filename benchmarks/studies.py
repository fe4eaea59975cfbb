"""Studies and the brief from cold, as an analyst runs them.

    python benchmarks/studies.py [--runs 1]

Each in a process of its own, interpreter start included: `studies/india-russia-2025.yaml` (at most 60 s),
`studies/ncmm.yaml` (300 s, at most 1 % gap, as its account states), and the brief of a country without and with
partner and plan (10 s without). Prints seconds by limit; exits 1 if one is over it or the gap is.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ROOT / "studies"
GAP = 0.01
RUNS = {
    "india-russia-2025": (["study", "run", str(STUDIES / "india-russia-2025.yaml")], 60.0),
    "ncmm": (["study", "run", str(STUDIES / "ncmm.yaml")], 300.0),
    "brief": (["brief", "IND"], 10.0),
    "brief, partner and plan": (["brief", "IND", "--partner", "RUS", "--plan"], None),
}


def timed(words: list[str], folder: Path) -> float:
    """Return the seconds of one command that writes below a folder."""
    out = ["--out", str(folder)] + (["--format", "csv"] if words[0] == "study" else [])
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "khanij", *words, *out], check=True, capture_output=True)
    return time.perf_counter() - begun


def gap(folder: Path) -> float:
    """Return the gap that a plan's account states."""
    account = next(path for path in folder.iterdir() if path.name.endswith("account.csv"))
    with account.open(encoding="utf-8") as lines:
        return next(float(row["value"]) for row in csv.DictReader(lines) if row["figure"] == "gap")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    runs = parser.parse_args().runs
    missed = False
    for name, (words, limit) in RUNS.items():
        with tempfile.TemporaryDirectory() as where:
            folder = Path(where) / "out"
            best = min(timed(words, folder) for _ in range(runs))
            told = f"{name}: {best:.1f} s" + (f" of {limit:g} ({best / limit:.2f})" if limit else "")
            if name == "ncmm":
                found = gap(folder)
                told += f", gap {found:.3%} of at most {GAP:.0%}"
                missed |= found > GAP
        print(told)
        missed |= limit is not None and best > limit
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
