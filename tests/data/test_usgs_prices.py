"""Compiled prices: original units recomputed, unit values apart, ranges of recalled figures; and the full table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.usgs_prices.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "usgs_prices.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="usgs-prices", id="test", citation="", files=())

EXPECTED = [  # row, basis, quantity, stage, country, value, status, confidence
    (2, "Cu", "price", "refined", "WLD", 9142.57, "reported", "high"),
    (3, "Cu", "price", "refined", "WLD", 9700.34, "estimated", "high"),
    (4, "Cu", "price", "refined", "WLD", 6005.39, "estimated", "low"),
    (5, "Ni", "price", "refined", "WLD", 25836.0, "reported", "high"),
    (6, "Li2CO3", "price", "processed", "WLD", 63700.0, "reported", "high"),
    (6, "Li", "price", "processed", "WLD", 339097.0, "derived", "high"),
    (7, "LiOH.H2O", "price", "processed", "WLD", 40000.0, "estimated", "low"),
    (7, "Li", "price", "processed", "WLD", 241856.0, "derived", "low"),
    (8, "Li2CO3", "unit_value", "processed", "IND", 7004.83, "derived", "medium"),
    (8, "Li", "unit_value", "processed", "IND", 37289.1, "derived", "medium"),
    (9, "gross", "unit_value", "mined", "IND", 272.893, "derived", "medium"),
    (10, "Cu", "unit_value", "refined", "IND", 8168.64, "derived", "medium"),
    (11, "Pd", "price", "refined", "WLD", 77778443.1, "reported", "high"),
    (12, "WO3", "price", "mined", "AGG", 25200.0, "reported", "high"),
    (13, "W", "price", "mined", "AGG", 31778.06, "derived", "medium"),
    (14, "V2O5", "price", "processed", "CHN", 18011.8, "reported", "high"),
    (14, "V", "price", "processed", "CHN", 32153.84, "derived", "high"),
    (15, "Ga", "unit_value", "refined", "USA", 277000.0, "reported", "high"),
    (16, "Ta2O5", "price", "mined", "WLD", 158000.0, "reported", "high"),
    (16, "Ta", "price", "mined", "WLD", 192926.0, "derived", "high"),
    (17, "K2O", "price", "mined", "USA", 650.0, "reported", "medium"),
    (18, "Si", "price", "processed", "USA", 4239.05, "reported", "high"),
    (19, "REO", "price", "processed", "WLD", 98000.0, "reported", "high"),
]


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    done = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(done, "test")
    return done


def test_facts(frame: pl.DataFrame) -> None:
    columns = ("row", "basis", "quantity", "stage", "country", "value", "status", "confidence")
    derived_last = frame.sort("row", maintain_order=True)
    got = derived_last.select(columns).rows()
    assert len(got) == len(EXPECTED)
    for found, want in zip(got, EXPECTED, strict=True):
        assert (*found[:5], *found[6:]) == (*want[:5], *want[6:])
        assert found[5] == pytest.approx(want[5], rel=1e-5)


def test_recalled_figures_carry_a_range(frame: pl.DataFrame) -> None:
    low = frame.filter(pl.col("confidence") == "low")
    shares = [(round(lo / v, 6), round(hi / v, 6)) for lo, v, hi in low.select("low", "value", "high").rows()]
    assert shares == [(0.8, 1.2), (0.5, 2.0), (0.5, 2.0)]
    assert frame.filter(pl.col("confidence") != "low")["low"].null_count() == frame.height - 3


def test_notes_are_short_and_cite(frame: pl.DataFrame) -> None:
    notes = frame["note"].to_list()
    assert notes[0] == "414.7 US cents/lb; USGS MCS 2026, copper chapter (Feb 2026)"
    assert not any("http" in note or "[" in note for note in notes)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("9142.6,414.7", "9242.6,414.7", "414.7 US cents/lb is 9142.6 USD/t, the table says 9242.6"),
        ("US cents/lb,,", "US cents/stone,,", "unknown unit"),
        ("nickel,LME cash primary nickel", "nickel,pig iron", "pig iron"),
        ("USD/kg,,", "USD/t,,", "the table says"),
        (" at INR 82.8/USD", "", "without an exchange rate"),
        ("recalled from earlier", "from earlier", "low confidence"),
        ("original_unit", "unit", "original_unit"),
    ],
)
def test_defects_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ParseError, match=says):
        parse([path], EDITION)


@pytest.mark.parametrize("content", [b"", b"mineral,form\n", b"\xff\xfe\x00"])
def test_broken_files_are_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    with pytest.raises((ParseError, SourceError)):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared folder")
def test_full_file() -> None:
    frame = store.parse_source(record.find("usgs-prices"), SHARED / "data")
    assert frame["row"].n_unique() == 334
    copper = frame.filter((pl.col("item") == "copper | LME grade A cash") & (pl.col("year") == 2024))
    assert copper["value"].to_list() == [pytest.approx(9142.57, abs=0.01)]
    assert set(frame["quantity"]) == {"price", "unit_value"}
