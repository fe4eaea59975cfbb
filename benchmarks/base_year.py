"""How long the base year of each mineral of the store takes to reconcile, and a draw of its flows.

    python benchmarks/base_year.py [--year 2024] [--draws 16]

Every mineral of which any tonne is known; records are read once, and nothing is kept between minerals. Printed beside
the target of one second a mineral; the exit tells whether it was missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from khanij.analyses.inputs import cases
from khanij.simulate.supply.reconciled import base_year
from khanij.simulate.supply.reconciled.chain_records import chain_records, stages
from khanij.simulate.supply.reconciled.records import active, stage_records, trade_tables

TARGET = 1.0  # seconds a mineral


def main() -> int:
    """Time every mineral and print the slowest."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--year", type=int, default=2024)
    parser.add_argument("--draws", type=int, default=16)
    asked = parser.parse_args()
    case = cases.case("IND", asked.year)
    y = case.axis("year").at(str(asked.year))
    tables, codes = trade_tables(case, y), case.axis("stage").codes
    nobody, spreads = np.zeros(len(case.axis("country")), dtype=bool), base_year.flow_spreads(case)
    spent = []
    for m, material in enumerate(case.axis("material").codes):
        records = stage_records(case, tables, m, y)
        linked = stages(records, codes)
        if not linked:
            continue
        records, _, _ = active(case, records, nobody)
        start = time.perf_counter()
        chain = chain_records(case, material, records, linked)
        fitted = time.perf_counter() - start
        if chain is None:
            continue
        start = time.perf_counter()
        base_year.flow_draws(chain.base.measured, spreads, asked.draws, 0, material)
        spent.append((fitted, (time.perf_counter() - start) / asked.draws, material, chain.base.found.converged))
    spent.sort(reverse=True)
    print(f"{len(spent)} minerals, {sum(one[3] for one in spent)} fit; draws: {asked.draws} each")
    print(f"in all     {sum(one[0] for one in spent):7.2f} s, median {np.median([one[0] for one in spent]):.3f} s")
    for fitted, drawn, material, _ in spent[:5]:
        print(f"{material:20} {fitted:6.3f} s   target {TARGET:.1f} s   a draw {drawn:.3f} s")
    return int(spent[0][0] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
