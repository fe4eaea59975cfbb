"""How long one material takes to reconcile: 8 stages x 60 countries with 4,000 trade flows, some 5,900 items.

    python benchmarks/reconciliation.py [--repeat N] [--draws N]

480 balances and 840 rows of yields in ranges; output, trade and part of other use are measured with errors of 30 %,
inputs and the rest of other use are not. Estimate, spread, ranges and multipliers in one call; then draws; then a
contradiction between two countries' figures, found among all rows. Printed beside the target, nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from khanij.kernels.balances.balance_conflict import conflict
from khanij.kernels.balances.linear_balances import LinearBalances
from khanij.kernels.balances.reconciliation import reconcile, reconcile_draws

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "kernels"))  # one way to write the rows
from stage_rows import StageItems, stage_balances

TARGET = 1.0  # seconds
STAGES, COUNTRIES, FLOWS, ERROR = 8, 60, 4000, 0.3


def world(seed: int = 0) -> tuple[LinearBalances, StageItems, np.ndarray, np.ndarray]:
    """Return balances, where items stand, what was measured (nan: not) and its spread."""
    draw = np.random.default_rng(seed)
    cells = np.argwhere(~np.broadcast_to(np.eye(COUNTRIES, dtype=bool), (STAGES, COUNTRIES, COUNTRIES)))
    stage, seller, buyer = cells[draw.choice(len(cells), FLOWS, False)].T
    trade = np.exp(draw.normal(3, 2.5, FLOWS))
    low = draw.uniform(0.6, 0.9, (STAGES - 1, COUNTRIES))
    rows, at = stage_balances(seller, buyer, stage, low, np.minimum(low + 0.1, 1.0), stages=STAGES)
    net = np.zeros((STAGES, COUNTRIES))
    np.add.at(net, (stage, buyer), trade)
    np.subtract.at(net, (stage, seller), trade)
    x = np.zeros(len(rows.least))
    x[at.trade] = trade
    for k in range(STAGES - 1, -1, -1):
        needed = x[at.output[k + 1]] / (low[k] + 0.05) if k + 1 < STAGES else np.zeros(COUNTRIES)
        more = np.exp(draw.normal(1, 2, COUNTRIES)) * (draw.random(COUNTRIES) < 0.7)
        x[at.output[k]] = np.maximum(needed - net[k] + more, 0.0)
        x[at.other_use[k]] = x[at.output[k]] + net[k] - needed
        if k + 1 < STAGES:
            x[at.input[k]] = needed
    sigma = np.maximum(ERROR * x, 1.0)
    value = np.maximum(x + sigma * draw.normal(size=len(x)), 0.0)
    value[at.stock_change], sigma[at.stock_change] = 0.0, np.maximum(0.05 * x[at.output], 1.0)
    value[at.input[:-1]] = np.nan
    for items, seen in ((at.other_use, 0.3), (at.output, 0.8)):
        value[items[draw.random(items.shape) > seen]] = np.nan
    return rows, at, value, sigma


def main() -> None:
    """Time everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5, help="runs; the median counts")
    parser.add_argument("--draws", type=int, default=64)
    asked = parser.parse_args()
    rows, at, value, sigma = world()
    spent = []
    for _ in range(asked.repeat):
        start = time.perf_counter()
        got = reconcile(rows, value, sigma)
        spent.append(time.perf_counter() - start)
    m, n = rows.matrix.shape
    print(f"items {n:,}, rows {m:,}; observable {got.observable.mean():.0%}, at a bound {(got.spread == 0).mean():.0%}")
    print(f"misfit {got.misfit:.1f} with {got.degrees} degrees of freedom, gap {got.gap:.0e}, fits: {got.converged}")
    print(f"reconcile  {np.median(spent):7.3f} s   target {TARGET:.1f} s")
    normal = np.random.default_rng(1).standard_normal((asked.draws, n))
    start = time.perf_counter()
    drawn = reconcile_draws(rows, value, sigma, normal, base=got)
    each = (time.perf_counter() - start) / asked.draws
    print(f"draws      {each:7.3f} s a draw, {drawn.converged.mean():.1%} fit")
    least, most = rows.least.copy(), rows.most.copy()
    least[at.output[3, 0]], most[at.output[2, 0]], most[at.trade] = 1e6, 1e3, 1e3
    least[at.stock_change] = 0.0
    start = time.perf_counter()
    found = conflict(replace(rows, least=least, most=most))
    print(f"conflict   {time.perf_counter() - start:7.3f} s, {len(found.rows)} rows cannot hold together")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
