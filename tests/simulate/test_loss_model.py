"""The loss model that risk runs send to workers: losses of many scenarios of one material, with measures or without."""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khanij.reference.assumptions import with_assumptions
from khanij.simulate.loss import loss_model as solver
from khanij.simulate.loss import losses
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import Disruption
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import hand_economy, hand_stakes, market, one_market


@pytest.fixture(scope="module")
def answer():
    network = one_market()
    return LossModel({"tin": network}, {"tin": behaviours.fitted(network)}, {"tin": hand_stakes(network)})


def test_losses_are_those_of_the_market(answer):
    struck = [[("BBB", "refined", 1.0)], [], [("BBB", "refined", 0.5), ("CCC", "refined", 1.0)]]
    lost, solved, iterations = answer("tin", struck)
    network = answer.networks["tin"]
    by_hand = [[Disruption("exports", ("tin",), c, (s,), (), cut) for c, s, cut in row] for row in struck]
    outcome = responses.respond(network, by_hand, answer.behaviours["tin"])
    np.testing.assert_allclose(lost, losses.gdp_loss(answer.exposures["tin"], network, outcome))
    assert solved.all()
    assert iterations.shape == (3,)
    assert lost[1] == pytest.approx(0.0, abs=1e-2)
    assert lost[0] > lost[1]


def test_losses_do_not_hang_on_what_else_is_asked_nor_on_where_a_market_is_looked_for(answer, monkeypatch):
    one, other = ("BBB", "refined", 0.5), ("CCC", "refined", 0.9)
    struck = [[one], [one, other], [other], [other, ("BBB", "refined", 1.0)]]
    lost, solved, _ = answer("tin", struck)
    apart = [answer("tin", [row])[0][0] for row in struck]
    monkeypatch.setattr(responses, "product_of_single", lambda *given: None)  # all from the base year
    cold, cleared, _ = answer("tin", struck)
    assert solved.all()
    assert cleared.all()
    np.testing.assert_allclose(apart, lost, rtol=1e-7)
    np.testing.assert_allclose(cold, lost, rtol=1e-7)


def test_one_that_is_not_found_from_there_is_looked_for_from_the_base_year(answer, monkeypatch):
    struck = [[("BBB", "refined", 0.5)], [("CCC", "refined", 0.9)]]
    lost, _, _ = answer("tin", struck)
    wrong = np.full((2, *answer.networks["tin"].share_processed.shape), np.nan)
    calls = []
    respond = responses.respond

    def astray(network, rows, rule, most=60, start=None):
        calls.append(start is None)
        out = respond(network, rows, rule, most)
        return out if start is None else replace(out, converged=np.array([True, False]))

    monkeypatch.setattr(responses, "product_of_single", lambda *given: (wrong, wrong))
    monkeypatch.setattr(responses, "respond", astray)
    again, solved, iterations = answer("tin", struck)
    assert calls == [False, True]
    assert solved.all()
    np.testing.assert_allclose(again, lost, rtol=1e-7)
    assert (iterations > 0).all()


def test_what_is_not_solved_has_no_loss(answer, monkeypatch):
    monkeypatch.setattr(solver, "ITERATIONS", 1)
    lost, solved, _ = answer("tin", [[("BBB", "refined", 0.9)]])
    assert not solved[0]
    assert np.isnan(lost[0])


@pytest.mark.parametrize("cut", [0.39, 0.4, 0.41])
def test_a_quota_that_leaves_just_what_is_made_at_any_price_is_solved(cut):
    """Of a by-product six tenths are made whatever the price: a quota of as much leaves its price no place to stand."""
    trade = {"mined": [[0, 0, 0, 0], [0, 0, 0, 50], [0, 30, 0, 40], [0, 0, 0, 0]],
             "refined": [[0, 0, 0, 0], [60, 0, 0, 0], [0, 0, 0, 0], [20, 0, 0, 0]]}  # fmt: skip
    case = market(trade, {"mined": [0, 50, 70, 60], "refined": [0, 70, 0, 90]}, companion=0.6)
    (network,) = networks(case)
    rule = replace(behaviours.fitted(network, case), supply=np.full((1, 2), 1.0))
    model = LossModel({"tin": network}, {"tin": rule}, {"tin": hand_stakes(network)})
    lost, solved, _ = model("tin", [[("CCC", "mined", cut)]])
    assert solved.all()
    assert np.isfinite(lost).all()


def test_a_worker_gets_the_same_bytes(answer):
    struck = [[("BBB", "refined", 0.7)]]
    assert pickle.loads(pickle.dumps(answer))("tin", struck)[0].tobytes() == answer("tin", struck)[0].tobytes()


@pytest.fixture
def no_tables(monkeypatch):
    monkeypatch.setattr(solver.industries, "economy", lambda *_: hand_economy())
    monkeypatch.setattr(losses, "exposure", lambda case, focus, network, table: hand_stakes(network))


@pytest.mark.usefixtures("no_tables")
def test_networks_name_the_sellers_and_those_there_already_are_kept():
    trade = np.zeros((5, 5))
    trade[4, 0], trade[1, 0] = 1.0, 60.0
    case = market({"refined": trade}, {"refined": [0, 90.0, 0, 0, 1.0]}, value={"refined": 2.0})
    built = solver.loss_model(case, "FOC", "2024", {"tin": ["EEE"]}, nodes=1)
    assert "EEE" in built.networks["tin"].nodes
    (known,) = networks(case)
    usual = with_assumptions(case, {"sigma_position": 0.5})
    kept = solver.loss_model(usual, "FOC", "2024", {"tin": ["EEE"]}, known=[known])
    np.testing.assert_array_equal(kept.networks["tin"].flow, known.flow)
    np.testing.assert_array_equal(kept.behaviours["tin"].sigma, behaviours.published(known).sigma)
    assert (built.behaviours["tin"].sigma != kept.behaviours["tin"].sigma).all()
    assert solver.loss_model(case, "FOC", "2024", {}).networks == {}


def test_a_focus_without_a_table_has_a_solver_of_what_prices_make():
    trade = np.zeros((3, 3))
    trade[1, 0], trade[2, 0] = 50.0, 10.0
    case = market({"refined": trade}, {"refined": [0.0, 90.0, 20.0]}, value={"refined": 2.0})
    found = solver.loss_model(case, "FOC", "2024", {"tin": ["BBB"]})
    assert not found.exposures["tin"].economy.known
    lost, solved, _ = found("tin", [[("BBB", "refined", 0.5)], [("BBB", "refined", 0.8)], []])
    assert solved.all()
    assert lost[1] >= lost[0] > 0  # users of whom nothing is known leave at the price of another input
    assert lost[2] == pytest.approx(0.0, abs=1e-2)
    assert pickle.loads(pickle.dumps(found))("tin", [[("BBB", "refined", 0.5)]])[0] == pytest.approx(lost[0])
