"""A world made by hand: India buys bismuth, copper ore and magnets; what it buys of cobalt no code shows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube

MATERIALS = ("bismuth", "cobalt", "copper", "rare-earths")
STAGES = ("mined", "processed", "refined", "component", "product")
COUNTRIES = ("ARE", "CHL", "CHN", "IND", "JPN", "USA", "VNM")
FLOWS = (
    ("bismuth", "refined", "CHN", "IND", 80_000.0, 80.0),
    ("bismuth", "refined", "USA", "IND", 20_000.0, 20.0),
    ("copper", "mined", "CHL", "IND", 300_000.0, 300.0),
    ("copper", "mined", "ARE", "IND", 200_000.0, 200.0),  # makes none: passes on what others dug
    ("copper", "mined", "IND", "JPN", 50_000.0, 50.0),
    ("rare-earths", "component", "CHN", "IND", 90_000.0, 90.0),
    ("rare-earths", "component", "JPN", "IND", 10_000.0, 10.0),
)  # material, stage, exporter, importer, kUSD, t
OUTPUT = {
    ("bismuth", "refined", "CHN"): 90.0,
    ("bismuth", "refined", "VNM"): 10.0,
    ("copper", "mined", "CHL"): 900.0,
    ("copper", "mined", "IND"): 50.0,
}  # t
COVERED = {("bismuth", "refined"), ("copper", "mined"), ("rare-earths", "component")}
SOURCES = ("user",)


def world(flows: Iterable[tuple[str, str, str, str, float, float]] = FLOWS, year: int = 2024) -> Case:
    """Return the Case of India in one year, without a store."""
    listed = list(flows)
    axes = {
        "material": Axis("material", MATERIALS),
        "stage": Axis("stage", STAGES),
        "country": Axis("country", COUNTRIES),
        "partner": Axis("partner", COUNTRIES),
        "focus": Axis("focus", ("IND",)),
        "year": Axis("year", (str(year),)),
    }
    dims = (axes["material"], axes["stage"], Axis("exporter", COUNTRIES), Axis("importer", COUNTRIES), axes["year"])
    at = np.array(
        [[*(axis.at(code) for axis, code in zip(dims, row[:4], strict=False)), 0] for row in listed], dtype=np.intp
    )

    def sparse(name: str, unit: str, k: int) -> Cube:
        """Return a cube of the flows."""
        values = np.array([row[k] for row in listed], dtype=float)
        return Cube(name, unit, dims, values, at.reshape(-1, 5).T, sources=SOURCES)

    def dense(name: str, unit: str, names: tuple[str, ...], values: np.ndarray) -> Cube:
        """Return a dense cube."""
        return Cube(name, unit, tuple(axes[n] for n in names), values, sources=SOURCES)

    output = np.full((len(MATERIALS), len(STAGES), len(COUNTRIES), 1), np.nan)
    for (material, stage, country), tonnes in OUTPUT.items():
        here = output[MATERIALS.index(material), STAGES.index(stage), :, 0]
        here[np.isnan(here)] = 0.0  # the source lists the stage: whoever it does not name makes none
        here[COUNTRIES.index(country)] = tonnes
    covered = np.zeros((len(MATERIALS), len(STAGES), 1))
    for material, stage in COVERED:
        covered[MATERIALS.index(material), STAGES.index(stage)] = 1.0
    member = np.zeros((1, len(COUNTRIES), 1))
    member[0, COUNTRIES.index("IND")] = 1.0
    cell = ("material", "stage", "year")
    cubes = {
        "trade": sparse("trade", "t", 5),
        "trade_value": sparse("trade_value", "kUSD", 4),
        "production": dense("production", "t", ("material", "stage", "country", "year"), output),
        "trade_covered": dense("trade_covered", "1", cell, covered),
        "trade_value_covered": dense("trade_value_covered", "1", cell, covered),
        "membership": dense("membership", "1", ("focus", "country", "year"), member),
    }
    return Case(axes, cubes)
