"""What a plan secures: need and supply by good and year, what its goals and a target are given, growth of need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats
from khanij.core.range import Range
from khanij.plan.levers import LEVERS, SupplyClass, supply_classes
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.goals import Goal, records_output
from khanij.plan.planner.results import PlanResult
from khanij.simulate.supply.networks import REST, Network

DAYS = 365.0
NEGLIGIBLE = 1e-9  # part of a measure below which it is not in place


@dataclass(frozen=True, slots=True)
class GoodSupply:
    """Need and supply of one good in the years of spending, t a year (Y,).

    need    by its growth      feed  that new plants take of it      home  output on record that is used at home, held
    secured class of supply -> what measures in place give      stock  t that they hold
    recorded  output at home is on record; else home is 0, need is net imports, at least, and which part of it is
              exposed is not known
    """

    material: str
    stage: str
    years: tuple[str, ...]
    need: Floats
    feed: Floats
    home: float
    secured: Mapping[SupplyClass, Floats]
    stock: Floats
    recorded: bool

    @property
    def exposed(self) -> Floats:
        """Return need and feed less all that is secured (Y,) t; stock does not lower it, because it is used once."""
        given = np.sum(list(self.secured.values()), axis=0) if self.secured else 0.0
        return np.maximum(self.need + self.feed - self.home - given, 0.0)

    @property
    def exposed_share(self) -> Floats:
        """Return the exposed part of need and feed (Y,) 0..1; nan where no output at home is on record."""
        part = self.exposed / (self.need + self.feed)
        return part if self.recorded else np.full_like(part, np.nan)

    @property
    def stock_days(self) -> Floats:
        """Return how many days of need the stock lasts (Y,)."""
        return self.stock / self.need * DAYS


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """One goal in the last year of spending, t a year: need, what it asks of measures and what they give."""

    goal: Goal
    year: str
    need: float
    asked: float
    given: float

    @property
    def part_reached(self) -> float:
        """Return the part of need that is made at home or secured; nan where nothing is used."""
        return (self.goal.home + self.given) / self.need if self.need > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class NeedGrowth:
    """Need of a material in some years by that of the base year; not known where nothing is known of its growth."""

    material: str
    by_year: Mapping[int, Range]
    rests_on: str


def secured_supply(done: PlanResult) -> tuple[GoodSupply, ...]:
    """Return need and supply of every good that the focus uses, of the minerals that are counted."""
    networks = (done.base.networks[m] for m in done.base.materials if m in done.base.networks)
    return tuple(good for network in networks for good in _goods(done, network))


def _goods(done: PlanResult, network: Network) -> Iterator[GoodSupply]:
    """Yield the goods of one material."""
    terms = done.terms
    grown = terms.grown([network.material])[0, : terms.count]
    for stage in network.stages:
        use = network.consumption(stage)
        if use <= 0:
            continue
        secured, feed, stock = _given(done, network, stage)
        yield GoodSupply(
            material=network.material,
            stage=stage,
            years=terms.years[: terms.count],
            need=use * grown,
            feed=feed,
            home=network.home(stage),
            secured=secured,
            stock=stock,
            recorded=records_output(done.base, network.material, stage),
        )


def _given(done: PlanResult, network: Network, stage: str) -> tuple[dict[SupplyClass, Floats], Floats, Floats]:
    """Return by year (Y,) what measures in place give by class, what feed they take of this stage, and stocks, t."""
    count, good = done.terms.count, (network.material, stage)
    secured = {supply: np.zeros(count) for supply in supply_classes()}
    feed, stock = np.zeros(count), np.zeros(count)
    for one, placed in zip(done.values, done.plan.in_place[:, :count], strict=True):
        if placed.max(initial=0.0) <= NEGLIGIBLE:
            continue
        for effect in one.effects:
            supply = LEVERS[effect.kind].counts_as
            if supply is not None and (effect.material, effect.stage) == good:
                secured[supply] += placed * effect.done[0]
        for lever in one.measure.levers:
            made = sum(effect.done[0] for effect in one.effects if effect.lever == lever.id)
            source, tonnes = lever.feed_taken(made, network.stages)
            if lever.material == network.material and source == stage:
                feed += placed * tonnes
        if any(lever.holds_stock and (lever.material, lever.stage) == good for lever in one.measure.levers):
            stock += placed * one.measure.size
    return secured, feed, stock


def goal_progress(done: PlanResult) -> tuple[GoalProgress, ...]:
    """Return what each goal of a plan asks in the last year of spending, and what measures give."""
    last, need, secured = done.terms.count - 1, done.problem.need, done.problem.secured
    if need is None or secured is None:
        return ()
    return tuple(
        GoalProgress(
            goal=goal,
            year=done.terms.years[last],
            need=goal.use * done.need.get(goal.material, 1.0),
            asked=max(float(need[g, last]), 0.0),
            given=float(secured[g] @ done.plan.in_place[:, last]),
        )
        for g, goal in enumerate(done.terms.goals)
    )


def output_of(done: PlanResult, measure: str) -> float:
    """Return what a measure gives in the last year of spending by what is in place of it, t a year."""
    last = done.terms.count - 1
    return sum(
        float(placed[last]) * sum(effect.done[0] for effect in one.effects)
        for one, placed in zip(done.values, done.plan.in_place, strict=True)
        if one.measure.catalogued == measure
    )


def need_growth(done: PlanResult) -> tuple[NeedGrowth, ...]:
    """Return by how much need grows to the last year of spending and to the last that counts; none where it is held."""
    growth, terms = done.terms.growth, done.terms
    if growth is None:
        return ()
    years = dict.fromkeys((terms.to, terms.to + terms.beyond))
    return tuple(
        NeedGrowth(material, {year: growth.range_of(material, year) for year in years}, how)
        for material, how in zip(growth.materials, growth.how, strict=True)
    )


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """A plant that is begun whose feed the loss model does not follow, since no output of its stage is on record.

    stage  of the feed      seller, share  who sells most of it abroad, and what part
    """

    plant: MeasureValue
    material: str
    stage: str
    seller: str
    share: float


def open_feeds(done: PlanResult) -> tuple[OpenFeed, ...]:
    """Return the first plants of each kind that are begun and buy a feed whose stop would not be seen."""
    found: dict[str, OpenFeed] = {}
    for one in done.begun:
        network = done.base.networks.get(one.measure.materials[0])
        for lever in one.measure.levers if network is not None else ():
            source, tonnes = lever.feed_taken(1.0, network.stages)
            if tonnes <= 0 or source not in network.stages or _is_followed(done, lever.material, lever.stage):
                continue
            sold = {n: network.exports(n, source) for n in network.nodes if n not in (done.base.focus, REST)}
            seller = max(sold, key=lambda code: sold[code])
            whole = sum(sold.values()) + network.exports(REST, source) * (REST in network.nodes)
            if whole > 0:
                part = OpenFeed(one, lever.material, source, seller, sold[seller] / whole)
                found.setdefault(one.measure.catalogued, part)
    return tuple(found.values())


def _is_followed(done: PlanResult, material: str, stage: str) -> bool:
    """Return whether any country's output of a stage is on record: only then does a plant's output hang on its feed."""
    case = done.base.case
    output = case.array("production", "material", "stage", "year", "country")
    at = (
        case.axis(name).at(code) for name, code in (("material", material), ("stage", stage), ("year", done.base.year))
    )
    return bool(np.nan_to_num(output[tuple(at)]).any())
