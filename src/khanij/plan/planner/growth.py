"""Growth of a country's need by mineral and year, as a plan takes it from the demand model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from khanij import reference
from khanij.core.cube import Floats
from khanij.core.range import ENDS, Range
from khanij.core.result import Result
from khanij.demand.growth import HELD, OWN, UNKNOWN, WHOLE

LAST = 2050  # the last year of the demand model; need is held beyond it


@dataclass(frozen=True, slots=True)
class Growth:
    """Need of a year by need of the base year.

    materials (M,)      first  year of the first column
    values    end ("low", "best", "high") -> (M, T); 1 throughout where it is not known
    how       (M,) what it rests on, in words      sources  of the figures
    """

    materials: tuple[str, ...]
    first: int
    values: Mapping[str, Floats]
    how: tuple[str, ...]
    sources: tuple[str, ...] = ()

    def range_of(self, material: str, year: int) -> Range:
        """Return need of a year by that of the base year; not known where nothing is known of its growth."""
        if material in self.unknown:
            return Range(np.nan, np.nan, np.nan)
        low, best, high = (float(self.of([material], [year], end)[0, 0]) for end in ENDS)
        return Range(low, best, high)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the materials whose need is held because nothing is known of its growth."""
        return tuple(m for m, how in zip(self.materials, self.how, strict=True) if how == UNKNOWN)

    def of(self, materials: Sequence[str], years: Sequence[int], end: str = "best") -> Floats:
        """Return factors (materials, years); years beyond those known have the last known one, others 1."""
        held = self.values[end]
        at = np.clip(np.asarray(years, dtype=np.intp) - self.first, 0, held.shape[1] - 1)
        rows = [held[self.materials.index(m), at] if m in self.materials else np.ones(len(years)) for m in materials]
        return np.array(rows).reshape(len(materials), len(years))


def proxies() -> dict[str, str]:
    """Return material -> the one whose demand the IEA follows, that stands for it by need_proxies.csv."""
    return {row["material"]: row["proxy"] for row in reference.rows("need_proxies")}


def read_growth(result: Result, base: int, materials: Sequence[str]) -> Growth:
    """Return the growth of need of some materials from a base year on, in which it is 1.

    result  of the method need-growth since the base year, on these materials and what stands for them; the first focus
    Where need_proxies.csv names another material whose demand the IEA follows, that one stands for it.
    """
    cube, proxy = result.value, proxies()
    axis = cube.axis("material")
    values: dict[str, list[Floats]] = {end: [] for end in ENDS}
    how = []
    for material in materials:
        known = [code for code in (material, proxy.get(material, material)) if code in axis]
        remarks = {code: _remark(result.remarks, axis.at(code)) for code in known}
        chosen = next((code for code, words in remarks.items() if words in (OWN, WHOLE, HELD)), material)
        m = axis.at(chosen)
        for end, array in zip(ENDS, (cube.low, cube.values, cube.high), strict=True):
            row = cube.values[0, m] if array is None else array[0, m]
            values[end].append(np.where(np.isnan(row), 1.0, row))
        how.append(remarks[chosen] + (f" (as {chosen})" if chosen != material else ""))
    stacked = {end: np.array(rows) for end, rows in values.items()}
    return Growth(tuple(materials), base, stacked, tuple(how), result.trace.sources)


def _remark(remarks: Mapping[str, np.ndarray], material: int) -> str:
    """Return the remark that holds for a material of the only focus."""
    return next(words for words, mask in remarks.items() if mask[0, material].all())
