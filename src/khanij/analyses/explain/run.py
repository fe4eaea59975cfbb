"""One number followed down to the fact rows behind it and the works that they cite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from khanij.analyses import runner
from khanij.analyses.explain import tables, words
from khanij.analyses.explain.entered import cell_of, entered, ordered, places, value_at, weights
from khanij.analyses.explain.request import ExplainRequest
from khanij.analyses.inputs import absent, lineage
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.core.registry import Method
from khanij.core.result import Result

UNCORRECTED = "peer_"
HANDED = "the Case was handed in: its numbers are its own, and no row of the store stands behind them"


def answer(request: ExplainRequest, case: Case, job: Job) -> Answer:
    """Return the number, what entered it, the fact rows, the reference rows they went through, and the sources.

    Raises CoverageError where there is no such number, with the reasons that the method gives.
    """
    method, span = runner.find(request.method), list(request.years())
    parameters = runner.settings(method, request.set)
    result = runner.run(method.id, case, **parameters)
    cube = result.variable(request.variable or None)
    place = _place(method, result, cube, case, request)
    cell = cell_of(case, place, request.material, span[-1])
    quantities = [q for q in result.used if not q.startswith(UNCORRECTED) or parameters.get("variant") == "exact"]
    cell = replace(cell, countries=places(case, quantities, cell))
    weight, own = weights(case, quantities, cell), cell.members if "focus" in place else ()
    read = ordered([row for q in quantities for row in entered(case, q, cell, span)], own, weight)
    notes = _notes(case, result, quantities, cell.materials)
    number = tables.number(method, result, cube, place, notes)
    top = request.top or None
    found = [tables.entered(read, top)]
    rows: list[dict[str, Any]] = []
    if case.manifest:
        facts = [lineage.facts(case, q, replace(cell, year=y)) for q in quantities for y in _years(q, span)]
        rows = ordered([row for table in facts for row in table.rows()], own, weight)
        keys = sorted({f"{row['source']}@{row['edition']}" for row in rows})
        found.append(tables.facts(rows, top, tuple(note for table in facts for note in table.notes)))
        found.append(tables.reference_rows(lineage.reference_rows(case, quantities, cell, rows)))
        found.append(tables.sources(lineage.sources(keys)))
    whose = runner.of_the_eu(method, request.focus)
    of_eu = (f"{whose}.",) if whose else ()
    return Answer(
        request,
        (number, *found),
        (words.number(method, cube, place), *of_eu, words.stands_on(read, rows, HANDED)),
        results={method.id: result},
        sources=result.trace.sources,
        manifest=case.manifest,
    )


def _notes(case: Case, result: Result, quantities: Sequence[str], materials: Sequence[str]) -> tuple[str, ...]:
    """Return what was decided on the way: by the method, and while the cubes of these materials were built."""
    built = {note for q in quantities if q in case.cubes for note in case.cube(q).notes}
    general = tuple(note for note in result.trace.notes if note not in built)
    return (*general, *lineage.building_notes(case, quantities, materials))


def _years(quantity: str, span: list[int]) -> list[int]:
    """Return the years whose facts are asked for: every one of a yearly attribute, else the last."""
    return span if quantity.startswith("governance") else span[-1:]


def _place(
    method: Method, result: Result, cube: Cube, case: Case, request: ExplainRequest
) -> dict[str, tuple[str, int]]:
    """Return axis -> (label, position) of the one number asked for; the worst stage with a value if none is named."""
    names = [axis.name for axis in cube.axes]
    wanted = {"material": request.material, "focus": case.axis("focus").codes[0], "year": str(request.years()[-1])}
    place = {name: (wanted[name], cube.axis(name).at(wanted[name])) for name in names if name != "stage"}
    if "stage" not in names:
        if np.isnan(value_at(cube, place)):
            raise _missing(case, result, place, "khanij data check shows what is held")
        return place
    stages, stage = cube.axis("stage").codes, request.stage
    line = np.array([value_at(cube, {**place, "stage": (code, k)}) for k, code in enumerate(stages)])
    there = [code for code, value in zip(stages, line, strict=True) if not np.isnan(value)]
    if not there or (stage and stage not in there):
        hint = f"it has a value at {', '.join(there)}" if there else "khanij data check shows what is held"
        at = {"stage": (stage, stages.index(stage))} if stage in stages else {}
        raise _missing(case, result, {**place, **at}, hint)
    sign = -1.0 if method.higher == "better" else 1.0
    best = stage or max(there, key=lambda code: sign * line[stages.index(code)])
    return {**place, "stage": (best, stages.index(best))}


def _missing(case: Case, result: Result, place: Mapping[str, tuple[str, int]], hint: str) -> CoverageError:
    """Return the error for a number that is not there, with the reasons that the method or the Case gives."""
    labels = {name: label for name, (label, _) in place.items()}
    years = (int(labels["year"]),) if "year" in labels else ()
    one = absent.Absent({"material": labels["material"]}, years)
    method = runner.find(result.trace.method)
    reason = absent.reason(method, case, one, result, labels.get("stage", ""))
    return CoverageError(f"{method.id} has no value: {reason}", where=" ".join(labels.values()), hint=hint)
