"""Reserves on a hand-made world: what stops is short, more days meet more, together needs no more than each alone."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khanij.analyses.question import ask
from khanij.analyses.stockpile.request import StockpileRequest
from khanij.core.errors import KhanijError
from khanij.core.range import Range
from khanij.plan.reserves.shortfall import draw_good, joint_reserve
from khanij.reference.decisions.emergencies import emergencies, emergency, storage_form
from khanij.reference.decisions.stockpile_record import stockpile_cases
from khanij.simulate.supply.networks import networks

sys.path.insert(0, str(Path(__file__).parent))
from worlds import FOCUS, world

COVER, REROUTE = Range(10, 20, 30), Range(0.1, 0.3, 0.6)
NONE = Range(0.0, 0.0, 0.0)
SURE = {name: Range(part, part, part) for name, part in (("stopped_part", 1), ("allied_part", 1), ("other_part", 1))}
PLAIN = replace(emergency("standard"), months=Range(6, 6, 6), civil=NONE, defence=NONE, **SURE)


@pytest.fixture(scope="module")
def copper():
    return next(one for one in networks(world(), ["copper"]) if one.material == "copper")


def test_what_stops_is_short_by_hand(copper):
    good = draw_good(copper, "refined", PLAIN, NONE, NONE, 50, 1)
    seller, sold = next(iter(copper.sellers("refined").items()))
    assert good.stopped == (seller,)
    assert good.total == pytest.approx(6 * sold / 12)
    assert good.required(0.95) == pytest.approx(6 * sold / 12)
    assert good.days(good.required(0.95)) == pytest.approx(182.5 * sold / copper.consumption("refined"))
    held = draw_good(copper, "refined", PLAIN, Range(30, 30, 30), NONE, 50, 1)
    assert held.total == pytest.approx(np.maximum(6 * sold / 12 - 30 / 365 * copper.consumption("refined"), 0))


@settings(max_examples=25)
@given(st.integers(0, 500), st.floats(0.0, 0.4), st.floats(0.0, 0.5))
def test_deeper_longer_and_needier_is_never_less(seed, less, surge):
    found = next(one for one in networks(world(seed % 5), ["copper"]))
    usual = emergency("standard")
    worse = replace(
        usual,
        months=usual.months.map(lambda m: m * (1 + less)),
        other_part=usual.other_part.map(lambda part: part * (1 - less)),
        defence=usual.defence.map(lambda part: part + surge),
    )
    one, two = (draw_good(found, "refined", e, COVER, REROUTE, 60, seed) for e in (usual, worse))
    assert (two.total >= one.total - 1e-9).all()
    days = [one.met(one.required(level)) for level in (0.2, 0.5, 0.95)]
    assert days == sorted(days)


def test_together_needs_no_more_than_each_alone_when_struck_apart(copper):
    codes = ("JPN", "DEU", "AUS")
    goods = [(c, draw_good(copper.for_focus((c,)), "refined", PLAIN, COVER, REROUTE, 500, 3)) for c in codes]
    found = joint_reserve(goods, 0.95, 0.4, 0)
    assert set(found.alone) == set(codes)
    assert found.apart <= sum(found.alone.values()) + 1e-9
    assert found.alike <= 1.02 * sum(found.alone.values())  # a quantile of sums may lie a little above
    assert 0 <= found.saved <= 1


def test_the_question_needs_no_store():
    asked = {"focus": FOCUS, "material": "copper", "value": False, "draws": 200, "days": "30,90"}
    answer = ask(StockpileRequest.of(asked), case=world())
    held = {table.key: table for table in answer.tables}
    rows = list(held["requirement"].rows())
    assert {row["material"] for row in rows} == {"copper"}
    assert all(row["reserve_tonnes"].low <= row["reserve_tonnes"].value <= row["reserve_tonnes"].high for row in rows)
    days = [row for row in held["days"].rows() if row["stage"] == "refined"]
    assert [row["days_held"].value for row in days] == [30, 90]
    assert days[0]["part_met"].value <= days[1]["part_met"].value
    assert days[0]["reserve_buy"].value * 3 == pytest.approx(days[1]["reserve_buy"].value)
    assert "would come short" in answer.findings[0].text
    assert answer == ask(StockpileRequest.of(asked), case=world())
    assert any(row["programme"].startswith("JOGMEC") for row in held["published"].rows())


def test_an_emergency_of_ones_own_stops_whom_it_names():
    own = {"name": "a stop", "months": [3, 3, 3], "stopped": ["CHL"], "because": "by hand"}
    asked = {"focus": FOCUS, "material": "copper", "value": False, "draws": 100, "own_emergency": [own]}
    rows = list(next(t for t in ask(StockpileRequest.of(asked), case=world()).tables if t.key == "requirement").rows())
    assert {row["stopped_sellers"] for row in rows} == {"Chile"}
    with pytest.raises(KhanijError):
        StockpileRequest.of(asked | {"own_emergency": [own | {"months": [5, 3, 1]}]})
    with pytest.raises(KhanijError, match="no emergency"):
        StockpileRequest.of({"focus": FOCUS, "emergency": "flood"})


def test_records_are_whole():
    assert {"standard", "war"} <= set(emergencies())
    assert storage_form("tin", "refined").source != storage_form("copper", "refined").source
    assert {one.countries for one in stockpile_cases("KOR")} == {("KOR",)}
    assert any(one.target_days == 100 for one in stockpile_cases("KOR"))
    assert any(one.target_days == 180 for one in stockpile_cases("JPN"))
