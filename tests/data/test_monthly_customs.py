"""Monthly customs: the parser on a small file in the collector's layout, and months against those of a year before."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.lookup import months
from khanij.data.sources.monthly_customs import parse as customs

RAW = Path(__file__).parents[2].parent / "shared" / "data"
FILE = RAW / "trade_monthly_customs_2024_2026" / "monthly_customs.csv.gz"
HEAD = "source,period,reporter,partner,flow,hs6,native_code,value_usd,qty_kg\n"
EDITION = record.Edition(source="monthly-customs", id="test", published=date(2026, 1, 1), citation="", files=())


def parsed(tmp_path, rows, head=HEAD):
    path = tmp_path / "months.csv"
    path.write_text(head + rows)
    return facts.complete(customs.parse([path], EDITION), source="monthly-customs", edition="test")


def test_who_declares_is_in_the_quantity_and_a_flow_goes_from_seller_to_buyer(tmp_path):
    got = parsed(
        tmp_path,
        "hmrc,202601,GBR,CHN,import,811292,81129289,2500,1000\n"
        "comexstat,202602,BRA,IND,export,720293,72029300,8000,\n"
        "uscensus,202606,USA,MEX,import,850511,850511XX,4,\n"
        "hmrc,202601,GBR,n/a,export,251110,25111000,100,50\n",
    )
    facts.check(got, "test")
    same = ("item", "country", "partner", "year", "month", "value", "unit", "row")
    assert got.select("quantity", *same).rows() == [
        ("import_value", "CN22:81129289", "CHN", "GBR", 2026, 1, 2.5, "kUSD", 2),
        ("export_value", "NCM8:72029300", "BRA", "IND", 2026, 2, 8.0, "kUSD", 3),
        ("import_value", "HS22:850511", "MEX", "USA", 2026, 6, 0.004, "kUSD", 4),
        ("export_value", "CN22:25111000", "GBR", "AGG", 2026, 1, 0.1, "kUSD", 5),
        ("import_mass", "CN22:81129289", "CHN", "GBR", 2026, 1, 1.0, "t", 2),
        ("export_mass", "CN22:25111000", "GBR", "AGG", 2026, 1, 0.05, "t", 5),
    ]


@pytest.mark.parametrize(
    ("head", "rows", "what"),
    [
        (HEAD, "", "has no rows"),
        ("source,period\n", "hmrc,202601\n", "absent"),
        (HEAD, "comtrade,202601,GBR,CHN,import,811292,81129289,1,1\n", "unknown office"),
        (HEAD, "hmrc,202613,GBR,CHN,import,811292,81129289,1,1\n", "unknown office, flow or month"),
        (HEAD, "hmrc,202601,GBR,CHN,transit,811292,81129289,1,1\n", "unknown office, flow"),
        (HEAD, "hmrc,202601,GBR,XYZ,import,811292,81129289,1,1\n", "unknown label 'XYZ'"),
        (HEAD, "hmrc,202601,GBR,CHN,import,811292,81129289,much,1\n", "not a figure"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, head, rows, what):
    with pytest.raises(ParseError, match=what):
        parsed(tmp_path, rows, head)


def line(item, country, partner, at, value, side="import"):
    year, month = divmod(at, 12)
    return {
        **{"quantity": f"{side}_value", "item": item, "country": country, "partner": partner, "value": value},
        **{"year": year, "month": month + 1, "unit": "kUSD", "status": "reported", "confidence": "medium"},
        **{"source": "monthly-customs", "edition": "1"},
    }


@pytest.fixture
def told(keep):
    """Return the shipments into Britain and India of a store of eighteen months, the last of which is 2026-06."""
    last = 2026 * 12 + 5
    rows = []
    for ago in range(18):
        early = ago >= 12
        rows += [
            line("CN22:81129289", "CHN", "GBR", last - ago, 9.0 if early else 3.0),
            line("CN22:81129289", "AGG", "GBR", last - ago, 1.0),
            line("CN22:81129295", "BEL", "GBR", last - ago, 4.0),
            line("NCM8:72029300", "BRA", "IND", last - ago, 2.0 if early else 5.0, "export"),
            line("NCM8:72029300", "BRA", "GBR", last - ago, 2.0, "export"),
        ]
    rows += [line("CN22:81129281", "CHN", "GBR", last - 17, 6.0), line("CN22:25041000", "MDG", "DEU", last, 1.0)]
    keep(rows)
    return months.shipments


def test_the_last_months_stand_beside_the_same_months_a_year_before(told):
    rows = told(("GBR",))
    assert [(row["material"], row["country"], row["shipped"].value, row["shipped_before"].value) for row in rows] == [
        ("gallium", "CHN", 18.0, 54.0),
        ("indium", "CHN", 0.0, 6.0),
        ("germanium", "BEL", 24.0, 24.0),
        ("niobium", "BRA", 12.0, 12.0),
    ]
    gallium = rows[0]
    assert gallium["months_compared"] == "2026-01 to 2026-06"
    assert gallium["shipped_part"].value == pytest.approx(0.9), "partners kept secret are in the sum"
    assert rows[3]["shipped_part"] is None
    assert (gallium["declared_by"], rows[3]["declared_by"]) == ("GBR", "BRA")


def test_a_seller_tells_what_a_silent_buyer_does_not_and_one_month_tells_nothing(told):
    (row,) = told(("IND",))
    assert (row["declared_by"], row["shipped"].value, row["shipped_before"].value) == ("BRA", 30.0, 12.0)
    assert told(("DEU",)) == []


@pytest.mark.skipif(not FILE.is_file(), reason="the collector's file is not beside this checkout")
def test_the_store_has_the_offices_figures():
    """Silicon metal from Brazil into Britain, January to June 2025, by both offices' own lines of the file."""
    raw = pl.read_csv(FILE, schema_overrides={"period": pl.String, "hs6": pl.String, "native_code": pl.String})
    half = raw.filter(pl.col("hs6") == "280469", pl.col("period").is_between(pl.lit("202501"), pl.lit("202506")))
    held = store.scan("monthly-customs").filter(
        pl.col("item").str.slice(5).is_in(["28046900"]), pl.col("year") == 2025, pl.col("month") <= 6
    )
    kept = store.collect(held.filter(pl.col("country") == "BRA", pl.col("partner") == "GBR"))
    for office, side in (("hmrc", "import"), ("comexstat", "export")):
        ends = pl.col("reporter").is_in(["GBR", "BRA"]) & pl.col("partner").is_in(["GBR", "BRA"])
        lines = half.filter(pl.col("source") == office, pl.col("flow") == side, ends)
        for column, kind in (("value_usd", "value"), ("qty_kg", "mass")):
            mine = kept.filter(pl.col("quantity") == f"{side}_{kind}")["value"].sum()
            assert mine == pytest.approx(lines[column].sum() / 1000)
            assert mine > 0
