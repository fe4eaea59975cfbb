"""Shares of a change add up to it, and are those of the mean over every order."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.indicators import decomposition

FINITE = st.floats(-1e3, 1e3)


def by_every_order(values, count):
    parts = np.zeros((count, *values.shape[1:]))
    orders = list(permutations(range(count)))
    for order in orders:
        state = 0
        for k in order:
            parts[k] += values[state | 1 << k] - values[state]
            state |= 1 << k
    return parts / len(orders)


@given(st.integers(1, 4).flatmap(lambda k: st.tuples(st.just(k), arrays(np.float64, (2**k, 3), elements=FINITE))))
def test_parts_are_means_over_every_order_and_add_up(drawn):
    count, values = drawn
    parts = decomposition.shapley(values)
    np.testing.assert_allclose(parts, by_every_order(values, count), atol=1e-9)
    np.testing.assert_allclose(parts.sum(axis=0), values[-1] - values[0], atol=1e-9)


def test_a_product_of_two():
    """10 = 2 x 5 becomes 24 = 3 x 8: (3 - 2)(5 + 8)/2 and (8 - 5)(2 + 3)/2."""
    old, new = (2.0, 5.0), (3.0, 8.0)
    rows = decomposition.subsets(2)
    values = np.array([np.prod(np.where(row, new, old)) for row in rows])
    np.testing.assert_allclose(decomposition.shapley(values), [6.5, 7.5])


def test_an_input_that_changes_nothing_has_no_part():
    values = np.array([1.0, 1.0, 4.0, 4.0])  # only input 1 matters
    np.testing.assert_allclose(decomposition.shapley(values), [0.0, 3.0])


def test_an_unknown_state_leaves_the_parts_unknown():
    assert np.isnan(decomposition.shapley(np.array([1.0, np.nan, 2.0, 3.0]))).all()


def test_states_are_a_power_of_two():
    with pytest.raises(ValueError, match="power of 2"):
        decomposition.shapley(np.zeros(3))


def test_weights_add_up_over_every_set():
    for count in range(1, 6):
        rows = decomposition.subsets(count)
        sizes = rows[~rows[:, 0]].sum(axis=1)
        assert decomposition.weights(count)[sizes].sum() == pytest.approx(1.0)
