"""Hand-made hazards and a loss model that may fail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from khanij.simulate.risk.by_record.dependence import VarianceShares
from khanij.simulate.risk.by_record.hazards import Hazards, severity_levels

SELLERS = (
    ("AAA", "tin", "mined", 0.3),
    ("AAA", "tin", "refined", 0.2),
    ("BBB", "tin", "refined", 0.25),
    ("BBB", "zinc", "mined", 0.15),
    ("CCC", "zinc", "mined", 0.05),
    ("AAA", "lead", "mined", 0.1),
)


def hazards(dependence=None, sellers=SELLERS, **more):
    country, material, stage, chance = zip(*sellers, strict=True)
    count, chance = len(sellers), np.array(chance)
    values = {
        "kind": ("export-fall",) * count,
        "probability": chance,
        "low": chance * 0.8,
        "high": np.minimum(chance * 1.2, 1.0),
        "share": np.full(count, 0.2),
        "model": chance,
        "prior": np.full(count, np.nan),
        "levels": severity_levels(),
        "severity": np.tile([0.4, 0.3, 0.2, 0.1], (count, 1)),
        "dependence": dependence or VarianceShares(0.05, 0.1, 0.1),
    }
    return Hazards(country, material, stage, **(values | more))


@dataclass(frozen=True)
class Stub:
    """Loses more than the sum where sellers are struck together; does not solve what it was told not to."""

    fails: int = 0  # scenarios with that many sellers struck
    scale: float = 1.0

    @property
    def networks(self):
        """It knows no market."""
        return {}

    def __call__(self, material, scenarios):
        weight = {"tin": 3e6, "zinc": 2e6, "lead": -1e6}[material] * self.scale
        lost = np.array([weight * sum(cut for _, _, cut in scenario) ** 2 for scenario in scenarios])
        solved = np.array([len(scenario) != self.fails for scenario in scenarios])
        return np.where(solved, lost, np.nan), solved, np.full(len(scenarios), 5)
