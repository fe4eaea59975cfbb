"""The physical months: the base repeats itself, mass is kept, and small worlds do what common sense expects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.physical import RULES, Base, run


def world(seed, goods=3, n=5, days=1.0):
    """A chain in balance: random trade, use of a good covers what the next stage takes."""
    draw = stream(seed)
    trade, output, yields = np.zeros((goods, n, n)), np.zeros((goods, n)), np.array([1.0, 0.8, 0.9])[:goods]
    after = np.zeros(n)
    for k in range(goods - 1, -1, -1):
        flow = draw.gamma(1, 5, (n, n)) * (draw.random((n, n)) < 0.5)
        np.fill_diagonal(flow, 0)
        trade[k] = flow
        use = after + draw.gamma(1, 3, n) * (draw.random(n) < 0.7)
        output[k] = np.maximum(use + flow.sum(1) - flow.sum(0), 0)
        after = output[k] / yields[k]
    capacity = output * (1 + draw.random((goods, n)))
    return Base(trade, output, yields, capacity, draw.gamma(2, 2, (goods, n)) * days)


def shocks(seed, base, scenarios=2, months=6):
    """Some capacity gone and some links shut in some months."""
    draw = stream(seed, 1)
    goods, n = base.output.shape
    able = np.where(draw.random((scenarios, months, goods, n)) < 0.2, draw.random((scenarios, months, goods, n)), 1.0)
    open_ = np.where(draw.random((scenarios, months, goods, n, n)) < 0.2, 0.0, 1.0)
    return able, open_


seeds = st.integers(0, 10_000)
how = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(RULES),
        "rerouting": st.sampled_from([0.0, 0.3, 1.0]),
        "refill": st.sampled_from([1.0, 3.0, 12.0]),
    }
)


@given(seeds, how)
def test_the_base_month_repeats_itself(seed, options):
    base = world(seed)
    whole = np.ones((1, 8, *base.output.shape))
    got = run(base, whole, np.ones((1, 1, 1, 1, 1)), **options)
    for month in range(8):
        np.testing.assert_allclose(got.output[0, month], base.output, atol=1e-9)
        np.testing.assert_allclose(got.use[0, month], base.use, atol=1e-9)
        np.testing.assert_allclose(got.shortage[0, month], 0, atol=1e-9)
    np.testing.assert_allclose(got.trade[0], 8 * base.trade, atol=1e-8)


@given(seeds, how)
def test_mass_is_kept_and_nothing_is_negative(seed, options):
    base = world(seed)
    able, open_ = shocks(seed, base)
    got = run(base, able, open_, **options)
    for array in (got.output, got.use, got.stock, got.exports, got.imports, got.trade, got.wanted):
        assert (array >= 0).all()
    first = np.broadcast_to(base.stock + base.trade.sum(axis=1), got.stock[:, :1].shape)
    before = np.concatenate([first, got.stock[:, :-1]], axis=1)
    change = got.output - got.use - got.exports + got.imports
    np.testing.assert_allclose(got.stock - before, change, atol=1e-8)
    np.testing.assert_allclose(got.exports.sum(-1), got.imports.sum(-1), atol=1e-8)
    assert (got.output <= base.capacity * able + 1e-9).all()
    assert (got.shortage >= -1e-9).all()
    processed = got.output[:, :, 1:] / base.yields[1:, None]
    assert (processed <= got.use[:, :, :-1] + 1e-9).all()


@given(seeds, how)
def test_a_shut_link_carries_nothing(seed, options):
    base = world(seed)
    able, _ = shocks(seed, base)
    open_ = np.ones((2, 1, 3, 5, 5))
    open_[:, :, 1, 2, :] = 0.0
    got = run(base, able, open_, **options)
    assert got.trade[:, 1, 2].sum() == 0
    assert got.exports[:, :, 1, 2].sum() == 0


@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_countries_and_scenarios_does_not_matter(seed, shuffle):
    base = world(seed)
    able, open_ = shocks(seed, base)
    order = list(range(5))
    shuffle.shuffle(order)
    moved = Base(
        base.trade[:, order][:, :, order], base.output[:, order], base.yields, base.capacity[:, order],
        base.stock[:, order],
    )  # fmt: skip
    here = run(base, able, open_)
    there = run(moved, able[..., order], open_[..., order, :][..., order])
    np.testing.assert_allclose(there.use, here.use[..., order], atol=1e-8)
    alone = run(base, able[1:], open_[1:])
    np.testing.assert_array_equal(alone.use[0], here.use[1])


# Two suppliers A and B of one good, one user C: A 60, B 40 a month; B could make 70
TRADE = np.zeros((1, 3, 3))
TRADE[0, 0, 2], TRADE[0, 1, 2] = 60.0, 40.0
SMALL = Base(TRADE, np.array([[60.0, 40, 0]]), np.ones(1), np.array([[60.0, 70, 0]]), np.zeros((1, 3)))


def ban(months=6):
    open_ = np.ones((1, months, 1, 3, 3))
    open_[:, :, 0, 0, 2] = 0
    return np.ones((1, months, 1, 3)), open_


def test_the_first_month_lives_on_what_is_on_its_way():
    got = run(SMALL, *ban(), rerouting=1.0)
    assert got.shortage[0, 0].sum() == 0
    assert got.use[0, 1, 0, 2] == pytest.approx(40.0)  # only B's usual goods arrived


def test_stocks_put_the_shortage_off():
    stocked = replace(SMALL, stock=np.array([[0.0, 0, 90]]))
    bare, held = run(SMALL, *ban(), rerouting=0.0).shortage, run(stocked, *ban(), rerouting=0.0).shortage
    assert bare[0, 1].sum() == pytest.approx(60)
    assert held[0, 1].sum() == 0
    assert held.sum() < bare.sum() - 20


def test_orders_that_move_faster_leave_less_short():
    slow, some, fast = (run(SMALL, *ban(), rerouting=speed).shortage.sum() for speed in (0.0, 0.3, 1.0))
    assert slow > some > fast
    got = run(SMALL, *ban(12), rerouting=1.0)
    assert got.use[0, -1, 0, 2] == pytest.approx(70)  # all that B can make


def test_rules_decide_who_goes_short():
    base = Base(
        np.array([[[0.0, 30], [0, 0]]]), np.array([[60.0, 0]]), np.ones(1), np.array([[60.0, 0]]), np.zeros((1, 2))
    )
    able = np.ones((1, 4, 1, 2))
    able[..., 0] = 0.5
    kept = {rule: run(base, able, np.ones((1, 1, 1, 1, 1)), rerouting=0.0, rule=rule) for rule in RULES}
    home = {rule: got.use[0, 0, 0, 0] for rule, got in kept.items()}
    assert home["home-first"] == pytest.approx(30)
    assert home["exports-first"] < home["proportional"] < home["home-first"]


def test_a_shortage_runs_down_the_chain_with_the_yield():
    n = 2
    trade = np.zeros((2, n, n))
    trade[0, 0, 1] = 50.0  # ore from A to B
    output = np.array([[50.0, 0], [0, 40.0]])  # B smelts it, yield 0.8
    base = Base(trade, output, np.array([1.0, 0.8]), output * 1.0, np.zeros((2, n)))
    able = np.ones((1, 4, 2, n))
    able[:, :, 0, 0] = 0.0
    got = run(base, able, np.ones((1, 1, 1, 1, 1)))
    np.testing.assert_allclose(got.output[0, :, 1, 1], [40, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(got.use[0, :, 1, 1], [40, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "first-come"},
        {"refill": 0.5},
        {"rerouting": 1.5},
        {"capacity": -np.ones((1, 2, 1, 3))},
        {"allowed": 2 * np.ones((1, 1, 1, 1, 1))},
        {"base": replace(SMALL, output=np.array([[10.0, 40, 0]]))},
        {"base": replace(SMALL, capacity=np.array([[10.0, 40, 0]]))},
        {"base": replace(SMALL, stock=np.array([[np.nan, 40, 0]]))},
    ],
)
def test_impossible_arguments_are_refused(change):
    arguments = {"base": SMALL, "capacity": np.ones((1, 2, 1, 3)), "allowed": np.ones((1, 1, 1, 1, 1)), **change}
    with pytest.raises(ValueError, match=r"base|capacity|rule"):
        run(**arguments)
