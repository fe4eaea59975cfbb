"""Comext: the parser on a small file in the publisher's layout, and what its codes of eight digits part."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from khanij import reference
from khanij.core.axis import Axis
from khanij.core.errors import ParseError
from khanij.data.cubes.selection import Selection
from khanij.data.cubes.trade import flows, national_flows
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.lookup import breaks
from khanij.data.sources.eu_comext import parse as comext

RAW = Path(__file__).parents[2].parent / "shared" / "data"
FILE = RAW / "eu_comext_imports_cn8_2022_2024" / "eu_comext_critical_inputs_cn8_2022_2024.csv.gz"
HEAD = "DECLARANT_ISO,PARTNER_ISO,PRODUCT_NC,FLOW,PERIOD,VALUE_IN_EUROS\n"
EDITION = record.Edition(source="eu-comext", id="test", published=date(2026, 1, 1), citation="", files=())


def parsed(tmp_path, rows, head=HEAD):
    path = tmp_path / "comext.csv"
    path.write_text(head + rows)
    return facts.complete(comext.parse([path], EDITION), source="eu-comext", edition="test")


def test_euros_become_dollars_and_a_secret_value_no_zero(tmp_path):
    rows = (
        "DE,CN,81129289,1,2024,2000000\nEL,XS,81129289,1,2023,1000.5\nDE,US,81129295,1,2024,0\nIE,,25041000,1,2024,9\n"
    )
    got = parsed(tmp_path, rows)
    facts.check(got, "test")
    rate = comext.rates()
    assert got.select("item", "country", "partner", "year", "value", "status", "confidence", "row").rows() == [
        ("CN22:81129289", "CHN", "DEU", 2024, pytest.approx(2000 * rate[2024]), "reported", "medium", 2),
        ("CN22:81129289", "SRB", "GRC", 2023, pytest.approx(1.0005 * rate[2023]), "reported", "medium", 3),
        ("CN22:81129295", "USA", "DEU", 2024, None, "unavailable", "medium", 4),
        ("CN22:25041000", "NAM", "IRL", 2024, pytest.approx(0.009 * rate[2024]), "reported", "low", 5),
    ]


@pytest.mark.parametrize(
    ("head", "rows", "what"),
    [
        (HEAD, "", "has no rows"),
        ("DECLARANT_ISO,PARTNER_ISO\n", "DE,CN\n", "absent"),
        (HEAD, "DE,CN,8112928,1,2024,1\n", "no import of an 8-digit code"),
        (HEAD, "DE,CN,81129289,2,2024,1\n", "no import of an 8-digit code"),
        (HEAD, "DE,CN,81129289,1,1999,1\n", "no rate of the euro"),
        (HEAD, "DE,QQ,81129289,1,2024,1\n", "unknown label 'QQ'"),
        (HEAD, "DE,CN,81129289,1,2024,much\n", "not a figure"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, head, rows, what):
    with pytest.raises(ParseError, match=what):
        parsed(tmp_path, rows, head)


def test_every_national_code_names_a_good_that_its_six_digits_share():
    shared = {(c.code, c.material, c.stage) for c in reference.hs_codes() if c.shared}
    rows = reference.national_codes()
    assert len({row.item for row in rows}) == len(rows)
    assert {(row.within, row.material, row.stage) for row in rows} <= shared
    assert {row.source for row in rows} <= set(reference.bibliography())


def flow(item, country, partner, value, year=2024, quantity="trade_value", source="baci-hs17"):
    same = {"unit": "kUSD", "status": "reported", "confidence": "medium", "edition": "1"}
    where = {"quantity": quantity, "item": item, "country": country, "partner": partner, "year": year}
    return {**same, **where, "value": value, "source": source}


def declared(item, country, partner, value):
    return flow(item, country, partner, value, quantity="import_value", source="eu-comext")


@pytest.fixture
def traded(keep):
    """Return the selection of a small store, and a function: it -> {(material, exporter, importer): kUSD}."""
    keep(
        [
            *(flow("HS17:811292", "CHN", buyer, 100.0) for buyer in ("DEU", "FRA", "IND")),
            flow("HS17:811292", "DEU", "IND", 40.0),
            declared("CN22:81129289", "CHN", "DEU", 7.0),
            declared("CN22:81129295", "BEL", "FRA", 3.0),
            declared("CN22:81129281", "CHN", "FRA", None) | {"status": "unavailable"},
        ]
    )
    places, materials = ("BEL", "CHN", "DEU", "FRA", "IND"), ("gallium", "germanium", "indium")
    axes = [
        Axis("material", materials),
        Axis("stage", reference.STAGES),
        Axis("country", places),
        Axis("year", ("2024",)),
    ]
    cube = flows.trade_value(Selection({axis.name: axis for axis in axes}))
    return cube, {
        (materials[m], places[i], places[j]): v for (m, _, i, j, _), v in zip(cube.at.T, cube.values, strict=True)
    }


def test_a_declaring_buyer_has_its_own_codes_and_others_keep_the_shared_one(traded):
    cube, found = traded
    gallium = {
        ends: value for (material, *ends_), value in found.items() if material == "gallium" for ends in [tuple(ends_)]
    }
    assert gallium == {("CHN", "DEU"): 7.0, ("CHN", "IND"): 100.0, ("DEU", "IND"): 40.0}
    assert found["germanium", "BEL", "FRA"] == 3.0
    assert ("germanium", "CHN", "FRA") not in found
    assert found["indium", "CHN", "DEU"] == 100.0, "nobody tells its indium: a secret value parts nothing"
    assert any("codes of eight digits" in note for note in cube.notes)
    assert "eu-comext@1" in cube.sources


def test_a_focus_declares_apart_where_each_member_reports(traded):
    items = [code.item for code in national_flows.declared(("DEU",), 2024)]
    assert items == ["CN22:81129289", "CN22:81129295"]
    assert national_flows.declared(("DEU", "IND"), 2024) == ()
    assert national_flows.declared(("DEU",), 2023) == ()
    assert national_flows.declared(("EU27",), 2024) == ()


@pytest.mark.skipif(not FILE.is_file(), reason="the publisher's file is not beside this checkout")
def test_the_store_has_the_publisher_s_figure():
    """Line 19210 of the file: gallium that Germany buys of China in 2024, 7,043,433 euros."""
    held = store.scan("eu-comext").filter(pl.col("row") == 19210).collect().row(0, named=True)
    line = pl.read_csv(FILE, schema_overrides={"PRODUCT_NC": pl.String, "VALUE_IN_EUROS": pl.Float64}).row(19208)
    assert line == ("DE", "CN", "81129289", 1, 2024, pytest.approx(1000 * held["value"] / comext.rates()[2024]))
    assert (held["item"], held["country"], held["partner"], held["year"]) == ("CN22:81129289", "CHN", "DEU", 2024)


def test_a_break_of_a_buyer_s_series_names_its_own_code(traded):
    axes = [Axis("material", ("gallium",)), Axis("stage", reference.STAGES), Axis("year", ("2024",))]
    for focus, codes in (("DEU", {"CN22:81129289 (declared by the buyer)"}), ("IND", set())):
        selection = Selection({axis.name: axis for axis in (*axes, Axis("focus", (focus,)))})
        what = breaks._codes(selection, "trade_value")["what"]
        assert set(what) == codes | {"HS17:811292 (baci-hs17)"}
