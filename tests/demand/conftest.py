"""Hand-made Cases of demand: a few technologies, materials and years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import khanij.demand  # noqa: F401  (registers its methods)
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.quantities import ranges

YEARS = tuple(map(str, range(2020, 2051)))
TECHNOLOGIES = ("wind", "wind-a", "wind-b", "car", "bare")
CUBES = {
    "technology_stock": ("focus", "scenario", "technology", "horizon"),
    "technology_inflow": ("focus", "scenario", "technology", "horizon"),
    "technology_share": ("focus", "scenario", "technology", "horizon"),
    "technology_parent": ("technology", "parent"),
    "technology_lifetime": ("technology",),
    "technology_lifetime_shape": ("technology",),
    "technology_intensity": ("technology", "material", "horizon"),
    "recovery_rate": ("technology", "material", "recycling"),
    "base_use": ("focus", "material", "horizon"),
    "outside_use": ("focus", "material", "horizon"),
    "economy_growth": ("focus", "scenario", "horizon"),
    "income_elasticity": ("focus", "scenario", "material", "horizon"),
    "refined_part": ("focus", "scenario", "material", "horizon"),
    "scrap_part": ("focus", "scenario", "material", "horizon"),
    "iea_demand": ("case", "use", "material", "horizon"),
    "world_part": ("focus", "use", "horizon"),
}
AXES = {
    "focus": Axis("focus", ("IND",)),
    "scenario": Axis("scenario", ("steps", "other")),
    "technology": Axis("technology", TECHNOLOGIES),
    "parent": Axis("parent", TECHNOLOGIES),
    "horizon": Axis("horizon", YEARS),
    "material": Axis("material", ("copper", "lithium")),
    "recycling": Axis("recycling", ("current", "conservative", "neutral", "optimistic")),
    "case": Axis("case", ("STEPS", "APS", "NZE")),
    "use": Axis(
        "use",
        ("Solar PV", "Wind", "Other low emissions power generation", "Low emissions power generation", "Other uses"),
    ),
}
SURE: dict[str, dict[tuple[str, ...], Any]] = {
    "technology_parent": {("wind-a", "wind"): 1.0, ("wind-b", "wind"): 1.0},
    "technology_share": {
        ("IND", "steps", "wind-a", "2020"): 3.0,
        ("IND", "steps", "wind-b", "2020"): 1.0,
    },
    "technology_lifetime": dict.fromkeys([(name,) for name in TECHNOLOGIES], 10.0),
    "technology_lifetime_shape": dict.fromkeys([(name,) for name in TECHNOLOGIES], 3.0),
}


@pytest.fixture
def make() -> Callable[..., Case]:
    """Return a function (cube -> {labels: value or (value, low, high)}) -> Case."""

    def build(**rows: dict[tuple[str, ...], Any]) -> Case:
        cubes = {}
        for name, dims in CUBES.items():
            axes = tuple(AXES[dim] for dim in dims)
            parts = np.full((3, *map(len, axes)), 0.0 if name == "technology_parent" else np.nan)
            for labels, figures in {**SURE.get(name, {}), **rows.get(name, {})}.items():
                at = tuple(axis.at(label) for axis, label in zip(axes, labels, strict=True))
                parts[(slice(None), *at)] = figures if isinstance(figures, tuple) else (figures,) * 3
            unit = ranges()[name].unit if name in ranges() else "1"
            cubes[name] = Cube(name, unit, axes, parts[0], None, parts[1], parts[2], sources=("user",))
        named = {name: AXES[name] for name in ("focus", "material")}
        return Case({**named, "year": Axis("year", ("2024",))}, cubes)

    return build
