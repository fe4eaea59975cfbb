"""Make and use tables: cells, totals that no fact repeats, defects; and the full files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from khanij.core.errors import ParseError, SourceError
from khanij.data.cubes import economy
from khanij.data.facts import record, store
from khanij.data.facts import schema as facts
from khanij.data.facts.record import Edition
from khanij.data.sources.bea_io.parse import parse

FIXTURES = [Path(__file__).parent / "fixtures" / f"bea_io_{name}_2017.csv" for name in ("use", "make")]
SHARED = Path(__file__).parents[2].parent / "shared"
EDITION = Edition(source="bea-io", id="test", citation="", files=())

EXPECTED = [  # quantity, item, value, row: no zeros, no totals
    ("final_demand", "exports | 1111A0", 7.0, 2),
    ("final_demand", "exports | 331410", 6.0, 3),
    ("final_demand", "imports | 1111A0", -2.0, 2),
    ("final_demand", "imports | 331410", -10.0, 3),
    ("final_demand", "imports | S00300", -3.0, 4),
    ("gross_output", "1111A0", 41.0, 10),
    ("gross_output", "331410", 21.0, 10),
    ("gross_output", "S00201", -5.0, 10),
    ("industry_value_added", "1111A0", 26.0, 9),
    ("industry_value_added", "331410", -2.0, 9),
    ("industry_value_added", "S00201", -4.0, 9),
    ("intermediate_use", "1111A0 > 1111A0", 10.0, 2),
    ("intermediate_use", "331410 > 1111A0", 5.0, 3),
    ("intermediate_use", "331410 > 331410", 20.0, 3),
    ("intermediate_use", "331410 > S00201", -1.0, 3),
    ("intermediate_use", "S00300 > 331410", 3.0, 4),
    ("make", "1111A0 > 1111A0", 39.0, 2),
    ("make", "1111A0 > 331410", 2.0, 2),
    ("make", "331410 > 1111A0", 1.0, 3),
    ("make", "331410 > 331410", 18.0, 3),
]


def test_facts() -> None:
    frame = facts.complete(parse(FIXTURES, EDITION), source=EDITION.source, edition=EDITION.id)
    made = frame.filter(pl.col("quantity") != "gross_output")
    facts.check(made, "test")
    found = frame.sort("quantity", "item").select("quantity", "item", "value", "row").rows()
    assert found == EXPECTED
    assert frame["year"].unique().to_list() == [2017]
    assert frame["country"].unique().to_list() == ["USA"]


@pytest.mark.parametrize(
    ("which", "old", "new", "says"),
    [
        (0, "F01000", "F99999", "part at F99999"),
        (0, "331410,5.0", "331419,5.0", "part at 331410"),
        (0, "V00300", "V00900", "unknown row V00900"),
        (0, "T006", "T005x", "unknown row"),
        (0, "25.0", "many", "not a figure"),
        (0, "5.0,20.0", "5.0,200.0", "miss output by 180"),
        (0, ",7.0,", ",,", "not a figure"),
        (1, "S00201,", "S00202,", "part at S00201"),
    ],
)
def test_defects_are_errors(tmp_path: Path, which: int, old: str, new: str, says: str) -> None:
    paths = []
    for at, path in enumerate(FIXTURES):
        text = path.read_text(encoding="utf-8")
        assert at != which or old in text
        paths.append(tmp_path / path.name)
        paths[-1].write_text(text.replace(old, new, 1) if at == which else text, encoding="utf-8")
    with pytest.raises(ParseError, match=says):
        parse(paths, EDITION)


def test_an_unreadable_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises((SourceError, ParseError)):
        parse([tmp_path / "Use_2017.csv", FIXTURES[1]], EDITION)
    (tmp_path / "Use_2017.csv.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises((SourceError, ParseError)):
        parse([tmp_path / "Use_2017.csv.gz", FIXTURES[1]], EDITION)


def test_the_industry_by_industry_table_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Product 1111A0: make 40, exports 7, imports 2, so 33/35 home-made; its makers have 39/40 and 1/40."""
    frame = facts.complete(parse(FIXTURES, EDITION), source="bea-io", edition="test").with_columns(
        key=pl.lit("bea-io@test"), value=pl.when(pl.col("value") == -5.0).then(1.0).otherwise("value")
    )
    monkeypatch.setattr(economy, "_facts", lambda kind, quantity: frame.filter(pl.col("quantity") == quantity))
    cube = economy.table_flow("detail", "economy_flow")
    inside, outside = cube.values[0, 0]
    wheat, metal = 33 / 35, 14 / 24
    use = np.array([[10.0, 0.0, 0.0], [5.0, 20.0, 0.0]])  # the sale of the transit authority is no purchase
    shares = np.array([[39 / 40, 2 / 20], [1 / 40, 18 / 20], [0.0, 0.0]])
    np.testing.assert_allclose(inside, shares @ (np.array([[wheat], [metal]]) * use))
    np.testing.assert_allclose(inside + outside, shares @ use)
    assert economy.CLIPPED in cube.notes
    assert cube.axes[-1].codes == ("1111A0", "331410", "S00201")


@pytest.mark.skipif(not SHARED.is_dir(), reason="publishers' files are not here")
def test_the_full_files() -> None:
    frame = store.parse_source(record.find("bea-io"), SHARED / "data")
    count = dict(frame.group_by("quantity").len().rows())
    assert count["gross_output"] == count["industry_value_added"] == 402
    assert count["intermediate_use"] == 48_754
    output = frame.filter(quantity="gross_output")
    assert output["value"].sum() == pytest.approx(34.47e6, rel=1e-3)
    assert output.filter(item="212230")["value"].to_list() == [12_890.0]
    assert frame.filter(quantity="industry_value_added")["value"].sum() == pytest.approx(19.61e6, rel=1e-3)
    assert frame.filter(quantity="make", item="334413 > 334413")["value"].item() == 50_296.0
