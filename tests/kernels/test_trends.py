"""Trends and spreads against NumPy's own, and their properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.indicators.trends import log_changes, log_slope, spread, trailing

series = arrays(np.float64, st.integers(3, 12), elements=st.floats(1e-3, 1e9))


@given(series)
def test_the_slope_is_that_of_polyfit(x) -> None:
    assert log_slope(x) == pytest.approx(np.polyfit(np.arange(len(x)), np.log(x), 1)[0], abs=1e-9)


@given(series, st.data())
def test_a_gap_is_left_out_of_the_slope(x, data) -> None:
    gap = data.draw(st.integers(0, len(x) - 1))
    assume(len(x) > 3)
    kept = np.delete(np.arange(len(x)), gap)
    found = log_slope(np.where(np.arange(len(x)) == gap, np.nan, x))
    assert found == pytest.approx(np.polyfit(kept, np.log(x[kept]), 1)[0], abs=1e-9)


@given(series, st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(x, factor) -> None:
    assert log_slope(x * factor) == pytest.approx(float(log_slope(x)), abs=1e-6)
    assert spread(log_changes(x * factor), 2) == pytest.approx(float(spread(log_changes(x), 2)), abs=1e-6)


@given(st.floats(-0.5, 0.5), st.integers(3, 20))
def test_steady_growth_gives_its_rate_and_no_spread(rate, years) -> None:
    x = 100.0 * np.exp(rate * np.arange(years))
    assert log_slope(x) == pytest.approx(rate, abs=1e-9)
    assert spread(log_changes(x), 2) == pytest.approx(0.0, abs=1e-7)


@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(-5, 5)))
def test_the_spread_is_the_sample_standard_deviation(x) -> None:
    assert spread(x, 2) == pytest.approx(np.std(x, ddof=1), abs=1e-9)


def test_too_few_points_give_no_value() -> None:
    assert np.isnan(log_slope(np.array([1.0, np.nan, 2.0, 0.0])))
    assert np.isnan(spread(np.array([0.1, 0.2, np.nan])))
    assert not np.isnan(spread(np.array([0.1, 0.2, np.nan]), 2))
    assert np.isnan(log_slope(np.empty((2, 0)))).all()


def test_a_change_beside_a_gap_is_not_known() -> None:
    found = log_changes(np.array([1.0, np.e, np.nan, 1.0, np.e, 0.0]))
    assert np.array_equal(np.isnan(found), [True, False, True, True, False, True])
    assert log_changes(np.empty((3, 0))).shape == (3, 0)


def test_windows_end_at_their_year_and_are_filled_with_nan() -> None:
    found = trailing(np.array([[1.0, 2.0, 3.0]]), np.array([0, 2, -1]), 2)
    assert np.array_equal(found, [[[np.nan, 1.0], [2.0, 3.0], [np.nan, np.nan]]], equal_nan=True)
    assert np.isnan(trailing(np.empty((2, 0)), np.array([-1]), 3)).all()


def test_all_axes_in_front_are_kept() -> None:
    x = np.random.default_rng(1).uniform(1, 9, (4, 3, 8))
    window = trailing(x, np.array([4, 7]), 5)
    assert window.shape == (4, 3, 2, 5)
    assert log_slope(window)[1, 2, 1] == pytest.approx(np.polyfit(np.arange(5), np.log(x[1, 2, 3:8]), 1)[0])
