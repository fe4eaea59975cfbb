"""Balances of a focus: identities, groups, ranges, and the reasons for what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.registry import run
from khanij.methods import reliance
from khanij.methods.trade import flows

AXES = {
    "material": ["copper", "cobalt"],
    "stage": ["mined", "refined"],
    "country": ["AAA", "BBB", "CCC"],
    "year": ["2022"],
    "focus": ["AAA", "AB"],
}
MEMBERS = [["AAA", "AAA", "2022", 1], ["AB", "AAA", "2022", 1], ["AB", "BBB", "2022", 1]]
OUTPUT = [["copper", "mined", c, "2022", v] for c, v in (("AAA", 50.0), ("BBB", 30.0), ("CCC", 100.0))]
TRADE = [
    ["copper", "mined", "CCC", "AAA", "2022", 60.0, 50.0, 70.0],
    ["copper", "mined", "BBB", "AAA", "2022", 20.0, 18.0, 22.0],
    ["copper", "mined", "AAA", "CCC", "2022", 10.0, 9.0, 11.0],
]
CELL = ("copper", "mined", "AAA", "2022")
GROUP = ("copper", "mined", "AB", "2022")


@pytest.fixture
def case(make):
    return make(AXES, production=OUTPUT, trade=TRADE, membership=MEMBERS)


def test_the_balance_of_a_country(case, at) -> None:
    result = run("balance", case)
    assert [at(result, m, *CELL) for m in result.variables] == [50.0, 80.0, 10.0, 120.0]
    assert at(run("apparent-consumption", case), "apparent_consumption", *CELL) == 120.0


def test_trade_inside_a_group_does_not_count(case, at) -> None:
    result = run("balance", case)
    assert [at(result, m, *GROUP) for m in result.variables] == [80.0, 60.0, 10.0, 130.0]


def test_reliance_and_self_sufficiency_add_up_to_one(case, at) -> None:
    r = at(run("import-reliance", case), "import_reliance", *CELL)
    z = at(run("self-sufficiency", case), "self_sufficiency", *CELL)
    assert r == pytest.approx(70 / 120)
    assert r + z == pytest.approx(1.0)


def test_the_content_range_moves_imports_and_exports_together(case) -> None:
    cube = run("import-reliance", case).value
    low, high = cube.low[0, 0, 0, 0], cube.high[0, 0, 0, 0]
    assert low == pytest.approx((68 - 9) / (50 + 68 - 9))
    assert high == pytest.approx((92 - 11) / (50 + 92 - 11))


def test_a_range_holds_its_value_where_contents_go_by_unit_value(make, at) -> None:
    """What comes in is rich and what goes out poor, as India's cobalt of 2024: no common content gives both."""
    trade = [
        ["copper", "mined", "CCC", "AAA", "2022", 90.0, 10.0, 95.0],
        ["copper", "mined", "AAA", "CCC", "2022", 12.0, 10.0, 80.0],
    ]
    cube = run("apparent-consumption", make(AXES, production=OUTPUT, trade=trade, membership=MEMBERS)).value
    assert cube.low[0, 0, 0, 0] == pytest.approx(50 + 10 - 10)
    assert cube.values[0, 0, 0, 0] == pytest.approx(50 + 90 - 12)
    assert cube.high[0, 0, 0, 0] == pytest.approx(50 + 90 - 12)


def test_apparent_consumption_not_above_zero_is_missing_and_said_to_be(make, at) -> None:
    trade = [["copper", "mined", "AAA", "CCC", "2022", 90.0]]
    result = run("import-reliance", make(AXES, production=OUTPUT, trade=trade, membership=MEMBERS))
    assert np.isnan(at(result, "import_reliance", *CELL))
    assert result.remarks[reliance.NO_CONSUMPTION][0, 0, 0, 0]
    rows = [row for row in result.table().rows() if row["focus"] == "AAA" and row["stage"] == "mined"]
    assert rows[0]["value"] is None
    assert reliance.NO_CONSUMPTION in rows[0]["notes"]


def test_withheld_output_is_missing_not_zero(make, at) -> None:
    output = [row for row in OUTPUT if row[2] != "AAA"]
    result = run("import-reliance", make(AXES, production=output, trade=TRADE, membership=MEMBERS))
    assert np.isnan(at(result, "import_reliance", *CELL))
    assert result.remarks[flows.WITHHELD][0, 0, 0, 0]
    assert result.remarks[flows.PARTLY_WITHHELD][0, 0, 1, 0]
    assert at(result, "import_reliance", *GROUP) == pytest.approx((60 - 10) / (30 + 60 - 10))


def test_a_stage_without_any_source_is_missing(make, at) -> None:
    trade = [*TRADE, ["copper", "refined", "CCC", "AAA", "2022", 5.0]]
    result = run("self-sufficiency", make(AXES, production=OUTPUT, trade=trade, membership=MEMBERS))
    assert np.isnan(at(result, "self_sufficiency", "copper", "refined", "AAA", "2022"))
    assert result.remarks[flows.NO_PRODUCTION][0, 1, 0, 0]
    assert not result.remarks[flows.NO_PRODUCTION][1].any()


def test_an_uncovered_stage_has_neither_value_nor_row(case) -> None:
    result = run("import-reliance", case)
    assert not any(row["material"] == "cobalt" for row in result.table().rows())


def test_flows_without_tonnage_are_named_with_their_value(make) -> None:
    massless = [["copper", "mined", "CCC", "AAA", "2022", 7.5], ["copper", "mined", "BBB", "AAA", "2022", 1.0]]
    result = run(
        "import-reliance", make(AXES, production=OUTPUT, trade=TRADE, membership=MEMBERS, trade_massless=massless)
    )
    assert result.details[flows.MASSLESS][0, 0, :, 0].tolist() == [8.5, 7.5]
    assert f"{flows.MASSLESS}: 8.5" in next(iter(result.table().rows()))["notes"]


def test_a_group_counts_an_unlisted_remainder_once(make) -> None:
    from dataclasses import replace

    case = make(
        AXES, production=[*OUTPUT[:2], ["copper", "mined", "CCC", "2022", 0.0]], trade=TRADE, membership=MEMBERS
    )
    cube = case.cube("production")
    values = np.where(np.isnan(cube.values), np.nan, 0.0)
    high = np.where(np.isnan(cube.values), np.nan, 9.0)
    open_ended = case.with_cubes("remainder", production=replace(cube, values=values, low=values, high=high))
    own = flows.own_output(open_ended)
    assert own.high[0, 0, :, 0].tolist() == [9.0, 9.0]
