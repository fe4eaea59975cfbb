"""Revealed advantage and the ladder: definitions, limits, and what stays not known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from khanij.kernels.indicators import advantage

amounts = st.one_of(st.just(0.0), st.floats(1e-6, 1e9))


def test_a_country_like_the_world_has_the_advantage_of_one() -> None:
    world = np.array([40.0, 60.0, 100.0])
    found = advantage.balassa(world * 0.1, (world * 0.1).sum(), world, world.sum())
    assert found == pytest.approx([1.0, 1.0, 1.0])
    assert advantage.symmetric(found) == pytest.approx([0.0, 0.0, 0.0])


@given(arrays(float, (4, 3), elements=st.floats(1e-3, 1e6)))
def test_advantages_weighted_by_the_world_s_shares_add_up_to_one(sold: np.ndarray) -> None:
    world = sold.sum(axis=0)
    found = advantage.balassa(sold, sold.sum(axis=1, keepdims=True), world, world.sum())
    assert (found * world / world.sum()).sum(axis=1) == pytest.approx(np.ones(4))


@given(amounts, amounts, amounts, amounts)
def test_the_index_is_the_ratio_of_shares_or_not_known(x: float, more: float, w: float, rest: float) -> None:
    one = np.array([x, x + more, w, w + rest])
    found = float(advantage.balassa(*one))
    if one[1] > 0 and one[2] > 0:
        assert found == pytest.approx((one[0] / one[1]) / (one[2] / one[3]))
    else:
        assert np.isnan(found)


def test_the_symmetric_form_lies_between_its_ends_and_keeps_what_is_not_known() -> None:
    found = advantage.symmetric(np.array([0.0, 1.0, 3.0, np.inf, np.nan]))
    assert found[:4] == pytest.approx([-1.0, 0.0, 0.5, 1.0])
    assert np.isnan(found[4])


def test_balance_and_unit_value() -> None:
    found = advantage.balance(np.array([3.0, 0.0, 0.0]), np.array([1.0, 2.0, 0.0]))
    assert found[:2] == pytest.approx([0.5, -1.0])
    assert np.isnan(found[2])
    values = advantage.unit_value(np.array([5.0, 5.0]), np.array([2.0, 0.0]))
    assert values[0] == pytest.approx(2500.0)
    assert np.isnan(values[1])


def test_a_step_reaches_over_a_stage_that_is_not_known() -> None:
    gains, before = advantage.steps(np.array([[2.0, np.nan, 6.0, 3.0], [np.nan, 4.0, np.nan, np.nan]]))
    assert np.isnan(gains[0, 0])
    assert np.isnan(gains[0, 1])
    assert gains[0, 2:] == pytest.approx([3.0, 0.5])
    assert before[0].tolist() == [-1, -1, 0, 2]
    assert np.isnan(gains[1]).all()


@given(arrays(float, 5, elements=st.floats(1e-3, 1e6)))
def test_steps_multiply_up_to_the_whole_ladder(values: np.ndarray) -> None:
    gains, _ = advantage.steps(values)
    assert np.prod(gains[1:]) == pytest.approx(values[-1] / values[0], rel=1e-9)
