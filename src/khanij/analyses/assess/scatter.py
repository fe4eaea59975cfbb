"""How sure the EU's two scores are: each with the range of its draws, and how often both reach their thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from khanij.analyses.inputs.cases import case
from khanij.core.result import Result
from khanij.methods.uncertainty import assess as uncertainty
from khanij.reference.official_lists import UNION

METHOD, YEAR = "eu-supply-risk", 2020  # the last of the years that the study of 2023 describes
DRAWS, SEED = 500, 2023


@dataclass(frozen=True, slots=True)
class Spot:
    """Both scores of a material (value, least and most of nine draws in ten), and the part of draws over both."""

    risk: tuple[float, float, float]
    importance: tuple[float, float, float]
    critical: float


class Scatter:
    """Draws of the EU's method."""

    def __init__(self) -> None:
        """Draw once; the same seed gives the same numbers."""
        self.result: Result = uncertainty.assess(case(UNION, YEAR), METHOD, draws=DRAWS, seed=SEED)

    def spots(self, materials: tuple[str, ...]) -> Mapping[str, Spot]:
        """Return material -> its spot, of those with both scores."""
        found = {}
        for material in materials:
            risk = self._ends(material, "value", "q05", "q95")
            weight = self._ends(material, "importance", "importance_q05", "importance_q95")
            if risk is not None and weight is not None:
                found[material] = Spot(risk, weight, self._at(material, "critical"))
        return found

    def _at(self, material: str, variable: str) -> float:
        """Return one variable of the score that has chosen its own stage."""
        cube = self.result.variable(variable)
        places = {"material": material, "stage": uncertainty.WHOLE}
        at = tuple(axis.at(places[axis.name]) if axis.name in places else 0 for axis in cube.axes)
        return float(cube.values[at])

    def _ends(self, material: str, *variables: str) -> tuple[float, float, float] | None:
        """Return value, low and high, None where one is not known; the range always holds the value."""
        value, low, high = (self._at(material, variable) for variable in variables)
        if np.isnan([value, low, high]).any():
            return None
        return value, min(low, value), max(high, value)
