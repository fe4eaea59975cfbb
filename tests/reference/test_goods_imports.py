"""What is told of imports of which no table is held: each row once, of low confidence where it was not read."""

import pytest

from khanij import reference
from khanij.core.errors import ParseError
from khanij.reference.industry import goods_imports as table


def test_every_row_has_a_range_a_seller_and_a_source():
    rows = table.goods_imports()
    assert len({(row.good, row.place, row.year) for row in rows}) == len(rows)
    for row in rows:
        assert row.value is not None
        assert row.share is not None
        assert row.supplier != row.place
        assert all(id in reference.bibliography() for id in row.source.split(";"))
        assert row.kind == "read" or row.confidence == "low"


def test_the_largest_value_stands_first_and_another_country_has_none():
    values = [row.value.best for row in table.told_imports("IND")]
    assert values == sorted(values, reverse=True)
    assert table.told_imports("BTN") == ()


@pytest.mark.parametrize(
    ("column", "wrong"), [("supplier", "XXX"), ("material", "phlogiston"), ("share_low", "0.99"), ("source", "hearsay")]
)
def test_a_wrong_row_is_refused(column, wrong):
    row = reference.rows("goods_imports")[0] | {column: wrong}
    with pytest.raises(ParseError):
        table._parse(row, "goods_imports.csv:2")
