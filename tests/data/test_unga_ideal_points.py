"""UN General Assembly ideal points: sessions to years, past countries, quantiles as the range; and the full file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.unga_ideal_points.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "unga_ideal_points.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="unga-ideal-points", id="test", citation="", files=())

EXPECTED = [  # country, year, value, low, high, row, note
    ("USA", 1946, 1.67635, 1.339545, 2.039101, 2, "42 votes"),
    ("STP", 2023, -0.8519403, -1.935456, 0.1410772, 3, "2 votes"),
    ("YEM", 1950, -0.5649676, -0.885036, -0.2658524, 4, "51 votes"),
    ("YMD", 1974, -1.282607, -1.720291, -0.8482088, 5, "70 votes"),
    ("DEU", 1990, 1.894994, 1.715466, 2.082243, 6, "84 votes"),
    ("IND", 2023, -0.2516552, -0.4305577, -0.08189695, 7, "86 votes"),
]


def test_facts() -> None:
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    assert frame.select("country", "year", "value", "low", "high", "row", "note").rows() == EXPECTED
    assert frame["quantity"].unique().to_list() == ["ideal_point"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"India"', '"Bharat"', "unknown label"),
        ("-0.2516552", "much", "not a figure"),
        ("IdealPointAll", "IdealPoint", "absent"),
        ('"STP","São Tomé & Príncipe"', '"IND","India"', "stands twice"),
    ],
)
def test_defects_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "defect.csv"
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ParseError, match=says):
        parse([path], EDITION)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    with pytest.raises((ParseError, SourceError)):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_file() -> None:
    frame = store.parse_source(record.find("unga-ideal-points"), SHARED / "data")
    assert frame.height == 11_238
    newest = {c: v for c, v in frame.filter(pl.col("year") == 2023).select("country", "value").rows()}
    assert [round(newest[c], 2) for c in ("USA", "FRA", "IND", "RUS", "CHN")] == [2.50, 1.58, -0.25, -0.53, -0.80]
    assert frame.filter(pl.col("year") == 1964).is_empty()  # no vote was taken in session 19
