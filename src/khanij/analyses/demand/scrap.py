"""Scrap that arises in a country by the demand model, for plants that are to recycle it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from khanij.analyses.demand import run
from khanij.plan.measures.options import Scrap

SCENARIO = "steps"
DRAWS = 50  # behind the range


def recoverable(focus: str, materials: Sequence[str], year: int, scenario: str = SCENARIO) -> Scrap:
    """Return what could be recovered of some materials in a year, or the last one before it that has a figure.

    The rates of collection and recovery are in it: neutral case of end_of_life.csv.
    """
    result = run.results(focus, scenario, year - 10, year, materials, draws=DRAWS, compared=False)["scrap"]
    cube = result.value
    known = np.isfinite(cube.values[0]).any(axis=(0, 1))
    last = int(np.nonzero(known)[0].max(initial=0))
    ends = [cube.values if end is None else end for end in (cube.low, cube.values, cube.high)]
    years = [int(code) for code in cube.axis("year").codes[: last + 1]]
    tonnes, before = {}, {}
    for m, material in enumerate(cube.axis("material").codes):
        low, best, high = (float(np.nansum(end[0, :, m, last])) for end in ends)
        if best > 0:
            tonnes[material] = (min(low, best), best, max(high, best))
            path = np.nansum(cube.values[0, :, m, : last + 1], axis=0) / best
            before[material] = tuple(zip(years, np.minimum(path, 1.0).tolist(), strict=True))
    return Scrap(tonnes, before, int(cube.axis("year").codes[last]), scenario, result.trace.sources)
