"""Correlations of events found again from draws, and the series against an independent bivariate integral."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from khanij.core.rng import stream
from khanij.kernels.chances import dependence


def test_thresholds_are_the_normal_quantiles():
    chance = np.array([0.001, 0.2, 0.5, 0.97])
    np.testing.assert_allclose(dependence.threshold(chance), stats.norm.isf(chance), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(dependence.above(dependence.threshold(chance)), chance, rtol=1e-12)
    assert dependence.threshold(np.array([0.0, 1.0])).tolist() == [np.inf, -np.inf]
    assert np.isnan(dependence.threshold(np.array([np.nan]))).all()


@given(st.floats(0.005, 0.9), st.floats(0.005, 0.9), st.floats(-0.4, 0.6))
def test_the_series_is_the_bivariate_normal_distribution(one, other, r):
    terms = dependence.series(np.array([one, other]))
    joint = float((r ** np.arange(len(terms)) * terms[:, 0] * terms[:, 1]).sum())
    t = -stats.norm.isf([one, other])
    exact = stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf(t)
    assert joint == pytest.approx(exact, abs=2e-6)


def test_pair_sums_are_those_of_the_listed_pairs():
    draw = stream(1)
    values, group = draw.normal(size=(3, 12)), draw.integers(0, 3, 12)
    listed = np.zeros((3, 3))
    for i in range(12):
        for j in range(i):
            if group[i] == group[j]:
                listed[:, group[i]] += values[:, i] * values[:, j]
    np.testing.assert_allclose(dependence.pair_sums(values, group), listed, atol=1e-12)


@pytest.mark.parametrize("true", [0.0, 0.1, 0.35])
def test_a_common_factor_is_found_again(true):
    years, size = 4_000, 12
    chance = np.tile(np.linspace(0.05, 0.4, size), years)
    year = np.repeat(np.arange(years), size)
    draw = stream(2)
    latent = np.sqrt(true) * np.repeat(draw.standard_normal(years), size)
    latent += np.sqrt(1 - true) * draw.standard_normal(years * size)
    struck = (latent > dependence.threshold(chance)).astype(float)
    sums = dependence.pair_sums(np.vstack([dependence.series(chance), struck]), year).sum(axis=1)
    assert dependence.correlation(sums[-1], sums[:-1]) == pytest.approx(true, abs=0.015)


def test_no_pairs_no_correlation():
    assert np.isnan(dependence.correlation(0.0, np.zeros(5)))
