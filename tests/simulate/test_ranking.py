"""The order of goods by their largest seller's stop, how sure it is, and how little the rule of cost moves it."""

from __future__ import annotations

import pytest

from khanij.analyses.inputs import cases
from khanij.reference.assumptions import assumption, with_assumptions
from khanij.simulate.risk import ranking, single_stops

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


def test_half_or_double_the_rule_of_cost_moves_no_good_by_two_places(india):
    case, model = india
    usual = [(row.material, row.stage) for row in ranking.ranking(model, case, draws=1)]
    for times in (0.5, 2.0):
        other = with_assumptions(case, {"dependent_cost": assumption("dependent_cost").range.best * times})
        moved = [(row.material, row.stage) for row in ranking.ranking(model.with_case(other), other, draws=1)]
        for place, good in enumerate(usual[:10]):
            assert abs(moved.index(good) - place) < 2, good
