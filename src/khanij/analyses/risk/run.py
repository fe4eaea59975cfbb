"""The risk of a focus: simulated years, full stops of sellers, and what the answer leans on."""

from __future__ import annotations

from khanij.analyses.inputs import baseline
from khanij.analyses.question import Answer, Job
from khanij.analyses.risk import figures, tables, words
from khanij.analyses.risk.numbers import numbers
from khanij.analyses.risk.request import RiskRequest
from khanij.core.case import Case
from khanij.simulate.risk.assessment import Risk, assess
from khanij.simulate.risk.ensemble import Execution
from khanij.simulate.risk.hazards import Prior

RECORD = ("code_trade", "code_trade_value")  # quantities whose sources stand behind the chances


def answer(request: RiskRequest, case: Case | None, job: Job) -> Answer:
    """Return the risk of a focus; see simulate.risk.baseline and simulate.risk.assessment.

    A run that was stopped goes on from `job.folder`, with the same bytes. Raises CoverageError where no material has
    both a hazard and a market model, StudyError for impossible settings.
    """
    assert case is not None
    given = tuple(map(baseline.prior, request.priors))
    asked = request.material or baseline.listed(case, request.focus, request.year)
    job.say("hazards and networks")
    found = _assessed(request, case, job, asked, given)
    told = numbers(found, case)
    sources = tuple(dict.fromkeys((*baseline.sources(case), *found.base.economy.sources, *_record(case))))
    made = tables.tables(told, sources)
    curve = [figures.curve(told, table) for table in made if table.key == "curve"]
    return Answer(
        request,
        tuple(made),
        tuple(words.risk(told)),
        tuple(figure for figure in curve if figure is not None),
        sources=sources,
        manifest=case.manifest,
    )


def _assessed(request: RiskRequest, case: Case, job: Job, asked: tuple[str, ...], given: tuple[Prior, ...]) -> Risk:
    """Return the simulated years, solved where the job says; what is finished of a run that is stopped is kept."""
    base = baseline.on_case(
        case,
        request.focus,
        request.year,
        request.years,
        request.seed,
        materials=asked,
        priors=given,
        fill=request.assumed,
        causes=request.hazards == "causes",
    )
    settings = {
        "focus": base.focus,
        "year": request.year,
        "min_share": base.min_share,
        "fill": request.assumed,
        "hazards": request.hazards,
        "manifest": case.manifest,
    }
    execution = Execution(job.workers, job.executor, job.folder, job.progress, settings)
    try:
        return assess(base, pairs=request.pairs, tornado=request.tornado, execution=execution)
    except KeyboardInterrupt:
        kept = job.folder is not None and job.folder.is_dir()
        said = f"what is finished is kept in {job.folder}; the same command goes on" if kept else "nothing is kept"
        raise KeyboardInterrupt(said) from None


def _record(case: Case) -> tuple[str, ...]:
    """Return the ids of the sources of the record of exports."""
    return tuple(source for name in RECORD if name in case.cubes for source in case.cube(name).sources)
