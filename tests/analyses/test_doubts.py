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


@pytest.mark.skipif(not HELD, reason="the store lacks the flows")
def test_where_publishers_part_by_far_both_are_shown():
    """Bismuth: 7,350 t by one and 16,300 by USGS; of rhenium Chile makes 70 % by one and 36 % by USGS; 2024."""
    made = {(row["material"], row["stage"]): row for row in ask(request("profile", focus="IND")).table("world").rows()}
    bismuth, rhenium = made["bismuth", "refined"], made["rhenium", "processed"]
    assert (bismuth["world_output"].value, bismuth["other_output"].value) == pytest.approx((7_349, 16_300), rel=1e-3)
    assert (rhenium["first_producer"].value, rhenium["other_producer"].value) == pytest.approx((0.70, 0.363), abs=0.01)
    assert made["copper", "mined"]["other_output"] is None
    # celestite: 400,000 t gross of the United States' survey, 44 % of it strontium
    assert 100_000 < made["strontium", "mined"]["world_output"].value < 220_000


@pytest.mark.skipif(not HELD, reason="the store lacks the flows")
def test_japan_is_the_second_maker_of_magnets_and_no_country_buys_over_99_per_cent_from_china():
    """About 94 % of sintered NdFeB is Chinese (IEA); Japan makes most of the rest and a good part of its own."""
    answer = ask(request("chain", focus="JPN", material="rare-earths"))
    rows = [row for row in answer.table("makers").rows() if "magnets" in row["form"]]
    made = {row["country"]: row["share"] for row in rows}
    assert made["China"] == pytest.approx(0.94, abs=0.03)
    assert max((share, name) for name, share in made.items() if name != "China")[1] == "Japan"
    (stage,) = (row for row in answer.table("stages").rows() if row["stage"] == "component")
    used = stage["own_used"]  # a number with its range since the flows are drawn
    assert used.low <= used.value <= used.high
    assert stage["own_made"] / used.value > 0.2
