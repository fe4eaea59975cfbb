"""Several indicators of one focus side by side, one row a material and stage; or each with the scatter of its draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from khanij.analyses import runner
from khanij.analyses.assess import figures, tables, words
from khanij.analyses.assess.request import AssessRequest
from khanij.analyses.inputs import absent
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import StudyError
from khanij.core.registry import Method
from khanij.core.result import Result
from khanij.methods.screening import criticality
from khanij.methods.uncertainty.assess import assess as drawn
from khanij.methods.uncertainty.spreads import INPUTS

AXES = {"material", "stage", "focus", "year"}
BOTH = {"supply_risk": criticality.RISKY, "economic_importance": criticality.IMPORTANT}  # of the EU's matrix
DRAWN = ("eu-supply-risk",)  # what draws are made of where no indicator is named


def answer(request: AssessRequest, case: Case, job: Job) -> Answer:
    """Return the indicators side by side, or one table an indicator with the distribution of its score and rank."""
    return scattered(request, case, job) if request.drawn else side_by_side(request, case)


def side_by_side(request: AssessRequest, case: Case) -> Answer:
    """Return material, stage, focus, year and the primary variable of each indicator.

    Raises StudyError for a method that gives something else than one value a material, stage, focus and year.
    """
    chosen = [runner.find(id) for id in request.method or runner.default("assess")]
    for method in chosen:
        names = method.variables[0].axes
        if not set(names) <= AXES:
            what = f"{method.id} gives {', '.join(names)}"
            raise StudyError(what, where="--method", hint="assess takes indicators; use run for others")
    results = {method.id: runner.run(method.id, case) for method in chosen}
    asked = request.material or case.axis("material").codes  # a Case that is handed in may hold more
    rows = [row for row in tables.rows(results, case) if row["material"] in asked]
    rows, added = absent.complete(
        rows,
        {"material": request.material, "year": request.year},
        lambda one: "; ".join(dict.fromkeys(absent.reason(method, case, one) for method in chosen)),
        fill={"focus": request.focus},
        where=f"assess {request.focus}",
    )
    return Answer(
        request,
        (tables.indicators(chosen, [*rows, *added], _notes(results)),),
        (*words.indicators(chosen, rows), *absent.sentences(added), *_whose(request, chosen)),
        results=results,
        sources=_sources(results),
        manifest=case.manifest,
    )


def scattered(request: AssessRequest, case: Case, job: Job) -> Answer:
    """Return for each indicator the distribution of its score and rank over draws of its inputs."""
    inputs = tuple(INPUTS) if request.inputs == ("all",) else request.inputs or None
    results: dict[str, Result] = {}
    grids, findings, drawings = [], [], []
    for id in request.method or DRAWN:
        method = runner.find(id)
        job.say(f"{request.drawn:,} draws of {id}")
        result = drawn(case, id, request.drawn, request.seed, inputs, request.sensitivity, workers=job.workers)
        results[id] = result
        rows = tables.scatter_rows(result, request.material)
        rows, added = absent.complete(
            rows,
            {"material": request.material, "year": request.year},
            lambda one, method=method: absent.reason(method, case, one),
            fill={"focus": request.focus},
            where=f"assess {request.focus}, {id}",
        )
        grids.append(tables.scatter(method, result, [*rows, *added]))
        drawings.append(figures.matrix(method, rows, BOTH, request.draws, result.trace.sources))
        findings += [*words.scatter(method, result, rows), *absent.sentences(added)]
    shown = tuple(figure for figure in drawings if figure is not None)
    return Answer(request, tuple(grids), tuple(findings), shown, results, _sources(results), case.manifest)


def _whose(request: AssessRequest, chosen: Iterable[Method]) -> tuple[str, ...]:
    """Return one sentence that figures are the EU's though another focus is asked, none where they are not."""
    return tuple(filter(None, (runner.of_the_eu(method, request.focus) for method in chosen)))[:1]


def _notes(results: Mapping[str, Result]) -> tuple[str, ...]:
    """Return what the one method that was asked says of its figures; that of many would hide them."""
    return next(iter(results.values())).trace.notes if len(results) == 1 else ()


def _sources(results: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sources of all results."""
    return tuple(sorted({source for result in results.values() for source in result.trace.sources}))
