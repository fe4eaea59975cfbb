"""Properties of the parts of screening scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.indicators import screening

unit = st.floats(0, 1, allow_subnormal=False)
positive = st.floats(0, 1e12, allow_subnormal=False)


@given(positive, positive)
def test_saturation_keeps_the_order_and_stays_below_one(a, b) -> None:
    low, high = sorted((a, b))
    assert 0 <= screening.saturate(np.array(low)) <= screening.saturate(np.array(high)) <= 1


def test_saturation_at_its_ends() -> None:
    found = screening.saturate(np.array([0.0, 1.0, np.inf, np.nan, -1.0]))
    assert np.array_equal(found, [0.0, 0.5, 1.0, np.nan, np.nan], equal_nan=True)


@given(arrays(np.float64, 3, elements=unit))
def test_the_geometric_mean_lies_among_its_factors(x) -> None:
    assert x.min() - 1e-12 <= screening.geometric_mean(*x) <= x.max() + 1e-12


def test_a_factor_of_zero_gives_zero_and_a_missing_one_nothing() -> None:
    assert screening.geometric_mean(np.array(0.0), np.array(1.0), np.array(1.0)) == 0.0
    assert np.isnan(screening.geometric_mean(np.array(np.nan), np.array(0.0), np.array(1.0)))


@given(arrays(np.float64, st.integers(1, 8), elements=unit), st.data())
def test_the_range_of_a_mean_holds_it_whatever_the_unknown_parts_are(x, data) -> None:
    hidden = data.draw(arrays(np.bool_, len(x)))
    mean, low, high = screening.mean_known(np.where(hidden, np.nan, x))
    if hidden.all():
        assert np.isnan(mean)
        return
    assert low - 1e-12 <= x.mean() <= high + 1e-12
    assert low - 1e-12 <= mean <= high + 1e-12


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_more_growth_is_a_larger_share(a, b) -> None:
    low, high = sorted((a, b))
    assert screening.growth_share(np.array(low), 4) <= screening.growth_share(np.array(high), 4)
    assert screening.growth_share(np.array(a), 4) + screening.growth_share(np.array(-a), 4) == pytest.approx(1.0)


def test_growth_at_its_anchors() -> None:
    rates = np.array([0.0, np.log(2) / 4, -np.log(2) / 4, 1e4, np.nan])
    assert screening.growth_share(rates, 4)[:4] == pytest.approx([0.5, 2 / 3, 1 / 3, 1.0])
    assert np.isnan(screening.growth_share(rates, 4)[4])


def test_transforms_at_their_anchors() -> None:
    assert screening.depletion_score(np.array([0.0, 50.0, 100.0, 500.0])) == pytest.approx([100.0, 70.0, 0.0, 0.0])
    assert screening.concentration_score(np.array([1.0, 0.0033, 0.0])) == pytest.approx([100.0, 0.0, 0.0], abs=0.02)
    assert screening.governance_score(np.array([-2.5, 0.0, 2.5, 3.0])) == pytest.approx([100.0, 50.0, 0.0, 0.0])


@given(st.floats(0, 200), st.floats(0, 200))
def test_longer_reach_is_less_risk(a, b) -> None:
    low, high = sorted((a, b))
    assert screening.depletion_score(np.array(low)) >= screening.depletion_score(np.array(high))


@given(arrays(np.float64, 6, elements=st.floats(0, 1e6)), st.floats(1e-3, 1e3))
def test_ties_do_not_depend_on_the_currency_and_lie_between_zero_and_one(trade, rate) -> None:
    output = np.array([1.0, 5.0, 10.0, 100.0, 1e3, 1e4])
    loose = screening.loose_ties(trade, output)
    if trade.sum() <= 1e-3:
        return
    assert ((loose >= 0) & (loose <= 1)).all()
    assert loose == pytest.approx(screening.loose_ties(trade * rate, output * rate), rel=1e-9)


def test_ties_at_their_anchors() -> None:
    found = screening.loose_ties(np.array([2.0, 0.0, 2.0, np.nan]), np.array([20.0, 20.0, np.nan, 5.0]))
    assert found[:2] == pytest.approx([0.05 / 0.15, 1.0])
    assert np.isnan(found[2:]).all()
    assert np.isnan(screening.loose_ties(np.zeros(3), np.ones(3))).all()


@given(arrays(np.float64, (5, 2), elements=st.floats(-3, 3)))
def test_distances_are_symmetric_and_none_is_wider_than_the_widest(points) -> None:
    found = screening.distance(points, points)
    wide = np.ptp(points, axis=0) > 1e-9
    assert found[:, :, wide] == pytest.approx(np.swapaxes(found, 0, 1)[:, :, wide])
    assert (found[:, :, wide] <= 1).all()
    assert found[:, :, wide].max(initial=1.0) == pytest.approx(1.0)


@given(arrays(np.float64, (2, 4, 3), elements=unit), arrays(np.float64, (3, 4, 3), elements=unit))
def test_disruption_potential_is_a_plain_sum(shares, willing) -> None:
    ability = np.linspace(0, 1, 24).reshape(2, 4, 3)
    found = screening.disruption_potential(shares, ability, willing)
    for k in range(2):
        for f in range(3):
            for y in range(3):
                brute = sum(shares[k, c, y] ** 2 * ability[k, c, y] * willing[f, c, y] for c in range(4))
                assert found[k, f, y] == pytest.approx(brute, abs=1e-12)


def test_the_largest_is_one() -> None:
    found = screening.largest_is_one(np.array([[1.0, np.nan], [4.0, 0.0]]))
    assert found[:, 0] == pytest.approx([0.25, 1.0])
    assert np.isnan(found[:, 1]).all()


def test_depletion_time_needs_output() -> None:
    found = screening.depletion_time(np.array([100.0, 100.0, np.nan]), np.array([4.0, 0.0, 1.0]))
    assert found[0] == 25.0
    assert np.isnan(found[1:]).all()
