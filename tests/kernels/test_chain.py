"""Chains of markets clear or say so: tonnes and money add up, the base repeats itself, no matter who else is solved."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.rng import stream
from khanij.kernels.markets.market import MarketChain, MarketShock, Response, solve

worlds = st.tuples(st.integers(0, 10_000), st.integers(1, 3), st.integers(2, 8))
SCENARIOS = 6


def world(key, scenarios=SCENARIOS):
    """Random flows with gaps, now and then a hub that everybody buys from; makers; sigma above epsilon."""
    draw = stream(*key)
    _, stages, n = key
    flow = draw.gamma(0.7, 5, (stages, n, n)) * (draw.random((stages, n, n)) < 0.7)
    flow[:, 0] *= np.where(draw.random(stages) < 0.3, 100.0, 1.0)[:, None]
    made, bought = flow.sum(axis=2), flow.sum(axis=1)
    passed, cost = np.zeros((stages, n)), np.zeros((stages, n))
    passed[:-1] = np.where((made[1:] > 0) & (bought[:-1] > 0), draw.choice([0.0, 0.5, 1.0], (stages - 1, n)), 0.0)
    cost[1:] = np.where(made[1:] > 0, draw.uniform(0.0, 0.9, (stages - 1, n)), 0.0)
    epsilon, eta = draw.uniform(0.2, 1.0, (scenarios, stages, n)), draw.uniform(0, 1, (scenarios, stages, n))
    blind = np.where(draw.random((scenarios, stages, n)) < 0.2, 1.0, 0.0)
    blind[:, 1:] = 0.0
    return MarketChain(flow, passed, cost), Response(draw.uniform(1.0, 5.0, (scenarios, stages)), epsilon, eta, blind)


def everything(key, chain, scenarios=SCENARIOS):
    """Every kind of shock at once; the second scenario shuts every link of a stage, the third everyone's output."""
    draw = stream(*key, 1)
    stages, n = chain.passed.shape
    exports = (chain.flow * ~np.eye(n, dtype=bool)).sum(axis=2)
    one, two = (scenarios, stages, n), (scenarios, stages, n, n)
    shock = MarketShock(
        capacity=np.where(draw.random(one) < 0.3, draw.choice([0.0, 0.4, 0.8, 1.0], one), 1.5),
        host=draw.uniform(0.8, 1.2, one),
        cost=draw.uniform(0.8, 1.5, one),
        shift=draw.uniform(0.8, 1.2, one),
        wedge=draw.uniform(0.8, 1.5, two),
        banned=draw.random(two) < 0.1,
        quota=np.where(draw.random(one) < 0.3, exports * draw.choice([0.0, 0.3, 0.8, 1.2], one), np.inf),
        restricted=(draw.random(two) < 0.7) & ~np.eye(n, dtype=bool),
        stock=np.where(draw.random(one) < 0.5, draw.uniform(0, 0.5, one), 0.0),
    )
    shock.banned[1, 0] = True
    shock.capacity[2, -1] = 0.0
    return shock


def pick(thing, b):
    """One scenario of a response or a shock."""
    parts = {f.name: getattr(thing, f.name) for f in fields(thing)}
    return type(thing)(**{name: a[b : b + 1] if len(a) > 1 else a for name, a in parts.items()})


@given(worlds)
def test_the_base_year_repeats_itself_and_a_ban_of_nobody_changes_nothing(key):
    chain, response = world(key)
    flow = chain.flow[None]
    wide = np.full((1, key[1], key[2]), flow.sum() + 1)
    for shock in (
        MarketShock(),
        MarketShock(banned=flow == 0),
        MarketShock(capacity=np.ones((1, 1, 1))),
        MarketShock(quota=wide, stock=0.5 / wide),
    ):
        got = solve(chain, response, shock)
        assert got.converged.all()
        assert (got.iterations == 0).all()
        np.testing.assert_allclose(got.trade, np.broadcast_to(flow, got.trade.shape), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(got.price[:, chain.flow.sum(axis=2) > 0], 1.0, rtol=1e-9)
        np.testing.assert_allclose(got.index[:, chain.flow.sum(axis=1) > 0], 1.0, rtol=1e-9)
        assert not got.unsold.any()
        assert (got.drawn <= 1e-9).all()
        assert (got.shortage <= 1e-9 * flow.sum()).all()


@given(worlds)
def test_tonnes_add_up_along_the_chain(key):
    chain, response = world(key)
    shock = everything(key, chain)
    got = solve(chain, response, shock)
    ok = got.converged
    for array in (got.trade, got.unsold, got.output, got.use, got.drawn + 1e-12 * chain.flow.sum()):
        assert (array >= 0).all()
    made, users = chain.flow.sum(axis=2), chain.flow.sum(axis=1)
    scale = chain.flow.sum()
    np.testing.assert_allclose((got.trade.sum(axis=3) + got.unsold)[ok], got.output[ok], rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(got.trade.sum(axis=2)[ok], (got.use - got.drawn)[ok], rtol=1e-9, atol=1e-9 * scale)
    assert (
        got.price[(got.unsold > 1e-6 * scale) & np.isfinite(got.price) & ok[:, None, None]] <= 1e-3 * (1 + 1e-9)
    ).all()

    index = np.where(np.isnan(got.index), 1.0, got.index)
    paid = np.concatenate([np.ones_like(index[:, :1]), index[:, :-1]], axis=1)
    bill = np.where(chain.cost > 0, 1 - chain.cost + chain.cost * np.where(chain.cost > 0, paid, 1.0), 1.0)
    price = np.where(np.isnan(got.price), 1e-3, got.price)
    answer = response.byproduct + (1 - response.byproduct) * (price / (shock.cost * bill)) ** response.supply
    offered = made * np.minimum(shock.host * answer, shock.capacity)
    live = ok[:, None, None] & (got.output > 0)
    np.testing.assert_allclose(got.output[live], offered[live], rtol=1e-8)
    cut_off = np.isinf(paid) & (chain.cost > 0)
    assert not got.output[cut_off].any()
    assert (got.output[ok] > 0)[((shock.capacity > 0) & (made > 0) & np.isfinite(paid))[ok]].all()

    follows = np.zeros_like(got.output)
    follows[:, :-1] = np.divide(got.output, made, out=np.zeros_like(got.output), where=made > 0)[:, 1:]
    with np.errstate(divide="ignore"):
        final = np.where(np.isinf(got.index), 0.0, index**-response.demand)
    use = users * shock.shift * (chain.passed * follows + (1 - chain.passed) * final)
    np.testing.assert_allclose(got.use[ok], use[ok], rtol=1e-8, atol=1e-12 * scale)
    drawn = use * shock.stock * (1 - np.maximum(index, 1.0) ** -4.0)
    np.testing.assert_allclose(got.drawn[ok], drawn[ok], rtol=1e-8, atol=1e-12 * scale)


@given(worlds)
def test_money_adds_up_and_no_link_is_used_that_is_shut(key):
    chain, response = world(key)
    shock = everything(key, chain)
    got = solve(chain, response, shock)
    for array in (got.spending, got.revenue, got.rents):
        assert (array >= 0).all()
    taken = got.revenue.sum(axis=2) + (got.duty + got.rents).sum(axis=(2, 3))
    np.testing.assert_allclose(got.spending.sum(axis=2), taken, rtol=1e-9)
    assert not got.trade[shock.banned].any()
    assert not got.trade[1, 0].any()
    assert not got.trade[2, -1].any()
    assert not got.trade[np.broadcast_to(chain.flow == 0, got.trade.shape)].any()
    rows = got.converged
    sent = (got.trade * shock.restricted).sum(axis=3)
    assert (sent <= shock.quota * (1 + 1e-8))[rows].all()
    assert (got.rent >= 1).all()
    binding = (got.rent > 1 + 1e-9) & rows[:, None, None]
    np.testing.assert_allclose(sent[binding], shock.quota[binding], rtol=1e-7)
    shares = chain.flow / np.maximum(chain.flow.sum(axis=1, keepdims=True), 1e-300)
    sigma = response.sigma[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = np.where(got.trade > 0, shares * got.paid ** -sigma[..., None], 0.0)
        index = pull.sum(axis=2) ** (-1 / sigma)
    bought = (got.trade.sum(axis=2) > 0) & rows[:, None, None]
    np.testing.assert_allclose(got.index[bought], index[bought], rtol=1e-8)
    part = pull / np.where(bought, pull.sum(axis=2), np.inf)[:, :, None, :]
    np.testing.assert_allclose(
        got.trade[rows], (part * got.trade.sum(axis=2)[:, :, None, :])[rows], rtol=1e-8, atol=1e-9
    )


@given(st.integers(0, 10_000), st.integers(2, 8))
def test_losing_a_supplier_lowers_nobodys_price_in_a_single_market(seed, n):
    chain, response = world((seed, 1, n), scenarios=n)
    before = solve(chain, response, MarketShock())
    after = solve(chain, response, MarketShock(capacity=np.where(np.eye(n, dtype=bool), 0.0, np.inf)[:, None]))
    served = np.isfinite(before.index) & after.converged[:, None, None]
    assert (after.index[served] >= before.index[served] * (1 - 1e-9)).all()
    lost = np.arange(n)
    assert not after.trade[lost, 0, lost].any()
    assert np.isnan(after.price[lost, 0, lost]).all()


@given(worlds, st.floats(1e-6, 1e6))
def test_the_unit_of_mass_does_not_matter(key, unit):
    chain, response = world(key)
    shock = everything(key, chain)
    one = solve(chain, response, shock)
    two = solve(replace(chain, flow=chain.flow * unit), response, replace(shock, quota=shock.quota * unit))
    rows = one.converged & two.converged
    assert (one.converged == two.converged).mean() > 0.8
    np.testing.assert_allclose(two.trade[rows] / unit, one.trade[rows], atol=1e-7 * chain.flow.sum())


@given(worlds)
def test_a_scenario_does_not_know_its_neighbours_and_repeats_itself(key):
    chain, response = world(key)
    shock = everything(key, chain)
    whole, again = solve(chain, response, shock), solve(chain, response, shock)
    for f in fields(whole):
        np.testing.assert_array_equal(getattr(whole, f.name), getattr(again, f.name))
    for b in range(SCENARIOS):
        alone = solve(chain, pick(response, b), pick(shock, b))
        assert alone.converged[0] == whole.converged[b]
        if alone.converged[0]:
            np.testing.assert_allclose(alone.trade[0], whole.trade[b], rtol=1e-8, atol=1e-9 * chain.flow.sum())
            np.testing.assert_allclose(alone.index[0], whole.index[b], rtol=1e-8)


def test_chains_that_differ_by_scenario_are_those_of_each_alone():
    parts = [world((seed, 2, 5), scenarios=1) for seed in range(4)]
    chain = MarketChain(*(np.stack([getattr(c, name) for c, _ in parts]) for name in ("flow", "passed", "cost")))
    response = Response(*(np.concatenate([getattr(r, f.name) for _, r in parts]) for f in fields(Response)[:4]))
    shock = MarketShock(capacity=np.full((4, 2, 5), 0.8), quota=np.full((4, 2, 5), 9.0))
    got = solve(chain, response, shock)
    assert got.converged.sum() >= 3
    for b, (one, answers) in enumerate(parts):
        alone = solve(one, answers, MarketShock(capacity=shock.capacity[b : b + 1], quota=shock.quota[b : b + 1]))
        assert alone.converged[0] == got.converged[b]
        if alone.converged[0]:
            np.testing.assert_allclose(alone.trade[0], got.trade[b], rtol=1e-8, atol=1e-9)


def test_pieces_of_a_large_batch_are_those_of_a_small_one(monkeypatch):
    chain, response = world((3, 2, 6), scenarios=7)
    shock = everything((3, 2, 6), chain, scenarios=7)
    whole = solve(chain, response, shock)
    monkeypatch.setattr("khanij.kernels.markets.market.PIECE", 200)
    parts = solve(chain, response, shock)
    np.testing.assert_allclose(parts.trade[whole.converged], whole.trade[whole.converged], rtol=1e-8, atol=1e-9)
    warm = solve(chain, response, shock, start=(parts.price, parts.rent))
    assert (warm.iterations[whole.converged] <= 1).all()


def test_random_worlds_are_solved_unless_a_price_has_no_end_and_a_warm_start_needs_no_step():
    solved, tops = [], []
    for seed in range(60):
        key = (seed, 1 + seed % 3, 2 + seed % 7)
        chain, response = world(key)
        shock = everything(key, chain)
        cold = solve(chain, response, shock)
        warm = solve(chain, response, shock, start=(cold.price, cold.rent))
        assert (warm.iterations[cold.converged] <= 1).all()
        assert warm.converged[cold.converged].all()
        np.testing.assert_allclose(
            warm.trade[cold.converged], cold.trade[cold.converged], rtol=1e-8, atol=1e-9 * chain.flow.sum()
        )
        solved.append(cold.converged)
        peak = np.nanmax(np.nan_to_num(cold.price) * cold.rent, axis=(1, 2))
        tops.append(peak >= 1e8)
    assert np.mean(solved) > 0.95
    assert np.mean(np.array(solved) | np.array(tops)) > 0.99


@given(worlds)
def test_with_choke_and_shut_every_world_is_solved(key):
    chain, response = world(key)
    one = np.ones((1, 1, 1))
    shock = everything(key, chain)
    got = solve(chain, replace(response, choke=20 * one, shut=0.2 * one), shock)
    assert got.converged.all()
    assert (got.trade.sum(axis=3) <= got.output * (1 + 1e-9)).all()
