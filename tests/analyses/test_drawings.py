"""Figures of partnerships and plans from tables made up here: spans, ranges, words."""

import pytest

from khanij.analyses.partner import figures
from khanij.analyses.plan import figures as drawings
from khanij.core.table import Table

SOURCES = ("a@1",)


def scenario(name, without, averted, low, high):
    return {
        "scenario": name,
        "meaning": f"meaning of {name}",
        "loss without": without,
        "loss with": without - averted,
        "averted": averted,
        "at low volumes": low,
        "at high volumes": high,
    }


def share(scenario, material, stage, before, after):
    return {"scenario": scenario, "material": material, "stage": stage, "share before": before, "share after": after}


def begun(measure, start, works, cost=1.0):
    row = {"begun": str(start), "works from": str(works), "measure": measure, "component": "plants", "size": 5.0}
    return row | {"unit": "t/yr", "cost": cost, "averts a year, alone": 2.0}


def test_what_is_published_is_not_drawn_and_ranges_are_ordered():
    rows = [
        scenario("as-published", 10.0, 0.0, 0.0, 0.0),
        scenario("own", 10.0, 4.0, 5.0, 1.0),
        scenario("plants", 9.0, 1.0, 1.0, 1.0),
    ]
    figure = figures.paired(Table.of("x", rows, units={"averted": "million USD"}), "CHL", SOURCES)
    without, with_ = figure.figure["data"]
    assert (without["x"], with_["x"]) == ([10.0, 9.0], [6.0, 8.0])
    assert with_["error_x"]["array"] == [3.0, 0.0]  # most loss 9: 1 averted
    assert with_["error_x"]["arrayminus"] == [1.0, 0.0]  # least loss 5
    assert "Meaning of own: 10 without, 6 with" in figure.alt
    assert "Joint plants at home" in figure.alt
    assert "Chile" in figure.caption
    assert figures.paired(Table.of("x", rows[:1]), "CHL", SOURCES) is None


def test_shares_that_do_not_move_are_not_drawn():
    rows = [share("offtake", "rare-earths", "processed", 0.0, 0.12), share("offtake", "copper", "mined", 0.1, 0.104)]
    figure = figures.dumbbell(Table.of("x", rows), "CHL", SOURCES)
    assert "Rare earths" in figure.alt
    assert "12" in figure.alt
    assert "opper" not in figure.alt
    assert figures.dumbbell(Table.of("x", rows[1:]), "CHL", SOURCES) is None


def test_a_plan_is_drawn_in_order_and_told_in_words():
    rows = [begun("late", 2028, 2030), begun("early", 2025, 2025), begun("late", 2026, 2028)]
    table = Table.of("x", rows, units={"cost": "crore INR"})
    figure = drawings.gantt(table, {"early": "Tin: stock", "late": "Copper: smelter"}, 2031, 10, SOURCES)
    order = figure.figure["layout"]["yaxis"]["categoryarray"]
    assert order == ["Tin: stock", "Copper: smelter"]  # one line a measure; what is added to it is hatched on it
    assert figure.alt.startswith("Bars by year. Tin: stock, begun 2025, works from 2025; Copper: smelter, begun 2026")
    assert "to 2041" in figure.caption
    assert figure.figure["layout"]["xaxis"]["range"] == [2025, 2042]
    empty = Table.by_column("x", {name: () for name in rows[0]})
    assert drawings.gantt(empty, {}, 2031, 10, SOURCES) is None


def test_the_frontier_begins_without_a_plan():
    units = {"expected loss": "crore INR"}
    row = {"spent": 3.0, "expected loss": 80.0, "standard error": 2.0, "CVaR 95%": 200.0, "measures": 1}
    table = Table.of("x", [{"budget, times": "0.1"} | row, {"budget, times": "1"} | row], units=units)
    account = Table.of(
        "y",
        [
            {
                "figure": "expected loss without a plan, fresh",
                "value": 100.0,
                "standard error": 3.0,
                "unit": "crore INR",
            },
            {"figure": "CVaR 95% without a plan, fresh", "value": 250.0, "standard error": 9.0, "unit": "crore INR"},
        ],
    )
    figure = drawings.frontier(table, account, SOURCES)
    tail, expected = figure.figure["data"]
    assert expected["y"] == [100.0, 80.0, 80.0]
    assert expected["error_y"]["array"] == [3.0, 2.0, 2.0]
    assert tail["y"] == [250.0, 200.0, 200.0]
    assert expected["x"][0] == "none"
    assert expected["x"][1].startswith("10")
    assert "none 100" in figure.alt
    assert drawings.frontier(Table.by_column("x", {"budget, times": ()}), account, SOURCES) is None


def test_ends_hold_what_is_in_the_middle():
    assert figures.ends(scenario("s", 1.0, 7.0, 4.0, 6.0)) == (4.0, 7.0)
    assert figures.ends(scenario("s", 1.0, -1.0, 0.5, -2.0)) == pytest.approx((-2.0, 0.5))
