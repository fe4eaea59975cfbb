"""Logistic regression against a general optimiser, and scores against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import mannwhitneyu

from khanij.core.rng import stream
from khanij.kernels.chances import logistic


def sample(n=400, k=4, seed=3):
    draw = stream(seed)
    x = draw.normal(size=(n, k))
    chance = logistic.sigmoid(-1 + x @ np.linspace(-1, 1, k))
    return x, (draw.random(n) < chance).astype(float)


@pytest.mark.parametrize("ridge", [0.0, 1.0, 20.0])
def test_it_finds_the_optimum(ridge):
    x, y = sample()

    def loss(w):
        score = w[0] + x @ w[1:]
        return np.sum(np.logaddexp(0, score) - y * score) + 0.5 * ridge * np.sum(w[1:] ** 2)

    best = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-8})
    got = logistic.fit(x, y, ridge)
    assert got.converged
    np.testing.assert_allclose(got.weights, best.x, atol=1e-5)


def test_without_penalty_the_mean_forecast_is_the_share_of_events():
    x, y = sample()
    assert logistic.fit(x, y, 0.0).probability(x).mean() == pytest.approx(y.mean(), abs=1e-8)


def test_separable_cases_stay_finite_with_a_penalty():
    x = np.linspace(-1, 1, 50)[:, None]
    got = logistic.fit(x, (x[:, 0] > 0).astype(float), 1.0)
    assert got.converged
    assert np.isfinite(got.weights).all()


def test_clusters_of_copies_do_not_count_as_more_cases():
    x, y = sample(200)
    once = logistic.fit(x, y, 0.0)
    doubled = logistic.fit(np.repeat(x, 3, axis=0), np.repeat(y, 3), 0.0, np.repeat(np.arange(200), 3))
    np.testing.assert_allclose(doubled.weights, once.weights, atol=1e-7)
    np.testing.assert_allclose(doubled.covariance, once.covariance, rtol=1e-5)


def test_the_interval_holds_the_forecast():
    x, y = sample()
    got = logistic.fit(x, y)
    low, high = got.interval(x)
    assert ((low < got.probability(x)) & (got.probability(x) < high)).all()


@pytest.mark.parametrize("wrong", [{"x": np.array([[np.nan]])}, {"y": np.array([0.5])}, {"ridge": -1.0}])
def test_impossible_arguments_are_refused(wrong):
    with pytest.raises(ValueError, match="finite"):
        logistic.fit(**{"x": np.zeros((1, 1)), "y": np.zeros(1), **wrong})


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_auc_is_the_rank_statistic(rows):
    y = np.array([float(event) for event, _ in rows])
    score = np.array([float(value) for _, value in rows])
    if 0 < y.sum() < len(y):
        u = mannwhitneyu(score[y > 0], score[y == 0], method="asymptotic").statistic
        assert logistic.auc(y, score) == pytest.approx(u / (y.sum() * (len(y) - y.sum())))
    else:
        assert np.isnan(logistic.auc(y, score))


def test_scores_by_hand():
    y, chance = np.array([1.0, 0.0]), np.array([0.8, 0.4])
    assert logistic.brier(y, chance) == pytest.approx((0.04 + 0.16) / 2)
    assert logistic.log_score(y, chance) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    assert logistic.log_score(y, np.array([0.0, 0.0])) == np.inf


def test_calibration_groups_are_of_one_size():
    x, y = sample(100)
    table = logistic.calibration(y, logistic.fit(x, y).probability(x), 10)
    assert table[:, 0].tolist() == [10.0] * 10
    assert (np.diff(table[:, 1]) > 0).all()
    assert table[:, 2].mean() == pytest.approx(y.mean())
