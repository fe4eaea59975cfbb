"""GeoPolRisk side by side: geopolrisk-py and khanij on the same combinations, in one run.

    python benchmarks/geopolrisk.py [--peer-python PATH] [--countries N] [--materials N] [--years N] [--repeat N]

The peer runs in its own interpreter (it pins its own pandas), in a home folder that is thrown away, because it writes
files there. Both are timed after their data are loaded; loading is printed beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time

import numpy as np

import khanij
from khanij import reference

PEER = """
import io, json, sys, time
from contextlib import redirect_stderr, redirect_stdout
asked = json.loads(sys.argv[1])
with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
    start = time.perf_counter()
    from geopolrisk.assessment.main import gprs_calc
    loaded = time.perf_counter() - start
    few = [asked["years"][:1], asked["countries"][:1], asked["materials"][:1]]
    start = time.perf_counter()
    gprs_calc(*few)
    first = time.perf_counter() - start
    start = time.perf_counter()
    table = gprs_calc(asked["years"], asked["countries"], asked["materials"])
    total = time.perf_counter() - start
rows = [[int(k[2]), k[0], k[1], float(k[3])] for k in table[[
    "Country [Economic Entity]", "Raw Material", "Year", "GeoPolRisk Score"]].itertuples(index=False)]
print("RESULT" + json.dumps({"loaded": loaded, "first": first, "total": total, "rows": rows}))
"""


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter in which geopolrisk-py is installed")
    parser.add_argument("--countries", type=int, default=20, help="how many countries (the largest importers)")
    parser.add_argument("--materials", type=int, default=20, help="how many of the 53 materials")
    parser.add_argument("--years", type=int, default=2, help="how many years back from 2024")
    parser.add_argument("--repeat", type=int, default=5, help="khanij runs; the best counts")
    return parser.parse_args()


def peer(python: str, countries: list[int], materials: list[str], years: list[int]) -> dict[str, object]:
    """Return loading time, time of a first value, total time and rows of the peer; exits 2 if it is not installed."""
    asked = json.dumps({"countries": countries, "materials": materials, "years": years})
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": "/usr/bin:/bin"}
        ran = subprocess.run([python, "-c", PEER, asked], capture_output=True, text=True, env=environment, check=False)
    line = next((text for text in ran.stdout.splitlines() if text.startswith("RESULT")), None)
    if line is None:
        reason = (ran.stderr.strip().splitlines() or ["no output"])[-1]
        sys.stderr.write(
            f"error: the peer did not run: {reason}\nwhere: {python}\n"
            "hint:  install geopolrisk-py 2.0.1 into its own environment and give --peer-python\n"
        )
        sys.exit(2)
    return json.loads(line.removeprefix("RESULT"))


def importers(count: int, years: list[int]) -> tuple[list[str], list[int]]:
    """Return the countries with the largest imports, as ISO alpha-3 and as the trade data number them."""
    case = khanij.case(focus="all", years=years)
    at, value = case.entries("peer_trade_value", "material", "stage", "country:exporter", "country:importer", "year")
    ranked = np.argsort(-np.bincount(at[3], weights=value, minlength=len(case.axis("country"))))
    numbers: dict[str, int] = {}
    for code, iso in reference.country_codes("baci").items():
        numbers.setdefault(iso, int(code))
    names = [case.axis("country").codes[k] for k in ranked[:count]]
    return names, [numbers[name] for name in names]


def main() -> None:
    """Run both and print the ratio per value."""
    asked = arguments()
    labels = {r["label"]: (r["material"], r["stage"]) for r in reference.rows("geopolrisk_codes")}
    materials, years = sorted(labels)[: asked.materials], list(range(2025 - asked.years, 2025))
    foci, numeric = importers(asked.countries, years)
    start = time.perf_counter()
    case = khanij.case(focus=foci, years=years)
    khanij.run("geopolrisk", case, variant="exact")
    loading = time.perf_counter() - start
    spent = []
    for _ in range(asked.repeat):
        start = time.perf_counter()
        result = khanij.run("geopolrisk", case, variant="exact")
        spent.append(time.perf_counter() - start)
    cube, best = result.value, min(spent)
    given = int((~np.isnan(cube.values)).sum())
    theirs = peer(asked.peer_python, numeric, materials, years)
    order = [(year, focus, material) for year in years for focus in foci for material in materials]  # the peer's own
    at = [[axis.at(code) for axis, code in zip(cube.axes, (*labels[m], c, str(y)), strict=True)] for y, c, m in order]
    found = cube.values[tuple(np.array(at).T)]
    wanted = np.array([row[3] for row in theirs["rows"]])
    whole = [row[2] for row in theirs["rows"]] == [m for _, _, m in order]
    worst = np.max(np.abs(found - wanted) / np.where(wanted > 0, wanted, 1.0)) if whole else None
    slow = (theirs["total"] - theirs["first"]) / max(len(wanted) - 1, 1)  # start-up of a call taken off
    print(
        f"asked                 {len(order)} combinations; khanij gives the {given} of its foci and years in one call"
    )
    start_up = f"load {theirs['loaded']:.1f} s, first value {theirs['first']:.1f} s"
    print(f"geopolrisk-py         {start_up}, then {1e3 * slow:.2f} ms a value")
    print(f"khanij                load {loading:.2f} s, then {best:.3f} s a call: {1e6 * best / given:.2f} us a value")
    print(f"ratio per value       {slow * given / best:,.0f} x (best of {asked.repeat} calls)")
    print(f"ratio, strict         {slow * len(order) / best:,.0f} x (the whole call spread over the asked alone)")
    print(f"largest difference    {'the peer dropped values' if worst is None else f'{worst:.1e} relative'}")


if __name__ == "__main__":
    main()
