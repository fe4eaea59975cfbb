"""A hand-made Case that a baseline can stand on: the trading world of the plans' tests, and a record of its exports."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np

from khanij.core.axis import Axis
from khanij.core.cube import Cube

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))
from worlds import FOCUS, LANDS, MATERIALS, STAGES, world

YEARS = tuple(str(year) for year in range(2008, 2025))
GOODS = tuple((material, stage) for material in MATERIALS for stage in STAGES)
CODES = tuple(f"{material}-{stage}" for material, stage in GOODS)

__all__ = ["FOCUS", "LANDS", "MATERIALS", "case"]


@cache
def case(seed=0):
    """Return the world with flows of every good by exporter, importer and year, of which some fall by much."""
    draw = np.random.default_rng(seed)
    n, codes, years = len(LANDS), Axis("code", CODES), Axis("history", YEARS)
    size = (len(CODES), n, n, len(YEARS))
    level = draw.uniform(200, 2000, size[:3])[..., None]
    kept = np.where(draw.random((len(CODES), n, 1, len(YEARS))) < 0.12, 0.2, 1.0)  # a year in which a seller withdraws
    flows = level * kept * draw.lognormal(0, 0.05, size)
    flows[:, np.arange(n), np.arange(n)] = 0.0
    at = np.stack(np.nonzero(flows))
    four = (codes, Axis("exporter", LANDS), Axis("importer", LANDS), years)
    lands = Axis("country", LANDS)
    material, stage = Axis("material", MATERIALS), Axis("stage", STAGES)
    places = np.array([[at, material.at(m), stage.at(s)] for at, (m, s) in enumerate(GOODS)]).T
    return world(seed).with_cubes(
        "a record of exports",
        code_trade=_cube("code_trade", "t", four, flows[tuple(at)], at),
        code_trade_value=_cube("code_trade_value", "kUSD", four, 3.0 * flows[tuple(at)], at),
        code_material=_cube("code_material", "1", (codes, material, stage), np.ones(len(CODES)), places),
        code_price=_cube("code_price", "USD/t", (codes, years), np.full((len(CODES), len(YEARS)), 9000.0)),
        code_companion=_cube("code_companion", "1", (codes,), np.full(len(CODES), np.nan)),
        territory_break=_cube("territory_break", "1", (lands, years), np.zeros((n, len(YEARS)))),
        ideal_point_history=_cube("ideal_point_history", "score", (lands, years), np.zeros((n, len(YEARS)))),
        governance_history=_cube(
            "governance_history", "score", (Axis("dimension", ("va",)), lands, years), np.zeros((1, n, len(YEARS)))
        ),
    )


def _cube(quantity, unit, axes, values, at=None):
    """Return a cube whose source is the reader."""
    return Cube(quantity, unit, axes, values, at, sources=("user",))
