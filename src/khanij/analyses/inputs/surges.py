"""Flows into a country that rose many times over within a year: set aside and named, for they say nothing of need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij.analyses.inputs.earlier import Flow, by_exporter, earlier, is_covered
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.reference.assumptions import assumed

SPAN = 3  # years before that a flow is held against: an odd number, so that the median is one of them


@dataclass(frozen=True, slots=True)
class Surge:
    """One flow of goods into the focus, kUSD.

    value   in the year          before  the median of the years before
    part    share of the imports of the material and stage that are not set aside
    """

    material: str
    stage: str
    exporter: str
    value: float
    before: float
    part: float
    sources: tuple[str, ...]


def surges(case: Case) -> tuple[Surge, ...]:
    """Return the flows into a Case's one focus that are set aside, by value; none where earlier years are not held.

    A flow is a surge where its sender is no known maker of the material and it is surge_factor times the median of the
    SPAN years before, at least surge_share of the imports of its material and stage that are not set aside, and at
    least surge_value (rows of assumptions.csv). A form without trade data in each of these years has none.
    """
    if not case.manifest or "trade_value" not in case.cubes:
        return ()
    now, least = by_exporter(case), assumed("surge_value", case) * 1000.0
    makers = _makers(case)
    large = {key for key, value in now.items() if value >= least and (key[0], key[2]) not in makers}
    year = int(case.axis("year").codes[-1])
    held = earlier(case, range(year - SPAN, year), sorted({material for material, *_ in large}))
    if held is None:
        return ()
    past = [by_exporter(held, at) for at in range(SPAN)]
    before = {key: sorted(values.get(key, 0.0) for values in past)[SPAN // 2] for key in large}
    leapt = {key for key in large if is_covered(held, key[:2])}
    leapt = {key for key in leapt if now[key] >= assumed("surge_factor", case) * before[key]}
    found: list[Surge] = []
    left = dict(now)
    while True:  # what is small beside one surge may be large beside the rest
        whole = _wholes(left)
        parts = {key: left[key] / whole[key[:2]] for key in leapt if key in left}
        gone = [key for key, part in parts.items() if part >= assumed("surge_share", case)]
        if not gone:
            return tuple(sorted(found, key=lambda surge: (-surge.value, surge.material, surge.stage, surge.exporter)))
        found += [Surge(*key, now[key], before[key], parts[key], case.cube("trade_value").sources) for key in gone]
        left = {key: value for key, value in left.items() if key not in gone}


def _makers(case: Case) -> set[tuple[str, str]]:
    """Return (material, country) of every country with known output of the material at any stage."""
    if "production" not in case.cubes:
        return set()
    made = (case.array("production", "material", "stage", "country", "year")[..., -1] > 0).any(axis=1)
    materials, countries = case.axis("material").codes, case.axis("country").codes
    return {(materials[m], countries[c]) for m, c in zip(*np.nonzero(made), strict=True)}


def _wholes(flows: Mapping[Flow, float]) -> dict[tuple[str, str], float]:
    """Return the imports by material and stage."""
    whole: dict[tuple[str, str], float] = {}
    for (material, stage, _), value in flows.items():
        whole[material, stage] = whole.get((material, stage), 0.0) + value
    return whole


def without(case: Case, found: Sequence[Surge]) -> Case:
    """Return the Case without these flows, by value and by tonnes; it keeps its hash, since they follow from it."""
    if not found:
        return case
    gone = {(surge.material, surge.stage, surge.exporter) for surge in found}
    cubes = {name: _dropped(case, case.cube(name), gone) for name in ("trade_value", "trade") if name in case.cubes}
    return replace(case.with_cubes(f"{len(found)} flows set aside as surges", **cubes), manifest=case.manifest)


def _dropped(case: Case, cube: Cube, gone: set[Flow]) -> Cube:
    """Return a cube of flows without those of these keys into the focus."""
    assert cube.at is not None
    inside = (case.array("membership", "focus", "country", "year")[0] > 0).any(axis=1)
    axes = [axis.codes for axis in cube.axes]
    keep = np.ones(cube.values.shape[-1], dtype=bool)
    for e in np.nonzero(inside[cube.at[3]])[0]:
        keep[e] = (axes[0][cube.at[0, e]], axes[1][cube.at[1, e]], axes[2][cube.at[2, e]]) not in gone
    parts: dict[str, Any] = {name: getattr(cube, name) for name in ("values", "low", "high", "origin")}
    kept: dict[str, Any] = {name: None if array is None else array[..., keep] for name, array in parts.items()}
    return replace(cube, at=cube.at[:, keep], **kept)
