"""Scrap that arises in a country by the demand model, for plants that are to recycle it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core.range import Range
from khanij.core.result import Result


@dataclass(frozen=True, slots=True)
class RecoverableScrap:
    """Tonnes a year that could be recovered by material, in the last year that the model knows.

    before  (year, part of that year's tonnes of a material that arise by then) of each material, up to that year
    """

    tonnes: Mapping[str, Range]
    before: Mapping[str, tuple[tuple[int, float], ...]]
    year: int
    scenario: str
    sources: tuple[str, ...]


def read_scrap(result: Result, scenario: str, materials: Collection[str] | None = None) -> RecoverableScrap:
    """Return what could be recovered of each material in the last year that has a figure.

    result    of the method scrap-supply, recoverable (focus, technology, material, year) t, the first focus
    scenario  that it was asked for      materials  of which; all if None
    The rates of collection and recovery are in it. What is not known of a technology is not counted.
    """
    cube = result.value
    asked = {m: code for m, code in enumerate(cube.axis("material").codes) if materials is None or code in materials}
    known = np.isfinite(cube.values[0][:, list(asked)]).any(axis=(0, 1))
    last = int(np.nonzero(known)[0].max(initial=0))
    ends = [cube.values if end is None else end for end in (cube.low, cube.values, cube.high)]
    years = [int(code) for code in cube.axis("year").codes[: last + 1]]
    tonnes, before = {}, {}
    for m, material in asked.items():
        low, best, high = (float(np.nansum(end[0, :, m, last])) for end in ends)
        if best > 0:
            tonnes[material] = Range(min(low, best), best, max(high, best))
            path = np.nansum(cube.values[0, :, m, : last + 1], axis=0) / best
            before[material] = tuple(zip(years, np.minimum(path, 1.0).tolist(), strict=True))
    return RecoverableScrap(tonnes, before, int(cube.axis("year").codes[last]), scenario, result.trace.sources)
