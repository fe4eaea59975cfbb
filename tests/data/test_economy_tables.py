"""The family of input-output cubes holds every table as that table is; which serves whom is a row."""

import numpy as np
import pytest

from khanij.core.errors import CoverageError
from khanij.data.cubes import build, economy
from khanij.reference.industry import economies


@pytest.fixture(scope="module")
def case():
    return build.build(["IND"], [2022], ["copper"])


@pytest.mark.parametrize("table", economies.tables())
def test_the_family_holds_each_table(case, table):
    whole, alone = case.cube("economy_flow"), economy.table_flow(table, "economy_flow")
    at, values = whole.entries(*whole.axes)
    own = at[0] == whole.axes[0].at(table)
    assert values[own].sum() == pytest.approx(alone.values.sum(), rel=1e-12)
    assert own.sum() == np.count_nonzero(alone.values)
    region, industry = alone.axis("region"), alone.axis("industry")
    picked = own & (at[1] == whole.axis("region").at(region.codes[-1]))
    dense = np.zeros((2, len(industry), len(industry)))
    back = {whole.axis("industry").at(code): k for k, code in enumerate(industry.codes)}
    rows, columns = ([back[int(k)] for k in at[axis, picked]] for axis in (3, 4))
    dense[at[2, picked], rows, columns] = values[picked]
    np.testing.assert_array_equal(dense, alone.values[0, -1])
    for part, quantity in economy.VECTORS.items():
        cube, one = case.cube(f"economy_{part}"), economy.table_vector(table, quantity, f"economy_{part}")
        here = cube.values[cube.axis("table").at(table)]
        places = np.ix_(cube.axis("region").positions(region.codes), cube.axis("industry").positions(industry.codes))
        np.testing.assert_array_equal(here[places], one.values)
        assert np.isnan(here).sum() == here.size - one.values.size
    years = case.cube("economy_year")
    assert years.values[years.axis("table").at(table)] == float(alone.axis("table").codes[0])


def test_a_table_serves_whom_its_row_says():
    own = next(row for row in economies.tables().values() if row.whole)
    assert economies.serving(own.countries)[0] == own
    assert own not in economies.serving((*own.countries, "IND"))
    assert [row.whole for row in economies.serving(("IND",))] == [False]
    with pytest.raises(CoverageError, match="no input-output table"):
        economies.table("nowhere")


@pytest.mark.parametrize("table", economies.tables())
def test_the_mapping_names_industries_of_its_table(table):
    known = economies.industries(table)
    for division, parts in economies.divisions(table).items():
        assert {row.industry for row in parts} <= set(known), division
