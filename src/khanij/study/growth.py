"""Growth of a country's need by mineral and year, as a plan takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import khanij.demand  # noqa: F401  (registers its methods)
from khanij import reference
from khanij.core.cube import Floats
from khanij.demand.growth import HELD, UNKNOWN, WHOLE
from khanij.study import cases, runner

LAST = 2050  # the IEA's last year; need is held beyond it
ENDS = ("low", "best", "high")


@dataclass(frozen=True, slots=True)
class Growth:
    """Need of a year by need of the base year.

    materials (M,)      years (T,)
    values    end ("low", "best", "high") -> (M, T); 1 throughout where it is not known
    how       (M,) what it rests on, in words      sources  of the figures
    """

    materials: tuple[str, ...]
    years: tuple[int, ...]
    values: dict[str, Floats]
    how: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the materials whose need is held because nothing is known of its growth."""
        return tuple(m for m, how in zip(self.materials, self.how, strict=True) if how == UNKNOWN)


def flat(materials: Sequence[str], years: Sequence[int]) -> Growth:
    """Return no growth: what a plan assumes that is asked for the base year's need."""
    ones = np.ones((len(materials), len(years)))
    how = ("held at the base year's",) * len(materials)
    return Growth(tuple(materials), tuple(years), dict.fromkeys(ENDS, ones), how, ())


def growth(focus: str, base: int, materials: Sequence[str], years: Sequence[int], world: str = "STEPS") -> Growth:
    """Return the growth of need of some materials in some years.

    base  the year of which need is 1      world  the IEA's scenario: STEPS, APS or NZE
    Where need_proxies.csv names another material whose demand the IEA follows, that one stands for it.
    """
    proxy = {row["material"]: row["proxy"] for row in reference.rows("need_proxies")}
    wanted = tuple(dict.fromkeys(code for m in materials for code in (m, proxy.get(m, m))))
    case = cases.case(focus, base, wanted)
    last = min(max(years), LAST)
    result = runner.run("need-growth", case, base=base, since=base, to=last, world=world)
    cube = result.value
    axis, at = cube.axis("material"), [min(year, LAST) - base for year in years]
    values: dict[str, list[Floats]] = {end: [] for end in ENDS}
    how = []
    for material in materials:
        told = {code: _words(result.remarks, axis.at(code)) for code in (material, proxy.get(material, material))}
        chosen = next((code for code, words in told.items() if words in (WHOLE, HELD)), material)
        m = axis.at(chosen)
        for end, found in (("low", cube.low), ("best", cube.values), ("high", cube.high)):
            row = cube.values[0, m] if found is None else found[0, m]
            values[end].append(np.where(np.isnan(row), 1.0, row)[at])
        how.append(told[chosen] + (f" (as {chosen})" if chosen != material else ""))
    stacked = {end: np.array(rows) for end, rows in values.items()}
    return Growth(tuple(materials), tuple(years), stacked, tuple(how), result.trace.sources)


def _words(remarks: dict[str, np.ndarray], material: int) -> str:
    """Return the remark that holds for a material of the only focus."""
    return next(words for words, mask in remarks.items() if mask[0, material].all())
