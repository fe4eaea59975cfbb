"""What risk costs: facts and hazards from cold, 10,000 years and more, and the same without a table of distinct states.

    python benchmarks/speed.py [--focus IND] [--years 10000] [--more 0] [--falls]

Seconds of processor time of one process, which other work on the machine moves less than the clock; both are
printed. The old path solves every state of every year as it comes; it is run on the first years and told for all of
them. --more draws so many years and solves some of their distinct states, one chunk of EACH of every material: what
these took says what all would cost. Exits 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time

COLD, TARGETS = 3.0, {10_000: 10.0, 1_000_000: 120.0}  # seconds
CORES = 2  # that the targets are for: solving is shared by them, what comes before is not
SAMPLE = 500  # years of the old path
EACH = 8  # chunks of a material of which one is solved


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--focus", default="IND")
    parser.add_argument("--year", type=int, default=2024)
    parser.add_argument("--years", type=int, default=10_000)
    parser.add_argument("--more", type=int, default=0, help="years whose distinct states are counted too")
    parser.add_argument("--falls", action="store_true", help="falls of exports in place of hazards by cause")
    return parser.parse_args()


def timed(work):
    """Return what some work gives, and its seconds of processor and clock."""
    before = time.process_time(), time.perf_counter()
    made = work()
    return made, time.process_time() - before[0], time.perf_counter() - before[1]


def by_year(base, years: int) -> int:
    """Solve the states of the first years one after the other, as they come, and return how many there were."""
    from khanij.simulate.risk.years import CHUNK, checked

    count = 0
    for material, batch in base.batches.items():
        states = [batch.scenarios[place] for place in batch.place[:years].tolist() if place >= 0]
        for at in range(0, len(states), CHUNK):
            checked(base.model, material, states[at : at + CHUNK])
        count += len(states)
    return count


def some(model, batches) -> float:
    """Solve one chunk of EACH of every material's distinct states, and return the seconds that all would take."""
    from khanij.simulate.risk.years import CHUNK, checked, chunks

    whole = 0.0
    for batch in batches:
        parts = [part for _, part in chunks([batch], CHUNK)]
        taken = parts[::EACH]
        _, solving, _ = timed(lambda taken=taken, name=batch.material: [checked(model, name, part) for part in taken])
        whole += solving * len(batch.scenarios) / max(sum(map(len, taken)), 1)
    return whole


def verdict(seconds: float, target: float) -> str:
    """Return whether a target is held."""
    return f"target {target:g} s: {'held' if seconds <= target else 'MISSED'}"


def main() -> int:
    """Print each figure beside its target."""
    asked = arguments()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # read when NumPy loads, which is later
    start = time.process_time()
    from khanij.analyses.inputs import baseline, cases
    from khanij.simulate.risk import baseline as simulated
    from khanij.simulate.risk import ensemble

    def cold():
        case = cases.case(asked.focus, asked.year)
        wanted = baseline.listed(case, asked.focus, asked.year)
        return baseline.on_case(case, asked.focus, asked.year, asked.years, 0, materials=wanted, causes=not asked.falls)

    base, _, wall = timed(cold)
    first = time.process_time() - start
    held = first <= COLD
    print(
        f"cold, facts to {asked.years:,} drawn years: {first:.1f} s of processor ({wall:.1f} by the clock),",
        verdict(first, COLD),
    )
    states = sum(len(batch.scenarios) for batch in base.batches.values())
    solved, solving, wall = timed(lambda: simulated.solved(base))
    each, whole = solving / states, first + solving / CORES
    print(f"{states:,} distinct states solved: {solving:.1f} s of processor ({wall:.1f}), {1e3 * each:.2f} ms each")
    print(f"{asked.years:,} years on {CORES} cores: {whole:.1f} s", end="")
    if asked.years in TARGETS:
        held &= whole <= TARGETS[asked.years]
        print(f", {verdict(whole, TARGETS[asked.years])}", end="")
    sample = min(SAMPLE, asked.years)
    count, old, _ = timed(lambda: by_year(solved, sample))
    slow = old * asked.years / sample
    print(
        f"\nwithout the table of states: {count:,} states in {sample:,} years, {slow:.0f} s for all,",
        f"{slow / solving:.1f} times as long",
    )
    if asked.more:
        drawn, drawing, _ = timed(lambda: ensemble.simulation(base.model, base.hazards, asked.more, 0))
        states = sum(len(batch.scenarios) for batch in drawn.batches)
        solving = some(base.model, drawn.batches)
        whole = first + drawing + solving / CORES
        print(
            f"{asked.more:,} years: {states:,} distinct states, drawn in {drawing:.1f} s, solved in {solving:.0f} s",
            f"({1e3 * solving / states:.2f} ms each); {whole:.0f} s on {CORES} cores",
            end="",
        )
        if asked.more in TARGETS:
            held &= whole <= TARGETS[asked.more]
            print(f", {verdict(whole, TARGETS[asked.more])}", end="")
        print()
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
