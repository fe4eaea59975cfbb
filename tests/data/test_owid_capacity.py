"""Installed capacity: two files, the world, aggregates and places with codes of their own; and the full files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.owid_capacity.parse import parse

FIXTURES = [Path(__file__).parent / "fixtures" / f"owid_capacity_{name}.csv" for name in ("solar", "wind")]
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="owid-capacity", id="test", citation="", files=())
SOLAR, WIND = "solar | Solar capacity (total) (GW)", "wind | Wind capacity (total) (GW)"
EXPECTED = [  # country, item, year, value, row
    ("IND", SOLAR, 2022, 63.390404, 2),
    ("IND", SOLAR, 2023, 73.109344, 3),
    ("XKX", SOLAR, 2023, 0.02, 4),
    ("WLD", SOLAR, 2023, 1418.9691, 5),
    ("AGG", f"{SOLAR} | European Union (27)", 2023, 254.5, 6),
    ("IND", WIND, 2023, 44.73624, 2),
    ("AFG", WIND, 2012, 0.000100000005, 3),
]


def test_facts() -> None:
    frame = facts.complete(parse(FIXTURES, EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    assert frame.select("country", "item", "year", "value", "row").rows() == EXPECTED


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Kosovo", "Atlantis", "unknown label"),
        ("73.109344", "much", "not a figure"),
        ("Solar capacity (total) (GW)", "Sunshine", "0 of the columns"),
        ("Entity", "Name", "absent"),
    ],
)
def test_defects_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "defect.csv"
    path.write_text(FIXTURES[0].read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises((ParseError, SourceError), match=says):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_files() -> None:
    frame = store.parse_source(record.find("owid-capacity"), SHARED / "data")
    assert frame.height == 7_122
    world = frame.filter(pl.col("country") == "WLD", pl.col("year") == 2023).sort("item")["value"].to_list()
    assert world == pytest.approx([1419, 1017], rel=1e-3)
