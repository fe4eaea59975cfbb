"""Agreement of two judgements against worked numbers, the delta method and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from khanij.kernels.indicators import agreement

COUNTS = st.lists(st.integers(1, 60), min_size=4, max_size=4)


def plain_kappa(p):
    both, one, two, neither = p
    first, second = both + one, both + two
    expected = first * second + (1 - first) * (1 - second)
    return (both + neither - expected) / (1 - expected)


def test_worked_example():
    """20 both, 5 and 10 apart, 15 neither: 0.7 against 0.5 by chance, so 0.4."""
    table = np.array([20.0, 5.0, 10.0, 15.0])
    assert agreement.agreement(table) == pytest.approx(0.7)
    assert agreement.chance(table) == pytest.approx(0.5)
    assert agreement.kappa(table)[0] == pytest.approx(0.4)


@given(COUNTS)
def test_error_is_that_of_the_delta_method(table):
    counts = np.array(table, dtype=float)
    n, p = counts.sum(), counts / counts.sum()
    step = 1e-6
    slopes = np.empty(4)
    for k in range(4):
        moved = [p.copy(), p.copy()]
        moved[0][k] += step
        moved[1][k] -= step
        # the shares are free here, so the formula must be the one of shares, not of counts
        slopes[k] = (plain_shares(moved[0]) - plain_shares(moved[1])) / (2 * step)
    variance = (p * slopes**2).sum() - (p * slopes).sum() ** 2
    value, error = agreement.kappa(counts)
    assert value == pytest.approx(plain_kappa(p), abs=1e-12)
    assert error == pytest.approx(np.sqrt(variance / n), rel=1e-4, abs=1e-6)


def plain_shares(p):
    both, one, two, neither = p
    rows, columns = (both + one, two + neither), (both + two, one + neither)
    expected = rows[0] * columns[0] + rows[1] * columns[1]
    return (both + neither - expected) / (1 - expected)


@given(COUNTS)
def test_sides_can_be_swapped(table):
    both, one, two, neither = map(float, table)
    first, second = np.array([both, one, two, neither]), np.array([both, two, one, neither])
    np.testing.assert_allclose(agreement.kappa(first), agreement.kappa(second), atol=1e-12)


def test_extremes_and_batches():
    table = np.array([[5.0, 0, 0, 5], [0, 5, 5, 0], [9, 0, 0, 0], [0, 0, 0, 0]])
    value, error = agreement.kappa(table)
    np.testing.assert_allclose(value, [1.0, -1.0, np.nan, np.nan])
    np.testing.assert_allclose(error[:2], [0.0, 0.0], atol=1e-12)
    assert np.isnan(error[2:]).all()
    np.testing.assert_allclose(agreement.agreement(table), [1, 0, 1, np.nan])
    low, high = agreement.interval(np.array([0.9]), np.array([0.2]))
    assert high == 1.0
    assert low == pytest.approx(0.9 - 1.96 * 0.2, abs=1e-4)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_counts_add_up(pairs):
    first, second = np.array(pairs).T
    table = agreement.counts(first, second)
    assert table.sum() == len(pairs)
    assert table[0] == sum(a and b for a, b in pairs)
    assert table[1] == sum(a and not b for a, b in pairs)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=25))
def test_rank_correlations_are_those_of_scipy(pairs):
    first, second = np.array(pairs, dtype=float).T
    np.testing.assert_allclose(agreement.ranks(first), stats.rankdata(first))
    if len(set(first)) < 2 or len(set(second)) < 2:
        assert np.isnan(agreement.spearman(first, second))
        assert np.isnan(agreement.kendall(first, second))
        return
    assert agreement.spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-12)
    assert agreement.kendall(first, second) == pytest.approx(stats.kendalltau(first, second).statistic, abs=1e-12)


def test_nothing_to_rank():
    assert np.isnan(agreement.spearman(np.empty(0), np.empty(0)))
    assert np.isnan(agreement.kendall(np.array([1.0]), np.array([2.0])))
