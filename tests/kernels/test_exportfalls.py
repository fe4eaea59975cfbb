"""Shares, falls and features of a small hand-made world; nothing of a later year is seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.chances import exportfalls as falls

K, C, Y = 2, 4, 7


def world(seed=1, drop=0.2):
    """Flows of every pair and year, some missing, some without tonnes."""
    draw = stream(seed)
    grid = np.array([(k, i, j, y) for k in range(K) for i in range(C) for j in range(C) for y in range(Y) if i != j])
    grid = grid[draw.random(len(grid)) > drop]
    value = draw.lognormal(2, 1, len(grid))
    tonnes = np.where(draw.random(len(grid)) < 0.1, np.nan, value * draw.lognormal(0, 0.3, len(grid)))
    return grid.T, tonnes, value


def panel(at, tonnes, value, ended=None):
    nothing = np.zeros((C, Y))
    ideal = np.linspace(-1, 1, C)[:, None] + nothing
    return falls.panel(at, tonnes, value, (K, C, Y), nothing if ended is None else ended, ideal)


def features(seen, rows, price=None):
    price = np.linspace(1, 2, K * Y).reshape(K, Y) if price is None else price
    return falls.features(seen, rows, np.full((C, Y), 0.5), price, np.array([0.3, np.nan]))


def test_a_fall_is_measured_against_the_world():
    at = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 1, 2, 0], [0, 1, 2, 1], [0, 2, 1, 0], [0, 2, 1, 1]]).T
    amounts = np.array([50.0, 40.0, 40.0, 40.0, 10.0, 120.0])  # the world doubles
    seen = panel(at, amounts, amounts)
    # shares 50 -> 20 %, 40 -> 20 %, 10 -> 60 %
    np.testing.assert_allclose(seen.share[0, :3, 0], [0.5, 0.4, 0.1])
    assert seen.fell[0, :3, 0].tolist() == [True, True, False]
    assert seen.case[0, :, 0].tolist() == [True, True, True, False]
    np.testing.assert_allclose(seen.change[0, :3, 0], np.log([0.4, 0.5, 6.0]))


def test_exactly_two_fifths_is_a_fall():
    at = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 1, 0, 0], [0, 1, 0, 1]]).T
    assert panel(at, np.array([50.0, 30.0, 50.0, 70.0]), np.ones(4)).fell[0, 0, 0]


def test_both_years_of_a_pair_are_in_one_measure():
    at = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [0, 1, 0, 0], [0, 1, 0, 1]]).T
    tonnes, value = np.array([np.nan, 90.0, np.nan, 10.0]), np.array([1.0, 1.0, 1.0, 1.0])
    seen = panel(at, tonnes, value)
    assert seen.change[0, 0, 0] == 0.0  # by value: 50 % in both years; tonnes exist in the second alone
    assert seen.share[0, 0, 1] == pytest.approx(0.9)


def test_an_end_of_territory_is_no_fall():
    at, tonnes, value = world()
    ended = np.zeros((C, Y))
    ended[1, 2] = 1
    seen, whole = panel(at, tonnes, value, ended), panel(at, tonnes, value)
    assert not seen.case[:, 1, 2].any()
    assert np.isnan(seen.change[:, 1, 2]).all()
    others = np.delete(seen.case, 1, axis=1)
    np.testing.assert_array_equal(others, np.delete(whole.case, 1, axis=1))


def test_a_code_that_died_makes_no_cases():
    at, tonnes, value = world()
    alive = ~((at[0] == 0) & (at[3] >= 4))
    seen = panel(at[:, alive], tonnes[alive], value[alive])
    assert not seen.case[0, :, 3:].any()
    assert seen.case[1, :, 3:6].any()


@given(st.integers(0, 200), st.integers(1, Y - 2))
def test_features_do_not_look_ahead(seed, now):
    at, tonnes, value = world(seed)
    seen = panel(at, tonnes, value)
    rows = np.stack(np.nonzero(seen.case[:, :, : now + 1]))
    later = at[3] > now
    factor = np.where(later, stream(seed, 1).lognormal(0, 1, len(value)), 1.0)
    # the next year's total decides whether a pair is by tonnes: give every later flow tonnes
    changed = np.where(later & np.isnan(tonnes), value, tonnes) * factor
    other = panel(at, np.where(later, changed, tonnes), value * factor)
    price = np.linspace(1, 2, K * Y).reshape(K, Y)
    dearer = price.copy()
    dearer[:, now + 1 :] *= 3
    np.testing.assert_allclose(features(seen, rows, price), features(other, rows, dearer), atol=1e-12)


def test_features_are_finite_and_named():
    at, tonnes, value = world()
    seen = panel(at, tonnes, value)
    x = features(seen, np.stack(np.nonzero(seen.case)))
    assert x.shape[1] == len(falls.FEATURES) == len(set(falls.FEATURES))
    assert np.isfinite(x).all()


def test_the_order_of_flows_does_not_matter():
    at, tonnes, value = world()
    order = stream(5).permutation(len(value))
    one, two = panel(at, tonnes, value), panel(at[:, order], tonnes[order], value[order])
    np.testing.assert_allclose(one.share, two.share, atol=1e-12)
    np.testing.assert_array_equal(one.case, two.case)
