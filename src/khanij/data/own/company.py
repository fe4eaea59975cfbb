"""A firm instead of a country: its own purchases take the place of recorded imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube, Floats
from khanij.core.errors import StudyError
from khanij.data.cubes import build
from khanij.data.own import purchases as file

COMPANY = "COMPANY"
KEPT = ("world_production", "governance", "price")
FLOW = ("material", "stage", "exporter", "importer", "year")


def read(path: Path | str, years: Iterable[int], materials: Iterable[str] | None = None) -> Case:
    """Return the Case of a firm: focus COMPANY, whose imports are the purchases in a file.

    path       CSV or XLSX with material, country, tonnes and, if wanted, stage, year, share (content, 0 to 1)
    years      years of the Case; a purchase without a year counts in each of them
    materials  ids or names; those in the file if None
    The firm has no output of its own, so its score is that of what it buys. Wherever a supplier sits, even in the
    firm's own country, it counts with that country's instability.
    Raises StudyError on a bad file, or if no purchase is of these years and materials.
    """
    found, notes = file.read(Path(path))
    bought, countries = file.suppliers(found)
    case = build.build([countries[0]], list(years), list(bought if materials is None else materials))
    return apply(case, found, notes)


def apply(case: Case, found: Iterable[file.Purchase], notes: tuple[str, ...] = ()) -> Case:
    """Return the Case with the purchases as the only trade and COMPANY as the only focus.

    Purchases of a material or year that the Case lacks are left out, and a note says how many.
    """
    bought = list(found)
    axes = dict(case.axes)
    axes["country"] = Axis("country", (*case.axis("country").codes, COMPANY))
    axes["partner"] = Axis("partner", axes["country"].codes)
    axes["focus"] = Axis("focus", (COMPANY,))
    years = axes["year"].codes
    rows = [
        (p.material, p.stage, p.country, COMPANY, year, p.tonnes)
        for p in bought
        if p.material in axes["material"]
        for year in (years if p.year is None else [str(p.year)])
        if year in axes["year"] and p.tonnes > 0
    ]
    if not rows:
        raise StudyError(
            f"no purchase of {', '.join(years)} among the materials asked",
            where="--purchases",
            hint="--year with a year of the file, or a file without years",
        )
    left = sum(p.material not in axes["material"] or not (p.year is None or str(p.year) in years) for p in bought)
    cubes = {quantity: _wider(case.cube(quantity), axes) for quantity in KEPT if quantity in case.cubes}
    cubes |= {"production": _without_output(case, axes), "membership": _alone(axes)}
    cubes |= _trade(rows, axes)
    said = (*case.notes, *notes, "imports are the firm's own purchases; it has no output of its own")
    if left:
        said = (*said, f"purchases of other years or materials left out, number: {left}")
    return Case(axes, cubes, manifest="", notes=said)


def _trade(rows: list[tuple[str, str, str, str, str, float]], axes: dict[str, Axis]) -> dict[str, Cube]:
    """Return the purchases as trade, and where there is trade; purchases of one cell and supplier are added."""
    named = tuple(Axis(d, axes["country"].codes) if d in FLOW[2:4] else axes[d] for d in FLOW)
    summed: dict[tuple[str, ...], float] = {}
    for *labels, tonnes in rows:
        key = tuple(map(str, labels))
        summed[key] = summed.get(key, 0.0) + float(tonnes)
    at = np.array([[a.at(label) for a, label in zip(named, key, strict=True)] for key in summed], dtype=np.intp).T
    trade = Cube("trade", "t", named, np.array(list(summed.values())), at, sources=("user",))
    cells = tuple(axes[name] for name in ("material", "stage", "year"))
    there = np.zeros(tuple(map(len, cells)))
    there[at[0], at[1], at[4]] = 1.0
    return {"trade": trade, "trade_covered": Cube("trade_covered", "1", cells, there, sources=("user",))}


def _alone(axes: dict[str, Axis]) -> Cube:
    """Return the membership of a firm: itself, in every year."""
    named = tuple(axes[name] for name in ("focus", "country", "year"))
    values = np.zeros(tuple(map(len, named)))
    values[:, -1] = 1.0
    return Cube("membership", "1", named, values, sources=("user",))


def _wider(cube: Cube, axes: dict[str, Axis], fill: float = np.nan) -> Cube:
    """Return a dense cube with one more code on its country axis, not known there."""
    names = [axis.name for axis in cube.axes]
    if "country" not in names:
        return cube
    k = names.index("country")
    wide = [(0, int(j == k)) for j in range(len(names))]
    low, high = (None if b is None else np.pad(b, wide, constant_values=fill) for b in (cube.low, cube.high))
    values = np.pad(cube.values, wide, constant_values=fill)
    origin = None if cube.origin is None else np.pad(cube.origin, wide, constant_values=-1)
    named = tuple(axes[name] for name in names)
    return replace(cube, axes=named, values=values, low=low, high=high, origin=origin)


def _without_output(case: Case, axes: dict[str, Axis]) -> Cube:
    """Return world output with none of the firm's own, wherever output of anyone is known."""
    cube = _wider(case.cube("production"), axes)
    k = [axis.name for axis in cube.axes].index("country")
    nobody = np.isnan(np.moveaxis(cube.values, k, -1)).all(axis=-1)

    def none(array: Floats) -> Floats:
        filled = np.moveaxis(array.copy(), k, -1)
        filled[..., -1] = np.where(nobody, np.nan, 0.0)
        return np.moveaxis(filled, -1, k)

    low, high = (None if end is None else none(end) for end in (cube.low, cube.high))
    return replace(cube, values=none(cube.values), low=low, high=high)
