import subprocess
import sys

import plotly.graph_objects as go
import pytest

from khanij.present.figures import TaskBar, spans, style

NAMES = "matrix suppliers balance ranked world sankey free lines gantt paired dumbbell frontier".split()


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_valid_plotly(toy, name):
    figure = toy.drawings()[name]
    go.Figure(data=figure["data"], layout=figure["layout"])
    assert figure["layout"]["height"] > 0


def test_map_asks_the_network_for_nothing(toy):
    world = toy.drawings()["world"]
    assert all(trace["geojson"] == "world" and "://" not in trace["geojson"] for trace in world["data"])
    assert world["layout"]["geo"]["visible"] is False
    assert world["data"][1]["locations"] == ["CHL"]  # no outline, or nothing sent: not coloured


def test_unknown_stays_a_gap_and_breaks_are_marked(toy):
    lines = toy.drawings()["lines"]
    assert lines["data"][0]["y"][1] is None
    assert lines["data"][0]["connectgaps"] is False
    assert [note["text"] for note in lines["layout"]["annotations"]] == ["new edition"]


def test_sankey_leaves_out_what_has_no_size(toy):
    trace = toy.drawings()["sankey"]["data"][0]
    assert [label.split()[0] for label in trace["node"]["label"]] == ["Chile", "Ore", "Use"]
    assert all("5" in label for label in trace["node"]["label"])  # each box tells its amount
    assert len(trace["link"]["value"]) == 2


def test_the_largest_supplier_stands_first_and_darkest_whoever_it_is(toy):
    traces = toy.drawings()["suppliers"]["data"]
    assert [trace["name"] for trace in traces] == ["First", "Second"]
    assert traces[0]["text"] == ["Japan", "Others"]
    assert traces[0]["x"] == [0.6, 1.0]


def test_amounts_are_told_by_thousand_million_and_billion(toy):
    axis = toy.drawings()["matrix"]["layout"]["xaxis"]
    assert axis["exponentformat"] == "B"  # 2.5B, never 2.5G


@pytest.mark.parametrize(
    ("begun", "works", "building", "working"),
    [
        (2025, 2028, (2025, 2028), (2028, 2042)),
        (2025, 2025, None, (2025, 2042)),
        (2030, 2050, (2030, 2042), None),  # it works after the drawing ends
        (2026, 2024, None, (2026, 2042)),
        (2050, 2052, None, None),
    ],
)
def test_a_bar_is_built_and_then_works_within_the_drawing(begun, works, building, working):
    assert spans(TaskBar("a", "b", begun, works), 2042) == (building, working)


def test_what_is_built_is_hatched_and_each_group_is_named_once(toy):
    gantt = toy.drawings()["gantt"]
    shown = [trace["name"] for trace in gantt["data"] if trace.get("showlegend", True)]
    assert sorted(shown) == ["mines", "plants", "stockpile"]
    plants = [trace for trace in gantt["data"] if trace["name"] == "plants"]
    assert [("pattern" in trace["marker"], trace["base"], trace["x"]) for trace in plants] == [
        (False, [2028], [14]),
        (True, [2025], [3]),
    ]
    assert gantt["layout"]["shapes"][0]["x0"] == 2032


def test_ranges_stand_on_the_bar_with_the_scenario(toy):
    without, with_ = toy.drawings()["paired"]["data"]
    assert "error_x" not in without
    assert (with_["error_x"]["array"], with_["error_x"]["arrayminus"]) == ([5.0], [2.0])


def test_long_names_are_broken():
    assert style.wrapped("one two three", 8) == "one two<br>three"
    assert style.wrapped("") == ""


def test_figures_do_not_import_plotly():
    code = "import sys, khanij.present.page, khanij.present.figures; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
