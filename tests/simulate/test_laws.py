"""Laws of losses, on random worlds and over every good of four countries: deeper, longer, earlier is never cheaper."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.analyses.inputs import cases
from khanij.simulate.loss import industries, losses, monthly
from khanij.simulate.loss.derived_demand import with_derived_demand, without_own_stock
from khanij.simulate.loss.monthly import MonthlySupply
from khanij.simulate.loss.product_needs import ENDS, ProductNeeds
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import hand_economy, hand_stakes, one_market

SEEDS = st.integers(0, 10_000)
FOCI = ("IND", "USA", "DEU", "JPN")
CUTS = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
LENGTHS = (1, 2, 3, 6, 12, 18, 24)
GIVEN = losses.parameters()
SLACK = 1e-6  # part of a loss that the solver's tolerance may move


def random_needs(draw, stages, products=5):
    """Return who needs what at random, on the three industries of hand_economy()."""
    stage, product = np.nonzero(draw.random((stages, products)) < 0.7)
    count = len(stage)
    spent = draw.random(count) + 0.01
    spent /= np.bincount(stage, spent, stages)[stage]
    ends = [np.sort(draw.random((ENDS, count)), axis=0) for _ in range(2)]
    weight = draw.choice([0.0, 0.5, 1.0], count)
    part = draw.random((products, 3)) * (draw.random((products, 3)) < 0.5)
    part /= np.maximum(part.sum(axis=0), 1.0)
    return ProductNeeds(
        products=tuple(f"p{j}" for j in range(products)),
        stage=stage,
        product=product,
        exposed=ends[0],
        weight=np.stack([weight * 0.5, weight, np.minimum(weight * 1.5, 1.0)]),
        cover=np.sort(draw.exponential(1.5, (ENDS, count)), axis=0)[::-1].copy(),
        redesign=np.sort(draw.uniform(2, 30, (ENDS, count)), axis=0),
        counted=draw.random(count) < 0.3,
        spent=spent,
        part=np.stack([part * 0.5, part, part]),
        units=(None,) * products,
        sources=(),
    )


def random_supply(draw, months, stages):
    """Return deliveries and prices of one scenario: what is less delivered is dearer."""
    path = np.clip(draw.uniform(-0.5, 1.5, (1, months, stages)), 0.0, 1.0)
    return MonthlySupply(path, 1.0 + 30.0 * (1.0 - path) ** 2, np.ones_like(path), np.ones_like(path), float(months))


def users_loss(needs, supply, position=0.5, used=(0.0, 1.0, 0.5)):
    """Return what users lose and pay in all, of first and second order, USD."""
    economy, stages = hand_economy(), supply.delivered.shape[2]
    share = np.tile(np.array(used) / max(sum(used), 1.0), (stages, 1))
    spending = np.linspace(1e5, 3e6, stages)
    found = monthly.losses_by_month(
        economy,
        needs,
        spending,
        share,
        np.full(share.shape, 0.4),
        np.zeros(stages),
        1.0,
        supply,
        GIVEN.habits,
        position,
    )
    added = economy.value_added / 12.0
    return ((1.0 - found.final) * added).sum(axis=(1, 2)) + found.paid_more.sum(axis=(1, 2))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([0.0, 0.5, 1.0]))
def test_less_delivered_in_any_month_never_costs_less(seed, position):
    draw = np.random.default_rng(seed)
    needs, supply = random_needs(draw, 3), random_supply(draw, 15, 3)
    deeper = supply.delivered * draw.uniform(0.0, 1.0, supply.delivered.shape) ** draw.integers(0, 2, (15, 3))
    worse = replace(supply, delivered=deeper, price=np.maximum(supply.price, 1.0 + 30.0 * (1.0 - deeper) ** 2))
    mild, acute = users_loss(needs, supply, position), users_loss(needs, worse, position)
    assert (acute >= mild * (1 - SLACK) - 1e-3).all()


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 6), st.integers(1, 12), st.floats(0.05, 1.0))
def test_an_earlier_or_longer_cut_never_costs_less(seed, start, length, cut):
    draw = np.random.default_rng(seed)
    needs, months = random_needs(draw, 2), 24

    def struck(begin, span):
        path = np.ones((1, months, 2))
        path[:, begin : begin + span] = 1.0 - cut
        price = np.where(path < 1.0, 1.0 + 20.0 * cut, 1.0)
        return MonthlySupply(path, price, np.ones_like(path), np.ones_like(path), float(months))

    late, early, long = (
        users_loss(needs, struck(*span)) for span in ((start + 2, length), (start, length), (start, length + 2))
    )
    assert (early >= late * (1 - SLACK) - 1e-3).all()
    assert (long >= early * (1 - SLACK) - 1e-3).all()


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_order_of_pairs_and_products_and_unit_of_money_say_nothing(seed):
    draw = np.random.default_rng(seed)
    needs, supply = random_needs(draw, 3), random_supply(draw, 10, 3)
    pairs, rank = draw.permutation(len(needs.stage)), draw.permutation(len(needs.products))
    back = np.argsort(rank)
    mixed = replace(
        needs,
        stage=needs.stage[pairs],
        product=back[needs.product[pairs]],
        counted=needs.counted[pairs],
        spent=needs.spent[pairs],
        **{name: getattr(needs, name)[:, pairs] for name in ("exposed", "weight", "cover", "redesign")},
        part=needs.part[:, rank],
        products=tuple(needs.products[j] for j in rank),
    )
    np.testing.assert_allclose(users_loss(mixed, supply), users_loss(needs, supply), rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(1e-3, 1e3))
def test_a_larger_economy_loses_in_proportion(seed, scale):
    draw = np.random.default_rng(seed)
    needs, supply = random_needs(draw, 2), random_supply(draw, 10, 2)
    small = hand_economy()
    large = replace(small, **{k: getattr(small, k) * scale for k in ("output", "value_added", "domestic", "total")})
    found = []
    for economy, factor in ((small, 1.0), (large, scale)):
        months = monthly.losses_by_month(
            economy, needs, np.array([1e5, 2e6]) * factor, np.zeros((2, 3)), np.zeros((2, 3)), np.zeros(2), 1.0, supply,
            GIVEN.habits, 0.5,
        )  # fmt: skip
        lost = ((1.0 - months.final) * economy.value_added / 12.0).sum(axis=(1, 2)) + months.paid_more.sum(axis=(1, 2))
        found.append(lost / factor)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


def test_a_good_of_which_nothing_is_known_stays_unknown():
    network = one_market()
    stake = replace(hand_stakes(network, used=(0.0, 0.0, 0.0)), spending=np.array([np.nan]))
    outcome = responses.respond(network, [[Disruption("exports", ("tin",), "BBB")]], behaviours.fitted(network))
    assert np.isnan(losses.loss_channels(stake, network, outcome).paid_more).all()


@pytest.mark.parametrize("focus", FOCI)
def test_over_every_good_deeper_and_longer_is_never_cheaper_and_nothing_costs_nothing(focus):
    case = cases.case(focus, 2024)
    economy = industries.economy(case, focus, "2024")
    seen = 0
    for network in networks(case, None, "2024", nodes=6):
        stake = losses.exposure(case, focus, network, economy)
        inside = stake.members
        use = network.use[:, [network.nodes.index(c) for c in inside if c in network.nodes]].sum()
        sold = {code: network.trade[:, network.nodes.index(code)].sum() for code in network.nodes}
        sellers = [code for code in network.nodes if code not in inside and code != "rest" and sold[code] > 0]
        if not sellers or not use > 0:
            continue
        seller = max(sellers, key=lambda code: (sold[code], code))
        rule = with_derived_demand(case, network, behaviours.fitted(network, case))
        rule = without_own_stock(network, rule, inside)
        struck = [[], *([Disruption("exports", (network.material,), seller, cut=cut)] for cut in CUTS)]
        outcome = responses.respond(network, struck, rule)
        totals = []
        for length in LENGTHS:
            reached = monthly.supply(network, [(float(length), outcome)], inside, GIVEN.choke)
            told, _ = losses.channels_of(stake, reached, GIVEN)
            parts = [np.nan_to_num(a).sum(axis=1) for a in (told.cut, told.downstream, told.upstream, told.paid_more)]
            totals.append(np.where(outcome.converged, np.sum(parts, axis=0), np.nan))
        table = np.array(totals)  # lengths x cuts
        scale = np.nanmax(np.abs(table)) + 1e6  # a dollar is rounding
        assert np.nanmax(np.abs(table[:, 0])) <= 1e-9 * economy.value_added.sum(), network.material
        assert (np.nan_to_num(np.diff(table, axis=0)) >= -1e-6 * scale).all(), (network.material, seller, "longer")
        solved = table[:, ~np.isnan(table[0])]
        assert (np.diff(solved, axis=1) >= -1e-6 * scale).all(), (network.material, seller, np.diff(solved, axis=1))
        seen += 1
    assert seen > 15
