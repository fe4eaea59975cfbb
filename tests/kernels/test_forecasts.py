"""Scores of forecast trade against worked numbers and what every score has to obey."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.chances import forecasts

FLOWS = arrays(np.float64, (3, 3), elements=st.floats(0.0, 1e6))
BASE = np.array([[0.0, 60.0, 20.0], [0.0, 0.0, 20.0], [0.0, 0.0, 0.0]])
SEEN = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 50.0], [0.0, 40.0, 10.0]])


def test_miss_of_a_worked_example():
    """|0 - 60| + |20 - 0| + |20 - 50| + |0 - 40| + |0 - 10| = 160 of 100 tonnes."""
    assert forecasts.miss(BASE, SEEN) == pytest.approx(1.6)
    assert forecasts.miss(BASE.sum(axis=0), SEEN.sum(axis=0)) == pytest.approx((20 + 20) / 100)


def test_nothing_observed_gives_no_score():
    assert np.isnan(forecasts.miss(BASE, np.zeros((3, 3))))
    assert np.isnan(forecasts.log_error(np.zeros((3, 3)), np.zeros((3, 3))))
    assert np.isnan(forecasts.homes(SEEN, BASE, SEEN))


def test_homes_of_a_worked_example():
    """30, 40 and 10 tonnes found new homes; of them 15 and 40 where forecast, and 5 more elsewhere do not count."""
    forecast = np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 35.0], [0.0, 60.0, 0.0]])
    assert forecasts.homes(BASE, forecast, SEEN) == pytest.approx((15 + 40) / 80)


def test_log_error_weighs_by_tonnes_and_forgives_dust():
    seen = np.array([100.0, 0.0])
    assert forecasts.log_error(np.array([200.0, 0.0]), seen) == pytest.approx(np.log(200.1 / 100.1))
    assert forecasts.log_error(np.array([100.0, 1e-9]), seen) < 1e-9


def test_proportional_takes_its_part_and_gives_nothing_back():
    lost = np.zeros((3, 3))
    lost[0] = 0.25
    assert forecasts.proportional(BASE, lost).tolist() == [[0.0, 45.0, 15.0], [0.0, 0.0, 20.0], [0.0, 0.0, 0.0]]


@given(FLOWS, FLOWS, FLOWS)
def test_scores_keep_to_their_bounds(base, forecast, seen):
    assert forecasts.miss(seen, seen) in (0.0,) or seen.sum() == 0
    score = forecasts.homes(base, forecast, seen)
    assert np.isnan(score) or 0.0 <= score <= 1.0
    if seen.sum() > 0:
        whole = forecasts.miss(forecast.sum(axis=0), seen.sum(axis=0))
        assert whole <= forecasts.miss(forecast, seen) * (1 + 1e-12) + 1e-12
