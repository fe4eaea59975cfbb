"""Stock-driven cohorts side by side: flodym and khanij on the same series, in one run.

    python benchmarks/stockflow.py [--peer-python PATH] [--repeat N]

The peer runs in its own interpreter. Both start from a stock (year, region, product) of which every series differs, and
end with inflow and outflow; import is not counted, building the survival table is. The peer always makes the tables of
cohorts as well; khanij makes them when asked, and is timed with and without. Exits 1 if flodym runs and the ratio on a
case without tables is below 20, or if the two differ by more than 1e-9.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from khanij.kernels.balances import stockflow

TARGET = 20.0
CASES = (  # years, regions, products, law, lifetimes
    (151, 50, 10, "normal", "one"),
    (151, 50, 10, "normal", "a product"),
    (151, 50, 10, "normal", "a series"),
    (151, 50, 10, "weibull", "one"),
    (151, 50, 10, "weibull", "a series"),
    (151, 100, 40, "normal", "one"),
    (151, 100, 40, "normal", "a series"),
    (301, 50, 20, "normal", "a product"),
)
PEER = """
import json, sys, time
import numpy as np
try:
    import flodym as fd
except ImportError as error:
    sys.exit(str(error))
folder, law, repeat = sys.argv[1], sys.argv[2], int(sys.argv[3])
stock, mean = np.load(folder + "/stock.npy"), np.load(folder + "/mean.npy")
names = ("time", "region", "product")
dims = fd.DimensionSet(dim_list=[
    fd.Dimension(name=name, letter=name[0], items=list(range(1900, 1900 + size)), dtype=int)
    for name, size in zip(names, stock.shape)])
spent = []
for _ in range(repeat):
    given = fd.StockArray(dims=dims, name="stock", values=stock.copy())
    mean_of = np.broadcast_to(mean, stock.shape)
    start = time.perf_counter()
    if law == "normal":
        life = fd.NormalLifetime(dims=dims, mean=mean_of, std=4.0, inflow_at="end")
    else:
        life = fd.WeibullLifetime(dims=dims, weibull_scale=mean_of, weibull_shape=2.0, inflow_at="end")
    model = fd.StockDrivenDSM(dims=dims, name="model", lifetime_model=life, stock=given)
    model.compute()
    spent.append(time.perf_counter() - start)
np.save(folder + "/inflow.npy", model.inflow.values)
np.save(folder + "/outflow.npy", model.outflow.values)
print("RESULT" + json.dumps(spent))
"""


def khanij(stock: np.ndarray, mean: np.ndarray, law: str) -> tuple[stockflow.StockFlows, stockflow.Survival]:
    """Return flows and survival of stocks (region, product, year)."""
    bounds = np.arange(stock.shape[-1] + 1.0)

    def curve(age: np.ndarray) -> np.ndarray:
        return stockflow.normal(age, mean, 4.0) if law == "normal" else stockflow.weibull(age, 2.0, mean)

    left = stockflow.survival(bounds, curve, at="end")
    return stockflow.stock_driven(stock, left, negative="allow"), left


def peer(python: str, stock: np.ndarray, mean: np.ndarray, law: str, repeat: int) -> dict[str, np.ndarray] | str:
    """Return seconds, inflow and outflow of the peer, or why it did not run."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/stock.npy", np.ascontiguousarray(np.moveaxis(stock, -1, 0)))
        np.save(f"{folder}/mean.npy", mean)
        asked = [python, "-c", PEER, folder, law, str(repeat)]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False)
        line = next((text for text in ran.stdout.splitlines() if text.startswith("RESULT")), None)
        if line is None:
            return (ran.stderr.strip().splitlines() or ["no output"])[-1]
        parts = {name: np.moveaxis(np.load(Path(folder) / f"{name}.npy"), 0, -1) for name in ("inflow", "outflow")}
        return {"seconds": np.array(json.loads(line.removeprefix("RESULT"))), **parts}


def main() -> None:
    """Run every case and print times, ratios and the largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter in which flodym is installed")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; medians are compared")
    asked = parser.parse_args()
    draw, missed = np.random.default_rng(1), False
    print("years x regions x products, lifetimes      flodym      khanij   ratio   with tables   ratio   difference")
    for years, regions, products, law, lives in CASES:
        curve = 100 / (1 + np.exp(-(np.arange(years) - 0.6 * years) / 15))
        stock = curve * draw.uniform(0.5, 2.0, (regions, products, 1))
        shape = {"one": (), "a product": (products,), "a series": (regions, products)}[lives]
        mean = draw.uniform(12.0, 18.0, shape)
        spent: dict[str, list[float]] = {"flows": [], "tables": []}
        khanij(stock, mean, law)  # the table of erfc is made once a process
        for _ in range(asked.repeat):
            start = time.perf_counter()
            flows, left = khanij(stock, mean, law)
            spent["flows"].append(time.perf_counter() - start)
            stockflow.by_cohort(flows.inflow, left)
            spent["tables"].append(time.perf_counter() - start)
        flows.check_balance(1e-12)
        ours, full = (float(np.median(spent[name])) for name in ("flows", "tables"))
        name = f"{years} x {regions} x {products} {law}, {lives}"
        theirs = peer(asked.peer_python, stock, mean, law, asked.repeat)
        if isinstance(theirs, str):
            print(f"{name:38s}  not run  {1e3 * ours:8.2f} ms           {1e3 * full:8.1f} ms           ({theirs})")
            continue
        slow = float(np.median(theirs["seconds"]))
        off = max(float(np.abs(getattr(flows, part) - theirs[part]).max()) for part in ("inflow", "outflow"))
        missed |= slow / ours < TARGET or off > 1e-9 * stock.max()
        print(
            f"{name:38s}{1e3 * slow:8.0f} ms {1e3 * ours:8.2f} ms {slow / ours:6.0f}x   {1e3 * full:8.1f} ms "
            f"{slow / full:6.1f}x   {off:.1e}"
        )
    print(f"target                                  {TARGET:.0f}x on flows")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
