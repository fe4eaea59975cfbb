"""A hand-made world of two materials whose sellers may restrict: Case, hazards and Baseline, without a store."""

from __future__ import annotations

import numpy as np

from khanij.core import case as cases
from khanij.simulate.risk import baseline
from khanij.simulate.risk.by_record.dependence import VarianceShares
from khanij.simulate.risk.by_record.hazards import Hazards, severity_levels

FOCUS, YEAR = "JPN", "2024"
LANDS = ("JPN", "CHL", "CHN", "AUS", "DEU")
MATERIALS = ("copper", "titanium")
STAGES = ("mined", "processed", "refined")
FLOW = ("material", "stage", "exporter", "importer", "year")
MADE = ("material", "stage", "country", "year")
SELLERS = (
    ("CHL", "copper", "mined", 0.15),
    ("CHL", "copper", "refined", 0.2),
    ("CHN", "copper", "refined", 0.25),
    ("CHN", "titanium", "refined", 0.3),
    ("AUS", "titanium", "mined", 0.1),
)


def world(seed=0, scale=1.0, focus=FOCUS):
    """Return the Case: everybody trades every stage, the focus buys more than it makes, prices and values are known."""
    draw = np.random.default_rng(seed)
    m, s, n = len(MATERIALS), len(STAGES), len(LANDS)
    trade = draw.uniform(200, 2000, (m, s, n, n)) * scale
    trade[:, :, 0] *= 0.1  # the focus sells little
    trade[:, :, np.arange(n), np.arange(n)] = np.nan
    net = np.nansum(trade, axis=3) - np.nansum(trade, axis=2)
    output = np.maximum(net, 0.0) + draw.uniform(500, 3000, net.shape) * scale
    value = np.array([2.0, 4.0, 9.0])  # kUSD a tonne, stage by stage
    axes = {
        "material": MATERIALS,
        "stage": STAGES,
        "country": LANDS,
        "exporter": LANDS,
        "importer": LANDS,
        "focus": (focus,),
        "year": (YEAR,),
    }
    belongs = np.array([[[float(code == FOCUS)] for code in LANDS]])
    return cases.from_arrays(
        axes,
        trade=("t", FLOW, trade[..., None]),
        trade_value=("kUSD", FLOW, (trade * value[None, :, None, None])[..., None]),
        production=("t", MADE, output[..., None]),
        membership=("1", ("focus", "country", "year"), belongs),
        price=("USD/t", ("material", "year"), np.full((m, 1), 9000.0)),
    )


def threats(sellers=SELLERS):
    """Return hazards of export restrictions."""
    country, material, stage, chance = zip(*sellers, strict=True)
    count, chance = len(sellers), np.array(chance)
    return Hazards(
        country,
        material,
        stage,
        kind=("export-fall",) * count,
        probability=chance,
        low=chance * 0.8,
        high=np.minimum(chance * 1.2, 1.0),
        share=np.full(count, 0.2),
        model=chance,
        prior=np.full(count, np.nan),
        levels=severity_levels(),
        severity=np.tile([0.4, 0.3, 0.2, 0.1], (count, 1)),
        dependence=VarianceShares(0.05, 0.1, 0.1),
    )


def ground(seed=0, years=150, case=None):
    """Return the Baseline of the world."""
    return baseline.solved(
        baseline.on_hazards(case or world(seed), threats(), YEAR, years, seed, materials=MATERIALS, min_share=0.05)
    )
