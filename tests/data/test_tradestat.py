"""India's data bank: a file that a user brings, and the trade of the store beside it where the file is at hand."""

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import StudyError
from khanij.data.facts import store
from khanij.data.own import facts, tradestat

FILE = (
    Path(__file__).parents[2].parent
    / "shared"
    / "data"
    / "india_tradestat"
    / "imports_exports_hs4_country_2017_2024.csv"
)
HEAD = "hs_code,mineral,form,flow,country,fiscal_year,value_usd_mn\n"
LINES = """7408,Copper,Wire,Import,U ARAB EMTS,2024-2025,12.5
7408,Copper,Wire,Export,CHINA,2023-2024,3
3801,Graphite,Artificial,Import,CHINA,2024-2025,60
2504,Graphite,Natural,Import,UNSPECIFIED,2024-2025,1
2603,Copper,Ore,Import,CHILE,2024-2025,0
"""
needs_raw = pytest.mark.skipif(not FILE.is_file(), reason="the data bank's file is not beside this checkout")


def own(tmp_path, text):
    path = tmp_path / "tradestat.csv"
    path.write_text(text)
    return path


def test_headings_of_one_good_are_read_and_the_rest_is_counted(tmp_path):
    read = facts.read(own(tmp_path, HEAD + LINES))
    told = read.frame.sort("year").select("material", "stage", "country", "partner", "year", "value", "unit", "row")
    assert told.rows() == [
        ("copper", "component", "IND", "CHN", 2023, 3000.0, "kUSD", 3),
        ("copper", "component", "ARE", "IND", 2024, 12500.0, "kUSD", 2),
    ]
    assert any("heading 3801 holds no good or several: 1" in note for note in read.notes)
    assert any("no single country: 1" in note for note in read.notes)
    assert any("financial years" in note for note in read.notes)


@pytest.mark.parametrize("cells", ["Transit,CHILE,2024-2025,1", "Import,CHILE,2024,1", "Import,CHILE,2024-2025,-1"])
def test_a_wrong_line_is_refused_with_its_number(tmp_path, cells):
    with pytest.raises(StudyError, match="flow, year or value") as caught:
        tradestat.read(own(tmp_path, f"{HEAD}2603,Copper,Ore,{cells}\n"))
    assert "2" in caught.value.where


@needs_raw
@pytest.mark.parametrize(
    ("key", "source", "years"),
    [
        (("graphite", "mined"), "baci-hs92", range(2018, 2025)),
        (("copper", "mined"), "baci-hs92", range(2018, 2025)),
        (("copper", "refined"), "baci-hs17", (2024,)),
    ],
)
def test_india_s_imports_in_the_store_are_what_its_customs_say(key, source, years):
    """A calendar year holds a quarter of the financial year before and three of its own; FOB against CIF, 15 %."""
    rows, _, _ = tradestat.read(FILE)
    told = {}
    codes = {"graphite": ["250410", "250490"], "copper": ["260300"] if key[1] == "mined" else ["740311"]}[key[0]]
    for row in rows:
        if (row["material"], row["stage"], row["partner"]) == (*key, "IND"):
            told[row["year"], row["country"]] = told.get((row["year"], row["country"]), 0.0) + row["value"]
    frame = store.scan(source).filter(
        pl.col("quantity") == "trade_value", pl.col("partner") == "IND", pl.col("item").str.slice(5).is_in(codes)
    )
    held = {(y, c): v for y, c, v in store.collect(frame.group_by("year", "country").agg(pl.col("value").sum())).rows()}
    for year in years:
        mine = {c: v for (y, c), v in held.items() if y == year}
        theirs = {}
        for back, part in ((1, 0.25), (0, 0.75)):
            for (y, c), v in told.items():
                if y == year - back:
                    theirs[c] = theirs.get(c, 0.0) + part * v
        assert sum(mine.values()) == pytest.approx(sum(theirs.values()), rel=0.15), year
        first = max(mine, key=mine.get)
        shares = [place[first] / sum(place.values()) for place in (mine, theirs)]
        assert shares[0] == pytest.approx(shares[1], abs=0.1), (year, first)
