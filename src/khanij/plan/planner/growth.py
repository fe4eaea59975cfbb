"""Growth of a country's need by mineral and year, as a plan takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import khanij.demand  # noqa: F401  (registers its methods)
from khanij.core.cube import Floats
from khanij.demand.growth import UNKNOWN

LAST = 2050  # the last year of the demand model; need is held beyond it
ENDS = ("low", "best", "high")


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


def _words(remarks: Mapping[str, np.ndarray], material: int) -> str:
    """Return the remark that holds for a material of the only focus."""
    return next(words for words, mask in remarks.items() if mask[0, material].all())
