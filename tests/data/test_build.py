"""Facts to a Case, on a small hand-made store: what is filled, bounded, left out or unknown, and said so."""

import math

import numpy as np
import pytest

from khanij.core.errors import CoverageError
from khanij.data.cubes import build
from khanij.data.cubes.trade import flows as trade

WMD, MCS, INDIA = ("world-mining-data", "2018-2024"), ("usgs-mcs", "2026"), ("india-facts", "2026-11")
HS92, HS17, SERIES = ("baci-hs92", "202601"), ("baci-hs17", "202601"), ("baci-value-series", "202601")


def made(origin, country, value, material="copper", stage="mined", year=2023, **more):
    source, edition = origin
    row = {
        "quantity": "production",
        "material": material,
        "stage": stage,
        "item": "x",
        "country": country,
        "year": year,
    }
    row |= {"value": value, "unit": "t", "basis": "Cu", "status": "reported", "confidence": "high"}
    return row | {"source": source, "edition": edition, "row": 1} | more


def sent(origin, item, country, partner, tonnes, value, year=2023):
    source, edition = origin
    row = {"item": item, "country": country, "partner": partner, "year": year, "confidence": "high"}
    row |= {"source": source, "edition": edition}
    weight = {
        "quantity": "trade_mass",
        "unit": "t",
        "value": tonnes,
        "status": "reported" if tonnes is not None else "unavailable",
    }
    return [row | weight, row | {"quantity": "trade_value", "unit": "kUSD", "value": value, "status": "reported"}]


def case(focus="IND", years=(2023,), materials=("copper",)):
    return build.build([focus], years, materials)


def cell(cube, array, **codes):
    return array[tuple(axis.at(codes[axis.name]) for axis in cube.axes)]


def output_of(country, **more):
    cube = case(**more).cube("production")
    at = {"material": "copper", "stage": "mined", "country": country, "year": "2023"}
    return tuple(float(cell(cube, array, **at)) for array in (cube.values, cube.low, cube.high))


USES = [
    {"quantity": "use_share", "material": "copper", "item": "C27 | cable", "value": 1.0, "unit": "1", "year": 2020}
    | {"status": "reported", "confidence": "high", "source": "eu-crm", "edition": "2023"}
]


def test_an_unlisted_country_has_zero_up_to_the_remainder(keep):
    keep([made(WMD, "CHL", 10.0), made(WMD, "ROW", 3.0), made(WMD, "WLD", 13.0), *USES])
    assert output_of("CHL") == (10, 10, 10)
    assert output_of("BTN") == (0, 0, 3)


def test_an_unknown_remainder_leaves_the_high_end_open(keep):
    rest = made(WMD, "ROW", None, status="unavailable")
    keep([made(WMD, "CHL", 10.0), made(WMD, "PER", 2.0), rest, *USES])
    best, low, high = output_of("BTN")
    assert (best, low) == (0, 0)
    assert math.isnan(high)


def test_no_source_is_no_zero(keep):
    keep([made(WMD, "CHL", 10.0), made(WMD, "PER", 1.0), *USES])
    cube = case().cube("production")
    refined = cell(cube, cube.values, material="copper", stage="refined", country="CHL", year="2023")
    assert math.isnan(refined)


def test_a_withheld_figure_is_unknown_unless_the_next_source_gives_it(keep):
    withheld = made(WMD, "USA", None, status="withheld")
    keep([made(WMD, "CHL", 10.0), withheld, *USES])
    assert math.isnan(output_of("USA")[0])
    keep([made(WMD, "CHL", 10.0), withheld, made(MCS, "USA", 4.0), made(MCS, "CHL", 99.0), *USES])
    assert output_of("USA")[0] == 4
    assert output_of("CHL")[0] == 10


def test_a_national_source_fills_its_own_cells_only(keep):
    keep(
        [
            made(WMD, "CHL", 10.0),
            made(WMD, "ROW", 5.0),
            made(INDIA, "IND", 2.0),
            made(INDIA, "IND", 7.0, stage="refined"),
            *USES,
        ]
    )
    assert output_of("IND") == (2, 2, 2)
    cube = case().cube("production")
    refined = {
        c: cell(cube, cube.values, material="copper", stage="refined", country=c, year="2023") for c in ("IND", "CHL")
    }
    assert refined["IND"] == 7
    assert math.isnan(refined["CHL"])


def test_a_statement_without_a_year_holds_for_recent_years_only(keep):
    keep(
        [made(WMD, "CHL", 10.0, year=y) for y in (2020, 2023)]
        + [made(INDIA, "IND", 0.0, stage="refined", year=None), *USES]
    )
    cube = case(years=(2020, 2023)).cube("production")
    at = {"material": "copper", "stage": "refined", "country": "IND"}
    assert cell(cube, cube.values, **at, year="2023") == 0
    assert math.isnan(cell(cube, cube.values, **at, year="2020"))


def test_one_country_without_a_world_total_is_no_world(keep):
    keep([made(MCS, "USA", 10.0), *USES])
    assert output_of("USA")[0] == 10
    assert math.isnan(output_of("CHL")[0])
    assert math.isnan(case().cube("world_production").values[0, 0, 0])


def test_a_low_confidence_figure_is_named_in_the_notes(keep):
    keep([made(WMD, "CHL", 10.0), made(INDIA, "IND", 2.0, stage="refined", confidence="low"), *USES])
    assert any(
        "low confidence" in note and "IND copper refined 2023" in note for note in case().cube("production").notes
    )


def test_gross_ore_becomes_content_with_its_range(keep):
    keep([made(WMD, place, 100.0, material="aluminium", basis="gross") for place in ("AUS", "GIN")] + USES)
    cube = build.build(["IND"], [2023], ["aluminium"]).cube("production")
    at = {"material": "aluminium", "stage": "mined", "country": "AUS", "year": "2023"}
    low, best, high = (cell(cube, array, **at) for array in (cube.low, cube.values, cube.high))
    assert 10 < low < best < high < 40
    assert any("aluminium mined" in note for note in cube.notes)


def test_an_outdated_world_total_gives_way_to_the_sum(keep):
    keep([made(WMD, "CHL", 10.0), made(WMD, "PER", 5.0), made(WMD, "WLD", 12.0), *USES])
    assert case().cube("world_production").values[0, 0, 0] == 15
    keep([made(WMD, "CHL", 10.0), made(WMD, "WLD", 12.0), *USES])
    assert case().cube("world_production").values[0, 0, 0] == 12


def tonnes(cube):
    names = [axis.name for axis in cube.axes]
    exporter, importer = (cube.axes[names.index(side)].codes for side in ("exporter", "importer"))
    at = cube.at
    return {(exporter[e], importer[i]): float(v) for e, i, v in zip(at[2], at[3], cube.values, strict=True)}


def test_the_same_goods_are_counted_once_and_self_trade_not_at_all(keep):
    rows = sent(HS92, "HS92:260300", "CHL", "IND", 100.0, 200.0) + sent(HS17, "HS17:260300", "CHL", "IND", 101.0, 201.0)
    keep(
        rows
        + sent(SERIES, "HS17:260300", "CHL", "IND", None, 199.0)[1:]
        + sent(HS92, "HS92:260300", "IND", "IND", 5.0, 9.0)
        + USES
    )
    built = case()
    assert tonnes(built.cube("trade")) == {("CHL", "IND"): pytest.approx(26)}
    assert tonnes(built.cube("trade_value")) == {("CHL", "IND"): 200}


def test_a_shared_code_gives_value_but_no_tonnes(keep):
    keep(sent(HS17, "HS17:811292", "CHN", "IND", 5.0, 900.0) + USES)
    built = case(materials=("gallium",))
    assert tonnes(built.cube("trade")) == {}
    assert tonnes(built.cube("trade_value")) == {("CHN", "IND"): 900}
    assert any("gallium" in note for note in built.cube("trade_value").notes)


def test_unknown_and_impossible_tonnages_are_set_apart_with_their_value(keep):
    rows = sent(HS92, "HS92:260300", "CHL", "IND", 100.0, 200.0) + sent(HS92, "HS92:260300", "PER", "IND", None, 50.0)
    rows += sent(HS92, "HS92:260300", "PNG", "IND", 9000.0, 30.0)
    keep(rows + USES)
    built = case()
    assert set(tonnes(built.cube("trade"))) == {("CHL", "IND")}
    assert tonnes(built.cube("trade_massless")) == {("PER", "IND"): 50, ("PNG", "IND"): 30}
    assert any("1 flows" in note for note in built.cube("trade").notes)


def test_a_code_with_values_alone_beside_one_with_tonnes_is_massless(keep):
    # phosphate rock is ground or not, two codes of one material and stage: tonnes of one are no whole
    ground = sent(HS92, "HS92:251020", "MAR", "IND", 100.0, 20.0)
    keep(ground + sent(HS17, "HS17:251010", "JOR", "IND", None, 900.0)[1:] + USES)
    built = case(materials=("phosphorus",))
    assert set(tonnes(built.cube("trade"))) == {("MAR", "IND")}
    assert tonnes(built.cube("trade_massless")) == {("JOR", "IND"): 900}


def test_mixed_goods_have_content_by_value_within_the_range_of_the_factor(keep):
    # permanent magnets: 0.147 of the world's mix, 0.0175 to 0.37
    dear = sent(HS17, "HS17:850511", "CHN", "DEU", 100.0, 6000.0, 2024)
    cheap = sent(HS17, "HS17:850511", "CHN", "IND", 300.0, 1200.0, 2024)
    keep(dear + cheap + USES)
    cube = case(years=(2024,), materials=("rare-earths",)).cube("trade")
    mean = 7200.0 / 400.0
    found = tonnes(cube)
    assert found["CHN", "DEU"] == pytest.approx(100 * 0.37)  # 0.147 x 60 / 18 is more than any magnet holds
    assert found["CHN", "IND"] == pytest.approx(300 * 0.147 * 4 / mean)
    assert found["CHN", "IND"] / 1200 == pytest.approx(0.147 / mean)  # as much content a dollar as the world's mix
    assert cube.low is not None
    assert (cube.low <= cube.values).all()
    assert (cube.values <= cube.high).all()


def score(country, year, value):
    row = {"quantity": "governance", "item": "pv", "country": country, "year": year, "value": value, "unit": "score"}
    return row | {"status": "estimated", "confidence": "high", "source": "wgi", "edition": "2024"}


def test_governance_is_carried_over_a_gap_but_not_for_ever(keep):
    keep([score("IND", 2000, -1.0), score("IND", 2002, -0.5), *USES])
    cube = case(years=(1999, 2000, 2001, 2002, 2005, 2006)).cube("governance")
    got = cube.values[cube.axes[0].at("pv"), cube.axes[1].at("IND")]
    np.testing.assert_array_equal(got, [np.nan, -1.0, -1.0, -0.5, -0.5, np.nan])
    assert "governance of 2001 carried from 2000" in cube.notes


def test_membership_follows_the_calendar():
    built = build.build(["EU", "IND"], [2012, 2015, 2022], ["copper"])
    membership = built.array("membership", "focus", "country", "year")
    croatia, britain, india = (built.axis("country").at(c) for c in ("HRV", "GBR", "IND"))
    assert membership[0, croatia].tolist() == [0, 1, 1]
    assert membership[0, britain].tolist() == [1, 1, 0]
    assert membership[0].sum(axis=0).tolist() == [27, 28, 27]
    assert membership[1, india].tolist() == [1, 1, 1]
    assert membership[1].sum() == 3


def test_cubes_are_built_once_and_the_hash_follows_the_question():
    first, again, other = case(), case(), case(years=(2022,))
    assert first.cube("trade") is first.cube("trade")
    assert first.manifest == again.manifest != other.manifest


@pytest.mark.parametrize(
    ("focus", "years", "materials", "what"),
    [
        (["Atlantis"], [2023], None, "unknown country"),
        ([], [2023], None, "no focus"),
        (["IND"], [], None, "no facts for the years"),
        (["IND"], [1492], None, "no facts for the years"),
        (["IND"], [2023], ["unobtainium"], "unknown material"),
    ],
)
def test_a_question_that_cannot_be_put(focus, years, materials, what):
    with pytest.raises(CoverageError, match=what):
        build.build(focus, years, materials)


def test_every_code_taken_for_a_cell_stands_for_other_goods():
    every = build.build(["IND"], [2022, 2024])
    codes = trade.chosen(every.cubes._selection, "trade_mass")
    counted = codes.group_by("material", "stage", "year", "code").len()
    assert counted["len"].max() == 1


def beyond(quantity, value, unit, year=2024):
    row = {"quantity": quantity, "item": "HS22:3104", "country": "WLD", "year": year, "value": value, "unit": unit}
    return row | {"status": "derived", "confidence": "high", "source": "baci-hs22", "edition": "202601"}


def test_trade_that_a_source_does_not_list_is_missing_and_said(keep):
    """Of a heading only the largest flows are listed: the rest is a share, and no flow of anybody."""
    rows = sent(("baci-hs22", "202601"), "HS22:3104", "CAN", "IND", 900.0, 300.0, 2024)
    keep([*rows, beyond("trade_mass_unlisted", 100.0, "t"), beyond("trade_value_unlisted", 50.0, "kUSD"), *USES])
    found = case(years=(2024,), materials=("potash", "copper"))
    at = {"material": "potash", "stage": "mined", "year": "2024"}
    cube = found.cube("trade_unlisted")
    assert cell(cube, cube.values, **at) == pytest.approx(0.1)
    assert cube.values.sum() == pytest.approx(0.1)  # copper's is known whole
    _, tonnes = found.entries("trade", "material", "stage", "country:exporter", "country:importer", "year")
    assert tonnes.tolist() == [pytest.approx(900 * 0.6)]
    assert [note for note in found.cube("trade").notes if "10.0% of world trade by weight" in note]
    assert [note for note in found.cube("trade_value").notes if "14.3% of world trade by value" in note]
    assert not case(years=(2024,), materials=("copper",)).cube("trade_unlisted").values.any()


def test_a_heading_gives_way_to_its_own_codes(keep):
    whole = sent(("baci-hs22", "202601"), "HS22:3104", "CAN", "IND", 900.0, 300.0, 2024)
    keep([*whole, *sent(HS17, "HS17:310420", "CAN", "IND", 800.0, 280.0, 2024), *USES])
    _, tonnes = case(years=(2024,), materials=("potash",)).entries(
        "trade", "material", "stage", "country:exporter", "country:importer", "year"
    )
    assert tonnes.tolist() == [pytest.approx(800 * 0.61)]
