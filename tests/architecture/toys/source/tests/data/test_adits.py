"""Output of mines: labels, a withheld figure, a correction, and defects."""

from pathlib import Path

import pytest

from khanij.core.errors import ParseError
from khanij.data.facts import corrections, record
from khanij.data.facts import schema as facts
from khanij.data.sources.adits.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "adits.csv"
EXPECTED = [
    ("AUS", 2022, 60000.0, "reported", 2),
    ("AUS", 2023, None, "withheld", 2),
    ("CHL", 2022, 40000.0, "imputed", 3),
    ("CHL", 2023, 44000.0, "reported", 3),
    ("WLD", 2022, 110000.0, "reported", 4),
    ("WLD", 2023, 130000.0, "reported", 4),
]


def test_facts():
    source = record.find("adits")
    frame = facts.complete(parse([FIXTURE], source.editions[0]), source="adits", edition="1")
    frame = corrections.apply(frame, source.folder / "corrections.toml")
    facts.check(frame, "test")
    found = frame.sort("country", "year").select("country", "year", "value", "status", "row")
    assert found.rows() == EXPECTED
    assert frame["material"].unique().to_list() == ["lithium"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [("Chilly", "Cilly", "unknown label"), ("44000", "many", "not a figure"), ("Mineral", "Rock", "absent")],
)
def test_defects_are_errors(tmp_path, old, new, says):
    path = tmp_path / FIXTURE.name
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ParseError, match=says):
        parse([path], record.find("adits").editions[0])
