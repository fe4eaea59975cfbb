"""The one reader of reference tables: every type, and every fault with its place."""

from dataclasses import dataclass
from math import isnan

import pytest

from khanij.core.errors import ParseError
from khanij.core.range import Range
from khanij.reference import records
from khanij.reference.records import column


@dataclass(frozen=True, kw_only=True)
class Row:
    range: Range
    id: str = column("name")
    count: int
    share: float
    most: float | None
    sure: bool
    parts: tuple[str, ...]
    stage: str = column(among=lambda: ("mined", "refined"))
    range: Range


CELLS = {
    **{"name": "a", "count": "3", "share": "", "most": "", "sure": "yes", "parts": "x; y", "stage": "mined"},
    **{"low": "1", "best": "2", "high": "3", "source": "ours", "confidence": "low", "note": "n"},
}


def test_every_type_is_read():
    row = records.record(Row, CELLS, "t.csv line 2")
    assert (row.id, row.count, row.most, row.sure, row.parts) == ("a", 3, None, True, ("x", "y"))
    assert isnan(row.share)
    assert row.range == Range(1.0, 2.0, 3.0, "ours", "low", "n")


@pytest.mark.parametrize(
    ("cells", "what", "where"),
    [
        ({"count": "3.5"}, "'3.5' is no whole number", "t.csv line 2, column count"),
        ({"share": "much"}, "'much' is no number", "t.csv line 2, column share"),
        ({"sure": "perhaps"}, "'perhaps' is no yes or no", "t.csv line 2, column sure"),
        ({"stage": "sold"}, "unknown stage 'sold'", "t.csv line 2, column stage"),
        ({"name": None}, "no column 'name'", "t.csv line 2"),
        ({"best": "4"}, "a range out of order", "t.csv line 2"),
        ({"low": "-1"}, "a range out of order", "t.csv line 2"),
        ({"high": "inf"}, "a range out of order", "t.csv line 2"),
        ({"low": ""}, "not a figure", "t.csv line 2"),
        ({"source": ""}, "without source", "t.csv line 2"),
        ({"confidence": "sure"}, "without source or confidence", "t.csv line 2"),
    ],
)
def test_a_fault_is_told_with_its_place(cells, what, where):
    with pytest.raises(ParseError) as wrong:
        records.record(Row, CELLS | cells, "t.csv line 2")
    assert what in wrong.value.what
    assert wrong.value.where == where
    assert wrong.value.hint


def test_a_key_stands_once(monkeypatch):
    monkeypatch.setattr(records, "rows", lambda table: [CELLS, CELLS])
    with pytest.raises(ParseError, match="stands twice"):
        records.keyed(Row, "t", "id")
