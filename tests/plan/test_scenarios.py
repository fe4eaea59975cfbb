"""Fewer scenarios within their stated error, plans out of sample, frontier and regret."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.core.errors import StudyError
from khanij.plan.portfolio.choose import Objective, choose, losses
from khanij.plan.portfolio.problem import PlanProblem, tail_mean
from khanij.plan.portfolio.scenarios import check, distances, frontier, reduce, regret

pytest.importorskip("highspy")


def problem(seed=0, scenarios=12, uneven=False, stores=False):
    draw = np.random.default_rng(seed)
    amount = draw.uniform(0, 4, (scenarios, 2, 3, 2)) * (draw.random((scenarios, 2, 1, 1)) < 0.6)
    averted = draw.uniform(0.5, 2, (scenarios, 4, 3) if uneven else 4)
    weight = draw.uniform(0.2, 1, scenarios)
    return PlanProblem(
        cost=draw.uniform(2, 6, (3, 3)),
        lead=np.array([0, 1, 0]),
        limit=np.array([2.0, 1.5, 3.0]),
        lump=np.zeros(3),
        budget=np.full(3, 8.0),
        measure=np.array([0, 1, 2, 2]),
        mineral=np.array([0, 1, 0, 1]),
        averted=averted,
        amount=amount,
        value=draw.uniform(0.5, 3, (scenarios, 2, 3, 2)),
        probability=weight / weight.sum(),
        discount=0.95 ** np.arange(3),
        store=np.array([stores, False, False, False]),
    )


@settings(max_examples=20)
@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_losses_differ_by_no_more_than_the_distance(seed, uneven, stores):
    given_ = problem(seed, uneven=uneven, stores=stores)
    apart = distances(given_)
    started = np.random.default_rng(seed).uniform(0, 1, (3, 3)) * given_.limit[:, None] / 3
    loss = losses(given_, started)
    assert (np.abs(loss[:, None] - loss) <= apart + 1e-7).all()
    np.testing.assert_allclose(apart, apart.T, atol=1e-9)
    assert not np.diag(apart).any()


def test_without_any_cover_one_step_is_apart_by_its_loss():
    given_ = problem(4)
    small = PlanProblem(
        **{
            **{
                name: getattr(given_, name)
                for name in ("cost", "lead", "limit", "lump", "budget", "measure", "mineral")
            },
            "averted": np.ones(4),
            "amount": given_.amount[:2, :, :, :1],
            "value": np.array(2.0),
            "probability": np.array([0.5, 0.5]),
        }
    )
    expected = 2.0 * np.abs(small.amount[0] - small.amount[1]).sum()
    assert distances(small)[0, 1] == pytest.approx(expected)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 12))
def test_the_stated_error_holds_for_mean_and_tail(seed, count):
    given_ = problem(seed)
    fewer = reduce(given_, count)
    assert fewer.probability.sum() == pytest.approx(1)
    assert len(set(fewer.kept.tolist())) == count
    assert (np.diff(fewer.errors) <= 1e-9).all()
    part = given_.subset(fewer.kept, fewer.probability)
    started = np.random.default_rng(seed).uniform(0, 0.5, (3, 3))
    full, less = losses(given_, started), losses(part, started)
    assert abs(given_.probability @ full - fewer.probability @ less) <= fewer.error + 1e-7
    tails = (tail_mean(full, given_.probability, 0.8), tail_mean(less, fewer.probability, 0.8))
    assert abs(tails[0] - tails[1]) <= fewer.error / 0.2 + 1e-7


def test_all_kept_is_no_error_and_one_is_the_best_one():
    given_ = problem(7)
    assert reduce(given_, 12).error == pytest.approx(0, abs=1e-12)
    apart, probability = distances(given_), given_.probability
    assert reduce(given_, 1).error == pytest.approx(min(probability @ apart))
    pairs = min(probability @ np.minimum(apart[a], apart[b]) for a, b in combinations(range(12), 2))
    assert reduce(given_, 2).error >= pairs - 1e-12


@pytest.mark.parametrize("count", [0, 13])
def test_no_other_number_can_be_kept(count):
    with pytest.raises(StudyError, match="asked to keep"):
        reduce(problem(), count)


def test_in_sample_the_check_repeats_the_plan():
    given_ = problem(2)
    plan = choose(given_, Objective(tail=0.5), gap=0.0)
    found = check(given_, plan.started)
    assert found.expected == pytest.approx(plan.expected)
    assert found.tail == pytest.approx(plan.tail)
    np.testing.assert_allclose(found.loss, plan.loss, atol=1e-7)


def test_standard_errors_are_the_scatter_of_samples():
    started = np.full((3, 3), 0.3)
    whole = problem(1, scenarios=4000)
    loss = losses(whole, started)
    draw = np.random.default_rng(0)
    runs = []
    for _ in range(300):
        chosen = draw.integers(0, 4000, 200)
        runs.append(check(whole.subset(chosen, np.full(200, 1 / 200)), started, level=0.8))
    for part, value in (("expected", loss.mean()), ("tail", tail_mean(loss, np.full(4000, 1 / 4000), 0.8))):
        means = np.array([getattr(run, part) for run in runs])
        errors = np.array([getattr(run, f"{part}_error") for run in runs])
        assert means.mean() == pytest.approx(value, rel=0.02)
        assert errors.mean() == pytest.approx(means.std(ddof=1), rel=0.15)


def test_frontier_trades_cost_against_the_tail():
    given_ = problem(5)
    plans = frontier(given_, Objective(level=0.8), tails=(0.0, 1.0, 10.0), gap=0.0)
    tails, costs = [plan.tail for plan in plans], [plan.cost + plan.expected for plan in plans]
    assert (np.diff(tails) <= 1e-7).all()
    assert (np.diff(costs) >= -1e-7).all()
    richer = frontier(given_, Objective(), budgets=(0.1, 0.5, 1.0), gap=0.0)
    assert (np.diff([plan.objective for plan in richer]) <= 1e-7).all()


@given(arrays(float, (3, 4), elements=st.floats(0, 100)), arrays(float, 3, elements=st.floats(0, 100)))
def test_regret_is_never_negative_and_nothing_for_the_best(loss, cost):
    found = regret(cost, loss)
    assert (found >= 0).all()
    assert (found.min(axis=0) == 0).all()
