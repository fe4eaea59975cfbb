"""Single figures of intensity from published works: units, ranges, oxides, what is skipped; and the full file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.published_intensity.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "published_intensity.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="published-intensity", id="test", citation="", files=())
EXPECTED = [  # material, technology, year, value, low, high, unit, status, confidence, row
    ("lithium", "battery-lfp", 2024, 91.5, None, None, "t/GWh", "reported", "high", 3),
    ("phosphorus", "battery-lfp", 2024, 897.3, None, None, "t/GWh", "reported", "high", 4),
    ("manganese", "battery-nca", 2024, 0.0, None, None, "t/GWh", "reported", "high", 5),
    ("dysprosium", "wind-dd-pm", 2020, 18.926, None, None, "t/GW", "reported", "high", 6),
    ("copper", "wind-gearbox", 2024, 1350.0, 800.0, 1900.0, "t/GW", "derived", "medium", 8),
    ("titanium", "aircraft-a320", 2008, 11.33981, None, None, "t/1", "reported", "medium", 9),
    ("neodymium", "motor-car", 2018, 0.0008107, None, None, "t/1", "reported", "medium", 10),
    ("iridium", "electrolyser-pem", 2023, 0.4, None, None, "t/GW", "reported", "medium", 11),
]


def test_facts() -> None:
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    rows = frame.with_columns(item=pl.col("item").str.split(" | ").list.first()).select(
        "material", "item", "year", "value", "low", "high", "unit", "status", "confidence", "row"
    )
    found = rows.rows()
    assert [row[:3] + row[4:] for row in found] == [row[:3] + row[4:] for row in EXPECTED]
    assert [row[3] for row in found] == pytest.approx([row[3] for row in EXPECTED], rel=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("chem=NCA", "chem=NEW", "unknown indicator"),
        ("World,P,", "World,Xx,", "unknown label"),
        ("0.0915", "about 0.09", "no figure"),
        ("800-1900", "800-many", "no figure"),
        ("indicator", "index", "no column"),
        ("INTENSITY_", "OTHER_", "no table"),
    ],
)
def test_defects_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "defect.csv"
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises((ParseError, SourceError), match=says):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_file() -> None:
    frame = store.parse_source(record.find("published-intensity"), SHARED / "data")
    assert frame.height == 228
    one = frame.filter(pl.col("item") == "battery-nmc811 | NMC811", pl.col("material") == "nickel")
    assert one["value"].to_list() == [pytest.approx(658.4)]
