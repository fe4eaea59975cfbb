import numpy as np
import pytest

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import CoverageError

COUNTRY = Axis("country", ("AUS", "CHL"))
PRODUCTION = Cube("production", "t", (COUNTRY,), np.array([1.0, 2.0]))


def case():
    return Case({"country": COUNTRY}, {"production": PRODUCTION}, manifest="abc", notes=("made by hand",))


def test_a_case_cannot_be_changed():
    made = case()
    with pytest.raises(TypeError):
        made.cubes["trade"] = PRODUCTION
    with pytest.raises(TypeError):
        made.axes["year"] = COUNTRY
    with pytest.raises(AttributeError):
        made.manifest = ""


def test_a_case_does_not_see_later_changes_of_what_it_was_made_from():
    cubes = {"production": PRODUCTION}
    made = Case({"country": COUNTRY}, cubes)
    cubes.clear()
    assert "production" in made.cubes


def test_what_is_absent_is_named_with_what_is_there():
    with pytest.raises(CoverageError, match="no axis 'year'") as caught:
        case().axis("year")
    assert "country" in caught.value.hint
    with pytest.raises(CoverageError, match="no 'trade'") as caught:
        case().cube("trade")
    assert "production" in caught.value.hint


def test_arrays_are_read_on_the_axes_of_the_case():
    wide = Axis("country", ("CHL", "AUS", "COD"))
    made = Case({"country": wide}, {"production": PRODUCTION})
    assert made.array("production", "country", fill=0.0).tolist() == [2.0, 1.0, 0.0]


def test_entries_may_name_the_cubes_own_axis():
    axes = (Axis("exporter", COUNTRY.codes), Axis("importer", COUNTRY.codes))
    trade = Cube("trade", "t", axes, np.array([5.0]), np.array([[0], [1]]))
    turned = Axis("country", ("CHL", "AUS"))
    at, values = Case({"country": turned}, {"trade": trade}).entries("trade", "country:exporter", "country:importer")
    assert at.tolist() == [[1], [0]]
    assert values.tolist() == [5.0]


def test_a_lever_makes_a_new_case_and_leaves_the_old_one():
    old = case()
    more = Cube("production", "t", (COUNTRY,), np.array([1.0, 9.0]))
    new = old.with_cubes("a mine opens", production=more)
    assert new.array("production", "country").tolist() == [1.0, 9.0]
    assert old.array("production", "country").tolist() == [1.0, 2.0]
    assert new.notes == ("made by hand", "a mine opens")
    assert new.manifest == "", "a changed Case no longer is what the manifest describes"
