"""Real events against the market engine: trade of the year after from the year before, scored and set beside noise.

Three behaviours answer every event: the best values of the published ranges, the places fitted to the fit events, and
draws from the ranges. Nothing in here is chosen by looking at an event of role test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from khanij import reference
from khanij.core.case import Case
from khanij.core.cube import Floats
from khanij.kernels.chances import forecasts
from khanij.kernels.indicators import agreement
from khanij.kernels.markets.market import Outcome
from khanij.reference.chronicle import events
from khanij.reference.chronicle.events import Event
from khanij.simulate.backtest import observations
from khanij.simulate.backtest.observations import LAST, UNWEIGHED, EventRecord
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply import events as scenarios
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import Network
from khanij.simulate.supply.responses import Behaviour

DRAWS, SEED = 64, 0
INSIDE = (0.1, 0.9)  # the interval that 80 % of the draws lie in
LARGE = 0.01  # part of a trade from which an importer counts in the coverage of the interval
BEHAVIOURS = ("published", "fitted", "drawn")
BASELINES = ("no change", "proportional")
ENDS: tuple[events.End, events.End] = ("low", "high")


@dataclass(frozen=True, slots=True)
class Score:
    """How near one forecast of trade came.

    importers, pairs  Σ|f - o| / Σo over importers, over pairs      log  weighted mean |ln f/o| over pairs
    homes             part of displaced tonnes that found the supplier forecast for them; nan for no change
    rank              Spearman correlation of importers' forecast and observed changes; nan for no change
    """

    importers: float
    pairs: float
    log: float
    homes: float
    rank: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the engine says under one behaviour; medians over draws where there are several.

    score     of its trade            spread    importers' error of the lowest and the highest tenth of draws
    coverage  part of large importers whose imports lie in the draws' 80 % interval; nan for one behaviour
    price, inside  price abroad and at the seller's home, in base prices      prices  80 % interval of the price abroad
    imports   change of what all others import      shortage  part of their use not met      cleared  part of the rows
    """

    score: Score
    spread: tuple[float, float]
    coverage: float
    price: float
    inside: float
    prices: tuple[float, float]
    imports: float
    shortage: float
    cleared: float


@dataclass(frozen=True, slots=True)
class Test:
    """One traded stage of one material in one event.

    base, year   the year before and the year forecast      cut  part of the seller's flow that the event took
    weight       seller's part of the world's trade         baselines, answers  by name
    ends         importers' error of the fitted behaviour at the low and high end of the cut's range
    noise        importers' error of "no change" in quiet years
    bare         part of trade value without tonnage, the worse of both years
    seen, usual  benchmark price in base prices, standard deviation of its yearly log change before
    value        value per tonne of the stage's trade in that of the base year
    imports      observed change of what all others import
    """

    event: Event
    material: str
    stage: str
    base: int
    year: int
    cut: float
    weight: float
    baselines: dict[str, Score]
    answers: dict[str, Forecast]
    ends: tuple[float, float]
    noise: float
    bare: float
    seen: float
    usual: float
    value: float
    imports: float

    @property
    def scored(self) -> bool:
        """Tell whether tonnes of both years are known well enough to score against."""
        return self.bare <= UNWEIGHED

    @property
    def testable(self) -> bool:
        """Tell whether the year stands out: no change is missed by more than in quiet years."""
        return self.scored and self.baselines["no change"].importers > self.noise

    @property
    def loud(self) -> bool:
        """Tell whether the event itself stands out: it took more of the trade than changes in a quiet year."""
        return self.scored and self.cut * self.weight > self.noise


@dataclass(frozen=True, slots=True)
class Gap:
    """A documented event that cannot be scored by its trade, and why."""

    event: Event
    material: str
    reason: str


def backtest(
    record: EventRecord, roles: Iterable[str] = ("test",), only: str | None = None
) -> tuple[list[Test], list[Gap]]:
    """Return the tests of the documented events, and the events of those roles that trade cannot test.

    record  trade and prices of all years
    roles  of the events to be taken      only  the id of one event; None = all
    """
    tests, gaps = [], []
    for event in events.catalogue().values():
        if event.role in roles and only in (None, event.id):
            for material in event.materials:
                found = tuple(_found(record, event, material))
                tests += [part for part in found if isinstance(part, Test)]
                gaps += [part for part in found if isinstance(part, Gap)]
    return tests, gaps


def rules(network: Network, case: Case, also: int = 0) -> Behaviour:
    """Return published, fitted and drawn behaviour as rows, and `also` more rows of the fitted one."""
    fitted = behaviours.fitted(network, case)
    draws = behaviours.drawn(network, DRAWS, SEED, case)
    return behaviours.stacked(behaviours.published(network, case), fitted, draws, *[fitted] * also)


def _found(record: EventRecord, event: Event, material: str) -> Iterator[Test | Gap]:
    """Yield the tests of one material of one event, or the reason for none."""
    base, year = scenarios.tested_years(event)
    why = _unsized(event, year)
    if why is not None:
        yield Gap(event, material, why)
        return
    before = record.network(material, base, (event.country,))
    after = record.network(material, year, before.nodes, 0) if before is not None else None
    if before is None or after is None:
        yield Gap(event, material, "no stage has trade by mass")
        return
    disruption = scenarios.disruption(event, year, base=base)
    places = [k for k in range(len(before.stages)) if _hit(before, disruption, k) and before.stages[k] in after.stages]
    if not places:
        named = [s for s in event.stages if (material, s) in _stages()]
        yield Gap(event, material, f"{', '.join(named)}: no trade by mass in {base} and {year}, nor a later one linked")
        return
    told = _told(record, before, event, (base, year))
    for k in places:
        if observations.abroad(before.flow[k])[before.nodes.index(event.country)].sum() > 0:
            yield _test(record, event, (before, after, k), disruption, told)
        else:
            yield Gap(event, material, f"{before.stages[k]}: no exports recorded in {base}")


def _unsized(event: Event, year: int) -> str | None:
    """Return why an event has no size or no year to be tested in; None if it has both."""
    if event.size.cut is None:
        return "how much was lost is not known"
    if year > LAST:
        return f"no trade after {LAST}"
    return None


@cache
def _stages() -> frozenset[tuple[str, str]]:
    """Return the (material, stage) that chains have."""
    return frozenset(reference.stage_names())


def _hit(network: Network, disruption: Disruption, k: int) -> bool:
    """Tell whether a stage is traded by mass and affected itself, or follows an untraded one that is affected."""
    before = k > 0 and not network.traded[k - 1] and disruption.affects(network.material, network.stages[k - 1])
    return network.traded[k] and (disruption.affects(network.material, network.stages[k]) or before)


def _told(record: EventRecord, before: Network, event: Event, years: tuple[int, int]) -> Outcome:
    """Return the engine's answers: one row a behaviour or draw, then the fitted one at both ends of the cut."""
    best = scenarios.disruption(event, years[1], base=years[0])
    ends = [scenarios.disruption(event, years[1], end, base=years[0]) for end in ENDS]
    rows = [[best]] * (2 + DRAWS) + [[end] for end in ends]
    return responses.respond(before, rows, rules(before, record.case, also=len(ENDS)))


def _test(
    record: EventRecord, event: Event, nets: tuple[Network, Network, int], disruption: Disruption, told: Outcome
) -> Test:
    """Return the test of one stage."""
    before, after, k = nets
    stage, material = before.stages[k], before.material
    base, year = int(before.year), int(after.year)
    seller = before.nodes.index(event.country)
    others = np.arange(len(before.nodes)) != seller
    was = observations.abroad(before.flow[k])
    seen = observations.abroad(after.flow[after.stages.index(stage)])
    lost = np.zeros_like(was)
    lost[seller] = disruption.lost
    trade = observations.abroad(told.trade[:, k])
    price, usual = record.benchmark(material, base, year)
    rows = {"published": slice(0, 1), "fitted": slice(1, 2), "drawn": slice(2, 2 + DRAWS)}
    return Test(
        event=event,
        material=material,
        stage=stage,
        base=base,
        year=year,
        cut=disruption.lost,
        weight=float(was[seller].sum() / was.sum()),
        baselines={
            "no change": score(was, was, seen),
            "proportional": score(was, forecasts.proportional(was, lost), seen),
        },
        answers={name: _answer(before, k, seller, told, at, seen) for name, at in rows.items()},
        ends=(
            forecasts.miss(trade[-2].sum(axis=0), seen.sum(axis=0)),
            forecasts.miss(trade[-1].sum(axis=0), seen.sum(axis=0)),
        ),
        noise=record.noise(material, stage, base, before.nodes),
        bare=max(record.unweighed(material, stage, y) for y in (base, year)),
        seen=price,
        usual=usual,
        value=float(after.value[after.stages.index(stage)] / before.value[k]),
        imports=float(seen[:, others].sum() / was[:, others].sum() - 1.0),
    )


def _answer(before: Network, k: int, seller: int, told: Outcome, rows: slice, seen: Floats) -> Forecast:
    """Return what some rows say of one stage; those that did not clear are left out."""
    cleared = told.converged[rows]
    trade = told.trade[rows, k][cleared]
    paid = told.paid[rows, k][cleared]
    was, abroad = observations.abroad(before.flow[k]), observations.abroad(trade)
    others = np.arange(len(before.nodes)) != seller
    home = ~others
    scores = [score(was, one, seen) for one in abroad]
    prices = [observations.paid(p, t, others) for p, t in zip(paid, trade, strict=True)]
    inside = [observations.paid(p, t, home) for p, t in zip(paid, trade, strict=True)]
    use = before.use[k][others].sum()
    short = 1.0 - (trade[:, :, others].sum(axis=(1, 2)) + told.drawn[rows, k][cleared][:, others].sum(axis=1)) / use
    imports = abroad[:, :, others].sum(axis=(1, 2)) / was[:, others].sum() - 1.0
    several = len(cleared) > 1
    middle = {name: _middle([getattr(s, name) for s in scores]) for name in Score.__slots__}
    return Forecast(
        score=Score(**middle),
        spread=_interval([s.importers for s in scores]) if several else (float("nan"),) * 2,
        coverage=_coverage(abroad.sum(axis=1), seen.sum(axis=0), was.sum(axis=0)) if several else float("nan"),
        price=_middle(prices),
        inside=_middle(inside),
        prices=_interval(prices) if several else (float("nan"),) * 2,
        imports=_middle(imports),
        shortage=_middle(np.maximum(short, 0.0)),
        cleared=float(cleared.mean()),
    )


def score(base: Floats, forecast: Floats, seen: Floats) -> Score:
    """Return how near a forecast of trade came to what was seen, all (n, n) t, seller to buyer."""
    told, real, was = forecast.sum(axis=0), seen.sum(axis=0), base.sum(axis=0)
    still = bool(np.allclose(forecast, base))
    return Score(
        forecasts.miss(told, real),
        forecasts.miss(forecast, seen),
        forecasts.log_error(forecast, seen),
        float("nan") if still else forecasts.homes(base, forecast, seen),
        float("nan") if still else agreement.spearman(told - was, real - was),
    )


def _coverage(imports: Floats, seen: Floats, was: Floats) -> float:
    """Return the part of large importers whose imports lie in the interval of draws (D, n)."""
    low, high = np.quantile(imports, INSIDE, axis=0)
    large = was >= LARGE * was.sum()
    edge = 1e-6 * was
    return float(((seen >= low - edge) & (seen <= high + edge))[large].mean()) if large.any() else float("nan")


def _middle(values: Sequence[float] | Floats) -> float:
    """Return the median of what is known; nan of nothing."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the interval of draws; nan of nothing."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, INSIDE)
    return float(low), float(high)
