"""The order of goods by their largest seller's stop, how sure it is, and how little the rule of cost moves it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from khanij.analyses.inputs import cases
from khanij.reference.assumptions import assumption, with_assumptions
from khanij.simulate.loss.derived_demand import drawn_users
from khanij.simulate.loss.loss_model import LossModel
from khanij.simulate.risk import ranking, single_stops
from khanij.simulate.supply import behaviours
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import hand_stakes, random_market

MINERALS = ("rare-earths", "cobalt", "tungsten", "vanadium", "platinum", "niobium", "silicon", "potash", "beryllium")


@pytest.fixture(scope="module")
def india():
    case = cases.case("IND", 2024, list(MINERALS))
    return case, single_stops.stops(case, 2024, MINERALS)[1]


def test_places_and_parts_of_draws_hold_together(india):
    case, model = india
    found = ranking.ranking(model, case, draws=4)
    assert found == ranking.ranking(model, case, draws=4)
    assert [row.best for row in found] == sorted((row.best for row in found), reverse=True)
    assert sum(row.first for row in found) == pytest.approx(ranking.FIRST)
    assert all(row.low <= row.high and 1 <= row.place <= len(found) for row in found)
    assert (found[0].material, found[0].stage, found[0].seller) == ("rare-earths", "component", "CHN")
    assert found[0].first == 1.0


def test_drawn_flows_move_ranges_and_no_value(india):
    case, model = india
    some = replace(model, networks={name: model.networks[name] for name in ("potash", "beryllium")})
    still, drawn = (ranking.ranking(some, case, draws=6, flows=flows) for flows in (0, 3))
    assert [(row.material, row.stage, row.best) for row in still] == [(r.material, r.stage, r.best) for r in drawn]
    assert [row.high for row in still] != [row.high for row in drawn]
    assert drawn == ranking.ranking(some, case, draws=6, flows=3)


def test_half_or_double_the_rule_of_cost_moves_no_good_by_two_places(india):
    case, model = india
    usual = [(row.material, row.stage) for row in ranking.ranking(model, case, draws=1)]
    for times in (0.5, 2.0):
        other = with_assumptions(case, {"dependent_cost": assumption("dependent_cost").range.best * times})
        moved = [(row.material, row.stage) for row in ranking.ranking(model.with_case(other), other, draws=1)]
        for place, good in enumerate(usual[:10]):
            assert abs(moved.index(good) - place) < 2, good


TRIFLE = 1e-2  # of the dearest stop: below it a loss hangs on whether a stock lasts, and its range is no scale


def outside(found):
    """Return the goods of some weight whose best figure lies outside their own range."""
    dearest = max((row.best for row in found), default=0.0)
    weighty = [row for row in found if row.best > TRIFLE * dearest]
    return [(row.material, row.stage) for row in weighty if not row.low <= row.best <= row.high]


@pytest.mark.parametrize("seed", range(8))
def test_the_best_figure_is_no_end_of_the_draws_in_any_world(seed):
    """Whatever is fitted stands in the middle of what is drawn: a corner of the draws would be their end."""
    case = random_market(seed)
    (network,) = networks(case)
    model = LossModel({"tin": network}, {"tin": behaviours.fitted(network)}, {"tin": hand_stakes(network)})
    worlds = drawn_users(case, 100, seed, ranking.KEY)
    for _, lost in ranking._stops(model, "tin", network, case, worlds, seed):
        assert 0.05 < (lost[1:] < lost[0]).mean() < 0.95


def test_best_figures_lie_inside_their_own_ranges_in_india(india):
    case, model = india
    assert not outside(ranking.ranking(model, case, draws=24))


@pytest.mark.parametrize("focus", ["USA", "DEU", "JPN"])
def test_best_figures_lie_inside_their_own_ranges_elsewhere(focus):
    minerals = ("platinum", "rare-earths")
    case = cases.case(focus, 2024, list(minerals))
    assert not outside(ranking.ranking(single_stops.stops(case, 2024, minerals)[1], case, draws=24))
