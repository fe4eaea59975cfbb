"""What a tonne costs and leaves behind by route, step by step, and from whom we know."""

from __future__ import annotations

from khanij.analyses.process import tables, words
from khanij.analyses.process.request import ProcessRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.methods import route_figures
from khanij.reference.industry import processes


def answer(request: ProcessRequest, case: Case, job: Job) -> Answer:
    """Return the totals of a material's routes; or of one its steps, what moves its total, and its carbon by place."""
    settings = {"draws": request.draws, "seed": request.seed}
    if not request.route:
        made = [route_figures.footprints(case, place, **settings) for place in ("", *request.place)]
        rows = [row for same in zip(*(found for found, _ in made), strict=True) for row in same]  # places side by side
        result = made[0][1]
        findings = words.footprints(rows, request.burden)
        grids = [tables.footprints(rows, result.trace.parameters)]
    else:
        steps, result = route_figures.steps(case, request.route)
        swings = route_figures.swings(case, request.route, request.burden)
        unit = processes.QUANTITIES[request.burden]
        findings = words.route(steps, swings, request.route, request.burden, unit)
        grids = [tables.steps(steps, request.route, route_figures.remarks(request.route))]
        grids.append(tables.sensitivity(swings, request.route, request.burden))
        if request.place:
            by_place = route_figures.places(case, request.route, request.place, **settings)
            grids.append(tables.places(by_place, request.route, route_figures.moving(request.route)))
    return Answer(
        request,
        tuple(grids),
        tuple(findings),
        results={"process-footprint": result},
        sources=result.trace.sources,
        manifest=case.manifest,
    )
