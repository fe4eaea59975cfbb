"""Figures of partnerships and plans from tables made up here: spans, ranges, words."""

import pytest

from khanij.analyses.partner import figures
from khanij.analyses.plan import figures as drawings
from khanij.core.number import Number
from khanij.core.table import Table

SOURCES = ("a@1",)


def number(value, unit="million USD", low=None, high=None):
    return Number(value, unit, SOURCES, low, high)


def scenario(id, name, without, averted, low=None, high=None):
    return {
        "partner_scenario": id,
        "scenario_name": name,
        "loss_without": number(without),
        "loss_with": number(without - averted),
        "averted": number(averted, low=low, high=high),
    }


def share(name, mineral, form, before, after):
    row = {"scenario_name": name, "mineral": mineral, "form": form}
    return row | {"share_before": number(before, "1"), "share_after": number(after, "1")}


def begun(measure, start, works, cost=1.0):
    row = {"measure_name": measure, "begun": start, "works_from": works, "component": "Plants"}
    return row | {"measure_size": number(5.0, "t/yr"), "cost": number(cost), "averted": number(2.0)}


def test_what_is_published_is_not_drawn_and_ranges_are_ordered():
    rows = [
        scenario("as-published", "What is signed", 10.0, 0.0),
        scenario("own", "A course of our own", 10.0, 4.0, 1.0, 5.0),
        scenario("plants", "Joint plants at home", 9.0, 1.0),
    ]
    figure = figures.paired(Table.of("x", rows, units={"averted": "million USD"}), "CHL")
    without, with_ = figure.figure["data"]
    assert (without["x"], with_["x"]) == ([10.0, 9.0], [6.0, 8.0])
    assert with_["error_x"]["array"] == [3.0, 0.0]  # most loss 9: 1 averted
    assert with_["error_x"]["arrayminus"] == [1.0, 0.0]  # least loss 5
    assert "A course of our own: 10 without, 6 with" in figure.alt
    assert "Joint plants at home" in figure.alt
    assert "Chile" in figure.caption
    assert figure.sources == SOURCES
    assert figures.paired(Table.of("x", rows[:1]), "CHL") is None


def test_shares_before_and_after_are_joined_and_none_is_no_figure():
    rows = [share("Contracts on tonnes", "Rare earths", "compound", 0.0, 0.12)]
    figure = figures.dumbbell(Table.of("x", rows), "CHL")
    assert "Rare earths, compound (contracts on tonnes)" in figure.alt
    assert "12" in figure.alt
    assert figures.dumbbell(Table.by_column("x", {name: () for name in rows[0]}), "CHL") is None


def test_a_plan_is_drawn_in_order_and_told_in_words():
    rows = [
        begun("Copper: smelter", 2028, 2030),
        begun("Tin: stock", 2025, 2025),
        begun("Copper: smelter", 2026, 2028),
    ]
    table = Table.of("x", rows, units={"cost": "crore INR"})
    figure = drawings.gantt(table, 2031, 10)
    order = figure.figure["layout"]["yaxis"]["categoryarray"]
    assert order == ["Tin: stock", "Copper: smelter"]  # one line a measure; what is added to it is hatched on it
    assert figure.alt.startswith("Bars by year. Tin: stock, begun 2025, works from 2025; Copper: smelter, begun 2026")
    assert "to 2041" in figure.caption
    assert figure.figure["layout"]["xaxis"]["range"] == [2025, 2042]
    assert drawings.gantt(Table.by_column("x", {name: () for name in rows[0]}), 2031, 10) is None


def test_the_frontier_begins_without_a_plan():
    row = {"spent": number(3.0), "expected_loss": number(80.0), "sampling_error": number(2.0)}
    row |= {"tail_loss": number(200.0), "measures_begun": 1}
    asked = ((0.1, 0.0), (1.0, 0.0), (1.0, 2.0))
    parts = [{"budget_part": part, "tail_weight": weight} | row for part, weight in asked]
    table = Table.of("x", parts, units={"expected_loss": "crore INR"})
    lines = [
        {"line": "loss_without", "value": number(100.0), "sampling_error": number(3.0)},
        {"line": "tail_without", "value": number(250.0), "sampling_error": ""},
    ]
    figure = drawings.frontier(table, Table.of("y", lines))
    tail, expected = figure.figure["data"]
    assert expected["y"] == [100.0, 80.0, 80.0]  # another weight of the tail is no part of the budget
    assert expected["error_y"]["array"] == [3.0, 2.0, 2.0]
    assert tail["y"] == [250.0, 200.0, 200.0]
    assert expected["x"][0] == "none"
    assert expected["x"][1].startswith("10")
    assert "none 100" in figure.alt
    assert drawings.frontier(Table.by_column("x", {"budget_part": ()}), Table.of("y", lines)) is None


def test_ends_are_those_of_the_range_or_the_value():
    assert figures.ends({"averted": number(7.0, low=4.0, high=8.0)}) == (4.0, 8.0)
    assert figures.ends({"averted": number(-1.0)}) == pytest.approx((-1.0, -1.0))
