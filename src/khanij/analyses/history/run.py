"""run"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from khanij.analyses.history.tables import _between, _change, _finish, _holds, _lines
from khanij.analyses.inputs.cases import case as build
from khanij.analyses.runner import find, run
from khanij.core.case import Case
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.core.table import Table
from khanij.data.lookup.breaks import breaks
from khanij.kernels.decomposition import shapley, subsets
from khanij.methods import decomposition as states


def _reads(method: Method, case: Case) -> tuple[str, ...]:
    """Return the quantities that the method can read from the Case."""
    return (*method.needs, *(quantity for quantity in method.optional if quantity in case.cubes))


def _yearly(method: Method, variable: str | None) -> None:
    """Refuse a variable without years, or with partners, which has no single line to follow."""
    chosen = [m for m in method.variables if m.name == (variable or method.variables[0].name)]
    if not chosen:
        known = ", ".join(m.name for m in method.variables)
        raise StudyError(f"{method.id} has no variable {variable!r}", where="--variable", hint=f"one of {known}")
    axes = chosen[0].axes
    if "year" not in axes or "partner" in axes:
        reason = "does not change with the year" if "year" not in axes else "has one value a partner"
        raise StudyError(
            f"{chosen[0].name} of {method.id} {reason}", where="--method", hint="khanij methods lists axes"
        )


def series(
    focus: str,
    method: str,
    years: Iterable[int],
    materials: str | Iterable[str] | None = None,
    stage: str | None = None,
    variable: str | None = None,
    **parameters: Any,
) -> Table:
    """Return one row a material, stage and year: value, range, break, notes and sources.

    focus      country or group
    method     id of an indicator with years
    years      years of the series
    materials  ids or names; all if None
    stage      only this stage
    variable    another variable than the primary one
    A series runs from its first to its last year with a value; years between without any are listed with the reason.
    Raises StudyError, CoverageError.
    """
    chosen = find(method)
    _yearly(chosen, variable)
    case = build(focus, years, materials)
    result = run(method, case, **parameters)
    span = [int(code) for code in case.axis("year").codes]
    found = breaks(case, [q for q in _reads(chosen, case) if q in result.used], span)
    rows = _lines(result, variable, span, stage)
    for row in rows:
        row["break"] = "; ".join(b.words for b in found if _holds(b, row))
    if not rows:
        raise CoverageError(f"{method} has no value", where=f"{focus}, {span[0]}-{span[-1]}", hint="khanij data check")
    notes = ("break: the year whose facts are of another kind than those of the year before", *result.trace.notes)
    return Table.of(f"{method} of {', '.join(case.axis('focus').codes)} ({rows[0]['unit']})", rows, notes=notes)


def decompose(
    focus: str,
    method: str,
    first: int,
    last: int,
    materials: str | Iterable[str] | None = None,
    stage: str | None = None,
    variable: str | None = None,
    **parameters: Any,
) -> Table:
    """Return what moved an indicator between two years: the parts of concentration, governance, reliance and others.

    The parts are Shapley values over the groups of inputs (states.MEANING): the mean effect of a group over every order
    in which the groups could have changed. They add up to the change. Arguments as in `series`; first and last are the
    two years. Raises StudyError, CoverageError.
    """
    chosen = find(method)
    _yearly(chosen, variable)
    if first == last:
        raise StudyError("a change needs two years", where="--year", hint="for instance 2015-2024")
    span = sorted((first, last))
    case = build(focus, span, materials)
    reads = _reads(chosen, case)
    held = tuple(dict.fromkeys((*reads, "membership", *(("production",) if "world_production" in reads else ()))))
    groups = states.touched(reads)
    values, result = _states(chosen, case, held, groups, variable, parameters)
    parts = shapley(values)
    found = _between(build(focus, range(span[0], span[1] + 1), materials), result.used, span)
    blocked = states.without_mix(case, reads)
    rows = []
    cube = result.variable(variable)
    names = [axis.name for axis in cube.axes if axis.name != "year"]
    for at in zip(*np.nonzero(~np.isnan(values[0]) & ~np.isnan(values[-1])), strict=True):
        label = {name: cube.axis(name).codes[p] for name, p in zip(names, at, strict=True)}
        if stage is not None and label.get("stage", stage) != stage:
            continue
        change = dict(zip((*groups, "other"), (float(part[at]) for part in parts), strict=True))
        rows.append(_change(label, span, (float(values[0][at]), float(values[-1][at])), change))
        cell = tuple(at[names.index(name)] for name in ("material", "stage") if name in names)
        mixless = len(cell) == 2 and bool(blocked[cell])
        _finish(rows[-1], mixless, found)
    if not rows:
        where = f"{focus}, {span[0]} and {span[1]}"
        raise CoverageError(f"{method} has no value in both years", where=where, hint="khanij history without years")
    notes = tuple(f"{name}: {text}" for name, text in states.MEANING.items())
    method_note = "parts: Shapley values, mean over every order in which the inputs could have changed; they add up"
    title = f"{method} of {', '.join(case.axis('focus').codes)}: change {span[0]} to {span[1]} ({cube.unit})"
    return Table.of(title, rows, notes=(method_note, *notes, *result.trace.notes))


def _states(
    method: Method,
    case: Case,
    held: tuple[str, ...],
    groups: tuple[str, ...],
    variable: str | None,
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
        state = run(method.id, states.mixed(case, held, swapped), **parameters)
        result = state if result is None else result
        cube = state.variable(variable)
        year = [axis.name for axis in cube.axes].index("year")
        values[number] = np.take(cube.values, 0, axis=year)
        values[2 ** (count + 1) - 1 - number] = np.take(cube.values, 1, axis=year)
    assert result is not None
    return np.stack(values), result
