"""The facts that lineage gives add up to what the builders put into the cubes: exactly those, no others."""

import numpy as np
import pytest

from khanij.analyses.inputs.cases import case
from khanij.data.lookup import citations, lineage
from khanij.data.lookup.lineage import Cell

MATERIALS = ("copper", "cobalt", "helium", "aluminium", "rare-earths", "phosphorus", "zirconium", "gallium")


@pytest.fixture(scope="module")
def world():
    return case("EU27", 2022)


def sums(table, *names):
    out = {}
    for row in table.rows():
        key = tuple(row[name] for name in names)
        out[key] = out.get(key, 0.0) + (row["entered"] or 0.0)
    return out


@pytest.mark.parametrize("material", MATERIALS)
def test_output_adds_up(world, material):
    table = lineage.follow(world, "production", Cell((material,), None, 2022))
    got = sums(table, "stage", "country")
    values = world.array("production", "material", "stage", "country", "year")[
        world.axis("material").at(material), ..., 0
    ]
    for s, stage in enumerate(world.axis("stage").codes):
        for c, country in enumerate(world.axis("country").codes):
            if not np.isnan(values[s, c]) and ((stage, country) in got or values[s, c] != 0):
                assert got[stage, country] == pytest.approx(values[s, c], rel=1e-12), (stage, country)
    assert all(row["source"] and row["edition"] and row["row"] for row in table.rows())


@pytest.mark.parametrize("material", MATERIALS)
def test_world_output_adds_up(world, material):
    got = sums(lineage.follow(world, "world_production", Cell((material,), None, 2022)), "stage")
    values = world.array("world_production", "material", "stage", "year")[world.axis("material").at(material), :, 0]
    known = {stage: v for stage, v in zip(world.axis("stage").codes, values, strict=True) if not np.isnan(v)}
    assert {stage for (stage,) in got} == set(known)
    for (stage,), total in got.items():
        assert total == pytest.approx(known[stage], rel=1e-12)


@pytest.mark.parametrize("quantity", ["trade", "trade_value", "trade_massless"])
@pytest.mark.parametrize("material", MATERIALS)
def test_flows_add_up(world, quantity, material):
    table = lineage.follow(world, quantity, Cell((material,), None, 2022))
    got = sums(table, "stage", "country", "partner")
    dims = ("material", "stage", "country:exporter", "country:importer", "year")
    at, values = world.entries(quantity, *dims)
    own = at[0] == world.axis("material").at(material)
    stages, countries = world.axis("stage").codes, world.axis("country").codes
    wanted = {
        (stages[s], countries[e], countries[i]): v
        for (_, s, e, i, _), v in zip(at[:, own].T.tolist(), values[own], strict=True)
    }
    assert set(got) == set(wanted)
    for key, value in wanted.items():
        assert got[key] == pytest.approx(value, rel=1e-9)


def test_flows_of_a_focus_are_those_of_its_members(world):
    members = ("DEU", "FRA")
    table = lineage.follow(world, "trade", Cell(("copper",), ("mined",), 2022, members))
    assert len(table)
    assert all({row["country"], row["partner"]} & set(members) for row in table.rows())
    assert {row["stage"] for row in table.rows()} == {"mined"}


@pytest.mark.parametrize(
    "quantity",
    [
        *("global_supply_share", "eu_supply_share", "global_trade_restriction", "recycling_input_rate"),
        *("substitution_sr", "eu_import_reliance", "price", "gdp", "ideal_point", "companion_share"),
    ],
)
def test_attributes_are_the_values_of_the_cube(world, quantity):
    cube = world.cube(quantity)
    names = [axis.name for axis in cube.axes if axis.name in ("material", "stage", "country")]
    for material in ("copper", "cobalt") if "material" in names else (None,):
        table = lineage.follow(world, quantity, Cell((material or "copper",), None, 2022))
        assert len(table), material
        for row in table.rows():
            labels = {"material": material, "stage": row["stage"], "country": row["country"], "year": "2022"}
            kept = [axis for axis in cube.axes if not (axis.name == "stage" and row["stage"] is None)]
            at = tuple(axis.at(labels[axis.name]) if axis in kept else slice(None) for axis in cube.axes)
            assert np.isclose(cube.values[at], row["entered"], rtol=1e-9).any(), row


def test_governance_names_the_year_that_it_was_carried_from():
    late = case("IND", 2024)
    table = lineage.follow(late, "governance", Cell(("copper",), None, 2024, (), ("CHL",)))
    values = late.array("governance", "dimension", "country", "year")[:, late.axis("country").at("CHL"), 0]
    got = {row["item"]: row["entered"] for row in table.rows()}
    assert got == dict(zip(late.axis("dimension").codes, values.tolist(), strict=True))
    assert {row["year"] for row in table.rows()} == {2023}


def test_a_converted_figure_shows_what_was_published():
    late, cell = case("IND", 2024), Cell(("helium",), ("mined",), 2024)
    row, *_ = lineage.follow(late, "production", cell).rows()
    assert row["unit"] == "m3"
    assert row["entered"] == pytest.approx(row["value"] * row["factor"])
    cited = citations.rows_behind(late, ("production",), cell, [row])
    (density,) = (r for r in cited.rows() if r["table"] == "gas_densities")
    assert density["value"] * 1e-3 == pytest.approx(row["factor"])
    assert density["citation"]


def test_a_content_factor_is_cited(world):
    cell = Cell(("copper",), ("mined",), 2022, ("DEU",))
    flows = list(lineage.follow(world, "trade", cell).rows())
    codes = [r for r in citations.rows_behind(world, ("trade",), cell, flows).rows() if r["table"] == "hs_codes"]
    factors = {r["key"]: r["value"] for r in codes}
    assert factors
    assert {(row["item"], row["factor"]) for row in flows} <= set(factors.items())
    assert all(r["citation"] and r["confidence"] for r in codes)


def test_what_is_no_fact_says_where_it_comes_from(world):
    for quantity in lineage.WITHOUT:
        table = lineage.follow(world, quantity, Cell(("copper",), None, 2022))
        assert len(table) == 0
        assert table.notes
