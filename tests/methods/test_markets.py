"""Growth, volatility, depletion time and by-products: windows, changes of publisher, and what is said of gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.registry import run
from khanij.methods import markets

YEARS = [str(year) for year in range(2015, 2025)]
DOUBLING = 100.0 * 2.0 ** np.arange(10)


def series(quantity: str, unit: str, values: Any, axes: Sequence[Axis], **more: Any) -> Cube:
    return Cube(quantity, unit, tuple(axes), np.asarray(values, dtype=float), **more)


def world(values: Any, years: Sequence[str], **more: Any) -> Case:
    """Return a Case of one material and stage with a series of world output from 2015 on, asked for `years`."""
    axes = {
        "material": Axis("material", ("copper",)),
        "stage": Axis("stage", ("mined",)),
        "country": Axis("country", ("AAA",)),
        "year": Axis("year", tuple(years)),
    }
    own = [axes["material"], axes["stage"]]
    made = series("production_series", "t", [[values]], [*own, Axis("history", tuple(YEARS))], **more)
    nothing = np.full((1, 1, 1, len(years)), np.nan)
    return Case(axes, {"production": series("production", "t", nothing, list(axes.values())), made.quantity: made})


def prices(**cubes: Cube) -> Case:
    axes = {"material": Axis("material", ("copper",)), "year": Axis("year", ("2024",))}
    return Case(axes, cubes)


def test_growth_does_not_depend_on_the_years_that_are_asked() -> None:
    alone = run("production-growth", world(DOUBLING, ["2024"])).value.values[0, 0, 0]
    among = run("production-growth", world(DOUBLING, YEARS)).value.values[0, 0]
    assert alone == pytest.approx(np.log(2))
    assert among[-1] == pytest.approx(alone)
    assert np.isnan(among[:2]).all()  # fewer than three years before them
    assert among[2] == pytest.approx(np.log(2))


def test_a_change_of_publisher_is_no_growth() -> None:
    jump = np.where(np.arange(10) < 7, 100.0, 900.0)
    origin = np.array([[[0] * 7 + [1, 1, 2]]], dtype=np.int16)
    sources = ("old@1", "new@1", "new@2")
    result = run("production-growth", world(jump, ["2022", "2023", "2024"], sources=sources, origin=origin))
    assert np.isnan(result.value.values[0, 0, :2]).all()
    assert result.value.values[0, 0, 2] == pytest.approx(0.0)  # three years of the new one, two editions alike
    assert result.remarks[markets.TOO_SHORT][0, 0].tolist() == [True, True, False]
    assert result.details[markets.SHORT][0, 0, 2] == 3


def test_growth_without_a_series_comes_from_the_years_of_the_case(make, at) -> None:
    axes = {"material": ["copper"], "stage": ["mined"], "country": ["AAA", "BBB"], "year": ["2021", "2022", "2023"]}
    rows = [["copper", "mined", c, y, 50.0 * 3**k] for c in ("AAA", "BBB") for k, y in enumerate(axes["year"])]
    result = run("production-growth", make(axes, production=rows))
    assert at(result, "growth", "copper", "mined", "2023") == pytest.approx(np.log(3))


def test_monthly_prices_go_before_yearly_ones_and_are_scaled_to_a_year() -> None:
    months = Axis("month", tuple(f"{y}-{m:02d}" for y in range(2020, 2025) for m in range(1, 13)))
    wave = 100.0 * np.exp(0.05 * (np.arange(60) % 2))
    axis = Axis("material", ("copper",))
    monthly = series("price_monthly", "USD/t", [wave], [axis, months])
    span = Axis("history", tuple(YEARS[4:]))
    yearly = series("price_series", "USD/t", [[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]], [axis, span])
    changes = np.diff(np.log(wave))
    found = run("price-volatility", prices(price_monthly=monthly, price_series=yearly))
    assert found.value.values[0, 0] == pytest.approx(np.std(changes, ddof=1) * np.sqrt(12))
    assert not found.remarks[markets.ANNUAL].any()
    alone = run("price-volatility", prices(price_series=yearly))
    assert alone.value.values[0, 0] == pytest.approx(np.sqrt(1.2) * np.log(2))
    assert alone.remarks[markets.ANNUAL].all()


def test_no_price_is_said_and_gives_no_value() -> None:
    empty = Cube("price", "USD/t", (Axis("material", ("copper",)), Axis("year", ("2024",))), np.full((1, 1), np.nan))
    result = run("price-volatility", prices(price=empty))
    assert np.isnan(result.value.values).all()
    assert result.remarks[markets.NO_PRICE].all()


def test_a_bound_on_reserves_is_the_low_end(make) -> None:
    axes = {"material": ["copper", "cobalt", "tin"], "stage": ["mined"], "year": ["2023"]}
    rows = [[m, "mined", "2023", 10.0] for m in axes["material"]]
    base = make(axes, world_production=rows)
    reserves = Cube(
        "world_reserves",
        "t",
        (base.axis("material"),),
        np.array([100.0, 200.0, np.nan]),
        low=np.array([100.0, 200.0, np.nan]),
        high=np.array([100.0, np.nan, np.nan]),
    )
    result = run("depletion-time", base.with_cubes("reserves", world_reserves=reserves))
    assert result.value.values[:2, 0] == pytest.approx([10.0, 20.0])
    assert result.value.low is not None
    assert result.value.high is not None
    assert result.value.low[1, 0] == 20.0
    assert np.isnan(result.value.high[1, 0])
    assert result.remarks[markets.LOWER][:, 0].tolist() == [False, True, False]
    assert result.remarks[markets.NO_RESERVES][:, 0].tolist() == [False, False, True]
