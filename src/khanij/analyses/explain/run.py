"""run"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.explain.tables import (
    ASSESSED,
    NEWEST,
    UNCORRECTED,
    _built,
    _cell,
    _cut,
    _entered,
    _number,
    _ordered,
    _places,
    _value,
    _weights,
)
from khanij.analyses.inputs.cases import case as build
from khanij.analyses.runner import find, run
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.data.lookup import catalogue, citations, lineage


@dataclass(frozen=True, slots=True)
class Explanation:
    """One number with all that lies under it.

    number   what it is: value, equation, parameters, remarks      entered  the values that the method read
    facts    the fact rows behind them                             tables   the reference-table rows they went through
    sources  the records of the sources of the facts
    """

    number: Table
    entered: Table
    facts: Table
    tables: Table
    sources: Table

    def all(self) -> list[Table]:
        """Return the tables from the number down to the sources."""
        return [self.number, self.entered, self.facts, self.tables, self.sources]


def explain(
    method: str,
    focus: str,
    material: str,
    years: int | Sequence[int] | None = None,
    stage: str | None = None,
    variable: str | None = None,
    top: int | None = None,
    **parameters: Any,
) -> Explanation:
    """Return the explanation of one number.

    method    id of a method with one value a material (and stage, focus, year), not one a partner
    focus     country or group; a world indicator has the same value for each
    years     the year (NEWEST if None); several only for a variable without years, which may look at all of them
    stage     the stage with the worst value if None
    variable   another variable than the primary one
    top       so many values and facts a quantity at most, largest first (all if None)
    Raises StudyError for a variable that has no single value, CoverageError where there is no such number.
    """
    chosen, id = find(method), reference.material(material)
    if years is None:
        axes = next((m.axes for m in chosen.variables if m.name == variable), chosen.variables[0].axes)
        years = NEWEST if "year" in axes else ASSESSED
    span = [years] if isinstance(years, int) else sorted(set(years))
    case = build(focus, span)
    result = run(method, case, **parameters)
    cube = result.variable(variable)
    label = _place(chosen, result, cube, case, id, stage)
    cell = _cell(case, label, id, span[-1])
    quantities = [q for q in result.used if not q.startswith(UNCORRECTED) or parameters.get("variant") == "exact"]
    cell = replace(cell, countries=_places(case, quantities, cell))
    weight = _weights(case, quantities, cell)
    found = [lineage.follow(case, q, replace(cell, year=y)) for q in quantities for y in _years(q, span)]
    own = cell.members if "focus" in label else ()
    rows = _ordered([row for table in found for row in table.rows()], own, weight)
    entered = _ordered([row for q in quantities for row in _entered(case, q, cell, span)], own, weight)
    keys = tuple(sorted({f"{row['source']}@{row['edition']}" for row in rows}))
    built = _built(build(focus, span, cell.materials), quantities)
    general = tuple(note for note in result.trace.notes if note not in _built(case, quantities))
    return Explanation(
        _number(chosen, result, cube, label, (*general, *built)),
        _cut("what entered", entered, top, ()),
        _cut("facts", rows, top, tuple(note for table in found for note in table.notes)),
        citations.rows_behind(case, quantities, cell, rows),
        catalogue.citations(keys),
    )


def _years(quantity: str, span: list[int]) -> list[int]:
    """Return the years whose facts are asked for: every one of a yearly attribute, else the last."""
    return span if quantity.startswith("governance") else span[-1:]


def _place(
    method: Method, result: Result, cube: Cube, case: Case, material: str, stage: str | None
) -> dict[str, tuple[str, int]]:
    """Return axis -> (label, position) of the one number asked for; the worst stage with a value if none is named."""
    names = [axis.name for axis in cube.axes]
    if cube.at is not None or not set(names) <= {"material", "stage", "focus", "year"} or "material" not in names:
        raise StudyError(
            f"{cube.quantity} of {method.id} is on {', '.join(names)}: no single number",
            where="--method",
            hint=f"khanij run {method.id} gives its rows",
        )
    years = case.axis("year").codes
    if "year" in names and len(years) > 1:
        raise StudyError("one number has one year", where="--year", hint=f"for instance {years[-1]}")
    wanted = {"material": material, "focus": case.axis("focus").codes[0], "year": years[-1]}
    place = {name: (wanted[name], cube.axis(name).at(wanted[name])) for name in names if name != "stage"}
    if "stage" not in names:
        if stage is not None:
            raise StudyError(f"{cube.quantity} has no stages", where="--stage", hint="leave --stage away")
        if np.isnan(_value(cube, place)):
            raise _missing(result, place, "khanij data check shows what is held")
        return place
    stages = cube.axis("stage").codes
    if stage is not None and stage not in stages:
        raise StudyError(f"{stage!r} is no stage", where="--stage", hint=f"one of {', '.join(stages)}")
    line = np.array([_value(cube, {**place, "stage": (code, k)}) for k, code in enumerate(stages)])
    there = [code for code, value in zip(stages, line, strict=True) if not np.isnan(value)]
    if not there or (stage is not None and stage not in there):
        hint = f"it has a value at {', '.join(there)}" if there else "khanij data check shows what is held"
        at = {"stage": (stage, stages.index(stage))} if stage else {}
        raise _missing(result, {**place, **at}, hint)
    sign = -1.0 if method.higher == "better" else 1.0
    best = stage or max(there, key=lambda code: sign * line[stages.index(code)])
    return {**place, "stage": (best, stages.index(best))}


def _missing(result: Result, place: Mapping[str, tuple[str, int]], hint: str) -> CoverageError:
    """Return the error for a number that is not there, with the reasons that the method gives."""
    names = [axis.name for axis in result.value.axes]
    where = tuple(place[name][1] if name in place else slice(None) for name in names)
    reasons = [text for text, mask in result.remarks.items() if result.value.at is None and mask[where].any()]
    what = f"{result.trace.method} has no value" + (f": {'; '.join(reasons)}" if reasons else "")
    return CoverageError(what, where=" ".join(label for label, _ in place.values()), hint=hint)
