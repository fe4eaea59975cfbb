"""An indicator through the years: its series with every break of the data, and what moved it between two years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from khanij.core.case import Case
from khanij.core.result import Result
from khanij.data.lookup.breaks import Break, breaks
from khanij.methods import decomposition as states

LABELS = ("material", "stage", "focus", "partner")
ROUNDING = 1e-14  # part of a value below which a contribution is that of rounding
NO_MIX = "imports in one of the two years only: no mix of partners to compare"
UNKNOWN = "a state between the two years cannot be computed"


def _holds(found: Break, row: Mapping[str, Any]) -> bool:
    """Tell whether a break is one of the row's series and year."""
    return (
        found.year == row["year"]
        and found.material in (None, row["material"])
        and (found.stage is None or row["stage"] in (None, found.stage))
    )


def _lines(result: Result, variable: str | None, years: list[int], stage: str | None) -> list[dict[str, Any]]:
    """Return the rows of every series with at least one value, a year without any as a row without value."""
    lines: dict[tuple[Any, ...], dict[int, dict[str, Any]]] = {}
    for row in result.table(variable).rows():
        if stage is None or row["stage"] in (None, stage):
            lines.setdefault(tuple(row[name] for name in LABELS), {})[row["year"]] = row
    out = []
    for labels, held in lines.items():
        known = [year for year, row in held.items() if row["value"] is not None]
        for year in (y for y in years if known and known[0] <= y <= known[-1]):
            row = held.get(year, {})
            whole = dict(zip(LABELS, labels, strict=True)) | {"year": year}
            whole |= {name: row.get(name) for name in ("value", "low", "high")}
            whole |= {"unit": result.variable(variable).unit, "break": ""}
            whole |= {"notes": row.get("notes") or ("" if row else "no data"), "sources": row.get("sources") or ""}
            del whole["partner"]
            out.append(whole)
    return out


def _change(
    label: Mapping[str, str], years: list[int], ends: tuple[float, float], parts: Mapping[str, float]
) -> dict[str, Any]:
    """Return a row: labels, the two values, the change and its parts; a group that the method cannot feel is 0."""
    row: dict[str, Any] = {name: label.get(name) for name in ("material", "stage", "focus")}
    row |= {"from_year": years[0], "to_year": years[1], "before": ends[0], "after": ends[1]}
    row["change"] = ends[1] - ends[0]
    least = ROUNDING * max(map(abs, ends))
    kept = {name: 0.0 if abs(part) < least else part for name, part in parts.items()}
    return row | {name: kept.get(name, 0.0) for name in (*states.GROUPS, "other")} | {"break": "", "notes": ""}


def _finish(row: dict[str, Any], mixless: bool, found: tuple[Break, ...]) -> None:
    """Add breaks and reasons to a row; where a state is unknown, no part is given."""
    names = (*states.GROUPS, "other")
    if mixless or any(np.isnan(row[name]) for name in names):
        row |= dict.fromkeys(names)
        row["notes"] = NO_MIX if mixless else UNKNOWN
    mine = [b for b in found if b.material in (None, row["material"]) and (b.stage is None or b.stage == row["stage"])]
    row["break"] = "; ".join(dict.fromkeys(f"{b.year} {b.words}" for b in mine))


def _between(case: Case, used: Iterable[str], span: list[int]) -> tuple[Break, ...]:
    """Return the breaks of the quantities between the two years."""
    return breaks(case, used, range(span[0], span[1] + 1))
