"""Rows of a series with its breaks, and of the change between two years with its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from khanij.analyses.history.tables import PARTS, SERIES
from khanij.analyses.inputs.lineage import Break
from khanij.core.axis import Axis
from khanij.core.result import Result

LABELS = ("material", "stage", "focus", "partner")
ROUNDING = 1e-14  # part of a value below which a contribution is that of rounding
NO_MIX = "imports in one of the two years only: no mix of partners to compare"
UNKNOWN = "a state between the two years cannot be computed"


def holds(found: Break, row: Mapping[str, Any]) -> bool:
    """Tell whether a break is one of the row's series and year."""
    return (
        found.year == row["year"]
        and found.material in (None, row["material"])
        and (found.stage is None or row["stage"] in (None, found.stage))
    )


def between(found: Iterable[Break], row: Mapping[str, Any]) -> str:
    """Return the breaks of a row's series between its two years."""
    mine = [b for b in found if b.material in (None, row["material"]) and (b.stage is None or b.stage == row["stage"])]
    return "; ".join(dict.fromkeys(f"{b.year} {b.words}" for b in mine))


def lines(result: Result, variable: str, years: Sequence[int], stage: str) -> list[dict[str, Any]]:
    """Return the rows of every series with at least one value, a year without any as a row without value.

    stage  only this one; "" = all
    """
    held: dict[tuple[Any, ...], dict[int, dict[str, Any]]] = {}
    for row in result.table(variable).rows():
        if not stage or row["stage"] in (None, stage):
            held.setdefault(tuple(row[name] for name in LABELS), {})[row["year"]] = row
    unit = result.variable(variable).unit
    found = []
    for labels, by_year in held.items():
        known = [year for year, row in by_year.items() if row["value"] is not None]
        for year in (y for y in years if known and known[0] <= y <= known[-1]):
            row = by_year.get(year, {})
            whole = dict(zip(LABELS, labels, strict=True)) | {"year": year}
            whole |= {name: row.get(name) for name in ("value", "low", "high")}
            whole |= {"break": "", "notes": row.get("notes") or ("" if row else "no data"), "unit": unit}
            found.append({name: (whole | {"sources": row.get("sources") or ""})[name] for name in SERIES})
    return found


def changed(
    axes: Sequence[Axis],
    span: tuple[int, int],
    values: np.ndarray,
    parts: np.ndarray,
    groups: Sequence[str],
    blocked: np.ndarray,
    stage: str,
) -> list[dict[str, Any]]:
    """Return one row a cell with a value in both years: the two values, the change and its parts.

    axes     of the indicator without the year            span   the two years
    values   (states, ...) the indicator in every state, that of the first year first, of the last year last
    parts    (groups + 1, ...) what each group of inputs and all others made of the change
    blocked  (material, stage) where there is no mix of partners to compare      stage  only this one; "" = all
    A part that cannot be told is None; a group that the method cannot feel has made 0.
    """
    found = []
    names = [axis.name for axis in axes]
    for at in zip(*np.nonzero(~np.isnan(values[0]) & ~np.isnan(values[-1])), strict=True):
        label = {axis.name: axis.codes[p] for axis, p in zip(axes, at, strict=True)}
        if stage and label.get("stage", stage) != stage:
            continue
        made = dict(zip((*groups, "other"), (float(part[at]) for part in parts), strict=True))
        cell = tuple(at[names.index(name)] for name in ("material", "stage") if name in names)
        mixless = len(cell) == 2 and bool(blocked[cell])
        found.append(_row(label, span, (float(values[0][at]), float(values[-1][at])), made, mixless))
    return found


def _row(
    label: Mapping[str, str],
    span: tuple[int, int],
    ends: tuple[float, float],
    made: Mapping[str, float],
    mixless: bool,
) -> dict[str, Any]:
    """Return one row of the changes."""
    row: dict[str, Any] = {name: label.get(name) for name in ("material", "stage", "focus")}
    row |= {
        "from_year": span[0],
        "to_year": span[1],
        "value_before": ends[0],
        "value_after": ends[1],
        "change": ends[1] - ends[0],
    }
    least = ROUNDING * max(map(abs, ends))
    kept = {name: 0.0 if abs(part) < least else part for name, part in made.items()}
    row |= {name: kept.get(name, 0.0) for name in PARTS}
    untold = mixless or any(np.isnan(row[name]) for name in PARTS)
    reason = (NO_MIX if mixless else UNKNOWN) if untold else ""
    return row | (dict.fromkeys(PARTS) if untold else {}) | {"break": "", "notes": reason}
