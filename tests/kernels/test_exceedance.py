"""Figures of the loss distribution against closed forms, and what any measure of risk must obey."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from khanij.core.rng import stream
from khanij.kernels.chances import exceedance

LEVELS = st.floats(0.01, 0.999)
AMOUNTS = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 3))


def losses(columns=1, least=1):
    shape = st.integers(least, 60).map(lambda n: (n, columns) if columns > 1 else (n,))
    return shape.flatmap(lambda size: arrays(np.float64, size, elements=AMOUNTS))


def test_exponential_losses_have_their_closed_forms():
    years = 400_000
    exact = -np.log1p(-(np.arange(years) + 0.5) / years)  # the quantiles of Exp(1)
    mean, _ = exceedance.expected(exact)
    assert mean == pytest.approx(1.0, rel=1e-5)
    for level in (0.5, 0.9, 0.99):
        assert exceedance.value_at_risk(exact, level) == pytest.approx(-np.log(1 - level), rel=1e-3)
        assert exceedance.tail_mean(exact, level) == pytest.approx(1 - np.log(1 - level), rel=1e-3)
    drawn = exceedance.curve(exact, (10.0, 100.0))
    np.testing.assert_allclose(drawn[:, 0], np.log([10, 100]), rtol=1e-3)


def test_the_errors_are_those_of_samples():
    draws = stream(3).exponential(size=(400, 2_000)).T  # 400 samples of 2,000 years
    mean, error = exceedance.expected(draws)
    assert error.mean() == pytest.approx(mean.std(), rel=0.1)
    tail = exceedance.tail_mean(draws, 0.95)
    assert exceedance.tail_error(draws, 0.95).mean() == pytest.approx(tail.std(), rel=0.1)
    assert tail.mean() == pytest.approx(1 - np.log(0.05), rel=0.01)


@pytest.mark.parametrize(("years", "level", "known"), [(40, 0.95, True), (39, 0.95, False), (40, 0.99, False)])
def test_a_tail_of_one_year_has_no_error(years, level, known):
    losses = np.arange(float(years))
    assert np.isfinite(exceedance.tail_error(losses, level)) == known
    assert exceedance.tail_error(losses, level) != 0


def test_an_atom_at_the_quantile_counts_in_part():
    # 0 with 0.9, 100 with 0.06, 1000 with 0.04: CVaR at 0.95 = (0.01*100 + 0.04*1000)/0.05
    given_years = np.repeat([0.0, 100.0, 1000.0], [90, 6, 4])
    assert exceedance.value_at_risk(given_years, 0.95) == 100
    assert exceedance.tail_mean(given_years, 0.95) == pytest.approx(820.0)
    weights = exceedance.tail_weights(given_years, 0.95)
    np.testing.assert_allclose(weights[90:96], 0.2 / 6)
    np.testing.assert_allclose(weights[96:], 0.2)
    assert exceedance.tail_mean(given_years, 0.5) == pytest.approx(92.0)  # VaR 0, yet the tail is half of all years
    assert exceedance.value_at_risk(given_years, 0.9) == 0
    assert exceedance.tail_mean(given_years, 0.9) == pytest.approx(460.0)


def test_the_tail_mean_minimises_what_rockafellar_and_uryasev_minimise():
    years = stream(8).lognormal(0, 1.5, 999)
    ends = np.linspace(0, years.max(), 200_001)
    for level in (0.8, 0.95, 0.993):
        ranked = np.sort(years)
        beyond = np.append(np.cumsum(ranked[::-1])[::-1], 0.0)
        at = np.searchsorted(ranked, ends)
        goal = ends + (beyond[at] - ends * (len(years) - at)) / (len(years) * (1 - level))
        assert exceedance.tail_mean(years, level) == pytest.approx(goal.min(), rel=1e-6)


@given(losses(), LEVELS)
def test_the_tail_lies_above_the_quantile_and_the_mean(years, level):
    worst, tail = exceedance.value_at_risk(years, level), exceedance.tail_mean(years, level)
    room = 1e-9 * (1 + np.abs(years).max())
    assert tail >= worst - room
    assert tail >= years.mean() - room
    assert tail <= years.max() + room / (1 - level)
    assert (years <= worst).mean() >= level - 1e-9


@given(losses(2), LEVELS, st.floats(0, 1e3))
def test_the_tail_mean_is_coherent(years, level, factor):
    one, other = years.T
    room = 1e-9 * (1 + np.abs(years).max()) * (1 + factor) / (1 - level)
    tail = exceedance.tail_mean
    assert tail(one + other, level) <= tail(one, level) + tail(other, level) + room  # subadditive
    assert tail(factor * one, level) == pytest.approx(factor * tail(one, level), abs=room)  # positive homogeneous
    assert tail(np.minimum(one, other), level) <= tail(other, level) + room  # monotone
    assert tail(one + 7.0, level) == pytest.approx(tail(one, level) + 7.0, abs=room)  # translation


@given(losses(3), LEVELS)
def test_contributions_add_up(years, level):
    usual, tail = exceedance.contributions(years, level)
    room = 1e-9 * (1 + np.abs(years).max()) / (1 - level)
    assert usual.sum() == pytest.approx(years.sum(axis=1).mean(), abs=room)
    assert tail.sum() == pytest.approx(exceedance.tail_mean(years.sum(axis=1), level), abs=room)
    weights = exceedance.tail_weights(years.sum(axis=1), level)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    # what a part adds is never more than its own tail
    own = exceedance.tail_mean(years, level)
    assert (tail <= own + room).all()


@given(losses(least=2))
def test_the_curve_rises_inside_its_interval(years):
    periods = [p for p in (1.5, 2.0, 5.0, 10.0, 25.0, 50.0) if p <= len(years)]
    drawn = exceedance.curve(years, periods)
    assert (np.diff(drawn[:, 0]) >= 0).all()
    assert not (drawn[:, 1] > drawn[:, 0]).any()
    assert not (drawn[:, 2] < drawn[:, 0]).any()


@pytest.mark.parametrize(
    ("years", "level", "width"), [(100, 0.9, 0.9), (1000, 0.99, 0.9), (50, 0.5, 0.95), (20, 0.95, 0.9)]
)
def test_the_ranks_are_those_of_the_binomial_distribution(years, level, width):
    low, high = exceedance.order_interval(years, level, width)
    tail = (1 - width) / 2
    count = stats.binom(years, level)
    assert count.cdf(low - 1) <= tail + 1e-12
    assert count.cdf(low) > tail - 1e-12
    if high <= years:
        assert count.sf(high - 1) <= tail + 1e-12
    assert count.sf(high - 2) > tail - 1e-12


def test_the_interval_holds_the_true_quantile_as_often_as_it_says():
    draws = stream(5).exponential(size=(600, 500))
    held = [low <= np.log(20) <= high for _, low, high in (exceedance.curve(d, (20.0,))[0] for d in draws)]
    assert np.mean(held) >= 0.88


def test_too_few_years_say_nothing():
    drawn = exceedance.curve(np.arange(50.0), (100.0, 50.0))
    assert np.isnan(drawn[0]).all()
    assert drawn[1, 0] == 48
    assert np.isnan(drawn[1, 2])
    assert np.isnan(exceedance.expected(np.array([3.0]))[1])


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_no_other_level(level):
    with pytest.raises(ValueError, match="level"):
        exceedance.value_at_risk(np.arange(3.0), level)


def test_no_loss_is_left_unknown():
    with pytest.raises(ValueError, match="finite"):
        exceedance.expected(np.array([1.0, np.nan]))
    with pytest.raises(ValueError, match="finite"):
        exceedance.expected(np.empty(0))
    with pytest.raises(ValueError, match="period"):
        exceedance.curve(np.arange(3.0), (1.0,))
