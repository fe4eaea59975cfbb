"""Forecasts of restrictions: made from what was known on a day, scored by what came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from khanij import reference
from khanij.analyses.forecast import tables, words
from khanij.analyses.forecast.request import ForecastHindcastRequest, ForecastMakeRequest, ForecastScoreRequest
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.core.errors import CoverageError, StudyError
from khanij.reference.chronicle import instruments
from khanij.reference.chronicle import priced_events as priced
from khanij.reference.chronicle.instruments import Instrument
from khanij.simulate.forecast import export_falls, hindcast, hub, known, policy, price_events, price_ranges
from khanij.simulate.risk.by_record import likelihood
from khanij.simulate.risk.by_record.likelihood import Features, Record

LAST = 2025  # last whole year of the register
ORIGINS = range(2010, 2025)  # of the ranges of prices that are scored
PriceTold = tuple[str, price_events.PriceScore]


def answer_make(request: ForecastMakeRequest, case: Case | None, job: Job) -> Answer:
    """Return the forecast of an origin as rows of the hub layout; no later row, trade or price is read."""
    assert case is not None
    rows: tuple[hub.ForecastRow, ...] = ()
    if request.target in (hub.TARGET, "all"):
        held, sellers = policy.memory(case), known.seller_record(case)
        to = tuple(to for to in request.to if to != "all")
        rows += hub.make(instruments.register(), sellers, policy.eve(request.origin), held, to)
    if request.target in (export_falls.TARGET, "all"):
        rows += export_falls.make(*_record(case), request.origin)
    if request.target in (price_ranges.TARGET, "all"):
        rows += price_ranges.make(case.cube("price_series"), price_events.noise(case), request.origin)
    wanted = {*request.material, *_codes(case, request.material)}
    kept = [row for row in rows if not request.material or row.material in wanted]
    if not kept:
        raise CoverageError(
            "no seller of it is at risk, and no price of it is on record",
            where="forecast make",
            hint="another material, or all",
        )
    made = tables.forecast([asdict(row) for row in kept])
    there = {row.material for row in kept}
    absent = [m for m in request.material if m not in there and there.isdisjoint(_codes(case, (m,)))]
    said = (*words.made(kept, hub.seal(kept)), *words.absent(absent))
    return Answer(request, (made,), said, sources=_sources(case), manifest=case.manifest)


def answer_score(request: ForecastScoreRequest, case: Case | None, job: Job) -> Answer:
    """Return the score of every origin and destination of a file that has come due."""
    assert case is not None
    rows = hub.load(request.file)
    register = instruments.register()
    prices = price_ranges.score(rows, case.cube("price_series"), price_events.noise(case))
    found: tuple[hub.FileScore, ...] = ()
    if any(row.target == export_falls.TARGET for row in rows):
        record, countries, _ = _record(case)
        found = export_falls.score(rows, record, countries)
    if any(row.target == hub.TARGET for row in rows) or not (prices or found):
        found = (
            *hub.score(rows, register, known.seller_record(case), known.reaches(register), policy.memory(case)),
            *found,
        )
    made = (tables.scores([asdict(one) | {"skill": one.skill} for one in found]), tables.price_years(prices))
    told = tuple(table for table in made if len(table))
    said = words.scored(found, prices, hub.seal(rows))
    return Answer(request, told, said, sources=_sources(case), manifest=case.manifest)


def _record(case: Case) -> tuple[Record, tuple[str, ...], Features]:
    """Return every case of an exporter on record, the countries, and what was known of a case."""
    record = likelihood.record(case)
    return record, case.axis("country").codes, partial(record.features, case)


def _codes(case: Case, materials: Sequence[str]) -> set[str]:
    """Return the trade codes of minerals as forecasts name them."""
    cube = case.cube("code_material")
    assert cube.at is not None
    at = {cube.axes[1].at(material) for material in materials if material in cube.axes[1]}
    return {cube.axes[0].codes[k] for k, m in cube.at[:2].T.tolist() if m in at}


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
    events, goods, ranges = _prices(case)
    made = (
        tables.years(found),
        tables.summary(found, wave),
        tables.weights(weights, found),
        tables.price_events("price-events", "Prices of events that were forecast once", events),
        tables.price_events("price-goods", "Prices of events by good, each wave forecast without itself", goods),
        tables.price_years(ranges),
    )
    said = (*words.hindcast(found, wave), words.priced(events))
    return Answer(request, made, said, sources=_sources(case), manifest=case.manifest)


def _prices(case: Case) -> tuple[list[PriceTold], list[PriceTold], tuple[price_ranges.PriceFileScore, ...]]:
    """Return the test of prices of events by set, all events by good, and the ranges of every origin."""
    held, series = price_events.noise(case), case.cube("price_series")
    events: list[PriceTold] = []
    goods: list[PriceTold] = []
    for horizon in price_events.HORIZONS:
        fitted = price_events.fit(price_events.rows(priced.priced_events("fit"), held, horizon))
        test = price_events.rows(priced.priced_events("test"), held, horizon)
        for name, belongs in price_events.SETS.items():
            one = price_events.score(test, fitted, [belongs(event) for event in test.events])
            events += [(name, one)] if one else []
        whole = price_events.rows(priced.priced_events(), held, horizon)
        goods += price_events.by_good(whole)
    made = (price_ranges.make(series, held, year) for year in ORIGINS)
    ranges = price_ranges.score([row for rows in made for row in rows], series, held)
    return events, goods, ranges


def busiest(register: Sequence[Instrument]) -> str:
    """Return the country with most restricting decisions on record."""
    counts = Counter(one.country for one in register if known.restricts(one) and one.country in reference.countries())
    return min(counts, key=lambda code: (-counts[code], code))


def _sources(case: Case) -> tuple[str, ...]:
    """Return the ids of the sources of the register, of trade and of output."""
    register = (id for one in instruments.register() for id in one.source.split(";"))
    held = (
        s
        for name in ("code_trade_value", "production", "price_series")
        if name in case.cubes
        for s in case.cube(name).sources
    )
    return tuple(dict.fromkeys((*register, *held)))
