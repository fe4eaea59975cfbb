"""Units and values are checked once, where a Case is built: converted or refused, never clipped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij.core.axis import Axis
from khanij.core.case import Case, from_arrays
from khanij.core.cube import Cube
from khanij.core.errors import UnitError
from khanij.core.quantities import conform, ranges
from khanij.data.cubes import build

COUNTRY = Axis("country", ("CHL", "CHN", "COD"))


def cube(quantity: str, unit: str, values, **more) -> Cube:
    return Cube(quantity, unit, (COUNTRY,), np.array(values, dtype=float), sources=("user",), **more)


def test_kilograms_become_tonnes_once_and_it_is_said() -> None:
    given = cube("trade", "kg", [30_000.0, np.nan, 0.0], low=np.array([29_000.0, 1.0, 0.0]))
    case = Case({"country": COUNTRY}, {"trade": given})
    kept = case.cube("trade")
    assert kept.unit == "t"
    assert kept.values[0] == pytest.approx(30.0)
    assert kept.low[:2] == pytest.approx([29.0, 0.001])
    assert np.isnan(kept.values[1])
    assert any("kg converted to t" in note for note in kept.notes)
    again = case.with_cubes("the same", trade=kept)
    assert again.cube("trade") is kept
    assert case.with_cubes("anew", trade=given).cube("trade").values[0] == pytest.approx(30.0)


@pytest.mark.parametrize("unit", ["USD", "banana", "m3", "kg/t", ""])
def test_a_unit_of_something_else_is_refused(unit) -> None:
    with pytest.raises(UnitError) as refused:
        Case({"country": COUNTRY}, {"trade": cube("trade", unit, [1, 2, 3])})
    assert "trade" in refused.value.what
    assert all(len(line) > len("hint:  -") for line in refused.value.lines())


@pytest.mark.parametrize(
    ("quantity", "unit", "values"),
    [
        ("production", "t", [-1.0, 20, 80]),
        ("production", "t", [np.inf, 20, 80]),
        ("production", "t", [1e308, 20, 80]),
        ("trade", "t", [-np.inf, 20, 80]),
        ("governance", "score", [61, 38, 12]),
        ("governance", "score", [0.5, -9.9, 0.1]),
        ("membership", "1", [0, 1, 2]),
        ("gdp", "USD", [1e12, -1, 1]),
        ("recycling_input_rate", "%", [60, 120, 3]),
        ("price", "USD/t", [-5, 1, 1]),
    ],
)
def test_what_a_quantity_cannot_be_is_refused_and_never_clipped(quantity, unit, values) -> None:
    good = np.abs(np.nan_to_num(np.array(values, dtype=float), posinf=0.0, neginf=0.0)) * 0.0
    conform(quantity, cube(quantity, unit, good))
    for place in ({"values": values}, {"values": good, "low": np.array(values, dtype=float)}):
        with pytest.raises(UnitError, match=f"{quantity} holds"):
            conform(quantity, cube(quantity, unit, place["values"], **{k: v for k, v in place.items() if k == "low"}))


def test_per_cent_become_shares() -> None:
    assert conform("recycling_input_rate", cube("recycling_input_rate", "%", [60, 0, 3])).values[0] == 0.6


def test_percentile_ranks_are_told_since_they_cannot_be_told_apart_for_sure() -> None:
    def notes(values):
        return conform("governance", cube("governance", "score", values)).notes

    assert any("percentile" in note for note in notes([0.61, 0.38, 0.12]))
    assert not any("percentile" in note for note in notes([0.61, -0.38, 0.12]))


@given(st.sampled_from(["t", "kg", "kt", "lb"]), st.lists(st.floats(0, 1e9), min_size=3, max_size=3))
def test_the_amount_does_not_depend_on_the_unit_in_which_it_is_stated(unit, values) -> None:
    from khanij.core.units import convert

    stated = [convert(value, "t", unit) for value in values]
    assert conform("trade", cube("trade", unit, stated)).values == pytest.approx(values, rel=1e-12)


def test_an_unknown_quantity_may_have_any_unit_but_no_infinite_value() -> None:
    assert conform("happiness", cube("happiness", "banana", [1, -2, 3])).unit == "banana"
    with pytest.raises(UnitError):
        conform("happiness", cube("happiness", "banana", [1, np.inf, 3]))


def test_a_case_of_arrays_is_checked_too() -> None:
    with pytest.raises(UnitError, match="holds -3"):
        from_arrays({"country": COUNTRY.codes}, production=("t", ("country",), [1, -3, 2]))


def test_every_cube_that_is_declared_is_built_by_somebody() -> None:
    assert set(ranges()) <= set(build.BUILDERS)
    assert all(declared.low < declared.high for declared in ranges().values())
