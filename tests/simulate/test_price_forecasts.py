"""Prices: ordinary changes by hand, nothing later is read, waves do not teach themselves, ranges are scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from khanij.core.axis import Axis
from khanij.core.case import from_arrays
from khanij.core.cube import Cube
from khanij.core.rng import stream
from khanij.reference.chronicle.priced_events import priced_events
from khanij.simulate.forecast import price_events, price_ranges

YEARS = tuple(range(2000, 2016))
GOODS = ("cobalt", "copper", "tin")


def series(seed: int = 0, spread: tuple[float, ...] = (0.4, 0.1, 0.2)) -> Cube:
    """Return yearly prices whose ordinary changes differ by good."""
    steps = stream(seed).normal(size=(3, len(YEARS))) * np.array(spread)[:, None]
    axes = (Axis("material", GOODS), Axis("history", tuple(map(str, YEARS))))
    return Cube("price_series", "USD/t", axes, 1000 * np.exp(steps.cumsum(axis=1)))


def held(cube: Cube) -> price_events.PriceNoise:
    """Return the ordinary changes of these prices."""
    case = from_arrays({"year": ("2015",), "material": GOODS}, price=("USD/t", ("material",), [1.0, 1.0, 1.0]))
    return price_events.noise(case.with_cubes("prices by hand", price_series=cube))


def test_ordinary_changes_are_those_before_the_year_drawn_to_all_goods():
    cube = series()
    steps = np.diff(np.log(cube.values))[:, :4]  # changes into 2001 to 2004
    whole = np.sqrt((steps**2).mean())
    exact = np.sqrt(((steps[0] ** 2).sum() + 3 * whole**2) / (4 + 3))
    assert held(cube).of("cobalt", 2005) == pytest.approx(exact)
    assert held(cube).of("gallium", 2005) == pytest.approx(whole)


def test_no_price_after_the_origin_is_read():
    cube = series()
    later = cube.values.copy()
    later[:, YEARS.index(2010) + 1 :] *= 7.0
    other = replace(cube, values=later)
    assert price_ranges.make(cube, held(cube), 2010) == price_ranges.make(other, held(other), 2010)
    assert price_ranges.make(cube, held(cube), 2011) != price_ranges.make(other, held(other), 2011)


def test_a_restless_price_has_the_wider_range_and_quantiles_rise():
    cube = series(spread=(0.6, 0.05, 0.2))
    rows = price_ranges.make(cube, held(cube), 2014)
    of = {good: [row.value for row in rows if row.material == good] for good in GOODS}
    assert all(values == sorted(values) for values in of.values())
    assert of["cobalt"][-1] / of["cobalt"][0] > of["copper"][-1] / of["copper"][0]


def test_a_good_without_a_price_in_the_year_of_origin_has_no_range():
    cube = series()
    values = cube.values.copy()
    values[2, YEARS.index(2012)] = np.nan
    cube = replace(cube, values=values)
    assert {row.material for row in price_ranges.make(cube, held(cube), 2012)} == {"cobalt", "copper"}


def test_a_file_that_knew_the_price_has_no_loss_and_half_a_file_is_not_scored():
    cube = series()
    now = YEARS.index(2012)
    knew = [
        replace(
            row,
            value=float(cube.values[GOODS.index(row.material), now + 1] / cube.values[GOODS.index(row.material), now]),
        )
        for row in price_ranges.make(cube, held(cube), 2012)
    ]
    (one,) = price_ranges.score(knew, cube, held(cube))
    assert (one.goods, one.loss, one.error) == pytest.approx((3, 0, 0), abs=1e-9)
    assert one.skill == pytest.approx(1)
    (part,) = price_ranges.score(
        [row for row in knew if (row.material, row.output_type_id) != ("tin", "0.5")], cube, held(cube)
    )
    assert part.goods == 2
    assert price_ranges.score(price_ranges.make(cube, held(cube), 2015), cube, held(cube)) == ()


def test_prices_inside_the_country_that_restricts_are_left_out():
    whole = price_events.rows(priced_events(), held(series()), "peak")
    assert len(whole.events) == 91
    assert not [event for event in whole.events if event.role == "inside-market"]
    assert len({event.event for event in whole.events}) >= 60


def test_the_test_split_teaches_nothing():
    """Whatever its prices are, forecasts of goods stay as they are: only errors move."""
    found = price_events.rows(priced_events(), held(series()), "after")
    test = np.array([event.split == "test" for event in found.events])
    spoilt = replace(found, rise=np.where(test, 9.0, found.rise))
    moved = 0
    for (good, one), (_, other) in zip(price_events.by_good(found), price_events.by_good(spoilt), strict=True):
        only_fit = not [e for e in found.events if e.material == good and e.split == "test"]
        assert (one.error == other.error) == only_fit, good
        moved += not only_fit
    assert moved > 5


def test_a_wave_does_not_teach_itself():
    found = price_events.rows(priced_events("fit"), held(series()), "peak")
    wave = found.events[0].wave
    mine = np.array([event.wave == wave for event in found.events])
    other = replace(found, rise=np.where(mine, found.rise + 5.0, found.rise))
    kept = [price_events.fit(one.pick(~mine)) for one in (found, other)]
    np.testing.assert_array_equal(kept[0].middle(found), kept[1].middle(found))
    # the errors of the fit hold the move of that wave in full: it was forecast without itself
    assert price_events.fit(other).spread > 1.3 * price_events.fit(found).spread


def test_intervals_hold_the_ordinary_noise():
    """A good whose price moves more has the wider interval around the same cut."""
    found = price_events.rows(priced_events("fit"), held(series()), "peak")
    fitted = price_events.fit(found)
    calm, restless = (fitted.quantiles(replace(found, noise=np.full(len(found.rise), s))) for s in (0.1, 1.0))
    assert ((restless[:, -1] - restless[:, 0]) > (calm[:, -1] - calm[:, 0])).all()
