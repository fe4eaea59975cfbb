"""Portfolios against every possible choice, closed forms, and what more money or less risk must do."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.errors import StudyError
from khanij.plan.portfolio.choose import Objective, choose, losses
from khanij.plan.portfolio.problem import (
    PlanProblem,
    credit,
    import_ceiling,
    in_place,
    losses_by_mineral,
    spend,
    tail_mean,
)

pytest.importorskip("highspy")


def problem(seed=0, scenarios=6, measures=3, minerals=2, years=3, steps=2, **given):
    draw = np.random.default_rng(seed)
    pairs = [(i, m) for i in range(measures) for m in range(minerals) if draw.random() < 0.7] or [(0, 0)]
    measure, mineral = np.array(pairs).T
    return PlanProblem(
        **{
            "cost": draw.uniform(2, 6, (measures, years)),
            "lead": draw.integers(0, 2, measures),
            "limit": np.full(measures, 2.0),
            "lump": np.ones(measures),
            "budget": np.full(years, 9.0),
            "measure": measure,
            "mineral": mineral,
            "averted": draw.uniform(0.5, 3, len(pairs)),
            "amount": draw.uniform(0, 4, (scenarios, minerals, years, steps))
            * (draw.random((scenarios, 1, 1, 1)) < 0.8),
            "value": draw.uniform(0.5, 3, (scenarios, minerals, years, steps)),
            "probability": np.full(scenarios, 1 / scenarios),
            **given,
        }
    )


def single(**given):
    """One measure, one mineral, two years, one scenario: an amount of 10 at 2 a year."""
    return PlanProblem(
        **{
            "cost": np.array([[3.0, 3.0]]),
            "lead": np.array([0]),
            "limit": np.array([4.0]),
            "lump": np.array([0.0]),
            "budget": np.array([100.0, 100.0]),
            "measure": np.array([0]),
            "mineral": np.array([0]),
            "averted": np.array([4.0]),
            "amount": np.full((1, 1, 2, 1), 10.0),
            "value": np.array(2.0),
            "probability": np.array([1.0]),
            **given,
        }
    )


def feasible(given, started):
    money = spend(given, started).sum(axis=0)
    return (money <= given.budget + 1e-9).all() and (started.sum(axis=1) <= given.limit + 1e-9).all()


@settings(max_examples=12)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.7]))
def test_the_optimum_is_the_best_of_all_choices(seed, tail):
    given_ = problem(seed, measures=2, years=2)
    best = np.inf
    for flat in product(range(3), repeat=4):
        started = np.array(flat, dtype=float).reshape(2, 2)
        if feasible(given_, started):
            loss = losses_by_mineral(given_, started).sum(axis=1)
            total = spend(given_, started).sum() + loss.mean() + tail * tail_mean(loss, given_.probability, 0.8)
            best = min(best, total)
    plan = choose(given_, Objective(tail=tail, level=0.8), gap=0.0)
    assert plan.objective == pytest.approx(best, rel=1e-7)
    assert plan.cost + plan.expected + tail * plan.tail == pytest.approx(best, rel=1e-7)
    assert feasible(given_, plan.started)


def test_loss_saturates_at_nothing():
    plan = choose(single(), gap=0.0)
    # 2.5 units cover all 10; a unit covers 4 worth 2 each in two years for 3, so all of it pays.
    np.testing.assert_allclose(plan.started, [[2.5, 0.0]])
    np.testing.assert_allclose(plan.loss, [0.0], atol=1e-9)
    assert losses(single(), np.array([[4.0, 0.0]])) == pytest.approx([0.0])


def test_the_dearest_steps_are_covered_first():
    given_ = single(amount=np.array([[[[5.0, 5.0], [5.0, 5.0]]]]), value=np.array([1.0, 10.0]))
    assert losses(given_, np.array([[1.0, 0.0]])) == pytest.approx([2 * (1 * 10 + 5 * 1)])


def test_lead_times_delay_what_is_in_place():
    given_ = single(lead=np.array([1]))
    np.testing.assert_allclose(in_place(given_, np.array([[2.0, 1.0]])), [[0.0, 2.0]])
    plan = choose(given_, gap=0.0)
    assert plan.in_place[0, 0] == 0
    assert losses(given_, plan.started) == pytest.approx(plan.loss)


def test_a_store_is_used_once_where_it_is_worth_most():
    value = np.array([[[[1.0], [3.0]]]])
    given_ = single(store=np.array([True]), value=value)
    # A store of 2 units holds 8: released in the second year, where the amount is worth 3.
    assert losses(given_, np.array([[2.0, 0.0]])) == pytest.approx([10 * 1 + 2 * 3])
    # Two units more in the second year serve that year and no earlier one.
    assert losses(given_, np.array([[2.0, 2.0]])) == pytest.approx([10 * 1 + 0 - 6 * 1 + 0])


def test_closed_form_and_second_stage_agree():
    given_ = problem(3)
    started = np.array([[1.0, 0, 1], [0, 2, 0], [1, 0, 0]])
    idle = np.concatenate([np.zeros(len(given_.measure), bool), [True]])
    forced = replace(
        given_,
        measure=np.append(given_.measure, 0),
        mineral=np.append(given_.mineral, 0),
        averted=np.concatenate([given_.averted, np.zeros((1, 3))]),
        store=idle,
        refill=None,
    )
    np.testing.assert_allclose(losses(forced, started), losses(given_, started), atol=1e-7)


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_more_money_never_hurts_and_its_price_says_so(seed):
    poor = problem(seed, budget=np.full(3, 4.0), lump=np.zeros(3))
    rich = replace(poor, budget=np.array([4.1, 4.0, 4.0]))
    first, second = choose(poor, gap=0.0), choose(rich, gap=0.0)
    assert second.objective <= first.objective + 1e-7
    assert (first.budget_price >= -1e-9).all()
    # The objective is convex in the budget: the price is the steepest fall there is from here.
    assert first.objective - second.objective <= 0.1 * first.budget_price[0] + 1e-6


def test_unspent_money_can_be_carried():
    tight = single(
        cost=np.array([[3.0, 3.0]]), budget=np.array([0.0, 6.0]), limit=np.array([2.0]), lump=np.array([1.0])
    )
    early = replace(tight, budget=np.array([6.0, 0.0]), lead=np.array([0]), cost=np.array([[np.float64(1e3), 3.0]]))
    assert choose(early, gap=0.0).started.sum() == 0
    carried = choose(replace(early, carry=True), gap=0.0)
    np.testing.assert_allclose(carried.started, [[0.0, 2.0]])
    assert len(carried.budget_price) == 2


def test_limits_by_component_absorption_and_pace():
    wide = single(budget=np.full(2, np.inf))
    assert choose(replace(wide, ceiling=np.array([3.0])), gap=0.0).spend.sum() == pytest.approx(3)
    assert choose(replace(wide, ceiling=np.array([3.0])), gap=0.0).ceiling_price[0] > 0
    assert choose(replace(wide, absorb=np.array([[1.5, 1.5]])), gap=0.0).spend.max() == pytest.approx(1.5)
    assert choose(replace(wide, pace=np.array([[0.5, 0.25]])), gap=0.0).started.sum() == pytest.approx(0.75)


def test_running_costs_count_in_money_and_budget():
    given_ = single(running=np.array([[1.0, 1.0]]), budget=np.array([4.0, 100.0]))
    plan = choose(given_, gap=0.0)
    assert plan.started[0, 0] == pytest.approx(1.0)
    assert plan.spend[0, 0] == pytest.approx(4.0)


def test_one_measure_can_need_another():
    given_ = problem(1, lump=np.zeros(3))
    free = choose(given_, gap=0.0)
    bound = choose(replace(given_, needs=[(0, 1, 0.5)]), gap=0.0)
    assert (bound.in_place[0] <= 0.5 * bound.in_place[1] + 1e-7).all()
    assert bound.objective >= free.objective - 1e-7


def test_a_target_at_least_cost():
    need = np.array([[-np.inf, 6.0]])
    given_ = single(secured=np.array([[4.0]]), need=need)
    plan = choose(given_, Objective(expected=0.0), gap=0.0)
    assert plan.cost == pytest.approx(1.5 * 3)
    assert plan.objective == pytest.approx(plan.cost)
    with pytest.raises(StudyError) as caught:
        choose(replace(given_, limit=np.array([1.0]), labels={"target": ["lithium"], "year": ["2025", "2026"]}))
    assert "target: lithium, 2026" in caught.value.where
    assert "limit" in caught.value.where
    assert "arrival" not in caught.value.where  # what is in place is no demand that could be dropped


def test_what_is_in_place_stays_below_its_ceiling_of_the_year():
    wide = single(budget=np.full(2, np.inf), limit=np.array([2.0]))
    assert choose(wide, gap=0.0).in_place[0].tolist() == pytest.approx([2.0, 2.0])
    grown = choose(replace(wide, most=np.array([[0.5, 1.5]])), gap=0.0)
    assert grown.in_place[0].tolist() == pytest.approx([0.5, 1.5])
    assert losses(replace(wide, most=np.array([[0.5, 1.5]])), grown.started) == pytest.approx(grown.loss)


def test_an_import_ceiling_is_a_need_for_home_supply():
    demand, home = np.array([[10.0, 20.0], [5.0, np.nan]]), np.array([[1.0, 2.0], [4.0, 0.0]])
    share = np.array([[0.5, 0.65], [0.1, np.nan]])
    np.testing.assert_allclose(import_ceiling(demand, home, share), [[4.0, 5.0], [0.5, -np.inf]])
    with pytest.raises(StudyError, match="import ceiling"):
        import_ceiling(demand, home, np.array(0.5))


def test_ceilings_on_expected_loss_and_on_the_tail():
    given_ = problem(2, lump=np.zeros(3), budget=np.full(3, 40.0))
    asked = choose(given_, Objective(expected=0.0), gap=0.0)
    assert asked.cost == pytest.approx(0, abs=1e-9)
    half = choose(given_, Objective(expected=0.0, loss=asked.expected / 2), gap=0.0)
    assert half.expected <= asked.expected / 2 + 1e-6
    safe = choose(given_, Objective(expected=0.0, tail_loss=asked.tail / 2), gap=0.0)
    assert safe.tail <= asked.tail / 2 + 1e-6
    assert min(half.cost, safe.cost) > 0


def test_tail_mean():
    loss, even = np.arange(1.0, 101), np.full(100, 0.01)
    assert tail_mean(loss, even, 0.95) == pytest.approx(98)
    assert tail_mean(loss, even, 0.0) == pytest.approx(loss.mean())
    # Half of the mass at the quantile belongs to the tail: 0.5 x 1 and 0.25 of 0.5 at 3.
    assert tail_mean(np.array([1.0, 3.0]), np.array([0.75, 0.25]), 0.5) == pytest.approx(2.0)


def test_credit_is_what_comes_back_without_a_measure():
    given_ = single()
    np.testing.assert_allclose(credit(given_, np.array([[1.0, 0.0]])), [[2 * 4 * 2.0]])
    assert not credit(given_, np.zeros((1, 2))).any()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("probability", np.array([0.5])),
        ("amount", np.full((1, 1, 2, 1), np.nan)),
        ("lead", np.array([1, 2])),
        ("value", np.array(-1.0)),
        ("budget", np.array([np.nan, 1.0])),
    ],
)
def test_what_cannot_be_is_refused_by_name(field, value):
    with pytest.raises(StudyError) as caught:
        single(**{field: value})
    assert caught.value.where == field


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e6])
def test_a_plan_does_not_hang_on_the_unit_of_money(unit):
    usual = problem(4)
    other = replace(
        usual,
        cost=usual.cost * unit,
        budget=usual.budget * unit,
        amount=usual.amount * unit,
        averted=usual.averted * unit,
    )
    aim = Objective(tail=0.5)
    one, two = choose(usual, aim, gap=0.0), choose(other, aim, gap=0.0)
    np.testing.assert_allclose(two.started, one.started, atol=1e-9)
    assert two.objective == pytest.approx(one.objective * unit)
    np.testing.assert_allclose(two.budget_price, one.budget_price, atol=1e-7)
