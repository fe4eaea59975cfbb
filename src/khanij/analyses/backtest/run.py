"""The back-test of the engines against documented events, on the record of all years."""

from __future__ import annotations

from functools import cache

from khanij.analyses.backtest.tables import ALL, ROLES, controls, counts, detail, later, markets, trade, untested
from khanij.analyses.inputs import cases
from khanij.core.errors import CoverageError
from khanij.core.table import Table
from khanij.reference import events
from khanij.simulate.backtest import prices as backtest_prices
from khanij.simulate.backtest.observations import FIRST, LAST, EventRecord, materials
from khanij.simulate.backtest.prices import CONTROL
from khanij.simulate.backtest.trade import backtest


@cache
def record() -> EventRecord:
    """Return the record of all years and all materials that an event touches; the focus only has to be somebody."""
    somebody = next(iter(events.catalogue().values())).country
    return EventRecord(cases.case(somebody, range(FIRST, LAST + 2), materials()))


def tables(only: str | None = None, role: str = ALL, behaviour: str | None = None) -> list[Table]:
    """Return every table of the back-test that has rows.

    only       the id of one event      role  one of ROLES, or "all"
    behaviour  one of BEHAVIOURS with every score, or None for all three side by side
    Raises CoverageError for an unknown event.
    """
    if only is not None:
        found = events.find(only)
        if role not in (ALL, found.role):
            raise CoverageError(f"{only} has the role {found.role!r}", where="--role", hint=f"--role {found.role}")
    roles = ROLES if role == ALL else (role,)
    past = record()
    tests, gaps = backtest(past, [r for r in roles if r != CONTROL], only)
    made = [
        trade(tests) if behaviour is None else detail(tests, behaviour),
        markets(tests, behaviour or "fitted"),
        later(backtest_prices.prices(past, roles, only)),
        controls(backtest_prices.controls(past, only) if CONTROL in roles else []),
        untested(gaps),
        counts([t for t in tests if t.event.role == "test"]),
    ]
    return [table for table in made if len(table)]
