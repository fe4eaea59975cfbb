"""Draws against what is known of their distributions; sensitivities against functions whose indices are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.chances import sampling

MANY = 200_000
few = settings(max_examples=40, deadline=None)
positive = st.floats(1e-3, 1e6)


def test_normal_values_stay_inside_the_cut_and_keep_their_shape():
    z = sampling.truncated_normal(stream(1, 0), (4, MANY // 4), cut=2.0)
    assert z.shape == (4, MANY // 4)
    assert np.abs(z).max() <= 2.0
    density = np.exp(-2.0) / np.sqrt(2 * np.pi)
    inside = 0.9544997361036416
    assert z.var() == pytest.approx(1 - 2 * 2.0 * density / inside, rel=0.02)


@pytest.mark.parametrize("sigma", [0.05, 0.5, 1.2])
def test_a_log_normal_factor_has_mean_one(sigma):
    z = sampling.truncated_normal(stream(2, 0), (1, MANY))
    factor = sampling.lognormal(z, np.array([sigma]))
    assert factor.mean() == pytest.approx(1.0, abs=4 * factor.std() / np.sqrt(MANY))
    bounds = np.exp(np.array([-3.0, 3.0]) * sigma - sampling.log_mean(np.array(sigma)))
    assert bounds[0] <= factor.min() <= factor.max() <= bounds[1]


def test_without_a_cut_the_shift_is_half_the_variance():
    assert sampling.log_mean(np.array([0.0, 0.7]), cut=9.0) == pytest.approx([0.0, 0.245], abs=1e-9)


def test_a_range_is_read_as_5_to_95_percent():
    down, up = sampling.sides(np.array([10.0]), np.array([8.0]), np.array([15.0]))
    z = sampling.truncated_normal(stream(3, 0), (1, MANY), cut=9.0)
    drawn = 10.0 * sampling.split_lognormal(z, down, up)
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([8.0, 10.0, 15.0], rel=0.01)


def test_a_low_end_of_zero_takes_the_other_side():
    down, up = sampling.sides(np.array([10.0, 0.0]), np.array([0.0, 0.0]), np.array([20.0, 5.0]))
    assert down == pytest.approx(up)
    assert up[1] == 0.0


def test_content_factors_have_their_textbook_means():
    low, best, high = (np.array([v]) for v in (0.1, 0.3, 0.9))
    triangle = sampling.triangular(stream(4, 0), low, best, high, MANY)
    pert = sampling.pert(stream(4, 1), low, best, high, MANY)
    assert triangle.mean() == pytest.approx(1.3 / 3, rel=5e-3)
    assert pert.mean() == pytest.approx((0.1 + 4 * 0.3 + 0.9) / 6, rel=5e-3)
    for drawn in (triangle, pert):
        assert 0.1 <= drawn.min() <= drawn.max() <= 0.9


@few
@given(positive, st.floats(0, 1), st.floats(0, 3), st.integers(0, 2**31))
def test_every_draw_stays_between_low_and_high(best, down, up, seed):
    low, high = np.array([best * (1 - down)]), np.array([best * (1 + up)])
    value = np.array([best])
    for k, draw in enumerate((sampling.triangular, sampling.pert)):
        drawn = draw(stream(seed, k), low, value, high, 64)
        assert ((drawn >= low * (1 - 1e-12)) & (drawn <= high * (1 + 1e-12))).all()
    rounded = sampling.rounded(stream(seed, 3), np.array([0.01]), np.array([0.02 * down]), 0.0, 1.0, 64)
    assert (rounded >= 0).all()
    assert (rounded <= 0.03 + 1e-12).all()


@few
@given(positive, st.integers(0, 2**31))
def test_no_spread_is_the_value_itself(best, seed):
    value, none = np.array([best]), np.zeros(1)
    z = sampling.truncated_normal(stream(seed, 0), (1, 32))
    assert (value[:, None] * sampling.lognormal(z, none) == best).all()
    assert (value[:, None] * sampling.split_lognormal(z, none, none) == best).all()
    assert (sampling.triangular(stream(seed, 1), value, value, value, 32) == best).all()
    assert (sampling.pert(stream(seed, 2), value, value, value, 32) == best).all()
    assert (sampling.uniform(stream(seed, 3), value, value, 32) == best).all()
    assert (sampling.between(np.zeros((1, 32)), none, value, 2 * value) == best).all()


def test_choices_come_as_often_as_their_weights():
    drawn = sampling.categorical(stream(5, 0), np.array([1.0, 0.0, 3.0]), MANY)
    assert np.bincount(drawn, minlength=3) / MANY == pytest.approx([0.25, 0.0, 0.75], abs=0.005)


def test_one_of_n_claimants_has_an_nth_of_the_rest_on_average():
    own, count = np.array([0.0, 1.0, 2.0, 5.0]), np.array([4.0, 4.0, 4.0, 5.0])
    part = sampling.part_of_rest(stream(6, 0), own, count, MANY)
    assert part.mean(axis=1) == pytest.approx([0.0, 0.25, 0.5, 1.0], abs=0.005)
    assert (part[0] == 0).all()
    assert (part[3] == 1).all()


def test_quantiles_leave_draws_without_a_value_out():
    values = np.array([[3.0, np.nan, 1.0, 2.0, np.nan], [np.nan] * 5])
    found = sampling.quantiles(values, (0.0, 0.25, 1.0))
    assert found[:, 0] == pytest.approx([1.0, 1.5, 3.0])
    assert np.isnan(found[:, 1]).all()
    mean, deviation, known = sampling.moments(values)
    assert (mean[0], deviation[0], known[0]) == pytest.approx((2.0, 1.0, 0.6))
    assert np.isnan(mean[1])
    assert np.isnan(deviation[1])


@few
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_the_probability_falls_with_the_threshold(values, threshold, more):
    samples = np.array(values)
    lower, higher = (sampling.probability(samples, at) for at in (threshold, threshold + more))
    assert 0 <= higher <= lower <= 1


@few
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50))
def test_quantiles_agree_with_numpy(values):
    levels = (0.05, 0.5, 0.95)
    assert sampling.quantiles(np.array(values), levels) == pytest.approx(np.quantile(values, levels), abs=1e-9)


def test_ranks_start_at_the_largest_and_share_the_better_place():
    samples = np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 7.0], [3.0, np.nan]])
    expected = np.array([[3.0, 2.0], [1.0, 2.0], [np.nan, 1.0], [1.0, np.nan]])
    assert np.array_equal(sampling.ranks(samples), expected, equal_nan=True)


def indices(function, inputs, draws=MANY):
    """Return first-order and total indices of a function of independent columns, each in 0..1."""
    a, b = stream(7, 0).random((inputs, draws)), stream(7, 1).random((inputs, draws))
    first, second = function(a), function(b)
    anchor, found = function(np.full((inputs, 1), 0.4)), []
    for k in range(inputs):
        mixed = a.copy()
        mixed[k] = b[k]
        sums = sampling.sobol_sums(first[None], second[None], function(mixed)[None], anchor)
        found.append(sampling.sobol_indices(sums))
    return np.array(found)[:, :, 0]


def ishigami(x, a=7.0, b=0.1):
    one, two, three = np.pi * (2.0 * x - 1.0)
    return np.sin(one) + a * np.sin(two) ** 2 + b * three**4 * np.sin(one)


def test_indices_of_the_ishigami_function():
    found = indices(ishigami, 3)
    assert found[:, 0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.015)
    assert found[:, 1] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.015)


def test_indices_of_a_sum_are_the_parts_of_its_variance():
    weights = np.array([1.0, 2.0, 3.0])
    found = indices(lambda x: 1e6 + weights @ x, 3)
    assert found[:, 0] == pytest.approx(weights**2 / 14, abs=0.01)
    assert found[:, 1] == pytest.approx(weights**2 / 14, abs=0.01)


def test_sums_of_blocks_add_up():
    a, b, ab = stream(8, 0).random((3, 2, 100))
    whole = sampling.sobol_sums(a, b, ab, np.full(2, 0.5))
    parts = sum(
        sampling.sobol_sums(a[:, s], b[:, s], ab[:, s], np.full(2, 0.5)) for s in (slice(0, 30), slice(30, None))
    )
    assert parts == pytest.approx(whole)


def test_a_result_that_does_not_vary_has_no_indices():
    same = np.full((1, 50), 3.7)
    alone, whole = sampling.sobol_indices(sampling.sobol_sums(same, same, same, np.array([1.0])))
    assert np.isnan(alone).all()
    assert np.isnan(whole).all()
