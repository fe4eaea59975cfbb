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


def test_wine_and_grapes_are_as_near_as_the_atlas_has_them() -> None:
    """17 countries export wine, 24 grapes, 11 both: 11/24 (Hausmann, Hidalgo and others, The Atlas, 2014)."""
    has = np.zeros((40, 2), dtype=bool)
    has[:17, 0] = has[6:30, 1] = True
    near = advantage.proximity(has)
    assert has.sum(axis=0).tolist() == [17, 24]
    assert has.all(axis=1).sum() == 11
    assert near[0, 1] == pytest.approx(0.46, abs=0.005)
    assert near[0, 1] == near[1, 0]


@given(arrays(bool, (6, 4)))
def test_proximity_is_the_lesser_of_the_two_parts_and_the_same_both_ways(has: np.ndarray) -> None:
    near = advantage.proximity(has)
    for p in range(4):
        for q in range(4):
            one, other, both = has[:, p].sum(), has[:, q].sum(), (has[:, p] & has[:, q]).sum()
            if one and other:
                assert near[p, q] == pytest.approx(min(both / one, both / other))
            else:
                assert np.isnan(near[p, q]) if not (one or other) else near[p, q] == 0


@given(arrays(float, (3, 5), elements=st.floats(0.01, 1.0)), arrays(bool, 5))
def test_density_is_a_part_and_what_is_not_known_is_in_neither_sum(near: np.ndarray, has: np.ndarray) -> None:
    found = advantage.density(has.astype(float), near)
    assert ((found >= 0) & (found <= 1 + 1e-12)).all()
    assert advantage.density(np.ones(5), near) == pytest.approx(np.ones(3))
    unknown = np.where(np.arange(5) == 0, np.nan, has.astype(float))
    assert advantage.density(unknown, near) == pytest.approx(advantage.density(has[1:].astype(float), near[:, 1:]))
    apart = np.where(np.arange(5) == 0, np.nan, near)
    assert advantage.density(has.astype(float), apart) == pytest.approx(advantage.density(unknown, near))
    assert np.isnan(advantage.density(has.astype(float), np.full((1, 5), np.nan))).all()
