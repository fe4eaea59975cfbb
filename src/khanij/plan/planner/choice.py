"""Which plan is shown: of the plans made for each world the one whose largest regret is least, by the engine itself.

A world is a method (planner.regrets.states); in it each mineral's losses are as many times as that method has them.
Plans are made for each of them, for the least expected cost, and for the least largest regret on the scenarios of the
search (plan.portfolio.worlds). All are then put into each method's world, year by year with what stands by then, and
the one with the least regret at worst over all years is shown; the one of least expected cost stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from khanij.core.cube import Floats
from khanij.plan.planner import regrets
from khanij.plan.planner.regrets import Candidates, ModelState, RegretEvaluator, RegretTable
from khanij.plan.planner.results import SearchSettings
from khanij.plan.planner.sample import LossSample
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio.choose import Objective, Portfolio, choose, losses
from khanij.plan.portfolio.problem import PlanProblem, cost, in_place, spend, tail_mean
from khanij.plan.portfolio.worlds import Worlds, in_world, least_regret
from khanij.simulate.risk.baseline import Baseline

LOOKS = 3  # times at which plans are compared: early, when the first plants stand, and once all that is begun works
THIS_PLAN, NO_MEASURE = "this plan", "no measure"
LEAST_EXPECTED, LEAST_REGRET = "least expected cost", "least regret on the scenarios"


@dataclass(frozen=True, slots=True)
class Choice:
    """The plan that is shown and those beside it.

    shown      how it was made: one of the names      plans  name -> what it begins; the plan shown is THIS_PLAN
    regrets    of all of them, world by world
    """

    plan: Portfolio
    shown: str
    plans: Mapping[str, Portfolio]
    regrets: RegretTable


def find_worlds(base: Baseline, evaluator: RegretEvaluator) -> tuple[tuple[ModelState, ...], Worlds]:
    """Return the methods, and by how much each moves every mineral's losses; each counts the same."""
    listed = regrets.states(base)
    nothing = np.zeros(len(evaluator.values))
    plain = [evaluator.loss(state, nothing) for state in listed]
    times = np.array([[one[m] / plain[0][m] if plain[0][m] > 0 else 1.0 for m in base.materials] for one in plain])
    chance = np.full(len(listed), 1.0 / len(listed))
    return listed, Worlds(tuple(state.name for state in listed), times, chance, base.materials)


def choose_plan(
    problem: PlanProblem,
    expected: Portfolio,
    sample: LossSample,
    worlds: Worlds,
    listed: tuple[ModelState, ...],
    evaluator: RegretEvaluator,
    terms: PlanTerms,
    aim: Objective,
    settings: SearchSettings,
) -> Choice:
    """Return the plan of least largest regret among those made for each world, and the table of all.

    expected  the plan of least expected cost      sample  for what stock costs that is bought again
    """
    nothing = as_portfolio(problem, np.zeros_like(expected.started), aim, expected)
    plans = {NO_MEASURE: nothing, LEAST_EXPECTED: expected}
    if aim.expected > 0:
        plans = _unlike(plans | _made_for_worlds(problem, expected, worlds, aim, settings))
    table = regrets.compare(evaluator, listed, _candidates(plans, evaluator, sample, terms), terms.currency.of(1.0))
    worst = table.regret.max(axis=1)
    names = list(plans)
    totals = [plans[name].cost + plans[name].expected for name in names]
    barred = NO_MEASURE if terms.goals else ""  # what meets no goal is no plan
    listed_plans = [p for p, name in enumerate(names) if name != barred] or [0]
    at = names.index(LEAST_EXPECTED) if aim.expected == 0 else min(listed_plans, key=lambda p: (worst[p], totals[p]))
    shown = names[at]
    renamed = tuple(THIS_PLAN if p == at else name for p, name in enumerate(names))
    table = replace(table, candidates=replace(table.candidates, names=renamed))
    return Choice(plans[shown], shown, dict(zip(renamed, plans.values(), strict=True)), table)


def _made_for_worlds(
    problem: PlanProblem, expected: Portfolio, worlds: Worlds, aim: Objective, settings: SearchSettings
) -> dict[str, Portfolio]:
    """Return the plan made for each world but the first, and the one of least largest regret."""
    plans: dict[str, Portfolio] = {}
    best = np.full(len(worlds.names), expected.cost + expected.expected)
    for s, times in list(enumerate(worlds.times))[1:]:
        made = choose(in_world(problem, times), aim, **settings.solving, prices=False)
        best[s] = made.cost + made.expected
        plans[f"made for: {worlds.names[s]}"] = as_portfolio(problem, made.started, aim, expected)
    started, _ = least_regret(problem, worlds, best, **settings.solving, whole=False)
    return plans | {LEAST_REGRET: as_portfolio(problem, started, aim, expected)}


def as_portfolio(problem: PlanProblem, started: Floats, aim: Objective, like: Portfolio) -> Portfolio:
    """Return what was started (I, Y) as a plan of a problem; the bound is that of the plan of least expected cost."""
    loss = losses(problem, started)
    mean, tail = float(problem.probability @ loss), tail_mean(loss, problem.probability, aim.level)
    charged = cost(problem, started)
    objective = charged + aim.expected * mean + aim.tail * tail
    return replace(
        like,
        started=started,
        in_place=in_place(problem, started),
        spend=spend(problem, started),
        cost=charged,
        loss=loss,
        expected=mean,
        tail=tail,
        objective=objective,
        gap=max(objective - like.bound, 0.0) / max(abs(objective), 1e-12),
        budget_price=np.full(len(problem.budget), np.nan),
        ceiling_price=np.full(len(problem.ceiling), np.nan),
    )


def _unlike(plans: Mapping[str, Portfolio]) -> dict[str, Portfolio]:
    """Return the plans without those that begin in all what an earlier one does."""
    found: dict[bytes, tuple[str, Portfolio]] = {}
    for name, one in plans.items():
        found.setdefault(np.round(one.started, 6).sum(axis=1).tobytes(), (name, one))
    return dict(found.values())


def _candidates(
    plans: Mapping[str, Portfolio], evaluator: RegretEvaluator, sample: LossSample, terms: PlanTerms
) -> Candidates:
    """Return what stands when, with the chance that it does, and cost, stock bought again included.

    The years are looked at in LOOKS spans, each by what stands in its middle; losses grow as need does, and what stands
    meets the need of the last year of spending, for which sizes are told.
    """
    values = evaluator.values
    chance = np.array([one.measure.building.chance.best for one in values])
    placed = np.array([one.in_place for one in plans.values()])
    again = np.zeros(len(values))
    np.add.at(again, sample.measure, sample.refilled)
    grown = terms.grown(sample.materials) * terms.singly
    weight = grown[:, : terms.count]
    if terms.beyond:
        weight = np.concatenate([weight, grown[:, terms.count :].sum(axis=1, keepdims=True)], axis=1)
    spans = np.array_split(np.arange(weight.shape[1]), min(LOOKS, weight.shape[1]))
    middle = [span[len(span) // 2] for span in spans]
    weight = np.stack([weight[:, span].sum(axis=1) for span in spans], axis=1)
    need = np.array([evaluator.need.get(m, 1.0) for m in sample.materials])
    charged = np.array([one.cost for one in plans.values()])
    return Candidates(
        tuple(plans),
        placed[:, :, middle] * chance[:, None],
        charged + np.einsum("piy,i,y->p", placed, again, terms.weights),
        weight / need[:, None],
    )
