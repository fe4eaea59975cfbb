"""Exports by trade code over all years on record, from the embedded store."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.data.cubes import build
from khanij.data.cubes.trade import exports


@pytest.fixture(scope="module")
def case():
    return build.build(["all"], [2020], ["nickel", "gallium"])


def test_every_cube_is_registered_and_reaches_over_all_years(case):
    years = tuple(map(str, range(1995, 2025)))
    for name in exports.BUILDERS:
        cube = case.cube(name)
        assert [axis.codes for axis in cube.axes if axis.name == "history"] in ([], [years])


def test_the_three_measures_list_the_same_flows(case):
    first = case.cube("code_trade")
    for name in ("code_trade_recorded", "code_trade_value"):
        np.testing.assert_array_equal(case.cube(name).at, first.at)


def test_no_country_trades_with_itself(case):
    at = case.cube("code_trade").at
    assert (at[1] != at[2]).all()


def test_a_usable_tonnage_stays_and_an_unusable_one_follows_value(case):
    repaired, recorded, value = (case.cube(f"code_trade{end}").values for end in ("", "_recorded", "_value"))
    at = case.cube("code_trade").at
    same = repaired == recorded
    assert same.mean() > 0.9
    other = ~same & ~np.isnan(repaired)
    group = at[0] * 100 + at[3]
    # of one code and year, all replaced tonnages have one value per tonne: the median
    for cell in np.unique(group[other])[:50]:
        unit = value[other & (group == cell)] / repaired[other & (group == cell)]
        np.testing.assert_allclose(unit, unit[0], rtol=1e-9)


def test_a_code_without_any_tonnage_in_a_year_has_none(case):
    repaired, recorded = case.cube("code_trade").values, case.cube("code_trade_recorded").values
    at = case.cube("code_trade").at
    group = at[0] * 100 + at[3]
    none = np.setdiff1d(np.unique(group), np.unique(group[recorded > 0]))
    assert np.isnan(repaired[np.isin(group, none)]).all()
    assert not np.isnan(repaired[~np.isin(group, none)]).any()


def test_territories_end_where_the_code_table_says(case):
    cube = case.cube("territory_break")
    ended = {(cube.axes[0].codes[c], cube.axes[1].codes[y]) for c, y in zip(*np.nonzero(cube.values), strict=True)}
    assert {("ZA1", "1999"), ("BEL", "1998"), ("SDN", "2011"), ("SCG", "2005"), ("ANT", "2010")} <= ended
    assert len(ended) < 10


def test_a_code_knows_what_it_holds_on_the_axes_of_the_case(case):
    cube = case.cube("code_material")
    assert cube.axes[1].codes == ("nickel", "gallium")
    code, material, stage = cube.at
    held = {
        (cube.axes[0].codes[k], cube.axes[1].codes[m], cube.axes[2].codes[s])
        for k, m, s in zip(code, material, stage, strict=True)
    }
    assert ("HS92:260400", "nickel", "mined") in held
    assert set(cube.values) <= {0.0, 1.0}
