"""How long risk takes: simulated years of the minerals of one country's list, against the budget of 60 s on 2 cores.

    python benchmarks/risk.py [--focus IND] [--year 2023] [--years 10000] [--workers 2] [--seed 1] [--compare]

From facts to tables in one fresh process, with every full stop of one and two sellers. It prints where the time goes,
the share of years and scenarios solved, and the solver's iterations. With --compare a second run in one process follows
and the bytes of both are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time

BUDGET = 60.0  # seconds for 10,000 years on 2 cores


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--focus", default="IND")
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--years", type=int, default=10_000)
    parser.add_argument("--material", default="all", help="ids, comma-separated; all = the official list")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--executor", default=None, help="serial, processes or dask")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", action="store_true", help="run once more in one process and compare the bytes")
    return parser.parse_args()


def fingerprint(answer) -> str:
    """Return a hash of what was answered."""
    digest = hashlib.sha256("".join(answer.findings).encode())
    for table in answer.tables:
        digest.update(repr((table.key, {key: list(table.column(key)) for key in table.keys})).encode())
    return digest.hexdigest()[:16]


def measure(asked: argparse.Namespace, workers: int, executor: str | None):
    """Return the answer, seconds in all, and seconds in the loss model."""
    from khanij.analyses.question import Job, ask, find, request_of

    last, start = [0.0], time.perf_counter()

    def hear(progress) -> None:
        last[0] = progress.seconds

    fields = {name: getattr(asked, name) for name in ("focus", "year", "years", "seed")}
    request = request_of(find("risk")).of({**fields, "material": asked.material})
    answer = ask(request, job=Job(workers=workers, executor=executor, progress=hear))
    return answer, time.perf_counter() - start, last[0]


def main() -> int:
    asked = arguments()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # read when NumPy loads, which is later
    found, seconds, solving = measure(asked, asked.workers, asked.executor)
    (run,) = found.table("simulation").rows()
    scenarios, stops = run["scenarios"], len(found.table("n-1")) + len(found.table("n-2"))
    print(f"{asked.focus} {asked.year}: {asked.years} years, {len(found.table('hazards'))} hazards")
    events = run["events_a_year"] * asked.years
    print(f"{events:,.0f} events, {scenarios} distinct scenarios and {stops} full stops of sellers and pairs")
    print(f"years solved {run['solved_years']:.4%}, scenarios {run['solved_scenarios']:.4%}", end="; ")
    print(f"iterations: median {run['median_iterations']:g}, most {run['most_iterations']:g}")
    each = 1e3 * solving / (scenarios + stops)
    print(f"loss model {solving:.1f} s with {asked.workers} workers: {each:.2f} ms a scenario")
    print(
        f"facts, hazards, networks, events and tables {seconds - solving:.1f} s; CPU seconds of this process", end=" "
    )
    print(f"{time.process_time():.1f}")
    held = seconds <= BUDGET * asked.years / 10_000 or asked.years < 10_000
    print(f"in all {seconds:.1f} s; budget {BUDGET:g} s for 10,000 years: {'held' if held else 'MISSED'}")
    if asked.compare:
        other, again, _ = measure(asked, 1, "serial")
        same = fingerprint(other) == fingerprint(found)
        print(f"one process {again:.1f} s: {'same bytes' if same else 'BYTES DIFFER'}")
        return int(not (held and same))
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
