"""Demand that grows with the economy, and a country's part of the world's."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core import registry

PLACE = ("IND", "steps")


def each(figures):
    return {(*PLACE, material, "2024"): figures for material in ("copper", "lithium")}


ELASTICITY = each(0.8)


def test_base_grows_with_the_economy_less_what_technologies_explain(make):
    sales = {(*PLACE, "car", "2020"): 10.0, (*PLACE, "car", "2050"): 10.0}
    case = make(
        technology_inflow=sales,
        technology_intensity={("car", "copper", "2020"): 2.0},
        base_use={("IND", "copper", "2024"): 120.0},
        economy_growth={(*PLACE, "2024"): 0.05},
        income_elasticity=ELASTICITY,
    )
    result = registry.run("base-demand", case, since=2024, to=2034, draws=0)
    assert result.value.values[0, 0] == pytest.approx([100 * 1.05 ** (0.8 * t) for t in range(11)])
    assert np.isnan(result.value.values[0, 1]).all()  # no figure of use in all
    faster = registry.run("base-demand", case, since=2024, to=2034, draws=0, growth=0.10)
    assert faster.value.values[0, 0, -1] == pytest.approx(100 * 1.1**8)


def test_without_a_stated_growth_base_demand_is_missing(make):
    case = make(base_use={("IND", "copper", "2024"): 120.0}, income_elasticity=ELASTICITY)
    result = registry.run("base-demand", case, since=2025, to=2026, draws=0)
    assert np.isnan(result.value.values).all()
    assert any(mask[0, 0].all() for mask in result.remarks.values())


def test_base_draws_lie_around_the_best(make):
    case = make(
        base_use={("IND", "copper", "2024"): 100.0},
        economy_growth={(*PLACE, "2024"): (0.05, 0.03, 0.08)},
        income_elasticity=each((0.8, 0.2, 2.0)),
    )
    cube = registry.run("base-demand", case, since=2025, to=2040).value
    assert cube.low is not None
    assert cube.high is not None
    assert (cube.low[0, 0] < cube.values[0, 0]).all()
    assert (cube.values[0, 0] < cube.high[0, 0]).all()


def test_part_of_the_world(make):
    demand = {
        ("STEPS", "Solar PV", "copper", "2024"): 100.0,
        ("STEPS", "Solar PV", "copper", "2034"): 200.0,
        ("STEPS", "Other uses", "copper", "2024"): 1000.0,
        ("STEPS", "Other uses", "copper", "2034"): 1000.0,
        ("STEPS", "Wind", "lithium", "2024"): 1.0,
        ("STEPS", "Wind", "lithium", "2034"): 1.0,
    }
    parts = {("IND", "Solar PV", "2023"): 0.1, ("IND", "Other uses", "2023"): 0.05}
    result = registry.run("demand-as-part-of-world", make(iea_demand=demand, world_part=parts), since=2024, to=2034)
    assert result.value.values[0, 0, 0, [0, 5, 10]] == pytest.approx([10, 15, 20])
    assert result.variable("total").values[0, 0, [0, 10]] == pytest.approx([60, 70])
    assert np.isnan(result.variable("total").values[0, 1]).all()  # the part of wind is not known


def test_a_sum_of_uses_is_not_counted_beside_its_parts(make):
    demand = {
        ("STEPS", "Solar PV", "copper", "2030"): 100.0,
        ("STEPS", "Low emissions power generation", "copper", "2030"): 150.0,
        ("STEPS", "Low emissions power generation", "lithium", "2030"): 150.0,
    }
    parts = {("IND", "Solar PV", "2023"): 0.1, ("IND", "Low emissions power generation", "2023"): 0.1}
    result = registry.run("demand-as-part-of-world", make(iea_demand=demand, world_part=parts), since=2030, to=2030)
    assert result.variable("total").values[0, :, 0] == pytest.approx([10, 15])


def test_use_counted_outside_the_technologies_is_not_lessened_by_them(make):
    sales = {(*PLACE, "car", "2020"): 10.0, (*PLACE, "car", "2050"): 10.0}
    case = make(
        technology_inflow=sales,
        technology_intensity={("car", "copper", "2020"): 2.0},
        base_use={("IND", "copper", "2024"): 120.0},
        outside_use={("IND", "copper", "2024"): (60.0, 40.0, 90.0)},
        economy_growth={(*PLACE, "2024"): 0.05},
        income_elasticity=ELASTICITY,
        scrap_part={(*PLACE, "copper", "2024"): 0.25},
    )
    result = registry.run("base-demand", case, since=2024, to=2034)
    assert result.value.values[0, 0, 0] == pytest.approx(60.0)
    assert result.value.low[0, 0, 0] < 60.0 < result.value.high[0, 0, 0]
    assert result.variable("scrap").values[0, 0] == pytest.approx(0.25 * result.value.values[0, 0])
    assert np.isnan(result.variable("refined").values).all()  # no part is on record


def test_growth_and_elasticity_move_between_the_years_for_which_they_are_stated(make):
    elasticity = {(*PLACE, "copper", "2024"): 1.5, (*PLACE, "copper", "2026"): 0.5}
    growth = {(*PLACE, "2024"): 0.10, (*PLACE, "2026"): 0.02}
    case = make(base_use={("IND", "copper", "2024"): 100.0}, economy_growth=growth, income_elasticity=elasticity)
    found = registry.run("base-demand", case, since=2024, to=2027, draws=0).value.values[0, 0]
    steps = [1.06**1.0, 1.02**0.5, 1.02**0.5]
    assert found == pytest.approx(100.0 * np.cumprod([1.0, *steps]))
