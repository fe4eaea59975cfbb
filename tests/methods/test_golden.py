"""Every published number in tests/golden, recomputed by the kernel or the method that it names."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from khanij.analyses.runner import methods
from khanij.core import registry
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(GOLDEN.glob("*.toml"))
CHECKED = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES}
# other parts of the package keep goldens of other layouts beside these
OURS = [name for name, text in CHECKED.items() if {"case", "expect"} & set(text) and {"kernel", "method"} & set(text)]


def test_goldens_are_found() -> None:
    assert "eu-2017-supply-risk" in OURS


@pytest.mark.parametrize("name", OURS)
def test_a_golden_says_where_it_comes_from(name: str) -> None:
    assert {"paper", "year", "table"} <= set(CHECKED[name])


@pytest.mark.parametrize("name", [n for n in OURS if "kernel" in CHECKED[n]])
def test_a_kernel_meets_the_published_numbers(name: str) -> None:
    golden = CHECKED[name]
    module, function = golden["kernel"].rsplit(".", 1)
    equation = getattr(import_module(f"khanij.kernels.{module}"), function)
    inputs = np.array([case["inputs"] for case in golden["case"]], dtype=float).T
    found = equation(*inputs)
    wanted = np.array([case["value"] for case in golden["case"]])
    off = {
        c["name"]
        for c, f, w in zip(golden["case"], found, wanted, strict=True)
        if not abs(f - w) <= golden["tolerance"] + 1e-9
    }
    assert off == set(golden["exceptions"])


@pytest.mark.parametrize("name", [n for n in OURS if "method" in CHECKED[n]])
def test_a_method_meets_the_published_numbers(name: str) -> None:
    golden = CHECKED[name]
    methods()
    axes = {axis: Axis(axis, tuple(codes)) for axis, codes in golden["axes"].items()}
    cubes = {}
    for table in golden["cube"]:
        named = tuple(axes[axis] for axis in table["axes"])
        values = np.full(tuple(map(len, named)), np.nan)
        for *labels, value in table["rows"]:
            values[tuple(axis.at(label) for axis, label in zip(named, labels, strict=True))] = value
        cubes[table["quantity"]] = Cube(table["quantity"], table["unit"], named, values)
    result = registry.run(golden["method"], Case(axes, cubes), **golden.get("parameters", {}))
    for expected in golden["expect"]:
        cube = result.variable(expected["variable"])
        found = cube.values[tuple(axis.at(expected["at"][axis.name]) for axis in cube.axes)]
        assert found == pytest.approx(expected["value"], abs=expected["tolerance"]), expected
