"""Small chains with known answers: SciPy's bisection and root, bans, quotas, stocks, by-products; refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, root

from khanij.core.rng import stream
from khanij.kernels.markets.market import MarketChain, MarketShock, Response, solve


def plain(n, sigma=2.0, epsilon=0.4, eta=0.2, byproduct=0.0, stages=1):
    """The same answers for all."""
    row = np.ones((1, stages, n))
    return Response(np.full((1, stages), sigma), epsilon * row, eta * row, byproduct * row)


def market(flow):
    """A chain of one stage."""
    flow = np.asarray(flow, dtype=float)
    return MarketChain(flow[None], np.zeros((1, len(flow))), np.zeros((1, len(flow))))


def row(*values):
    """One scenario, one stage."""
    return np.array(values, dtype=float)[None, None]


@pytest.mark.parametrize("gone", [0.1, 0.5, 0.9])
def test_one_market_against_brentq(gone):
    """One seller, one buyer: S = (1 - gone) where p^-epsilon says so; with spare capacity, p^eta meets p^-epsilon."""
    cut = solve(market([[10.0]]), plain(1), MarketShock(capacity=row(1 - gone)))
    want = brentq(lambda x: np.exp(-0.4 * x) - (1 - gone), 0, 50, xtol=1e-14)
    np.testing.assert_allclose(np.log(cut.price), want, rtol=1e-10)
    more = solve(market([[10.0]]), plain(1), MarketShock(shift=row(1 + gone)))
    want = brentq(lambda x: (1 + gone) * np.exp(-0.4 * x) - np.exp(0.2 * x), 0, 50, xtol=1e-14)
    np.testing.assert_allclose(np.log(more.price), want, rtol=1e-10)
    stocked = solve(market([[10.0]]), plain(1), MarketShock(capacity=row(1 - gone), stock=row(0.2)))
    want = brentq(lambda x: np.exp(-0.4 * x) * (0.8 + 0.2 * np.exp(-4 * x)) - (1 - gone), 0, 50, xtol=1e-14)
    np.testing.assert_allclose(np.log(stocked.price), want, rtol=1e-9)


@pytest.mark.parametrize("gone", [0.1, 0.3, 0.5])
def test_one_mine_one_smelter_against_brentq(gone):
    """All ore becomes metal: output is what is left of the ore, and its price what the smelter can pay for it."""
    chain = MarketChain(np.array([[[10.0]], [[7.0]]]), np.array([[1.0], [0.0]]), np.array([[0.0], [0.6]]))
    got = solve(chain, plain(1, eta=0.5, stages=2), MarketShock(capacity=np.array([[[1 - gone], [np.inf]]])))
    assert got.converged.all()
    metal = brentq(lambda x: np.exp(-0.4 * x) - (1 - gone), 0, 50, xtol=1e-14)
    ore = brentq(lambda x: 0.5 * (metal - np.log(0.4 + 0.6 * np.exp(x))) - np.log(1 - gone), -20, 50, xtol=1e-14)
    np.testing.assert_allclose(np.log(got.price[0, :, 0]), [ore, metal], rtol=1e-9)
    np.testing.assert_allclose(got.output[0, :, 0], [10 * (1 - gone), 7 * (1 - gone)], rtol=1e-9)


def gaps(x, chain, answers, shock):
    """Excess demand of every seller and quota, in plain loops; x log prices, then the log rent of each quota."""
    sigma, epsilon, eta = answers
    flow, (stages, n) = chain.flow, chain.passed.shape
    price = x[: stages * n].reshape(stages, n)
    limits = list(zip(*np.nonzero(np.isfinite(shock.quota[0])), strict=True))
    rent = {limit: x[stages * n + i] for i, limit in enumerate(limits)}
    pull, index = np.zeros(flow.shape), np.ones((stages, n))
    output = np.zeros((stages, n))
    for k in range(stages):
        for d in range(n):
            bill = 1 - chain.cost[k, d] + chain.cost[k, d] * (index[k - 1, d] if k else 1.0)
            output[k, d] = min((np.exp(price[k, d]) / bill) ** eta, shock.capacity[0, k, d])
            for c in range(n):
                if not shock.banned[0, k, c, d]:
                    delivered = price[k, c] + (rent.get((k, c), 0.0) if c != d else 0.0)
                    pull[k, c, d] = flow[k, c, d] * (np.exp(delivered) * shock.wedge[0, k, c, d]) ** -sigma
            index[k, d] = (pull[k, :, d].sum() / flow[k, :, d].sum()) ** (-1 / sigma)
    trade = np.zeros(flow.shape)
    for k in range(stages):
        for d in range(n):
            through = chain.passed[k, d] * (output[k + 1, d] if k + 1 < stages else 0.0)
            total = through + (1 - chain.passed[k, d]) * index[k, d] ** -epsilon
            trade[k, :, d] = flow[k, :, d].sum() * total * pull[k, :, d] / pull[k, :, d].sum()
    found = [np.log(trade[k, c].sum() / flow[k, c].sum() / output[k, c]) for k in range(stages) for c in range(n)]
    return found + [np.log((trade[k, c].sum() - trade[k, c, c]) / shock.quota[0, k, c]) for k, c in limits]


@pytest.mark.parametrize(
    ("stages", "n", "quota"), [(1, 3, False), (2, 3, False), (2, 4, True), (3, 3, True), (3, 2, False)]
)
def test_small_chains_against_scipy_root(stages, n, quota):
    """A tariff, a ban, an outage and a quota, written out again in plain loops and solved by MINPACK."""
    draw = stream(7, stages, n)
    flow = draw.uniform(1, 8, (stages, n, n))
    passed, cost = draw.uniform(0.3, 0.9, (stages, n)), draw.uniform(0.2, 0.8, (stages, n))
    passed[-1], cost[0] = 0.0, 0.0
    shock = MarketShock(
        capacity=np.full((1, stages, n), 2.0),
        wedge=np.ones((1, stages, n, n)),
        banned=np.zeros((1, stages, n, n), dtype=bool),
        quota=np.full((1, stages, n), np.inf),
    )
    shock.capacity[0, 0, 1] = 0.8
    shock.wedge[0, -1, 0, 1] = 1.25
    shock.banned[0, 0, 0, n - 1] = n > 2
    if quota:
        shock.quota[0, -1, n - 1] = 0.5 * (flow[-1, n - 1].sum() - flow[-1, n - 1, n - 1])
    chain = MarketChain(flow, passed, cost)
    got = solve(chain, plain(n, 2.5, 0.3, 0.35, stages=stages), shock)
    want = root(gaps, np.zeros(stages * n + quota), args=(chain, (2.5, 0.3, 0.35), shock), tol=1e-13)
    assert want.success
    assert got.converged.all()
    np.testing.assert_allclose(np.log(got.price[0]).ravel(), want.x[: stages * n], atol=1e-8)
    if quota:
        np.testing.assert_allclose(np.log(got.rent[0, -1, n - 1]), want.x[-1], atol=1e-8)
        assert want.x[-1] > 0.1


def test_a_restricting_exporter_stays_cheap_while_the_rest_pays():
    """An export quota of a tenth: the home price falls, the others' rises, and the gap is the quota's rent."""
    flow = [[50.0, 30.0], [0.0, 10.0]]
    got = solve(market(flow), plain(2), MarketShock(quota=row(3.0, np.inf)))
    assert got.converged.all()
    assert got.price[0, 0, 0] < 1 < got.price[0, 0, 1]
    assert got.rent[0, 0, 0] > 2
    np.testing.assert_allclose(got.trade[0, 0, 0, 1], 3.0, rtol=1e-9)
    banned = solve(market(flow), plain(2), MarketShock(quota=row(0.0, np.inf)))
    assert banned.trade[0, 0, 0, 1] == 0
    assert banned.price[0, 0, 1] > got.price[0, 0, 1]


def test_a_quota_may_name_its_destinations():
    flow = np.array([[5.0, 4.0, 4.0], [1.0, 5.0, 3.0], [0.0, 0.0, 5.0]])
    named = np.zeros((1, 1, 3, 3), dtype=bool)
    named[0, 0, 0, 1] = True
    got = solve(market(flow), plain(3), MarketShock(quota=row(1.0, np.inf, np.inf), restricted=named))
    np.testing.assert_allclose(got.trade[0, 0, 0, 1], 1.0, rtol=1e-9)
    assert got.trade[0, 0, 0, 2] > 4.0
    assert got.rents[0, 0, 0, 1] > 0 == got.rents[0, 0, 0, 2]


def test_a_ban_on_ore_stops_the_smelter_that_has_no_other_and_lifts_the_metal():
    """Node 1 smelts the ore of node 0 alone; node 2 has its own ore."""
    flow = np.array(
        [[[4.0, 10.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 8.0]], [[3.0, 0, 1.0], [2.0, 4.0, 4.0], [0, 2.0, 6.0]]]
    )
    chain = MarketChain(flow, np.array([[1.0] * 3, [0.0] * 3]), np.array([[0.0] * 3, [0.5] * 3]))
    banned = np.zeros((1, 2, 3, 3), dtype=bool)
    banned[0, 0, 0, 1] = True
    got = solve(chain, plain(3, eta=0.4, stages=2), MarketShock(banned=banned))
    assert got.converged.all()
    assert got.output[0, 1, 1] == 0
    assert np.isnan(got.price[0, 1, 1])
    assert np.isinf(got.index[0, 0, 1])
    assert (got.index[0, 1] > 1).all()
    assert (got.output[0, 1, [0, 2]] > flow[1, [0, 2]].sum(axis=1)).all()
    assert got.shortage[0, 0, 1] == 10.0


def test_a_smelter_that_stops_leaves_ore_unsold_or_cheap():
    flow = np.array([[[10.0, 0.0], [0.0, 10.0]], [[5.0, 5.0], [0.0, 10.0]]])
    chain = MarketChain(flow, np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.5, 0.5]]))
    got = solve(chain, plain(2, stages=2), MarketShock(capacity=np.array([[[np.inf, np.inf], [0.0, np.inf]]])))
    assert got.converged.all()
    assert not got.trade[0, 0, 0].any()
    np.testing.assert_allclose(got.unsold[0, 0, 0], got.output[0, 0, 0])
    less = solve(chain, plain(2, stages=2), MarketShock(capacity=np.array([[[np.inf, np.inf], [0.5, np.inf]]])))
    np.testing.assert_allclose(less.trade[0, 0, 0, 0], 5.0, rtol=1e-9)
    assert less.price[0, 0, 0] < 0.1


def test_stocks_spare_users_and_are_not_filled_when_prices_fall():
    flow = market([[10.0]])
    shock = MarketShock(capacity=row(0.7))
    without, with_stock = solve(flow, plain(1), shock), solve(flow, plain(1), replace(shock, stock=row(0.25)))
    assert with_stock.price[0, 0, 0] < without.price[0, 0, 0]
    assert with_stock.shortage[0, 0, 0] < without.shortage[0, 0, 0]
    np.testing.assert_allclose(with_stock.use - with_stock.drawn, 7.0, rtol=1e-9)
    slump = solve(flow, plain(1), MarketShock(shift=row(0.5), stock=row(0.25)))
    assert slump.price[0, 0, 0] < 1
    assert slump.drawn[0, 0, 0] == 0


def test_a_by_product_cannot_follow_its_own_price():
    price = solve(market([[10.0]]), plain(1, eta=1.0, byproduct=1.0), MarketShock(shift=row(2.0))).price[0, 0, 0]
    np.testing.assert_allclose(price, 2 ** (1 / 0.4), rtol=1e-9)
    host = solve(market([[10.0]]), plain(1, eta=1.0, byproduct=1.0), MarketShock(host=row(0.5)))
    np.testing.assert_allclose(host.trade[0, 0, 0, 0], 5.0, rtol=1e-9)


def test_what_cannot_be_sold_stays_unsold_and_who_has_no_seller_buys_nothing():
    flow = market([[0.0, 10.0], [0.0, 0.0]])
    half = solve(flow, plain(2, byproduct=1.0), MarketShock(quota=row(4.0, np.inf)))
    np.testing.assert_allclose(half.unsold[0, 0, 0], 6.0, rtol=1e-9)
    np.testing.assert_allclose(half.price[0, 0, 0], 1e-3, rtol=1e-9)
    none = solve(flow, plain(2), MarketShock(banned=np.ones((1, 1, 2, 2), dtype=bool)))
    assert none.converged.all()
    assert np.isinf(none.index[0, 0, 1])
    assert not none.trade.any()
    assert none.unsold[0, 0, 0] == none.output[0, 0, 0] > 0


def test_a_price_at_the_top_is_not_converged_unless_users_leave_before():
    response, shock = plain(1, epsilon=0.05), MarketShock(capacity=row(0.01))
    got = solve(market([[10.0]]), response, shock)
    assert not got.converged.any()
    assert got.gap[0] > 1
    choked = solve(market([[10.0]]), replace(response, choke=row(10.0)), shock)
    assert choked.converged.all()
    want = 10 * (0.01 * 10**0.05) ** (-1 / 2.0)
    np.testing.assert_allclose(choked.price[0, 0, 0], want, rtol=1e-9)
    same = solve(market([[10.0]]), replace(response, choke=row(10.0)), MarketShock(capacity=row(0.95)))
    np.testing.assert_allclose(same.price[0, 0, 0], 0.95**-20.0, rtol=1e-9)


def test_makers_that_cannot_pay_for_ore_stop():
    """Half the ore is gone: without a margin to stop at, smelters of little answer bid its price beyond reason."""
    chain = MarketChain(np.array([[[10.0]], [[7.0]]]), np.array([[1.0], [0.0]]), np.array([[0.0], [0.6]]))
    response = plain(1, eta=0.1, stages=2)
    shock = MarketShock(capacity=np.array([[[0.5], [np.inf]]]))
    stubborn, sober = (
        solve(chain, response, shock),
        solve(chain, replace(response, shut=np.full((1, 2, 1), 0.5)), shock),
    )
    assert stubborn.converged.all()
    assert sober.converged.all()
    np.testing.assert_allclose(sober.output, stubborn.output, rtol=1e-9)
    metal = sober.price[0, 1, 0]
    bill = 0.4 + 0.6 * sober.price[0, 0, 0]
    np.testing.assert_allclose(metal / bill, 0.5 * (0.5 / 0.5**0.1) ** 0.5, rtol=1e-9)
    assert stubborn.price[0, 0, 0] > 100 * sober.price[0, 0, 0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wedge": np.zeros((1, 1, 2, 2))}, "wedge"),
        ({"capacity": -np.ones((1, 1, 2))}, "capacity"),
        ({"quota": np.full((1, 1, 2), np.nan)}, "quota"),
        ({"host": np.full((1, 1, 2), np.inf)}, "host"),
        ({"cost": np.zeros((1, 1, 2))}, "shock.cost"),
        ({"stock": np.full((1, 1, 2), 1.1)}, "stock"),
    ],
)
def test_impossible_shocks_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        solve(market(np.ones((2, 2))), plain(2), MarketShock(**change))


def test_impossible_chains_are_refused():
    flow, none = np.ones((2, 2)), np.zeros((2, 2))
    with pytest.raises(ValueError, match="sigma"):
        solve(market(flow), plain(2, sigma=0.2), MarketShock())
    with pytest.raises(ValueError, match="flow"):
        solve(market(-flow), plain(2), MarketShock())
    with pytest.raises(ValueError, match="bounds"):
        solve(market(flow), plain(2, sigma=50.0), MarketShock())
    with pytest.raises(ValueError, match="scenarios"):
        solve(market(flow), plain(2), MarketShock(capacity=np.ones((2, 1, 2)), quota=np.ones((3, 1, 2))))
    both = np.stack([flow, np.array([[1.0, 1.0], [0.0, 0.0]])])
    with pytest.raises(ValueError, match="next stage"):
        solve(MarketChain(both, np.array([[0.5, 0.5], [0.0, 0.0]]), none), plain(2, stages=2), MarketShock())
    with pytest.raises(ValueError, match="last stage"):
        solve(MarketChain(both, none + 0.1, none), plain(2, stages=2), MarketShock())
    with pytest.raises(ValueError, match="first"):
        solve(MarketChain(both, none, none + 0.1), plain(2, stages=2), MarketShock())
    with pytest.raises(ValueError, match="choke"):
        solve(market(flow), replace(plain(2), choke=row(0.5, 2.0)), MarketShock())
