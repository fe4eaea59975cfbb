"""What the catalogue of measures has for a country, and what each averts by itself."""

from __future__ import annotations

from khanij.analyses.inputs import baseline
from khanij.analyses.inputs.demand_model import recoverable
from khanij.analyses.measures import tables, words
from khanij.analyses.measures.numbers import Numbers, sources
from khanij.analyses.measures.own import read_measures
from khanij.analyses.measures.request import MeasuresRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.plan.measures.sizing import size_measures
from khanij.plan.measures.value import value_measures
from khanij.reference import money


def answer(request: MeasuresRequest, case: Case, job: Job) -> Answer:
    """Return what each measure of a country averts by itself, and what it costs."""
    own = read_measures(request.own_measures)
    job.say("hazards, networks and years")
    base = baseline.of_request(request, case, job)
    scrap = recoverable(case, base.materials, int(base.year)) if request.catalogue else None
    listed = (*(size_measures(base, scrap) if request.catalogue else ()), *own)
    job.say(f"valuing {len(listed)} measures")
    values = tuple(one for one in value_measures(base, listed) if one.measure.levers)  # a search alone averts nothing
    _, unit = money.read(f"1 {request.currency}")
    numbers = Numbers(sources(base, scrap.sources if scrap else ()), request.command(), unit)
    made = tables.filled(
        tables.worth(base, values, numbers),
        tables.bills(values, numbers),
        tables.figures(values, numbers),
        tables.priors(request.priors),
        tables.not_counted(base.missing),
    )
    said = (*words.findings(base, values, unit), *words.stated(request.priors))
    return Answer(request, made, said, sources=numbers.sources, manifest=case.manifest)
