"""The simulated years that lose at least an amount, grouped by who makes up the loss."""

from __future__ import annotations

import numpy as np

from khanij.analyses.inputs import baseline
from khanij.analyses.measures.tables import not_counted
from khanij.analyses.question import Answer, Job
from khanij.analyses.reverse import tables, words
from khanij.analyses.reverse.request import GDP, ReverseRequest, amount
from khanij.core.case import Case
from khanij.core.errors import CoverageError
from khanij.simulate.risk import baseline as simulated
from khanij.simulate.risk.by_cause import stories
from khanij.simulate.risk.ensemble import Execution


def answer(request: ReverseRequest, case: Case | None, job: Job) -> Answer:
    """Return the likeliest ways to lose the amount; raises CoverageError where gross domestic product is not known."""
    assert case is not None
    wanted, kind = amount(request.loss)
    usd = wanted * output(case) if kind == GDP else wanted
    base = baseline.on_case(
        case,
        request.focus,
        request.year,
        request.years,
        request.seed,
        materials=request.material or baseline.listed(case, request.focus, request.year),
        priors=tuple(map(baseline.prior, request.priors)),
        causes=request.hazards == "causes",
    )
    base = simulated.solved(base, Execution(job.workers, job.executor, job.folder, job.progress))
    found = stories.ways(base, usd)
    absent = not_counted(base.missing)
    made = (tables.ways(found, usd, base), tables.dearest(stories.stories(base, 1), base))
    return Answer(
        request,
        (*made, absent) if len(absent) else made,
        words.ways(found, usd, base),
        sources=baseline.sources(case),
        manifest=case.manifest,
    )


def output(case: Case) -> float:
    """Return the gross domestic product of a Case's focus in its base year, USD."""
    gdp = case.array("gdp", "country", "year")[:, -1]
    inside = case.array("membership", "focus", "country", "year")[0, :, -1] > 0
    if not np.isfinite(gdp[inside]).all():
        what = "gross domestic product is not known"
        raise CoverageError(what, where="--loss", hint='name an amount, such as "2 billion USD"')
    return float(gdp[inside].sum())
