import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.axis import Axis
from khanij.core.cube import Cube
from khanij.core.errors import AlignmentError

COUNTRY = Axis("country", ("AUS", "CHL", "COD"))
YEAR = Axis("year", ("2022", "2023"))
VALUES = np.arange(6.0).reshape(3, 2)


def dense(**more):
    return Cube("production", "t", (COUNTRY, YEAR), VALUES.copy(), **more)


def sparse():
    axes = (Axis("exporter", COUNTRY.codes), Axis("importer", COUNTRY.codes))
    return Cube("trade", "t", axes, np.array([5.0, 7.0]), np.array([[0, 2], [1, 0]]))


def test_arrays_cannot_be_changed():
    cube = dense(low=VALUES - 1)
    for array in (cube.values, cube.low, cube.on(COUNTRY, YEAR), sparse().at):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        cube.unit = "kt"


@pytest.mark.parametrize("name", ["values", "low", "high", "origin"])
def test_shapes_must_fit_the_axes(name):
    arrays = {"values": VALUES, name: VALUES[:2]}
    with pytest.raises(AlignmentError, match=f"{name} has shape"):
        Cube("production", "t", (COUNTRY, YEAR), **arrays)


def test_an_axis_stands_once():
    with pytest.raises(AlignmentError, match="named twice"):
        Cube("trade", "t", (COUNTRY, COUNTRY), np.zeros((3, 3)))


def test_an_entry_outside_its_axis_is_refused():
    with pytest.raises(AlignmentError, match="outside its axis"):
        Cube("trade", "t", (COUNTRY,), np.array([1.0]), np.array([[3]]))


def test_reading_transposes_and_reorders_by_label():
    turned = Axis("country", ("COD", "AUS", "CHL"))
    read = dense().on(YEAR, turned)
    assert read.tolist() == VALUES[[2, 0, 1]].T.tolist()


@given(st.permutations(COUNTRY.codes), st.permutations(YEAR.codes))
def test_order_of_labels_never_moves_a_number(countries, years):
    read = dense().on(Axis("country", tuple(countries)), Axis("year", tuple(years)))
    for i, country in enumerate(countries):
        for j, year in enumerate(years):
            assert read[i, j] == VALUES[COUNTRY.at(country), YEAR.at(year)]


def test_a_lacking_code_needs_fill_and_a_lost_one_needs_drop():
    wider = Axis("country", (*COUNTRY.codes, "IDN"))
    with pytest.raises(AlignmentError, match="has no IDN") as caught:
        dense().on(wider, YEAR)
    assert "fill=" in caught.value.hint
    assert np.isnan(dense().on(wider, YEAR, fill=np.nan)[3]).all()
    fewer = Axis("country", ("AUS",))
    with pytest.raises(AlignmentError, match="CHL, COD would be lost") as caught:
        dense().on(fewer, YEAR)
    assert "drop=True" in caught.value.hint
    assert dense().on(fewer, YEAR, drop=True).tolist() == [[0.0, 1.0]]


def test_fill_and_drop_on_the_same_axis():
    other = Axis("country", ("IDN", "CHL"))
    assert dense().on(other, YEAR, fill=0.0, drop=True).tolist() == [[0.0, 0.0], [2.0, 3.0]]


def test_other_axes_are_refused():
    with pytest.raises(AlignmentError, match="asked for axes"):
        dense().on(COUNTRY)
    with pytest.raises(AlignmentError, match="no axis 'draw'"):
        dense().axis("draw")
    with pytest.raises(AlignmentError, match="is sparse"):
        sparse().on(*sparse().axes)


def test_sparse_entries_are_matched_by_label():
    importer, exporter = Axis("importer", ("CHL", "AUS", "COD")), Axis("exporter", COUNTRY.codes)
    at, values = sparse().entries(importer, exporter)
    found = {(importer.codes[i], exporter.codes[e]): v for (i, e), v in zip(at.T, values, strict=True)}
    assert found == {("CHL", "AUS"): 5.0, ("AUS", "COD"): 7.0}


def test_an_entry_is_lost_only_when_told():
    exporter, importer = Axis("exporter", ("AUS",)), Axis("importer", COUNTRY.codes)
    with pytest.raises(AlignmentError, match="1 entries of trade lie outside"):
        sparse().entries(exporter, importer)
    at, values = sparse().entries(exporter, importer, drop=True)
    assert at.tolist() == [[0], [1]]
    assert values.tolist() == [5.0]


def test_a_dense_cube_lists_what_is_known():
    values = VALUES.copy()
    values[1, 1] = np.nan
    at, listed = Cube("production", "t", (COUNTRY, YEAR), values).entries(COUNTRY, YEAR)
    assert listed.tolist() == [0.0, 1.0, 2.0, 4.0, 5.0]
    assert [1, 1] not in at.T.tolist()


def test_leading_dense_axes_stay_in_front():
    draw = Axis("draw", ("0", "1"))
    cube = Cube("production", "t", (draw, COUNTRY), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0, 2]]))
    at, values = cube.entries(Axis("country", ("COD", "CHL", "AUS")))
    assert at.tolist() == [[2, 0]]
    assert values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_cube_carries_and_never_calculates():
    forbidden = ("__add__", "__mul__", "__sub__", "__truediv__", "__array__", "sum", "mean")
    assert not [name for name in forbidden if hasattr(Cube, name)]


@given(st.permutations(["2022", "2023"]), st.integers(1, 2), st.permutations(["AUS", "CHL", "COD"]), st.integers(1, 3))
def test_a_narrowed_cube_holds_what_the_labels_say(years, some, countries, few):
    span, kept = years[:some], countries[:few]
    cube = dense(low=VALUES - 1).narrowed("year", span).narrowed("country", kept)
    for c, country in enumerate(kept):
        for y, year in enumerate(span):
            there = VALUES[COUNTRY.at(country), YEAR.at(year)]
            assert (cube.values[c, y], cube.low[c, y]) == (there, there - 1)
    flows = sparse().narrowed("exporter", kept)
    held = {
        (kept[e], COUNTRY.codes[i]): v for e, i, v in zip(flows.at[0], flows.at[1], flows.values.tolist(), strict=True)
    }
    whole = {("AUS", "CHL"): 5.0, ("COD", "AUS"): 7.0}
    assert held == {pair: v for pair, v in whole.items() if pair[0] in kept}


def test_a_cube_is_not_narrowed_to_what_it_lacks():
    with pytest.raises(AlignmentError, match="not on the axis"):
        dense().narrowed("year", ["1999"])
    with pytest.raises(AlignmentError, match="no axis"):
        dense().narrowed("month", ["1"])
