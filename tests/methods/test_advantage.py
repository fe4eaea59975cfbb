"""Revealed advantage and the ladder of value on a world made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from khanij.core.axis import Axis
from khanij.core.case import Case
from khanij.core.cube import Cube
from khanij.core.registry import run
from khanij.methods.trade import advantage

AXES = {
    "material": ["copper", "gallium", "gold", "lead", "steam-coal"],
    "stage": ["mined", "refined", "scrap"],
    "country": ["AAA", "BBB", "CCC"],
    "year": ["2023"],
    "focus": ["AAA", "AB"],
}
MEMBERS = [["AAA", "AAA", "2023", 1], ["AB", "AAA", "2023", 1], ["AB", "BBB", "2023", 1]]


def flow(material, stage, source, target, value):
    return [material, stage, source, target, "2023", value]


VALUE = [
    flow("copper", "mined", "AAA", "CCC", 60.0),
    flow("copper", "mined", "BBB", "CCC", 40.0),
    flow("copper", "refined", "CCC", "AAA", 100.0),
    flow("copper", "refined", "AAA", "BBB", 20.0),
    flow("lead", "refined", "CCC", "BBB", 180.0),
    flow("gallium", "refined", "AAA", "CCC", 500.0),
    flow("steam-coal", "mined", "AAA", "CCC", 900.0),
    flow("gold", "refined", "CCC", "BBB", 400.0),
    flow("copper", "scrap", "AAA", "BBB", 700.0),
]
MASS = [
    [*flow("copper", "mined", "AAA", "CCC", 12.0), 10.0, 15.0],
    flow("copper", "mined", "BBB", "CCC", 8.0),
    flow("copper", "refined", "CCC", "AAA", 10.0),
    flow("lead", "refined", "CCC", "BBB", 90.0),
]
COVERED = [[m, s, "2023", 1] for m, s in dict.fromkeys((row[0], row[1]) for row in VALUE)]


@pytest.fixture
def case(make):
    massless = [flow("copper", "refined", "AAA", "BBB", 20.0)]
    return make(
        AXES, trade=MASS, trade_value=VALUE, trade_massless=massless, membership=MEMBERS, trade_value_covered=COVERED
    )


def test_advantage_by_hand(case, at) -> None:
    """Without gold, coal, scrap and shared gallium the world sells 400, of which AAA 80."""
    result = run("revealed-advantage", case)
    assert at(result, "advantage", "copper", "mined", "AAA", "2023") == pytest.approx((60 / 80) / (100 / 400))
    assert at(result, "advantage", "copper", "refined", "AAA", "2023") == pytest.approx((20 / 80) / (120 / 400))
    assert at(result, "symmetric", "copper", "mined", "AAA", "2023") == pytest.approx(0.5)
    assert at(result, "world_share", "copper", "mined", "AAA", "2023") == pytest.approx(0.6)
    assert at(result, "net_trade", "copper", "refined", "AAA", "2023") == pytest.approx(-80 / 120)


def test_the_range_has_the_basket_with_gold(case) -> None:
    cube = run("revealed-advantage", case).variable("advantage")
    assert cube.low[0, 0, 0, 0] == pytest.approx(3.0)
    assert cube.high[0, 0, 0, 0] == pytest.approx((60 / 80) / (100 / 800))


def test_trade_inside_a_group_is_no_export(case, at) -> None:
    result = run("revealed-advantage", case)
    assert at(result, "world_share", "copper", "refined", "AB", "2023") == 0.0
    assert at(result, "world_share", "copper", "mined", "AB", "2023") == pytest.approx(1.0)
    assert result.remarks[advantage.NO_EXPORTS][0, 1, 1, 0]


def test_a_shared_code_gives_no_advantage_and_says_so(case, at) -> None:
    for name, measure in (("revealed-advantage", "advantage"), ("value-ladder", "unit_value")):
        result = run(name, case)
        assert np.isnan(at(result, measure, "gallium", "refined", "AAA", "2023"))
        assert result.remarks[advantage.SHARED][1, 1, 0, 0]


def test_share_over_the_economy(case, at) -> None:
    gdp = Cube("gdp", "USD", (Axis("country", tuple(AXES["country"])), case.axis("year")), np.array([[1.0], [1], [2]]))
    result = run("revealed-advantage", Case(case.axes, {**case.cubes, "gdp": gdp}))
    assert at(result, "per_economy", "copper", "mined", "AAA", "2023") == pytest.approx(0.6 / 0.25)
    lacking = Cube("gdp", "USD", gdp.axes, np.array([[np.nan], [1.0], [2.0]]))
    result = run("revealed-advantage", Case(case.axes, {**case.cubes, "gdp": lacking}))
    assert np.isnan(at(result, "per_economy", "copper", "mined", "AAA", "2023"))


def test_the_ladder_by_hand(case, at) -> None:
    """Mined: 100 kUSD over 20 t; refined: 100 kUSD with a tonnage over 10 t; the step is twofold."""
    result = run("value-ladder", case)
    assert at(result, "world_unit_value", "copper", "mined", "2023") == pytest.approx(5000.0)
    assert at(result, "world_unit_value", "copper", "refined", "2023") == pytest.approx(10_000.0)
    assert at(result, "step", "copper", "refined", "2023") == pytest.approx(2.0)
    assert np.isnan(at(result, "step", "lead", "refined", "2023"))
    assert at(result, "unit_value", "copper", "mined", "AAA", "2023") == pytest.approx(5000.0)
    assert at(result, "import_unit_value", "copper", "refined", "AAA", "2023") == pytest.approx(10_000.0)


def test_more_tonnes_make_a_tonne_worth_less(case) -> None:
    cube = run("value-ladder", case).variable("unit_value")
    assert cube.low[0, 0, 0, 0] == pytest.approx(60_000 / 15)
    assert cube.high[0, 0, 0, 0] == pytest.approx(60_000 / 10)


def test_value_without_any_tonnage_beside_it_gives_no_value_of_a_tonne(make, at) -> None:
    axes = {**AXES, "material": ["copper"]}
    rows = [row for row in VALUE if row[:2] == ["copper", "refined"]]
    odd = make(axes, trade=MASS[2:3], trade_value=rows, membership=MEMBERS, trade_value_covered=COVERED[:2])
    result = run("value-ladder", odd)
    assert np.isnan(at(result, "world_unit_value", "copper", "refined", "2023"))
    assert result.remarks[advantage.UNMATCHED][0, 1, 0, 0]


def test_a_case_without_flows_gives_nothing_and_no_error(make) -> None:
    empty = make(AXES, trade=[], trade_value=[], membership=MEMBERS)
    for name in ("revealed-advantage", "value-ladder"):
        assert run(name, empty).trace.coverage[next(iter(run(name, empty).variables))][0] == 0
