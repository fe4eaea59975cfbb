"""Every large fall: what counts as one, what is known of it beforehand, and that nothing later is read."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from khanij.core.cube import Cube
from khanij.core.errors import CoverageError
from khanij.simulate.backtest import falls, mass

sys.path.insert(0, str(Path(__file__).parent))
from toy_records import CODES, YEARS, world

SELLER, BUYER, OTHER = CODES.index("CHN"), CODES.index("IND"), CODES.index("IDN")


def made(flow, value=None):
    """Return the toy Case with flows (seller, buyer, year) t of thallium in place of its own."""
    case = world()
    dims = case.cube("code_trade").axes
    at = np.stack([np.zeros(int((flow > 0).sum()), dtype=int), *np.nonzero(flow > 0)])
    tonnes = flow[flow > 0]
    worth = tonnes * 5.0 if value is None else value[flow > 0]
    cubes = {
        name: Cube(name, "kUSD" if name.endswith("value") else "t", dims, values, at, sources=("user",))
        for name, values in (("code_trade", tonnes), ("code_trade_recorded", tonnes), ("code_trade_value", worth))
    }
    return case.with_cubes("another record", **cubes)


def steady(last=None):
    """Return flows that stay as they are to the year before the last: CHN 60 and 20 t, IDN 20 t; then `last`."""
    flow = np.zeros((len(CODES), len(CODES), YEARS))
    flow[SELLER, BUYER], flow[SELLER, 4], flow[OTHER, BUYER] = 60.0, 20.0, 20.0
    if last is not None:
        flow[:, :, -1] = 0.0
        for place, tonnes in last.items():
            flow[place][-1] = tonnes
    return flow


FELL = {(SELLER, BUYER): 12.0, (SELLER, 4): 4.0, (OTHER, BUYER): 36.0}


def test_a_fall_and_its_targets_are_those_of_the_flows():
    found, targets, bases = falls.find(falls.TradeHistory(made(steady(FELL))))
    assert len(found.cut) == 1
    assert (found.cut[0], found.weight[0]) == pytest.approx((0.8, 0.8))
    assert found.replaced[0] == pytest.approx(16 / 64)  # a quarter of 64 t lost
    assert not found.rebound[0]
    assert not found.slump[0]
    assert bases[0][0][0] == SELLER
    assert bases[0][1].sum() == 100.0
    own = targets.pick(targets.kind == 0)
    dust = 0.1
    assert own.at[:, 1].tolist() == [BUYER, 4]
    assert own.z == pytest.approx([np.log((48 + dust) / (80 + dust)), np.log((4 + dust) / (20 + dust))])
    # the rule that others replace a quarter is right for who has another seller, and cannot be for who has none
    assert own.rule(0.25)[0] == pytest.approx(np.log((80 - 48 + 12 + dust) / (80 + dust)))
    assert own.rule(0.25)[1] == own.rule(0.0)[1] == pytest.approx(np.log((4 + dust) / (20 + dust)))
    pairs = targets.pick(targets.kind == 1)
    assert pairs.z[pairs.at[:, 0] == OTHER] == pytest.approx(np.log((36 + dust) / (20 + dust)))


def test_a_spike_makes_a_rebound_and_a_fall_of_all_at_lower_value_is_led_by_demand():
    flow = steady(FELL)
    flow[SELLER, :, -5:-2] /= 4  # a fall of its own, and three low years before the spike
    assert falls.find(falls.TradeHistory(made(flow)))[0].rebound.tolist() == [False, True]
    less = steady(FELL | {(OTHER, BUYER): 17.0})
    value = less * 5.0
    assert falls.find(falls.TradeHistory(made(less, value)))[0].slump.tolist() == [False]  # no cheaper
    value[..., -1] = less[..., -1] * 4.0
    assert falls.find(falls.TradeHistory(made(less, value)))[0].slump.tolist() == [True]


def test_small_sellers_and_small_falls_are_none():
    little = {(SELLER, BUYER): 50.0, (SELLER, 4): 17.0, (OTHER, BUYER): 1.0}
    assert len(falls.find(falls.TradeHistory(made(steady(little))))[0].cut) == 1  # the other's, of a fifth of the trade
    flow = steady(little)
    flow[OTHER, BUYER, :-1] = 5.0  # less than a tenth
    with pytest.raises(CoverageError, match="no fall"):
        falls.find(falls.TradeHistory(made(flow)))


def test_nothing_after_the_base_year_moves_what_is_known():
    """Only the cut, which is given, and what is asked for hang on the later year."""
    first, second = (
        falls.find(falls.TradeHistory(made(steady(last))))[1] for last in (FELL, FELL | {(OTHER, BUYER): 90.0})
    )
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.noise, second.noise)
    np.testing.assert_array_equal(first.rule(0.25), second.rule(0.25))
    assert (first.z != second.z).any()


def test_the_engine_sells_what_is_left_and_lets_others_step_in():
    found, targets, bases = falls.find(falls.TradeHistory(made(steady(FELL))))
    told = mass.engine(found, targets, bases, [("thallium", "refined")] * 2)
    pairs, of = targets.pick(targets.kind == 1), told[targets.kind == 1]
    tonnes = np.exp(of) * (pairs.before + pairs.dust) - pairs.dust
    mine = pairs.at[:, 0] == SELLER
    assert tonnes[mine].sum() == pytest.approx(0.2 * 80.0, rel=1e-6)
    assert tonnes[~mine] >= 20.0
    assert (told[targets.kind == 2] > 0).all()  # others sell dearer


@pytest.mark.parametrize("part", [0.0, 0.3, 0.8])
def test_what_others_replaced_is_found_where_all_falls_say_the_same(part):
    n = 40
    goods = np.arange(n) % 4
    nothing = np.zeros(n)
    found = falls.Falls(
        goods, goods, goods, np.full(n, 0.5), np.full(n, 0.4), nothing > 1, nothing > 1, nothing, np.full(n, part)
    )
    by_good, whole = mass.replaced(found, goods, np.ones(n, dtype=bool))
    assert whole == pytest.approx(part)
    assert by_good == pytest.approx(np.full(4, part))


def test_a_good_without_falls_is_that_of_all():
    goods = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2])
    n = len(goods)
    nothing = np.zeros(n)
    seen = np.array([0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5, 0.9])
    found = falls.Falls(goods, goods, goods, np.full(n, 0.5), np.full(n, 0.4), nothing > 1, nothing > 1, nothing, seen)
    by_good, whole = mass.replaced(found, goods, goods < 2)
    assert whole == pytest.approx(0.3)
    assert by_good[2] == pytest.approx(whole)
    assert 0.1 <= by_good[0] < whole < by_good[1] <= 0.5


def test_fits_see_the_early_years_alone():
    """Targets of tested years may be anything: the fit is the same."""
    case = world(seed=4)
    found, targets, _ = falls.find(falls.TradeHistory(case))
    year = found.year[targets.fall]
    early, between = year <= 7, (year > 7) & (year <= 9)
    every = np.ones(len(year), dtype=bool)
    x = np.column_stack([targets.rule(0.25), targets.rule(0.1), targets.x])
    first = mass.fit(targets, x, early, between, every)
    spoilt = targets.pick(every)
    spoilt.z[year > 9] = 99.0
    again = mass.fit(spoilt, x, early, between, every)
    for kind, one in first.items():
        np.testing.assert_array_equal(one.middle, again[kind].middle)
        np.testing.assert_array_equal(one.move, again[kind].move)
    made_ = mass.forecast(targets, x, first)
    assert all((np.diff(q, axis=1) >= 0).all() for q in made_.quantiles.values())
