"""An indicator through the years with every break of the data, or what moved it between two years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from khanij.analyses import runner
from khanij.analyses.history import series as lines
from khanij.analyses.history import tables, words
from khanij.analyses.history.request import HistoryRequest
from khanij.analyses.inputs import absent
from khanij.analyses.inputs.lineage import breaks
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.kernels.indicators.decomposition import shapley, subsets
from khanij.methods import decomposition as states


def answer(request: HistoryRequest, case: Case, job: Job) -> Answer:
    """Return the series of an indicator, or the parts of its change between the first and the last year."""
    method = runner.find(request.method)
    parameters = runner.settings(method, request.set)
    return (
        changes(request, case, method, parameters) if request.decompose else series(request, case, method, parameters)
    )


def series(request: HistoryRequest, case: Case, method: Method, parameters: Mapping[str, Any]) -> Answer:
    """Return one row a material, stage and year: value, range, break, notes and sources.

    A series runs from its first to its last year with a value; years between without any are listed with the reason,
    and so are those of a mineral that was asked before and behind.
    """
    result = runner.run(method.id, case, **parameters)
    variable = runner.variable(method.id, request.variable)
    span = [int(code) for code in case.axis("year").codes]
    found = breaks(case, [q for q in _reads(method, case) if q in result.used], span)
    rows = lines.lines(result, variable.name, span, request.stage)
    for row in rows:
        row["break"] = "; ".join(b.words for b in found if lines.holds(b, row))
    rows, added = absent.complete(
        rows,
        {"material": request.material, "year": request.year} if request.material else {},
        lambda one: absent.reason(method, case, one, result, request.stage),
        fill={
            "focus": request.focus,
            "stage": request.stage or None,
            "unit": variable.unit,
            "break": "",
            "sources": "",
        },
        where=f"{method.id}, {request.focus}, {absent.spans(request.year)}",
    )
    return Answer(
        request,
        (
            tables.series(method, variable, request.focus, [*rows, *added], result.trace.notes),
            tables.lines(method, variable, request.focus, rows, request.command()),
        ),
        (*words.series(method, variable, request.focus, rows), *absent.sentences(added)),
        results={method.id: result},
        sources=result.trace.sources,
        manifest=case.manifest,
    )


def changes(request: HistoryRequest, case: Case, method: Method, parameters: Mapping[str, Any]) -> Answer:
    """Return what moved an indicator between two years: the parts of concentration, governance, reliance and others.

    The parts are Shapley values over the groups of inputs (states.MEANING): the mean effect of a group over every order
    in which the groups could have changed. They add up to the change.
    """
    span = (request.year[0], request.year[-1])
    reads = _reads(method, case)
    held = tuple(dict.fromkeys((*reads, "membership", *(("production",) if "world_production" in reads else ()))))
    two = states.two_years(case, held, span)
    groups = states.touched(reads)
    values, result = _states(method, two, held, groups, request.variable, parameters)
    found = breaks(case, result.used, range(span[0], span[1] + 1))
    variable = runner.variable(method.id, request.variable)
    axes = [axis for axis in result.variable(variable.name).axes if axis.name != "year"]
    blocked = states.without_mix(two, reads)
    rows = lines.changed(axes, span, values, shapley(values), groups, blocked, request.stage)
    for row in rows:
        row["break"] = lines.between(found, row)
    if not rows:
        where = f"{request.focus}, {span[0]} and {span[1]}"
        hint = "khanij history without --decompose shows the years that have one"
        raise CoverageError(f"{method.id} has no value in both years", where=where, hint=hint)
    rows, added = absent.complete(
        rows,
        {"material": request.material},
        lambda one: f"no value in both years; {absent.reason(method, two, one, None, request.stage)}",
        fill={
            "focus": request.focus,
            "stage": request.stage or None,
            "from_year": span[0],
            "to_year": span[1],
            "break": "",
        },
        where=f"{method.id}, {request.focus}",
    )
    return Answer(
        request,
        (
            tables.changes(
                method, variable, request.focus, span, [*rows, *added], (*states.MEANING.items(),), result.trace.notes
            ),
        ),
        (*words.changes(method, variable, request.focus, rows), *absent.sentences(added)),
        results={method.id: result},
        sources=result.trace.sources,
        manifest=case.manifest,
    )


def _reads(method: Method, case: Case) -> tuple[str, ...]:
    """Return the quantities that the method can read from the Case."""
    return (*method.needs, *(quantity for quantity in method.optional if quantity in case.cubes))


def _states(
    method: Method,
    case: Case,
    held: tuple[str, ...],
    groups: Sequence[str],
    variable: str,
    parameters: Mapping[str, Any],
) -> tuple[np.ndarray, Result]:
    """Return the indicator in every state between the years (2^(K+1), ...), and the Result of the years themselves.

    In a Case whose groups have changed places, the earlier year holds the new facts of these groups and else the old;
    the later year holds the opposite, and every other input of its own: so its value is the state of the complement.
    """
    count = len(groups)
    new = subsets(count)
    values: list[Any] = [None] * 2 ** (count + 1)
    result = None
    for number, row in enumerate(new):
        swapped = [group for group, is_new in zip(groups, row, strict=True) if is_new]
        state = runner.run(method.id, states.mixed(case, held, swapped), **parameters)
        result = state if result is None else result
        cube = state.variable(variable or None)
        year = [axis.name for axis in cube.axes].index("year")
        values[number] = np.take(cube.values, 0, axis=year)
        values[2 ** (count + 1) - 1 - number] = np.take(cube.values, 1, axis=year)
    assert result is not None
    return np.stack(values), result
