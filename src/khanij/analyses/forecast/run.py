"""Forecasts of restrictions: made from what was known on a day, scored by what came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from khanij import reference
from khanij.analyses.forecast import tables, words
from khanij.analyses.forecast.request import ForecastHindcastRequest, ForecastMakeRequest, ForecastScoreRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError, StudyError
from khanij.reference.chronicle import instruments
from khanij.reference.chronicle.instruments import Instrument
from khanij.simulate.forecast import hindcast, hub, known, policy

LAST = 2025  # last whole year of the register


def answer_make(request: ForecastMakeRequest, case: Case | None, job: Job) -> Answer:
    """Return the forecast of an origin as rows of the hub layout; no later row, and no later trade, is read."""
    assert case is not None
    held, sellers = policy.memory(case), known.seller_record(case)
    on = policy.eve(request.origin)
    rows = hub.make(instruments.register(), sellers, on, held, tuple(to for to in request.to if to != "all"))
    kept = [row for row in rows if not request.material or row.material in request.material]
    if not kept:
        raise CoverageError("no seller of it is at risk", where="forecast make", hint="another material, or all")
    made = tables.forecast([asdict(row) for row in kept])
    absent = [material for material in request.material if material not in {row.material for row in kept}]
    said = (*words.made(kept, hub.seal(kept)), *words.absent(absent))
    return Answer(request, (made,), said, sources=_sources(case), manifest=case.manifest)


def answer_score(request: ForecastScoreRequest, case: Case | None, job: Job) -> Answer:
    """Return the score of every origin and destination of a file that has come due."""
    assert case is not None
    rows = hub.read(request.file.read_text(encoding="utf-8"), request.file.name)
    register = instruments.register()
    found = hub.score(rows, register, known.seller_record(case), known.reaches(register), policy.memory(case))
    made = tables.scores([asdict(one) | {"skill": one.skill} for one in found])
    return Answer(request, (made,), words.scored(found, hub.seal(rows)), sources=_sources(case), manifest=case.manifest)


def answer_hindcast(request: ForecastHindcastRequest, case: Case | None, job: Job) -> Answer:
    """Return the test of the process year by year, its weights, and the chance of the wave."""
    assert case is not None
    held, sellers, register = policy.memory(case), known.seller_record(case), instruments.register()
    found = hindcast.hindcast(register, sellers, LAST, held)
    if request.origin + request.span > LAST:
        what = f"the wave ends after {LAST}, the last whole year of the register"
        raise StudyError(what, where="--span", hint="an earlier origin, or fewer years")
    country, origin = request.country or busiest(register), policy.eve(request.origin)
    wave = hindcast.wave(register, sellers, country, origin, request.span, held, draws=request.draws, seed=request.seed)
    weights = dict(zip(policy.TERMS, found.fitted.weights.tolist(), strict=True))
    made = (tables.years(found), tables.summary(found, wave), tables.weights(weights, found))
    return Answer(request, made, words.hindcast(found, wave), sources=_sources(case), manifest=case.manifest)


def busiest(register: Sequence[Instrument]) -> str:
    """Return the country with most restricting decisions on record."""
    counts = Counter(one.country for one in register if known.restricts(one) and one.country in reference.countries())
    return min(counts, key=lambda code: (-counts[code], code))


def _sources(case: Case) -> tuple[str, ...]:
    """Return the ids of the sources of the register, of trade and of output."""
    register = (id for one in instruments.register() for id in one.source.split(";"))
    held = (s for name in ("code_trade_value", "production") if name in case.cubes for s in case.cube(name).sources)
    return tuple(dict.fromkeys((*register, *held)))
