import numpy as np
import pytest

from khanij.core import registry
from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.errors import AlignmentError, CoverageError, StudyError
from khanij.core.registry import MethodOutput, Variable, method

COUNTRY = Axis("country", ("AUS", "CHL"))
SHARE = Variable("share", "1", ("country",), bounds=(0.0, 1.0))


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    monkeypatch.setattr(registry, "METHODS", {})


def case(**cubes):
    made = {name: Cube(name, "t", (COUNTRY,), np.array(v), sources=(f"{name}@1",)) for name, v in cubes.items()}
    return Case({"country": COUNTRY}, made, manifest="abc", notes=("of the case",))


def register(function, **more):
    settings = {"kind": "indicator", "needs": ("production",), "variables": (SHARE,), "reference": "by hand"} | more
    return method("share", **settings)(function)


def share(case, power=1, seed=3):
    """Return each country's share."""
    production = case.array("production", "country") ** power
    return production / production.sum()


def test_a_result_is_labelled_and_traced():
    register(share, choices={"power": (1, 2)})
    result = registry.run("share", case(production=[1.0, 3.0], trade=[1.0, 1.0]), power=2)
    assert result.value.values.tolist() == [0.1, 0.9]
    assert result.value.axes == (COUNTRY,)
    trace = result.trace
    assert (trace.method, trace.reference, trace.manifest, trace.seed) == ("share", "by hand", "abc", 3)
    assert trace.parameters == {"power": 2, "seed": 3}
    assert trace.sources == ("production@1",), "a cube that is not read is no source"
    assert trace.coverage == {"share": (2, 2)}
    assert "of the case" in trace.notes
    assert list(result.used) == ["production"]


def test_optional_quantities_count_as_used_where_they_are():
    register(share, optional=("trade",))
    assert registry.run("share", case(production=[1.0, 3.0])).trace.sources == ("production@1",)
    both = registry.run("share", case(production=[1.0, 3.0], trade=[1.0, 1.0]))
    assert both.trace.sources == ("production@1", "trade@1")


def test_what_is_wrong_is_said_with_the_remedy():
    register(share, choices={"power": (1, 2)})
    made = case(production=[1.0, 3.0])
    with pytest.raises(StudyError, match="unknown method 'shares'") as caught:
        registry.run("shares", made)
    assert "share" in caught.value.hint
    with pytest.raises(StudyError, match="no parameter 'powr'") as caught:
        registry.run("share", made, powr=2)
    assert "power" in caught.value.hint
    with pytest.raises(StudyError, match="3 is no choice for 'power'") as caught:
        registry.run("share", made, power=3)
    assert caught.value.where == "share.power"
    with pytest.raises(CoverageError, match="needs production"):
        registry.run("share", case(trade=[1.0, 1.0]))


def test_a_value_outside_its_bounds_is_never_given_out():
    register(lambda case: np.array([0.5, 1.5]))
    with pytest.raises(AlignmentError, match="outside"):
        registry.run("share", case(production=[1.0, 3.0]))


def test_a_missing_value_stays_missing():
    register(lambda case: np.array([0.5, np.nan]))
    result = registry.run("share", case(production=[1.0, 3.0]))
    assert np.isnan(result.value.values[1])
    assert result.trace.coverage == {"share": (1, 2)}


def test_a_cube_as_output_must_stand_on_the_declared_axes():
    year = Axis("year", ("2024",))
    register(lambda case: MethodOutput({"share": Cube("x", "x", (year,), np.array([0.5]))}))
    with pytest.raises(AlignmentError, match="has axes"):
        registry.run("share", case(production=[1.0, 3.0]))


def test_a_cube_as_output_takes_the_declared_name_unit_and_sources():
    register(lambda case: MethodOutput({"share": Cube("x", "x", (COUNTRY,), np.array([0.5]), np.array([[1]]))}))
    value = registry.run("share", case(production=[1.0, 3.0])).value
    assert (value.quantity, value.unit, value.sources) == ("share", "1", ("production@1",))


@pytest.mark.parametrize("wrong", [{"kind": "opinion"}, {"variables": ()}])
def test_a_method_must_be_declared_well(wrong):
    with pytest.raises(StudyError):
        register(share, **wrong)


def test_an_id_is_taken_once():
    register(share)
    with pytest.raises(StudyError, match="registered twice"):
        register(share)


def test_title_and_parameters_come_from_the_function():
    register(share)
    found = registry.find("share")
    assert found.title == "Return each country's share."
    assert found.parameters == {"power": 1, "seed": 3}


def test_a_method_says_itself_where_it_is_taken_unasked(monkeypatch):
    monkeypatch.setattr(registry, "UNCERTAIN", {})
    high = registry.Threshold({"share": 0.5}, "by hand")
    register(share, threshold=high, defaults=registry.Defaults(assess=2, compare=1, settings={"x": 1}))
    method(
        "first", kind="indicator", needs=(), variables=(SHARE,), reference="r", defaults=registry.Defaults(assess=1)
    )(share)
    assert registry.default("assess") == ("first", "share")
    assert registry.default("compare") == ("share",)
    assert registry.find("share").threshold is high
    assert registry.find("share").uncertain is None
    registry.uncertain("share")(lambda view: "model")
    assert registry.find("share").uncertain("view") == "model"
    registry.uncertain("first", "second")(lambda id, view: (id, view))
    assert registry.find("first").uncertain("view") == ("first", "view")
    with pytest.raises(StudyError, match="two uncertain forms"):
        registry.uncertain("share")(lambda view: None)


def test_a_threshold_is_of_a_variable_of_its_method():
    with pytest.raises(StudyError, match="a threshold of risk"):
        register(share, threshold=registry.Threshold({"risk": 1.0}, "by hand"))
    assert "share" not in registry.METHODS
