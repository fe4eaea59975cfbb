"""What the cubes of a Case hold: for each quantity its unit and the range that its values can lie in (cubes.csv)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import inf

import numpy as np

from khanij.core import units
from khanij.core.cube import Cube
from khanij.core.errors import UnitError

ROUNDING = 1e-9  # of an end of a range, or of 1: what floats may miss it by
RANKED = (0.0, 1.0)  # where every percentile rank lies


@dataclass(frozen=True, slots=True)
class Declared:
    """The unit of a quantity's cube, and the least and most that a value can be (infinite where nothing is known)."""

    unit: str
    low: float
    high: float


@cache
def ranges() -> Mapping[str, Declared]:
    """Return quantity -> unit and range, as cubes.csv has them."""
    lines = (files("khanij.core") / "cubes.csv").read_text(encoding="utf-8").splitlines()
    return {
        row["quantity"]: Declared(row["unit"], float(row["low"] or "-inf"), float(row["high"] or "inf"))
        for row in csv.DictReader(lines)
    }


def conform(quantity: str, cube: Cube) -> Cube:
    """Return a cube in the unit of its quantity, once every value is known to lie in its range.

    quantity  under which the Case is to hold the cube; one that is not in cubes.csv may have any unit
    Raises UnitError where the unit measures something else, or a value is infinite or outside the range: nothing is
    clipped.
    """
    declared = ranges().get(quantity, Declared(cube.unit, -inf, inf))
    least = declared.low - ROUNDING * max(1.0, abs(declared.low))
    most = declared.high + ROUNDING * max(1.0, abs(declared.high))
    if cube.unit != declared.unit and (cube.unit, declared.unit) != ("1", "score"):  # a score has no other unit
        cube = _converted(cube, declared.unit)
    for name in ("values", "low", "high"):
        array = getattr(cube, name)
        if array is None or not array.size:
            continue
        with np.errstate(invalid="ignore"):
            wrong = (array < least) | (array > most) | np.isinf(array)
        if wrong.any():
            _refuse(cube, declared, float(array[wrong][0]), "" if name == "values" else f" as {name} end")
    return _doubted(quantity, cube)


def _converted(cube: Cube, unit: str) -> Cube:
    """Return a cube in another unit of the same dimension."""
    try:
        factor = units.factor(cube.unit, unit)
    except UnitError as wrong:
        what = f"{cube.quantity} in {cube.unit!r}, which is no {unit!r}"
        raise UnitError(what, where=f"cube {cube.quantity!r}", hint=f"{unit}, or a unit of it: {wrong.what}") from None
    low, high = (None if end is None else end * factor for end in (cube.low, cube.high))
    notes = (*cube.notes, f"{cube.quantity}: {cube.unit} converted to {unit}")
    return replace(cube, unit=unit, values=cube.values * factor, low=low, high=high, notes=notes)


def _refuse(cube: Cube, declared: Declared, value: float, where: str) -> None:
    """Raise for a value that cannot be."""
    ends = f"{declared.low:g} to {declared.high:g}".replace("-inf to inf", "any finite value").replace("inf", "any")
    raise UnitError(
        f"{cube.quantity} holds {value:g} {cube.unit}{where}; possible is {ends}",
        where=f"cube {cube.quantity!r}",
        hint="another scale or unit, a wrong sign, or a figure that is none: mend it; nan = not known",
    )


def _doubted(quantity: str, cube: Cube) -> Cube:
    """Return a cube of governance that says so where its values may be percentile ranks instead of estimates."""
    if quantity != "governance" or cube.values.size < 2:
        return cube
    known = cube.values[~np.isnan(cube.values)]
    if len(known) < 2 or known.min() < RANKED[0] or known.max() > RANKED[1]:
        return cube
    note = "governance: every value lies within 0 and 1, as percentile ranks do; estimates run from about -2.5 to 2.5"
    return cube if note in cube.notes else replace(cube, notes=(*cube.notes, note))
