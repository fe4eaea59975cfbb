"""Intensities of premise's table: medians, ranges, oxides, what is left out; and the full file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.parsing.intensities import oxide_per_element
from khanij.data.sources.premise_intensity.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "premise_intensity.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="premise-intensity", id="test", citation="", files=())
ND = (2 * 144.24 + 3 * 15.999) / (2 * 144.24)
EXPECTED = [  # material, technology, year, value, low, high, unit, basis, confidence, row
    ("neodymium", "motor-car", 2020, 0.2385e-3 * ND, 0.0053e-3 * ND, 0.7632e-3 * ND, "t/1", "REO", "high", 3),
    ("neodymium", "motor-car", 2050, 1.4575e-6 * ND, 1.166e-6 * ND, 1.749e-6 * ND, "t/1", "REO", "low", 4),
    ("copper", "wind-dd-pm", 2020, 3850.0, 1484.0, 10000.0, "t/GW", "Cu", "high", 6),
    ("neodymium", "wind-dd-pm", 2020, 183 * ND, 116 * ND, 217.19 * ND, "t/GW", "REO", "high", 8),
    ("neodymium", "wind-dd-pm", 2050, 97 * ND, 78 * ND, 116 * ND, "t/GW", "REO", "medium", 9),
    ("potash", "electrolyser-alkaline", 2020, 505.95, 192.26, 510.04, "t/GW", "K2O", "high", 11),
    ("praseodymium", "electrolyser-oxide", 2020, 10.608, 10.608, 10.608, "t/GW", "REO", "high", 13),
    ("molybdenum", "fuel-cell-acid", 2020, 0.0, 0.0, 0.0, "t/GW", "Mo", "high", 14),
]


def test_facts() -> None:
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    rows = frame.with_columns(item=pl.col("item").str.split(" | ").list.first()).select(
        "material", "item", "year", "value", "low", "high", "unit", "basis", "confidence", "row"
    )
    found = rows.rows()
    assert [row[:3] + row[6:] for row in found] == [row[:3] + row[6:] for row in EXPECTED]
    for row, expected in zip(found, EXPECTED, strict=True):
        assert row[3:6] == pytest.approx(expected[3:6], rel=2e-3)
    assert "53 kg" in frame["note"][0]


def test_the_oxide_of_an_element() -> None:
    assert oxide_per_element("neodymium") == pytest.approx(1.1664, abs=1e-4)
    assert oxide_per_element("dysprosium") == pytest.approx(1.1477, abs=1e-4)
    assert oxide_per_element("phosphorus") == pytest.approx(2.2914, abs=1e-4)
    assert oxide_per_element("copper") == 1.0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Brass", "Unobtainium", "unknown label"),
        ("PAFC", "Fusion", "unknown label"),
        ("3850.0", "many", "no figure"),
        ("1484.0", "1484000.0", "about a median"),
        ("10000.0", "10.0", "about a median"),
        ("Copper,kg/MW", "Copper,kg/MWh", "per 'kg/MWh'"),
        ("median", "middle", "no column"),
        ("8.78,8.78,HTEL", "8.78", "cells"),
    ],
)
def test_defects_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "defect.csv"
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises((ParseError, SourceError), match=says):
        parse([path], EDITION)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    with pytest.raises((ParseError, SourceError)):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_file() -> None:
    frame = store.parse_source(record.find("premise-intensity"), SHARED / "data")
    assert frame.height == 199
    silver = frame.filter(pl.col("item").str.starts_with("solar-c-si"), pl.col("material") == "silver").sort("year")
    assert silver.select("year", "value", "low", "high").rows() == [(2020, 24.0, 5.17, 80.0), (2050, 3.085, 1.0, 5.17)]
