"""A stage on the map: lines as broad as their part, broken where customs hardly record them, none inside a focus."""

import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from khanij.analyses.chain import figures
from khanij.analyses.question import ask, request
from khanij.present import vectors
from khanij.present.figures.worldmap import BROAD, LEGS, THIN, arc
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parents[1] / "simulate"))
from toy_markets import market

# Chile sells 60 to India and 60 to Belgium, of which Belgium, that makes nothing, passes 30 on to India
TRADE = np.array([[0, 60.0, 60.0], [0, 0, 0], [0, 30.0, 0]])
WORLD = {"refined": TRADE}, {"refined": [120.0, 0.0, 0.0]}


def drawn(stage="", focus=("IND",)):
    case = market(*WORLD, names=("CHL", "IND", "BEL"), focus=focus)
    (fitted,), (customs,) = networks(case, whole=True), networks(case, whole=True, customs=True)
    return figures.flows(fitted, customs, "IND", stage, ("s",))


def test_flows_are_drawn_as_broad_as_their_part_from_the_maker():
    figure = drawn()
    rows = [row for row in vectors.points(figure).rows() if row["source"]]
    assert {(r["series"], r["source"], r["target"]): r["value"] for r in rows} == {
        ("to India", "CHL", "IND"): pytest.approx(90.0),
        ("between others", "CHL", "BEL"): pytest.approx(30.0),
    }
    lines = [one for one in figure.figure["data"] if "meta" in one]
    assert [one["line"]["width"] for one in lines] == [round(THIN + BROAD, 1)] * 2  # each is all of its kind
    go.Figure(data=figure.figure["data"], layout=figure.figure["layout"])  # refuses what Plotly does not know
    assert "Chile to India: 90\u202ft, 100\u202f%" in figure.alt


def test_a_flow_that_customs_hardly_record_is_broken_in_both_drawings():
    hidden = {"refined": np.array([[0, 6.0, 120.0], [0, 0, 0], [0, 110.0, 0]])}, {"refined": [126.0, 0.0, 0.0]}
    case = market(*hidden, names=("CHL", "IND", "BEL"), focus=("IND",))
    (fitted,), (customs,) = networks(case, whole=True), networks(case, whole=True, customs=True)
    figure = figures.flows(fitted, customs, "IND", "", ())
    lines = {one["name"]: one["line"]["dash"] for one in figure.figure["data"] if "meta" in one}
    assert lines == {"to India, estimated": "4px,4px", "between others": "solid"}
    assert vectors.draw(figure).count('stroke-dasharray="5 4"') == 1


def test_a_stage_without_trade_has_no_map_and_what_a_focus_sends_itself_is_no_flow():
    assert drawn("mined") is None
    rows = vectors.points(drawn(focus=("IND", "BEL"))).rows()
    assert [(r["source"], r["target"]) for r in rows if r["source"]] == [("CHL", "IND")]


def test_a_line_begins_and_ends_at_its_countries_and_goes_the_short_way_round():
    way = arc((-71.0, -35.0), (104.0, 35.0))
    assert (way[0], way[-1], len(way)) == ((-71.0, -35.0), (104.0, 35.0), LEGS + 1)
    over = arc((140.0, 36.0), (-100.0, 40.0))
    assert any(lon > 170 or lon < -170 for lon, _ in over)
    assert all(-180 <= lon <= 180 for lon, _ in over)
    there, back = arc((0.0, 0.0), (40.0, 0.0)), arc((40.0, 0.0), (0.0, 0.0))
    assert there[LEGS // 2][1] == -back[LEGS // 2][1] != 0


def test_what_a_country_says_it_uses_is_what_a_shock_stands_on():
    """One number for one question: gallium has no trade by mass, and the United States publish their own account."""
    told = ask(request("chain", focus="USA", material="gallium", draws=0))
    (own,) = {(row["stage"], row["own_used"]) for row in told.table("stated").rows()}
    struck = ask(request("shock", focus="USA", ban="CHN:gallium", draws=0)).table("shortage")
    assert [(row["stage"], row["use_tonnes"].value) for row in struck.rows()] == [own]
    assert "By its own statements" in str(told.findings[0])
    assert all(row["own_used"] is None for row in told.table("stages").rows())  # what the fit leaves over is not told
