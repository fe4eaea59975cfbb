"""Reserves: every good in an emergency, its requirement, form, money, and what so many days give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from khanij.core.case import Case
from khanij.core.range import Range
from khanij.plan.levers import Stockpile, apply
from khanij.plan.reserves.money import ReserveCost, form_to_hold, reserve_cost, value_of
from khanij.plan.reserves.shortfall import GoodInEmergency, JointReserve, draw_good, joint_reserve
from khanij.reference.assumptions import assumed, assumed_range
from khanij.reference.decisions.emergencies import Emergency, storage_form
from khanij.reference.industry import elasticities
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.averted import Estimate
from khanij.simulate.risk.baseline import Baseline
from khanij.simulate.supply.networks import Network

MOST_VALUED = 12  # goods whose stocks are valued in simulated years


@dataclass(frozen=True, slots=True)
class DaysHeld:
    """A stock of so many days: t, money, what it meets of the emergency, what it averts in a simulated year, USD."""

    days: float
    tonnes: float
    cost: ReserveCost
    wholly: float
    part: float
    averted: Estimate | None


@dataclass(frozen=True, slots=True)
class GoodReserve:
    """One good's reserve: required tonnes at the level asked, the form to hold and why, money, and days compared."""

    good: GoodInEmergency
    required: float
    median: float
    form: str
    form_why: str
    value: float
    cost: ReserveCost
    held: tuple[DaysHeld, ...]


@dataclass(frozen=True, slots=True)
class ReserveTerms:
    """Whose reserve it is, for what: focus, emergency, days compared, draws and their seed."""

    focus: str
    emergency: Emergency
    days: tuple[float, ...]
    draws: int
    seed: int


def needed_goods(networks: Iterable[Network], case: Case) -> list[tuple[Network, str]]:
    """Return the goods that the focus imports, with their networks."""
    least = assumed("measure_least_imports", case)
    return [(one, stage) for one in networks for stage in one.stages if one.imports(stage) >= least]


def reserves_of(
    terms: ReserveTerms, case: Case, networks: Sequence[Network], base: Baseline | None
) -> tuple[GoodReserve, ...]:
    """Return the reserve of each good that comes short, the dearest first; nothing is held of what never does.

    base  simulated years, for what stocks avert; None = that is not asked
    """
    level, place = assumed("reserve_level", case), terms.focus
    found: list[GoodReserve] = []
    for network, stage in needed_goods(networks, case):
        good = _drawn(terms, case, network, stage, place)
        required = good.required(level)
        if required <= 0:
            continue
        value = value_of(network, stage, terms.focus)
        form = storage_form(network.material, stage)
        kept, why = form_to_hold(network, stage, case)
        held = tuple(_days(good, one, value, case) for one in terms.days)
        cost = reserve_cost(required, value, form, case)
        found.append(GoodReserve(good, required, good.required(0.5), kept, why, value, cost, held))
    found.sort(key=lambda one: (-_money(one), one.good.material, one.good.stage))
    if base is None:
        return tuple(found)
    return tuple(_valued(one, base) if n < MOST_VALUED else one for n, one in enumerate(found))


def _money(one: GoodReserve) -> float:
    """Return what a reserve costs to buy, 0 where no value is known."""
    return one.cost.buy.best if one.cost.buy.is_known else 0.0


def _drawn(terms: ReserveTerms, case: Case, network: Network, stage: str, place: str) -> GoodInEmergency:
    """Return one good in draws of the emergency; each good has a stream of its own, alike for every focus."""
    cover = elasticities.stock_days(network.material, stage, place).range
    key = sum(ord(letter) * (n + 1) for n, letter in enumerate(f"{network.material}:{stage}"))
    reroute = assumed_range("rerouting", case)
    return draw_good(network, stage, terms.emergency, cover, reroute, terms.draws, terms.seed, key)


def _days(good: GoodInEmergency, days: float, value: float, case: Case) -> DaysHeld:
    """Return what a stock of so many days of use costs and meets."""
    tonnes = days / 365.0 * good.use * 12.0
    wholly, part = good.met(tonnes)
    cost = reserve_cost(tonnes, value, storage_form(good.material, good.stage), case)
    return DaysHeld(days, tonnes, cost, wholly, part, None)


def _valued(one: GoodReserve, base: Baseline) -> GoodReserve:
    """Return a good with what each stock averts in the simulated years of a baseline."""
    good = one.good
    if good.material not in base.batches or good.stage not in base.networks[good.material].stages:
        return one
    held = []
    for step in one.held:
        id = f"reserve-{step.days:g}:{good.material}:{good.stage}"
        span = Range(step.days, step.days, step.days)
        lever = Stockpile(id=id, material=good.material, stage=good.stage, country=base.focus, days=span)
        found = valuation.averted_loss(base, apply(base.case, (lever,)).case, (good.material,))
        estimate = valuation.estimate(base, found)
        held.append(DaysHeld(step.days, step.tonnes, step.cost, step.wholly, step.part, estimate))
    return GoodReserve(good, one.required, one.median, one.form, one.form_why, one.value, one.cost, tuple(held))


def joint_reserves(
    terms: ReserveTerms, case: Case, networks: Sequence[Network], members: Sequence[str]
) -> tuple[tuple[JointReserve, float], ...]:
    """Return the joint reserve of the members of a group for each good, and a tonne's value, the dearest first."""
    level, chance = assumed("reserve_level", case), assumed("apart_chance", case)
    found = []
    for network, stage in needed_goods(networks, case):
        goods = [
            (code, _drawn(terms, case, network.for_focus((code,)), stage, code))
            for code in members
            if code in network.nodes
        ]
        goods = [(code, good) for code, good in goods if good.required(level) > 0]
        if len(goods) > 1:
            value = value_of(network, stage, terms.focus)
            found.append((joint_reserve(goods, level, chance, terms.seed), value))
    found.sort(key=lambda item: -sum(item[0].alone.values()) * (item[1] if item[1] == item[1] else 0.0))
    return tuple(found)
