"""What happens to a focus in a disruption."""

from __future__ import annotations

import numpy as np

from khanij.analyses.inputs import baseline
from khanij.analyses.question import Answer, Job
from khanij.analyses.shock import figures, tables, timeline, words
from khanij.analyses.shock.effects import effects
from khanij.analyses.shock.request import ShockRequest
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.simulate.loss.shock import NetworkAnswer, ShockResult, shock
from khanij.simulate.supply.disruption import Disruption, describe


def answer(request: ShockRequest, case: Case | None, job: Job) -> Answer:
    """Return what a disruption does to a focus; of an event that cut exports also its months.

    Raises CoverageError where no material affected has trade by mass, or nobody affected sells any.
    """
    assert case is not None
    asked, year = request.disrupted(), request.base_year()
    name = describe(asked.disruptions)
    if asked.event is not None:
        name = f"{asked.event.name} (its effect on {asked.year})"
    result = shock(
        case,
        asked.disruptions,
        year,
        name=name,
        draws=request.draws,
        seed=request.seed,
        uncovered=baseline.uncovered(case, year),
    )
    _refuse_nothing(result)
    found = effects(result)
    recorded = baseline.sources(case)
    priced = tuple(dict.fromkeys((*recorded, *result.sources)))
    made = [
        tables.goods(found, recorded),
        tables.products(found, priced),
        tables.losses(found, priced),
        tables.course(found, priced),
        tables.sectors(found, priced),
        tables.buyers(found, recorded),
    ]
    said, drawn = words.answer(found, asked), []
    told = None if asked.event is None else timeline.of_event(case, asked.event, year)
    if told is not None:
        made.append(tables.months(told, request.focus, recorded))
        drawn.append(figures.timeline(told, request.focus, made[-1]))
        said.append(words.event(told, request.focus, year))
    return Answer(
        request,
        tuple(table for table in made if len(table) or table.key == "shortage"),
        tuple(said),
        tuple(drawn),
        manifest=case.manifest,
    )


def _refuse_nothing(found: ShockResult) -> None:
    """Raise CoverageError where those who are cut sell nothing: no shortage would follow, and that says nothing."""
    idle = [
        (d.country, answer.network.material)
        for d in found.disruptions
        for answer in found.answers
        if answer.network.material in d.materials and not _flow(answer, d) > 0
    ]
    affected = sum(answer.network.material in d.materials for d in found.disruptions for answer in found.answers)
    if idle and len(idle) == affected:
        seller = idle[0][0]
        raise CoverageError(
            words.refused(idle, found.year),
            where="shock",
            hint=f"khanij trade {seller} --exports --year {found.year} shows what customs record of it",
        )


def _flow(answer: NetworkAnswer, d: Disruption) -> float:
    """Return the tonnes of the base year that a disruption falls on."""
    network = answer.network
    if d.country not in network.nodes:
        return 0.0
    seller = network.nodes.index(d.country)
    stages = [k for k, stage in enumerate(network.stages) if d.affects(network.material, stage)]
    flow = network.flow[stages, seller] if d.acts == "output" else network.trade[stages, seller]
    to = [
        j for j, node in enumerate(network.nodes) if not d.destinations or d.acts == "output" or node in d.destinations
    ]
    return float(np.nansum(flow[:, to]))
