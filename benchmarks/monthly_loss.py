"""A year of months of the loss engine: 70 goods x 50 products x 40 countries; BoARIO a step at equal size beside it.

    python benchmarks/monthly_loss.py [--peer-python PATH] [--repeat N] [--write]

Every country makes every product; of the 140,000 pairs of user and good a tenth exists, as in the table of critical
inputs. One scenario: half of the goods stop for three months in some countries or are cut for a year. Then second
order, each product of a country needing four others. The peer (boario 0.7.2, with pymrio, pandas < 3 and progressbar2)
runs in its own interpreter, named by the argument or by KHANIJ_BOARIO_PYTHON, with 40 regions x 50 sectors, daily
steps: as many users, in money, every one with a stock of every input. They do not simulate the same thing, so the
ratio is printed a step. Least times are compared: what else the machine does only adds to them. Nothing is asserted;
what is meant to hold stands beside it. --write puts what was measured into benchmarks/README.md, if BoARIO ran.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from khanij.kernels.markets.monthly_loss import InputNeeds, loss, need_path, run
from khanij.kernels.markets.monthly_second_order import SupplierLinks, second_order

BUDGET, TARGET = 0.2, 20.0  # seconds a year; times BoARIO's step
GOODS, PRODUCTS, COUNTRIES, MONTHS, USED, SUPPLIERS = 70, 50, 40, 12, 0.1, 4
PEER_STEPS = 20
PAGE, ROW = Path(__file__).with_name("README.md"), re.compile(r"(\| `monthly_loss.py` \| (?=[\d.]+ s a year)).*\|")
PEER = """
import json, logging, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
try:
    import pymrio
    from boario import event, logger
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation
except ImportError as error:
    sys.exit(str(error))
logger.setLevel(logging.ERROR)
regions, sectors, days, repeat = map(int, sys.argv[1:])
draw = np.random.default_rng(1)
names = pd.MultiIndex.from_product([[f"r{i:02}" for i in range(regions)], [f"s{i:02}" for i in range(sectors)]],
                                   names=["region", "sector"])
finals = pd.MultiIndex.from_product([names.levels[0], ["final"]], names=["region", "category"])
n = len(names)
spread = draw.gamma(1, 1, (n, n)) * np.where(np.kron(np.eye(regions), np.ones((sectors, sectors))) > 0, 10.0, 0.3)
spread /= spread.sum(axis=0)
final = draw.gamma(1, 1e4, (n, regions)) + 1e3
made = np.linalg.solve(np.eye(n) - 0.5 * spread, final.sum(axis=1))
spent = []
for _ in range(repeat):
    table = pymrio.IOSystem(Z=pd.DataFrame(0.5 * spread * made, index=names, columns=names),
                            Y=pd.DataFrame(final, index=names, columns=finals))
    table.calc_all()
    model = ARIOPsiModel(table, order_type="alt")
    loss = pd.Series(0.9, index=names[:1])
    shock = event.from_series(loss, event_type="arbitrary", occurrence=2, duration=days - 2, recovery_tau=30)
    sim = Simulation(model, n_temporal_units_to_sim=days)
    sim.add_event(shock)
    start = time.perf_counter()
    sim.loop()
    spent.append(time.perf_counter() - start)
print("RESULT" + json.dumps({"seconds": spent, "steps": days}))
"""


def world(used: float, scenarios: int) -> tuple[InputNeeds, np.ndarray, np.ndarray]:
    """Return pairs, deliveries (B, M, goods x countries) and falling needs; users are products x countries."""
    draw = np.random.default_rng(1)
    pairs = np.argwhere(draw.random((GOODS, PRODUCTS, COUNTRIES)) < used)
    good, product, country = pairs.T
    count = len(pairs)
    needs = InputNeeds(
        good=good * COUNTRIES + country,
        user=product * COUNTRIES + country,
        exposed=draw.random(count),
        weight=draw.choice([0.5, 1.0], count),
        cover=draw.gamma(1, 1, count),
    )
    delivered = np.ones((scenarios, MONTHS, GOODS, COUNTRIES))
    delivered[:, 2:5, ::4, ::3] = 0.0
    delivered[:, :, 1::4] = draw.random((scenarios, 1, len(range(1, GOODS, 4)), COUNTRIES))
    begin = draw.integers(3, 12, count).astype(float)
    need = need_path(
        MONTHS, np.full(count, 0.1), np.full(count, 3.0), draw.random(count), begin, begin + draw.integers(3, 12, count)
    )[None]
    return needs, delivered.reshape(scenarios, MONTHS, -1), need


def links() -> SupplierLinks:
    """Return the links of every product to the products it needs in the same country."""
    draw = np.random.default_rng(2)
    other = np.array([draw.choice(PRODUCTS, SUPPLIERS, False) for _ in range(PRODUCTS)])
    user = np.repeat(np.arange(PRODUCTS), SUPPLIERS)[:, None] * COUNTRIES + np.arange(COUNTRIES)
    supplier = other.ravel()[:, None] * COUNTRIES + np.arange(COUNTRIES)
    count = user.size
    sold = np.full(count, 0.5) / np.bincount(supplier.ravel())[supplier.ravel()]
    return SupplierLinks(
        supplier.ravel(), user.ravel(), draw.random(count), draw.random(count), draw.choice([0.0, 0.5, 1.0], count),
        draw.gamma(1, 0.5, count), sold,
    )  # fmt: skip


def peer(python: str, repeat: int) -> dict | str:
    """Return seconds and steps of the peer, or why it did not run."""
    asked = [python, "-c", PEER, *map(str, (COUNTRIES, PRODUCTS, PEER_STEPS, repeat))]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"})
    line = next((text for text in ran.stdout.splitlines() if text.startswith("RESULT")), None)
    return json.loads(line.removeprefix("RESULT")) if line else (ran.stderr.strip().splitlines() or ["no output"])[-1]


def least(work, repeat: int) -> float:
    """Return the least seconds that a call takes."""
    spent = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def main() -> None:
    """Run both and print times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    there = os.environ.get("KHANIJ_BOARIO_PYTHON", sys.executable)
    parser.add_argument("--peer-python", default=there, help="interpreter in which boario is installed")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each")
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    asked = parser.parse_args()
    users, chain, ours = PRODUCTS * COUNTRIES, links(), np.inf
    print(f"khanij  {GOODS} goods x {PRODUCTS} products x {COUNTRIES} countries, {MONTHS} monthly steps")
    for used, scenarios in ((USED, 1), (1.0, 1), (USED, 32)):
        needs, delivered, need = world(used, scenarios)
        got = run(needs, delivered, users, need=need)
        first = least(lambda: run(needs, delivered, users, need=need), asked.repeat) / scenarios  # noqa: B023
        second = least(lambda: second_order(got.output, chain), asked.repeat) / scenarios  # noqa: B023
        lost = loss(got, np.full(users, 1 / (users * MONTHS)), np.zeros(users)).sum(axis=1).mean()
        text = f"{len(needs.good):7,} pairs, {scenarios:2} scenarios: {first:.4f} s a year, second order {second:.4f} s"
        print(f"        {text}, {lost:.1%} of output lost at first")
        ours = min(ours, first + second) if scenarios == 1 and used == USED else ours
    print(f"target  {BUDGET} s a year of one scenario with its pairs; measured {ours:.4f} s, both orders")
    theirs = peer(asked.peer_python, asked.repeat)
    print(f"BoARIO  {users} industries, {PEER_STEPS} daily steps")
    if isinstance(theirs, str):
        print(f"        not run: BoARIO is not in {asked.peer_python} ({theirs})")
        return
    slow = min(theirs["seconds"]) / theirs["steps"]
    print(f"        {1e3 * slow:8.2f} ms a step; khanij {1e3 * ours / MONTHS:.2f} ms")
    print(f"ratio   {slow / (ours / MONTHS):8.1f}x a step, target {TARGET:.0f}x")
    if asked.write:
        told = (
            f"{ours:.3f} s a year of {GOODS} goods × {PRODUCTS} products × {COUNTRIES} countries, both orders; "
            f"{1e3 * ours / MONTHS:.1f} ms a step beside {1e3 * slow:.0f} ms of BoARIO at {users:,} industries in the "
            f"same run: {slow / (ours / MONTHS):.0f} times"
        )
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(ROW.sub(lambda found: f"{found[1]}{told} |", text), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
