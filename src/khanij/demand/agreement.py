"""Two ways to a need side by side: counted from its uses, and as a part of the world's; how far they part, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from khanij.core.cube import Cube
from khanij.core.result import Result

CLEAN = "technologies of the scenario alone: no use in all is on record, other uses are not in it"
REFINED = "refined metal alone, {:.0f} % of use: the IEA counts no scrap melted directly"
MORE = "{} builds more of it than the country's part of what the world needs in {}"
LESS = "{} builds less of it than the country's part of what the world needs in {}"
BESIDE = (
    *("material", "year", "bottom_up", "bottom_low", "bottom_high", "part_of_world", "part_low", "part_high"),
    *("ways_ratio", "within", "reason"),
)


def beside(found: Mapping[str, Result], years: Sequence[int], scenario: str, world: str) -> list[dict[str, Any]]:
    """Return one row a material and year for which both ways give a need: how far they part, and why.

    Bottom-up is technologies and base demand; top-down the part of the IEA's demand of the world. Ways agree where
    their ranges meet. Where refined metal is told apart it alone is compared, as the IEA counts no other.
    """
    total, base = found["demand"].variable("total"), found["base"].value
    part, fine = found["world"].variable("total"), found["base"].variable("refined").values
    made = []
    for m, material in enumerate(total.axis("material").codes):
        for year in years:
            y = total.axis("year").at(str(year))
            ours = [_sum(_at(a, m, y), _at(b, m, y)) for a, b in zip(_sides(total), _sides(base), strict=True)]
            theirs = [_at(end, m, y) for end in _sides(part)]
            if ours[0] is None or not theirs[0]:
                continue
            apart = _at(fine, m, y)
            ours = [None if one is None else one * (apart or 1.0) for one in ours]
            meets = (ours[1] or ours[0]) <= (theirs[2] or theirs[0]) and (theirs[1] or theirs[0]) <= (
                ours[2] or ours[0]
            )
            less = LESS.format(scenario, world) if _at(base.values, m, y) is not None else CLEAN
            pace = "" if meets else less if ours[0] < theirs[0] else MORE.format(scenario, world)
            reason = "; ".join(filter(None, (REFINED.format(100 * apart) if apart else "", pace)))
            row = (material, year, *ours, *theirs, ours[0] / theirs[0], meets, reason)
            made.append(dict(zip(BESIDE, row, strict=True)))
    return made


def _sides(cube: Cube) -> tuple[np.ndarray | None, ...]:
    """Return best, low and high."""
    return cube.values, cube.low, cube.high


def _sum(*parts: float | None) -> float | None:
    """Return the sum of what is known, None of nothing."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _at(values: np.ndarray | None, material: int, year: int) -> float | None:
    """Return one figure of the only focus, None if there is none."""
    return None if values is None or np.isnan(values[0, material, year]) else float(values[0, material, year])
