"""The back-test of the engines against documented events, on the record of all years."""

from __future__ import annotations

from khanij.analyses.backtest import tables, words
from khanij.analyses.backtest.request import ALL, BacktestRequest
from khanij.analyses.inputs import baseline
from khanij.analyses.question import Answer, Job
from khanij.core.case import Case
from khanij.simulate.backtest import prices
from khanij.simulate.backtest.fits import fit, used
from khanij.simulate.backtest.observations import EventRecord
from khanij.simulate.backtest.prices import CONTROL
from khanij.simulate.backtest.trade import backtest

ROLES = ("fit", "test", CONTROL)


def answer(request: BacktestRequest, case: Case | None, job: Job) -> Answer:
    """Return the back-test, or with `fit` the grid behind the fitted places.

    case  of every year from observations.FIRST to the one after LAST, with every material that an event touches
    """
    assert case is not None
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
