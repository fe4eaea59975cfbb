"""A Case between two years: some of its facts of one year, the rest of the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.errors import StudyError

CONCENTRATION, GOVERNANCE, RELIANCE = "concentration", "governance", "reliance"
GROUPS = (CONCENTRATION, GOVERNANCE, RELIANCE)
WHOLE = {
    "governance": GOVERNANCE,
    "governance_error": GOVERNANCE,
    "peer_instability": GOVERNANCE,
    "peer_production": CONCENTRATION,
    "peer_trade_mass": RELIANCE,
    "peer_trade_value": RELIANCE,
    "trade_covered": RELIANCE,
    "trade_value_covered": RELIANCE,
}
FLOWS = ("trade", "trade_value", "trade_massless")
SPLIT = {"production": {CONCENTRATION, RELIANCE}, "world_production": {CONCENTRATION, RELIANCE}}
MEANING = {
    CONCENTRATION: "who else makes it, and which partners the imports come from",
    GOVERNANCE: "governance scores of the countries",
    RELIANCE: "own output, and how much is imported and exported",
    "other": "every other input that changes with the year (prices, trailing windows, national product, members)",
}


def touched(quantities: Collection[str]) -> tuple[str, ...]:
    """Return the groups of inputs that a method which reads these quantities can feel."""
    groups: set[str] = {WHOLE[q] for q in quantities if q in WHOLE and not q.endswith("_covered")}
    for quantity in quantities:
        groups |= SPLIT.get(quantity, set())
        groups |= {CONCENTRATION, RELIANCE} if quantity in FLOWS else set()
    return tuple(group for group in GROUPS if group in groups)


def two_years(case: Case, quantities: Collection[str], years: tuple[int, int]) -> Case:
    """Return the Case of two of its years, with the cubes of these quantities.

    A cube on years of its own (a price series) stays whole. Raises AlignmentError for a year that the Case has not.
    """
    codes = tuple(map(str, years))
    span = case.axis("year").codes
    cubes = {}
    for quantity in quantities:
        cube = case.cube(quantity)
        yearly = any(axis.name == "year" and axis.codes == span for axis in cube.axes)
        cubes[quantity] = cube.narrowed("year", codes) if yearly else cube
    return replace(case, axes={**case.axes, "year": Axis("year", codes)}, cubes=cubes)


def mixed(case: Case, quantities: Collection[str], swapped: Collection[str]) -> Case:
    """Return the Case of two years in which the facts of the swapped groups have changed places between the years.

    case        one focus, two years
    quantities  the cubes that the new Case holds
    swapped     some of GROUPS
    Imports that are taken from one year in mix and from the other in amount are scaled partner by partner. Raises
    StudyError for another number of years or foci.
    """
    if len(case.axis("year")) != 2 or len(case.axis("focus")) != 1:
        raise StudyError("a change is one of one focus between two years", where="history", hint="one COUNTRY")
    member = (case.array("membership", "focus", "country", "year")[0] > 0).any(axis=1)
    flip = {group: group in swapped for group in GROUPS}
    cubes = {}
    for quantity in quantities:
        cube = case.cube(quantity)
        if quantity == "production":
            cubes[quantity] = _output(cube, member, flip)
        elif quantity == "world_production":
            cubes[quantity] = _world(cube, case.cube("production"), member, flip)
        elif quantity in FLOWS:
            cubes[quantity] = _flows(cube, member, flip)
        else:
            cubes[quantity] = _turned(cube) if flip.get(WHOLE.get(quantity, ""), False) else cube
    return Case(case.axes, cubes, notes=case.notes)


def without_mix(case: Case, quantities: Collection[str]) -> np.ndarray:
    """Return (material, stage) true where the focus imports in one of the two years only: there is no mix to swap."""
    member = (case.array("membership", "focus", "country", "year")[0] > 0).any(axis=1)
    found = np.zeros((len(case.axis("material")), len(case.axis("stage"))), dtype=bool)
    for quantity in ("trade", "trade_value"):
        if quantity in quantities:
            cube = case.cube(quantity)
            assert cube.at is not None
            level = _levels(cube, member)
            found |= (level > 0).sum(axis=-1) == 1
    return found


def _year(cube: Cube) -> int | None:
    """Return where the year axis of a cube stands, None if it has none."""
    names = [axis.name for axis in cube.axes]
    return names.index("year") if "year" in names else None


def _turned(cube: Cube) -> Cube:
    """Return a cube whose two years have changed places."""
    k = _year(cube)
    if k is None:
        return cube
    if cube.at is not None:
        at = cube.at.copy()
        at[k] = 1 - at[k]
        return replace(cube, at=at)
    arrays = {name: getattr(cube, name) for name in ("values", "low", "high", "origin")}
    return replace(cube, **{name: a if a is None else np.flip(a, axis=k) for name, a in arrays.items()})


def _output(cube: Cube, member: np.ndarray, flip: Mapping[str, bool]) -> Cube:
    """Return output in which the focus's own rows are swapped with reliance, those of others with concentration."""
    own, others = (_turned(cube) if flip[group] else cube for group in (RELIANCE, CONCENTRATION))
    mask = member.reshape([-1 if axis.name == "country" else 1 for axis in cube.axes])
    arrays = {}
    for name in ("values", "low", "high", "origin"):
        first, second = getattr(own, name), getattr(others, name)
        arrays[name] = None if first is None else np.where(mask, first, second)
    return replace(cube, **arrays)


def _world(cube: Cube, output: Cube, member: np.ndarray, flip: Mapping[str, bool]) -> Cube:
    """Return world totals: own output goes with reliance, all the rest with concentration."""
    if flip[RELIANCE] == flip[CONCENTRATION]:
        return _turned(cube) if flip[RELIANCE] else cube
    at = [axis.name for axis in output.axes].index("country")
    own = np.nansum(np.compress(member, output.values, axis=at), axis=at)
    rest = cube.values - own
    turned: Floats = np.flip(own, axis=-1) if flip[RELIANCE] else own
    return replace(cube, values=(np.flip(rest, axis=-1) if flip[CONCENTRATION] else rest) + turned, origin=None)


def _levels(cube: Cube, member: np.ndarray) -> Floats:
    """Return imports of the focus (material, stage, year), trade among its members left out."""
    assert cube.at is not None
    material, stage, exporter, importer, year = cube.at
    bought = member[importer] & ~member[exporter]
    sizes = tuple(len(cube.axes[k]) for k in (0, 1, 4))
    flat = np.ravel_multi_index((material, stage, year), sizes)[bought]
    return np.bincount(flat, weights=cube.values[bought], minlength=int(np.prod(sizes))).reshape(sizes)


def _flows(cube: Cube, member: np.ndarray, flip: Mapping[str, bool]) -> Cube:
    """Return flows: the mix of the focus's imports goes with concentration, their amount and its exports with reliance.

    Flows among other countries go with concentration.
    """
    assert cube.at is not None
    material, stage, exporter, importer, year = cube.at
    bought = member[importer] & ~member[exporter]
    sold = member[exporter]
    moved = np.where(sold, flip[RELIANCE], flip[CONCENTRATION])
    target = np.where(moved, 1 - year, year)
    level = _levels(cube, member)
    amount_of = 1 - target if flip[RELIANCE] else target
    own = level[material, stage, year]
    scale = np.where(bought & (own > 0), level[material, stage, amount_of] / np.where(own > 0, own, 1.0), 1.0)
    arrays = {name: getattr(cube, name) for name in ("values", "low", "high")}
    scaled = {name: None if array is None else array * scale for name, array in arrays.items()}
    return replace(cube, at=np.stack([material, stage, exporter, importer, target]), **scaled)
