"""Events whose trade is not yet recorded, against prices; and negative controls, in which no cut must move nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from khanij.kernels.chances import forecasts
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.backtest import observations
from khanij.simulate.backtest import trade as backtests
from khanij.simulate.backtest.observations import LAST, EventRecord
from khanij.simulate.backtest.trade import DRAWS, INSIDE
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply import responses
from khanij.simulate.supply.networks import Network

CONTROL = "negative-control"
COUNTED = ("fit", "test")


@dataclass(frozen=True, slots=True)
class PriceTest:
    """The year after the last year of trade for one material, with every event of known size in force in it.

    cut       largest part of a seller's flow of the year before that an event takes
    abroad    behaviour -> price of the last affected stage for those cut off, in base prices
    spread    80 % interval over draws      inside  price at the seller's home, fitted behaviour
    seen, usual  benchmark price in base prices, standard deviation of its yearly log change before
    measured  first price measured after an event over the one before it, of this very material; nan without one
    cleared   part of the draws
    """

    events: tuple[Event, ...]
    material: str
    stage: str
    base: int
    year: int
    cut: float
    abroad: dict[str, float]
    spread: tuple[float, float]
    inside: float
    seen: float
    usual: float
    measured: float
    cleared: float

    @property
    def role(self) -> str:
        """Return "fit" if any event behind it was fitted to, else "test"."""
        return "fit" if any(event.role == "fit" for event in self.events) else "test"


@dataclass(frozen=True, slots=True)
class NegativeControl:
    """A negative control at one traded stage.

    moved      largest change that the engine forecasts of any flow, as a part of the stage's trade, or of any price
    importers  error of that forecast, nan where the year after has no trade      noise  that of quiet years
    seen, usual  see PriceTest
    """

    event: Event
    material: str
    stage: str
    base: int
    year: int
    moved: float
    importers: float
    noise: float
    seen: float
    usual: float


def prices(record: EventRecord, roles: Iterable[str] = COUNTED, only: str | None = None) -> list[PriceTest]:
    """Return a test a material for the year after the last year of trade.

    roles  of the events that make a row appear; what else was in force is counted with them      only  one event's id
    """
    current = [e for e in events.catalogue().values() if e.role in COUNTED and _in_force(e)]
    found = []
    for material in sorted({m for e in current for m in e.materials}):
        behind = tuple(e for e in current if material in e.materials)
        if any(e.role in roles and only in (None, e.id) for e in behind):
            network = record.network(material, LAST, tuple(sorted({e.country for e in behind})))
            if network is not None and _stage(network, behind) is not None:
                found.append(_price(record, network, behind))
    return found


def _in_force(event: Event) -> bool:
    """Tell whether an event of known size began late enough to be seen in prices only, and takes something then."""
    if event.size.cut is None or event.start.year < LAST:
        return False
    return scenarios.disruption(event, LAST + 1, base=LAST).lost > 0


def _stage(network: Network, behind: tuple[Event, ...]) -> int | None:
    """Return the last stage of the chain that is affected; None if the chain holds none of them."""
    hit = [k for k, stage in enumerate(network.stages) if any(stage in event.stages for event in behind)]
    return max(hit, default=None)


def _price(record: EventRecord, network: Network, behind: tuple[Event, ...]) -> PriceTest:
    """Return the price test of one material."""
    k = _stage(network, behind)
    assert k is not None
    base, year = LAST, LAST + 1
    disruptions = [scenarios.disruption(event, year, base=base) for event in behind]
    told = responses.respond(network, [disruptions] * (2 + DRAWS), backtests.rules(network, record.case))
    nodes = np.array(network.nodes)
    sellers = np.isin(nodes, [d.country for d in disruptions])
    cut_off = {c for d in disruptions for c in d.destinations} if all(d.destinations for d in disruptions) else set()
    buyers = np.isin(nodes, sorted(cut_off)) if cut_off else ~sellers
    ok = told.converged
    abroad = np.array([observations.paid(p, t, buyers) for p, t in zip(told.paid[:, k], told.trade[:, k], strict=True)])
    drawn = abroad[2:][ok[2:]]
    low, high = np.quantile(drawn, INSIDE) if drawn.size else (np.nan, np.nan)
    seen, usual = record.benchmark(network.material, base, year)
    ratios = [ratio for event in behind if (ratio := observations.measured(event, network.material)) is not None]
    return PriceTest(
        events=behind,
        material=network.material,
        stage=network.stages[k],
        base=base,
        year=year,
        cut=max(d.lost for d in disruptions),
        abroad={
            "published": float(abroad[0]) if ok[0] else float("nan"),
            "fitted": float(abroad[1]) if ok[1] else float("nan"),
            "drawn": float(np.median(drawn)) if drawn.size else float("nan"),
        },
        spread=(float(low), float(high)),
        inside=observations.paid(told.paid[1, k], told.trade[1, k], sellers),
        seen=seen,
        usual=usual,
        measured=ratios[0] if ratios else float("nan"),
        cleared=float(ok[2:].mean()),
    )


def controls(record: EventRecord, only: str | None = None) -> list[NegativeControl]:
    """Return the negative controls: nothing is cut, so the engine has to leave every flow and price as it is."""
    found: list[NegativeControl] = []
    for event in events.catalogue().values():
        if event.role == CONTROL and only in (None, event.id):
            for material in event.materials:
                found += _controls(record, event, material)
    return found


def _controls(record: EventRecord, event: Event, material: str) -> Iterator[NegativeControl]:
    """Yield the controls of one material, one a traded stage that the event names."""
    first, last = scenarios.tested_years(event)
    base, year = min(first, LAST), min(last, LAST + 1)
    before = record.network(material, base, (event.country,))
    if before is None:
        return
    disruption = scenarios.disruption(event, last)
    told = responses.respond(before, [[disruption]] * (2 + DRAWS), backtests.rules(before, record.case))
    after = record.network(material, year, before.nodes, 0) if year <= LAST else None
    seen, usual = record.benchmark(material, base, year)
    for k, stage in enumerate(before.stages):
        if stage not in event.stages or not before.traded[k]:
            continue
        moved = np.abs(told.trade[:, k] - before.flow[k]).max() / before.flow[k].sum()
        paid = told.paid[:, k]
        importers = float("nan")
        if after is not None and stage in after.stages:
            was = observations.abroad(before.flow[k]).sum(axis=0)
            importers = forecasts.miss(was, observations.abroad(after.flow[after.stages.index(stage)]).sum(axis=0))
        yield NegativeControl(
            event=event,
            material=material,
            stage=stage,
            base=base,
            year=year,
            moved=float(max(moved, np.nanmax(np.abs(paid - 1.0), initial=0.0))),
            importers=importers,
            noise=record.noise(material, stage, base, before.nodes),
            seen=seen,
            usual=usual,
        )
