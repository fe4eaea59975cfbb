"""A figure as SVG without a browser, and its points as a table: every kind of drawing, well formed, nothing lost."""

import xml.etree.ElementTree as ElementTree

import pytest

from khanij.present import figures, vectors
from khanij.present.document import Figure
from khanij.present.figures import Node, Stream, worldmap

BARS = {"type": "bar", "orientation": "h", "x": [1.0, 3.0], "y": ["Chile", "Peru & <others>"], "name": "first"}
MORE = {"type": "bar", "orientation": "h", "x": [2.0, 0.5], "y": ["Chile", "Peru & <others>"], "name": "second"}
SPOTS = {
    "type": "scatter",
    "mode": "markers+text",
    "x": [1.0, 10.0, 100.0],
    "y": [0.1, None, 0.3],
    "text": ["a", "b", "c"],
}
LINE = {"type": "scatter", "mode": "lines", "x": [2020, 2021], "y": [-1.0, 2.0], "name": "line"}


def flows():
    nodes = [Node("here", "home", 0.0), Node("there", "use", 1.0)]
    return figures.sankey(nodes, [Stream("here", "there", 5.0, "all")], "t", 300)


DRAWN = {
    "bars": ({"data": [BARS, MORE], "layout": {}}, 4, "rect"),
    "plane": ({"data": [SPOTS, LINE], "layout": {"xaxis": {"type": "log", "title": {"text": "x"}}}}, 5, "circle"),
    "flows": (flows(), 1, "path"),
    "map": (worldmap.world({"CHL": 2.0, "PER": 9.0}, {"CHL": "a", "PER": "b"}, "USD"), 2, "path"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_well_formed_and_its_points_are_all_there(name):
    plotly, count, mark = DRAWN[name]
    figure = Figure(name, plotly, "A caption", "What it shows & <how>", ("s",))
    root = ElementTree.fromstring(vectors.draw(figure))
    assert root.tag.endswith("svg")
    assert root[0].text == figure.alt
    assert sum(one.tag.endswith(mark) for one in root.iter()) >= min(count, 2)
    table = vectors.points(figure)
    assert len(table) == count
    assert table.notes == (figure.alt,)


def test_bars_are_as_long_as_their_numbers():
    figure = Figure("bars", DRAWN["bars"][0], "", "", ())
    root = ElementTree.fromstring(vectors.draw(figure))
    wide = [float(one.get("width")) for one in root.iter() if one.tag.endswith("rect") and one.get("height") == "15"]
    assert wide[1] / wide[0] == pytest.approx(3.0, rel=1e-2)
    assert wide[0] / wide[2] == pytest.approx(0.5, rel=1e-2)


def test_bars_stand_where_their_bases_say_and_what_is_built_is_pale():
    plan = [figures.TaskBar("A plant", "plants", 2025, 2028), figures.TaskBar("A stock", "stockpile", 2030, 2030)]
    figure = Figure("gantt", figures.gantt(plan, 2031, 2035), "", "", ())
    root = ElementTree.fromstring(vectors.draw(figure))
    bars = [one for one in root.iter() if one.tag.endswith("rect") and one.get("height") == "15"]
    ends = {(float(one.get("x")), float(one.get("width")), one.get("fill-opacity")) for one in bars}
    year = (vectors.drawing.WIDE - vectors.drawing.LEFT - vectors.drawing.RIGHT) / 10
    assert ends == {
        (vectors.drawing.LEFT, 3 * year, "0.75"),
        (vectors.drawing.LEFT + 3 * year, 7 * year, None),
        (vectors.drawing.LEFT + 5 * year, 5 * year, None),
    }
    assert {row["base"] for row in vectors.points(figure).rows()} == {2025, 2028, 2030}


def test_ticks_are_round_and_a_line_ends_where_nothing_is_known():
    gap = {"type": "scatter", "mode": "lines", "x": [1, 2, 3, 4, 5], "y": [2e6, 3e6, None, 1e6, 4e6]}
    drawn = vectors.draw(Figure("gap", {"data": [gap], "layout": {}}, "", "", ()))
    assert drawn.count("<polyline") == 2
    assert all(f">{k} m<" in drawn for k in (1, 2, 3, 4))
