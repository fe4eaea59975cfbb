"""Breaks are read from what the builders chose."""

import polars as pl

from khanij.analyses.inputs.cases import case
from khanij.data.lookup import breaks


def test_a_change_of_what_stands_behind_a_series():
    rows = [
        ("copper", "mined", 2020, "A"),
        ("copper", "mined", 2021, "A"),
        ("copper", "mined", 2022, "B"),
        ("copper", "mined", 2022, "C"),
        ("copper", "mined", 2024, "C"),
    ]
    frame = pl.DataFrame(rows, schema=["material", "stage", "year", "what"], orient="row")
    found = breaks._changes("output", frame, [2019, 2020, 2021, 2022, 2023, 2024])
    assert [(b.year, b.words) for b in found] == [
        (2020, "output: no data before 2020, then A"),
        (2022, "output: A until 2021, B, C from 2022"),
        (2023, "output: no data from 2023, until 2022 B, C"),
        (2024, "output: no data before 2024, then C"),
    ]


def test_the_facts_of_the_store_break_where_their_source_does():
    years = range(2016, 2025)
    asked = case("EU", years, ["copper", "rare-earths"])
    found = breaks.breaks(asked, ["production", "trade", "governance", "membership", "price"], years)
    kinds = {b.quantity for b in found}
    assert {"output", "governance", "membership", "trade_mass"} <= kinds
    assert any(b.year == 2018 and b.material == "copper" and "world-mining-data" in b.words for b in found)
    assert any(b.year == 2020 and b.words == "members of EU: GBR left" for b in found)
    assert [b.words for b in found if b.quantity == "governance"] == ["governance: carried from 2023"]
    newer = [b for b in found if b.quantity == "trade_mass" and b.stage == "refined" and b.material == "copper"]
    assert [b.year for b in newer] == [2024]
    assert "HS17:" in newer[0].words


def test_no_break_where_nothing_changes():
    years = range(2010, 2015)
    asked = case("IND", years, "copper")
    assert breaks.breaks(asked, ["trade"], years) == ()


def test_records_of_a_union_of_countries_break_where_it_ends():
    asked = case("BEL", range(1996, 2001), ["copper"])
    found = [b for b in breaks.breaks(asked, ["trade"], range(1996, 2001)) if b.quantity == "trade"]
    told = "trade: until 1998 the records of BEL are those of Belgium and Luxembourg together"
    assert [(b.year, b.words) for b in found] == [(1999, told)]
    assert not [
        b
        for b in breaks.breaks(case("IND", [1998, 1999], ["copper"]), ["trade"], [1998, 1999])
        if "until" in b.words and b.quantity == "trade"
    ]
