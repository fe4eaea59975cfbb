"""Elasticity of demand from users: by hand, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.markets.derived_demand import demand_elasticity

seeds = st.integers(0, 100_000)


def users(seed, goods=3, count=8):
    draw = stream(seed)
    good = np.concatenate([np.arange(goods), draw.integers(0, goods, count - goods)])
    share = draw.gamma(1, 1, count)
    share /= np.bincount(good, share, goods)[good]
    one = (draw.random(count) for _ in range(4))
    exposed, replaceable, cost, product = one
    return {
        "good": good, "share": share, "exposed": exposed, "own": draw.gamma(1, 1, (2, count)),
        "replaceable": replaceable, "cost": cost, "product": 3 * product, "goods": goods,
    }  # fmt: skip


def test_two_users_by_hand():
    """Magnets: a tenth goes to toys that can do without, the rest to cars of which a fifth can switch."""
    got = demand_elasticity(
        good=np.array([0, 0]), share=np.array([0.1, 0.9]), exposed=np.array([0.0, 1.0]), own=np.array([0.8, 0.5]),
        replaceable=np.array([0.0, 0.2]), cost=np.array([0.1, 0.001]), product=np.array([1.0, 1.5]), goods=2,
    )  # fmt: skip
    assert got[0] == pytest.approx(0.1 * 0.8 + 0.9 * (0.2 * 0.5 + 0.8 * 0.001 * 1.5))
    assert np.isnan(got[1])


def test_thrift_is_of_those_who_cannot_do_without_and_of_no_others():
    world = dict(good=np.zeros(2, dtype=int), share=np.array([0.4, 0.6]), exposed=np.array([0.0, 1.0]),
                 own=np.full(2, 0.5), replaceable=np.array([0.0, 0.25]), cost=np.full(2, 0.1), product=np.ones(2),
                 goods=1)  # fmt: skip
    more = demand_elasticity(**world, thrift=0.2) - demand_elasticity(**world)
    assert more[0] == pytest.approx(0.6 * 0.75 * 0.2)
    with pytest.raises(ValueError, match="thrift"):
        demand_elasticity(**world, thrift=-0.1)


@given(seeds)
def test_a_loop_finds_the_same_by_horizon(seed):
    world = users(seed)
    got = demand_elasticity(**world)
    assert got.shape == (2, 3)
    for horizon in range(2):
        for m in range(3):
            total = 0.0
            for j in np.flatnonzero(world["good"] == m):
                e, psi, theta = world["exposed"][j], world["own"][horizon, j], world["replaceable"][j]
                total += world["share"][j] * (
                    (1 - e) * psi + e * (theta * psi + (1 - theta) * world["cost"][j] * world["product"][j])
                )
            assert got[horizon, m] == pytest.approx(total)


@given(seeds)
def test_users_who_need_the_good_answer_less_the_smaller_its_cost(seed):
    world = users(seed)
    tied = demand_elasticity(**{**world, "exposed": np.ones(8), "replaceable": np.zeros(8)})
    assert (tied <= (world["cost"] * world["product"]).max() + 1e-12).all()
    nothing = demand_elasticity(**{**world, "exposed": np.ones(8), "replaceable": np.zeros(8), "cost": np.zeros(8)})
    np.testing.assert_array_equal(nothing, 0.0)
    loose = demand_elasticity(**{**world, "exposed": np.zeros(8), "own": np.full(8, 0.4)})
    np.testing.assert_allclose(loose, 0.4)


@given(seeds)
def test_a_user_that_nobody_knows_leaves_its_good_unknown(seed):
    world = users(seed)
    world["exposed"] = world["exposed"].copy()
    world["exposed"][4] = np.nan
    got = demand_elasticity(**world)
    np.testing.assert_array_equal(np.isnan(got[0]), np.arange(3) == world["good"][4])


def test_a_user_without_a_share_may_be_unknown():
    got = demand_elasticity(
        np.array([0, 0]), np.array([1.0, 0.0]), np.array([0.5, np.nan]), np.ones(2), np.zeros(2), np.zeros(2),
        np.ones(2), 1,
    )  # fmt: skip
    assert got[0] == 0.5


@pytest.mark.parametrize("name", ["share", "exposed", "own", "replaceable", "cost", "product"])
def test_what_lies_outside_its_range_is_refused(name):
    world = users(1)
    with pytest.raises(ValueError, match=name):
        demand_elasticity(**{**world, name: -world[name]})
    with pytest.raises(ValueError, match="share must add up"):
        demand_elasticity(**{**world, "share": 0.5 * world["share"]})
