"""The physical months as a method: on networks of a Case, with parameters that are checked."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.analyses import runner
from khanij.analyses.inputs import cases
from khanij.core.errors import CoverageError, StudyError
from khanij.kernels.markets import physical as kernel
from khanij.simulate.supply import physical
from khanij.simulate.supply.disruption import parse
from khanij.simulate.supply.networks import REST, Network, networks

NODES = ("IDN", "IND", "JPN", REST)
SOME = ["nickel", "cobalt", "graphite", "antimony", "copper", "tungsten"]


def network():
    """Ore of IDN goes to JPN, which sells metal to IND; the rest smelts its own ore and could sell more."""
    ore, metal = np.zeros((4, 4)), np.zeros((4, 4))
    ore[0, 2], ore[3, 3] = 120.0, 240.0
    metal[2, 1], metal[2, 2], metal[3, 3], metal[3, 1] = 90.0, 60.0, 180.0, 12.0
    passed = np.array([[0.0, 0, 1, 0.8], [0, 0, 0, 0]])
    fed = np.array([[0.0, 0, 0, 0], [0, 0, 0.8, 1.0]])
    return Network(
        material="nickel", year="2024", stages=("mined", "refined"), nodes=NODES, flow=np.stack([ore, metal]),
        share_processed=passed, input_coverage=fed, cost=np.zeros((2, 4)), value=np.ones(2), known=(True, True),
        traded=(True, True), notes=(),
    )  # fmt: skip


def settings(days=0.0, spare=0.0, scenarios=1):
    return {"days": np.full((scenarios, 2, 4), days), "spare": np.full((scenarios, 2), spare)}


def test_a_month_is_a_twelfth_of_the_year():
    month = physical.base(network())
    np.testing.assert_allclose(month.output, network().output / 12)
    np.testing.assert_allclose(month.use, network().use / 12)
    assert month.fed[1].tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(physical.base(network(), "recorded").fed, network().input_coverage)


def test_a_ban_runs_down_the_chain_and_feed_decides_how_far():
    ban = [parse("IDN:nickel:mined")]
    whole = physical.course(network(), ban, months=4, **settings())
    assert whole.output[0, :, 1, 2] == pytest.approx([12.5, 0, 0, 0])
    part = physical.course(network(), ban, months=4, feed="recorded", **settings())
    assert part.output[0, :, 1, 2] == pytest.approx([12.5, 2.5, 2.5, 2.5])
    assert whole.use_loss[0, 2, 1, 1] > part.use_loss[0, 2, 1, 1] > 0
    assert np.isnan(whole.use_loss[0, :, 0, 1]).all()  # IND uses no ore


def test_days_of_stock_and_idle_capacity_are_scenarios():
    ban = [parse("IDN:nickel:mined")]
    days = np.stack([np.zeros((2, 4)), np.full((2, 4), 365.0 / 12)])
    both = physical.course(network(), ban, months=6, days=days, spare=np.zeros((2, 2)))
    bare = physical.course(network(), ban, months=6, **settings())
    held = physical.course(network(), ban, months=6, **settings(365.0 / 12))
    for row, one in enumerate((bare, held)):
        np.testing.assert_allclose(both.output[row], one.output[0])
    assert held.output[0, 1, 1, 2] == pytest.approx(12.5)  # a month's ore in stock is smelted
    able = physical.capacity(network(), [parse("IDN:nickel=0.25@1", "output")], np.full((1, 2), 0.1), 3)
    np.testing.assert_allclose(able[0, :, :, 0], [[0.75, 0.75], [1.1, 1.1], [1.1, 1.1]])
    np.testing.assert_allclose(able[0, :, :, 1], 1.1)


def test_named_destinations_and_months_are_what_is_shut():
    closed = physical.shut(network(), [parse("JPN:nickel:refined>IND=0.4@1.5")], 3)
    assert (closed.good.tolist(), closed.seller.tolist(), closed.buyer.tolist()) == ([1], [2], [1])
    np.testing.assert_allclose(closed.part[0, :, 0], [0.4, 0.2, 0])
    everybody = physical.shut(network(), [parse("JPN:nickel:refined"), parse("JPN:nickel:refined>IND=0.4")], 1)
    assert sorted(everybody.buyer.tolist()) == [0, 1, 3]
    assert (everybody.part == 1).all()
    assert not len(physical.shut(network(), [parse("JPN:cobalt")], 3).good)


def test_a_country_of_the_rest_is_refused():
    with pytest.raises(CoverageError, match="rest of the world"):
        physical.shut(network(), [parse("PHL:nickel")], 3)


def test_every_network_on_record_is_a_base_that_repeats_itself():
    for found in networks(cases.case("IND", 2024, SOME)):
        for feed in ("whole", "recorded"):
            month = physical.base(found, feed)
            got = kernel.run(month, np.full((1, 4, *found.share_processed.shape), 1.1), stock=month.use[None])
            scale = max(1.0, month.output.max())
            np.testing.assert_allclose(got.use[0], np.broadcast_to(month.use, got.use[0].shape), atol=1e-9 * scale)
            np.testing.assert_allclose(got.output[0, -1], month.output, atol=1e-9 * scale)


@pytest.fixture(scope="module")
def world():
    return cases.case("IND", 2024, SOME)


def test_the_method_gives_every_month_with_a_range(world):
    result = runner.run("physical-shock", world, shock="CHN:antimony")
    loss = result.value
    assert [axis.name for axis in loss.axes] == list(physical.AXES)
    assert loss.axis("month").codes == tuple(map(str, range(1, 25)))
    assert loss.axis("country").codes[-1] == REST
    seen = ~np.isnan(loss.values)
    assert (loss.low[seen] <= loss.values[seen]).all()
    assert (loss.values[seen] <= loss.high[seen]).all()
    assert np.nansum(loss.high[..., :12]) > 0
    assert set(result.variables) == {"use_loss", "stock", "imports", "output"}
    rows = result.table()
    assert "month" in rows.keys


def test_stocks_of_a_year_leave_nobody_short_and_none_leave_more_short(world):
    # else orders of those whose stocks fall empty those of others
    shut = {"shock": "CHN:antimony", "spare": "0", "rerouting": 0.0, "refill": 1e9}
    full = runner.run("physical-shock", world, stock_days="400", **shut, months=12).value
    bare = runner.run("physical-shock", world, shock="CHN:antimony", stock_days="0", spare="0").value
    assert full.low is None
    assert np.nansum(full.values) == pytest.approx(0, abs=1e-9)
    assert np.nansum(bare.values) > 1
    assert np.nansum(bare.values[..., 0]) == pytest.approx(0, abs=1e-9)  # the first month lives on what is on its way


def test_several_shocks_and_materials_share_one_answer(world):
    loss = runner.run("physical-shock", world, shock="CHN:antimony;IDN:nickel:mined>CHN", months=3).value
    assert loss.axis("material").codes == ("antimony", "nickel")


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"shock": ""}, "physical-shock.shock"),
        ({"shock": "nonsense"}, "physical-shock.shock"),
        ({"shock": "CHN:antimony@99"}, "physical-shock.shock"),
        ({"months": 0}, "physical-shock.months"),
        ({"rerouting": 1.5}, "physical-shock.rerouting"),
        ({"refill": 0.5}, "physical-shock.refill"),
        ({"nodes": 0}, "physical-shock.nodes"),
        ({"stock_days": "-1"}, "physical-shock.stock_days"),
        ({"spare": "much"}, "physical-shock.spare"),
        ({"rule": "odd"}, "physical-shock.rule"),
        ({"acts": "tariff"}, "physical-shock.acts"),
        ({"feed": "odd"}, "physical-shock.feed"),
        ({"year": "1900"}, "year"),
        ({"shock": "CHN:antimony:scrap"}, "physical-shock.shock"),
        ({"shock": "CHN:titanium"}, "material"),
    ],
)
def test_an_impossible_shock_is_refused(world, wrong, path):
    with pytest.raises((StudyError, CoverageError)) as refused:
        runner.run("physical-shock", world, **{"shock": "CHN:antimony", **wrong})
    assert refused.value.where == path
