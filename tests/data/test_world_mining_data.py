"""World Mining Data: totals, marks, missing cells, units, compounds, foreign codes; and the full file where it is."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.world_mining_data.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "world_mining_data.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="world-mining-data", id="test", citation="", files=())


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    done = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(done, "test")
    return done


EXPECTED = [  # item, country, year, basis, value, unit, status
    ("Iron (Fe)", "AUS", 2023, "Fe", 587876174.0, "t", "reported"),
    ("Iron (Fe)", "IND", 2023, "Fe", 171149300.0, "t", "reported"),
    ("Iron (Fe)", "ARG", 2022, "Fe", 0.0, "t", "reported"),
    ("Iron (Fe)", "ARG", 2023, "Fe", None, "t", "unavailable"),
    ("Iron (Fe)", "WLD", 2023, "Fe", 759025474.0, "t", "reported"),
    ("Chromium (Cr2O3)", "IND", 2023, "Cr2O3", 1528900.0, "t", "reported"),
    ("Chromium (Cr2O3)", "IND", 2023, "Cr", 1528900.0 * 0.6842, "t", "derived"),
    ("Lithium (Li2O)", "AUS", 2023, "Li2O", 204200.0, "t", "reported"),
    ("Lithium (Li2O)", "AUS", 2023, "Li", 204200.0 * 0.46454, "t", "derived"),
    ("Lithium (Li2O)", "ZWE", 2023, "Li", None, "t", "unavailable"),
    ("Titanium (TiO2)", "NOR", 2023, "Ti", 210000.5 * 0.59934, "t", "derived"),
    ("Uranium (U3O8)", "NAM", 2023, "U", 8000 * 0.84800, "t", "derived"),
    ("Arsenic", "BEL", 2023, "As2O3", 1000.0, "t", "estimated"),
    ("Arsenic", "BEL", 2023, "As", 757.4, "t", "derived"),
    ("Bauxite", "AUS", 2023, "gross", 98000000.0, "t", "reported"),
    ("Rhenium", "CHL", 2023, "Re", 50754 * 0.001, "t", "reported"),
    ("Gold", "GUF", 2023, "Au", 1164.0 * 0.001, "t", "reported"),
    ("Nickel", "XKX", 2023, "Ni", 10.0, "t", "estimated"),
    ("Zinc", "TWN", 2023, "Zn", 0.0, "t", "reported"),
    ("Cobalt", "COD", 2023, "Co", 170000.0, "t", "reported"),
    ("Natural Gas", "QAT", 2023, "gross", 171000.5e6, "m3", "reported"),
    ("Diamonds (Gem)", "BWA", 2023, "gross", 16000000 * 0.2e-6, "t", "reported"),
    ("Zircon", "AUS", 2023, "gross", 446000.0, "t", "estimated"),
    ("Phosphate Rock (P2O5)", "JOR", 2023, "P2O5", 3600000.0, "t", "reported"),
    ("Rare Earths (REO)", "MMR", 2023, "REO", 38000.0, "t", "estimated"),
]


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: f"{row[0]}-{row[1]}-{row[3]}")
def test_facts(frame: pl.DataFrame, row: tuple[str, str, int, str, float | None, str, str]) -> None:
    item, country, year, basis, value, unit, status = row
    key = {"item": item, "country": country, "year": year, "basis": basis}
    hit = frame.filter(pl.all_horizontal(pl.col(name) == code for name, code in key.items()))
    assert hit.height == 1
    assert (hit["unit"][0], hit["status"][0]) == (unit, status)
    assert hit["value"][0] == (value if value is None else pytest.approx(value, rel=2e-5))


def test_published_figures_are_untouched(frame: pl.DataFrame) -> None:
    tonnes = frame.filter((pl.col("item") == "Titanium (TiO2)") & (pl.col("basis") == "TiO2"))
    assert tonnes["value"].to_list() == [200000.0, 210000.5]
    kilograms = frame.filter(pl.col("item") == "Rhenium")["value"].to_list()
    assert kilograms == [32303 * 0.001, 50754 * 0.001]


def test_every_cell_becomes_a_fact(frame: pl.DataFrame) -> None:
    assert frame.filter(pl.col("status") != "derived").height >= 30 * 2
    assert frame["row"].min() == 2
    assert frame["row"].max() == 31


def test_notes_say_what_the_file_says(frame: pl.DataFrame) -> None:
    def note(item: str, country: str, basis: str) -> str:
        mask = (pl.col("item") == item) & (pl.col("country") == country) & (pl.col("basis") == basis)
        return str(frame.filter(mask)["note"][0])

    assert note("Gold", "GUF", "Au") == "code 328 in the file is GUY"
    assert note("Iron (Fe)", "IND", "Fe") == "publisher's mark p"
    assert note("Chromium (Cr2O3)", "IND", "Cr") == "published as Cr2O3; was reported; publisher's mark p"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Iron (Fe),Australia", "Unobtainium,Australia", "Unobtainium"),
        ("Iron (Fe),Australia", "Iron (Fe),Atlantis", "Atlantis"),
        ("587876174.0,metr. t", "587876174.0,stone", "stone"),
        ("587876174.0", "about 500", "about 500"),
        ("metr. t,e", "metr. t,q", "'q'"),
        ("Total,DELETE,DELETE", "Total,36,AUS", "DELETE"),
        ("country_iso3", "iso", "country_iso3"),
    ],
)
def test_unknown_things_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "world.csv"
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ParseError, match=says):
        parse([path], EDITION)


@pytest.mark.parametrize("content", [b"", b"material,country\n", b"\xff\xfe\x00garbage\x00\n"])
def test_broken_files_are_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "world.csv"
    path.write_bytes(content)
    with pytest.raises((ParseError, SourceError)):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder")
def test_full_file() -> None:
    frame = store.parse_source(record.find("world-mining-data"), SHARED / "data")
    published = frame.filter(~pl.col("note").fill_null("").str.starts_with("published as"))
    assert published.height == 2019 * 7
    assert published["item"].n_unique() == 65
    iron = frame.filter((pl.col("item") == "Iron (Fe)") & (pl.col("country") == "AUS") & (pl.col("year") == 2023))
    assert iron["value"].to_list() == [587876174.0]
    assert published.filter(pl.col("status") == "unavailable").height == 271
    cell = ["item", "country", "year", "basis"]
    assert not frame.select(pl.struct(cell).is_duplicated().any()).item()
