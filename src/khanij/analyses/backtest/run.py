"""The back-test of the engines against documented events, on the record of all years."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from khanij.analyses.backtest import tables, words
from khanij.analyses.backtest.request import ALL, BacktestRequest
from khanij.analyses.inputs import baseline
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.simulate.backtest import mass as falls_test
from khanij.simulate.backtest import prices
from khanij.simulate.backtest.falls import Flags
from khanij.simulate.backtest.fits import fit, used
from khanij.simulate.backtest.mass import Forecasts, MassScore
from khanij.simulate.backtest.observations import EventRecord
from khanij.simulate.backtest.prices import CONTROL
from khanij.simulate.backtest.trade import backtest

ROLES = ("fit", "test", CONTROL)


def answer(request: BacktestRequest, case: Case | None, job: Job) -> Answer:
    """Return the back-test, or with `fit` the grid behind the fitted places.

    case  of every year from observations.FIRST to the one after LAST, with every material that an event touches
    """
    assert case is not None
    if request.mass:
        return _mass(request, case)
    past = EventRecord(case)
    sources = baseline.sources(case)
    if request.fit:
        grid = fit(past)
        trade, price = used(past)
        made = [tables.fit(grid, (trade.id, price.id))]
        return Answer(request, tuple(made), tuple(words.fit(grid)), sources=sources, manifest=case.manifest)
    roles = ROLES if request.role == ALL else (request.role,)
    only, behaviour = request.event or None, request.behaviour or "fitted"
    tests, gaps = backtest(past, [role for role in roles if role != CONTROL], only)
    later = prices.prices(past, roles, only)
    controls = prices.controls(past, only) if CONTROL in roles else []
    made = [
        tables.counts([t for t in tests if t.event.role == "test"]),
        tables.trade(tests) if request.behaviour is None else tables.scores(tests, behaviour),
        tables.markets(tests, behaviour),
        tables.prices(later),
        tables.controls(controls),
        tables.untested(gaps),
    ]
    return Answer(
        request,
        tuple(table for table in made if len(table)),
        tuple(words.backtest(tests, behaviour, later, controls, gaps)),
        sources=sources,
        manifest=case.manifest,
    )


def _mass(request: BacktestRequest, case: Case) -> Answer:
    """Return the back-test on every large fall: by set, years, size, good, part of the model, and its reliability."""
    found = falls_test.mass(case)
    main, whole = found.forecasts[falls_test.MAIN], falls_test.together(list(found.forecasts.values()))
    counted = {name: rule(found.falls) for name, rule in falls_test.SETS.items()}
    plain = counted[falls_test.COUNTED]

    def told(named: Iterable[tuple[str, Flags]], of: Forecasts = main) -> list[tuple[str, MassScore]]:
        return [(name, one) for name, falls in named for one in falls_test.score(of, falls[of.targets.fall])]

    sets = told(counted.items())
    years = [
        (str(split), one)
        for split, of in found.forecasts.items()
        for one in falls_test.score(of, plain[of.targets.fall])
    ]
    material = np.array([found.named[code][0] for code in found.falls.code])
    goods = told(((good, material == good) for good in sorted(set(material.tolist()))), whole)
    bands = told((name, plain & rule(found.falls)) for name, rule in falls_test.BANDS.items())
    parts = [(name, one) for name, of in found.variants.items() for one in falls_test.score(of, plain[of.targets.fall])]
    made = (
        tables.mass("mass", "falls_of", f"Large falls of exports, {falls_test.MAIN}", sets, tables.SCORE_NOTES),
        tables.mass("mass-years", "test_years", "Large falls: the same split in other years", years),
        tables.mass("mass-sizes", "shock_band", "Large falls by size", bands),
        tables.mass("mass-goods", "material", "Large falls by good, all splits, rebounds too", goods),
        tables.mass("mass-variants", "variant", "Large falls: parts of the model left out", parts),
        tables.reliability(falls_test.reliability(main, plain[main.targets.fall])),
    )
    said = words.mass(sets, falls_test.COUNTED, len(np.unique(whole.targets.fall)))
    return Answer(request, made, tuple(said), sources=tuple(case.cube("code_trade").sources), manifest=case.manifest)
