"""World Bank gross domestic product: countries, named aggregates, the world; and the full file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.worldbank_gdp.parse import parse

FIXTURE = Path(__file__).parent / "fixtures" / "worldbank_gdp.csv"
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="worldbank-gdp", id="test", citation="", files=())

EXPECTED = [  # country, year, value, item, row
    ("IND", 2022, 3353470496885.9478, "current USD", 2),
    ("IND", 2023, 3549918918777.5317, "current USD", 3),
    ("BHS", 2023, 14338500000.0, "current USD", 4),
    ("AGG", 2022, 11228317318.765242, "current USD | Channel Islands", 5),
    ("AGG", 2023, 67653743404264.14, "current USD | High income", 6),
    ("WLD", 2023, 105435039507024.1, "current USD", 7),
]


def test_facts() -> None:
    frame = facts.complete(parse([FIXTURE], EDITION), source=EDITION.source, edition=EDITION.id)
    facts.check(frame, "test")
    assert frame.select("country", "year", "value", "item", "row").rows() == EXPECTED
    assert frame["unit"].unique().to_list() == ["USD"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("World,WLD", "Atlantis,ATL", "unknown label"),
        ("14338500000.0", "..", "not a figure"),
        ("Country Name", "Name", "absent"),
    ],
)
def test_defects_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "defect.csv"
    path.write_text(FIXTURE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises((ParseError, SourceError), match=says):
        parse([path], EDITION)


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_file() -> None:
    frame = store.parse_source(record.find("worldbank-gdp"), SHARED / "data")
    assert frame.height == 13_979
    one = frame.filter(pl.col("country") == "IND", pl.col("year") == 2023)["value"].to_list()
    assert one == [pytest.approx(3.55e12, rel=1e-3)]
    assert frame.filter(pl.col("country").is_null()).is_empty()
