"""What to build, how much and when under a budget: chosen against drawn years, checked on years it was not made for.

The one place where a plan is put together. Handed in are a Baseline, the terms (budget, years, ceilings of components,
growth of need, goals), what scrap arises, and the settings of the search; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from khanij.core.cube import Floats
from khanij.core.errors import StudyError
from khanij.plan.levers import apply
from khanij.plan.measures.measure import Measure
from khanij.plan.measures.scrap import RecoverableScrap
from khanij.plan.measures.sizing import NO_TARGETS, size_measures
from khanij.plan.measures.value import MeasureValue, value_measures
from khanij.plan.planner.choice import choose_plan, find_worlds
from khanij.plan.planner.goals import Goal
from khanij.plan.planner.options import stage_options
from khanij.plan.planner.regrets import RegretEvaluator
from khanij.plan.planner.results import NEGLIGIBLE, PlanResult, Say, SearchSettings, out_of_sample, search_problem
from khanij.plan.planner.sample import LossSample, sample_losses, with_joint_covers
from khanij.plan.planner.sensitivity import add_frontier, add_sensitivity
from khanij.plan.planner.terms import PlanTerms
from khanij.plan.portfolio.choose import Objective, Portfolio, choose, program
from khanij.plan.portfolio.problem import PlanProblem
from khanij.plan.portfolio.program import solve
from khanij.simulate.risk import averted as valuation
from khanij.simulate.risk.averted import Estimate
from khanij.simulate.risk.baseline import Baseline

Depth = Literal["plan", "frontier", "full"]
NO_EFFECT = Estimate(0.0, 0.0, 0.0, 0.0, 1.0)


def plan_country(
    base: Baseline,
    terms: PlanTerms,
    scrap: RecoverableScrap | None,
    *,
    programme: str = "",
    catalogue: bool = True,
    own: Sequence[Measure] = (),
    targets: Mapping[str, float] = NO_TARGETS,
    objective: Objective | None = None,
    settings: SearchSettings | None = None,
    depth: Depth = "full",
    say: Say | None = None,
) -> PlanResult:
    """Return the plan of a country: what the catalogue has for it, and its own measures, under the terms.

    scrap      what arises in the last year of spending, for plants that recycle it; None = there are none
    programme  whose components pay for measures; its money is in terms.ceilings
    catalogue  False = own measures alone      own  further measures
    targets    measure of the catalogue -> t a year that the country aims at, which limits its size beside need
    Raises StudyError for a focus that is no country, and where no plan meets the terms, named.
    """
    listed = size_measures(base, scrap, programme, targets=targets) if catalogue else ()
    return plan_measures(base, (*listed, *own), terms, objective=objective, settings=settings, depth=depth, say=say)


def plan_measures(
    base: Baseline,
    measures: Sequence[Measure],
    terms: PlanTerms,
    *,
    objective: Objective | None = None,
    settings: SearchSettings | None = None,
    depth: Depth = "full",
    say: Say | None = None,
) -> PlanResult:
    """Return the plan that chooses from these measures.

    objective  what is minimised; cost + expected loss if None
    depth      "plan" alone; with its "frontier"; "full" = also splits, regrets, moved inputs
    Measures without a known cost are left out and listed. Raises StudyError where no plan meets the rows, named.
    """
    objective, settings, say = objective or Objective(), settings or SearchSettings(), say or (lambda _: None)
    values, unpriced, sample = _valued(base, measures, terms, say)
    need = dict(zip(base.materials, terms.grown(base.materials)[:, terms.count - 1].tolist(), strict=True))
    evaluator = RegretEvaluator(values, need)
    say("other methods and chances")
    listed, worlds = find_worlds(base, evaluator)
    options = stage_options(values, terms, worlds, np.array([need[m] for m in base.materials]))
    credits = {one.first.measure.id: one.credit for one in options}
    say("drawing scenarios")
    problem, reduction = search_problem(sample, values, terms, settings, base.seed, credits)
    fresh = out_of_sample(sample, values, terms, settings, base.seed, credits)
    say("choosing")
    expected = choose(problem, objective, **settings.solving)
    say("the plan of least regret")
    choice = choose_plan(problem, expected, sample, worlds, listed, evaluator, terms, objective, settings)
    chosen = choice.plan
    joint, single = joint_effect(base, values, chosen, terms)
    done = PlanResult(
        base=base,
        values=values,
        unpriced=unpriced,
        terms=terms,
        objective=objective,
        sample=sample,
        problem=problem,
        out_of_sample=fresh,
        reduction=reduction,
        plan=chosen,
        expected=expected,
        worlds=worlds,
        options=options,
        shown=choice.shown,
        candidates=choice.plans,
        regrets=choice.regrets,
        without=fresh.check(np.zeros_like(chosen.started), objective.level),
        check=fresh.check(chosen.started, objective.level),
        joint=joint,
        sum_of_single=single,
        relaxed=relaxed_prices(problem, objective, settings),
    )
    if depth == "frontier":
        return add_frontier(done, settings)
    return add_sensitivity(done, settings, say) if depth == "full" else done


def _valued(
    base: Baseline, measures: Sequence[Measure], terms: PlanTerms, say: Say
) -> tuple[tuple[MeasureValue, ...], tuple[MeasureValue, ...], LossSample]:
    """Return the measures with a known cost, those without, and the simulated years with what the former avert."""
    say(f"valuing {len(measures)} measures")
    every = value_measures(base, measures)
    values = tuple(one for one in every if one.measure.cost.is_known)
    unpriced = tuple(one for one in every if not one.measure.cost.is_known)
    sample = sample_losses(base, values, terms.currency)
    if not len(sample.measure) and not terms.goals:
        raise StudyError("no measure averts any loss", where="plan", hint="other measures, or other minerals")
    say("what measures avert beside each other")
    return values, unpriced, with_joint_covers(sample, base, values)


def objective_of(aim: str, goals: Sequence[Goal], tail: float = 0.0) -> Objective:
    """Return what is minimised: "losses" and cost, or the "least-cost" that meets goals; "" = the latter if there are.

    tail  weight of CVaR beside the expected loss
    """
    cheapest = aim == "least-cost" or (bool(goals) and not aim)
    return Objective(expected=0.0 if cheapest else 1.0, tail=tail)


def relaxed_prices(problem: PlanProblem, objective: Objective, settings: SearchSettings) -> tuple[Floats, Floats]:
    """Return the shadow price of money by year and by component, if measures could be begun in any part."""
    rows, at = program(problem, objective)
    duals = solve(rows, relax=True, threads=settings.threads).duals
    each = -duals[at["budget"]] + 0.0
    return (np.cumsum(each[::-1])[::-1] if problem.carry else each), -duals[at["ceiling"]] + 0.0


def joint_effect(
    base: Baseline, values: Sequence[MeasureValue], plan: Portfolio, terms: PlanTerms
) -> tuple[Estimate, float]:
    """Return what all that is begun averts at once in the market model, and the sum one by one, USD a year.

    All of it works, in the size that is begun, at the need of the last year in which money is spent.
    """
    factor = terms.grown(base.materials)[:, terms.count - 1]
    need = dict(zip(base.materials, factor.tolist(), strict=True))
    begun = plan.started.sum(axis=1)
    stands = begun * np.array([one.measure.building.chance.best for one in values])
    taken = [(one.measure, float(size)) for one, size in zip(values, stands, strict=True) if size > NEGLIGIBLE]
    single = float(sum(size * one.estimate.expected for one, size in zip(values, stands, strict=True)))
    if not taken:
        return NO_EFFECT, 0.0
    levers = [lever for one, size in taken for lever in one.resized_levers(size / need.get(one.materials[0], 1.0))]
    materials = dict.fromkeys(m for one, _ in taken for m in one.touched())
    averted = valuation.averted_loss(base, apply(base.case, levers).case, materials)
    return valuation.estimate(base, averted, need), single
