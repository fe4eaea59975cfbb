"""The exact end of a fit: bounds that an interior point told wrongly are put right, and ranges are told row by row."""

from __future__ import annotations

import numpy as np

from khanij.kernels.balances.bounded_least_squares import BoundedPoint, BoundedProblem, minimise
from khanij.kernels.balances.observability import reach, settle
from khanij.kernels.balances.sparse_balances import sparse_matrix


def sum_of_three():
    """The nearest point to (5, 4, -1) of those that add up to 4, none of them negative: (2.5, 1.5, 0)."""
    one = sparse_matrix((1, 3), np.zeros(3, dtype=int), np.arange(3), np.ones(3))
    return BoundedProblem(
        one, np.array([4.0]), np.array([4.0]), np.zeros(3), np.full(3, np.inf), np.ones(3), np.array([[5.0, 4.0, -1.0]])
    )


def test_a_bound_that_was_not_seen_to_hold_is_held():
    blind = BoundedPoint(
        np.array([[2.5, 1.5, 0.0]]),
        np.zeros((1, 3)),
        np.array([[-2.5]]),
        np.ones(1, dtype=bool),
        np.zeros(1, dtype=int),
    )
    got = settle(sum_of_three(), blind)
    np.testing.assert_allclose(got.fit.items, [2.5, 1.5, 0.0], atol=1e-12)
    assert got.fit.spread[2] == 0.0
    assert got.moved < 1e-12


def test_where_no_choice_of_bounds_leads_back_the_point_stands():
    elsewhere = BoundedPoint(
        np.array([[2.0, 1.0, 1.0]]),
        np.zeros((1, 3)),
        np.array([[-2.5]]),
        np.ones(1, dtype=bool),
        np.zeros(1, dtype=int),
    )
    got = settle(sum_of_three(), elsewhere)
    np.testing.assert_array_equal(got.items, [2.0, 1.0, 1.0])
    assert got.moved > 0.1


def test_the_interior_method_ends_where_it_should_and_tells_who_pulls():
    got = minimise(sum_of_three())
    assert got.converged.all()
    np.testing.assert_allclose(got.items[0], [2.5, 1.5, 0.0], atol=1e-6)
    np.testing.assert_allclose(got.pull[0], [0.0, 0.0, 3.5], atol=1e-6)
    np.testing.assert_allclose(got.multiplier[0], [-2.5], atol=1e-6)


def test_several_problems_at_once_are_those_alone():
    p = sum_of_three()
    centres = np.array([[5.0, 4.0, -1.0], [1.0, 1.0, 1.0], [-9.0, 20.0, 3.0]])
    many = minimise(BoundedProblem(p.matrix, p.low, p.high, p.least, p.most, p.curve, centres))
    np.testing.assert_allclose(many.items, [[2.5, 1.5, 0], [4 / 3] * 3, [0, 4, 0]], atol=1e-6)
    for row in range(3):
        alone = minimise(BoundedProblem(p.matrix, p.low, p.high, p.least, p.most, p.curve, centres[[row]]))
        np.testing.assert_allclose(many.items[row], alone.items[0], atol=1e-9)


def test_rows_may_be_missed_by_squares():
    """3 and 5 asked of one item that is at most 2: a gap of 1 and of 3."""
    two = sparse_matrix((2, 1), np.arange(2), np.zeros(2, dtype=int), np.ones(2))
    ends = np.array([3.0, 5.0])
    p = BoundedProblem(two, ends, ends, np.zeros(1), np.array([2.0]), np.zeros(1), np.zeros((1, 1)))
    assert not minimise(p).converged.any()
    np.testing.assert_allclose(minimise(p, elastic=True).multiplier[0], [1, 3], atol=1e-6)


def test_ranges_go_from_row_to_row():
    """a + b = 10, b - 2c = 0, c at most 3: b is at most 6, a at least 4."""
    chain = sparse_matrix((2, 3), np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]), np.array([1.0, 1.0, 1.0, -2.0]))
    least, most = reach(chain, np.array([10.0, 0.0]), np.array([10.0, 0.0]), np.zeros(3), np.array([np.inf, np.inf, 3]))
    np.testing.assert_allclose(least, [4, 0, 0])
    np.testing.assert_allclose(most, [10, 6, 3])
    least, most = reach(chain, np.array([10.0, -np.inf]), np.array([np.inf, 0.0]), np.zeros(3), np.full(3, np.inf))
    np.testing.assert_array_equal(least, 0.0)
    np.testing.assert_array_equal(most, np.inf)
