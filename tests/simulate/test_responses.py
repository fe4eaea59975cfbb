"""The year after: mass, money and signs in every scenario, on random markets; and what a disruption means."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.core.errors import CoverageError
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import market, random_disruptions, random_market

SEEDS = st.integers(0, 10**6)
TIN = ("tin",)
STAGES = st.sampled_from([("mined",), ("mined", "refined"), ("mined", "processed", "refined")])


def posed(seed, stages=("mined", "refined"), **more):
    (network,) = networks(random_market(seed, stages, **more))
    rule = behaviours.stacked(behaviours.fitted(network), behaviours.drawn(network, 3, seed))
    return network, rule


def picked(found, rows):
    """Return some scenarios of an outcome."""
    return type(found)(**{f.name: getattr(found, f.name)[rows] for f in fields(found)})


def scenarios(seed, network):
    return [random_disruptions(seed + at, network) for at in range(4)]


@settings(max_examples=25, deadline=None)
@given(SEEDS, STAGES)
def test_without_a_disruption_the_base_repeats_itself(seed, stages):
    network, rule = posed(seed, stages)
    nothing = Disruption("exports", ("zinc",), "AAA")  # of another material
    found = responses.respond(network, [[], [nothing], [], []], rule)
    np.testing.assert_allclose(found.trade, np.broadcast_to(network.flow, found.trade.shape), rtol=1e-9, atol=1e-9)
    made = np.broadcast_to(network.output > 0, found.price.shape)
    np.testing.assert_allclose(found.price[made], 1.0, rtol=1e-9)
    assert found.converged.all()
    felt = responses.effect(network, found, ["AAA"])
    assert (np.nan_to_num(felt.shortage) <= 1e-9).all()
    np.testing.assert_allclose(felt.drawn, 0.0, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(SEEDS, STAGES, st.integers(2, 5), st.booleans())
def test_mass_money_and_signs_in_every_scenario(seed, stages, n, known):
    network, rule = posed(seed, stages, n=n, known=known)
    struck = scenarios(seed, network)
    every = responses.respond(network, struck, rule)
    found, struck = picked(every, every.converged), [struck[row] for row in np.nonzero(every.converged)[0]]
    for name in ("trade", "unsold", "output", "use", "drawn", "spending", "revenue", "rents"):
        assert (getattr(found, name) >= -1e-9 * network.flow.sum()).all(), name
    whole = dict(rtol=1e-8, atol=1e-8 * network.flow.sum())
    np.testing.assert_allclose(found.trade.sum(axis=3) + found.unsold, found.output, **whole)  # sold
    np.testing.assert_allclose(found.trade.sum(axis=2) + found.drawn, found.use, **whole)  # bought
    earned = found.revenue.sum(axis=2) + found.duty.sum(axis=(2, 3)) + found.rents.sum(axis=(2, 3))
    np.testing.assert_allclose(found.spending.sum(axis=2), earned, rtol=1e-9, atol=1e-9)
    for row, parts in enumerate(struck):
        for k in range(len(network.stages)):
            _held(network, found, row, k, [d for d in parts if d.affects("tin", network.stages[k])])


def test_all_but_a_few_markets_clear_and_the_others_say_so():
    cleared = []
    for seed in range(60):
        network, rule = posed(seed, ("mined", "processed", "refined")[seed % 3 :], n=2 + seed % 4)
        found = responses.respond(network, scenarios(seed, network), rule)
        cleared += found.converged.tolist()
        assert (found.gap[found.converged] <= 1e-9).all()
    assert np.mean(cleared) >= 0.99


def _held(network, found, row, k, parts):
    """Check that what is cut of a stage is cut; cuts of one seller to several destinations share one quota."""
    lost = np.zeros_like(network.flow[k])
    for d in parts:
        seller = network.place(d.country)
        if d.acts == "exports":
            to = [node != d.country and (not d.destinations or node in d.destinations) for node in network.nodes]
            lost[seller, to] = np.maximum(lost[seller, to], d.lost)
        elif d.acts == "output":
            assert found.output[row, k, seller] <= network.output[k, seller] * (1.0 - d.lost) * (1 + 1e-8) + 1e-9
    trade, shut = found.trade[row, k], lost >= responses.WHOLE
    assert not trade[shut].any()
    part = (lost > 0) & ~shut
    most = (network.flow[k] * (1.0 - lost) * part).sum(axis=1)
    assert ((trade * part).sum(axis=1) <= most * (1 + 1e-8) + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from([1e-3, 1e3]))
def test_shares_and_prices_know_no_unit(seed, scale):
    network, rule = posed(seed)
    large, same = posed(seed, scale=scale)
    size = scale * network.flow.max()
    np.testing.assert_allclose(large.flow, network.flow * scale, rtol=1e-6, atol=1e-8 * size)  # as flows are fitted
    struck = scenarios(seed, network)
    one, other = responses.respond(network, struck, rule), responses.respond(large, struck, same)
    solved = one.converged & other.converged
    one, other = picked(one, solved), picked(other, solved)
    np.testing.assert_allclose(other.index, one.index, rtol=1e-6)
    np.testing.assert_allclose(other.trade, one.trade * scale, rtol=1e-6, atol=1e-7 * scale * network.flow.max())


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from(["exports", "output", "tariff"]), st.integers(2, 5))
def test_a_larger_cut_lowers_no_buyer_s_price(seed, acts, n):
    network, rule = posed(seed, ("refined",), n=n)
    place = int(np.argmax(network.flow[0].sum(axis=1)))
    seller, others = network.nodes[place], np.arange(len(network.nodes)) != place
    if acts != "output":  # else its own users buy less abroad, which leaves more for those who buy nothing from it
        flow = network.flow.copy()
        flow[0, others, place] = 0.0
        network = replace(network, flow=flow)
    cuts = (0.1, 0.4, 0.8, 1.0)
    abroad = [i for i, node in enumerate(network.nodes) if acts == "output" or node != seller]
    found = [responses.respond(network, [[Disruption(acts, TIN, seller, cut=cut)]] * 4, rule) for cut in cuts]
    solved = np.logical_and.reduce([outcome.converged for outcome in found])
    index = np.stack([outcome.index[solved, 0][:, abroad] for outcome in found])
    some = np.nan_to_num(index, posinf=1e9)
    assert (np.diff(some, axis=0) >= -1e-7 * some[1:]).all()
    assert (some[0][~np.isnan(index[0])] >= 1 - 1e-9).all()


def test_the_same_alone_and_in_company():
    network, _ = posed(11)
    struck = scenarios(11, network)
    together = responses.respond(network, struck, behaviours.fitted(network))
    for row, parts in enumerate(struck):
        alone = responses.respond(network, [parts], behaviours.fitted(network))
        np.testing.assert_allclose(alone.trade[0], together.trade[row], rtol=1e-8, atol=1e-8)


@pytest.fixture(scope="module")
def pair():
    """AAA sells 60 of its 100 t to BBB, which makes 40; CCC buys 20 from BBB."""
    trade = np.zeros((3, 3))
    trade[0, 1], trade[1, 2] = 60.0, 10.0
    (network,) = networks(market({"refined": trade}, {"refined": [100.0, 40.0, 0.0]}))
    return network


def test_overlapping_cuts_of_exports_do_not_add_up(pair):
    one = Disruption("exports", TIN, "AAA", cut=0.5)
    two = Disruption("exports", TIN, "AAA", cut=0.3, destinations=("BBB",))
    shock = responses.shock(pair, [[one], [one, two]], behaviours.published(pair))
    np.testing.assert_array_equal(shock.quota[0], shock.quota[1])
    half = Disruption("exports", TIN, "AAA", cut=1.0, months=6.0)
    np.testing.assert_array_equal(shock.quota[0], responses.shock(pair, [[half]], behaviours.published(pair)).quota[0])


def test_tariffs_add_up_and_leave_home_alone(pair):
    duty = Disruption("tariff", TIN, "AAA", cut=0.5)
    shock = responses.shock(pair, [[duty, duty]], behaviours.published(pair))
    a = pair.place("AAA")
    assert shock.wedge[0, 0, a, a] == 1.0
    assert shock.wedge[0, 0, a, pair.place("BBB")] == 2.25


def test_an_outage_takes_the_idle_capacity_too(pair):
    rule = behaviours.published(pair)
    shock = responses.shock(pair, [[Disruption("output", TIN, "AAA", cut=0.2)], []], rule)
    a = pair.place("AAA")
    assert shock.capacity[0, 0, a] == pytest.approx(0.8)
    assert shock.capacity[1, 0, a] == 1.0 + rule.spare[0, 0]


def test_a_seller_among_the_rest_is_refused():
    (network,) = networks(random_market(3, n=5), nodes=1)
    lost = next(code for code in ("BBB", "CCC", "DDD", "EEE") if code not in network.nodes)
    with pytest.raises(CoverageError, match=lost):
        responses.shock(network, [[Disruption("exports", TIN, lost)]], behaviours.published(network))
    with pytest.raises(CoverageError, match="rest of the world"):
        responses.shock(
            network, [[Disruption("exports", TIN, "AAA", destinations=(lost,))]], behaviours.published(network)
        )


def test_what_is_felt_is_the_sum_over_members(pair):
    found = responses.respond(pair, [[Disruption("exports", TIN, "AAA")]], behaviours.fitted(pair))
    one, other, both = (responses.effect(pair, found, who) for who in (["BBB"], ["CCC"], ["BBB", "CCC", "ZZZ"]))
    np.testing.assert_allclose(both.use, one.use + other.use)
    np.testing.assert_allclose(both.spending, one.spending + other.spending)
    assert 0 < one.shortage[0, 0] < 1
    assert one.price[0, 0] > 1
    maker = responses.effect(pair, found, ["AAA"])
    np.testing.assert_allclose(
        maker.output, found.output[:, :, pair.place("AAA")] - found.unsold[:, :, pair.place("AAA")]
    )
    nobody = responses.effect(pair, found, ["ZZZ"])
    assert np.isnan(nobody.shortage).all()
    assert np.isnan(nobody.price).all()
