"""The same plan asked otherwise: other budgets and splits, inputs at the ends of their ranges, other draws, methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.plan.levers import as_range
from khanij.plan.measures.value import AvertedAtEnds, MeasureValue, beneath, value_at_ends
from khanij.plan.planner.results import (
    PlanResult,
    Say,
    SearchSettings,
    Variant,
    out_of_sample,
    search_problem,
)
from khanij.plan.planner.sample import plan_problem
from khanij.plan.planner.terms import PlanTerms, discount_range
from khanij.plan.portfolio import scenarios as sampling
from khanij.plan.portfolio.choose import Portfolio, choose, losses
from khanij.plan.portfolio.worlds import check_policy, with_recourse
from khanij.reference.assumptions import assumption

FRONTIER = (0.01, 0.03, 0.1, 0.3, 1.0)  # multiples of the budget
TAILS = (0.5, 2.0)  # weights on CVaR beside the plan's own
SEEDS = 3  # plans made on other draws, for regret
SINGLE_BUDGET = "single budget"
RECOURSE = 60  # scenarios of the re-plan rule


def add_sensitivity(done: PlanResult, settings: SearchSettings, say: Say) -> PlanResult:
    """Return the plan with frontier, the programme's own split, regrets over draws and methods, and moved inputs."""
    say("frontier over the budget and over the weight of the tail")
    done = add_frontier(done, settings, TAILS)
    say("the programme's own split")
    splits: list[Variant | str] = []
    for name, ceilings in (("ceilings of the programme", done.terms.ceilings), (SINGLE_BUDGET, {})):
        if ceilings or name == SINGLE_BUDGET:
            splits.append(_replan(done, name, replace(done.terms, ceilings=ceilings), settings))
    say("plans made on other draws")
    regret = _regret_over_draws(done, settings)
    say("inputs moved to the ends of their ranges")
    moved = one_at_a_time(done, settings)
    done = replace(
        done,
        at_ends=_at_ends(done),
        splits=tuple(one for one in splits if isinstance(one, Variant)),
        draw_regret=regret,
        one_at_a_time=tuple(one for one in moved if isinstance(one, Variant)),
        out_of_reach=(*done.out_of_reach, *(one for one in (*splits, *moved) if isinstance(one, str))),
    )
    say("the plan made again once more is known")
    return add_recourse(done, settings)


def _regret_over_draws(done: PlanResult, settings: SearchSettings) -> Floats:
    """Return how much dearer this plan and those made on other draws are than the best of them (P, W)."""
    plans = [done.plan]
    for step in range(1, SEEDS + 1):
        seed = done.base.seed + 1000 * step
        other = plan_problem(done.sample, done.values, done.terms, settings.drawn, seed, credits=done.credits)
        plans.append(choose(other, done.objective, **settings.solving, prices=False))
    loss = np.stack([losses(done.out_of_sample.paths, one.started) for one in plans])
    return sampling.regret(np.array([one.cost for one in plans]), loss)


def _at_ends(done: PlanResult) -> dict[str, AvertedAtEnds]:
    """Return what each measure that is begun averts alone at the ends of its ranges, USD a year."""
    known = {one.measure.id: one for one in done.values}
    return {
        one.measure.id: value_at_ends(done.base, one, beneath(one.measure, known))
        for one in done.begun
        if one.measure.ranged()
    }


def add_frontier(done: PlanResult, settings: SearchSettings, tails: Sequence[float] = ()) -> PlanResult:
    """Return the plan with the best ones for parts of the budget, and for other weights on the tail at all of it.

    Parts of the budget under which no plan meets the goals are left out, and named.
    """
    search = partial(sampling.frontier, done.problem, done.objective, **settings.solving, prices=False)
    weight = done.objective.tail
    asked = [(times, weight, partial(search, budgets=(times,))) for times in FRONTIER]
    asked += [(1.0, tail, partial(search, tails=(tail,))) for tail in tails if tail != weight]
    found: list[Variant] = []
    missed: list[str] = []
    for times, tail, plan in asked:
        name = f"budget x {times:g}, CVaR x {tail:g}"
        own = _possible(done, plan)
        if own is None:
            missed.append(name)
        else:
            found.append(Variant(name, own, done.out_of_sample.check(own.started, done.objective.level), times, tail))
    return replace(done, frontier=tuple(found), out_of_reach=(*done.out_of_reach, *missed))


def _possible(done: PlanResult, plan: Callable[[], tuple[Portfolio, ...]]) -> Portfolio | None:
    """Return the plan asked otherwise, None where it cannot meet the goals; without goals one can always do nothing."""
    try:
        return plan()[0]
    except StudyError:
        if not done.terms.goals:
            raise
        return None


def _replan(
    done: PlanResult,
    name: str,
    terms: PlanTerms,
    settings: SearchSettings,
    values: Sequence[MeasureValue] | None = None,
) -> Variant | str:
    """Return the plan under other terms or of other measures, on the same draws; its name where it meets no goal."""
    listed = done.values if values is None else values
    problem, _ = search_problem(done.sample, listed, terms, settings, done.base.seed, done.credits)
    own = _possible(done, lambda: (choose(problem, done.objective, **settings.solving, prices=False),))
    if own is None:
        return name
    fresh = out_of_sample(done.sample, listed, terms, settings, done.base.seed, done.credits)
    return Variant(name, own, fresh.check(own.started, done.objective.level))


def one_at_a_time(done: PlanResult, settings: SearchSettings) -> tuple[Variant | str, ...]:
    """Return the plans with inputs of low or medium confidence at the ends of their ranges, one at a time.

    Where no plan meets the goals then, the name alone.
    """
    found: list[Variant | str] = []
    kinds = dict.fromkeys(one.measure.kind for one in done.values if one.measure.confidence != "high")
    for kind in kinds:
        for end in ("low", "high"):
            listed = [_priced_at(one, end) if one.measure.kind == kind else one for one in done.values]
            found.append(_replan(done, f"cost of {kind}, {end}", done.terms, settings, listed))
    return (*found, *(_replan(done, name, other, settings) for name, other in _other_terms(done.terms).items()))


def _other_terms(terms: PlanTerms) -> dict[str, PlanTerms]:
    """Return the terms with discount, years beyond, growth of need and exchange rate at their ends, by name."""
    rate, beyond, funds = discount_range(), assumption("years_beyond").range, assumption("public_funds").range
    others = {f"discount rate {value:.0%}": replace(terms, discount=value) for value in (rate.low, rate.high)}
    for end in (beyond.low, beyond.high):
        years = round(terms.beyond * end / beyond.best)
        others[f"{years} years beyond the plan"] = replace(terms, beyond=years)
    for value in (funds.low, funds.high):
        others[f"cost of public funds {value:g}"] = replace(terms, public_funds=value)
    if terms.growth is not None:
        others |= {f"growth of need, {end}": replace(terms, need=end) for end in ("low", "high")}
        others["no growth of need"] = replace(terms, growth=None)
    for value in (terms.currency.low, terms.currency.high):
        if value != terms.currency.per_usd:
            others[f"{value:g} {terms.currency.code} a dollar"] = _exchanged(terms, value)
    return others


def _exchanged(terms: PlanTerms, rate: float) -> PlanTerms:
    """Return the terms at another rate, told in money of the usual one: what the budget buys changes, no more."""
    part = terms.currency.per_usd / rate
    ceilings, absorb = ({key: value * part for key, value in given.items()} for given in (terms.ceilings, terms.absorb))
    return replace(terms, budget=terms.budget * part, ceilings=ceilings, absorb=absorb)


def add_recourse(done: PlanResult, settings: SearchSettings) -> PlanResult:
    """Return the plan with the rule by which it is made again, and what that rule costs on years that no search saw.

    The plans of the rule are searched on fewer scenarios, each of them in every world.
    """
    if not 0 < done.terms.replan < done.terms.count or len(done.worlds.names) < 2:
        return done
    problem = plan_problem(done.sample, done.values, done.terms, RECOURSE, done.base.seed, credits=done.credits)
    found = with_recourse(problem, done.worlds, done.terms.replan, **settings.solving, whole=False)
    checked = check_policy(done.out_of_sample.paths, done.worlds, found, done.plan.started)
    return replace(done, recourse=found, policy=checked)


def _priced_at(one: MeasureValue, end: str) -> MeasureValue:
    """Return a measure with its costs at an end of their ranges."""
    cost, running = (as_range(value.at(end), end) for value in (one.measure.cost, one.measure.running))
    return replace(one, measure=replace(one.measure, cost=cost, running=running))
