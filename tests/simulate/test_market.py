"""The method market-shock: the market engine on a Case, every country of a chain, every base year."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from khanij.analyses import runner
from khanij.core.errors import CoverageError, StudyError
from khanij.simulate.supply import behaviours, responses
from khanij.simulate.supply.disruption import parse
from khanij.simulate.supply.market import SELLERS, UNCLEARED
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from toy_markets import market

NAMES = ("CHN", "IND", "JPN", "USA", "DEU")


@pytest.fixture(scope="module")
def case():
    """CHN sells to all, DEU a little to USA; IND makes some; USA passes some on to JPN."""
    trade = np.zeros((5, 5))
    trade[0, 1:] = 30.0, 40.0, 50.0, 20.0
    trade[4, 3], trade[3, 2] = 5.0, 10.0
    return market({"refined": trade}, {"refined": [300.0, 10.0, 0, 0, 5.0]}, names=NAMES, focus=("IND",))


def run(case, **settings):
    return runner.run("market-shock", case, **settings)


def cells(result, name):
    return result.variable(name).values[0, 2, :, 0]


def test_it_is_the_market_engine_with_labels(case):
    result = run(case, ban="CHN:tin")
    (network,) = networks(case, named=["CHN"])
    outcome = responses.respond(network, [[parse("CHN:tin")]], behaviours.fitted(network))
    at = [network.nodes.index(code) for code in NAMES]
    np.testing.assert_allclose(cells(result, "use_change"), (outcome.use[0, 0] - network.use[0])[at])
    np.testing.assert_allclose(cells(result, "price"), outcome.average[0, 0, at])
    assert np.isnan(cells(result, "seller_price")[[2, 3]]).all()  # they make none
    assert cells(result, "import_change")[1] == pytest.approx(-30.0, abs=1.0)
    assert (cells(result, "shortage")[1:] > 0).all()
    assert cells(result, "shortage")[0] == 0.0
    assert np.isnan(result.variable("shortage").values[0, 0]).all()  # no such stage
    assert not result.remarks[UNCLEARED].any()
    assert not result.remarks[SELLERS].any()
    assert any("exports of tin" in note for note in result.trace.notes)


def test_everything_made_is_sold(case):
    result = run(case, outage="CHN:tin=0.4", tariff="DEU:tin>USA=0.5")
    change = cells(result, "output_change").sum()
    np.testing.assert_allclose(cells(result, "import_change").sum() < 0, change < 0)
    assert change < 0


def test_only_those_named_are_cut_off_and_they_are_told_apart(case):
    result = run(case, ban="CHN:tin>USA", nodes=2)
    short = cells(result, "shortage")
    assert short[3] > 0
    other = cells(run(case, ban="CHN:tin>USA=0.1", nodes=2), "shortage")
    assert short[3] > other[3]


def test_published_behaviour_is_another(case):
    fitted, published = (cells(run(case, ban="CHN:tin", behaviour=b), "price") for b in ("fitted", "published"))
    assert (fitted[1:] != published[1:]).all()


def test_a_stage_that_is_not_there_is_said(case):
    result = run(case, ban="CHN:tin:mined")
    assert any("no trade by mass of mined" in note for note in result.trace.notes)
    np.testing.assert_allclose(cells(result, "use_change"), 0.0, atol=1e-9)


def test_makers_without_a_source_are_remarked():
    trade = np.zeros((3, 3))
    trade[0, 1] = 5.0
    result = run(market({"refined": trade}, {}, names=NAMES), ban="CHN:tin=0.5")
    assert result.remarks[SELLERS][0, 2, :2, 0].all()


def test_no_market_no_shock():
    result = run(market({"refined": np.zeros((2, 2))}, {"refined": [1.0, 2.0]}, names=NAMES), ban="CHN:tin")
    assert np.isnan(result.value.values).all()
    assert any("no market to disturb" in note for note in result.trace.notes)


def test_the_impossible_is_refused(case):
    with pytest.raises(StudyError, match="nothing is disrupted") as refused:
        run(case)
    assert refused.value.where == "market-shock.ban"
    with pytest.raises(CoverageError, match="the case holds no copper"):
        run(case, ban="CHN:copper")
    with pytest.raises(StudyError, match="no market"):
        run(case, ban="CHN:tin", nodes=1)
    with pytest.raises(StudyError, match="is no choice"):
        run(case, ban="CHN:tin", behaviour="bold")
    with pytest.raises(CoverageError, match="rest of the world"):
        run(case, ban="FRA:tin")
