"""The account of a plan in numbers: what is begun when, what it costs and averts, and where money is scarce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from khanij.core.cube import Floats
from khanij.plan.measures.value import MeasureValue
from khanij.plan.planner.accounts.margins import NextLot
from khanij.plan.planner.results import NEGLIGIBLE, PlanResult
from khanij.plan.portfolio.problem import credit, in_place


@dataclass(frozen=True, slots=True)
class ValueWithError:
    """A value and its standard error, nan where it has none."""

    value: float
    error: float = float("nan")


@dataclass(frozen=True, slots=True)
class PlanAccount:
    """The search's own figures, in money of the plan; losses and costs discounted unless said.

    spent                    over all years, undiscounted      cost  discounted
    bought_again             discounted, of stock that was drawn: at most, since all of it is bought again; in the loss
    loss_without, loss_with  expected, out of sample           averted  their paired difference
    tail_without, tail_with  CVaR, out of sample
    sampled_without, sampled_with  expected loss on the scenarios of the search
    objective, bound, gap    of the search, gap as a part of the objective
    scenarios                of the search      reduction_error  of keeping so few, nan where all are kept
    joint, sum_of_single     what all that is begun averts a year at the need of the last year, and one by one
    out_of_sample_years, paths  on which the plan is checked: years for means, paths of them for tails
    """

    spent: float
    cost: float
    bought_again: float
    loss_without: ValueWithError
    loss_with: ValueWithError
    averted: ValueWithError
    tail_without: ValueWithError
    tail_with: ValueWithError
    sampled_without: float
    sampled_with: float
    objective: float
    bound: float
    gap: float
    proved: bool
    scenarios: int
    reduction_error: float
    joint: ValueWithError
    sum_of_single: float
    out_of_sample_years: int
    paths: int


@dataclass(frozen=True, slots=True)
class BegunMeasure:
    """One start of a measure; money in units of the plan.

    size            part of the whole measure      year, works_from  when it is begun and works
    cost, outlay, running  once, of it public money, and a year      averted  a year, by itself
    marginal_value  rise of the expected loss over all years, discounted, if all of this measure alone is dropped
    """

    value: MeasureValue
    size: float
    year: int
    works_from: int
    cost: float
    outlay: float
    running: float
    averted: float
    marginal_value: float


@dataclass(frozen=True, slots=True)
class ComponentMoney:
    """Money of one component, or of the whole plan: by year of spending (Y,), in all, and its ceiling, inf if none.

    relaxed  fall of cost and expected loss by one unit more of the ceiling, if measures could be begun in any part
    best     the lot that would gain most by public money, beside all that is begun; None if none can be begun
    """

    name: str
    by_year: Floats
    ceiling: float
    relaxed: float
    best: NextLot | None = None

    @property
    def shadow_price(self) -> float:
        """Return what one more unit of public money gains, whole lots: 0 where the best of them gains nothing."""
        ratio = float("nan") if self.best is None else self.best.per_outlay
        return max(ratio, 0.0) if np.isfinite(ratio) else 0.0

    @property
    def total(self) -> float:
        """Return what is spent in all years."""
        return float(self.by_year.sum())


def account_for(done: PlanResult) -> PlanAccount:
    """Return the account of a plan."""
    plan, money = done.plan, done.terms.currency.of
    saved = done.without.loss - done.check.loss
    whole = np.einsum("wmyk,wmyk,y->w", done.problem.amount, done.problem.value, done.problem.discount)
    before = float(done.problem.probability @ whole)
    return PlanAccount(
        spent=float(plan.spend.sum()),
        cost=plan.cost,
        bought_again=_bought_again(done),
        loss_without=ValueWithError(done.without.expected, done.without.expected_error),
        loss_with=ValueWithError(done.check.expected, done.check.expected_error),
        averted=ValueWithError(float(saved.mean()), float(saved.std() / np.sqrt(len(saved)))),
        tail_without=ValueWithError(done.without.tail, done.without.tail_error),
        tail_with=ValueWithError(done.check.tail, done.check.tail_error),
        sampled_without=float(before),
        sampled_with=plan.expected,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        proved=plan.proved,
        scenarios=len(done.problem.probability),
        reduction_error=float("nan") if done.reduction is None else done.reduction.error,
        joint=ValueWithError(money(done.joint.expected), money(done.joint.error)),
        sum_of_single=money(done.sum_of_single),
        out_of_sample_years=len(done.out_of_sample.singly.probability),
        paths=len(done.out_of_sample.paths.probability),
    )


def _bought_again(done: PlanResult) -> float:
    """Return the money for stock that is bought again, discounted; all of a stock whenever any of it is drawn."""
    yearly = done.plan.in_place[done.sample.measure] * done.sample.refilled[:, None]
    return float(yearly.sum(axis=0) @ done.terms.weights)


def begun_measures(done: PlanResult) -> tuple[BegunMeasure, ...]:
    """Return what is begun, by year, those of the largest marginal value first."""
    plan, money = done.plan, done.terms.currency.of
    marginal = credit(done.problem, plan.started).sum(axis=1)
    placed = np.any(in_place(done.problem, plan.started), axis=1)
    found = []
    for i, y in np.argwhere(plan.started > NEGLIGIBLE).tolist():
        one, size, year = done.values[i], float(plan.started[i, y]), int(done.terms.years[y])
        found.append(
            BegunMeasure(
                value=one,
                size=size,
                year=year,
                works_from=year + one.measure.lead,
                cost=size * money(one.measure.cost.best),
                outlay=size * money(one.measure.outlay.best),
                running=size * money(one.measure.running.best),
                averted=size * money(one.estimate.expected),
                marginal_value=float(marginal[i]) if placed[i] else 0.0,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.year, -one.marginal_value, one.value.measure.id)))


def money_by_component(done: PlanResult, lots: Sequence[NextLot] = ()) -> tuple[ComponentMoney, ...]:
    """Return public money of each component, and of the whole plan, named "all", at the end.

    lots  what one more lot of each measure would buy (margins.next_lots), for the shadow prices
    """
    plan, count = done.plan, done.terms.count
    found = []
    for c, name in enumerate(done.problem.labels["component"]):
        ceiling = float(done.problem.ceiling[c])
        relaxed = float(done.relaxed[1][c]) if done.relaxed and np.isfinite(ceiling) else 0.0
        best = next((one for one in lots if one.value.measure.component == name and not one.why), None)
        found.append(ComponentMoney(name, plan.spend[c, :count], ceiling, relaxed, best))
    relaxed = float(done.relaxed[0][:count].max(initial=0.0)) if done.relaxed else 0.0
    best = next((one for one in lots if not one.why), None)
    whole = ComponentMoney("all", plan.spend[:, :count].sum(axis=0), done.terms.budget, relaxed, best)
    return (*found, whole)


def left_measures(done: PlanResult) -> tuple[MeasureValue, ...]:
    """Return the measures that are not begun."""
    begun = {one.measure.id for one in done.begun}
    return tuple(one for one in done.values if one.measure.id not in begun)
