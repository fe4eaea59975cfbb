"""Forecasts by quantiles against closed forms, a linear program and what calibration promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import norm

from khanij.core.rng import stream
from khanij.kernels.chances import intervals

TAU = intervals.levels(39)


def test_a_line_has_the_least_absolute_errors():
    draw = stream(7)
    x, weight = draw.normal(size=(60, 2)), draw.uniform(0.2, 3, 60)
    y = 1 + x @ np.array([2.0, -1.0]) + draw.standard_t(2, 60)
    rows = np.column_stack([np.ones(60), x])
    costs = np.concatenate([np.zeros(3), weight, weight])
    best = linprog(
        costs, A_eq=np.hstack([rows, np.eye(60), -np.eye(60)]), b_eq=y, bounds=[(None, None)] * 3 + [(0, None)] * 120
    )
    got = intervals.line(x, y, weight, 0.0)
    assert weight @ np.abs(y - rows @ got) == pytest.approx(best.fun, rel=2e-3)


def test_a_penalty_draws_slopes_to_nought_and_spares_the_intercept():
    x, y = np.linspace(-1, 1, 41)[:, None], np.linspace(-1, 1, 41) + 5
    free, held = intervals.line(x, y, np.ones(41), 0.0), intervals.line(x, y, np.ones(41), 1e6)
    assert free == pytest.approx([5, 1], abs=1e-3)
    assert held == pytest.approx([5, 0], abs=1e-2)


def test_crps_of_a_normal_forecast_is_the_closed_form():
    """σ(z(2Φ(z) - 1) + 2φ(z) - 1/√π), Gneiting and Raftery 2007; 999 levels stand for the integral."""
    tau, z = intervals.levels(999), np.array([-1.5, 0.0, 0.7, 2.0])
    quantiles = np.tile(3 + 2 * norm.ppf(tau), (4, 1))
    exact = 2 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert intervals.crps(quantiles, 3 + 2 * z) == pytest.approx(exact, rel=0.01)


def test_a_point_scores_its_absolute_error():
    assert intervals.crps(np.full((1, 39), 4.0), np.array([1.5])) == pytest.approx([2.5])


@given(st.integers(0, 200), st.floats(0.1, 4), st.floats(-2, 2))
def test_moved_intervals_hold_what_they_say_on_the_years_of_calibration(seed, width, shift):
    draw = stream(11, seed)
    unit, seen = draw.uniform(0.5, 2, 150), draw.normal(size=150)
    quantiles = shift + width * unit[:, None] * norm.ppf(TAU)[None, :]
    moved = intervals.moved(quantiles, intervals.conformal(quantiles, seen, unit), unit)
    assert (np.diff(moved, axis=1) >= 0).all()
    for part in (0.5, 0.8, 0.9):
        held = intervals.covered(moved, seen, part).mean()
        assert part - 1e-9 <= held
        # wide and far off, one interval can only grow until its nearer end has passed everything
        if abs(shift) < 0.05:
            assert held <= part + 0.08


def test_new_years_of_the_same_kind_are_held_too():
    draw = stream(5)
    one = np.ones(4000)
    quantiles = np.tile(0.3 * norm.ppf(TAU), (4000, 1))  # far too narrow
    move = intervals.conformal(quantiles, draw.normal(size=4000), one)
    later = intervals.moved(quantiles, move, one)
    seen = draw.normal(size=4000)
    assert intervals.covered(later, seen, 0.8).mean() == pytest.approx(0.8, abs=0.02)
    assert intervals.covered(quantiles, seen, 0.8).mean() < 0.4


def test_levels_between_two_are_interpolated():
    quantiles = np.arange(39.0)[None, :]
    assert intervals.below(quantiles, np.array([18.9]), 0.5)[0]
    assert not intervals.below(quantiles, np.array([19.1]), 0.5)[0]
    assert intervals.below(quantiles, np.array([0.19]), 0.03)[0]  # a fifth of the way from 0.025 to 0.05
    assert not intervals.below(quantiles, np.array([0.21]), 0.03)[0]
