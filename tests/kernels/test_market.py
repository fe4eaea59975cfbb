"""The market clears or says so: tonnes and money add up, the base repeats itself, SciPy agrees on small markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, root

from khanij.core.rng import stream
from khanij.kernels.market import Response, Shock, solve

seeds = st.integers(0, 10_000)
ABROAD = ~np.eye(5, dtype=bool)


def world(seed, n=5, scenarios=3):
    """Random flows with gaps, and random answers with sigma above epsilon."""
    draw = stream(seed)
    flow = draw.gamma(0.7, 5, (n, n)) * (draw.random((n, n)) < 0.7)
    epsilon, eta = draw.uniform(0.2, 1.0, (scenarios, n)), draw.uniform(0, 1, (scenarios, n))
    blind = np.where(draw.random((scenarios, n)) < 0.3, 1.0, 0.0)
    return flow, Response(draw.uniform(1.0, 5.0, scenarios), epsilon, eta, blind)


def everything(seed, flow, scenarios=3):
    """Every kind of shock at once."""
    draw, n = stream(seed, 1), len(flow)
    exports = (flow * ABROAD).sum(axis=1)
    one, two = (scenarios, n), (scenarios, n, n)
    return Shock(
        capacity=np.where(draw.random(one) < 0.3, draw.uniform(0.3, 1, one), 1.5),
        host=draw.uniform(0.8, 1.2, one),
        cost=draw.uniform(0.8, 1.5, one),
        shift=draw.uniform(0.8, 1.2, one),
        wedge=draw.uniform(0.8, 1.5, two),
        banned=draw.random(two) < 0.1,
        ceiling=np.where(draw.random(two) < 0.1, flow * draw.random(two), np.inf),
        quota=np.where(draw.random(one) < 0.3, exports * draw.random(one), np.inf),
    )


def plain(n, sigma=2.0, epsilon=0.4, eta=0.2, byproduct=0.0):
    """The same answers for all."""
    row = np.ones((1, n))
    return Response(np.array([sigma]), epsilon * row, eta * row, byproduct * row)


@given(seeds)
def test_the_base_year_repeats_itself_and_a_ban_of_nobody_changes_nothing(seed):
    flow, response = world(seed)
    shut = np.broadcast_to(flow == 0, (1, 5, 5))
    wide = np.full((1, 5), flow.sum() + 1)
    for shock in (Shock(), Shock(banned=shut), Shock(capacity=np.ones((1, 5))), Shock(quota=wide, ceiling=wide[None])):
        got = solve(flow, response, shock)
        assert got.converged.all()
        assert (got.iterations == 0).all()
        np.testing.assert_allclose(got.trade, np.broadcast_to(flow, got.trade.shape), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(got.price[:, flow.sum(axis=1) > 0], 1.0, rtol=1e-9)
        np.testing.assert_allclose(got.index[:, flow.sum(axis=0) > 0], 1.0, rtol=1e-9)
        assert not got.unsold.any()


@given(seeds)
def test_tonnes_and_money_add_up_and_nothing_is_negative(seed):
    flow, response = world(seed)
    shock = everything(seed, flow)
    got = solve(flow, response, shock)
    ok = got.converged
    for array in (got.trade, got.unsold, got.spending, got.revenue, got.rents + 1e-9 * got.spending.sum()):
        assert (array >= 0).all()
    taken = got.revenue.sum(axis=1) + (got.duty + got.rents).sum(axis=(1, 2))
    np.testing.assert_allclose(got.spending.sum(axis=1), taken, rtol=1e-9)
    sold = got.trade.sum(axis=2)
    answer = response.byproduct + (1 - response.byproduct) * (got.price / shock.cost) ** response.supply
    offered = flow.sum(axis=1) * np.minimum(shock.host * answer, shock.capacity)
    live = ok[:, None] & np.isfinite(got.price)
    np.testing.assert_allclose((sold + got.unsold)[live], offered[live], rtol=1e-7)
    assert (got.price[(got.unsold > 1e-6 * flow.sum()) & live] <= 1e-3 * (1 + 1e-9)).all()
    bought = got.trade.sum(axis=1)
    demand = np.where(bought > 0, flow.sum(axis=0) * shock.shift * got.index**-response.demand, 0.0)
    np.testing.assert_allclose(bought, demand, rtol=1e-7, atol=1e-12)
    assert not got.trade[np.broadcast_to(shock.banned, got.trade.shape)].any()


@given(seeds)
def test_quotas_and_ceilings_bind_or_earn_nothing(seed):
    flow, response = world(seed)
    shock = everything(seed, flow)
    got = solve(flow, response, shock)
    rows = got.converged
    sent = (got.trade * ABROAD).sum(axis=2)
    assert (sent <= shock.quota * (1 + 1e-8))[rows].all()
    assert (got.trade <= shock.ceiling * (1 + 1e-8))[rows].all()
    assert (got.rent >= 1).all()
    binding = (got.rent > 1 + 1e-9) & rows[:, None]
    np.testing.assert_allclose(sent[binding], shock.quota[binding], rtol=1e-7)
    abroad = np.where(ABROAD, got.rent[:, :, None], 1.0)
    link = got.paid / (got.price[:, :, None] * got.wedge * abroad)
    tight = (got.trade > 0) & (link > 1 + 1e-7) & rows[:, None, None]
    np.testing.assert_allclose(got.trade[tight], shock.ceiling[tight], rtol=1e-7)
    assert (link[got.trade > 0] >= 1 - 1e-9).all()


@given(seeds, st.integers(0, 4))
def test_losing_a_supplier_lowers_nobodys_price(seed, lost):
    flow, response = world(seed)
    before = solve(flow, response, Shock())
    able = np.where(np.arange(5) == lost, 0.0, np.inf)[None]
    after = solve(flow, response, Shock(capacity=able))
    rows = after.converged
    served = np.isfinite(before.index[rows])
    assert (after.index[rows][served] >= before.index[rows][served] * (1 - 1e-9)).all()
    assert not after.trade[:, lost].any()
    assert np.isnan(after.price[:, lost]).all()


@given(seeds, st.floats(1e-6, 1e6))
def test_the_unit_of_mass_does_not_matter(seed, unit):
    flow, response = world(seed)
    shock = everything(seed, flow)
    larger = replace(shock, ceiling=shock.ceiling * unit, quota=shock.quota * unit)
    one, two = solve(flow, response, shock), solve(flow * unit, response, larger)
    rows = one.converged & two.converged
    sold = one.trade.sum(axis=(1, 2))[rows, None, None]
    np.testing.assert_allclose(two.trade[rows] / unit / sold, one.trade[rows] / sold, atol=1e-7)


@given(seeds)
def test_a_scenario_does_not_know_its_neighbours(seed):
    flow, response = world(seed)
    shock = everything(seed, flow)
    whole = solve(flow, response, shock)
    names = ("capacity", "host", "cost", "shift", "wedge", "banned", "ceiling", "quota")
    for b in range(3):
        one = Response(*(getattr(response, k)[b : b + 1] for k in ("sigma", "demand", "supply", "byproduct")))
        alone = solve(flow, one, Shock(**{k: getattr(shock, k)[b : b + 1] for k in names}))
        assert alone.converged[0] == whole.converged[b]
        if alone.converged[0]:
            np.testing.assert_allclose(alone.trade[0], whole.trade[b], rtol=1e-7, atol=1e-9 * flow.sum())


def test_most_random_worlds_are_solved_and_a_warm_start_needs_no_step():
    solved = []
    for seed in range(100):
        flow, response = world(seed)
        shock = everything(seed, flow)
        cold = solve(flow, response, shock)
        warm = solve(flow, response, shock, start=cold)
        assert (warm.iterations[cold.converged] <= 1).all()
        assert warm.converged[cold.converged].all()
        solved.append(cold.converged.mean())
    assert np.mean(solved) > 0.97


@pytest.mark.parametrize("gone", [0.1, 0.5, 0.9])
def test_one_market_against_brentq(gone):
    """One seller, one buyer: S = (1 - gone) where p^-epsilon says so; with spare capacity, p^eta meets p^-epsilon."""
    flow = np.array([[10.0]])
    cut = solve(flow, plain(1), Shock(capacity=np.array([[1 - gone]])))
    want = brentq(lambda x: np.exp(-0.4 * x) - (1 - gone), 0, 50, xtol=1e-14)
    np.testing.assert_allclose(np.log(cut.price), want, rtol=1e-10)
    more = solve(flow, plain(1), Shock(shift=np.array([[1 + gone]])))
    want = brentq(lambda x: (1 + gone) * np.exp(-0.4 * x) - np.exp(0.2 * x), 0, 50, xtol=1e-14)
    np.testing.assert_allclose(np.log(more.price), want, rtol=1e-10)


def test_three_countries_against_scipy_root():
    """A tariff, a ban and an outage, written out again in plain loops and solved by MINPACK."""
    flow = np.array([[8.0, 3.0, 4.0], [1.0, 5.0, 2.0], [0.5, 1.0, 6.0]])
    sigma, epsilon, eta = 2.5, 0.3, 0.15
    wedge, able = np.ones((3, 3)), np.array([1.2, 0.8, 1.2])
    wedge[0, 1] = 1.25
    banned = np.zeros((3, 3), dtype=bool)
    banned[0, 2] = True

    def gaps(x):
        out = []
        for c in range(3):
            sold = 0.0
            for d in range(3):
                share = [0.0 if banned[k, d] else flow[k, d] / flow[:, d].sum() for k in range(3)]
                pull = [share[k] * (np.exp(x[k]) * wedge[k, d]) ** -sigma for k in range(3)]
                price = sum(pull) ** (-1 / sigma)
                sold += flow[:, d].sum() * price**-epsilon * pull[c] / sum(pull)
            out.append(np.log(sold) - np.log(flow[c].sum() * min(np.exp(eta * x[c]), able[c])))
        return out

    shock = Shock(capacity=able[None], wedge=wedge[None], banned=banned[None])
    got = solve(flow, plain(3, sigma, epsilon, eta), shock)
    want = root(gaps, np.zeros(3), tol=1e-13)
    assert want.success
    assert got.converged.all()
    np.testing.assert_allclose(np.log(got.price[0]), want.x, atol=1e-9)


def test_a_restricting_exporter_stays_cheap_while_the_rest_pays():
    """An export quota of a tenth: the home price falls, the others' rises, and the gap is the quota's rent."""
    flow = np.array([[50.0, 30.0], [0.0, 10.0]])
    got = solve(flow, plain(2), Shock(quota=np.array([[3.0, np.inf]])))
    assert got.converged.all()
    assert got.price[0, 0] < 1 < got.price[0, 1]
    assert got.rent[0, 0] > 2
    np.testing.assert_allclose(got.trade[0, 0, 1], 3.0, rtol=1e-9)
    banned = solve(flow, plain(2), Shock(quota=np.array([[0.0, np.inf]])))
    assert banned.trade[0, 0, 1] == 0
    assert banned.price[0, 1] > got.price[0, 1]


def test_a_by_product_cannot_follow_its_own_price():
    flow = np.array([[10.0]])
    price = solve(flow, plain(1, eta=1.0, byproduct=1.0), Shock(shift=np.array([[2.0]]))).price[0, 0]
    np.testing.assert_allclose(price, 2 ** (1 / 0.4), rtol=1e-9)
    host = solve(flow, plain(1, eta=1.0, byproduct=1.0), Shock(host=np.array([[0.5]])))
    np.testing.assert_allclose(host.trade[0, 0, 0], 5.0, rtol=1e-9)


def test_what_cannot_be_sold_stays_unsold_and_who_has_no_seller_buys_nothing():
    flow = np.array([[0.0, 10.0], [0.0, 0.0]])
    half = solve(flow, plain(2, byproduct=1.0), Shock(ceiling=np.array([[[np.inf, 4.0], [np.inf, np.inf]]])))
    np.testing.assert_allclose(half.unsold[0, 0], 6.0, rtol=1e-9)
    np.testing.assert_allclose(half.price[0, 0], 1e-3, rtol=1e-9)
    none = solve(flow, plain(2), Shock(banned=np.ones((1, 2, 2), dtype=bool)))
    assert none.converged.all()
    assert np.isinf(none.index[0, 1])
    assert not none.trade.any()


def test_a_price_at_the_top_is_not_converged():
    got = solve(np.array([[10.0]]), plain(1, epsilon=0.05), Shock(capacity=np.array([[0.01]])))
    assert not got.converged.any()
    assert got.gap[0] > 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wedge": np.zeros((1, 2, 2))}, "wedge"),
        ({"capacity": -np.ones((1, 2))}, "capacity"),
        ({"quota": np.full((1, 2), np.nan)}, "quota"),
        ({"host": np.full((1, 2), np.inf)}, "host"),
    ],
)
def test_impossible_shocks_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        solve(np.ones((2, 2)), plain(2), Shock(**change))


def test_impossible_markets_are_refused():
    with pytest.raises(ValueError, match="sigma"):
        solve(np.ones((2, 2)), plain(2, sigma=0.2), Shock())
    with pytest.raises(ValueError, match="flow"):
        solve(-np.ones((2, 2)), plain(2), Shock())
    with pytest.raises(ValueError, match="bounds"):
        solve(np.ones((2, 2)), plain(2, sigma=50.0), Shock())
    with pytest.raises(ValueError, match="scenarios"):
        solve(np.ones((2, 2)), plain(2), Shock(capacity=np.ones((2, 2)), quota=np.ones((3, 2))))
