"""Disruptions as short texts: what they mean, and that the impossible is refused with three lines."""

from __future__ import annotations

import pytest

from khanij import reference
from khanij.core.errors import KhanijError
from khanij.simulate.supply.disruption import Disruption, describe, parse, several


def test_the_shortest_text():
    found = parse("CHN:gallium")
    assert found == Disruption("exports", ("gallium",), "CHN")
    assert found.lost == 1.0
    assert found.affects("gallium", "refined")
    assert not found.affects("germanium", "refined")


def test_the_longest_text():
    found = parse(" Indonesia:Nickel,copper:mined,refined>JPN,CHN,IDN=0.5@6 ")
    assert found == Disruption(
        "exports", ("nickel", "copper"), "IDN", ("mined", "refined"), ("JPN", "CHN"), cut=0.5, months=6.0
    )
    assert found.lost == 0.25
    assert not found.affects("nickel", "processed")


def test_groups_are_written_out_as_of_the_year():
    found = parse("DEU:magnesium>EU27,FRA", year=2019)
    assert set(found.destinations) == set(reference.members("EU27", 2019)) - {"DEU"}
    assert len(found.destinations) == len(set(found.destinations))
    later = parse("DEU:magnesium>EU27", year=2024)
    assert ("GBR" in reference.members("EU27", 2019)) == ("GBR" in found.destinations)
    assert "GBR" not in later.destinations


def test_a_tariff_may_exceed_one():
    assert parse("CHN:graphite=2.5", "tariff").cut == 2.5


IMPOSSIBLE = {
    "no country": ("gallium", "is no disruption"),
    "no material": ("CHN:", "is no disruption"),
    "empty material": ("CHN:gallium,:mined", "unknown material"),
    "unknown country": ("XYZ:gallium", "unknown country"),
    "a group bans": ("EU27:gallium", "no single country"),
    "unknown material": ("CHN:unobtainium", "unknown material"),
    "unknown stage": ("CHN:gallium:smelted", "unknown stage"),
    "stage of no material": ("CHN:magnesium:mined", "none of mined"),
    "ban of nobody": ("CHN:gallium>CHN", "nobody but the country itself"),
    "destination left out": ("CHN:gallium>", "is no disruption"),
    "unknown destination": ("CHN:gallium>XYZ", "unknown country or group"),
    "negative share": ("CHN:gallium=-0.5", "is -0.5"),
    "no share": ("CHN:gallium=0", "is 0"),
    "share above one": ("CHN:gallium=1.01", "is 1.01"),
    "share without number": ("CHN:gallium=", "is no disruption"),
    "share in no number": ("CHN:gallium=+-", "is no number"),
    "infinite share": ("CHN:gallium=1e999", "is inf"),
    "too many months": ("CHN:gallium@61", "is 61"),
    "negative months": ("CHN:gallium@-3", "is -3"),
    "words for months": ("CHN:gallium@six", "is no disruption"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_the_impossible_is_refused(name):
    text, what = IMPOSSIBLE[name]
    with pytest.raises(KhanijError) as refused:
        parse(text, where="--ban")
    said, where, hint = refused.value.lines()
    assert what in said
    if not what.startswith(("unknown material", "unknown country", "no single country")) or "group" in what:
        assert where == "where: --ban"
    assert len(hint) > len("hint:  -")


def test_a_tariff_below_zero_is_refused():
    with pytest.raises(KhanijError, match=r"-0\.2"):
        parse("CHN:graphite=-0.2", "tariff", "--tariff")


def test_several_at_once():
    found = several("CHN:gallium; CHN:germanium;", "CHL:copper=0.2", "USA:copper:refined=0.5", where="--")
    assert [(d.acts, d.country) for d in found] == [
        ("exports", "CHN"),
        ("exports", "CHN"),
        ("output", "CHL"),
        ("tariff", "USA"),
    ]


@pytest.mark.parametrize("text", ["", " ", ";", " ; "])
def test_nothing_at_all_is_refused(text):
    with pytest.raises(KhanijError, match="nothing is disrupted"):
        several(text, where="--")


def test_the_option_of_a_fault_is_named():
    with pytest.raises(KhanijError) as refused:
        several("CHN:gallium", "CHN:gallium=3", where="market-shock.")
    assert refused.value.where == "market-shock.outage"


def test_in_words():
    found = several("IDN:nickel:mined>JPN=0.5@6", tariff="CHN:graphite=0.5", where="--")
    assert describe(found) == (
        "IDN: exports of nickel (mined) to JPN, 50% for 6 months; "
        "CHN: tariff on exports of graphite, 50% duty for 12 months"
    )
