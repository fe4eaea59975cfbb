"""Behaviour: published ranges placed, drawn and stacked, inside what the market engine takes."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from khanij.core.errors import StudyError
from khanij.reference.assumptions import assumed
from khanij.simulate.supply import behaviours, parameters
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import market, random_market


@pytest.fixture(scope="module")
def network():
    return networks(random_market(1))[0]


def test_places_are_those_of_the_ranges(network):
    low, best, high = (behaviours.at_quantiles(network, dict.fromkeys(behaviours.PLACED, at)) for at in (0, 0.5, 1))
    for k, stage in enumerate(network.stages):
        good = parameters.ranges(network.material, stage, "year")
        for name in ("demand", "supply", "spare"):
            spread = getattr(good, name)
            found = [getattr(b, name)[0, k] for b in (low, best, high)]
            assert found == pytest.approx([spread.low, spread.best, spread.high])
    for one, other in ((low, best), (best, high)):
        assert all(
            (getattr(one, f.name) <= getattr(other, f.name) + 1e-15).all()
            for f in fields(one)
            if f.name in behaviours.ROWS
        )
    np.testing.assert_array_equal(behaviours.published(network).stock, best.stock)


def test_substitution_between_sources_is_never_below_demand_nor_beyond_what_can_be_solved(network):
    odd = behaviours.at_quantiles(network, {"sigma": 0.0, "demand": 1.0})
    assert (odd.sigma >= odd.demand).all()
    assert (behaviours.at_quantiles(network, {"sigma": 1.0}).sigma <= assumed("substitution_limit")).all()
    many = behaviours.drawn(network, 200, 1)
    assert (many.sigma >= many.demand).all()
    assert (many.sigma <= assumed("substitution_limit")).all()
    assert (many.demand > 0).all()
    assert ((many.stock >= 0) & (many.stock <= 1)).all()


@pytest.mark.parametrize(
    ("places", "what"), [({"charm": 0.5}, "unknown parameter"), ({"sigma": -0.1}, "-0.1"), ({"stock": 1.5}, "1.5")]
)
def test_places_that_cannot_be(network, places, what):
    with pytest.raises(StudyError, match=what) as refused:
        behaviours.at_quantiles(network, places)
    assert refused.value.where == "places"


def test_same_seed_same_bytes_whatever_the_length(network):
    few, many = behaviours.drawn(network, 5, 9), behaviours.drawn(network, 40, 9)
    other = behaviours.drawn(network, 5, 10)
    for name in behaviours.ROWS:
        assert getattr(few, name).tobytes() == getattr(many, name)[:5].tobytes()
    assert few.sigma.tobytes() != other.sigma.tobytes()
    assert behaviours.drawn(network, 5, 9, block=1).sigma.tobytes() != few.sigma.tobytes()


def test_stacked_keeps_the_order(network):
    first, more = behaviours.published(network), behaviours.drawn(network, 3, 1)
    both = behaviours.stacked(first, more)
    np.testing.assert_array_equal(both.demand, np.concatenate([first.demand, more.demand]))
    assert both.stock.shape == (4, len(network.stages), len(network.nodes))


def test_only_mines_give_by_products():
    case = market({"mined": [[0, 5], [0, 0]], "refined": [[0, 0], [1, 0]]}, {"mined": [9, 0]}, companion=0.7)
    (network,) = networks(case)
    share = behaviours.companion(case, "tin")
    assert share == 0.7
    assert behaviours.fitted(network, case).byproduct.tolist() == [[0.7, 0.0]]
    (late,) = networks(market({"refined": [[0, 5], [0, 0]]}, {}, companion=0.7))
    assert not behaviours.fitted(late, case).byproduct.any()
    assert behaviours.companion(random_market(1), "tin") == 0.0
