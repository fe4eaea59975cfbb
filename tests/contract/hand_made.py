"""A world of three countries made by hand: one buys copper from the other two; cobalt is mined late, tin never."""

from __future__ import annotations

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube

NAN = float("nan")
MATERIALS, STAGES, COUNTRIES, YEARS = (
    ("cobalt", "copper", "tin"),
    ("mined", "refined"),
    ("AUS", "CHL", "IND"),
    (2022, 2023),
)
FLOWS = (("CHL", 2022, 30.0), ("AUS", 2022, 10.0), ("CHL", 2023, 20.0), ("AUS", 2023, 20.0))  # copper ore into IND, t
OUTPUT = {("copper", "AUS"): (30.0, 20.0), ("copper", "CHL"): (60.0, 70.0), ("copper", "IND"): (10.0, 10.0)}
OUTPUT |= {("cobalt", "AUS"): (NAN, 5.0)}  # t mined in 2022 and 2023
GOVERNANCE = {"AUS": 1.5, "CHL": 0.5, "IND": -0.5}  # score, both years


def case() -> Case:
    """Return the Case, without a store: focus IND, years 2022 and 2023."""
    axes = {
        "material": Axis("material", MATERIALS),
        "stage": Axis("stage", STAGES),
        "country": Axis("country", COUNTRIES),
        "partner": Axis("partner", COUNTRIES),
        "focus": Axis("focus", ("IND",)),
        "year": Axis("year", tuple(map(str, YEARS))),
        "dimension": Axis("dimension", ("pv",)),
    }
    flow = (axes["material"], axes["stage"], Axis("exporter", COUNTRIES), Axis("importer", COUNTRIES), axes["year"])
    at = np.array(
        [[1, 0, COUNTRIES.index(seller), COUNTRIES.index("IND"), YEARS.index(year)] for seller, year, _ in FLOWS],
        dtype=np.intp,
    ).T
    trade = Cube("trade", "t", flow, np.array([tonnes for *_, tonnes in FLOWS]), at, sources=("user",))
    output = np.full((3, 2, 3, 2), NAN)
    for (material, country), tonnes in OUTPUT.items():
        output[MATERIALS.index(material), 0, COUNTRIES.index(country)] = tonnes
    covered = np.zeros((3, 2, 2))
    covered[1, 0] = 1.0
    member = np.zeros((1, 3, 2))
    member[0, COUNTRIES.index("IND")] = 1.0
    scores = np.array([[[GOVERNANCE[country]] * 2 for country in COUNTRIES]])

    def dense(name: str, unit: str, dims: tuple[str, ...], values: np.ndarray) -> Cube:
        return Cube(name, unit, tuple(axes[dim] for dim in dims), values, sources=("user",))

    cell = ("material", "stage", "year")
    cubes = {
        "trade": trade,
        "production": dense("production", "t", ("material", "stage", "country", "year"), output),
        "trade_covered": dense("trade_covered", "1", cell, covered),
        "membership": dense("membership", "1", ("focus", "country", "year"), member),
        "governance": dense("governance", "score", ("dimension", "country", "year"), scores),
    }
    return Case(axes, cubes)
