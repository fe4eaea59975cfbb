"""World output as other publishers have it, where they are far from the one whose figure is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from khanij.analyses.inputs import facts as queries
from khanij.analyses.inputs.cases import case as build
from khanij.core.case import Case
from khanij.core.number import Key
from khanij.reference.assumptions import assumed


@dataclass(frozen=True, slots=True)
class OtherPublisher:
    """What another publisher says of one stage: world output, t, who makes most of it and what part."""

    output: float
    first: str
    part: float
    source: str


def others(case: Case) -> Mapping[Key, OtherPublisher]:
    """Return (material, stage) -> the other publisher that is farthest from the one taken, in a Case's last year.

    Only where world output, or the part of the largest maker, differs by more than publishers_ratio times. None for a
    Case made by hand, and where no other publisher covers the stage.
    """
    if not case.manifest or "world_production" not in case.cubes:
        return {}
    year, most = int(case.axis("year").codes[-1]), assumed("publishers_ratio", case)
    own, found = _read(case), dict[Key, tuple[float, OtherPublisher]]()
    for source in queries.providers("production"):
        rotated = build(case.axis("focus").codes, year, case.axis("material").codes, {"production": (source,)})
        for key, said in _read(rotated).items():
            if key not in own or said.source.partition("@")[0] != source or said.source == own[key].source:
                continue
            pairs = (said.output / own[key].output, said.part / max(own[key].part, 1e-9))
            apart = max(max(ratio, 1 / max(ratio, 1e-9)) for ratio in pairs)
            if apart > most and apart > found.get(key, (0.0, said))[0]:
                found[key] = apart, said
    return {key: said for key, (_, said) in found.items()}


def _read(case: Case) -> dict[Key, OtherPublisher]:
    """Return (material, stage) -> world output in the last year, its largest maker and part, and who says so."""
    world, made = case.cube("world_production"), case.array("production", "material", "stage", "country", "year")
    materials, stages, countries = (case.axis(name).codes for name in ("material", "stage", "country"))
    found = {}
    for m, s in zip(*np.nonzero(world.values[..., -1] > 0), strict=True):
        parts = np.nan_to_num(made[m, s, :, -1])
        origin = -1 if world.origin is None else int(world.origin[m, s, -1])
        if parts.max() > 0 and origin >= 0:
            whole, first = float(world.values[m, s, -1]), int(parts.argmax())
            said = OtherPublisher(whole, countries[first], float(parts[first] / whole), world.sources[origin])
            found[materials[m], stages[s]] = said
    return found
