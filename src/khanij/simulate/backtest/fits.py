"""Where in their published ranges the free parameters lie, fitted to the two events that may be used for it.

Places: 0 = low end, 0.5 = best, 1 = high end of every range, the same place for every material. Every combination of a
coarse grid answers both events; the objective is the mean of two errors:

  ore trade of the ban of 2014   ½ (importers + pairs), each Σ|f - o| / Σo
  price of the stop of 2025      |ln(price abroad / measured)|

The market has to clear in both. No event of another role is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import CoverageError
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.backtest import observations
from khanij.simulate.backtest.observations import EventRecord
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply.networks import Network
from khanij.simulate.supply.responses import Behaviour

PLACES = (0.0, 0.25, 0.5, 0.75, 1.0)
FIT = "fit"
BLOCK = 125  # combinations solved at once


@dataclass(frozen=True, slots=True)
class GridFit:
    """The grid and what it gave, G combinations, best first.

    places      (G, P) of behaviours.PLACED      objective  (G,), lower is better
    importers, pairs  (G,) errors on the trade event as a part of what was traded      price  (G,) base prices
    measured    base prices      cleared  (G,)
    """

    places: Floats
    objective: Floats
    importers: Floats
    pairs: Floats
    price: Floats
    measured: float
    cleared: np.ndarray


def used(record: EventRecord) -> tuple[Event, Event]:
    """Return the event fitted by its trade and the one fitted by its price, found by their role and their data.

    Raises CoverageError where the catalogue holds no such pair.
    """
    every = [e for e in events.catalogue().values() if e.role == FIT and e.size.cut is not None]
    trade = [e for e in every if scenarios.tested_years(e)[1] <= observations.LAST and _network(record, e) is not None]
    price = [
        e
        for e in every
        if scenarios.tested_years(e)[1] > observations.LAST and observations.measured(e, e.materials[0]) is not None
    ]
    if len(trade) != 1 or len(price) != 1:
        raise CoverageError(
            f"{len(trade)} events to fit trade to, {len(price)} to fit a price to",
            where="events",
            hint="one of each, with role fit",
        )
    return trade[0], price[0]


def fit(record: EventRecord, places: tuple[float, ...] = PLACES) -> GridFit:
    """Return the whole grid of places, best first."""
    combined = np.array(list(product(places, repeat=len(behaviours.PLACED))))
    return evaluate(record, combined)


def evaluate(record: EventRecord, places: Floats) -> GridFit:
    """Return what combinations of places (G, P) give, best first."""
    trade, price = used(record)
    importers, pairs, cleared = _trade(record, trade, places)
    told, also = _price(record, price, places)
    real = observations.measured(price, price.materials[0])
    assert real is not None
    objective = ((importers + pairs) / 2.0 + np.abs(np.log(told / real))) / 2.0
    cleared = cleared & also
    order = np.argsort(np.where(cleared, objective, np.inf), kind="stable")
    return GridFit(
        places[order], objective[order], importers[order], pairs[order], told[order], float(real), cleared[order]
    )


def _network(record: EventRecord, event: Event) -> Network | None:
    """Return the network of an event's first material in the year before it."""
    return record.network(event.materials[0], scenarios.tested_years(event)[0], (event.country,))


def _stacked(record: EventRecord, network: Network, places: Floats) -> Behaviour:
    """Return behaviour with one row a combination of places (G, P)."""
    known = np.unique(places)
    at = {
        float(p): behaviours.at_quantiles(network, dict.fromkeys(behaviours.PLACED, float(p)), record.case)
        for p in known
    }
    rows = {
        name: np.concatenate([getattr(at[float(p)], name) for p in places[:, column]])
        for column, name in enumerate(behaviours.PLACED)
    }
    rows["sigma"] = np.maximum(rows["sigma"], rows["demand"])
    return replace(next(iter(at.values())), **rows)


def _cut(behaviour: Behaviour, rows: slice) -> Behaviour:
    """Return some rows of a behaviour whose by-product part is the same in all."""
    return replace(behaviour, **{name: getattr(behaviour, name)[rows] for name in behaviours.PLACED})


def _stage(record: EventRecord, event: Event) -> tuple[Floats, int]:
    """Return trade (n, n) t of the event's year in its affected stage, and that stage's place."""
    base, year = scenarios.tested_years(event)
    before = _network(record, event)
    assert before is not None
    after = record.network(event.materials[0], year, before.nodes, 0)
    assert after is not None
    disruption = scenarios.disruption(event, year, base=base)
    k = next(
        k for k, stage in enumerate(before.stages) if disruption.affects(before.material, stage) and before.traded[k]
    )
    seen = after.flow[after.stages.index(before.stages[k])]
    return observations.abroad(seen), k


def _trade(record: EventRecord, event: Event, places: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Return errors on importers and pairs (G,) of the event's own stage, and whether the market cleared."""
    base, year = scenarios.tested_years(event)
    before = _network(record, event)
    assert before is not None
    disruption = scenarios.disruption(event, year, base=base)
    behaviour = _stacked(record, before, places)
    seen, k = _stage(record, event)
    importers, pairs, cleared = [], [], []
    for first in range(0, len(places), BLOCK):
        part = _cut(behaviour, slice(first, first + BLOCK))
        outcome = responses.respond(before, [[disruption]] * len(part.sigma), part)
        told = observations.abroad(outcome.trade[:, k])
        importers.append(np.abs(told.sum(axis=1) - seen.sum(axis=0)).sum(axis=1) / seen.sum())
        pairs.append(np.abs(told - seen).sum(axis=(1, 2)) / seen.sum())
        cleared.append(outcome.converged)
    return np.concatenate(importers), np.concatenate(pairs), np.concatenate(cleared)


def _price(record: EventRecord, event: Event, places: Floats) -> tuple[Floats, np.ndarray]:
    """Return the price abroad (G,) of the last affected stage in base prices, and whether the market cleared."""
    base, year = scenarios.tested_years(event)
    before = _network(record, event)
    assert before is not None
    disruption = scenarios.disruption(event, year, base=base)
    behaviour = _stacked(record, before, places)
    k = max(k for k, stage in enumerate(before.stages) if disruption.affects(before.material, stage))
    others = np.arange(len(before.nodes)) != before.nodes.index(event.country)
    prices, cleared = [], []
    for first in range(0, len(places), BLOCK):
        part = _cut(behaviour, slice(first, first + BLOCK))
        outcome = responses.respond(before, [[disruption]] * len(part.sigma), part)
        prices.append(
            [observations.paid(p, t, others) for p, t in zip(outcome.paid[:, k], outcome.trade[:, k], strict=True)]
        )
        cleared.append(outcome.converged)
    return np.concatenate(prices), np.concatenate(cleared)
