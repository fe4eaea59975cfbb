"""Hand-made Cases: labels and a few figures in, everything else not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from khanij.analyses.runner import methods
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube

Rows = Sequence[Sequence[Any]]
FLOW = ("material", "stage", "exporter", "importer", "year")
DIMS = {
    "production": ("t", ("material", "stage", "country", "year")),
    "world_production": ("t", ("material", "stage", "year")),
    "governance": ("score", ("dimension", "country", "year")),
    "membership": ("1", ("focus", "country", "year")),
    "price": ("USD/t", ("material", "year")),
    "trade_covered": ("1", ("material", "stage", "year")),
    "trade_value_covered": ("1", ("material", "stage", "year")),
    "peer_production": ("1", ("material", "stage", "country", "year")),
    "peer_scale": ("1", ("material", "stage")),
    "peer_instability": ("1", ("country", "year")),
}
FLOWS = {
    "trade": "t",
    "trade_value": "kUSD",
    "trade_massless": "kUSD",
    "peer_trade_mass": "t",
    "peer_trade_value": "kUSD",
}
FILL = {"membership": 0.0, "trade_covered": 0.0, "trade_value_covered": 0.0}


def dense(axes: Mapping[str, Axis], quantity: str, unit: str, dims: Sequence[str], rows: Rows, fill: float) -> Cube:
    """Return a dense cube of rows (labels..., value)."""
    named = tuple(axes[d] for d in dims)
    values = np.full(tuple(map(len, named)), fill)
    for *labels, value in rows:
        values[tuple(axis.at(label) for axis, label in zip(named, labels, strict=True))] = value
    return Cube(quantity, unit, named, values, sources=("user",))


def sparse(axes: Mapping[str, Axis], quantity: str, unit: str, rows: Rows) -> Cube:
    """Return a sparse cube of flows (material, stage, exporter, importer, year, value[, low, high])."""
    named = tuple(Axis(d, axes["country"].codes) if d in ("exporter", "importer") else axes[d] for d in FLOW)
    at = np.array([[a.at(label) for a, label in zip(named, row[:5], strict=True)] for row in rows], dtype=np.intp)
    at = at.reshape(len(rows), 5).T
    values = np.array([row[5] for row in rows], dtype=float)
    low, high = (np.array([row[k] if len(row) > k else row[5] for row in rows], dtype=float) for k in (6, 7))
    return Cube(quantity, unit, named, values, at, low, high, sources=("user",))


@pytest.fixture(scope="session")
def make() -> Callable[..., Case]:
    """Return a function: axis codes and rows of each quantity -> Case."""
    methods()

    def build(axes: Mapping[str, Sequence[str]], **quantities: Rows) -> Case:
        named = {name: Axis(name, tuple(codes)) for name, codes in axes.items()}
        cubes = {}
        for quantity, rows in quantities.items():
            if quantity in FLOWS:
                cubes[quantity] = sparse(named, quantity, FLOWS[quantity], rows)
            else:
                unit, dims = DIMS[quantity]
                cubes[quantity] = dense(named, quantity, unit, dims, rows, FILL.get(quantity, np.nan))
        return Case(named, cubes)

    return build


@pytest.fixture(scope="session")
def at() -> Callable[..., float]:
    """Return a function: result, measure, labels in the order of its axes -> one value of a dense measure."""

    def value(result: Any, measure: str, *labels: str) -> float:
        cube = result.variable(measure)
        return float(cube.values[tuple(axis.at(label) for axis, label in zip(cube.axes, labels, strict=True))])

    return value
