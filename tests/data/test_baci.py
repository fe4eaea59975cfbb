"""The four BACI parsers on small files in the publisher's layout, with the facts that must come out."""

import gzip
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.sources.baci_hs17 import parse as hs17
from khanij.data.sources.baci_hs22 import parse as hs22
from khanij.data.sources.baci_hs92 import parse as hs92
from khanij.data.sources.baci_value_series import parse as series

RAW = Path(__file__).parents[2].parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not RAW.is_dir(), reason="publishers' files are not beside this checkout")


def edition(source):
    return record.Edition(source=source, id="test", published=date(2026, 1, 1), citation="", files=())


HS92_ROWS = """t,i,j,k,v,q
1995,8,842,261000,249.358,3268.375
2023,643,699,270900,48639765.1,88920220.2
2023,490,699,811230,1.5,NA
2023,251,699,284690,10.0,0.0
2024,58,276,260600,3.25,12.5
"""


def test_hs92_gives_value_and_mass_and_says_what_is_not_known(tmp_path):
    path = tmp_path / "baci.csv"
    path.write_text(HS92_ROWS)
    got = facts.complete(hs92.parse([path], edition("baci-hs92")), source="baci-hs92", edition="test")
    facts.check(got, "test")
    rows = got.select("quantity", "item", "country", "partner", "year", "value", "status", "basis").rows()
    assert ("trade_value", "HS92:270900", "RUS", "IND", 2023, 48639765.1, "reported", None) in rows
    assert ("trade_mass", "HS92:270900", "RUS", "IND", 2023, 88920220.2, "reported", "gross") in rows
    assert ("trade_mass", "HS92:811230", "TWN", "IND", 2023, None, "unavailable", "gross") in rows
    assert ("trade_mass", "HS92:284690", "FRA", "IND", 2023, 0.0, "reported", "gross") in rows
    assert {r[2] for r in rows} == {"ALB", "RUS", "TWN", "FRA", "BEL"}
    assert {r[3] for r in rows} == {"USA", "IND", "DEU"}
    assert len(rows) == 10


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "cannot be read"),
        ("t,i,j,k,v,q\n", "empty"),
        ("t,i,j,k,v\n2023,643,699,270900,1\n", "absent"),
        ("t,i,j,k,v,q\n2023,643,699,2709,1,1\n", "no HS6 code"),
        ("t,i,j,k,v,q\n2023,9999,699,270900,1,1\n", "unknown label '9999'"),
        ("t,i,j,k,v,q\n2023,643,699,270900,1,1.2.3\n", "column q: '1.2.3' is no number"),
        ("t,i,j,k,v,q\n,643,699,270900,1,1\n", "column t: a blank is no number"),
    ],
)
def test_hs92_refuses_what_it_cannot_read(tmp_path, text, what):
    path = tmp_path / "baci.csv"
    path.write_text(text)
    with pytest.raises((SourceError, ParseError), match=what) as caught:
        hs92.parse([path], edition("baci-hs92"))
    assert caught.value.where
    assert caught.value.hint


def test_hs92_as_it_is_published_pads_its_amounts(tmp_path):
    path = tmp_path / "BACI_HS92_Y2023_V202601.csv"
    path.write_text(
        "t,i,j,k,v,q\n2023,152,699,260300,   120345.120,    60172.500\n2023,360,699,260300, 5012.000,    NA\n"
    )
    rows = hs92.parse([path], edition("baci-hs92")).select("quantity", "country", "value", "status").rows()
    assert rows == [
        ("trade_value", "CHL", 120345.12, "reported"),
        ("trade_value", "IDN", 5012.0, "reported"),
        ("trade_mass", "CHL", 60172.5, "reported"),
        ("trade_mass", "IDN", None, "unavailable"),
    ]


def test_a_truncated_parquet_is_no_traceback(tmp_path):
    path = tmp_path / "baci.parquet"
    pl.DataFrame({"t": [2023]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(SourceError, match="cannot be read"):
        hs92.parse([path], edition("baci-hs92"))


def test_hs17_reads_a_full_year_and_a_value_slice(tmp_path):
    full, slice_ = tmp_path / "trade.parquet", tmp_path / "baci_2022_value_only.csv"
    pl.DataFrame(
        {
            "year": [2024, 2024],
            "exporter": ["COD", "S19"],
            "importer": ["CHN", "IND"],
            "hs6": ["740311", "811292"],
            "value_kusd": [100.0, 5.0],
            "qty_t": [11.0, None],
        }
    ).write_parquet(full)
    slice_.write_text("i,j,cmd,value\nCOD,IND,740311,2500.0\n")
    rows = (
        hs17.parse([full, slice_], edition("baci-hs17")).select("quantity", "item", "country", "year", "value").rows()
    )
    assert ("trade_mass", "HS17:740311", "COD", 2024, 11.0) in rows
    assert ("trade_mass", "HS17:811292", "TWN", 2024, None) in rows
    assert ("trade_value", "HS17:740311", "COD", 2022, 2.5) in rows
    assert len(rows) == 5


def flows(tmp_path, year, source, materials):
    crosswalk = tmp_path / "crosswalk.json"
    codes = {"gallium": "811292", "germanium": "811292", "hafnium": "811231", "boron": "252800", "copper": "740311"}
    crosswalk.write_text(json.dumps({label: {"title_code": code} for label, code in codes.items()}))
    path = tmp_path / f"flows_{year}.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"year": year, "source": source, "materials": materials}).encode()))
    return [crosswalk, path]


def test_labels_of_one_code_give_one_fact_and_old_codes_are_repaired(tmp_path):
    shared = [{"from": "CN", "to": "IN", "value": 4000}]
    materials = {
        "gallium": shared,
        "germanium": shared,
        "hafnium": shared,
        "boron": [{"from": "TR", "to": "IN", "value": 7000}],
    }
    paths = flows(tmp_path, 2002, "UN Comtrade via CEPII BACI HS02 V202601", materials)
    got = series.parse(paths, edition("baci-value-series")).sort("item")
    assert got.select("item", "country", "partner", "value").rows() == [
        ("HS02:252890", "TUR", "IND", 7.0),
        ("HS02:811292", "CHN", "IND", 4.0),
    ]
    assert "gallium, germanium, hafnium" in got["note"][1]


def test_labels_of_one_code_that_disagree_are_refused(tmp_path):
    materials = {
        "gallium": [{"from": "CN", "to": "IN", "value": 1}],
        "germanium": [{"from": "CN", "to": "IN", "value": 2}],
    }
    paths = flows(tmp_path, 2020, "CEPII BACI HS17", materials)
    with pytest.raises(ParseError, match="disagree"):
        series.parse(paths, edition("baci-value-series"))


def test_a_broken_gzip_is_no_traceback(tmp_path):
    paths = flows(tmp_path, 2020, "CEPII BACI HS17", {"copper": []})
    paths[1].write_bytes(paths[1].read_bytes()[:10])
    with pytest.raises(SourceError, match="cannot be read"):
        series.parse(paths, edition("baci-value-series"))


def headings(tmp_path, *, flows=None, totals=None, hs4="3104", **drop):
    """Return a file of headings in the publisher's layout, with figures of our own."""
    flow = [{"e": "CAN", "i": "IND", "v": 9000000, "w": 30000}, {"e": "S19", "i": "USA", "v": 8000000, "w": 0}]
    total = {"value_usd": 20000000, "tonnes": 40000, "shown": 2, "pairs": 1000}
    others = [{"id": id, "hs4": hs4} for id, hs4 in (("lead", "7801"), ("zinc", "7901"), ("tin", "8001"))]
    file = {
        "meta": {"commodities": [{"id": "potash", "hs4": hs4}, {"id": "coal", "hs4": "2701"}, *others]},
        "totals": {"potash": {"2024": total if totals is None else totals}, "coal": {}},
        "flows": {"potash": {"2024": flow if flows is None else flows}, "coal": {"2024": flow}},
    }
    path = tmp_path / "flows.json.gz"
    path.write_bytes(
        gzip.compress(json.dumps({name: part for name, part in file.items() if name not in drop}).encode())
    )
    return [path]


def test_headings_give_the_listed_flows_and_how_much_lies_beyond_them(tmp_path):
    got = hs22.parse(headings(tmp_path), edition("baci-hs22"))
    facts.check(got, "test")
    columns = ("quantity", "item", "country", "partner", "year", "value", "unit", "status")
    rows = set(got.select(*columns).rows())
    assert rows == {
        ("trade_value", "HS22:3104", "CAN", "IND", 2024, 9000.0, "kUSD", "reported"),
        ("trade_mass", "HS22:3104", "CAN", "IND", 2024, 30000.0, "t", "reported"),
        ("trade_value", "HS22:3104", "TWN", "USA", 2024, 8000.0, "kUSD", "reported"),
        ("trade_mass", "HS22:3104", "TWN", "USA", 2024, None, "t", "unavailable"),  # a weight of 0 is not known
        ("trade_value_unlisted", "HS22:3104", "WLD", None, 2024, 3000.0, "kUSD", "derived"),
        ("trade_mass_unlisted", "HS22:3104", "WLD", None, 2024, 10000.0, "t", "derived"),
    }
    assert "1,000 flows less the 2 listed" in got.filter(pl.col("country") == "WLD")["note"][0]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"hs4": "3105"}, "potash is '3105'"),
        ({"flows": []}, "lacks a column, or there is none"),
        ({"flows": [{"e": "CAN", "i": "IND", "v": 1}]}, "lacks a column"),
        ({"flows": [{"e": "XYZ", "i": "IND", "v": 1, "w": 1}], "totals": None}, "unknown label 'XYZ'"),
        ({"totals": {}}, "no total"),
        ({"totals": {"value_usd": 1, "tonnes": 40000, "shown": 2, "pairs": 9}}, "do not fit their total"),
        ({"totals": {"value_usd": 20000000, "tonnes": 40000, "shown": 3, "pairs": 9}}, "do not fit their total"),
    ],
)
def test_headings_refuse_what_they_cannot_read(tmp_path, broken, what):
    with pytest.raises(ParseError, match=what) as caught:
        hs22.parse(headings(tmp_path, **broken), edition("baci-hs22"))
    assert caught.value.where
    assert caught.value.hint


def test_a_truncated_file_of_headings_is_no_traceback(tmp_path):
    paths = headings(tmp_path)
    paths[0].write_bytes(paths[0].read_bytes()[:30])
    with pytest.raises(SourceError, match="cannot be read"):
        hs22.parse(paths, edition("baci-hs22"))
    with pytest.raises(ParseError, match="absent"):
        hs22.parse(headings(tmp_path, meta=True), edition("baci-hs22"))


@needs_raw
def test_potash_of_the_publishers_file_adds_up_to_its_world():
    frame = store.parse_source(record.find("baci-hs22"), RAW)
    frame, tin = (frame.filter(pl.col("item") == f"HS22:{heading}") for heading in ("3104", "8001"))
    held = frame.filter(pl.col("year") == 2024).group_by("quantity").agg(pl.col("value").sum())
    value = dict(held.rows())
    assert value["trade_mass"] + value["trade_mass_unlisted"] == pytest.approx(65_716_409)
    bought = tin.filter(pl.col("year") == 2024, pl.col("partner") == "IND", pl.col("quantity") == "trade_value")
    by = dict(bought.select("country", "value").rows())
    assert bought["value"].sum() == pytest.approx(398_000, rel=0.05)
    assert max(by, key=by.get) == "IDN"
    assert value["trade_value"] + value["trade_value_unlisted"] == pytest.approx(19_588_975.895)
    into = frame.filter(pl.col("year") == 2024, pl.col("partner") == "IND", pl.col("quantity") == "trade_mass")
    assert into["value"].sum() == 3_794_068


@needs_raw
def test_the_article_figure_stands_in_the_publishers_file():
    frame = store.parse_source(record.find("baci-hs92"), RAW)
    hit = frame.filter(
        pl.col("item") == "HS92:270900", pl.col("country") == "RUS", pl.col("partner") == "IND", pl.col("year") == 2023
    )
    values = dict(hit.select("quantity", "value").rows())
    assert round(values["trade_value"]) == 48_639_765
    assert round(values["trade_mass"]) == 88_920_220
