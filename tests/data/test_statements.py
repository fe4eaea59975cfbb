"""National statements as cubes, from the embedded store."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from khanij.data.cubes import build, statements


@pytest.fixture(scope="module")
def case():
    return build.build(["USA"], [2022, 2024], ["gallium", "germanium", "iron"])


def cell(case, quantity, **codes):
    cube = case.cube(quantity)
    return cube, tuple(axis.at(codes[axis.name]) for axis in cube.axes)


def value(case, quantity, **codes):
    cube, at = cell(case, quantity, **codes)
    return cube.values[at]


def test_every_cube_is_registered(case):
    for name in statements.BUILDERS:
        assert name in case.cubes
        assert case.cube(name).quantity == name


def test_a_figure_without_a_stage_stands_under_the_last_stage_up_to_refined(case):
    assert value(case, "reported_imports", material="gallium", stage="refined", country="USA", year="2022") == 11.4
    assert value(case, "reported_use", material="gallium", stage="refined", country="USA", year="2022") == 19.7


def test_a_form_that_is_not_given_makes_the_sum_a_least_figure(case):
    cube, at = cell(case, "reported_imports", material="germanium", stage="processed", country="USA", year="2022")
    assert cube.values[at] == 15
    assert cube.low[at] == 15
    assert np.isnan(cube.high[at])
    assert any("germanium" in note for note in cube.notes)


def test_gross_tonnes_of_a_form_do_not_enter_a_sum_of_content(case):
    assert np.isnan(value(case, "reported_imports", material="gallium", stage="component", country="USA", year="2022"))


def test_use_is_carried_for_three_years_at_most_and_says_so():
    found = build.build(["USA"], [2020, 2024, 2025], ["germanium"]).cube("reported_use")
    at = found.axis("country").at("USA")
    stage = found.axis("stage").at("refined")
    np.testing.assert_array_equal(found.values[0, stage, at], [np.nan, 30.0, np.nan])
    assert found.notes == ("reported_use of USA, germanium in 2024: as in 2021",)


def test_shares_of_suppliers_stand_in_every_year_of_their_mean(case):
    for year in ("2022", "2024"):
        cell = {"material": "gallium", "stage": "refined", "country": "CAN", "partner": "USA", "year": year}
        at, shares = case.entries("import_source_share", *cell)
        wanted = [case.axis(axis).at(code) for axis, code in cell.items()]
        assert shares[(wanted == at.T).all(axis=1)].tolist() == [0.28]
    assert "shares of suppliers are means of 2021-2024" in case.cube("import_source_share").notes


def test_shares_of_suppliers_never_exceed_one():
    cube = build.build(["USA"], [2022], None).cube("import_source_share")
    whole: dict[tuple[int, ...], float] = {}
    for (material, stage, _, partner, year), share in zip(cube.at.T.tolist(), cube.values, strict=True):
        whole[material, stage, partner, year] = whole.get((material, stage, partner, year), 0.0) + share
    assert 0.5 < max(whole.values()) < 1.02  # published to the percent


@pytest.mark.parametrize(
    ("note", "year", "expected"),
    [
        ("mean of four years, 2021–24", 2024, [2021, 2022, 2023, 2024]),
        ("mean of two years, 1999–00", 2000, [2000]),
        ("without low-value shipments", 2024, [2024]),
        (None, 2024, [2024]),
        ("2019–22", 2024, [2024]),
    ],
)
def test_the_years_of_a_mean_are_read_from_its_note(note, year, expected):
    assert statements._span(note, year) == expected


def test_a_bound_of_reliance_is_no_value(case):
    cube, at = cell(case, "reported_reliance", material="germanium", country="USA", year="2022")
    assert np.isnan(cube.values[at])
    assert cube.low[at] == 0.5
    assert value(case, "reported_reliance", material="gallium", country="USA", year="2022") == 1.0


def test_no_sum_of_the_publisher_is_counted_with_its_parts():
    selection = build.build(["USA"], [2024], ["germanium"]).cubes._selection
    frame = statements._facts(selection, "import_source_share")
    assert not frame.filter(pl.col("item").str.starts_with("total |")).height
    assert frame["stage"].null_count() == 0
