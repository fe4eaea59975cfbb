"""Cohorts by hand: additions, what goes into them, what comes back, and what is said where a figure is missing."""

from __future__ import annotations

from math import exp, gamma

import numpy as np
import pytest

from khanij.core import registry
from khanij.core.errors import StudyError
from khanij.demand.scenarios import ScenarioDraws, between_points, parted

PLACE = ("IND", "steps")
STOCK = {(*PLACE, "wind", "2020"): 10.0, (*PLACE, "wind", "2030"): 20.0}
COPPER = {("wind-a", "copper", "2020"): 4.0, ("wind-b", "copper", "2020"): 8.0}
SPAN = {"since": 2021, "to": 2032, "draws": 0}


def left(age):
    """Part left of a cohort whose life is Weibull with mean 10 and shape 3."""
    return exp(-((age / (10 / gamma(1 + 1 / 3))) ** 3))


def by_hand(years):
    """Additions and retirements of a stock from 10 to 20 in ten years, all of 2020 new, cohort by cohort."""
    into, out = [10 / left(0.5)], [10 / left(0.5) - 10]
    for t in range(1, years):
        old = sum(came * left(t - c + 0.5) for c, came in enumerate(into))
        before = sum(came * (left(t - c - 0.5) if t > c else 1) for c, came in enumerate(into))
        new = (10 + t - old) / left(0.5)
        into.append(new)
        out.append(before - old + new * (1 - left(0.5)))
    return into, out


def test_additions_keep_up_the_stock(make):
    result = registry.run("technology-flows", make(technology_stock=STOCK), **SPAN)
    into, out = by_hand(11)
    wind = (0, 0, slice(0, 10))
    assert result.variable("additions").values[wind] == pytest.approx(into[1:])
    assert result.variable("retirements").values[wind] == pytest.approx(out[1:])
    assert result.variable("stock").values[wind] == pytest.approx(range(11, 21))
    change = result.variable("stock").values[0, 0, :10] - np.arange(10, 20)
    assert result.variable("additions").values[wind] - result.variable("retirements").values[wind] == pytest.approx(
        change
    )


def test_additions_of_the_first_year_of_a_stock_are_not_known(make):
    case = make(technology_stock=STOCK, technology_intensity=COPPER)
    span = {"since": 2020, "to": 2022, "draws": 0}
    assert np.isnan(registry.run("technology-flows", case, **span).value.values[0, 0, 0])
    assert np.isnan(registry.run("material-demand", case, **span).value.values[0, 1, 0, 0])


def test_demand_is_additions_times_share_times_content(make):
    result = registry.run("material-demand", make(technology_stock=STOCK, technology_intensity=COPPER), **SPAN)
    into = by_hand(11)[0]
    assert result.value.values[0, 1, 0, :10] == pytest.approx([0.75 * 4 * new for new in into[1:]])
    assert result.value.values[0, 2, 0, :10] == pytest.approx([0.25 * 8 * new for new in into[1:]])
    assert result.variable("total").values[0, 0, :10] == pytest.approx([5 * new for new in into[1:]])


def test_a_year_beyond_the_path_is_missing_and_says_so(make):
    result = registry.run("material-demand", make(technology_stock=STOCK, technology_intensity=COPPER), **SPAN)
    assert np.isnan(result.value.values[0, 1, 0, 10:]).all()
    assert np.isnan(result.variable("total").values[0, 0, 10:]).all()
    (mask,) = result.remarks.values()
    assert mask[0, 1, 0].tolist() == [False] * 10 + [True] * 2
    assert any("no path in scenario steps: car, bare" in note for note in result.trace.notes)


def test_a_total_is_missing_when_one_technology_has_ended(make):
    sales = {(*PLACE, "car", "2025"): 1.0, (*PLACE, "car", "2040"): 1.0}
    content = {**COPPER, ("car", "copper", "2020"): 1.0}
    case = make(technology_stock=STOCK, technology_inflow=sales, technology_intensity=content)
    total = registry.run("material-demand", case, **SPAN).variable("total").values[0, 0]
    assert np.isfinite(total[:10]).all()
    assert np.isnan(total[10:]).all()
    rest = registry.run("material-demand", case, **SPAN, ended_in_total="left-out").variable("total").values[0, 0]
    assert rest[10:] == pytest.approx([1.0, 1.0])


def test_content_leaves_as_it_came(make):
    """What is retired holds the content of the year in which it was built, though new units hold half of it."""
    sales = {(*PLACE, "car", "2020"): 100.0, (*PLACE, "car", "2050"): 100.0}
    content = {("car", "copper", "2020"): 2.0, ("car", "copper", "2021"): 1.0}
    case = make(technology_inflow=sales, technology_intensity=content)
    result = registry.run("scrap-supply", case, since=2020, to=2022, draws=0)
    gone = [1 - left(0.5), left(0.5) - left(1.5), left(1.5) - left(2.5)]
    hand = [200 * gone[0], 200 * gone[1] + 100 * gone[0], 200 * gone[2] + 100 * (gone[1] + gone[0])]
    assert result.variable("retired").values[0, 3, 0] == pytest.approx(hand)
    assert np.isnan(result.value.values[0, 3, 0]).all()  # no rate
    rated = make(
        technology_inflow=sales, technology_intensity=content, recovery_rate={("car", "copper", "neutral"): 0.4}
    )
    found = registry.run("scrap-supply", rated, since=2020, to=2022, draws=0)
    assert found.value.values[0, 3, 0] == pytest.approx([0.4 * tonnes for tonnes in hand])


def test_over_all_years_no_more_leaves_than_came(make):
    sales = {(*PLACE, "car", "2020"): 100.0, (*PLACE, "car", "2050"): 300.0}
    case = make(technology_inflow=sales, technology_intensity={("car", "copper", "2020"): 2.0})
    span = {"since": 2020, "to": 2050, "draws": 0}
    came = registry.run("material-demand", case, **span).value.values[0, 3, 0].sum()
    gone = registry.run("scrap-supply", case, **span).variable("retired").values[0, 3, 0].sum()
    assert came == pytest.approx(2.0 * 31 * 200)
    assert 0 < gone < came


def test_a_stock_that_falls_faster_than_it_wears_is_said(make):
    fall = {(*PLACE, "wind", "2020"): 10.0, (*PLACE, "wind", "2023"): 1.0}
    result = registry.run("technology-flows", make(technology_stock=fall), since=2021, to=2023, draws=0)
    (mask,) = result.remarks.values()
    assert mask[0, 0].any()
    assert (result.value.values[0, 0] >= 0).all()


def test_draws_surround_the_best_and_repeat(make):
    case = make(
        technology_stock=STOCK,
        technology_intensity={("wind-a", "copper", "2020"): (4.0, 2.0, 8.0), ("wind-b", "copper", "2020"): 8.0},
    )
    first, second = (registry.run("material-demand", case, **{**SPAN, "draws": 200}, seed=7).value for _ in range(2))
    other = registry.run("material-demand", case, **{**SPAN, "draws": 200}, seed=8).value
    assert first.low is not None
    assert first.high is not None
    assert second.low is not None
    assert other.low is not None
    cell = (0, 1, 0, 5)
    assert first.low[cell] < first.values[cell] < first.high[cell]
    assert first.low[cell] == second.low[cell]
    assert first.low[cell] != other.low[cell]
    assert first.values[cell] == other.values[cell]
    sure = (0, 2, 0, 5)  # one figure, no range
    assert first.low[sure] == pytest.approx(first.values[sure])


def test_frozen_intensity_keeps_the_first_year(make):
    content = {("car", "copper", "2020"): 2.0, ("car", "copper", "2040"): 1.0}
    case = make(
        technology_inflow={(*PLACE, "car", "2020"): 1.0, (*PLACE, "car", "2050"): 1.0}, technology_intensity=content
    )
    moving = registry.run("material-demand", case, since=2030, to=2045, draws=0).value.values[0, 3, 0]
    frozen = registry.run("material-demand", case, since=2030, to=2045, draws=0, intensity="frozen").value.values[
        0, 3, 0
    ]
    assert moving[[0, 10, 15]] == pytest.approx([1.5, 1.0, 1.0])
    assert frozen == pytest.approx(np.full(16, 2.0))


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"scenario": "none"}, "unknown scenario"), ({"to": 2060}, "no years"), ({"draws": -1}, "draws")],
)
def test_wrong_settings_are_errors(make, settings, says):
    with pytest.raises(StudyError, match=says):
        registry.run("material-demand", make(technology_stock=STOCK), **{**SPAN, **settings})


def test_paths_and_shares():
    nan = np.nan
    assert between_points(np.array([nan, 1.0, nan, 3.0, nan])) == pytest.approx([nan, 1, 2, 3, nan], nan_ok=True)
    assert between_points(np.array([nan, 1.0, nan, 3.0, nan]), held=True) == pytest.approx([1, 1, 2, 3, 3])
    assert between_points(np.full((2, 3), nan)) == pytest.approx(np.full((2, 3), nan), nan_ok=True)
    assert parted(np.array([[3.0], [nan], [1.0]])).ravel() == pytest.approx([0.75, 0.0, 0.25])
    assert ScenarioDraws(0, 0).position(1).tolist() == [0.0]
    assert np.abs(ScenarioDraws(500, 1).position(1)).max() <= 1
