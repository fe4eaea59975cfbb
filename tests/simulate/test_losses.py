"""Losses: what a focus has at stake, and channels that add up, on hand-made economies."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.analyses.inputs import cases
from khanij.reference.industry.product_needs import ProductNeed
from khanij.simulate.loss import coverage, industries, losses, monthly
from khanij.simulate.loss.product_needs import ProductNeeds
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import hand_economy, hand_stakes, market, one_market, random_disruptions, random_market

SEEDS = st.integers(0, 10**6)


def ban(network, country="BBB", **more):
    return responses.respond(
        network, [[Disruption("exports", ("tin",), country, **more)]], behaviours.fitted(network), 60
    )


def test_stakes_are_read_from_the_case(monkeypatch):
    trade = np.zeros((3, 3))
    trade[1, 0] = 60.0
    case = market(
        {"mined": trade, "refined": trade.T / 10},
        {"mined": [0.0, 90.0, 0.0], "refined": [45.0, 0.0, 0.0]},
        value={"mined": 2.0},
        focus=("AAA", "CCC"),
    )
    network = networks(case)[0]
    seen = []

    def uses(case, economy, goods):
        seen.append(goods)
        return hand_stakes(network).uses

    monkeypatch.setattr(losses.industries, "uses", uses)
    found = losses.exposure(case, "FOC", network, hand_economy())
    assert seen == [[("tin", "mined"), ("tin", "refined")]]
    assert found.members == ("AAA", "CCC")
    assert found.spending[0] == pytest.approx(15.0 * 2000.0)  # 60 t, 45 of them for the refinery
    assert found.feed[0] == pytest.approx(45.0 * 2000.0)
    assert found.sales[0] == 0.0
    assert np.isnan(found.spending[1])  # no value of the refined metal is known, and some is used
    assert np.isnan(found.sales[1])
    assert found.feed[1] == 0.0  # nothing is worth nothing, whatever it costs
    lacking = coverage.unknown_channels(found, network.stages)
    assert {(one.stage, one.channel) for one in lacking} == {("refined", channel) for channel in coverage.CHANNELS}
    assert {one.reason for one in lacking} == {coverage.NO_PRICE}
    assert not coverage.is_lower_bound(lacking)  # what its makers gain is not known either


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_the_channels_add_up_to_the_net(seed):
    (network,) = networks(random_market(seed))
    struck = [random_disruptions(seed + at, network) for at in range(3)]
    outcome = responses.respond(network, struck, behaviours.fitted(network))
    stake = hand_stakes(network)
    found = losses.loss_channels(stake, network, outcome)
    channels = found.channels()
    assert len(channels) == 6
    np.testing.assert_allclose(sum(channels.values()), found.net)
    np.testing.assert_allclose(losses.gdp_loss(stake, network, outcome), -found.net)
    added = stake.economy.value_added.sum()
    for name in ("users cut output", "customers cut output", "suppliers lose sales"):
        assert (channels[name] <= 1e-6).all()
        assert (channels[name] >= -added).all()


def former(found):
    """Return the net as it is with a table: every channel summed, what is not known of one left out."""
    return 0 + sum(
        (
            -found.cut.sum(axis=1),
            -np.nansum(found.paid_more, axis=1),
            np.nansum(found.expanded, axis=1),
            np.nansum(found.received, axis=1),
            -found.downstream.sum(axis=1),
            -found.upstream.sum(axis=1),
        )
    )


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans())
def test_with_a_table_the_net_is_the_sum_of_all_channels_to_the_byte(seed, known):
    (network,) = networks(random_market(seed, known=known))
    stake = hand_stakes(network)
    outcome = responses.respond(network, [random_disruptions(seed, network), []], behaviours.fitted(network))
    found = losses.loss_channels(stake, network, outcome)
    assert found.net.tobytes() == former(found).tobytes()


def test_india_is_counted_as_before_to_the_byte():
    case = cases.case("IND", 2024, ["copper", "graphite", "vanadium"])
    economy = industries.economy(case, "IND", "2024")
    assert economy.known
    for network in networks(case, None, "2024", named=("CHN",)):
        stake = losses.exposure(case, "IND", network, economy)
        struck = [[Disruption("exports", (network.material,), "CHN")]]
        found = losses.loss_channels(stake, network, responses.respond(network, struck, behaviours.fitted(network)))
        assert np.isfinite(found.net).all()
        assert found.net.tobytes() == former(found).tobytes()
        assert all(np.isfinite(found.channels()[name]).all() for name in ("users cut output", "suppliers lose sales"))


def test_a_focus_without_a_table_loses_by_prices_alone_and_says_why():
    case = market(
        {"refined": [[0, 0, 0], [50.0, 0, 0], [10.0, 0, 0]]}, {"refined": [0.0, 90.0, 20.0]}, value={"refined": 2.0}
    )
    (network,) = networks(case)
    economy = industries.economy(case, "FOC", "2024")
    stake = losses.exposure(case, "FOC", network, economy)
    assert np.isnan(stake.margin).all()
    found = losses.loss_channels(stake, network, ban(network))
    assert found.paid_more.sum() > 0
    np.testing.assert_allclose(-found.net, found.paid_more.sum(axis=1))
    assert np.isnan(found.first_order).all()
    assert losses.counted(stake, 0) == industries.PRICES.format("FOC")
    lacking = coverage.unknown_channels(stake, network.stages)
    assert {one.channel for one in lacking} == set(coverage.USERS)  # it makes none, so that no gain is missing
    assert {one.reason for one in lacking} == {coverage.NO_TABLE.format("FOC")}
    assert coverage.is_lower_bound(lacking)


def test_a_loss_that_is_not_whole_says_what_it_counts():
    network = one_market()
    assert losses.counted(hand_stakes(network), 0) == ""
    assert losses.counted(hand_stakes(network, used=(0.0, 0.0, 0.0)), 0) == losses.PARTIAL
    assert losses.counted(replace(hand_stakes(network), spending=np.array([np.nan])), 0) == losses.PARTIAL


def test_nothing_happens_nothing_is_lost():
    network = one_market()
    outcome = responses.respond(network, [[]], behaviours.fitted(network))
    for values in losses.loss_channels(hand_stakes(network), network, outcome).channels().values():
        np.testing.assert_allclose(values, 0.0, atol=1e-3)  # of 3e7 USD


def test_users_who_pay_more_never_pay_more_than_they_would_lose_and_a_reserve_spares_them_its_months():
    network = one_market()
    outcome, stake = ban(network), hand_stakes(network)
    found = losses.loss_channels(stake, network, outcome)
    users = (found.cut + 0.0).sum(axis=1) + found.paid_more.sum(axis=1)
    assert 0 < users <= stake.economy.value_added[1]
    price = monthly.free_price(network, outcome, ("AAA",), 40.0)
    assert found.paid_more[0, 0] <= stake.spending[0] * (price - 1.0) + 1e-9
    half = losses.loss_channels(replace(stake, reserve=np.array([6.0])), network, outcome)
    whole = losses.loss_channels(replace(stake, reserve=np.array([12.0])), network, outcome)
    assert whole.paid_more[0, 0] == whole.first_order == 0.0
    assert half.paid_more[0, 0] + half.first_order < users


def test_makers_pay_for_dearer_input_out_of_what_they_receive():
    trade = np.zeros((3, 3))
    trade[1, 0] = 60.0
    (network,) = networks(
        market(
            {"mined": trade, "refined": trade.T / 10},
            {"mined": [0.0, 90.0, 10.0], "refined": [60.0, 0.0, 0.0]},
            value={"mined": 2.0, "refined": 4.0},
        )
    )
    outcome = ban(network, stages=("mined",), cut=0.3)
    stake = hand_stakes(network)
    with_feed = losses.loss_channels(stake, network, outcome)
    stake = replace(stake, home=None)
    with_feed = losses.loss_channels(stake, network, outcome)
    without = losses.loss_channels(replace(stake, feed=np.zeros(2)), network, outcome)
    felt = responses.effect(network, outcome, ["AAA"])
    price = monthly.free_price(network, outcome, ("AAA",), 40.0)
    dearer = stake.feed[0] * (felt.use - felt.drawn)[0, 0] / felt.base[0, 0] * (price[0, 0] - 1.0)
    assert dearer > 0
    np.testing.assert_allclose(without.received[0, 1] - with_feed.received[0, 1], dearer)


def test_a_material_that_nobody_is_known_to_use_has_no_first_order_loss_and_says_so():
    network = one_market()
    stake = hand_stakes(network, used=(0.0, 0.0, 0.0))
    found = losses.loss_channels(stake, network, ban(network))
    assert found.first_order == 0.0
    assert found.paid_more[0, 0] > 0
    lacking = coverage.unknown_channels(stake, network.stages)
    assert [(one.channel, one.reason) for one in lacking] == [(name, coverage.NO_USERS) for name in coverage.USERS]
    assert coverage.unknown_channels(stake, network.stages, np.array([False])) == ()  # unmoved: it costs nobody
    assert coverage.unknown_channels(hand_stakes(network), network.stages) == ()


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_what_is_known_without_the_users_is_a_lower_bound(seed):
    (network,) = networks(random_market(seed, ("refined",)))
    stake = hand_stakes(network)
    blind = replace(stake, uses=replace(stake.uses, share=np.zeros_like(stake.uses.share)))
    scenarios = [random_disruptions(seed, network)]
    outcome = responses.respond(network, scenarios, behaviours.fitted(network))
    if not outcome.converged[0]:
        return
    moved = coverage.moved(responses.effect(network, outcome, ["AAA"]))[0]
    lacking = coverage.unknown_channels(blind, network.stages, moved)
    known, whole = (losses.gdp_loss(one, network, outcome)[0] for one in (blind, stake))
    assert known <= whole + 1e-6 * abs(whole)
    if not lacking:
        assert known == pytest.approx(whole)
    assert tuple(losses.loss_channels(stake, network, outcome).channels()) == coverage.CHANNELS


def test_more_exposure_costs_more():
    network = one_market()
    outcome, stake = ban(network), hand_stakes(network)
    by_part = [
        float(losses.gdp_loss(stake, network, outcome, replace(losses.parameters(), dependent=end))[0])
        for end in (0.0, 0.5, 1.0)
    ]
    assert by_part == sorted(by_part)


def test_a_larger_cut_costs_users_more():
    network = one_market()
    cuts = [
        float(losses.loss_channels(hand_stakes(network), network, ban(network, cut=c)).first_order[0])
        for c in (0.2, 0.6, 1)
    ]
    assert cuts == sorted(cuts)
    assert cuts[0] >= 0
    assert cuts[-1] > 0


def test_a_seller_s_own_makers_gain_from_another_s_stop():
    network = one_market()
    outcome = ban(network)
    channels = losses.loss_channels(hand_stakes(network, ("CCC",), (0, 0, 0)), network, outcome).channels()
    assert channels["domestic producers receive a higher price"] > 0
    assert channels["domestic producers expand"] >= 0
    struck = losses.loss_channels(hand_stakes(network, ("BBB",), (0, 0, 0)), network, outcome).channels()
    assert struck["domestic producers expand"] < 0


@pytest.mark.parametrize(("least", "left"), [(20.0, 1.0), (45.0, 1.0), (90.0, 0.5), (None, 1.0)])
def test_no_more_of_a_product_hangs_on_a_good_than_its_use_can_feed(monkeypatch, least, left):
    """15 t of use feed 45 t of need, three times as much; the network need not know who asks."""
    exposed = np.array([[0.2, 0.4], [0.4, 0.8], [0.6, 1.0]])
    positions, ends, parts = np.array([0, 1]), np.ones((3, 2)), np.zeros((3, 1, 3))
    cans = ProductNeeds(
        ("can",), positions, 0 * positions, exposed, ends, ends, ends, positions > 1, ends[0], parts, (None,), ("hand",)
    )
    monkeypatch.setattr(losses, "product_needs", lambda *_: cans)
    least_of = {"mined": least, "refined": None}
    monkeypatch.setattr(
        losses,
        "product_need",
        lambda material, stage, place: (
            None if least_of[stage] is None else ProductNeed(least_of[stage], 100.0, 200.0, 2024, ("can",), ())
        ),
    )
    trade = np.zeros((3, 3))
    trade[1, 0] = 15.0
    case = market({"mined": trade, "refined": trade}, {"mined": [0.0, 90.0, 0.0], "refined": [0.0, 30.0, 0.0]})
    network = replace(networks(case)[0], members=())
    held = losses._within_use(case, network, hand_economy(), np.array([15.0, 15.0]))
    np.testing.assert_allclose(held.exposed[:, 0], left * exposed[:, 0])
    np.testing.assert_allclose(held.exposed[:, 1], exposed[:, 1])
