"""What methods and official lists say of each material: yes or no, a score, and the figures behind it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from khanij import reference
from khanij.analyses.inputs import facts as queries
from khanij.analyses.runner import find, run
from khanij.core.case import Case
from khanij.core.errors import CoverageError, StudyError
from khanij.core.registry import Method, Threshold
from khanij.core.result import Result
from khanij.methods.concordance import Assessor, Verdict, leaves

SCREENED = "-screened"  # a list of what was assessed, not of what is critical
ASSESSED = {"eu-2023-crm": "eu-2023-screened", "eu-2023-srm": "eu-2023-screened"}
SCORES = {"eu-2023-crm": "eu-2023"}  # list -> item of its published scores among the facts
LABELS = {"material", "stage", "focus", "year"}


def official(id: str) -> Assessor:
    """Return an official list; raises CoverageError with the known ones.

    It covers what was assessed for it where that is known, else every material that any official list names.
    """
    rows = [row for row in reference.lists() if row.list == known(id)]
    entries: dict[str, Verdict] = {}
    for row in rows:
        if row.material and row.material not in entries:
            stage = f", {row.stage}" if row.stage else ""
            entries[row.material] = Verdict(float("nan"), True, f"{id} lists it ({row.label}{stage}; {row.date})")
    assessed = ASSESSED.get(id)
    named = frozenset(row.material for row in reference.lists() if row.material and row.list == (assessed or row.list))
    about = f"what was screened for it ({assessed})" if assessed else "every material that an official list names"
    rule = f"{id} of {rows[0].date}: on the list or not; it covers {about}"
    sources = tuple(dict.fromkeys(id for row in rows for id in row.source.split(";") if id))
    return Assessor(id, "list", entries, leaves(named), rule, _published(SCORES[id]) if id in SCORES else {}, sources)


def _published(item: str) -> dict[str, str]:
    """Return material -> its published supply risk and economic importance in words; the higher of several stages."""
    found: dict[str, dict[str, float]] = {}
    for quantity, name in (("supply_risk", "SR"), ("economic_importance", "EI")):
        for row in queries.facts(1000, quantity=quantity, item=item).rows():
            if row["material"] and row["value"] is not None:
                held = found.setdefault(row["material"], {})
                held[name] = max(row["value"], held.get(name, row["value"]))
    return {id: ", ".join(f"{name} {value:.2g}" for name, value in scores.items()) for id, scores in found.items()}


def known(id: str) -> str:
    """Return the id of an official list; raises CoverageError with the known ones."""
    if id not in {row.list for row in reference.lists()}:
        raise CoverageError(f"no official list {id!r}", where="--list", hint=f"one of {', '.join(names())}")
    return id


def names() -> tuple[str, ...]:
    """Return the ids of the official lists of critical materials."""
    return tuple(sorted({row.list for row in reference.lists() if not row.list.endswith(SCREENED)}))


def ranking(id: str) -> Method:
    """Return a method that ranks materials; raises StudyError for one whose values have no order, or other labels."""
    method = find(id)
    axes = set(method.variables[0].axes)
    if method.kind != "indicator" or method.higher == "neutral" or "material" not in axes or not axes <= LABELS:
        hint = "an indicator by material whose larger values are worse"
        raise StudyError(f"{id} ranks no materials", where="--method", hint=hint)
    return method


def judged(id: str, case: Case, year: str) -> Assessor:
    """Return the verdicts of a method: at the worst stage of each material, of the first focus, in the year.

    Raises StudyError for a method that ranks none.
    """
    method = ranking(id)
    result = run(id, case)
    axes = {axis.name for axis in result.value.axes}
    sign = -1.0 if method.higher == "better" else 1.0
    values = _at_year(result, None, case, year)
    staged = "stage" in axes
    stages = case.axis("stage").codes
    cut = method.threshold if method.threshold is not None and method.threshold.rule else None
    entries: dict[str, Verdict] = {}
    for m, material in enumerate(case.axis("material").codes):
        line = np.atleast_1d(values[m]) * sign
        if np.isnan(line).all():
            continue
        worst = int(np.nanargmax(line))
        where = stages[worst] if staged else ""
        parts = _parts(method, result, case, (m, worst), year)
        own = {method.variables[0].name: float(np.atleast_1d(values[m])[worst]), **parts}
        yes = None if cut is None else all(own.get(name, np.nan) >= least for name, least in cut.least.items())
        entries[material] = Verdict(float(line[worst]), yes, _words(id, own, where, cut), parts)
    rule = f"{id}: {cut.rule}" if cut else f"{id}: no published cut, the worst as many as the other side has"
    return Assessor(id, "method", entries, frozenset(), rule, sources=result.trace.sources)


def _words(id: str, own: Mapping[str, float], stage: str, cut: Threshold | None) -> str:
    """Return a method's score in words; one with a published cut names every variable that decides."""
    name, value = next(iter(own.items()))
    place = f" ({stage})" if stage else ""
    if cut is None or name not in cut.least or len(own) == 1:
        return f"{id} {value:.3g}{place}"
    shown = {k: v for k, v in own.items() if not k.endswith("critical")} or own
    figures = ", ".join(
        f"{k.replace('_', ' ')} {v:.2g}" if not np.isnan(v) else f"{k} not known" for k, v in shown.items()
    )
    return f"{id}: {figures}{place}"


def _at_year(result: Result, variable: str | None, case: Case, year: str) -> Any:
    """Return a variable on (material, stage if it has one), of the first focus and the year."""
    cube = result.variable(variable)
    values, dims = cube.values, [axis.name for axis in cube.axes]
    for name, at in (("year", case.axis("year").at(year)), ("focus", 0)):
        if name in dims:
            values = np.take(values, at, axis=dims.index(name))
            dims.remove(name)
    return values if dims[0] == "material" else values.T


def _parts(method: Method, result: Result, case: Case, at: tuple[int, int], year: str) -> dict[str, float]:
    """Return the other variables of a material, at the stage where they have one: the components of its score."""
    found = {}
    for variable in method.variables[1:]:
        dims = set(variable.axes)
        cube = result.variables.get(variable.name)
        if cube is None or cube.at is not None or variable.unit != "1" or "material" not in dims or not dims <= LABELS:
            continue
        line = np.atleast_1d(_at_year(result, variable.name, case, year)[at[0]])
        value = float(line[at[1]] if "stage" in dims else line[0])
        if not np.isnan(value):
            found[variable.name] = value
    return found
