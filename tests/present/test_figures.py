import subprocess
import sys

import plotly.graph_objects as go
import pytest


@pytest.mark.parametrize("name", ["matrix", "suppliers", "balance", "ranked", "world", "sankey", "free", "lines"])
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
    assert trace["node"]["label"] == ["Chile", "Ore", "Use"]
    assert len(trace["link"]["value"]) == 2


def test_figures_do_not_import_plotly():
    code = "import sys, khanij.present.page, khanij.present.figures; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
