"""Cubes of relations and of series: carried years, trade of all codes, pacts, one price series a material."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from khanij import reference
from khanij.core.case import Case
from khanij.core.errors import SourceError
from khanij.data.cubes import markets, relations
from khanij.data.cubes.build import build
from khanij.data.facts import store


@pytest.fixture(scope="module")
def case() -> Case:
    try:
        store.manifest()
    except SourceError:
        pytest.skip("no store")
    return build(["IND"], [2022, 2023, 2024], ["copper", "lithium", "titanium", "iron"])


def test_a_year_after_the_last_carries_it_and_says_so(case: Case) -> None:
    for quantity in ("gdp", "ideal_point"):
        cube = case.cube(quantity)
        values = case.array(quantity, "country", "year")
        at = case.axis("country").at("IND")
        assert values[at, 2] == values[at, 1]
        assert f"{quantity} of 2024 carried from 2023" in cube.notes
        assert not np.isnan(values[at]).any()


def test_nothing_is_carried_further_than_allowed(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    last = store.collect(store.scan("unga-ideal-points").select(pl.col("year").max())).item()
    monkeypatch.setattr(relations, "CARRIED", 1)
    late = build(["IND"], [last + 1, last + 2], ["copper"])
    values = late.array("ideal_point", "country", "year")
    assert not np.isnan(values[:, 0]).all()
    assert np.isnan(values[:, 1]).all()


def test_trade_ties_do_not_depend_on_the_materials(case: Case) -> None:
    other = build(["IND"], [2022, 2023, 2024], ["tin"])
    a, b = case.cube("bilateral_trade"), other.cube("bilateral_trade")
    assert np.array_equal(a.values, b.values)
    wanted = store.scan("baci-hs92").filter(
        pl.col("quantity") == "trade_value", pl.col("year") == 2023, pl.col("country") != pl.col("partner")
    )
    assert a.at is not None
    assert a.values[a.at[2] == 1].sum() == pytest.approx(store.collect(wanted.select(pl.col("value").sum())).item())


def test_pacts_are_mutual_and_follow_membership(case: Case) -> None:
    cube = case.cube("defence_pact")
    assert cube.at is not None
    pairs = set(zip(*(row.tolist() for row in cube.at), strict=True))
    assert all((b, a, y) in pairs for a, b, y in pairs)
    codes = case.axis("country")
    finland, other = codes.at("FIN"), codes.at(reference.members("NATO", 2022)[0])
    assert (finland, other, 0) not in pairs  # joined in 2023
    assert (finland, other, 1) in pairs
    assert not any(a == codes.at("IND") for a, _, _ in pairs)


def test_one_series_of_prices_a_material(case: Case) -> None:
    for quantity in ("price_series", "price_monthly"):
        cube = case.cube(quantity)
        assert cube.origin is not None
        for row in cube.origin:
            used = {cube.sources[k].partition("@")[0] for k in row[row >= 0]}
            assert len(used) <= 1
    monthly = case.cube("price_monthly")
    at = case.axis("material").at("iron")
    known = np.nonzero(~np.isnan(monthly.values[at]))[0]
    assert monthly.axis("month").codes[known[0]] == "2006-01"  # the basis of the series changed with 2006


def test_series_reach_beyond_the_years_of_the_case(case: Case) -> None:
    series = case.cube("production_series")
    world = case.array("world_production", "material", "stage", "year")
    history = series.axis("history")
    at = history.positions(case.axis("year").codes)
    assert np.array_equal(series.values[:, :, at], world, equal_nan=True)
    assert int(history.codes[0]) == markets.FIRST
    assert (~np.isnan(series.values[:, :, : at[0]])).any()


def test_reserves_of_several_minerals_are_added(case: Case) -> None:
    cube = case.cube("world_reserves")
    at = case.axis("material").at("titanium")
    parts = store.collect(
        store.scan("usgs-mcs").filter(
            pl.col("quantity") == "reserves",
            pl.col("country") == "WLD",
            pl.col("material") == "titanium",
            pl.col("edition") == "2026",
            pl.col("basis") == "Ti",
        )
    )
    assert parts.height == 2
    assert cube.values[at] == pytest.approx(parts.select(pl.coalesce("value", "low").sum()).item())
    assert cube.high is not None
    assert np.isnan(cube.high[at])


def test_a_companion_share_without_a_stage_stands_for_every_stage(case: Case) -> None:
    values = case.array("companion_share", "material", "stage")
    at = case.axis("material").at("titanium")
    assert len(set(values[at])) == 1
    assert not np.isnan(values[at]).any()
