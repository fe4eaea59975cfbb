"""How long uncertainty takes: draws of the EU's method over all materials of one country, against the budget of 3 s.

    python benchmarks/draws.py [--focus IND] [--year 2023] [--draws 10000] [--workers 2] [--repeat 3] [--sensitivity]

The best run counts; it includes building the model and the summary. CPU seconds tell a busy machine from slow code.
The bytes of two runs with unlike numbers of workers are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import time

import khanij
from khanij.methods.uncertainty import assess as uncertainty

BUDGET = 3.0  # seconds for 10,000 draws of the EU's method


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--focus", default="IND")
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="the best run counts")
    parser.add_argument("--sensitivity", action="store_true")
    return parser.parse_args()


def fingerprint(result: object) -> str:
    """Return a hash of every measure's bytes."""
    digest = hashlib.sha256()
    for name, cube in result.variables.items():
        digest.update(name.encode() + cube.values.tobytes())
    return digest.hexdigest()[:16]


def main() -> None:
    asked = arguments()
    start = time.perf_counter()
    case = khanij.case(focus=asked.focus, years=asked.year)
    uncertainty.assess(case, "eu-supply-risk", draws=1)
    print(f"facts to a case, first draw: {time.perf_counter() - start:.2f} s")
    for method in uncertainty.methods():
        best, work, marks = float("inf"), float("inf"), set()
        for run in range(asked.repeat):
            workers = asked.workers if run else 1
            start, busy = time.perf_counter(), time.process_time()
            result = uncertainty.assess(
                case, method, draws=asked.draws, seed=1, sensitivity=asked.sensitivity, workers=workers
            )
            best, work = min(best, time.perf_counter() - start), min(work, time.process_time() - busy)
            marks.add(fingerprint(result))
        cells = result.trace.coverage["value"][0]
        same = "same bytes" if len(marks) == 1 else "BYTES DIFFER"
        rate = asked.draws * cells / best / 1e6
        print(f"{method:16} {asked.draws} draws x {cells:3} cells {best:6.2f} s ({work:5.2f} s of CPU)", end="  ")
        print(f"{rate:5.2f} M values/s  {same}", end="\n" if method != "eu-supply-risk" else "  ")
        if method == "eu-supply-risk":
            print(f"budget {BUDGET:g} s: {'held' if best <= BUDGET else 'MISSED'}")


if __name__ == "__main__":
    main()
