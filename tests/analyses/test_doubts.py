"""Flows that are likely no trade in what their code names, by hand and on the two that a referee found."""

from __future__ import annotations

import pytest

from khanij.analyses.question import ask, request
from khanij.analyses.records import doubts
from khanij.data.facts import store

HELD = "baci-hs92" in store.manifest()["sources"]


def flow(exporter, value, mass, hs="1", year=2024):
    return {
        "exporter": exporter,
        "importer": "IND",
        "hs": hs,
        "year": year,
        "value": value,
        "mass": mass,
        "material": "",
    }


def test_a_flow_far_below_the_price_of_the_median_dollar_is_doubted():
    rows = [flow("CHL", 200.0, 10.0), flow("USA", 90.0, 5.0), flow("LTU", 20.0, 10.0), flow("DEU", 9.0, 1.0)]
    assert [one[0] for one in doubts.cheap(rows)] == ["LTU"]  # 2 where half of the dollars stand at 20
    assert doubts.cheap(rows[:1] + rows[2:3]) == {}  # two partners make no price
    assert doubts.cheap([*rows[:2], flow("LTU", 20.0, None)]) == {}  # no tonnes, no price


def test_the_seller_of_most_sets_the_price_however_cheap():
    rows = [flow("CHN", 900.0, 900.0), flow("DEU", 50.0, 1.0), flow("JPN", 50.0, 1.0)]
    assert doubts.cheap(rows) == {}


@pytest.mark.skipif(not HELD, reason="the store lacks the flows")
def test_molybdenite_of_lithuania_and_platinum_of_the_emirates_are_marked():
    told = ask(request("trade", focus="IND", hs="261390", year=2024))
    marked = {row["partner"]: row["doubt"] for row in told.table("flows").rows()}
    assert marked["LTU"]  # 539 t at 1,979 USD/t where Chile's stand at 19,732
    assert not marked["CHL"]
    told = ask(request("trade", focus="IND", hs="711011", year=2024))
    marked = {row["partner"]: row["doubt"] for row in told.table("flows").rows()}
    assert "no known maker" in marked["ARE"]
    assert not marked["ZAF"]
    assert any("doubtful" in said for said in told.findings)


@pytest.mark.skipif(not HELD, reason="the store lacks the flows")
def test_reserves_of_the_world_are_the_publishers_total():
    """980 Mt of copper, and Congo holds half of all cobalt (USGS 2026): more than the listed countries add up to."""
    held = {row["material"]: row for row in ask(request("profile", focus="IND")).table("reserves").rows()}
    assert held["copper"]["world_reserves"].value == pytest.approx(980e6)
    assert held["cobalt"]["first_holder"].value == pytest.approx(0.5, abs=0.005)
