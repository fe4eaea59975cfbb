"""Single stops in a hand-made world: who is looked at, the dearest first, what is not solved last."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij.reference.assumptions import with_assumptions
from khanij.simulate.loss import loss_model as solver
from khanij.simulate.loss import losses
from khanij.simulate.risk import single_stops as stress

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import hand_economy, hand_stakes, market


def world(monkeypatch, material):
    trade = np.zeros((5, 5))
    trade[1, 0], trade[2, 0], trade[3, 4], trade[1, 2] = 50.0, 1.0, 400.0, 3.0
    made = {"refined": [9.0, 90.0, 5.0, 900.0, 0.0]}
    case = market({"refined": trade}, made, value={"refined": 2.0}, material=material)
    monkeypatch.setattr(solver.industries, "economy", lambda *_: hand_economy())
    monkeypatch.setattr(losses, "exposure", lambda case, focus, network, table: hand_stakes(network))
    return case


@pytest.fixture
def toy(monkeypatch):
    return world(monkeypatch, "antimony")


def test_of_a_good_of_one_world_market_the_largest_seller_costs_most(monkeypatch):
    """Tin is sold at an exchange: who buys of BBB goes short when DDD stops, which sells most of the world's."""
    stops, _ = stress.stops(world(monkeypatch, "tin"), 2024)
    assert [s.country for s in stops] == ["DDD", "BBB"]
    assert all(s.loss > 0 for s in stops)


def test_sellers_with_a_stake_are_looked_at_and_no_others(toy):
    stops, _ = stress.stops(toy, 2024)
    assert {s.country for s in stops} == {"BBB", "DDD"}  # most of its use; most of the world's trade
    assert stops[0].country == "BBB"
    assert stops[0].share == pytest.approx(47.0 / 57.0, abs=0.1)


def test_what_is_not_solved_stands_last_without_a_loss(monkeypatch, toy):
    respond = stress.responses.respond

    def stuck(network, struck, rule):
        outcome = respond(network, struck, rule)
        return replace(outcome, converged=np.array([row[0].country != "BBB" for row in struck]))

    monkeypatch.setattr(stress.responses, "respond", stuck)
    stops, _ = stress.stops(toy, 2024)
    assert [s.country for s in stops] == ["DDD", "BBB"]
    assert np.isnan([stops[1].loss, stops[1].low, stops[1].high]).all()


def test_a_larger_share_looks_at_fewer_sellers(toy):
    many, _ = stress.stops(toy, 2024)
    few, _ = stress.stops(with_assumptions(toy, {"min_share": 0.85}), 2024)
    assert {s.country for s in few} < {s.country for s in many}
    losses = {s.country: s.loss for s in many}
    assert all(s.loss == pytest.approx(losses[s.country]) for s in few)
