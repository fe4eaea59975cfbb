"""A physical shock side by side: BoARIO, 800 industries over 364 days; khanij, 800 countries x 3 goods over 52 weeks.

    python benchmarks/physical.py [--peer-python PATH] [--repeat N]

The peer (boario 0.7.2, with pymrio, pandas < 3 and progressbar2) runs in its own interpreter, named by the argument or
by KHANIJ_BOARIO_PYTHON; both run on one core in the same run, and only the loop over the steps is timed. They do not
simulate the same thing. BoARIO: a full input-output table of 40 regions x 20 sectors in money, one good an industry,
daily steps, every industry with stocks of every input. khanij: three goods of one chain in tonnes, weekly steps, 30
suppliers a buyer, bans, and orders that find new suppliers. So the ratio is printed a simulated year and a step, and
once more with BoARIO in steps of seven days, as far as it runs so. Exits 1 if BoARIO runs and the ratio a simulated
year is below 20, or if the shock leaves khanij's tonnes out of balance.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

from khanij.kernels.markets.physical import Steps, run
from khanij.kernels.markets.physical_base import Base, Shut, from_edges

TARGET = 20.0
COUNTRIES, GOODS, WEEKS, SUPPLIERS = 800, 3, 52, 30
REGIONS, SECTORS, DAYS = 40, 20, 364
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
regions, sectors, days, stride, repeat = map(int, sys.argv[1:])
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
    model = ARIOPsiModel(table, order_type="alt", temporal_units_by_step=stride)
    loss = pd.Series(0.9, index=names[:1])
    shock = event.from_series(loss, event_type="arbitrary", occurrence=28, duration=days - 28, recovery_tau=30)
    sim = Simulation(model, n_temporal_units_to_sim=days)
    sim.add_event(shock)
    start = time.perf_counter()
    sim.loop()
    spent.append(time.perf_counter() - start)
total = np.nan_to_num(sim.production_realised.to_numpy()).sum(axis=1)
total = total[total > 0]
print("RESULT" + json.dumps({"seconds": spent, "steps": len(total), "lost": float(1 - total[-1] / total[0])}))
"""


def world() -> tuple[Base, np.ndarray, Shut]:
    """Return a base of three goods, a mine that stops after four weeks, and a ban on the second good at that time."""
    draw = np.random.default_rng(1)
    weight = draw.pareto(1.2, COUNTRIES) + 0.1
    size = COUNTRIES * SUPPLIERS
    good = np.repeat(np.arange(GOODS), size)
    buyer = np.tile(np.repeat(np.arange(COUNTRIES), SUPPLIERS), GOODS)
    chosen = [draw.choice(COUNTRIES, SUPPLIERS, False, weight / weight.sum()) for _ in range(GOODS * COUNTRIES)]
    seller = np.concatenate(chosen)
    tonnes = draw.gamma(1, 5, GOODS * size)
    output = np.zeros((GOODS, COUNTRIES))
    np.add.at(output, (good, seller), tonnes)
    passed = np.zeros_like(output)
    passed[:-1] = 0.7 * (output[1:] > 0)
    base = from_edges(good, seller, buyer, tonnes, passed, capacity=1.02 * output, stock=0.5 * output)
    able = np.ones((1, WEEKS, GOODS, COUNTRIES))
    able[:, 4:, 0, output[0].argmax()] = 0.0
    banned = int(output[1].argmax())
    others = np.delete(np.arange(COUNTRIES), banned)
    part = np.zeros((1, WEEKS, len(others)))
    part[:, 4:] = 1.0
    return base, able, Shut(np.ones_like(others), np.full_like(others, banned), others, part)


def imbalance(base: Base, got: Steps) -> float:
    """Return the largest gap in a country's tonnes, as a part of the largest stock."""
    first = np.broadcast_to(base.stock + base.imports, got.stock[:, :1].shape)
    before = np.concatenate([first, got.stock[:, :-1]], axis=1)
    gap = before + got.output + got.imports - got.use - got.exports - got.stock
    return float(np.abs(gap).max() / got.stock.max())


def peer(python: str, stride: int, repeat: int) -> dict | str:
    """Return seconds, steps and loss of the peer, or why it did not run."""
    asked = [python, "-c", PEER, *map(str, (REGIONS, SECTORS, DAYS, stride, repeat))]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"})
    line = next((text for text in ran.stdout.splitlines() if text.startswith("RESULT")), None)
    return json.loads(line.removeprefix("RESULT")) if line else (ran.stderr.strip().splitlines() or ["no output"])[-1]


def main() -> None:
    """Run both and print times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    there = os.environ.get("KHANIJ_BOARIO_PYTHON", sys.executable)
    parser.add_argument("--peer-python", default=there, help="interpreter in which boario is installed")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; medians are compared")
    asked = parser.parse_args()
    base, able, shut = world()
    got, spent = run(base, able, shut), []
    for _ in range(2 * asked.repeat):
        start = time.perf_counter()
        got = run(base, able, shut)
        spent.append(time.perf_counter() - start)
    ours, off = float(np.median(spent)), imbalance(base, got)
    lost = float(got.shortage.sum() / got.wanted.sum())
    print(f"khanij  {COUNTRIES} countries x {GOODS} goods, {len(base.tonnes):,} trading pairs, {WEEKS} weekly steps")
    print(f"        {ours:8.3f} s a year   {1e3 * ours / WEEKS:7.2f} ms a step   {lost:.2%} of use lost, gap {off:.0e}")
    missed = off > 1e-9
    for stride, unit in ((1, "daily"), (7, "weekly")):
        theirs = peer(asked.peer_python, stride, asked.repeat)
        print(f"BoARIO  {REGIONS * SECTORS} industries, {DAYS // stride} {unit} steps")
        if isinstance(theirs, str):
            print(f"        not run ({theirs})")
            continue
        slow, steps = float(np.median(theirs["seconds"])), DAYS // stride
        whole = "" if theirs["steps"] >= steps else f", but stopped after {theirs['steps']} steps"
        lost = f"{theirs['lost']:.2%} of output lost in the last step{whole}"
        print(f"        {slow:8.3f} s a year   {1e3 * slow / steps:7.2f} ms a step   {lost}")
        print(f"ratio   {slow / ours:8.1f}x a year   {slow / steps / (ours / WEEKS):7.1f}x a step")
        missed |= stride == 1 and slow / ours < TARGET
    print(f"target  {TARGET:8.1f}x a year, BoARIO in daily steps")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
