"""Whose the goods of a focus are, on flows traced back stage by stage: by hand, and laws over random markets."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.simulate.supply.network import Network
from khanij.simulate.supply.networks import drawn_networks, networks
from khanij.simulate.supply.reconciled.origins import origins, traced

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import random_market


def by_hand(coverage=1.0):
    """A mines 80 and sells B 60, C mines 20 for itself; B refines its 60 and sells 30 each to A and the focus C."""
    mined = np.array([[20.0, 60.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 20.0]])
    refined = np.array([[20.0, 0.0, 0.0], [30.0, 0.0, 30.0], [0.0, 0.0, 20.0]])
    none = np.zeros((2, 3))
    covered = np.array([[0.0, 0.0, 0.0], [coverage] * 3])
    named = {"material": "m", "year": "2024", "stages": ("mined", "refined"), "nodes": ("AAA", "BBB", "CCC")}
    return Network(
        **named,
        flow=np.stack([mined, refined]),
        share_processed=none,
        input_coverage=covered,
        cost=none,
        value=np.ones(2),
        known=(True, True),
        traded=(True, True),
        notes=(),
        members=("CCC",),
    )


def test_a_refiner_on_the_way_is_no_mine():
    found = origins(by_hand(), "mined")
    np.testing.assert_allclose(found, [[0.0, 0.0, 1.0], [0.6, 0.0, 0.4]])  # 30 of 50 by B, all of it from A
    np.testing.assert_allclose(origins(by_hand(), "refined"), [[np.nan] * 3, [0.0, 0.6, 0.4]])


def test_what_no_recorded_use_can_have_fed_is_of_unknown_origin():
    np.testing.assert_allclose(origins(by_hand(0.5), "mined")[1], [0.3, 0.0, 0.2])


def test_a_stage_that_it_has_not_is_refused():
    with pytest.raises(ValueError, match="not in tuple"):
        origins(by_hand(), "component")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5))
def test_shares_are_parts_of_one_and_no_draw_leaves_no_range(seed, n):
    case = random_market(seed, n=n)
    for network in networks(case):
        found = origins(network, network.stages[0])
        used = np.isfinite(found).all(axis=1)
        assert (found[used] >= 0).all()
        assert (found[used].sum(axis=1) <= 1 + 1e-9).all()
        if used[0]:
            assert found[0].sum() == pytest.approx(1.0)
        alone = traced(network, network.stages[0], [network, network])
        np.testing.assert_array_equal(alone.low, alone.high)
        drawn = traced(network, network.stages[0], drawn_networks(case, network, 3, seed))
        assert (drawn.low[used] <= found[used]).all()
        assert (drawn.high[used] >= found[used]).all()
        twice = replace(network, flow=network.flow * 2.0)
        np.testing.assert_allclose(origins(twice, network.stages[0]), found)
