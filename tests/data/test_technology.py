"""Technologies to cubes: which figure is taken, whose scenario holds, and what points of a path there are."""

from __future__ import annotations

import numpy as np
import pytest

from khanij import reference
from khanij.core.axis import Axis
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.technology import paths as technology_paths
from khanij.data.cubes.technology import technologies as technology
from khanij.reference.industry import technologies as table

MATERIALS = ("copper", "neodymium", "silver", "titanium")


@pytest.fixture
def selection():
    axes = {"focus": ("IND", "DEU", "EU27"), "material": MATERIALS, "year": ("2024",)}
    return Selection({name: Axis(name, codes) for name, codes in axes.items()})


def intensity(
    tech, material, year, value, low=None, high=None, confidence="high", source="premise-intensity", label="a"
):
    return {
        "quantity": "material_intensity",
        "item": f"{tech} | {label}",
        "material": material,
        "country": "WLD",
        "year": year,
        "value": value,
        "low": low,
        "high": high,
        "unit": "t/GW",
        "basis": reference.materials()[material].basis,
        "status": "reported",
        "confidence": confidence,
        "source": source,
        "edition": "test",
    }


def fact(quantity, item, country, year, value, unit="1", source="iea-gevo", **more):
    return {
        "quantity": quantity,
        "item": item,
        "country": country,
        "year": year,
        "value": value,
        "unit": unit,
        "status": "reported",
        "confidence": "high",
        "source": source,
        "edition": "test",
        **more,
    }


def at(cube, *labels):
    """Value, low and high of a cell."""
    place = tuple(axis.at(label) for axis, label in zip(cube.axes, labels, strict=True))
    return tuple(float(part[place]) for part in (cube.values, cube.low, cube.high))


def test_the_surest_label_is_taken_with_all_its_years(keep, selection):
    keep(
        [
            intensity("wind-dd-pm", "neodymium", 2020, 183.0, 116.0, 217.0),
            intensity("wind-dd-pm", "neodymium", 2050, 97.0, 78.0, 116.0, "medium"),
            intensity("wind-dd-pm", "neodymium", 2020, 139.7, source="published-intensity", label="b"),
            intensity("wind-dd-pm", "neodymium", 2040, 120.0, source="published-intensity", label="b"),
            intensity("wind-dd-pm", "copper", 2020, 3000.0, None, None, "low", "published-intensity", "c"),
            intensity("wind-dd-pm", "copper", 2020, 3400.0, None, None, "medium", "published-intensity", "d"),
            intensity("wind-dd-pm", "copper", 2020, 3800.0, None, None, "medium", "published-intensity", "e"),
            intensity("wind-dd-e", "copper", 2020, 5000.0, None, None, "low", "published-intensity", "c"),
        ]
    )
    cube = technology.intensity(selection)
    assert at(cube, "wind-dd-pm", "neodymium", "2020") == (183.0, 116.0, 217.0)
    assert at(cube, "wind-dd-pm", "neodymium", "2050") == (97.0, 78.0, 116.0)
    assert np.isnan(at(cube, "wind-dd-pm", "neodymium", "2040")).all()  # another label's year
    assert at(cube, "wind-dd-pm", "copper", "2020") == (3400.0, 3400.0, 3800.0)  # no range: all sure labels
    assert at(cube, "wind-dd-e", "copper", "2020") == (5000.0, 5000.0, 5000.0)  # low where there is nothing else
    assert at(cube, "titanium-defence", "titanium", "2030") == (1.0, 1.0, 1.0)
    assert cube.sources == ("premise-intensity@test", "published-intensity@test")


def test_a_part_has_the_intensity_of_its_chemistry_and_the_life_of_its_parent(keep, selection):
    keep([intensity("battery-lfp", "copper", 2024, 551.0) | {"unit": "t/GWh"}])
    assert at(technology.intensity(selection), "ev-car-lfp", "copper", "2024")[0] == 551.0
    lives = technology.lifetime(selection)
    assert at(lives, "ev-car-lfp") == at(lives, "ev-car")
    parents = technology.parents(selection)
    assert parents.values[parents.axes[0].at("ev-car-lfp"), parents.axes[1].at("ev-car")] == 1


def test_rows_of_a_focus_go_before_those_of_any():
    own = technology.chosen("IND", "net-zero", ("share",))
    other = technology.chosen("DEU", "net-zero", ("share",))
    assert {row.focus for row in own[("ev-car-lfp", "share")]} == {"IND"}
    assert {row.focus for row in other[("ev-car-lfp", "share")]} == {"*"}
    assert own[("solar-c-si", "share")] == other[("solar-c-si", "share")]
    assert ("solar", "stock") not in technology.chosen("DEU", "net-zero", ("stock",))


def test_a_path_is_history_and_then_the_scenario(keep, selection):
    solar = "solar | Solar capacity (total) (GW)"
    keep(
        [
            fact("installed_capacity", solar, "IND", 2023, 73.0, "GW", "owid-capacity"),
            fact("installed_capacity", solar, "DEU", 2023, 80.0, "GW", "owid-capacity"),
        ]
    )
    cube = technology_paths.path(selection, "technology_stock", "stock")
    # 31 GW of modules for 24 GW of alternating current, 1.2 to 1.4 of a second house: CareEdge and SBICAPS 2025
    assert at(cube, "IND", "net-zero", "solar", "2023") == pytest.approx((73.0 * 1.3, 73.0 * 1.2, 73.0 * 1.4))
    assert at(cube, "IND", "net-zero", "solar", "2050")[0] == pytest.approx(1689.0 * 1.3)
    assert np.isnan(at(cube, "IND", "net-zero", "solar", "2040")[0])  # the model's to fill
    assert np.isnan(at(cube, "DEU", "net-zero", "solar", "2023")[0])  # no scenario of that name for this focus
    assert at(cube, "IND", "net-zero", "electrolyser", "2032") == (80.0, 60.0, 100.0)
    assert at(cube, "IND", "net-zero", "electrolyser", "2025")[0] < 0.1  # 4,300 t of hydrogen a year by September 2025


def test_vehicles_follow_the_iea_unless_a_share_of_sales_is_stated(keep, selection):
    keep(
        [
            fact("ev_sales", "car | BEV", "IND", 2024, 90_000.0),
            fact("ev_sales", "car | BEV | STEPS", "IND", 2030, 600_000.0),
            fact("ev_sales", "car | PHEV | STEPS", "IND", 2030, 100_000.0),
            fact("ev_sales_share", "car | EV | STEPS", "IND", 2030, 0.14),
            fact("battery_demand", "car | EV", "IND", 2024, 3.2, "GWh"),
            fact("battery_demand", "car | EV | STEPS", "IND", 2030, 35.0, "GWh"),
            fact("battery_demand", "van | EV | STEPS | EU27", "AGG", 2030, 40.0, "GWh"),
        ]
    )
    cube = technology_paths.path(selection, "technology_inflow", "inflow")
    assert at(cube, "IND", "steps", "motor-car", "2030")[0] == 700_000
    assert at(cube, "IND", "steps", "ev-car", "2024")[0] == 3.2
    market = 700_000 / 0.14
    assert at(cube, "IND", "ev30", "motor-car", "2030")[0] == pytest.approx(0.3 * market)
    assert at(cube, "IND", "ev30", "ev-car", "2030")[0] == pytest.approx(0.3 * market * 35 / 700_000)
    value, low, high = at(cube, "IND", "net-zero", "motor-car", "2047")
    assert (value, low, high) == pytest.approx([0.9 * market * (1 + g) ** 17 for g in (0.047, 0.0, 0.079)])
    assert at(cube, "EU27", "steps", "ev-van", "2030")[0] == 40.0
    assert np.isnan(at(cube, "DEU", "steps", "ev-van", "2030")[0])


def test_a_group_adds_up_its_members(keep):
    solar = "solar | Solar capacity (total) (GW)"
    keep([fact("installed_capacity", solar, iso, 2023, 10.0, "GW", "owid-capacity") for iso in ("DEU", "FRA", "IND")])
    assert technology_paths.points("installed_capacity", solar, "EU27") == {2023: 20.0}
    assert technology_paths.points("installed_capacity", solar, "IND") == {2023: 10.0}


def test_the_part_of_the_world(keep, selection):
    solar = "solar | Solar capacity (total) (GW)"
    rows = [
        fact("installed_capacity", solar, place, year, value, "GW", "owid-capacity")
        for place, pair in {"IND": (50.0, 70.0), "WLD": (1000.0, 1400.0)}.items()
        for year, value in zip((2020, 2023), pair, strict=True)
    ]
    rows += [fact("ev_sales", "car | BEV", place, 2024, value) for place, value in (("DEU", 5e5), ("WLD", 1e7))]
    rows += [
        fact("battery_demand", "car | EV", place, 2024, value, "GWh") for place, value in (("IND", 8.4), ("WLD", 840.0))
    ]
    keep(rows)
    cube = technology_paths.world_part(selection)
    part = {
        (focus, use): cube.values[cube.axes[0].at(focus), cube.axes[1].at(use)]
        for focus in ("IND", "DEU")
        for use in ("Solar PV", "Electric vehicles", "Other uses")
    }
    year = {name: cube.axes[2].at(name) for name in ("2023", "2024")}
    assert part["IND", "Solar PV"][year["2023"]] == pytest.approx(0.05)
    assert part["IND", "Electric vehicles"][year["2024"]] == pytest.approx(0.01)
    assert part["DEU", "Electric vehicles"][year["2024"]] == pytest.approx(0.05)  # by cars sold
    assert np.isnan(part["DEU", "Solar PV"]).all()
    assert np.isnan(part["IND", "Other uses"]).all()  # no output in this store


def test_tables_name_only_what_there_is():
    known = technology.technologies()
    for row in known.values():
        assert row.unit in ("GW", "GWh", "t", "1")
        assert not row.parent or row.parent in known
        assert not row.intensity or row.intensity in known
        assert not row.material or row.material in reference.materials()
    for row in table.scenario_figures():
        assert row.technology in known or row.technology == technology.ECONOMY
        assert row.measure in (
            ("gdp-growth", "income-elasticity", "home-scrap", "bought-scrap", "refined-part", "default")
            if row.technology == technology.ECONOMY
            else ("stock", "inflow", "share", "sales-share", "market-growth", "intensity", "module-ratio")
        )
        assert row.range.confidence in ("high", "medium", "low")
        assert row.year in technology.HORIZON or row.measure == "default"
        assert not row.material or row.material in reference.materials()
    for row in table.end_of_life():
        assert row.case in technology.RECYCLING
        assert 0 <= row.collection * row.recovery <= 1


def test_shares_of_a_market_add_up_to_about_one_in_every_year():
    for focus in ("IND", "DEU"):
        whole: dict[tuple[str, int], float] = {}
        for (id, _), rows in technology.chosen(focus, "net-zero", ("share",)).items():
            known = {row.year: technology.figures(row)[0] for row in rows}
            path = np.interp(technology.HORIZON, sorted(known), [known[year] for year in sorted(known)])
            for year, part in zip(technology.HORIZON, path, strict=True):
                key = (technology.technologies()[id].parent, year)
                whole[key] = whole.get(key, 0.0) + part
        assert {key: total for key, total in whole.items() if abs(total - 1) > 0.01} == {}


def test_an_empty_store_gives_cubes_without_figures(keep, selection):
    keep([fact("gdp", "current USD", "IND", 2023, 1.0, "USD", "worldbank-gdp")])
    for name, build in technology_paths.BUILDERS.items():
        cube = build(selection)
        assert cube.quantity == name
    assert technology_paths.BUILDERS["base_use"](selection).sources == ()
