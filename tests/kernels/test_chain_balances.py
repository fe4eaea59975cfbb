"""Balances of chains with branches: rows by hand, and what fits is what was measured where that fits already."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.kernels.balances.chain_balances import chain_balances
from khanij.kernels.balances.reconciliation import reconcile

NONE = tuple(np.zeros(0, dtype=np.intp) for _ in range(3))


def ends(stages, low=0.5, high=1.0):
    return np.full(stages, low), np.full(stages, high)


def test_rows_by_hand():
    """One country; rock becomes acid and, in another furnace, phosphorus."""
    rows, at = chain_balances([-1, 0, 0], NONE, ends(3), np.full((3, 1), np.nan))
    dense = rows.matrix.dense(np.arange(len(rows.low)), np.arange(len(rows.least)))
    first = np.zeros(len(rows.least))
    first[at.output[0, 0]] = 1
    first[[at.other_use[0, 0], at.stock_change[0, 0], at.input[1, 0], at.input[2, 0]]] = -1
    np.testing.assert_array_equal(dense[at.balance[0, 0]], first)
    linked = np.zeros(len(rows.least))
    linked[[at.output[2, 0], at.other_feed[2, 0], at.input[2, 0]]] = 1, -1, -0.5
    np.testing.assert_array_equal(dense[at.yields[0, 2, 0]], linked)
    assert (at.input[0] == -1).all()
    assert (at.world == -1).all()
    assert np.isinf(rows.high[at.yields[0, 1:]]).all()
    assert np.isneginf(rows.low[at.yields[1, 1:]]).all()


def test_a_share_is_one_of_what_the_world_makes():
    share = np.array([[0.9, np.nan]])
    rows, at = chain_balances([-1], NONE, ends(1), share)
    value, sigma = np.full(len(rows.least), np.nan), np.ones(len(rows.least))
    value[at.world[0]], sigma[at.world[0]] = 100.0, 1.0
    value[at.share_error[0, 0]] = 0.0
    value[at.output[0, 1]], value[at.stock_change[0]] = 8.0, 0.0
    got = reconcile(rows, value, sigma)
    np.testing.assert_allclose(got.estimate[at.output[0]], [90.0, 8.0])
    assert at.shares[0].tolist()[1] == -1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_what_fits_is_left_as_it_is(seed):
    draw = np.random.default_rng(seed)
    n, parent = 4, [-1, 0, 0, 2]
    pairs = np.argwhere(~np.eye(n, dtype=bool))
    stage = np.repeat(np.arange(4), len(pairs))
    seller, buyer = np.tile(pairs, (4, 1)).T
    rows, at = chain_balances(parent, (stage, seller, buyer), ends(4), np.full((4, n), np.nan))
    x = np.zeros(len(rows.least))
    x[at.trade] = draw.lognormal(0, 1, len(stage))
    x[at.output[1:]] = draw.lognormal(2, 1, (3, n))
    x[at.input[1:]] = x[at.output[1:]] / 0.75
    x[at.other_use] = draw.lognormal(0, 1, (4, n))
    net = np.zeros((4, n))
    np.add.at(net, (stage, buyer), x[at.trade])
    np.subtract.at(net, (stage, seller), x[at.trade])
    taken = np.zeros((4, n))
    for t, before in enumerate(parent):
        if before >= 0:
            taken[before] += x[at.input[t]]
    need = taken + x[at.other_use] - net
    more = np.maximum(x[at.output], need) - need  # output is at least what is needed; the rest is used
    x[at.output[0]], x[at.other_use[0]] = need[0] + more[0], x[at.other_use[0]] + more[0]
    x[at.output[1:]] = need[1:] + more[1:]
    x[at.other_use[1:]] += more[1:]
    x[at.other_feed[1:]] = np.maximum(x[at.output[1:]] - x[at.input[1:]], 0.0)
    x[at.input[1:]] = np.minimum(x[at.input[1:]], x[at.output[1:]] / 0.5)
    short = rows.matrix.times(x)
    x[at.other_use] += short[at.balance]
    value = np.maximum(x, 0.0)
    got = reconcile(rows, value, np.maximum(0.3 * value, 1e-3))
    assert got.converged
    if (x >= 0).all():
        np.testing.assert_allclose(got.estimate, value, rtol=1e-9, atol=1e-9 * value.max())
    assert (np.abs(rows.matrix.times(got.estimate)[at.balance]) < 1e-6 * value.max()).all()


@pytest.mark.parametrize(
    ("parent", "flows", "low", "told"),
    [
        ([-1, 2], NONE, 0.5, "parent"),
        ([-1, 1], NONE, 0.5, "parent"),
        ([-1, 0], (np.array([0]), np.array([1]), np.array([1])), 0.5, "itself"),
        ([-1, 0], (np.array([2]), np.array([0]), np.array([1])), 0.5, "stage"),
        ([-1, 0], NONE, 2.0, "yields"),
        ([-1, 0], NONE, 0.0, "yields"),
    ],
)
def test_what_does_not_fit_together_is_refused(parent, flows, low, told):
    with pytest.raises(ValueError, match=told):
        chain_balances(parent, flows, ends(2, low), np.full((2, 2), np.nan))
