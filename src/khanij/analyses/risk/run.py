"""The risk of a focus: simulated years, full stops of sellers, and what the answer leans on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from khanij import reference
from khanij.analyses.inputs import baseline
from khanij.analyses.question import Answer, Job
from khanij.analyses.risk import figures, reason_tables, stop_tables, tables, words
from khanij.analyses.risk.numbers import numbers, stop_numbers
from khanij.analyses.risk.request import RiskRequest, StopsRequest
from khanij.core.case import Case
from khanij.present import text
from khanij.reference.chronicle import instruments
from khanij.reference.chronicle.instruments import Instrument
from khanij.reference.industry.critical_inputs import users_of
from khanij.reference.industry.product_output import products
from khanij.simulate.forecast import known
from khanij.simulate.loss import critical_uses
from khanij.simulate.loss.industries import Economy
from khanij.simulate.risk import not_modelled, single_stops
from khanij.simulate.risk.assessment import Risk, assess
from khanij.simulate.risk.band import alternatives
from khanij.simulate.risk.by_cause import stories
from khanij.simulate.risk.by_cause.stories import Reason
from khanij.simulate.risk.by_record.hazards import Prior
from khanij.simulate.risk.ensemble import Execution
from khanij.simulate.risk.seasons import later

Good = tuple[str, str, str]  # country, material, stage
WORDS = {"other-export": "limit on exports", "rebate-cut": "cut of the tax rebate"}
FIRST, USERS = 10, 3  # sellers that are told with a reason; products named in one
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
    told = numbers(found, case, request.ranking, request.flows)
    sources = tuple(dict.fromkeys((*baseline.sources(case), *found.base.economy.sources, *_record(case))))
    made = tables.tables(told, sources)
    listed = stories.reasons(found.base, FIRST)
    extra = [
        reason_tables.reasons(told, listed, _newest(request.focus, listed), _users(case, found.base.economy, listed))
    ]
    if request.stories:
        extra.append(reason_tables.stories(told, stories.stories(found.base, request.stories)))
    made[1:1] = [table for table in extra if len(table)]
    curve = [figures.curve(told, table) for table in made if table.key == "curve"]
    return Answer(
        request,
        tuple(made),
        tuple(words.risk(told)),
        tuple(figure for figure in curve if figure is not None),
        sources=sources,
        manifest=case.manifest,
    )


def answer_stops(request: StopsRequest, case: Case | None, job: Job) -> Answer:
    """Return what a year without each seller of each good would cost a focus; probability plays no part."""
    assert case is not None
    wanted = request.material or baseline.listed(case, request.focus, request.year)
    job.say("networks")
    _, model = single_stops.stops(case, request.year, wanted)
    found, _ = stop_numbers(model, case, request.focus, request.year, request.ranking, request.seed)
    why, told = baseline.uncovered(case, request.year), {row.stop.material for row in found.stops}
    left = {m: why(m) if m not in model.networks else not_modelled.NOT_BOUGHT for m in wanted if m not in told}
    found = replace(found, missing=left)
    sources = tuple(dict.fromkeys((*baseline.sources(case), *(found.economy.sources if found.economy else ()))))
    goods = [(row.stop.country, row.stop.material, row.stop.stage) for row in found.stops]
    made = [
        stop_tables.stops(found, sources, _states(request.focus, goods)),
        stop_tables.ranking(found, sources),
        tables.missing(found.focus, found.missing),
    ]
    said = tuple(words.stops(found))
    return Answer(request, tuple(t for t in made if len(t)), said, sources=sources, manifest=case.manifest)


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
    others = (*alternatives(base, baseline.on_record(base, case)), *later(base)) if request.ranking else ()
    try:
        return assess(base, others=others, pairs=request.pairs, tornado=request.tornado, execution=execution)
    except KeyboardInterrupt:
        kept = job.folder is not None and job.folder.is_dir()
        said = f"what is finished is kept in {job.folder}; the same command goes on" if kept else "nothing is kept"
        raise KeyboardInterrupt(said) from None


def _newest(focus: str, listed: Iterable[Reason]) -> dict[tuple[str, str], str]:
    """Return (country, material) -> the newest restriction in force on any form of it."""
    return {good[:2]: said for good, said in _states(focus, ((*one.seller, "") for one in listed)).items()}


def _states(focus: str, goods: Iterable[Good]) -> dict[Good, str]:
    """Return (country, material, stage) -> the newest restriction in force against the focus, "" for none.

    stage  "" = of any
    """
    on, against = known.reaches(instruments.register()), _member(focus)
    acts: dict[tuple[str, str], list[Instrument]] = {}
    out = {}
    for country, material, stage in goods:
        if country not in reference.countries():  # of a made-up world
            continue
        if (country, material) not in acts:
            acting = instruments.in_force(on, country, material, against)
            acts[country, material] = [i for i in acting if known.restricts(i) and i.scope == "goods"]
        rows = [i for i in acts[country, material] if not stage or not i.stages or stage in i.stages]
        if rows:
            newest = max(rows, key=lambda i: (i.begins, i.id))
            word = WORDS.get(newest.kind, newest.kind.replace("-", " "))
            out[country, material, stage] = f"{word} since {newest.begins.isoformat()[:7]}"
    return out


def _member(focus: str) -> str:
    """Return a country that stands for a group: a restriction of all strikes it as it does the others."""
    return reference.members(focus, 2024)[0] if focus in reference.groups() else focus


def _users(case: Case, economy: Economy, listed: tuple[Reason, ...]) -> dict[str, str]:
    """Return material -> who needs it, those first of whose output most value added stands on it.

    Those that stop without it where any do; users of its other forms where nobody is known who uses the form itself.
    """
    out: dict[str, str] = {}
    for one in listed:
        material = one.seller[1]
        forms = [good for good in reference.stage_names() if good[0] == material]
        goods = [good for good in forms if good[1] == one.used and users_of(*good, place=economy.focus)] or forms
        rows = [row for good in goods for row in users_of(*good, place=economy.focus)]
        stop = [row for row in rows if row.without == "stops"]
        known = critical_uses.at_risk(case, economy.focus, economy.table, economy.codes, economy.output,
                                      economy.value_added, goods) if economy.known else {}  # fmt: skip
        named = dict.fromkeys(row.product for row in stop or rows)
        first = sorted(named, key=lambda id: -known.get(id, (0.0, 0.0, 0.0))[1])[:USERS]
        if first:
            told = text.joined(products()[id].short for id in first)
            out[material] = f"{told} {'stop without' if stop else 'need'} it"
    return out


def _record(case: Case) -> tuple[str, ...]:
    """Return the ids of the sources of the record of exports."""
    return tuple(source for name in RECORD if name in case.cubes for source in case.cube(name).sources)
